//! Pickles made at random: none does harm, and those of a naive model come out right.

use std::fmt::Write;

use distlog::decode::pickle::{Limits, to_json};
use proptest::prelude::*;

use super::{cases, decode};

mod plain;

/// Limits so small that random input meets them.
fn small() -> Limits {
    Limits {
        input: 4000,
        depth: 20,
        memo: 50,
        values: 300,
        digits: 100,
        output: 3000,
    }
}

/// What holds for every input: no panic, no more output than allowed, and one line of JSON as far
/// as a strict reader can tell, which does not take our NaN and lone surrogates.
fn check_anything(pickle: &[u8]) {
    let limits = small();
    let mut out = Vec::new();
    if to_json(pickle, &limits, &mut out).is_err() {
        assert!(out.is_empty());
        return;
    }
    let text = std::str::from_utf8(&out).expect("UTF-8");
    assert!(text.len() <= limits.output);
    assert!(!text.bytes().any(|b| b < 0x20), "{text}");
    let strict = text.replace("NaN", "0").replace("Infinity", "0");
    let strict = strict.replace("\\ud", "\\u0");
    let parsed = serde_json::from_str::<serde_json::Value>(&strict);
    assert!(parsed.is_ok(), "{parsed:?} in {text}");
}

/// Pieces of pickles: whole opcodes with operands, and what the known classes look at.
const PIECES: &[&[u8]] = &[
    b"(",
    b".",
    b"0",
    b"1",
    b"2",
    b"N",
    b"K\x05",
    b"I-7\n",
    b"\x88",
    b"G\x7f\xf8\0\0\0\0\0\0",
    b"\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"U\x03abc",
    b"U\x01\xff",
    b"V\\udce9\n",
    b"X\x03\0\0\0int",
    b"X\x06\0\0\0latin1",
    b"X\x02\0\0\0\xc3\xa9",
    b"C\x04\x07\xea\x01\x02",
    b"C\x0a\x07\xea\x0b\x14\x0c\x19\x28\0\0\x7b",
    b"]",
    b")",
    b"}",
    b"\x8f",
    b"a",
    b"e",
    b"s",
    b"u",
    b"l",
    b"t",
    b"d",
    b"\x85",
    b"\x86",
    b"\x87",
    b"\x90",
    b"\x91",
    b"q\0",
    b"q\x01",
    b"h\0",
    b"h\x01",
    b"\x94",
    b"R",
    b"b",
    b"o",
    b"\x81",
    b"\x92",
    b"\x93",
    b"Q",
    b"Pid\n",
    b"im\nC\n",
    b"cm\nC\n",
    b"cdatetime\ndatetime\n",
    b"cdatetime\ntimedelta\n",
    b"cdatetime\ntimezone\n",
    b"cdatetime\ndate\n",
    b"cuuid\nUUID\n",
    b"cdecimal\nDecimal\n",
    b"cpathlib\nPath\n",
    b"c_codecs\nencode\n",
    b"ccollections\nOrderedDict\n",
    b"ccollections\ndeque\n",
    b"ccollections\nCounter\n",
    b"c__builtin__\nset\n",
    b"c__builtin__\nbytes\n",
    b"c__builtin__\ngetattr\n",
    b"clogging\nLogRecord\n",
    b"ccopy_reg\n_reconstructor\n",
    b"c__builtin__\nobject\n",
];

/// A random value.
#[derive(Clone, Debug)]
enum Tree {
    None,
    Bool(bool),
    Int(i64),
    Eighths(i32),
    Text(String),
    List(Vec<Tree>),
    Tuple(Vec<Tree>),
    Dict(Vec<(String, Tree)>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        Just(Tree::None),
        any::<bool>().prop_map(Tree::Bool),
        any::<i64>().prop_map(Tree::Int),
        any::<i32>().prop_map(Tree::Eighths),
        any::<String>().prop_map(Tree::Text),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let pair = (any::<String>(), inner.clone());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Tree::List),
            prop::collection::vec(inner, 0..6).prop_map(Tree::Tuple),
            prop::collection::vec(pair, 0..6).prop_map(Tree::Dict),
        ]
    })
}

/// Pickles text in the simplest way.
fn pickle_text(text: &str, out: &mut Vec<u8>) {
    let len = u32::try_from(text.len()).expect("short");
    out.push(b'X');
    out.extend(len.to_le_bytes());
    out.extend(text.as_bytes());
}

/// Pickles a tree in the simplest way and writes its JSON beside.
fn model(tree: &Tree, pickle: &mut Vec<u8>, json: &mut String) {
    let quoted = |text: &str| serde_json::to_string(text).expect("a string");
    match tree {
        Tree::None => {
            pickle.push(b'N');
            json.push_str("null");
        }
        Tree::Bool(value) => {
            pickle.push(if *value { 0x88 } else { 0x89 });
            json.push_str(&value.to_string());
        }
        Tree::Int(value) => {
            pickle.extend(format!("L{value}L\n").bytes());
            json.push_str(&value.to_string());
        }
        Tree::Eighths(value) => {
            let value = f64::from(*value) / 8.0;
            pickle.push(b'G');
            pickle.extend(value.to_be_bytes());
            let _ = write!(json, "{value:?}");
        }
        Tree::Text(text) => {
            pickle_text(text, pickle);
            json.push_str(&quoted(text));
        }
        Tree::List(items) | Tree::Tuple(items) => {
            pickle.push(b'(');
            json.push('[');
            for (n, item) in items.iter().enumerate() {
                json.push_str(if n > 0 { "," } else { "" });
                model(item, pickle, json);
            }
            pickle.push(if matches!(tree, Tree::List(_)) {
                b'l'
            } else {
                b't'
            });
            json.push(']');
        }
        Tree::Dict(pairs) => {
            pickle.push(b'}');
            json.push('{');
            for (n, (key, value)) in pairs.iter().enumerate() {
                json.push_str(if n > 0 { "," } else { "" });
                pickle_text(key, pickle);
                json.push_str(&quoted(key));
                json.push(':');
                model(value, pickle, json);
                pickle.push(b's');
            }
            json.push('}');
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_do_no_harm(pickle in prop::collection::vec(any::<u8>(), 0..500)) {
        check_anything(&pickle);
    }

    #[test]
    fn arbitrary_opcodes_do_no_harm(picks in prop::collection::vec(0..PIECES.len(), 0..80)) {
        let mut pickle: Vec<u8> = picks.iter().flat_map(|&n| PIECES[n]).copied().collect();
        pickle.push(b'.');
        check_anything(&pickle);
        // All that is on the stack, so that what failed to be consumed is written too.
        let pickle = [b"(", &pickle[..pickle.len() - 1], b"t."].concat();
        check_anything(&pickle);
    }

    #[test]
    fn damaged_pickles_do_no_harm(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let lines: Vec<&str> = include_str!("../../data/pickle/cases.ndjson").lines().collect();
        let mut pickle = cases(which.get::<&str>(&lines)).remove(0).pickle;
        for (place, byte) in damage {
            let place = place.index(pickle.len());
            pickle[place] = byte;
        }
        if let Some(cut) = cut {
            pickle.truncate(cut.index(pickle.len()));
        }
        check_anything(&pickle);
    }

    #[test]
    fn a_naive_model_agrees(tree in tree()) {
        let (mut pickle, mut json) = (Vec::new(), String::new());
        model(&tree, &mut pickle, &mut json);
        pickle.push(b'.');
        prop_assert_eq!(decode(&pickle, &Limits::default()), Ok(json));
    }
}
