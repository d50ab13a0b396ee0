//! The rules of man/dl-expr.7 once more, without regard for speed.

use std::cmp::Ordering;

use super::{
    canonical::{self, Asked},
    expression::{Check, Expression, Field, Literal, Test},
    json::Json,
    words::{BLANK_SIZES, LENGTHS, SIZES},
};

impl Expression {
    pub(super) fn holds(&self, record: &Json) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::Exists(Field::Raw(_, path)) => {
                record.last(path).is_some_and(|value| *value != Json::Null)
            }
            Self::Exists(Field::Canonical(name)) => canonical::ask(record, name).is_some(),
            Self::Test(test) => test.negated != test.holds(record),
            Self::Not(inner) => !inner.holds(record),
            Self::All(all) => all.iter().all(|inner| inner.holds(record)),
            Self::Any(any) => any.iter().any(|inner| inner.holds(record)),
        }
    }
}

impl Test {
    fn holds(&self, record: &Json) -> bool {
        match self.field {
            Field::Raw(_, path) => record.last(path).is_some_and(|value| {
                elements(value).iter().any(|value| match &self.check {
                    Check::Field(op, _, other) => record.last(other).is_some_and(|other| {
                        elements(other).iter().any(|other| beside(op, value, other))
                    }),
                    check => check.holds(value),
                })
            }),
            Field::Canonical(name) => {
                let other = match &self.check {
                    Check::Field(_, _, other) => record.last(other),
                    _ => None,
                };
                canonical::ask(record, name).is_some_and(|found| self.check.holds_of(&found, other))
            }
        }
    }
}

impl Check {
    /// The check of a scalar as it stands in the record.
    fn holds(&self, value: &Json) -> bool {
        match self {
            Self::Compare(op, literal) => compares(op, literal.beside(value)),
            Self::OneOf(literals) => literals
                .iter()
                .any(|literal| literal.beside(value) == Some(Ordering::Equal)),
            Self::Matches(_, _, finds) => text(value).is_some_and(|text| finds(&text)),
            Self::Text(op, wanted) => text(value).is_some_and(|text| match *op {
                "contains" => text.contains(wanted),
                "startswith" => text.starts_with(wanted),
                _ => text.ends_with(wanted),
            }),
            Self::Field(..) => false,
        }
    }

    /// The check of a canonical field; `other` is the field beside it.
    fn holds_of(&self, found: &Asked, other: Option<&Json>) -> bool {
        let ordering = |literal: &Literal| match (found, literal) {
            (Asked::Level(level), Literal::Level(_, low, high)) => Some(if level < low {
                Ordering::Less
            } else if level > high {
                Ordering::Greater
            } else {
                Ordering::Equal
            }),
            (Asked::Time(time), Literal::Time(_, nanos)) => Some(time.cmp(nanos)),
            (Asked::Length(seconds), Literal::Length(_, other)) => seconds.partial_cmp(other),
            _ => None,
        };
        match (self, found) {
            (Self::Field(op, ..), found) => other.is_some_and(|other| match found {
                Asked::Level(level) => {
                    compares(op, canonical::level(other, false).map(|o| level.cmp(&o)))
                }
                Asked::Time(time) => compares(op, canonical::time(other).map(|o| time.cmp(&o))),
                Asked::Length(seconds) => {
                    compares(op, length(other).and_then(|o| seconds.partial_cmp(&o)))
                }
                Asked::Text(text) => {
                    let text = Json::Text(text.clone());
                    elements(other).iter().any(|other| beside(op, &text, other))
                }
            }),
            (check, Asked::Text(text)) => check.holds(&Json::Text(text.clone())),
            (Self::Compare(op, literal), _) => compares(op, ordering(literal)),
            (Self::OneOf(literals), _) => literals
                .iter()
                .any(|literal| ordering(literal) == Some(Ordering::Equal)),
            _ => false,
        }
    }
}

impl Literal {
    /// How a scalar compares with the literal, if it does.
    fn beside(&self, value: &Json) -> Option<Ordering> {
        match (self, value) {
            (Self::Null, Json::Null) => Some(Ordering::Equal),
            (Self::Bool(wanted), Json::Bool(found)) if wanted == found => Some(Ordering::Equal),
            (Self::Number(wanted), _) => numbers(&numeric(value)?, wanted),
            (Self::Text(wanted), Json::Text(found)) => Some(found.as_str().cmp(wanted)),
            (Self::Length(_, wanted), _) => length(value)?.partial_cmp(wanted),
            (Self::Size(_, wanted), _) => match numeric(value) {
                Some(found) => numbers(&found, &wanted.to_string()),
                None => Some(size(value)?.cmp(wanted)),
            },
            _ => None,
        }
    }
}

/// The value itself, or the elements of an array; those that are arrays and objects pass nothing.
fn elements(value: &Json) -> Vec<&Json> {
    match value {
        Json::Array(elements, _) => elements
            .iter()
            .filter(|element| !matches!(element, Json::Array(..)))
            .collect(),
        value => vec![value],
    }
}

/// The comparison of two values of a record. What has no order is equal or not, and nothing else.
fn beside(op: &str, left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Text(left), Json::Text(right)) => compares(op, Some(left.cmp(right))),
        (Json::Null, Json::Null) => op == "==",
        (Json::Bool(left), Json::Bool(right)) => op == "==" && left == right,
        _ => compares(
            op,
            numeric(left)
                .zip(numeric(right))
                .and_then(|(l, r)| numbers(&l, &r)),
        ),
    }
}

fn compares(op: &str, found: Option<Ordering>) -> bool {
    found.is_some_and(|found| match op {
        "==" => found.is_eq(),
        "<" => found.is_lt(),
        "<=" => found.is_le(),
        ">" => found.is_gt(),
        _ => found.is_ge(),
    })
}

/// A text, or a number, true or false as it is written.
fn text(value: &Json) -> Option<String> {
    match value {
        Json::Text(text) | Json::Number(text) => Some(text.clone()),
        Json::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// A number, or the number of JSON that a string is from end to end.
fn numeric(value: &Json) -> Option<String> {
    match value {
        Json::Number(text) => Some(text.clone()),
        Json::Text(text) => {
            let whole =
                text.trim() == text && serde_json::from_str::<serde_json::Number>(text).is_ok();
            whole.then(|| text.clone())
        }
        _ => None,
    }
}

/// Integers compare exactly, other numbers as doubles.
fn numbers(left: &str, right: &str) -> Option<Ordering> {
    match (left.parse::<i128>(), right.parse::<i128>()) {
        (Ok(left), Ok(right)) => Some(left.cmp(&right)),
        _ => left.parse::<f64>().ok()?.partial_cmp(&right.parse().ok()?),
    }
}

fn length(value: &Json) -> Option<f64> {
    if let Some(number) = numeric(value) {
        return number.parse().ok();
    }
    let Json::Text(text) = value else { return None };
    let spelled = LENGTHS.iter().find(|(spelled, _)| spelled == text);
    spelled.map(|(_, seconds)| *seconds)
}

fn size(value: &Json) -> Option<u64> {
    let Json::Text(text) = value else { return None };
    let mut spelled = SIZES.iter().chain(BLANK_SIZES);
    spelled
        .find(|(spelled, _)| spelled == text)
        .map(|(_, bytes)| *bytes)
}
