//! Ticks: when a wait for input ends without any.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Whether something is due when no input has come for a while: told by who knows to who reads.
/// A wait that has begun is not cut short by it, so that one thread has to do both, as with one worker.
#[derive(Clone, Debug, Default)]
pub struct Due(Arc<AtomicBool>);

impl Due {
    /// Says whether it is, from the next wait for input on.
    pub fn set(&self, is_due: bool) {
        self.0.store(is_due, Ordering::Relaxed);
    }

    fn is_so(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How often a wait for input ends without any.
#[derive(Debug)]
pub(super) struct Tick {
    every: Option<Duration>,
    /// How often while something is due.
    due: Option<(Duration, Due)>,
    last: Instant,
}

impl Default for Tick {
    fn default() -> Self {
        Self {
            every: None,
            due: None,
            last: Instant::now(),
        }
    }
}

impl Tick {
    /// Has it come at this interval.
    pub(super) fn every(&mut self, interval: Option<Duration>) {
        self.every = interval;
    }

    /// Has it come at this interval, too, while something is due.
    pub(super) fn while_due(&mut self, due: &Due, interval: Duration) {
        self.due = Some((interval, due.clone()));
    }

    /// How long it is to the next one; `None` if there is none.
    pub(super) fn left(&self) -> Option<Duration> {
        let due = self.due.as_ref().filter(|(_, due)| due.is_so());
        let due = due.map(|(interval, _)| *interval);
        let interval = self.every.into_iter().chain(due).min()?;
        Some(interval.saturating_sub(self.last.elapsed()))
    }

    /// Notes that it has come.
    pub(super) fn came(&mut self) {
        self.last = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_wakes_us_while_nothing_is_due() {
        let hour = Duration::from_secs(3600);
        let check = |tick: &Tick, expect: Option<Duration>| match (tick.left(), expect) {
            (Some(left), Some(expect)) => assert!(left <= expect && left > expect / 2, "{left:?}"),
            (left, expect) => assert_eq!(left, expect),
        };
        let mut tick = Tick::default();
        let due = Due::default();
        tick.while_due(&due, hour);
        check(&tick, None);
        due.set(true);
        check(&tick, Some(hour));
        tick.every(Some(10 * hour));
        check(&tick, Some(hour));
        due.set(false);
        check(&tick, Some(10 * hour));
    }
}
