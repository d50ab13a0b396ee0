//! Requests made by chance: nested goals in several processes and threads, children at work
//! side by side, retries, failures that go up or are caught, processes that die, ids given
//! away in vain, records after the end, and clocks that are wrong by up to ten seconds.

use super::model::{Level, Nanos, Outcome, Process, Request, Scope, Step, What};
use crate::rng::Rng;

/// The first request begins here: 2026-11-20 12:00 UTC.
const BEGIN: Nanos = 1_795_176_000_000_000_000;
/// Between the beginnings of two requests: less than most of them take, so that they overlap.
const PACE: Nanos = 40_000_000;
/// A host's clock is at most so far off.
const SKEW_MILLIS: usize = 10_000;
/// Scopes are never nested deeper, which is deeper than most real ones.
const DEEPEST: usize = 6;

const SERVICES: [(&str, &str); 5] = [
    ("gateway", "front-1"),
    ("orders", "app-1"),
    ("payments", "app-2"),
    ("stock", "app-2"),
    ("mail", "back-1"),
];
const GOALS: [&str; 8] = [
    "check stock",
    "charge card",
    "load customer",
    "render page",
    "send mail",
    "lock ledger",
    "ask bank",
    "write row",
];
const EXCEPTIONS: [&str; 4] = ["ValueError", "TimeoutError", "KeyError", "ConnectionError"];

/// As many requests; the same for the same seed.
pub(super) fn requests(seed: u64, count: usize) -> Vec<Request> {
    let mut rng = Rng::new(seed);
    let processes = processes(&mut rng);
    (0..count)
        .map(|number| request(&mut rng, number, &processes))
        .collect()
}

fn processes(rng: &mut Rng) -> Vec<Process> {
    let mut skews: Vec<(&str, Nanos)> = Vec::new();
    let mut skew = |rng: &mut Rng, host| {
        if let Some((_, skew)) = skews.iter().find(|(known, _)| *known == host) {
            return *skew;
        }
        let millis = Nanos::try_from(rng.below(2 * SKEW_MILLIS + 1)).expect("it fits");
        let limit = Nanos::try_from(SKEW_MILLIS).expect("it fits");
        skews.push((host, (millis - limit) * 1_000_000));
        skews[skews.len() - 1].1
    };
    let mut processes = Vec::new();
    for (service, host) in SERVICES {
        processes.push(Process {
            service,
            host,
            pid: u32::try_from(rng.between(100, 30_000)).expect("it fits"),
            skew: skew(rng, host),
            quiet: service == "stock",
        });
    }
    processes
}

fn request(rng: &mut Rng, number: usize, processes: &[Process]) -> Request {
    let id = u128::from(rng.next()) << 64 | u128::from(rng.next());
    let budget = rng.between(2, 40);
    let mut making = Making {
        rng,
        budget,
        request: Request {
            number,
            id,
            processes: processes.to_vec(),
            scopes: Vec::new(),
        },
    };
    let start = BEGIN + PACE * Nanos::try_from(number).expect("it fits");
    making.scope(None, 0, 1, "handle request", start);
    making.request
}

/// A request that is being made.
struct Making<'r> {
    rng: &'r mut Rng,
    /// How many steps there may still be.
    budget: usize,
    request: Request,
}

impl Making<'_> {
    /// Makes a scope and all below it; its number.
    fn scope(
        &mut self,
        parent: Option<usize>,
        process: usize,
        thread: u32,
        goal: &str,
        start: Nanos,
    ) -> usize {
        let scope = self.push(parent, process, thread, goal);
        self.step(scope, start, What::Start);
        let (now, mut outcome) = self.work(scope, start);
        if outcome == Outcome::Succeeded && self.rng.percent(8) {
            outcome = Outcome::Failed(self.rng.pick(&EXCEPTIONS));
        }
        if self.rng.percent(4) {
            outcome = Outcome::Never;
        }
        self.request.scopes[scope].outcome = outcome;
        if outcome != Outcome::Never {
            self.step(scope, now, What::End);
            if self.rng.percent(4) {
                let later = now + self.pause();
                self.step(scope, later, What::Message(Level::Warning));
            }
        }
        scope
    }

    /// What a scope does between its start and its end; when that is over, and how.
    fn work(&mut self, scope: usize, start: Nanos) -> (Nanos, Outcome) {
        let mut now = start + self.pause();
        // When those that are at work beside it are done.
        let mut beside = now;
        for _ in 0..self.rng.between(0, 7) {
            if self.budget == 0 {
                break;
            }
            self.budget -= 1;
            let deep = self.request.upwards(scope).count() > DEEPEST;
            match self.rng.below(20) {
                0..8 if !deep => {
                    let child = self.child(scope, now);
                    let Scope { outcome, .. } = self.request.scopes[child];
                    let end = self.request.scopes[child].end();
                    if self.rng.percent(40) {
                        beside = beside.max(end);
                    } else {
                        now = end + self.pause();
                        if matches!(outcome, Outcome::Failed(_))
                            && !self.recovers(scope, child, &mut now)
                        {
                            return (now.max(beside), outcome);
                        }
                    }
                }
                8 => self.step(scope, now, What::Unused),
                _ => {
                    let level = [Level::Debug, Level::Info, Level::Warning, Level::Error];
                    let level = self.rng.pick(&level);
                    self.step(scope, now, What::Message(level));
                }
            }
            now += self.pause();
        }
        (now.max(beside) + self.pause(), Outcome::Succeeded)
    }

    /// A child failed: it is tried again, or the failure is caught, or it goes up.
    fn recovers(&mut self, scope: usize, child: usize, now: &mut Nanos) -> bool {
        let Scope {
            process, thread, ..
        } = self.request.scopes[scope];
        let goal = self.request.scopes[child].goal.clone();
        for _ in 0..self.rng.below(4) {
            let again = self.request.scopes.len();
            self.step(scope, *now, What::Child(again));
            self.scope(Some(scope), process, thread, &goal, *now);
            *now = self.request.scopes[again].end() + self.pause();
            if self.request.scopes[again].outcome == Outcome::Succeeded {
                return true;
            }
        }
        self.rng.percent(50)
    }

    /// Begins a child: here, in another thread, or with a call in another process.
    fn child(&mut self, scope: usize, now: Nanos) -> usize {
        let Scope {
            process, thread, ..
        } = self.request.scopes[scope];
        let goal = self.rng.pick(&GOALS);
        let child = self.request.scopes.len();
        self.step(scope, now, What::Child(child));
        let later = now + self.pause();
        match self.rng.below(10) {
            0..5 => self.scope(Some(scope), process, thread, goal, later),
            5..7 => self.scope(Some(scope), process, thread + 1, goal, later),
            _ => {
                let hop = self.rng.between(1, self.request.processes.len() - 1);
                let other = (process + hop) % self.request.processes.len();
                self.call(scope, other, goal, later)
            }
        }
    }

    /// Calls another process: a scope here, and one there.
    fn call(&mut self, scope: usize, other: usize, goal: &str, start: Nanos) -> usize {
        let Scope {
            process, thread, ..
        } = self.request.scopes[scope];
        let call = self.push(Some(scope), process, thread, &format!("call for {goal}"));
        self.request.scopes[call].calls = true;
        self.step(call, start, What::Start);
        let sent = start + self.pause();
        self.step(call, sent, What::Child(call + 1));
        let arrived = sent + self.pause();
        let remote = self.scope(Some(call), other, 1, goal, arrived);
        let remote = &self.request.scopes[remote];
        let (mut end, mut outcome) = (remote.end(), remote.outcome);
        if self.rng.percent(25) {
            // A job for a queue: nobody waits for its end.
            (end, outcome) = (sent, Outcome::Succeeded);
        } else if outcome == Outcome::Never {
            outcome = Outcome::Failed("TimeoutError");
        }
        self.request.scopes[call].outcome = outcome;
        let end = end + self.pause();
        self.step(call, end, What::End);
        call
    }

    /// A scope in which nothing has happened yet.
    fn push(&mut self, parent: Option<usize>, process: usize, thread: u32, goal: &str) -> usize {
        self.request.scopes.push(Scope {
            parent,
            process,
            thread,
            // Zero is no id.
            id: self.rng.next() | 1,
            goal: goal.to_owned(),
            calls: false,
            outcome: Outcome::Never,
            steps: Vec::new(),
        });
        self.request.scopes.len() - 1
    }

    fn step(&mut self, scope: usize, at: Nanos, what: What) {
        self.request.scopes[scope].steps.push(Step { at, what });
    }

    /// From 20 µs to 20 ms, whole microseconds because that is what most clocks tell.
    fn pause(&mut self) -> Nanos {
        let micros = 20 << self.rng.below(10);
        Nanos::try_from(micros + self.rng.below(micros)).expect("it fits") * 1_000
    }
}
