//! Records as they leave their processes, each with what it tells of the truth.
//!
//! A writer says here what *its scheme's ids* tell; what follows from the records that survive
//! is worked out in `expect`, and what dl-tree makes of the same bytes in `told`.

use serde_json::Value;

use super::model::{At, Nanos, Outcome, Request};

/// A line of a log.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) text: String,
    /// True time.
    pub(super) at: Nanos,
    /// Which process wrote it.
    pub(super) process: usize,
    /// The records in it: one, unless it is a document of several.
    pub(super) records: Vec<Tell>,
}

/// What a record tells.
#[derive(Clone, Debug)]
pub(super) struct Tell {
    /// The number in its field `rec`.
    pub(super) rec: u64,
    /// The scope that its ids name.
    pub(super) scope: At,
    /// The scope that it comes from, where the ids say less.
    pub(super) really: At,
    /// Whose ids it carries.
    pub(super) task: Task,
    pub(super) role: Role,
    /// Its place among the records of its scope; two in one place are one too many.
    pub(super) place: Option<u64>,
    /// Which scopes lie above which, as far as its ids tell.
    pub(super) edges: Vec<Edge>,
    /// Says of its scope that nothing is above it.
    pub(super) is_root: bool,
    /// The name that it gives its scope.
    pub(super) name: Option<String>,
    /// The id of its tree, as it is shown.
    pub(super) tree: Option<String>,
    /// What its scope failed of.
    pub(super) why: Option<&'static str>,
}

/// One scope lies directly below another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) child: Named,
    /// In another task than the child, the record joins the two. Where several scopes share
    /// the id, the first of them that is known by itself.
    pub(super) parents: Vec<Named>,
    /// The child's number below the parent.
    pub(super) number: Option<u64>,
    /// Holds if something else tells of the parent; that the two tasks are one holds in any case.
    pub(super) if_known: bool,
    /// Where several records say different things of a child, the one of the least rank holds.
    pub(super) rank: usize,
}

/// A scope, and whose ids name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) scope: At,
    pub(super) task: Task,
}

impl Edge {
    /// The parent, if none is known by itself.
    pub(super) fn last(&self) -> &Named {
        self.parents.last().expect("a parent")
    }
}

/// The records of a request that share an id: all of them, unless several schemes or
/// several tasks are at work in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) ids: &'static Ids,
    pub(super) request: usize,
    /// The scope that it begins with.
    pub(super) root: usize,
}

/// What a record is to its scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Begins it.
    Start,
    /// Ends it.
    End(Status),
    /// All of it in one record.
    Whole(Status),
    Detail,
    /// Belongs to no scope, and makes a tree by itself.
    Lone,
}

/// How a scope ended, as dl-tree calls it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Status {
    #[default]
    Unknown,
    Running,
    Succeeded,
    Failed,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// What the ids of a scheme are good for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ids {
    /// The name in a tree's `scheme`.
    pub(super) scheme: &'static str,
    /// Whether a scope has a record that begins it.
    pub(super) starts: Starts,
    /// A scope that has begun ends, or it is still running.
    pub(super) ends: bool,
    /// Positions have no gaps, and begin with this one.
    pub(super) base: Option<u64>,
    /// A child's number is a place among the records of its parent.
    pub(super) shared: bool,
    /// Every scope's ids tell the whole way to the root of its tree.
    pub(super) paths: bool,
}

/// Whether a scope has a record that begins it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Starts {
    Always,
    /// If any scope of the tree has one: then those without are lost.
    IfAny,
    Never,
}

/// What a scheme writes into, and what counts the records.
pub(super) struct Pen {
    pub(super) lines: Vec<Line>,
    next: u64,
}

impl Pen {
    pub(super) fn new() -> Self {
        Self {
            lines: Vec::new(),
            next: 0,
        }
    }

    /// The number of the next record.
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Writes a record down, as a line of its own.
    pub(super) fn record(&mut self, request: &Request, at: Nanos, mut record: Value, tell: Tell) {
        let rec = self.number();
        record["rec"] = rec.into();
        let tell = Tell { rec, ..tell };
        self.document(request, at, &record, vec![tell]);
    }

    /// Writes several records down, as one line; they are numbered already.
    pub(super) fn document(
        &mut self,
        request: &Request,
        at: Nanos,
        document: &Value,
        records: Vec<Tell>,
    ) {
        let process = request.scopes[records[0].really.scope].process;
        self.lines.push(Line {
            text: format!("{document}\n"),
            at,
            process,
            records,
        });
    }
}

impl Tell {
    /// Of a record in a scope, and for now of nothing else.
    pub(super) fn new(scope: At, ids: &'static Ids, role: Role) -> Self {
        Self {
            rec: 0,
            scope,
            really: scope,
            task: Task {
                ids,
                request: scope.request,
                root: 0,
            },
            role,
            place: None,
            edges: Vec::new(),
            is_root: false,
            name: None,
            tree: None,
            why: None,
        }
    }

    /// In that place among the records of its scope.
    pub(super) fn place(mut self, place: usize) -> Self {
        self.place = Some(place as u64);
        self
    }

    /// Names its scope.
    pub(super) fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// In the tree of that id.
    pub(super) fn tree(mut self, id: String) -> Self {
        self.tree = Some(id);
        self
    }

    /// Tells what its scope failed of, if it did.
    pub(super) fn why(mut self, outcome: Outcome) -> Self {
        if let Outcome::Failed(why) = outcome {
            self.why = Some(why);
        }
        self
    }

    /// In a task that begins with that scope; not to be said after `path` or `link`.
    pub(super) fn task(mut self, root: usize) -> Self {
        self.task.root = root;
        self
    }

    /// Tells the whole way up from its scope to the root of its task; `number` is a scope's
    /// number in its parent.
    pub(super) fn path(
        mut self,
        request: &Request,
        number: impl Fn(usize) -> Option<usize>,
    ) -> Self {
        for scope in request.upwards(self.scope.scope) {
            if scope == self.task.root {
                break;
            }
            let number = number(scope);
            self = self.parent(request, scope, number);
        }
        self
    }

    /// Tells what is directly above its own scope, or that nothing is.
    pub(super) fn link(mut self, request: &Request) -> Self {
        let scope = self.scope.scope;
        self.is_root = request.scopes[scope].parent.is_none();
        self.parent(request, scope, None)
    }

    fn parent(mut self, request: &Request, scope: usize, number: Option<usize>) -> Self {
        if let Some(parent) = request.scopes[scope].parent {
            let named = |scope| Named {
                scope: request.at(scope),
                task: self.task,
            };
            self.edges.push(Edge {
                child: named(scope),
                parents: vec![named(parent)],
                number: number.map(|number| number as u64),
                if_known: false,
                rank: 0,
            });
        }
        self
    }
}
