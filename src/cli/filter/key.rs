//! Keys: what makes records belong together.

use std::borrow::Cow;

use crate::{
    expr::Subject,
    record::{Canonical, Field, Reader, Record},
    tree,
};

/// What records have in common that belong together.
#[derive(Debug)]
pub(super) enum Key {
    /// Nothing: all belong together.
    Nothing,
    /// What the process is called.
    Process,
    /// The request.
    Tree,
    Canonical(Canonical),
    Raw(Field),
}

impl Key {
    pub(super) fn process(reader: &mut Reader) -> Self {
        for part in [Canonical::Service, Canonical::Host, Canonical::Process] {
            reader.canonical(part);
        }
        Self::Process
    }

    pub(super) fn tree(reader: &mut Reader) -> Self {
        reader.canonical(Canonical::Tree);
        Self::Tree
    }

    pub(super) fn field(subject: &Subject, reader: &mut Reader) -> Self {
        match subject {
            Subject::Canonical(Canonical::Process) => Self::process(reader),
            Subject::Canonical(Canonical::Tree) => Self::tree(reader),
            Subject::Canonical(canonical) => {
                reader.canonical(*canonical);
                Self::Canonical(*canonical)
            }
            Subject::Raw(path) => Self::Raw(reader.raw(path)),
        }
    }

    /// The record's key, if it tells.
    pub(super) fn of<'a>(&self, record: &Record<'a, '_>) -> Option<Cow<'a, str>> {
        match self {
            Self::Nothing => None,
            Self::Process => record.process(),
            Self::Tree => tree::request(record),
            Self::Canonical(canonical) => record.text(*canonical),
            Self::Raw(field) => {
                let value = record.raw(field)?;
                (value.kind != crate::record::Kind::Null).then(|| value.text())
            }
        }
    }
}
