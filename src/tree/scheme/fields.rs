//! Fields that different producers call by different names.

use std::borrow::Cow;

use crate::record::{
    Canonical, Field, Instant, Kind, Ranked, Reader, Record, Value, exception_reason,
    exception_text,
};

/// Some fields with one meaning, the best first.
pub(super) struct OneOf(Ranked);

impl OneOf {
    /// Asks for them; the paths are dotted.
    pub(super) fn ask(reader: &mut Reader, paths: &[&str]) -> Self {
        Self(reader.ranked(paths))
    }

    /// All of them.
    pub(super) fn fields(&self) -> Vec<Field> {
        self.0.fields().to_vec()
    }

    /// Those that are there.
    pub(super) fn values<'a>(&self, record: &Record<'a, '_>) -> impl Iterator<Item = Value<'a>> {
        record.ranked(&self.0)
    }

    /// The first that is there and not null.
    pub(super) fn value<'a>(&self, record: &Record<'a, '_>) -> Option<Value<'a>> {
        self.values(record).find(|value| value.kind != Kind::Null)
    }

    /// The first that is a text, a number or a truth value, as text.
    pub(super) fn text<'a>(&self, record: &Record<'a, '_>) -> Option<Cow<'a, str>> {
        self.values(record).find_map(scalar)
    }

    /// All that are a text, a number or a truth value, as texts.
    pub(super) fn texts<'a>(&self, record: &Record<'a, '_>) -> impl Iterator<Item = Cow<'a, str>> {
        self.values(record).filter_map(scalar)
    }

    /// The first that is an instant.
    pub(super) fn time(&self, record: &Record<'_, '_>) -> Option<Instant> {
        self.values(record).find_map(Instant::read)
    }

    /// The first that is a number.
    pub(super) fn number(&self, record: &Record<'_, '_>) -> Option<f64> {
        self.values(record).find_map(Value::as_f64)
    }

    /// True if any is there and not null.
    pub(super) fn is_there(&self, record: &Record<'_, '_>) -> bool {
        self.value(record).is_some()
    }

    /// True if any is the truth value or the text `true`.
    pub(super) fn holds(&self, record: &Record<'_, '_>) -> bool {
        self.values(record)
            .any(|value| value.kind != Kind::Object && value.raw == b"true")
    }
}

/// What was raised, of a record that has been asked for its exception: the line with type and reason.
pub(super) fn raised<'a>(record: &Record<'a, '_>) -> Option<Cow<'a, str>> {
    let text = exception_text(record.text(Canonical::Exception)?);
    exception_reason(&text).map(Cow::Owned)
}

/// A text, a number or a truth value as text; empty text is none.
pub(super) fn scalar(value: Value<'_>) -> Option<Cow<'_, str>> {
    match value.kind {
        Kind::Null | Kind::Array | Kind::Object => None,
        _ => Some(value.text()).filter(|text| !text.is_empty()),
    }
}
