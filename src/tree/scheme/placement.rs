//! Where a record belongs, as its scheme says.

use std::borrow::Cow;

use super::Trail;
use crate::{record::Instant, tree::Status};

/// One step from the root down.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part<'a> {
    /// A child by its number.
    Number(u64),
    /// A child by its name; after all numbered ones.
    Text(Cow<'a, str>),
}

/// A scope, as its scheme names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope<'a> {
    /// The way from the root; empty for the root. All scopes on the way are known from it.
    Path(Trail),
    /// An id of its own; which scope is above, records have to say.
    Id(Cow<'a, str>),
}

impl Scope<'_> {
    /// The root of a tree, or the tree as such where scopes have ids.
    pub const ROOT: Self = Self::Path(Trail::ROOT);
}

impl Default for Scope<'_> {
    fn default() -> Self {
        Self::ROOT
    }
}

/// What a record says of the scope above its own. Where scopes are paths they say it
/// themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Parent<'a> {
    /// Nothing.
    #[default]
    Unsaid,
    /// There is none: the scope is the root.
    None,
    /// The scope of that id.
    Id(Cow<'a, str>),
    /// The other scope of the same id: the caller's half, of which this is the callee's. If
    /// that is not known, the scope of this id, which is above both.
    OtherHalf(Option<Cow<'a, str>>),
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
    /// The one record that tells of a scope from start to end.
    Whole(Status),
    /// A record within a scope.
    #[default]
    Detail,
    /// A record that stands for itself and belongs to no scope.
    Lone,
}

impl Role {
    /// True if the record tells that its scope began.
    pub(in crate::tree) fn begins(self) -> bool {
        matches!(self, Self::Start { .. } | Self::Whole(_) | Self::Lone)
    }
}

/// Which end of a call a scope is: the caller waits until the callee has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one who calls and waits.
    Caller,
    /// The one who answers.
    Callee,
}

/// When a scheme writes a record for the start of a scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Starts {
    /// Never: its scopes are only named.
    #[default]
    Never,
    /// If any scope of the tree has one, all have: spans are exported or they are not.
    IfAny,
    /// For every scope.
    Always,
}

/// A record's place in its tree.
#[derive(Clone, Debug, Default)]
pub struct Placement<'a> {
    /// The scope.
    pub scope: Scope<'a>,
    /// The scope above, where scopes have ids.
    pub parent: Parent<'a>,
    /// Tells apart scopes that have one name by mistake, such as those of two processes; a
    /// child belongs to the one of its own instance.
    pub instance: Option<Cow<'a, str>>,
    /// The order among the records of the scope.
    pub position: u64,
    /// True if no two records of a scope have one position.
    pub counted: bool,
    /// True if a child's number is a position among the records of its parent, so that
    /// records and children have one order.
    pub shared_positions: bool,
    /// The position of a scope's first record, if its positions have no gaps.
    pub base: Option<u64>,
    /// Whether a scope without a start lacks something.
    pub starts: Starts,
    /// What the record is to the scope.
    pub role: Role,
    /// Which end of a call the scope is, if it is one; [`Parent::OtherHalf`] says it already. Of a
    /// path, that the record's own tree has calls of the scope.
    pub side: Option<Side>,
    /// The name that the record gives its scope, of which nobody has checked that it is UTF-8: one
    /// record's counts.
    pub name: Option<Cow<'a, [u8]>>,
    /// Type and reason of the failure that it reports.
    pub exception: Option<Cow<'a, str>>,
    /// The scope's length in seconds, if it was measured where it ran.
    pub duration: Option<f64>,
    /// When it happened, if the scheme knows better than the record's schema; of a
    /// [`Role::Whole`] when the scope began.
    pub time: Option<Instant>,
    /// When the scope ended, for a [`Role::Whole`].
    pub end: Option<Instant>,
}

impl Placement<'_> {
    /// The same place, without ties to the record.
    pub(super) fn into_owned<'b>(self) -> Placement<'b> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Placement {
            scope: match self.scope {
                Scope::Path(path) => Scope::Path(path),
                Scope::Id(id) => Scope::Id(owned(id)),
            },
            parent: match self.parent {
                Parent::Unsaid => Parent::Unsaid,
                Parent::None => Parent::None,
                Parent::Id(id) => Parent::Id(owned(id)),
                Parent::OtherHalf(id) => Parent::OtherHalf(id.map(owned)),
            },
            instance: self.instance.map(owned),
            position: self.position,
            counted: self.counted,
            shared_positions: self.shared_positions,
            base: self.base,
            starts: self.starts,
            role: self.role,
            side: self.side,
            name: self.name.map(|name| Cow::Owned(name.into_owned())),
            exception: self.exception.map(owned),
            duration: self.duration,
            time: self.time,
            end: self.end,
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
