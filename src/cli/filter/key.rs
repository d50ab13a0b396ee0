//! Keys: what makes records belong together.

use std::borrow::Cow;

use crate::{
    expr::{Asked, Subject},
    record::{Canonical, Reader, Record},
    tree::{Known, Requests},
};

/// What records have in common that belong together.
#[derive(Debug)]
pub(super) enum Key {
    /// Nothing: all belong together.
    Nothing,
    /// The request.
    Tree(Requests),
    Field(Asked),
}

impl Key {
    pub(super) fn process(reader: &mut Reader) -> Self {
        Self::Field(Asked::process(reader))
    }

    pub(super) fn tree(reader: &mut Reader) -> Self {
        Self::Tree(Requests::ask(reader))
    }

    pub(super) fn field(subject: &Subject, reader: &mut Reader) -> Self {
        match subject {
            Subject::Canonical(Canonical::Tree) => Self::tree(reader),
            subject => Self::Field(subject.ask(reader)),
        }
    }

    /// The record's key, if it tells; `known` is of the records of one `Found`.
    pub(super) fn of<'a>(
        &self,
        record: &Record<'a, '_>,
        known: &mut Known,
    ) -> Option<Cow<'a, str>> {
        match self {
            Self::Nothing => None,
            Self::Tree(requests) => requests.of(record, known),
            Self::Field(field) => field.text(record),
        }
    }

    /// The key of the same request among the records of other producers, if it may have one.
    pub(super) fn twin<'a>(
        &self,
        record: &Record<'a, '_>,
        known: &mut Known,
    ) -> Option<Cow<'a, str>> {
        match self {
            Self::Tree(requests) => requests.twin(record, known).map(Cow::Owned),
            Self::Nothing | Self::Field(_) => None,
        }
    }
}
