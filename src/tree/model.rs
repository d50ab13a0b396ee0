//! The tree of one request, in memory: what DESIGN.md §5 says in JSON.

use std::{borrow::Cow, ops::Range};

use crate::record::{Instant, Level};

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
    /// Its ids said that it stands below itself; the circle was broken here.
    Cycle,
}

impl Flag {
    /// All of them, in the order in which they are written.
    pub const ALL: [Self; 5] = [
        Self::StartMissing,
        Self::Inferred,
        Self::Duplicate,
        Self::Late,
        Self::Cycle,
    ];

    /// The word in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::StartMissing => "start_missing",
            Self::Inferred => "inferred",
            Self::Duplicate => "duplicate",
            Self::Late => "late",
            Self::Cycle => "cycle",
        }
    }
}

/// How a node came to stand below another, if not by its own scheme's ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// A record of one of them carries the ids of both.
    Join,
    /// Only the tree's id says that it belongs to the request.
    Tree,
}

impl Edge {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Join, Self::Tree];

    /// The word in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Tree => "tree",
        }
    }
}

/// A scope: a goal, its records and its sub-goals.
#[derive(Clone, Debug, Default)]
pub struct Node<'a> {
    /// The place in the tree: `/` is the root, `/3/2` the second below the third; or the
    /// scope's own id.
    pub id: Cow<'a, str>,
    /// What was being achieved.
    pub name: Option<Cow<'a, str>>,
    /// How it ended.
    pub status: Status,
    /// What is not as it should be, in the order of [`Flag::ALL`].
    pub flags: Vec<Flag>,
    /// How it came to stand here, if its own ids do not say so.
    pub edge: Option<Edge>,
    /// The scheme of its ids, where it is not that of the tree.
    pub scheme: Option<Cow<'a, str>>,
    /// The time of its first record.
    pub start: Option<Instant>,
    /// The time of its end record.
    pub end: Option<Instant>,
    /// Seconds from start to end, as the scope itself measured them or by its records.
    pub duration: Option<f64>,
    /// Seconds by which its times were moved to the clock of the root.
    pub adjusted: Option<f64>,
    /// Seconds in which none of its children was at work.
    pub own: Option<f64>,
    /// Seconds of its own on the critical path, if it stands on that and it was asked for.
    pub critical: Option<f64>,
    /// True if some of its children were at work at the same time.
    pub concurrent: bool,
    /// The process that logged it: `service:pid`, or as much of it as is known.
    pub process: Option<Cow<'a, str>>,
    /// The host that it ran on.
    pub host: Option<Cow<'a, str>>,
    /// The processes that wrote its records, if several did; [`process`](Self::process) is the first of them.
    pub writers: Vec<Writer<'a>>,
    /// Why it failed: type and reason.
    pub exception: Option<Cow<'a, str>>,
    /// How many records of the parent come before it.
    pub after: usize,
    /// Its records, as a part of [`Tree::records`], in order.
    pub records: Range<usize>,
    /// How many levels it stands below the root.
    pub depth: usize,
    /// How many nodes there are from it on: itself and all below it.
    pub size: usize,
}

impl Node<'_> {
    /// The time from its start to its end as its records tell them, or else as it was measured:
    /// what is compared with other nodes must be of one clock.
    pub(super) fn interval(&self) -> Option<(Instant, Instant)> {
        let start = self.start?;
        let end = self.end.or_else(|| Some(start.after(self.duration?)))?;
        (start < end).then_some((start, end))
    }
}

/// What one process wrote of a scope that records only name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writer<'a> {
    /// The process, as in [`Node::process`].
    pub process: Cow<'a, str>,
    /// Its host, if that is known.
    pub host: Option<Cow<'a, str>>,
    /// How many of the records.
    pub records: usize,
}

/// What one process did of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Share<'a> {
    /// The process, as in [`Node::process`].
    pub process: Cow<'a, str>,
    /// Its host, if that is known.
    pub host: Option<Cow<'a, str>>,
    /// How many records its nodes have.
    pub records: usize,
    /// How many nodes.
    pub nodes: usize,
    /// The seconds in which its nodes were at work and none below them.
    pub own: f64,
}

/// What the order of things tells of two clocks: how many seconds that of `to` is ahead of
/// that of `from`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Skew<'a> {
    /// The host that comes first by name.
    pub from: Cow<'a, str>,
    /// The other one.
    pub to: Cow<'a, str>,
    /// At least that much.
    pub min: Option<f64>,
    /// At most that much.
    pub max: Option<f64>,
    /// How many edges between scopes could not be if the clocks were equal.
    pub violations: usize,
}

/// All that is known of one request.
#[derive(Clone, Debug, Default)]
pub struct Tree<'a> {
    /// The request's id.
    pub id: Cow<'a, str>,
    /// The scheme that its records follow.
    pub scheme: Cow<'a, str>,
    /// The root's status, or if this does not say how it ended, that of a tree before it.
    pub status: Status,
    /// True if every announced record is there.
    pub complete: bool,
    /// True if that is certain, because the scheme announces records; otherwise more may
    /// come from a process that nothing has been seen of. Not written.
    pub certain: bool,
    /// True if an earlier tree of this id has been written without these records.
    pub continuation: bool,
    /// How the request ended by what had been written before.
    pub before: Option<Status>,
    /// The ids of the earlier trees, unless there is one and it has the same.
    pub continues: Vec<Cow<'a, str>>,
    /// The time of the first record.
    pub start: Option<Instant>,
    /// The time of the last record.
    pub end: Option<Instant>,
    /// The root's duration in seconds, or the time from the first to the last record.
    pub duration: Option<f64>,
    /// Of a tree that is not over: how many pictures of it there have been, with this one.
    pub snapshot: Option<u64>,
    /// The ids of other snapshots that it takes the place of: those of trees that have become one
    /// with it, or what it was called itself.
    pub replaces: Vec<Cow<'a, str>>,
    /// How many nodes matched, if some were selected.
    pub selected: Option<usize>,
    /// The processes that took part, in the order of the tree.
    pub processes: Vec<Cow<'a, str>>,
    /// What each of them did, if there are several.
    pub shares: Vec<Share<'a>>,
    /// How many scopes failed.
    pub errors: usize,
    /// The worst level of its records.
    pub level: Option<Level>,
    /// Why: the exception of the deepest failed scope, the first of them.
    pub exception: Option<Cow<'a, str>>,
    /// The id of that scope.
    pub error_root: Option<Cow<'a, str>>,
    /// What the order of things tells of the clocks of hosts.
    pub skew: Vec<Skew<'a>>,
    /// All records without framing: those of the root, then those of its first child, and so
    /// on, as the nodes stand.
    pub records: Vec<&'a [u8]>,
    /// All nodes: the root, then its first child with all below it, then its second, and so on.
    /// There is always a root.
    pub nodes: Vec<Node<'a>>,
}

impl<'a> Tree<'a> {
    /// Makes it the continuation of a request that has been written with this status, in trees of
    /// these ids. How that has ended it says too, unless it knows better.
    pub fn continue_from<'i>(&mut self, before: Status, ids: impl Iterator<Item = &'i str>) {
        self.continuation = true;
        self.before = Some(before);
        let mut ids: Vec<_> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        if ids != [&*self.id] {
            self.continues = ids.into_iter().map(|id| id.to_owned().into()).collect();
        }
        if !matches!(self.status, Status::Succeeded | Status::Failed) {
            self.status = self.status.max(before);
        }
    }

    /// The root.
    pub fn root(&self) -> &Node<'a> {
        &self.nodes[0]
    }

    /// The numbers of the nodes right below a node, in order.
    pub fn children(&self, node: usize) -> impl Iterator<Item = usize> {
        let end = node + self.nodes[node].size;
        let first = (node + 1 < end).then_some(node + 1);
        std::iter::successors(first, move |&child| {
            Some(child + self.nodes[child].size).filter(|&next| next < end)
        })
    }

    /// The number of the node above each node; the root's own for the root.
    pub fn parents(&self) -> Vec<usize> {
        let mut open: Vec<usize> = Vec::new();
        let parent = |(number, node): (usize, &Node<'_>)| {
            open.truncate(node.depth);
            let parent = open.last().copied().unwrap_or(0);
            open.push(number);
            parent
        };
        self.nodes.iter().enumerate().map(parent).collect()
    }

    /// The records of a node.
    pub fn records_of(&self, node: &Node<'a>) -> &[&'a [u8]] {
        &self.records[node.records.clone()]
    }
}
