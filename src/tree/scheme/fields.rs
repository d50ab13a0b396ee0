//! Fields that different producers call by different names.

use std::borrow::Cow;

use crate::record::{Field, Instant, Kind, Path, Reader, Record, Value};

/// Some fields with one meaning, the best first.
pub(super) struct OneOf(Vec<Field>);

impl OneOf {
    /// Asks for them; the paths are dotted.
    pub(super) fn ask(reader: &mut Reader, paths: &[&str]) -> Self {
        Self(
            paths
                .iter()
                .map(|path| reader.raw(&Path::dotted(path)))
                .collect(),
        )
    }

    /// All of them.
    pub(super) fn fields(&self) -> Vec<Field> {
        self.0.clone()
    }

    /// The first that is there and not null.
    pub(super) fn value<'a>(&self, record: &Record<'a, '_>) -> Option<Value<'a>> {
        let mut values = self.0.iter().filter_map(|field| record.raw(field));
        values.find(|value| value.kind != Kind::Null)
    }

    /// The first that is a text, a number or a truth value, as text.
    pub(super) fn text<'a>(&self, record: &Record<'a, '_>) -> Option<Cow<'a, str>> {
        let mut values = self.0.iter().filter_map(|field| record.raw(field));
        values.find_map(scalar)
    }

    /// All that are a text, a number or a truth value, as texts.
    pub(super) fn texts<'a>(&self, record: &Record<'a, '_>) -> impl Iterator<Item = Cow<'a, str>> {
        let values = self.0.iter().filter_map(|field| record.raw(field));
        values.filter_map(scalar)
    }

    /// The first that is an instant.
    pub(super) fn time(&self, record: &Record<'_, '_>) -> Option<Instant> {
        let mut values = self.0.iter().filter_map(|field| record.raw(field));
        values.find_map(Instant::read)
    }

    /// The first that is a number.
    pub(super) fn number(&self, record: &Record<'_, '_>) -> Option<f64> {
        let mut values = self.0.iter().filter_map(|field| record.raw(field));
        values.find_map(Value::as_f64)
    }

    /// True if any is there and not null.
    pub(super) fn is_there(&self, record: &Record<'_, '_>) -> bool {
        self.value(record).is_some()
    }

    /// True if any is the truth value or the text `true`.
    pub(super) fn holds(&self, record: &Record<'_, '_>) -> bool {
        let mut values = self.0.iter().filter_map(|field| record.raw(field));
        values.any(|value| value.kind != Kind::Object && value.raw == b"true")
    }
}

/// A text, a number or a truth value as text; empty text is none.
pub(super) fn scalar(value: Value<'_>) -> Option<Cow<'_, str>> {
    match value.kind {
        Kind::Null | Kind::Array | Kind::Object => None,
        _ => Some(value.text()).filter(|text| !text.is_empty()),
    }
}
