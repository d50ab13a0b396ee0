//! What really happened in a request: goals and their sub-goals, in which process and thread,
//! when by a clock that is never wrong, and how each of them ended.
//!
//! Nothing here knows how a producer writes it down.

/// Nanoseconds since 1970.
pub(super) type Nanos = i64;

/// A scope of a request: the numbers of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct At {
    pub(super) request: usize,
    pub(super) scope: usize,
}

/// A request with all its scopes, the root first, each after the one above it.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) number: usize,
    /// What the ids of the whole request are made of.
    pub(super) id: u128,
    pub(super) processes: Vec<Process>,
    pub(super) scopes: Vec<Scope>,
}

/// A process, with the clock of its host.
#[derive(Clone, Debug)]
pub(super) struct Process {
    pub(super) service: &'static str,
    pub(super) host: &'static str,
    pub(super) pid: u32,
    /// How far the host's clock is ahead, in nanoseconds.
    pub(super) skew: Nanos,
    /// Logs warnings and worse only, where the scheme lets it.
    pub(super) quiet: bool,
}

/// A goal as it was pursued.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) parent: Option<usize>,
    /// Which of the request's processes.
    pub(super) process: usize,
    pub(super) thread: u32,
    /// What its id is made of.
    pub(super) id: u64,
    pub(super) goal: String,
    /// It calls another process, where its only child is at work.
    pub(super) calls: bool,
    pub(super) outcome: Outcome,
    /// In the order in which the scope took them, which is that of time.
    pub(super) steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Succeeded,
    /// With an exception of that type.
    Failed(&'static str),
    /// The process died, or the answer was never waited for.
    Never,
}

/// Something that a scope did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) at: Nanos,
    pub(super) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Start,
    Message(Level),
    /// A child begins.
    Child(usize),
    /// An id is given away for a child that nobody ever begins.
    Unused,
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Debug,
    Info,
    Warning,
    Error,
}

impl Level {
    /// As Python calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
        }
    }

    /// As Python numbers it.
    pub(super) fn number(self) -> u32 {
        match self {
            Self::Debug => 10,
            Self::Info => 20,
            Self::Warning => 30,
            Self::Error => 40,
        }
    }
}

impl Request {
    pub(super) fn at(&self, scope: usize) -> At {
        At {
            request: self.number,
            scope,
        }
    }

    pub(super) fn process(&self, scope: usize) -> &Process {
        &self.processes[self.scopes[scope].process]
    }

    /// What the clock of the scope's host shows.
    pub(super) fn clock(&self, scope: usize, at: Nanos) -> Nanos {
        at + self.process(scope).skew
    }

    /// True if the scope is at work for a call from another process.
    pub(super) fn is_called(&self, scope: usize) -> bool {
        let parent = self.scopes[scope].parent;
        parent.is_some_and(|parent| self.scopes[parent].calls)
    }

    /// The scopes from the one given up to the root.
    pub(super) fn upwards(&self, scope: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(scope), |&scope| self.scopes[scope].parent)
    }

    /// Which of its parent's children a scope is, from 1, counted by `ordinal` of the steps.
    pub(super) fn ordinal(&self, scope: usize) -> usize {
        let Some(parent) = self.scopes[scope].parent else {
            return 0;
        };
        let steps = &self.scopes[parent].steps;
        let children = steps
            .iter()
            .filter(|step| matches!(step.what, What::Child(_) | What::Unused));
        1 + children
            .take_while(|step| step.what != What::Child(scope))
            .count()
    }
}

impl Scope {
    pub(super) fn start(&self) -> Nanos {
        self.steps[0].at
    }

    /// When it ended, or what came last.
    pub(super) fn end(&self) -> Nanos {
        let end = self.steps.iter().find(|step| step.what == What::End);
        end.or(self.steps.last()).map_or(0, |step| step.at)
    }
}
