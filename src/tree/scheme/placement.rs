//! Where a record belongs, as its scheme says.

use std::borrow::Cow;

use crate::{record::Instant, tree::Status};

/// One step from the root down.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part<'a> {
    /// A child by its number.
    Number(u64),
    /// A child by its name; after all numbered ones.
    Text(Cow<'a, str>),
}

/// What a record is to its scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// The first record of a scope.
    Start {
        /// True if the scheme writes an end for every start, so that a missing one means
        /// that the scope is still running or has died.
        ends: bool,
    },
    /// The last record of a scope.
    End(Status),
    /// A record within a scope.
    #[default]
    Detail,
    /// A record that stands for itself and belongs to no scope.
    Lone,
}

/// A record's place in its tree.
#[derive(Clone, Debug, Default)]
pub struct Placement<'a> {
    /// The scope, as the way from the root; empty for the root.
    pub path: Vec<Part<'a>>,
    /// The order among the records of the scope.
    pub position: u64,
    /// True if a child's number is a position among the records of its parent, so that
    /// records and children have one order.
    pub shared_positions: bool,
    /// The position of a scope's first record, if its positions have no gaps.
    pub base: Option<u64>,
    /// What the record is to the scope.
    pub role: Role,
    /// The name that the record gives its scope.
    pub name: Option<Cow<'a, str>>,
    /// Type and reason of the failure that it reports.
    pub exception: Option<Cow<'a, str>>,
    /// The scope's length in seconds, if it was measured where it ran.
    pub duration: Option<f64>,
    /// When it happened, if the scheme knows better than the record's schema.
    pub time: Option<Instant>,
}

impl Placement<'_> {
    /// The same place, without ties to the record.
    pub(super) fn into_owned<'a>(self) -> Placement<'a> {
        let part = |part| match part {
            Part::Number(number) => Part::Number(number),
            Part::Text(text) => Part::Text(Cow::Owned(text.into_owned())),
        };
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Placement {
            path: self.path.into_iter().map(part).collect(),
            position: self.position,
            shared_positions: self.shared_positions,
            base: self.base,
            role: self.role,
            name: self.name.map(owned),
            exception: self.exception.map(owned),
            duration: self.duration,
            time: self.time,
        }
    }

    /// The place of a record that belongs to the tree but does not say where: at the root,
    /// after all that do.
    pub(in crate::tree) fn stray() -> Self {
        Self {
            position: u64::MAX,
            ..Self::default()
        }
    }
}
