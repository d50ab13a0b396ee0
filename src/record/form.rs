//! Forms: what stands where a producer keeps a canonical field, and how it becomes canonical.

use std::borrow::Cow;

use super::{
    canonical::Canonical,
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
    /// What failed, as text: not what says that nothing has, which is `false`, 0 and what is empty.
    Failure,
    /// An instant whose encoding shows in the value.
    Time,
    /// An instant as a number of known unit.
    Epoch(Unit),
    /// A level: a word, or a number on this scale.
    Level(Scale),
    /// A closed list of words, each with its canonical counterpart; others mean nothing.
    Words(&'static [(&'static str, &'static str)]),
    /// A number that counts seconds when multiplied by this.
    Seconds(f64),
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
                let text = if value.kind == Kind::Plain {
                    value.raw
                } else {
                    decoded = value.as_str()?;
                    decoded.as_bytes()
                };
                words
                    .iter()
                    .find(|(word, _)| word.as_bytes() == text)
                    .map(|(_, canonical)| Cow::Borrowed(*canonical))
            }
            Self::Failure => is_failure(value).then(|| value.text()),
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

    /// True if the value can be read as that canonical field.
    pub(super) fn reads(self, canonical: Canonical, value: Value<'_>) -> bool {
        match (canonical, self) {
            _ if value.kind == Kind::Null => false,
            (Canonical::Time, _) => self.time(value).is_some(),
            (Canonical::Level, _) => self.level(value).is_some(),
            (Canonical::Duration, _) => self.number(value).is_some(),
            (_, Self::Text) => true,
            (_, Self::Failure) => is_failure(value),
            _ => self.text(value).is_some(),
        }
    }

    pub(super) fn number(self, value: Value<'_>) -> Option<f64> {
        match self {
            Self::Seconds(factor) => Some(value.as_f64()? * factor),
            _ => value.as_f64(),
        }
    }
}

/// True for what does not say that nothing has failed.
fn is_failure(value: Value<'_>) -> bool {
    match value.kind {
        Kind::Null | Kind::False => false,
        Kind::Number => value.raw != b"0",
        Kind::Array | Kind::Object => value.raw[1..value.raw.len() - 1].trim_ascii() != b"",
        Kind::Plain | Kind::Escaped | Kind::True => !value.raw.is_empty(),
    }
}

fn key_part(
    value: Value<'_>,
    part: impl FnOnce(ContextKey<'_>) -> Option<String>,
) -> Option<Cow<'_, str>> {
    part(ContextKey::parse(&value.as_str()?)?).map(Cow::Owned)
}
