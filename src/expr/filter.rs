//! A compiled expression, matched with one record after another.

use std::sync::Arc;

use super::{
    ast::Order,
    judge::Judgement,
    level::bit,
    value_test::{ValueTest, compare_fields, seconds_of},
};
use crate::record::{Canonical, Field, Instant, Kind, Level, Record, Scale, Value};

/// A compiled expression. It is matched with records of the reader that it was compiled for.
#[derive(Clone, Debug)]
pub struct Filter(pub(super) Step);

#[derive(Clone, Debug)]
pub(super) enum Step {
    Constant(bool),
    Not(Box<Step>),
    All(Vec<Step>),
    Any(Vec<Step>),
    Probe(Probe),
    Judged(Arc<dyn Judgement>),
}

/// A question about a field. Where the field is missing or unreadable the answer is no;
/// `Step::Not` around it makes the negated operators.
#[derive(Clone, Debug)]
pub(super) enum Probe {
    /// A raw field is there and not null.
    HasRaw(Field),
    /// A canonical field is there and can be read.
    Has(Canonical),
    /// A bit for each severity that passes.
    Level(u32),
    Time(Ordered<Instant>),
    Duration(Ordered<f64>),
    Raw(Field, ValueTest),
    Text(Canonical, ValueTest),
    /// A raw field stands so to another one.
    RawField(Field, Order, Field),
    /// A canonical field stands so to a raw one, which is read as the same kind.
    CanonicalField(Canonical, Order, Field),
}

/// How a value with an order must stand to one or several others.
#[derive(Clone, Debug)]
pub(super) enum Ordered<T> {
    To(Order, T),
    OneOf(Vec<T>),
}

impl<T: PartialOrd> Ordered<T> {
    #[inline]
    pub(super) fn accepts(&self, value: &T) -> bool {
        match self {
            Self::To(order, other) => compares(value, *order, other),
            Self::OneOf(others) => others.contains(value),
        }
    }
}

fn compares<T: PartialOrd>(value: &T, order: Order, other: &T) -> bool {
    value
        .partial_cmp(other)
        .is_some_and(|found| order.accepts(found))
}

impl Filter {
    /// True if the expression selects the record. Allocates only to decode the escapes of
    /// a string that it asks for.
    #[inline]
    pub fn matches(&self, record: &Record<'_, '_>) -> bool {
        self.0.matches(record)
    }
}

impl Step {
    fn matches(&self, record: &Record<'_, '_>) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::Not(inner) => !inner.matches(record),
            Self::All(steps) => steps.iter().all(|step| step.matches(record)),
            Self::Any(steps) => steps.iter().any(|step| step.matches(record)),
            Self::Probe(probe) => probe.matches(record),
            Self::Judged(judgement) => judgement.holds(record),
        }
    }
}

impl Probe {
    fn matches(&self, record: &Record<'_, '_>) -> bool {
        match self {
            Self::HasRaw(field) => record.raw(field).is_some_and(|v| v.kind != Kind::Null),
            Self::Has(canonical) => has(record, *canonical),
            Self::Level(mask) => record.level().is_some_and(|level| mask & bit(level) != 0),
            Self::Time(ordered) => record.time().is_some_and(|time| ordered.accepts(&time)),
            Self::Duration(ordered) => record
                .number(Canonical::Duration)
                .is_some_and(|seconds| ordered.accepts(&seconds)),
            Self::Raw(field, test) => record.raw(field).is_some_and(|value| test.holds(value)),
            Self::Text(canonical, test) => record
                .text(*canonical)
                .is_some_and(|text| test.holds(plain(&text))),
            Self::RawField(left, order, right) => record
                .raw(left)
                .zip(record.raw(right))
                .is_some_and(|(left, right)| compare_fields(left, right, *order)),
            Self::CanonicalField(canonical, order, field) => record
                .raw(field)
                .is_some_and(|value| compare_canonical(record, *canonical, *order, value)),
        }
    }
}

fn has(record: &Record<'_, '_>, canonical: Canonical) -> bool {
    match canonical {
        Canonical::Level => record.level().is_some(),
        Canonical::Time => record.time().is_some(),
        Canonical::Duration => record.number(canonical).is_some(),
        _ => record.text(canonical).is_some(),
    }
}

fn compare_canonical(
    record: &Record<'_, '_>,
    canonical: Canonical,
    order: Order,
    other: Value<'_>,
) -> bool {
    match canonical {
        Canonical::Level => stands::<Level>(record.level(), order, Scale::Python.read(other)),
        Canonical::Time => stands(record.time(), order, Instant::read(other)),
        Canonical::Duration => stands(record.number(canonical), order, seconds_of(other)),
        _ => record
            .text(canonical)
            .is_some_and(|text| compare_fields(plain(&text), other, order)),
    }
}

fn stands<T: PartialOrd>(left: Option<T>, order: Order, right: Option<T>) -> bool {
    left.zip(right)
        .is_some_and(|(left, right)| compares(&left, order, &right))
}

/// Canonical text as a value: decoded already, whatever it holds.
fn plain(text: &str) -> Value<'_> {
    Value {
        kind: Kind::Plain,
        raw: text.as_bytes(),
    }
}

#[cfg(test)]
mod tests;
