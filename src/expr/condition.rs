//! Conditions: what of an expression is about canonical fields alone, for who keeps these in
//! columns and can ask them without reading a record.
//!
//! A condition holds for every record that the expression selects, and perhaps for more, so what
//! is found by it is still to be matched.

use super::{
    ast::{Check, Expr, Literal, Node, Order, Test},
    compile::{level_mask, ordered_times},
    field::Subject,
    filter::Ordered,
};
use crate::record::{Canonical, Instant};

/// What a record's canonical fields must be like.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Anything.
    Any,
    /// The text of a field is one of these.
    Text(Canonical, Vec<String>),
    /// The level is one of those whose bits are set: bit n stands for severity n.
    Level(u32),
    /// The time lies between these, both included; `None` is open.
    Time(Option<Instant>, Option<Instant>),
    /// All of these hold.
    All(Vec<Condition>),
    /// One of these holds.
    Either(Vec<Condition>),
}

impl Expr {
    /// What canonical fields tell of the expression.
    ///
    /// ```
    /// use distlog::{expr::{Condition, Expr}, record::{Canonical, Instant}};
    ///
    /// let expr = Expr::parse("host == web-1 and .user == ada", Instant(0))?;
    /// let host = Condition::Text(Canonical::Host, vec!["web-1".into()]);
    /// assert_eq!(expr.condition(), Condition::All(vec![host, Condition::Any]));
    /// # Ok::<(), distlog::expr::ExprError>(())
    /// ```
    pub fn condition(&self) -> Condition {
        condition(&self.0)
    }
}

fn condition(node: &Node) -> Condition {
    match node {
        Node::Constant(false) => Condition::Either(Vec::new()),
        Node::All(nodes) => Condition::All(nodes.iter().map(condition).collect()),
        Node::Any(nodes) => Condition::Either(nodes.iter().map(condition).collect()),
        Node::Test(test) if !test.negated => of_test(test),
        // What is not so is mostly most of the records.
        Node::Constant(true)
        | Node::Not(_)
        | Node::Exists(_)
        | Node::Test(_)
        | Node::Judged(..) => Condition::Any,
    }
}

fn of_test(asked: &Test) -> Condition {
    let Subject::Canonical(canonical) = asked.subject else {
        return Condition::Any;
    };
    match (canonical, &asked.check) {
        (_, Check::CompareField(..)) | (Canonical::Duration, _) => Condition::Any,
        (Canonical::Level, check) => Condition::Level(level_mask(check)),
        (Canonical::Time, check) => of_times(ordered_times(check)),
        (_, Check::Compare(Order::Equal, Literal::Text(text))) => {
            Condition::Text(canonical, vec![text.clone()])
        }
        (_, Check::OneOf(literals)) => {
            let text = |literal: &Literal| match literal {
                Literal::Text(text) => Some(text.clone()),
                _ => None,
            };
            let texts: Option<Vec<_>> = literals.iter().map(text).collect();
            texts.map_or(Condition::Any, |texts| Condition::Text(canonical, texts))
        }
        _ => Condition::Any,
    }
}

/// One nanosecond more than needed is taken in by `<` and `>`; it is matched anyway.
fn of_times(times: Ordered<Instant>) -> Condition {
    match times {
        Ordered::To(order, time) => match order {
            Order::Equal => Condition::Time(Some(time), Some(time)),
            Order::Less | Order::LessOrEqual => Condition::Time(None, Some(time)),
            Order::Greater | Order::GreaterOrEqual => Condition::Time(Some(time), None),
        },
        Ordered::OneOf(times) => {
            let one = |time| Condition::Time(Some(time), Some(time));
            Condition::Either(times.into_iter().map(one).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &Condition) {
        let now = Instant::from_text(b"2026-11-20T12:30:00Z").expect("an instant");
        let expr = Expr::parse(text, now).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(expr.condition(), *expect, "{text}");
    }

    #[test]
    fn what_columns_can_tell_is_told() {
        let text = |canonical, text: &str| Condition::Text(canonical, vec![text.into()]);
        check("logger == db", &text(Canonical::Logger, "db"));
        check(
            "host in (a, b)",
            &Condition::Text(Canonical::Host, vec!["a".into(), "b".into()]),
        );
        check("level == error", &Condition::Level(1 << 17));
        let time = Instant::from_text(b"2026-11-20T12:30:00Z");
        check(
            "time >= '2026-11-20T12:30:00Z'",
            &Condition::Time(time, None),
        );
        check(
            "time < '2026-11-20T12:30:00Z'",
            &Condition::Time(None, time),
        );
        check(
            "logger == db or .x == 1",
            &Condition::Either(vec![text(Canonical::Logger, "db"), Condition::Any]),
        );
    }

    #[test]
    fn what_they_cannot_is_left_to_the_filter() {
        for text in [
            "logger != db",
            "not (logger == db)",
            "logger ~ '^db'",
            "logger contains db",
            "exists(logger)",
            ".level == 3",
            "duration > 2s",
            "host == .other",
        ] {
            check(text, &Condition::Any);
        }
    }
}
