//! The text that a string of JSON stands for, and where each part of it stands.

use std::ops::Range;

/// Decoded text with the places of its bytes; reused from string to string.
#[derive(Clone, Debug, Default)]
pub(super) struct Decoded {
    bytes: Vec<u8>,
    /// For each byte, where what it came from begins in the raw string; the end, too.
    places: Vec<usize>,
}

impl Decoded {
    /// Decodes what stands between the quotes. Lone surrogates become U+FFFD.
    pub(super) fn read(&mut self, raw: &[u8]) -> &[u8] {
        self.bytes.clear();
        self.places.clear();
        let mut at = 0;
        while at < raw.len() {
            let used = self.one(&raw[at..]);
            self.places.resize(self.bytes.len(), at);
            at += used;
        }
        self.places.push(raw.len());
        &self.bytes
    }

    /// The text that was read last.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where a part of the text stands in the raw string, whole escapes only.
    pub(super) fn place(&self, part: &Range<usize>) -> Range<usize> {
        let start = self.places[part.start];
        let inside = self.places[part.end.saturating_sub(1)];
        let after = self.places[part.end..]
            .iter()
            .find(|&&place| place > inside);
        start..after.copied().unwrap_or(start)
    }

    /// Decodes one byte or escape and returns how long it is.
    fn one(&mut self, raw: &[u8]) -> usize {
        let plain = match raw {
            [b'\\', b'u', ..] => return self.unicode(raw),
            [b'\\', b'b', ..] => 8,
            [b'\\', b'f', ..] => 12,
            [b'\\', b'n', ..] => b'\n',
            [b'\\', b'r', ..] => b'\r',
            [b'\\', b't', ..] => b'\t',
            [b'\\', other, ..] => *other,
            [byte, ..] => {
                self.bytes.push(*byte);
                return 1;
            }
            [] => return 1,
        };
        self.bytes.push(plain);
        2
    }

    fn unicode(&mut self, raw: &[u8]) -> usize {
        let unit = |at: usize| {
            let digits = std::str::from_utf8(raw.get(at..at + 4)?).ok()?;
            u16::from_str_radix(digits, 16).ok()
        };
        let Some(high) = unit(2) else {
            self.bytes.push(b'u');
            return 2;
        };
        let low = (raw.get(6..8) == Some(b"\\u")).then(|| unit(8)).flatten();
        let mut characters = char::decode_utf16(std::iter::once(high).chain(low));
        let first = characters.next().and_then(Result::ok);
        let used = if first.is_some_and(|first| first.len_utf16() == 2) {
            12
        } else {
            6
        };
        let character = first.unwrap_or(char::REPLACEMENT_CHARACTER);
        self.bytes
            .extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        used
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_decodes_as_records_do() {
        for raw in [
            r"a\nb\t\\\/\u0041",
            r"\ud83c\udf89!",
            r"\udce9x",
            r"\ud83cx",
            r"\u00",
            r"\ud83c\u0041",
            r"\ud83c\ud83c\udf89",
            "é\\u00e9",
            r"\b\f\r\x",
        ] {
            let mut decoded = Decoded::default();
            let text = decoded.read(raw.as_bytes());
            assert_eq!(
                String::from_utf8_lossy(text),
                crate::record::unescape(raw.as_bytes()),
                "{raw}"
            );
        }
    }

    #[test]
    fn parts_have_their_place() {
        let check = |raw: &str, part: Range<usize>, expect: &str| {
            let mut decoded = Decoded::default();
            decoded.read(raw.as_bytes());
            assert_eq!(&raw[decoded.place(&part)], expect, "{raw} {part:?}");
        };
        check(r"a\u0062c", 0..1, "a");
        check(r"a\u0062c", 1..2, r"\u0062");
        check(r"a\u0062c", 1..3, r"\u0062c");
        check(r"\n\n", 0..2, r"\n\n");
        // A character of four bytes is whole or not at all.
        check(r"x\ud83c\udf89y", 2..3, r"\ud83c\udf89");
        check(r"x\ud83c\udf89y", 0..2, r"x\ud83c\udf89");
        check(r"x\ud83c\udf89", 1..5, r"\ud83c\udf89");
    }
}
