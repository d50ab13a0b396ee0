//! What is asked of one JSON value: the typed comparison.
//!
//! The literal decides. A number wants numbers, or strings that hold one; a text wants
//! strings; `true`, `false` and `null` want themselves. A value of another kind is not
//! less, not equal and not greater, so the test is false. An array passes if any of its
//! elements does; what lies deeper, and an object, never pass.

use std::{borrow::Cow, cmp::Ordering};

use memchr::memmem::Finder;
use regex::bytes::Regex;

use super::{
    ast::{Order, TextCheck},
    duration,
    elements::Elements,
    listed::Listed,
    number::{Number, number_in},
    size,
};
use crate::record::{Kind, Value, unescape};

#[derive(Clone, Debug)]
pub(super) enum ValueTest {
    Null,
    Bool(bool),
    Number(Order, Number),
    Seconds(Order, f64),
    Size(Order, Number),
    Text(Order, Box<[u8]>),
    Matches(Regex),
    Contains(Box<Finder<'static>>),
    StartsWith(Box<[u8]>),
    EndsWith(Box<[u8]>),
    OneOf(Box<Listed>),
}

impl ValueTest {
    /// A test that nothing passes.
    pub(super) fn never() -> Self {
        Self::OneOf(Box::default())
    }

    /// The test for a fixed text.
    pub(super) fn text(check: TextCheck, text: &str) -> Self {
        match check {
            TextCheck::Contains => Self::Contains(Box::new(Finder::new(text).into_owned())),
            TextCheck::StartsWith => Self::StartsWith(text.as_bytes().into()),
            TextCheck::EndsWith => Self::EndsWith(text.as_bytes().into()),
        }
    }

    /// True if the value, or an element of it, passes.
    #[inline]
    pub(super) fn holds(&self, value: Value<'_>) -> bool {
        match value.kind {
            Kind::Array => Elements::of(value).any(|element| self.holds_scalar(element)),
            _ => self.holds_scalar(value),
        }
    }

    pub(super) fn holds_scalar(&self, value: Value<'_>) -> bool {
        match self {
            Self::Null => value.kind == Kind::Null,
            Self::Bool(true) => value.kind == Kind::True,
            Self::Bool(false) => value.kind == Kind::False,
            Self::Number(order, number) => {
                number_of(value, |found| number.compare(found)).is_some_and(|o| order.accepts(o))
            }
            Self::Seconds(order, seconds) => seconds_of(value)
                .and_then(|found| found.partial_cmp(seconds))
                .is_some_and(|o| order.accepts(o)),
            Self::Size(order, bytes) => {
                compare_size(value, bytes).is_some_and(|o| order.accepts(o))
            }
            Self::Text(order, text) => {
                string_of(value).is_some_and(|found| order.accepts((*found).cmp(text)))
            }
            Self::OneOf(listed) => listed.holds(value),
            Self::Matches(regex) => text_of(value).is_some_and(|text| regex.is_match(&text)),
            Self::Contains(finder) => {
                text_of(value).is_some_and(|text| finder.find(&text).is_some())
            }
            Self::StartsWith(start) => text_of(value).is_some_and(|text| text.starts_with(start)),
            Self::EndsWith(end) => text_of(value).is_some_and(|text| text.ends_with(end)),
        }
    }
}

/// How two values of a record compare, if they do: numbers as numbers (a string that holds
/// one is one beside a number), texts as texts, and equal constants are equal.
///
/// Of two arrays, pairs of elements are compared, and of each only the first 256 elements:
/// otherwise one line of a megabyte would take minutes.
pub(super) fn compare_fields(left: Value<'_>, right: Value<'_>, order: Order) -> bool {
    const MOST: usize = 256;
    match (left.kind, right.kind) {
        (Kind::Array, Kind::Array) => {
            let right: Vec<_> = Elements::of(right).take(MOST).collect();
            Elements::of(left).take(MOST).any(|left| {
                right
                    .iter()
                    .any(|&right| compare_scalars(left, right, order))
            })
        }
        (Kind::Array, _) => Elements::of(left).any(|left| compare_scalars(left, right, order)),
        (_, Kind::Array) => Elements::of(right).any(|right| compare_scalars(left, right, order)),
        _ => compare_scalars(left, right, order),
    }
}

fn compare_scalars(left: Value<'_>, right: Value<'_>, order: Order) -> bool {
    let found = match (string_of(left), string_of(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => number_of(left, |left| {
            number_of(right, |right| left.compare_numbers(right))
        }),
    };
    let constant = matches!(left.kind, Kind::Null | Kind::True | Kind::False);
    found.map_or(
        constant && left.kind == right.kind && order == Order::Equal,
        |found| order.accepts(found),
    )
}

/// The text of a string: where it stands if nothing in it is escaped.
///
/// Bytes compare as code points do in UTF-8, so nothing need be decoded further.
pub(super) fn string_of(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    match value.kind {
        Kind::Plain => Some(Cow::Borrowed(value.raw)),
        Kind::Escaped => Some(Cow::Owned(unescape(value.raw).into_bytes())),
        _ => None,
    }
}

/// The text of any scalar but null: numbers and booleans as they are written.
fn text_of(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    match value.kind {
        Kind::Number | Kind::True | Kind::False => Some(Cow::Borrowed(value.raw)),
        _ => string_of(value),
    }
}

/// Hands on a number, or the number that a string holds from end to end.
pub(super) fn number_of<T>(
    value: Value<'_>,
    then: impl FnOnce(Value<'_>) -> Option<T>,
) -> Option<T> {
    if value.kind == Kind::Number {
        then(value)
    } else {
        then(number_in(&string_of(value)?)?)
    }
}

/// A number of seconds, or the length of time that a string spells out.
pub(super) fn seconds_of(value: Value<'_>) -> Option<f64> {
    if value.kind == Kind::Number {
        return value.as_f64();
    }
    let text = string_of(value)?;
    match number_in(&text) {
        Some(number) => number.as_f64(),
        None => duration::seconds(std::str::from_utf8(&text).ok()?),
    }
}

/// How a number of bytes, or the size that a string spells out, compares with `bytes`.
fn compare_size(value: Value<'_>, bytes: &Number) -> Option<Ordering> {
    if value.kind == Kind::Number {
        return bytes.compare(value);
    }
    let text = string_of(value)?;
    match number_in(&text) {
        Some(number) => bytes.compare(number),
        None => bytes.compare(size::bytes(std::str::from_utf8(&text).ok()?)?.value()),
    }
}
