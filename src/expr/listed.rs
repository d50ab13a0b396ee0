//! The values of an `in (…)`, so that a value is looked up and not compared with each.

use super::{
    number::Number,
    value_test::{ValueTest, number_of, seconds_of, string_of},
};
use crate::record::Value;

/// A list of values; each vector is sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Listed {
    texts: Vec<Box<[u8]>>,
    integers: Vec<i128>,
    /// The other numbers, as the bits of their doubles.
    fractions: Vec<u64>,
    /// All numbers so, for values that are no integers.
    doubles: Vec<u64>,
    /// Lengths of time so.
    seconds: Vec<u64>,
    /// What is not looked up, of which there are a few kinds.
    others: Vec<ValueTest>,
}

impl Listed {
    /// Adds a text.
    pub(super) fn text(&mut self, text: &str) {
        insert(&mut self.texts, text.as_bytes().into());
    }

    /// Adds a number.
    pub(super) fn number(&mut self, number: &Number) {
        let bits = bits(number.float());
        match number.integer() {
            Some(integer) => insert(&mut self.integers, integer),
            None => insert(&mut self.fractions, bits),
        }
        insert(&mut self.doubles, bits);
    }

    /// Adds a length of time.
    pub(super) fn seconds(&mut self, seconds: f64) {
        insert(&mut self.seconds, bits(seconds));
    }

    /// Adds any other value.
    pub(super) fn other(&mut self, test: ValueTest) {
        self.others.push(test);
    }

    /// True if the value, which is no array, equals one of the list.
    pub(super) fn holds(&self, value: Value<'_>) -> bool {
        (!self.texts.is_empty() && string_of(value).is_some_and(|text| self.has_text(&text)))
            || (!self.doubles.is_empty()
                && number_of(value, |number| self.has_number(number)).is_some_and(|has| has))
            || (!self.seconds.is_empty()
                && seconds_of(value).is_some_and(|found| has(&self.seconds, &bits(found))))
            || self.others.iter().any(|other| other.holds_scalar(value))
    }

    fn has_text(&self, found: &[u8]) -> bool {
        self.texts
            .binary_search_by(|text| (**text).cmp(found))
            .is_ok()
    }

    /// Integers are compared exactly, all else as doubles: as [`Number::compare`] has it.
    fn has_number(&self, number: Value<'_>) -> Option<bool> {
        let double = bits(number.as_f64()?);
        Some(match number.as_i128() {
            Some(integer) => has(&self.integers, &integer) || has(&self.fractions, &double),
            None => has(&self.doubles, &double),
        })
    }
}

/// The bits of a double, where the two zeros are one.
fn bits(double: f64) -> u64 {
    (double + 0.0).to_bits()
}

fn has<T: Ord>(sorted: &[T], wanted: &T) -> bool {
    sorted.binary_search(wanted).is_ok()
}

/// Lists are mostly written in order, so that this rarely moves anything.
fn insert<T: Ord>(sorted: &mut Vec<T>, value: T) {
    if let Err(at) = sorted.binary_search(&value) {
        sorted.insert(at, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{ast::Order, number::number_in};

    #[test]
    fn looking_up_is_comparing_with_each() {
        let literals = [
            "0",
            "-0",
            "1",
            "1.5",
            "1e2",
            "9007199254740993",
            "9007199254740992.0",
            "-3",
            "18446744073709551616",
            "Infinity",
            "1e400",
            "0.1",
        ];
        let values = [
            "0",
            "-0",
            "0.0",
            "-0.0",
            "1",
            "1.0",
            "1.5",
            "15e-1",
            "100",
            "9007199254740992",
            "9007199254740993",
            "9007199254740993.0",
            "-3",
            "2",
            "NaN",
            "Infinity",
            "-Infinity",
            "18446744073709551616",
            "1e401",
            "0.1",
            "0.10",
        ];
        for chosen in 0..1_u32 << literals.len() {
            // All pairs and all triples are in there; all sets would take long.
            if chosen.count_ones() > 3 {
                continue;
            }
            let numbers: Vec<_> = literals
                .iter()
                .enumerate()
                .filter(|(at, _)| chosen >> at & 1 == 1)
                .map(|(_, text)| Number::read(text).expect("a number"))
                .collect();
            let mut listed = Listed::default();
            for number in &numbers {
                listed.number(number);
            }
            for text in values {
                let value = number_in(text.as_bytes()).expect("a number");
                let each = numbers
                    .iter()
                    .any(|number| ValueTest::Number(Order::Equal, number.clone()).holds(value));
                assert_eq!(listed.holds(value), each, "{text} in {numbers:?}");
            }
        }
    }
}
