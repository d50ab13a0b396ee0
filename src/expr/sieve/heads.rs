//! Dates that are out of range, told by their text: nearly all records have their times in
//! the one form in which text sorts as time does, and reading it takes longer than comparing.

use std::cmp::Ordering;

use crate::{expr::filter::Ordered, record::Instant};

/// `2026-11-20T12:35:55`.
type Head = [u8; 19];

/// Between which seconds a time may be.
#[derive(Clone, Debug, Default)]
pub(super) struct Heads {
    low: Option<Head>,
    high: Option<Head>,
}

impl Heads {
    pub(super) fn new(ordered: &Ordered<Instant>) -> Self {
        let Ordered::To(order, time) = ordered else {
            return Self::default();
        };
        let head = time.to_rfc3339().as_bytes().first_chunk().copied();
        Self {
            low: head.filter(|_| !order.accepts(Ordering::Less)),
            high: head.filter(|_| !order.accepts(Ordering::Greater)),
        }
    }

    /// True if the text is a date in UTC that is out of range, or none at all.
    #[inline]
    pub(super) fn exclude(&self, text: &[u8]) -> bool {
        let Some(head) = text.first_chunk::<19>() else {
            return false;
        };
        // A leap second is the next one for who reads it.
        let sorts = head[4] == b'-'
            && head[7] == b'-'
            && head[10] == b'T'
            && head[13] == b':'
            && head[16] == b':'
            && head[17] < b'6'
            && text.last() == Some(&b'Z');
        sorts
            && (self.low.as_ref().is_some_and(|low| head < low)
                || self.high.as_ref().is_some_and(|high| head > high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::ast::Order;

    #[test]
    fn only_what_is_certain_is_excluded() {
        let time = Instant::from_text(b"2026-11-20T12:15:00.5Z").expect("a time");
        let check = |order: Order, text: &str, expect: bool| {
            let ordered = Ordered::To(order, time);
            let excluded = Heads::new(&ordered).exclude(text.as_bytes());
            assert_eq!(excluded, expect, "{order:?} {text}");
            // What is excluded would not have passed.
            let accepted = Instant::from_text(text.as_bytes()).is_some_and(|t| ordered.accepts(&t));
            assert!(!(excluded && accepted), "{order:?} {text}");
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
}
