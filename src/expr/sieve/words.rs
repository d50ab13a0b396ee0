//! Levels that do not pass, told by their text: nearly all records have one of a few words.

use crate::{
    expr::level::{NAMES, bit},
    record::{Kind, Place, Value},
};

/// Words that mean a level which does not pass, in a table by what they hash to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words(Box<[Word; SLOTS]>);

/// A word of 4 to 8 bytes: its first four and its last four, and its length.
type Word = (u64, usize);

/// Room enough that no two words meet; of two that do, one is read as any other value is.
const SLOTS: usize = 1 << BITS;
const BITS: u32 = 8;

impl Words {
    /// The words of which `place` reads a level that is not in `mask`.
    pub(super) fn new(place: Place, mask: u32) -> Self {
        let mut words = Self(Box::new([(0, 0); SLOTS]));
        let spellings = NAMES.into_iter().chain(["warn"]).flat_map(|name| {
            let (first, rest) = name.split_at(1);
            [
                name.to_owned(),
                name.to_uppercase(),
                first.to_uppercase() + rest,
            ]
        });
        for text in spellings {
            let raw = text.as_bytes();
            let kind = Kind::Plain;
            let level = place.level(Value { kind, raw });
            if let (Some(level), Some(word)) = (level, word(raw))
                && mask & bit(level) == 0
            {
                words.0[slot(word)] = word;
            }
        }
        words
    }

    /// True if the text is one of the words.
    #[inline]
    pub(super) fn exclude(&self, text: &[u8]) -> bool {
        word(text).is_some_and(|word| self.0[slot(word)] == word)
    }
}

#[inline]
fn word(text: &[u8]) -> Option<Word> {
    let (first, last) = (text.first_chunk::<4>()?, text.last_chunk::<4>()?);
    let [first, last] = [first, last].map(|four| u64::from(u32::from_le_bytes(*four)));
    (text.len() <= 8).then_some((first | last << 32, text.len()))
}

/// Multiplied by a number with which no two of the words meet, which was tried out.
#[inline]
fn slot((bytes, length): Word) -> usize {
    let mixed = (bytes ^ length as u64).wrapping_mul(0x2127_599b_f432_5c37);
    (mixed >> (u64::BITS - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        expr::{ast::Order, level::LevelLiteral},
        record::Canonical,
    };

    #[test]
    fn no_word_of_a_level_that_passes_is_excluded() {
        let mask = LevelLiteral::read("warning")
            .expect("a level")
            .mask(Order::GreaterOrEqual);
        for place in Place::all(Canonical::Level) {
            let words = Words::new(place, mask);
            let excluded = |text: &str| words.exclude(text.as_bytes());
            let level = |text: &str| {
                let raw = text.as_bytes();
                let kind = Kind::Plain;
                place.level(Value { kind, raw })
            };
            let reads = |text: &str| level(text).is_some();
            for text in [
                "WARNING", "warn", "Error", "critical", "fatal", "", "infoinfo", "x",
            ] {
                // There are places where every word means the same level.
                let passes = level(text).is_none_or(|level| mask & bit(level) != 0);
                assert!(!(passes && excluded(text)), "{place:?} {text}");
            }
            for text in ["info", "INFO", "debug", "Debug", "notice", "TRACE"] {
                assert_eq!(excluded(text), reads(text), "{place:?} {text}");
            }
        }
    }
}
