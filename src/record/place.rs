//! Places: where a canonical field may stand, for who looks at raw bytes without a scan.

use std::borrow::Cow;

use super::{
    canonical::Canonical,
    form::Form,
    level::Level,
    own::{Known, known},
    path::Path,
    time::Instant,
    value::Value,
};

/// The producers whose records have the field, in the order in which they are tried, with the
/// paths that are looked at, the best first.
pub fn places(canonical: Canonical) -> impl Iterator<Item = (&'static str, Vec<Path>)> {
    let of = |known: &Known| {
        let mut fields = known.schema.fields.iter();
        let (_, sources) = fields.find(|(name, _)| *name == canonical)?;
        let paths = sources.iter().map(|source| Path::dotted(source.path));
        let mut paths: Vec<_> = paths.collect();
        // One may be tried in several forms.
        paths.dedup();
        Some((known.label, paths))
    };
    let mut places: Vec<_> = known().iter().filter_map(of).collect();
    // A producer may be told in several ways.
    places.dedup();
    places.into_iter()
}

/// A path under which some producer keeps a canonical field, and the form of what is there.
///
/// A value that reads as nothing at every place of its key is that field in no record.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    path: &'static str,
    form: Form,
}

impl Place {
    /// All places of a canonical field, of all producers.
    pub fn all(canonical: Canonical) -> Vec<Self> {
        known()
            .iter()
            .flat_map(|known| known.schema.fields)
            .filter(|(name, _)| *name == canonical)
            .flat_map(|(_, sources)| *sources)
            .map(|source| Self {
                path: source.path,
                form: source.form,
            })
            .collect()
    }

    /// The path, which may be read in several ways.
    pub fn path(self) -> Path {
        Path::dotted(self.path)
    }

    /// True if values at both places are read in the same way.
    pub fn is_like(self, other: Self) -> bool {
        self.form == other.form
    }

    /// True if the field's text is, or is a part of, the value's text.
    pub fn is_verbatim(self) -> bool {
        matches!(
            self.form,
            Form::Text
                | Form::Octets
                | Form::Trace
                | Form::Request
                | Form::Failure
                | Form::Traceback
                | Form::Part(..)
                | Form::KeyTree
                | Form::KeyNode
                | Form::KeyParent
        )
    }

    /// True if the field is the same whatever the value is.
    pub fn is_given(self) -> bool {
        matches!(self.form, Form::Given(_))
    }

    /// True if what the field is depends on what stands elsewhere too.
    pub fn is_beside(self) -> bool {
        self.form.is_beside()
    }

    /// The value as a level.
    pub fn level(self, value: Value<'_>) -> Option<Level> {
        self.form.level(value)
    }

    /// The value as an instant.
    pub fn time(self, value: Value<'_>) -> Option<Instant> {
        self.form.time(value)
    }

    /// The value as a number; a duration is in seconds.
    pub fn number(self, value: Value<'_>) -> Option<f64> {
        self.form.number(value)
    }

    /// The value as text.
    pub fn text(self, value: Value<'_>) -> Option<Cow<'_, str>> {
        self.form.text(value)
    }
}
