//! The flags of a program as expressions: `--level warning`, `--since yesterday`.
//!
//! They go through the same literals as the text of an expression, so that they know the
//! same words and fail with the same pictures.

use std::sync::Arc;

use super::{
    ast::{Check, Expr, Literal, Node, Order, Test},
    clock::Clock,
    cursor::Fail,
    error::{ExprError, Problem},
    field::Subject,
    judge::{Judge, Judged},
    literal::literal,
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

    /// `time >= TIME`.
    pub fn since(time: &str, clock: impl Into<Clock>) -> Result<Self, ExprError> {
        compared(Canonical::Time, Order::GreaterOrEqual, time, clock.into())
    }

    /// `time < TIME`: without the end, so that windows side by side share no record.
    pub fn until(time: &str, clock: impl Into<Clock>) -> Result<Self, ExprError> {
        compared(Canonical::Time, Order::Less, time, clock.into())
    }
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
