//! Plans one request: its scopes in their processes, and every record with its time.
//!
//! A request is planned whole when it begins, so that each record knows its place (Eliot counts
//! records and children together, distlog apart) before any other request's record is written.
//! How a record is spelled is not known here.

use crate::catalogue::{
    Action, CALL, FAILURES, Failure, Message, REMOTE, REMOTE_FAILURE, SERVICES,
};
use crate::random::Random;

/// Scopes are never nested deeper: real ones seldom are.
const DEEPEST: u32 = 7;

/// How bad a record is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Debug,
    Info,
    Warning,
    Error,
    Critical,
}

/// What happens in a record.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    Start,
    Message(&'static Message, Level),
    /// A failure that was caught and written down with its traceback.
    Caught(&'static Failure),
    End,
    Fail(&'static Failure),
}

/// One record to be.
pub(crate) struct Event {
    /// True time, nanoseconds since 1970.
    pub(crate) at: u64,
    /// Index into [`Request::scopes`].
    pub(crate) scope: usize,
    /// Which of its scope's records *and children* it is, from 1.
    pub(crate) position: u32,
    /// Which of its scope's records it is, from 0.
    pub(crate) sequence: u32,
    pub(crate) step: Step,
    /// Its own values are drawn from this.
    pub(crate) seed: u64,
}

/// A piece of work in one process.
pub(crate) struct Scope {
    pub(crate) parent: Option<usize>,
    /// Index into [`SERVICES`].
    pub(crate) service: usize,
    pub(crate) action: &'static Action,
    /// Its place among the parent's records and children, from 1.
    pub(crate) position: u32,
    /// Its place among the parent's children, from 1.
    pub(crate) ordinal: u32,
    pub(crate) started: u64,
    /// The values that belong to the whole scope are drawn from this.
    pub(crate) seed: u64,
    records: u32,
    children: u32,
}

/// A request, with its records in the order in which they happen.
pub(crate) struct Request {
    pub(crate) id: (u64, u64),
    pub(crate) scopes: Vec<Scope>,
    pub(crate) events: Vec<Event>,
}

impl Request {
    /// Plans a request that begins at `start`.
    pub(crate) fn new(random: &mut Random, start: u64) -> Self {
        let records = random.between(5, 60);
        let fuse = random
            .per_mille(30)
            .then(|| random.between(3, records.max(7) - 4));
        let killed = random.per_mille(10);
        let request = Self {
            id: (random.next(), random.next()),
            scopes: vec![],
            events: vec![],
        };
        let mut planner = Planner {
            random,
            request,
            budget: records,
            fuse,
        };
        planner.scope(None, 0, None, start);
        let mut request = planner.request;
        request.events.sort_by_key(|event| event.at);
        if killed {
            request.kill(random);
        }
        request
    }

    /// Takes away what one of the processes would have written after it was killed.
    fn kill(&mut self, random: &mut Random) {
        let last = &random.pick(&self.events[1..]);
        let service = self.scopes[last.scope].service;
        let (at, scopes) = (last.at, &self.scopes);
        self.events
            .retain(|event| event.at < at || scopes[event.scope].service != service);
    }
}

/// How a scope came to its end.
struct Ended {
    at: u64,
    failure: Option<&'static Failure>,
}

struct Planner<'a> {
    random: &'a mut Random,
    request: Request,
    /// How many records the request may still have.
    budget: u32,
    /// How many records until something fails.
    fuse: Option<u32>,
}

impl Planner<'_> {
    /// Plans a scope and all below it; without an `action`, one of the service's own.
    fn scope(
        &mut self,
        parent: Option<usize>,
        service: usize,
        action: Option<&'static Action>,
        start: u64,
    ) -> Ended {
        let scope = self.open(parent, service, action, start);
        self.record(scope, start, Step::Start);
        let mut now = start;
        loop {
            now += u64::from(self.random.delay());
            if self.fuse == Some(0) {
                self.fuse = None;
                let failure = self.random.pick(&FAILURES);
                return self.fail(scope, now, failure);
            }
            if self.budget == 0 || parent.is_some() && self.random.per_mille(200) {
                self.record(scope, now, Step::End);
                return Ended {
                    at: now,
                    failure: None,
                };
            }
            let child = match self.random.below(100) {
                0..20 if self.has_room(scope) => self.scope(Some(scope), service, None, now),
                20..29 if self.has_room(scope) => self.call(scope, now),
                _ => {
                    self.message(scope, now);
                    continue;
                }
            };
            now = child.at + u64::from(self.random.delay());
            if let Some(failure) = child.failure {
                if parent.is_some() && self.random.per_mille(700) || self.random.per_mille(500) {
                    return self.fail(scope, now, failure);
                }
                self.record(scope, now, Step::Caught(failure));
            }
        }
    }

    /// Plans a task in another process, and the scope that asks for it.
    fn call(&mut self, parent: usize, start: u64) -> Ended {
        let service = self.request.scopes[parent].service;
        let scope = self.open(Some(parent), service, Some(&CALL), start);
        self.record(scope, start, Step::Start);
        let sent = start + u64::from(self.random.delay());
        let others = self.random.between(1, 5) as usize;
        let other = (service + others) % SERVICES.len();
        let remote = self.scope(Some(scope), other, Some(&REMOTE), sent);
        // One call in four is a job for a queue: nobody waits for its end.
        let waits = self.random.per_mille(750);
        let end = if waits { remote.at } else { sent } + u64::from(self.random.delay());
        if waits && remote.failure.is_some() {
            return self.fail(scope, end, &REMOTE_FAILURE);
        }
        self.record(scope, end, Step::End);
        Ended {
            at: end,
            failure: None,
        }
    }

    fn message(&mut self, scope: usize, at: u64) {
        let service = &SERVICES[self.request.scopes[scope].service];
        let message = self.random.pick(service.messages);
        let level = match self.random.below(1000) {
            0..4 => Level::Critical,
            4..40 => Level::Error,
            40..150 => Level::Warning,
            150..370 => Level::Debug,
            _ => Level::Info,
        };
        self.budget -= 1;
        self.record(scope, at, Step::Message(message, level));
    }

    fn fail(&mut self, scope: usize, at: u64, failure: &'static Failure) -> Ended {
        self.record(scope, at, Step::Fail(failure));
        Ended {
            at,
            failure: Some(failure),
        }
    }

    fn has_room(&self, scope: usize) -> bool {
        let mut depth = 0;
        let mut above = self.request.scopes[scope].parent;
        while let Some(scope) = above {
            depth += 1;
            above = self.request.scopes[scope].parent;
        }
        depth < DEEPEST && self.budget >= 4
    }

    fn open(
        &mut self,
        parent: Option<usize>,
        service: usize,
        action: Option<&'static Action>,
        started: u64,
    ) -> usize {
        let action = action.unwrap_or_else(|| self.random.pick(SERVICES[service].actions));
        let scopes = &mut self.request.scopes;
        let (mut position, mut ordinal) = (0, 0);
        if let Some(parent) = parent.map(|parent| &mut scopes[parent]) {
            parent.children += 1;
            ordinal = parent.children;
            position = parent.records + parent.children;
        }
        self.budget = self.budget.saturating_sub(2);
        let seed = self.random.next();
        scopes.push(Scope {
            parent,
            service,
            action,
            position,
            ordinal,
            started,
            seed,
            records: 0,
            children: 0,
        });
        scopes.len() - 1
    }

    fn record(&mut self, scope: usize, at: u64, step: Step) {
        let inside = &mut self.request.scopes[scope];
        let sequence = inside.records;
        inside.records += 1;
        let position = inside.records + inside.children;
        let seed = self.random.next();
        self.request.events.push(Event {
            at,
            scope,
            position,
            sequence,
            step,
            seed,
        });
        self.fuse = self.fuse.map(|left| left.saturating_sub(1));
    }
}
