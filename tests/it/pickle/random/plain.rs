//! Plain records are written without a graph: to the same text, and refused with the same words, as with one.

use std::collections::HashMap;

use distlog::decode::pickle::{Decoder, Limits, PickleError};
use proptest::{collection::vec, prelude::*};

use super::{Tree, model, pickle_text, tree};

/// Pickles as Python does, with everything stored and what is there already fetched.
struct Python {
    /// 1, or from 2 on with the opcodes of that.
    protocol: u8,
    out: Vec<u8>,
    texts: HashMap<String, usize>,
    stored: usize,
}

impl Python {
    fn dumps(protocol: u8, tree: &Tree) -> Vec<u8> {
        let mut python = Self {
            protocol,
            out: Vec::new(),
            texts: HashMap::new(),
            stored: 0,
        };
        if protocol > 1 {
            python.out.extend([0x80, protocol]);
        }
        python.save(tree);
        python.out.push(b'.');
        python.out
    }

    fn put(&mut self) {
        match u8::try_from(self.stored) {
            _ if self.protocol >= 4 => self.out.push(0x94),
            Ok(number) => self.out.extend([b'q', number]),
            Err(_) => {
                self.out.push(b'r');
                let number = u32::try_from(self.stored).expect("few");
                self.out.extend(number.to_le_bytes());
            }
        }
        self.stored += 1;
    }

    fn text(&mut self, text: &str) {
        if let Some(&number) = self.texts.get(text) {
            let number = u8::try_from(number).expect("few texts");
            self.out.extend([b'h', number]);
            return;
        }
        if self.protocol >= 4 && text.len() < 256 {
            self.out
                .extend([0x8c, u8::try_from(text.len()).expect("short")]);
            self.out.extend(text.bytes());
        } else {
            pickle_text(text, &mut self.out);
        }
        if self.stored < 256 {
            self.texts.insert(text.to_owned(), self.stored);
        }
        self.put();
    }

    fn save(&mut self, tree: &Tree) {
        match tree {
            Tree::None => self.out.push(b'N'),
            Tree::Bool(true) if self.protocol == 1 => self.out.extend(b"I01\n"),
            Tree::Bool(false) if self.protocol == 1 => self.out.extend(b"I00\n"),
            Tree::Bool(value) => self.out.push(if *value { 0x88 } else { 0x89 }),
            Tree::Int(n) => self.int(*n),
            Tree::Eighths(n) => {
                self.out.push(b'G');
                self.out.extend((f64::from(*n) / 8.0).to_be_bytes());
            }
            Tree::Text(text) => self.text(text),
            Tree::List(items) => {
                self.out.push(b']');
                self.put();
                self.batch(items.len(), b'a', b'e', |python| {
                    for item in items {
                        python.save(item);
                    }
                });
            }
            Tree::Dict(pairs) => {
                self.out.push(b'}');
                self.put();
                self.batch(pairs.len(), b's', b'u', |python| {
                    for (key, value) in pairs {
                        python.text(key);
                        python.save(value);
                    }
                });
            }
            Tree::Tuple(items) => self.tuple(items),
        }
    }

    fn batch(&mut self, count: usize, one: u8, many: u8, save: impl FnOnce(&mut Self)) {
        if count > 1 {
            self.out.push(b'(');
        }
        save(self);
        match count {
            0 => {}
            1 => self.out.push(one),
            _ => self.out.push(many),
        }
    }

    fn tuple(&mut self, items: &[Tree]) {
        let small = self.protocol > 1 && items.len() < 4;
        if !small && !items.is_empty() {
            self.out.push(b'(');
        }
        for item in items {
            self.save(item);
        }
        match items.len() {
            0 => return self.out.push(b')'),
            n if small => self.out.push(0x84 + u8::try_from(n).expect("three")),
            _ => self.out.push(b't'),
        }
        self.put();
    }

    fn int(&mut self, n: i64) {
        if let Ok(n) = u8::try_from(n) {
            self.out.extend([b'K', n]);
        } else if let Ok(n) = u16::try_from(n) {
            self.out.push(b'M');
            self.out.extend(n.to_le_bytes());
        } else if let Ok(n) = i32::try_from(n) {
            self.out.push(b'J');
            self.out.extend(n.to_le_bytes());
        } else if self.protocol == 1 {
            self.out.extend(format!("L{n}L\n").bytes());
        } else {
            self.out.extend([0x8a, 8]);
            self.out.extend(n.to_le_bytes());
        }
    }
}

/// A record: a few keys that come again and again, with values that may come again too.
fn record() -> impl Strategy<Value = Tree> {
    let key = prop_oneof![
        "[a-e]{1,2}",
        Just("a key that is longer than a block of bytes is".to_owned()),
        any::<String>(),
    ];
    let text = prop_oneof!["[a-c]", "[ -~é]{0,50}", Just("\u{1}\"\\\n".to_owned())];
    let value = prop_oneof![
        4 => text.prop_map(Tree::Text),
        2 => (-300..70_000_i64).prop_map(Tree::Int),
        1 => tree(),
    ];
    vec((key, value), 0..12).prop_map(Tree::Dict)
}

/// What a decoder that may write straight makes of a pickle, and what one does that must not: a memo that could
/// not hold as many texts as the pickle has bytes keeps it from that, and from nothing else.
fn both(decoder: &mut Decoder, pickle: &[u8]) -> [Result<String, PickleError>; 2] {
    let graph = Limits {
        memo: pickle.len().saturating_sub(1),
        ..Limits::default()
    };
    [decoder, &mut Decoder::new(graph)].map(|decoder| {
        let mut out = Vec::new();
        decoder
            .decode(pickle, &mut out)
            .map(|_| String::from_utf8(out).expect("UTF-8"))
    })
}

proptest! {
    #[test]
    fn what_python_writes_is_the_same(records in vec((record(), 1..=4_u8), 1..6)) {
        let mut decoder = Decoder::new(Limits::default());
        for (tree, protocol) in records {
            let mut json = String::new();
            model(&tree, &mut Vec::new(), &mut json);
            let pickle = Python::dumps(protocol, &tree);
            let [straight, graph] = both(&mut decoder, &pickle);
            prop_assert_eq!(straight.as_deref(), Ok(&*json));
            prop_assert_eq!(graph.as_deref(), Ok(&*json));
        }
    }

    #[test]
    fn what_is_damaged_is_the_same(
        records in vec((record(), 1..=4_u8, vec((any::<prop::sample::Index>(), any::<u8>(), 0..3), 1..4)), 1..8),
    ) {
        const OPCODES: &[u8] = b"(.Nq}]sueatXhKMJGIL)0d\x85\x88\x8a\x8c\x94\x95";
        let mut decoder = Decoder::new(Limits::default());
        for (tree, protocol, damages) in records {
            let mut pickle = Python::dumps(protocol, &tree);
            for (place, byte, way) in damages {
                let place = place.index(pickle.len());
                let byte = OPCODES.get(usize::from(byte)).copied().unwrap_or(byte);
                match way {
                    0 => pickle[place] = byte,
                    1 => pickle.insert(place, byte),
                    _ => drop(pickle.remove(place)),
                }
                let [straight, graph] = both(&mut decoder, &pickle);
                prop_assert_eq!(straight, graph, "{:?}", pickle.escape_ascii().to_string());
                if pickle.is_empty() {
                    break;
                }
            }
        }
    }
}
