//! The way from the root to a scope, in as few bytes as it needs.
//!
//! A part is written so that bytes compare as parts do, and none is the beginning of another.
//! So ways are compared as bytes, and mostly need no memory of their own.

use std::{borrow::Cow, fmt};

use smallvec::SmallVec;

use super::Part;

/// Numbers below this are one byte; the bytes above say how many follow.
const SMALL: u8 = 0xF0;
/// Begins a name.
const NAME: u8 = 0xFF;

/// The steps from the root down.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Trail(SmallVec<[u8; 24]>);

impl Trail {
    /// No step: the root itself.
    pub const ROOT: Self = Self(SmallVec::new_const());

    /// The trail with these bytes, which another one gave, or which are small numbers.
    pub(in crate::tree) fn from_bytes(bytes: &[u8]) -> Self {
        Self(SmallVec::from_slice(bytes))
    }

    /// What is compared.
    pub(in crate::tree) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// True for the root.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a numbered step.
    #[inline]
    pub fn push_number(&mut self, number: u64) {
        match u8::try_from(number) {
            Ok(small) if small < SMALL => self.0.push(small),
            _ => {
                let bytes = number.to_be_bytes();
                let zeros = (number.leading_zeros() / 8) as usize;
                self.0
                    .push(SMALL - 1 + bytes[zeros..].len().to_le_bytes()[0]);
                self.0.extend_from_slice(&bytes[zeros..]);
            }
        }
    }

    /// Adds a step with a name.
    pub fn push_name(&mut self, name: &str) {
        self.0.push(NAME);
        for byte in name.bytes() {
            self.0.push(byte);
            if byte == 0 {
                self.0.push(1);
            }
        }
        self.0.extend_from_slice(&[0, 0]);
    }

    /// The steps, each with the number of bytes up to its end.
    pub(in crate::tree) fn steps(&self) -> Steps<'_> {
        Self::steps_behind(&self.0, 0)
    }

    /// The steps of a trail of these bytes, but those that end within the first `at`.
    pub(in crate::tree) fn steps_behind(bytes: &[u8], at: usize) -> Steps<'_> {
        Steps { bytes, at }
    }
}

/// `/3/2`; nothing for the root.
impl fmt::Display for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps().try_for_each(|(_, part)| match part {
            Part::Number(number) => write!(f, "/{number}"),
            Part::Text(name) => write!(f, "/{name}"),
        })
    }
}

impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.steps().map(|(_, part)| part))
            .finish()
    }
}

impl<'a> FromIterator<Part<'a>> for Trail {
    fn from_iter<I: IntoIterator<Item = Part<'a>>>(parts: I) -> Self {
        let mut trail = Self::default();
        for part in parts {
            match part {
                Part::Number(number) => trail.push_number(number),
                Part::Text(name) => trail.push_name(&name),
            }
        }
        trail
    }
}

/// The steps of a trail.
pub(in crate::tree) struct Steps<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Iterator for Steps<'t> {
    type Item = (usize, Part<'t>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.bytes.get(self.at..)?;
        let (&first, rest) = rest.split_first()?;
        let (length, part) = match first {
            NAME => {
                let (length, name) = name(rest);
                (length, Part::Text(name))
            }
            SMALL.. => {
                let length = usize::from(first - SMALL) + 1;
                let number = rest.iter().take(length);
                let number = number.fold(0, |number, &byte| number << 8 | u64::from(byte));
                (length, Part::Number(number))
            }
            small => (0, Part::Number(u64::from(small))),
        };
        self.at += 1 + length;
        Some((self.at, part))
    }
}

/// The name in front of its end, and how many bytes both take.
fn name(bytes: &[u8]) -> (usize, Cow<'_, str>) {
    let mut name = Vec::new();
    let mut start = 0;
    for zero in memchr::memchr_iter(0, bytes) {
        if bytes.get(zero + 1) != Some(&1) {
            let last = &bytes[start..zero];
            if name.is_empty() {
                return (zero + 2, String::from_utf8_lossy(last));
            }
            name.extend_from_slice(last);
            return (zero + 2, String::from_utf8_lossy(&name).into_owned().into());
        }
        name.extend_from_slice(&bytes[start..=zero]);
        start = zero + 2;
    }
    (bytes.len(), Cow::Borrowed(""))
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn parts() -> impl Strategy<Value = Vec<Part<'static>>> {
        let number = prop_oneof![
            0..300_u64,
            any::<u64>(),
            Just(u64::MAX),
            Just(0xEF),
            Just(0xF0)
        ];
        let part = prop_oneof![
            number.prop_map(Part::Number),
            "[a\0\u{1}é]{0,4}".prop_map(|name| Part::Text(name.into())),
        ];
        vec(part, 0..6)
    }

    proptest! {
        #[test]
        fn trails_compare_as_their_steps_and_give_them_back(a in parts(), b in parts()) {
            let [one, other] = [&a, &b].map(|parts| parts.iter().cloned().collect::<Trail>());
            prop_assert_eq!(one.cmp(&other), a.cmp(&b));
            let back: Vec<_> = one.steps().map(|(_, part)| part).collect();
            prop_assert_eq!(&back, &a);
            let end = one.steps().last().map_or(0, |(end, _)| end);
            prop_assert_eq!(end, one.bytes().len());
            // Where bytes part, steps do.
            let same = one.bytes().iter().zip(other.bytes()).take_while(|(a, b)| a == b).count();
            let whole = one.steps().take_while(|(end, _)| *end <= same).count();
            let expect = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
            prop_assert_eq!(whole, expect);
        }
    }
}
