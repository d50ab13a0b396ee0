//! The tree of one request, in memory: what DESIGN.md §5 says in JSON.

use std::borrow::Cow;

use crate::record::Instant;

/// How a scope ended, as far as its records tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// The scheme has no end marker, or nothing of the scope itself was seen.
    #[default]
    Unknown,
    /// Started, and no end was seen.
    Running,
    /// Ended well.
    Succeeded,
    /// Ended with a failure.
    Failed,
}

impl Status {
    /// The word in JSON and expressions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Unknown, Self::Running, Self::Succeeded, Self::Failed]
            .into_iter()
            .find(|status| status.name() == name)
    }
}

/// What is not as it should be about a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// It has records of its own, but its start is not among them.
    StartMissing,
    /// It never logged anything itself; its children tell of it.
    Inferred,
    /// Two records claim the same place in it, as after a fork.
    Duplicate,
    /// It has records beyond its end.
    Late,
}

impl Flag {
    /// All of them, in the order in which they are written.
    pub const ALL: [Self; 4] = [
        Self::StartMissing,
        Self::Inferred,
        Self::Duplicate,
        Self::Late,
    ];

    /// The word in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::StartMissing => "start_missing",
            Self::Inferred => "inferred",
            Self::Duplicate => "duplicate",
            Self::Late => "late",
        }
    }
}

/// A scope: a goal, its records and its sub-goals.
#[derive(Clone, Debug, Default)]
pub struct Node<'a> {
    /// The place in the tree: `/` is the root, `/3/2` the second below the third.
    pub id: String,
    /// What was being achieved.
    pub name: Option<Cow<'a, str>>,
    /// How it ended.
    pub status: Status,
    /// What is not as it should be.
    pub flags: Vec<Flag>,
    /// The time of its first record.
    pub start: Option<Instant>,
    /// The time of its end record.
    pub end: Option<Instant>,
    /// Seconds from start to end, as the scope itself measured them or by its records.
    pub duration: Option<f64>,
    /// Seconds in which none of its children was at work.
    pub own: Option<f64>,
    /// The process that logged it: `service:pid`, or as much of it as is known.
    pub process: Option<Cow<'a, str>>,
    /// Why it failed: type and reason.
    pub exception: Option<Cow<'a, str>>,
    /// How many records of the parent come before it.
    pub after: usize,
    /// Its records, in order, without framing.
    pub records: Vec<&'a [u8]>,
    /// Its sub-goals, in order.
    pub children: Vec<Node<'a>>,
}

/// All that is known of one request.
#[derive(Clone, Debug, Default)]
pub struct Tree<'a> {
    /// The request's id.
    pub id: Cow<'a, str>,
    /// The scheme that its records follow.
    pub scheme: Cow<'a, str>,
    /// The root's status.
    pub status: Status,
    /// True if every announced record is there.
    pub complete: bool,
    /// True if that is certain, because the scheme announces records; otherwise more may
    /// come from a process that nothing has been seen of. Not written.
    pub certain: bool,
    /// True if an earlier tree of this id has been written without these records.
    pub continuation: bool,
    /// The time of the first record.
    pub start: Option<Instant>,
    /// The time of the last record.
    pub end: Option<Instant>,
    /// The root's duration in seconds, or the time from the first to the last record.
    pub duration: Option<f64>,
    /// How many records there are.
    pub records: usize,
    /// The processes that took part, in the order of the tree.
    pub processes: Vec<Cow<'a, str>>,
    /// How many scopes failed.
    pub errors: usize,
    /// Why: the exception of the deepest failed scope, the first of them.
    pub exception: Option<Cow<'a, str>>,
    /// The root.
    pub root: Node<'a>,
}
