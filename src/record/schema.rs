//! Schemas: under which names each producer keeps the canonical fields.
//!
//! A schema is a row of data: the marks that tell its records, and for each canonical
//! field the places to look, best first, with the form of what stands there. A new
//! producer is a new row in `producers.rs`. Detection is per record, because files mix.

use super::{canonical::Canonical, form::Form, mark::Mark, projection::Duplicates};

/// How one producer writes its records.
#[derive(Debug)]
pub struct Schema {
    /// The producer's name, as dl(7) lists it.
    pub name: &'static str,
    /// All must hold; no mark means any record.
    pub(super) marks: &'static [Mark],
    /// Where each canonical field stands.
    pub(super) fields: &'static [(Canonical, &'static [Source])],
}

/// A place where a canonical field may stand, and the form it has there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    pub(super) path: &'static str,
    pub(super) form: Form,
    pub(super) duplicates: Duplicates,
    /// A member without which it does not count, and which some forms need besides.
    pub(super) beside: Option<&'static str>,
}

impl Source {
    /// The first field of that name; `path` is dotted.
    pub(super) const fn at(path: &'static str, form: Form) -> Self {
        Self {
            path,
            form,
            duplicates: Duplicates::First,
            beside: None,
        }
    }

    /// The last of several fields of that name, for producers that append theirs.
    pub(super) const fn last(path: &'static str, form: Form) -> Self {
        Self {
            path,
            form,
            duplicates: Duplicates::Last,
            beside: None,
        }
    }

    /// The same where that member is too.
    pub(super) const fn beside(self, key: &'static str) -> Self {
        Self {
            beside: Some(key),
            ..self
        }
    }
}
