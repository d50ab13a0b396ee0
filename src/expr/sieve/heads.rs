//! Dates that are out of range, told by their text: nearly all records have their times in
//! the one form in which text sorts as time does, and reading it takes longer than comparing.

use std::cmp::Ordering;

use crate::{expr::filter::Ordered, record::Instant};

/// `2026-11-20T12:35:55` as two numbers that compare as the text does: its first 16 bytes, and
/// its last 4.
type Head = (u128, u32);

/// Between which seconds a time may be.
#[derive(Clone, Debug)]
pub(super) struct Heads {
    low: Head,
    high: Head,
}

/// What stands between the numbers of a date and time.
const SIGNS: u128 = u128::from_be_bytes(*b"\0\0\0\0-\0\0-\0\0T\0\0:\0\0");
/// The bits of them.
const SIGN_BITS: u128 = u128::from_be_bytes(*b"\0\0\0\0\xff\0\0\xff\0\0\xff\0\0\xff\0\0");

impl Heads {
    /// The seconds that pass all tests.
    pub(super) fn new(tests: &[Ordered<Instant>]) -> Self {
        let mut heads = Self {
            low: (0, 0),
            high: (u128::MAX, u32::MAX),
        };
        for test in tests {
            if let Ordered::To(order, time) = test
                && let Some(head) = head_of(time.to_rfc3339().as_bytes())
            {
                if !order.accepts(Ordering::Less) {
                    heads.low = heads.low.max(head);
                }
                if !order.accepts(Ordering::Greater) {
                    heads.high = heads.high.min(head);
                }
            }
        }
        heads
    }

    /// True if the text is a date in UTC that is out of range, or none at all.
    #[inline]
    pub(super) fn exclude(&self, text: &[u8]) -> bool {
        let Some(head) = head_of(text) else {
            return false;
        };
        // A leap second is the next one for who reads it.
        let sorts = head.0 & SIGN_BITS == SIGNS
            && text[16] == b':'
            && text[17] < b'6'
            && text.last() == Some(&b'Z');
        sorts && (head < self.low || head > self.high)
    }
}

#[inline]
fn head_of(text: &[u8]) -> Option<Head> {
    let head = text.first_chunk::<19>()?;
    Some((
        u128::from_be_bytes(*head.first_chunk()?),
        u32::from_be_bytes(*head.last_chunk()?),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::ast::Order;

    fn at(order: Order, text: &str) -> Ordered<Instant> {
        Ordered::To(
            order,
            Instant::from_text(text.as_bytes()).expect("a time of the test"),
        )
    }

    fn check(tests: &[Ordered<Instant>], text: &str, expect: bool) {
        let excluded = Heads::new(tests).exclude(text.as_bytes());
        assert_eq!(excluded, expect, "{tests:?} {text}");
        // What is excluded would not have passed.
        let accepted = Instant::from_text(text.as_bytes())
            .is_some_and(|time| tests.iter().all(|test| test.accepts(&time)));
        assert!(!(excluded && accepted), "{tests:?} {text}");
    }

    #[test]
    fn only_what_is_certain_is_excluded() {
        let check = |order: Order, text: &str, expect: bool| {
            check(&[at(order, "2026-11-20T12:15:00.5Z")], text, expect);
        };
        for order in [Order::GreaterOrEqual, Order::Greater, Order::Equal] {
            check(order, "2026-11-20T12:14:59.999Z", true);
            check(order, "2026-11-20T12:15:00.1Z", false);
            check(order, "2026-11-20T12:14:60Z", false);
            check(order, "2026-11-20T12:14:59+00:00", false);
            check(order, "2026-11-20 12:14:59Z", false);
        }
        for order in [Order::LessOrEqual, Order::Less, Order::Equal] {
            check(order, "2026-11-20T12:15:01Z", true);
            check(order, "2026-11-20T12:15:00.9Z", false);
        }
        check(Order::GreaterOrEqual, "2027-01-01T00:00:00Z", false);
        check(Order::Less, "2025-01-01T00:00:00Z", false);
    }

    #[test]
    fn a_range_has_two_ends() {
        let range = [
            at(Order::GreaterOrEqual, "2026-11-20T12:15:00Z"),
            at(Order::Less, "2026-11-20T12:16:00Z"),
            at(Order::Less, "2027-01-01T00:00:00Z"),
        ];
        check(&range, "2026-11-20T12:14:59.9Z", true);
        check(&range, "2026-11-20T12:15:00.0Z", false);
        check(&range, "2026-11-20T12:15:59.9Z", false);
        check(&range, "2026-11-20T12:16:00.0Z", false);
        check(&range, "2026-11-20T12:16:01Z", true);
        check(&range, "2026-11-21T12:15:30Z", true);
        check(&range, "12:16:01Z", false);
        check(&[], "2026-11-21T12:15:30Z", false);
    }
}
