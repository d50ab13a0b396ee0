//! Forms: what stands where a producer keeps a canonical field, and how it becomes canonical.

use std::borrow::Cow;

use super::{
    key::ContextKey,
    level::{Level, Scale},
    time::{Instant, Unit},
    value::{Kind, Value, bytes_of},
};

/// What stands in a source, and so how it becomes canonical.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    /// Any scalar, as text.
    Text,
    /// An instant whose encoding shows in the value.
    Time,
    /// An instant as a number of known unit.
    Epoch(Unit),
    /// A level: a word, or a number on this scale.
    Level(Scale),
    /// A closed list of words, each with its canonical counterpart; others mean nothing.
    Words(&'static [(&'static str, &'static str)]),
    /// A length of time, as a number of this unit.
    Seconds(Unit),
    /// The tree's part of a distlog `context.key`.
    KeyTree,
    /// The scope's part of a distlog `context.key`.
    KeyNode,
    /// The parent scope's part of a distlog `context.key`.
    KeyParent,
    /// The counter of a distlog `context.key`.
    KeySeq,
}

impl Form {
    /// Reads text in this form.
    #[inline]
    pub(super) fn text(self, value: Value<'_>) -> Option<Cow<'_, str>> {
        match (self, value.kind) {
            (Self::Text, Kind::Plain) => Some(value.text()),
            _ => self.any_text(value),
        }
    }

    /// Reads text in this form as bytes, which need not be UTF-8 where they stand in the record as
    /// they are.
    #[inline]
    pub(super) fn bytes(self, value: Value<'_>) -> Option<Cow<'_, [u8]>> {
        match (self, value.kind) {
            (Self::Text, kind) if !matches!(kind, Kind::Escaped | Kind::Null) => {
                Some(Cow::Borrowed(value.raw))
            }
            _ => self.any_text(value).map(bytes_of),
        }
    }

    fn any_text(self, value: Value<'_>) -> Option<Cow<'_, str>> {
        if value.kind == Kind::Null {
            return None;
        }
        match self {
            Self::Words(words) => {
                let decoded;
                let text = match value.kind {
                    Kind::Escaped => {
                        decoded = value.as_str()?;
                        decoded.as_bytes()
                    }
                    Kind::Array | Kind::Object => return None,
                    // A number or a truth value may be one of the words too.
                    _ => value.raw,
                };
                words
                    .iter()
                    .find(|(word, _)| word.as_bytes() == text)
                    .map(|(_, canonical)| Cow::Borrowed(*canonical))
            }
            Self::KeyTree => key_part(value, |key| Some(key.tree()?.into())),
            Self::KeyNode => key_part(value, |key| Some(key.scope.into())),
            Self::KeyParent => key_part(value, |key| Some(key.parent()?.into())),
            Self::KeySeq => key_part(value, |key| Some(key.seq.to_string())),
            Self::Text | Self::Time | Self::Epoch(_) | Self::Level(_) | Self::Seconds(_) => {
                Some(value.text())
            }
        }
    }

    pub(super) fn time(self, value: Value<'_>) -> Option<Instant> {
        // A date is no number, which is told faster so; a sieve tries all forms on each value.
        let is_date = value.raw.len() >= 19 && value.raw[4] == b'-';
        match self {
            Self::Epoch(_) if is_date => None,
            Self::Epoch(unit) => Instant::from_number(value.raw, unit),
            _ => Instant::read(value),
        }
    }

    pub(super) fn level(self, value: Value<'_>) -> Option<Level> {
        match self {
            Self::Level(scale) => scale.read(value),
            Self::Words(_) => Level::from_word(&self.text(value)?),
            _ => None,
        }
    }

    pub(super) fn number(self, value: Value<'_>) -> Option<f64> {
        match self {
            Self::Seconds(unit) => seconds(value, unit),
            _ => value.as_f64(),
        }
    }
}

/// A number of a unit in seconds: the double that is nearest to what is written, as it is with the
/// lengths of time in expressions. A product need not be: 9 * 0.001 is not 0.009.
fn seconds(value: Value<'_>, unit: Unit) -> Option<f64> {
    /// Whole numbers below it are doubles.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number = value.as_f64()?;
    let places = match unit {
        Unit::Seconds => return Some(number),
        Unit::Millis => 3,
        Unit::Micros => 6,
        Unit::Nanos => 9,
    };
    let quotient = number / 10_f64.powi(places);
    if number.abs() < EXACT && number.fract() == 0.0 {
        return Some(quotient);
    }
    let text = std::str::from_utf8(value.raw).ok();
    let text = text.filter(|text| !text.contains(['e', 'E']));
    let nearest = text.and_then(|text| format!("{text}e-{places}").parse().ok());
    Some(nearest.unwrap_or(quotient))
}

fn key_part(
    value: Value<'_>,
    part: impl FnOnce(ContextKey<'_>) -> Option<String>,
) -> Option<Cow<'_, str>> {
    part(ContextKey::parse(&value.as_str()?)?).map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lengths_of_time_are_the_nearest_doubles(whole in 0..2_000_000_u64, fraction in "(\\.[0-9]{1,6})?") {
            for (unit, places) in [(Unit::Seconds, 0), (Unit::Millis, 3), (Unit::Micros, 6), (Unit::Nanos, 9)] {
                let text = format!("{whole}{fraction}");
                let value = Value {
                    kind: Kind::Number,
                    raw: text.as_bytes(),
                };
                let expect: f64 = format!("{text}e-{places}").parse().expect("a number");
                prop_assert_eq!(Form::Seconds(unit).number(value), Some(expect));
            }
        }
    }
}
