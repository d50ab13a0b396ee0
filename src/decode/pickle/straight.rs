//! Plain records straight from opcodes to text, without a graph in between.
//!
//! Nearly all records of log handlers are dicts of text and numbers, perhaps with more dicts and lists in
//! them, in the order in which Python writes them. Such a pickle can be written while it is read: what has
//! been written of a container is never changed by an opcode that follows. Whatever is not certain to be of
//! this kind is left to the machine, which begins anew; so this file refuses nothing, and knows only pickles
//! that the machine reads to the same text.

mod text;

use self::text::{NO_TEXT, Stored, stored};
use super::{digits, keys::Key, limits::Limits, opcode as op, scalar};

/// Containers inside each other; a deeper one is left to the machine.
const DEPTH: usize = 8;

/// Keys that are known; a record has some dozens.
const KEYS: usize = 256;

/// After as many pickles as that which were not plain, few are tried.
const PATIENCE: u32 = 8;
const PAUSE: u32 = 32;

/// What stays from pickle to pickle.
#[derive(Default)]
pub(super) struct Straight {
    /// The texts that the pickle has stored, by number.
    memo: Vec<Stored>,
    /// The keys of the last pickles, by their places in them.
    keys: Vec<Key>,
    /// Pickles in a row that were not plain.
    misses: u32,
}

impl Straight {
    /// Appends the text of `pickle` to `out` if it is plain, and if not, `out` may have anything behind what it
    /// had.
    pub(super) fn write(&mut self, pickle: &[u8], limits: &Limits, out: &mut Vec<u8>) -> bool {
        // A value takes a byte at least, so that there cannot be too many, nor too much text of them.
        let counted = limits.values.min(limits.memo);
        if pickle.len() > counted || limits.depth < DEPTH {
            return false;
        }
        // One in some is tried all the same: programs come and go.
        if self.misses > PATIENCE && !self.misses.is_multiple_of(PAUSE) {
            self.misses = self.misses.wrapping_add(1);
            return false;
        }
        self.memo.clear();
        let max = out.len().saturating_add(limits.output);
        let mut walk = Walk {
            input: pickle,
            at: 0,
            place: 0,
            kept: self,
            out,
            max,
        };
        let done = walk.pickle().is_some() && out.len() <= max;
        self.misses = if done { 0 } else { self.misses.wrapping_add(1) };
        done
    }

    /// Forgets the room for more than `keep` texts.
    pub(super) fn clear(&mut self, keep: usize) {
        self.memo.clear();
        self.memo.shrink_to(keep);
    }
}

/// One walk over a pickle. `None` says that it is not plain.
struct Walk<'w, 'a> {
    input: &'a [u8],
    at: usize,
    /// How many keys have been met.
    place: usize,
    kept: &'w mut Straight,
    out: &'w mut Vec<u8>,
    max: usize,
}

impl Walk<'_, '_> {
    fn pickle(&mut self) -> Option<()> {
        if self.peek()? == op::PROTO {
            if *self.input.get(1)? > 5 {
                return None;
            }
            self.at = 2;
        }
        if self.peek()? == op::FRAME {
            self.at += 1;
            let length = u64::from_le_bytes(self.array()?);
            let left = self.input.len() - self.at;
            if length > left as u64 {
                return None;
            }
        }
        if self.peek()? != op::EMPTY_DICT {
            return None;
        }
        self.at += 1;
        self.dict(1)?;
        (self.input[self.at..] == [op::STOP]).then_some(())
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let array = *self.input.get(self.at..)?.first_chunk()?;
        self.at += N;
        Some(array)
    }

    /// A dict, from behind its opcode.
    fn dict(&mut self, depth: usize) -> Option<()> {
        if depth > DEPTH {
            return None;
        }
        self.put(NO_TEXT)?;
        self.out.push(b'{');
        let mut is_first = true;
        match self.peek()? {
            // Python adds a thousand pairs at a time.
            op::MARK => {
                while self.peek()? == op::MARK {
                    self.at += 1;
                    while self.peek()? != op::SETITEMS {
                        self.pair(depth, is_first)?;
                        is_first = false;
                    }
                    self.at += 1;
                }
            }
            // The only pair of this dict, or the next one of that around it, and this one is empty.
            op::BINUNICODE | op::SHORT_BINUNICODE if self.is_pair_of_its_own()? => {
                self.pair(depth, true)?;
                self.at += 1;
            }
            _ => {}
        }
        self.out.push(b'}');
        Some(())
    }

    /// Whether what stands here is a key and a value with SETITEM behind them; `None` if that takes a longer look.
    fn is_pair_of_its_own(&self) -> Option<bool> {
        let mut at = self.skip_text(self.at)?;
        at = match *self.input.get(at)? {
            op::BINUNICODE | op::SHORT_BINUNICODE => self.skip_text(at)?,
            op::NONE | op::NEWTRUE | op::NEWFALSE => at + 1,
            op::BININT1 | op::BINGET => at + 2,
            op::BININT2 => at + 3,
            op::BININT | op::LONG_BINGET => at + 5,
            op::BINFLOAT => at + 9,
            op::LONG1 => at + 2 + usize::from(*self.input.get(at + 1)?),
            _ => return None,
        };
        Some(*self.input.get(at)? == op::SETITEM)
    }

    /// A key, and its value.
    #[inline]
    fn pair(&mut self, depth: usize, is_first: bool) -> Option<()> {
        let place = self.place;
        self.place += 1;
        let rest = &self.input[self.at..];
        match self.kept.keys.get(place) {
            Some(key) if key.begins(rest) => {
                let start = self.at + key.head();
                self.at += key.write(is_first, self.out);
                self.put(stored(start, self.at))?;
            }
            _ => self.key(place, is_first)?,
        }
        self.value(depth)
    }

    /// A key that is not the known one.
    #[inline(never)]
    fn key(&mut self, place: usize, is_first: bool) -> Option<()> {
        if !is_first {
            self.out.push(b',');
        }
        let (from, to) = (self.at, self.out.len());
        let is_text = self.peek()? != op::BINGET && self.peek()? != op::LONG_BINGET;
        let text = self.text_or_get()?;
        self.out.push(b':');
        if is_text && place < KEYS {
            let end = text.end as usize;
            let head = text.start as usize - from;
            let key = Key::new(&self.input[from..end], head, &self.out[to..]);
            let keys = &mut self.kept.keys;
            keys.resize_with(keys.len().max(place + 1), Key::unknown);
            keys[place] = key.unwrap_or_else(Key::unknown);
        }
        Some(())
    }

    #[inline]
    fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            op::BINUNICODE | op::SHORT_BINUNICODE | op::BINGET | op::LONG_BINGET => {
                self.text_or_get()?;
            }
            op::NONE => self.word(b"null"),
            op::BININT1 => {
                self.at += 1;
                let [n] = self.array()?;
                self.int(i64::from(n));
            }
            op::BININT2 => {
                self.at += 1;
                let n = u16::from_le_bytes(self.array()?);
                self.int(i64::from(n));
            }
            op::BININT => {
                self.at += 1;
                let n = i32::from_le_bytes(self.array()?);
                self.int(i64::from(n));
            }
            op::BINFLOAT => {
                self.at += 1;
                let x = f64::from_be_bytes(self.array()?);
                scalar::float(x, self.out);
            }
            op::LONG1 => {
                self.at += 1;
                let [length] = self.array()?;
                let end = self.at + usize::from(length);
                let n = digits::small(self.input.get(self.at..end)?)?;
                self.at = end;
                self.int(n);
            }
            op::NEWTRUE => self.word(b"true"),
            op::NEWFALSE => self.word(b"false"),
            op::EMPTY_DICT => {
                self.at += 1;
                self.dict(depth + 1)?;
            }
            op::EMPTY_LIST => {
                self.at += 1;
                self.list(depth + 1)?;
            }
            op::EMPTY_TUPLE => self.word(b"[]"),
            op::MARK => self.tuple(depth + 1)?,
            opcode @ (op::INT | op::LONG) => self.line(opcode)?,
            _ => return None,
        }
        Some(())
    }

    fn word(&mut self, word: &[u8]) {
        self.at += 1;
        self.out.extend_from_slice(word);
    }

    #[inline]
    fn int(&mut self, n: i64) {
        scalar::int(n, self.out);
    }

    /// A list, from behind its opcode.
    fn list(&mut self, depth: usize) -> Option<()> {
        if depth > DEPTH {
            return None;
        }
        self.put(NO_TEXT)?;
        self.out.push(b'[');
        let mut is_first = true;
        while self.peek()? == op::MARK {
            self.at += 1;
            while self.peek()? != op::APPENDS {
                self.element(depth, is_first)?;
                is_first = false;
            }
            self.at += 1;
        }
        self.out.push(b']');
        Some(())
    }

    /// A tuple of more than three, from its mark.
    fn tuple(&mut self, depth: usize) -> Option<()> {
        if depth > DEPTH {
            return None;
        }
        self.at += 1;
        self.out.push(b'[');
        let mut is_first = true;
        while self.peek()? != op::TUPLE {
            self.element(depth, is_first)?;
            is_first = false;
        }
        self.at += 1;
        self.out.push(b']');
        self.put(NO_TEXT)
    }

    fn element(&mut self, depth: usize, is_first: bool) -> Option<()> {
        if !is_first {
            self.out.push(b',');
        }
        self.value(depth)
    }

    /// An integer as a line, as protocol 1 has large ones and bools.
    fn line(&mut self, opcode: u8) -> Option<()> {
        let rest = &self.input[self.at + 1..];
        let line = &rest[..memchr::memchr(b'\n', rest)?];
        let text = match (opcode, line) {
            (op::INT, b"00") => b"false",
            (op::INT, b"01") => &b"true"[..],
            (op::LONG, _) => line.strip_suffix(b"L").unwrap_or(line),
            _ => line,
        };
        // Longer ones may not fit 64 bits, and others are spelt as nobody spells them.
        let is_usual = match text.strip_prefix(b"-").unwrap_or(text) {
            [b'1'..=b'9', more @ ..] => more.len() < 18 && more.iter().all(u8::is_ascii_digit),
            _ => matches!(text, b"0" | b"true" | b"false"),
        };
        if !is_usual || (opcode == op::LONG && text.starts_with(b"t")) {
            return None;
        }
        self.at += line.len() + 2;
        self.out.extend_from_slice(text);
        Some(())
    }
}
