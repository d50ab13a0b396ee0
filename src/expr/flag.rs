//! The flags of a program as expressions: `--level warning`, `--since yesterday`.
//!
//! They go through the same literals as the text of an expression, so that they know the
//! same words and fail with the same pictures.

use std::{borrow::Cow, sync::Arc};

use super::{
    ast::{Check, Expr, Literal, Node, Order, Test},
    clock::Clock,
    cursor::Fail,
    duration,
    error::{ExprError, Problem},
    field::Subject,
    judge::{Judge, Judged},
    literal::literal,
    moment::moment,
    token::Token,
};
use crate::record::{Canonical, Instant};

impl Expr {
    /// `level >= LEVEL`: a word of any producer, or a number on Python's scale.
    pub fn at_least(level: &str) -> Result<Self, ExprError> {
        compared(
            Canonical::Level,
            Order::GreaterOrEqual,
            level,
            Instant(0).into(),
        )
    }

    /// `tree in (ID, …)`: of exactly these requests, of which the judge decides.
    pub fn of_trees(ids: &[String], judge: Arc<dyn Judge>) -> Self {
        let check = match ids {
            [id] => Check::Compare(Order::Equal, Literal::Text(id.clone())),
            ids => Check::OneOf(ids.iter().cloned().map(Literal::Text).collect()),
        };
        let test = Test {
            subject: Subject::Canonical(Canonical::Tree),
            negated: false,
            check,
        };
        Self(Node::Judged(test, Judged(judge)))
    }

    /// `time >= TIME`, where a length of time alone is so long ago, and a clock alone that of today.
    pub fn since(time: &str, clock: impl Into<Clock>) -> Result<Self, ExprError> {
        let clock = clock.into();
        let time = point(time, &clock);
        compared(Canonical::Time, Order::GreaterOrEqual, &time, clock)
    }

    /// `time < TIME`: without the end, so that windows side by side share no record.
    pub fn until(time: &str, clock: impl Into<Clock>) -> Result<Self, ExprError> {
        let clock = clock.into();
        let time = point(time, &clock);
        compared(Canonical::Time, Order::Less, &time, clock)
    }
}

/// A point in time as expressions have it: other programs whose flags have these names take `3h`, `-3h`
/// and `14:00` too, which would be something else in an expression.
fn point<'t>(text: &'t str, clock: &Clock) -> Cow<'t, str> {
    let ago = text.strip_prefix('-').unwrap_or(text);
    if !ago.starts_with('-') && duration::seconds(ago).is_some() {
        return format!("now-{ago}").into();
    }
    let today = format!("today {text}");
    if text.starts_with(|c: char| c.is_ascii_digit()) && moment(&today, clock).is_some() {
        return today.into();
    }
    text.into()
}

fn compared(
    canonical: Canonical,
    order: Order,
    text: &str,
    clock: Clock,
) -> Result<Expr, ExprError> {
    let subject = Subject::Canonical(canonical);
    let token = Token {
        text: text.to_owned(),
        quoted: true,
        span: 0..text.len(),
    };
    let read = if text.is_empty() {
        Err(Fail {
            problem: Problem::ExpectedValue(String::new()),
            hint: None,
            span: 0..0,
        })
    } else {
        literal(token, &subject, order, &clock)
    };
    let literal = read.map_err(|fail| ExprError::new(text, fail))?;
    Ok(Expr(Node::Test(Test {
        subject,
        negated: false,
        check: Check::Compare(order, literal),
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_so_long_ago_and_a_clock_is_that_of_today() {
        let now = Instant::from_text(b"2026-11-20T12:30:00Z").expect("an instant");
        let check = |text: &str, same: &str| {
            for read in [Expr::since, Expr::until] {
                let read = |text| read(text, now).map(|expr| expr.to_string());
                assert!(read(same).is_ok(), "{same}");
                assert_eq!(read(text), read(same), "{text}");
            }
        };
        check("3h", "2026-11-20T09:30:00Z");
        check("-3h", "2026-11-20T09:30:00Z");
        check("1h30m", "now-1h30m");
        check("14:00", "2026-11-20T14:00:00Z");
        check("09:15:30.5", "today 09:15:30.5");
        check("14:00 - 1d", "yesterday 14:00");
        for wrong in ["--3h", "3", "25:00", "-", "14", "-14:00"] {
            let error = Expr::since(wrong, now).expect_err("no time").to_string();
            assert!(error.contains(&format!("'{wrong}'")), "{error}");
        }
    }
}
