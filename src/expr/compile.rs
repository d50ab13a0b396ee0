//! From an expression to a filter: fields become slots of a reader, literals become tests.

use super::{
    ast::{Check, Expr, Literal, Node, Order, Test},
    field::Subject,
    filter::{Filter, Ordered, Probe, Step},
    judge::Judged,
    listed::Listed,
    value_test::ValueTest,
};
use crate::record::{Canonical, Instant, Reader};

impl Expr {
    /// Asks `reader` for the fields of the expression and returns the filter for its records.
    ///
    /// # Panics
    /// As `reader` does, if the expressions compiled for it ask for some ten thousand fields.
    pub fn compile(&self, reader: &mut Reader) -> Filter {
        Filter(step(&self.0, reader))
    }
}

fn step(node: &Node, reader: &mut Reader) -> Step {
    match node {
        Node::Constant(value) => Step::Constant(*value),
        Node::Not(inner) => Step::Not(Box::new(step(inner, reader))),
        Node::All(nodes) => Step::All(nodes.iter().map(|node| step(node, reader)).collect()),
        Node::Any(nodes) => Step::Any(nodes.iter().map(|node| step(node, reader)).collect()),
        Node::Exists(Subject::Raw(path)) => Step::Probe(Probe::HasRaw(reader.raw(path))),
        Node::Exists(Subject::Canonical(canonical)) => {
            reader.canonical(*canonical);
            Step::Probe(Probe::Has(*canonical))
        }
        Node::Judged(_, Judged(judge)) => Step::Judged(judge.ask(reader)),
        Node::Test(test) => {
            let probe = Step::Probe(probe(test, reader));
            if test.negated {
                Step::Not(Box::new(probe))
            } else {
                probe
            }
        }
    }
}

fn probe(test: &Test, reader: &mut Reader) -> Probe {
    match &test.subject {
        Subject::Raw(path) => {
            let field = reader.raw(path);
            match &test.check {
                Check::CompareField(order, other) => {
                    Probe::RawField(field, *order, reader.raw(other))
                }
                check => Probe::Raw(field, value_test(check)),
            }
        }
        Subject::Canonical(canonical) => {
            reader.canonical(*canonical);
            match &test.check {
                Check::CompareField(order, other) => {
                    Probe::CanonicalField(*canonical, *order, reader.raw(other))
                }
                check => of_canonical(*canonical, check),
            }
        }
    }
}

pub(super) fn of_canonical(canonical: Canonical, check: &Check) -> Probe {
    match canonical {
        Canonical::Level => Probe::Level(level_mask(check)),
        Canonical::Time => Probe::Time(ordered_times(check)),
        Canonical::Duration => Probe::Duration(ordered(check, |literal| match literal {
            Literal::Seconds(seconds) => Some(*seconds),
            _ => None,
        })),
        _ => Probe::Text(canonical, value_test(check)),
    }
}

/// The times that a check allows.
pub(super) fn ordered_times(check: &Check) -> Ordered<Instant> {
    ordered(check, |literal| match literal {
        Literal::Time(instant) => Some(*instant),
        _ => None,
    })
}

/// The severities that a check allows: bit n stands for severity n.
pub(super) fn level_mask(check: &Check) -> u32 {
    let mask = |order, literal: &Literal| match literal {
        Literal::Level(level) => level.mask(order),
        _ => 0,
    };
    match check {
        Check::Compare(order, literal) => mask(*order, literal),
        Check::OneOf(literals) => literals
            .iter()
            .fold(0, |all, literal| all | mask(Order::Equal, literal)),
        _ => 0,
    }
}

/// The parser gives a field only literals of its kind, so `read` knows them all.
fn ordered<T>(check: &Check, read: impl Fn(&Literal) -> Option<T>) -> Ordered<T> {
    match check {
        Check::Compare(order, literal) => match read(literal) {
            Some(value) => Ordered::To(*order, value),
            None => Ordered::OneOf(Vec::new()),
        },
        Check::OneOf(literals) => Ordered::OneOf(literals.iter().filter_map(read).collect()),
        _ => Ordered::OneOf(Vec::new()),
    }
}

pub(super) fn value_test(check: &Check) -> ValueTest {
    match check {
        Check::Compare(order, literal) => compared(*order, literal),
        Check::Matches(pattern) => ValueTest::Matches(pattern.regex().clone()),
        Check::Text(check, text) => ValueTest::text(*check, text),
        Check::OneOf(literals) => one_of(literals),
        Check::CompareField(..) => ValueTest::never(),
    }
}

fn compared(order: Order, literal: &Literal) -> ValueTest {
    match literal {
        Literal::Null => ValueTest::Null,
        Literal::Bool(value) => ValueTest::Bool(*value),
        Literal::Number(number) => ValueTest::Number(order, number.clone()),
        Literal::Seconds(seconds) => ValueTest::Seconds(order, *seconds),
        Literal::Size(bytes) => ValueTest::Size(order, bytes.clone()),
        Literal::Text(text) => ValueTest::Text(order, text.as_bytes().into()),
        Literal::Level(_) | Literal::Time(_) => ValueTest::never(),
    }
}

fn one_of(literals: &[Literal]) -> ValueTest {
    let mut listed = Listed::default();
    for literal in literals {
        match literal {
            Literal::Text(text) => listed.text(text),
            Literal::Number(number) => listed.number(number),
            Literal::Seconds(seconds) => listed.seconds(*seconds),
            other => listed.other(compared(Order::Equal, other)),
        }
    }
    ValueTest::OneOf(Box::new(listed))
}
