//! How often a receiver looks: where little comes at a time but much in a second, it lets more come
//! together, because to be woken costs as much as dozens of records.

use std::time::{Duration, Instant};

/// So few messages at once are not worth a look.
const FEW: u64 = 64;

/// Of so many there may be more that wait already.
const MUCH: u64 = 512;

/// What is let pass before the next look. A system adds some 50 µs to it, and what is sent meanwhile waits in the
/// buffers of sockets: a few hundred messages of a fast peer, which is less than they hold.
pub(super) const PAUSE: Duration = Duration::from_micros(200);

/// So many messages in the time of [`WINDOW`] are many: who sends one and waits for what becomes of
/// it is not made to wait.
const MANY: u64 = 64;
const WINDOW: Duration = Duration::from_millis(1);

/// Knows how much has come of late.
#[derive(Debug)]
pub(super) struct Pace {
    since: Instant,
    /// Messages since then.
    came: u64,
    /// How many come at once, on average over the last looks, unless they were let come.
    size: u64,
    has_paused: bool,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            since: now,
            came: 0,
            size: FEW,
            has_paused: false,
        }
    }

    /// Takes in what a look has brought.
    pub(super) fn saw(&mut self, came: u64, now: Instant) {
        if now.saturating_duration_since(self.since) > WINDOW {
            (self.since, self.came) = (now, 0);
        }
        self.came += came;
        let has_paused = std::mem::take(&mut self.has_paused);
        if came > 0 && !has_paused {
            self.size = (3 * self.size + came) / 4;
        }
    }

    /// Takes in what a look has brought; true if more should be let come before the next one. What comes then
    /// has to show anew that it is much.
    pub(super) fn pauses(&mut self, came: u64, now: Instant) -> bool {
        self.saw(came, now);
        self.has_paused = self.came >= MANY && self.size < FEW && came < MUCH;
        if self.has_paused {
            self.came = 0;
        }
        self.has_paused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_at_a_time_and_much_in_a_second_is_let_come() {
        let start = Instant::now();
        let check = |looks: u64, came: u64, apart_us: u64, expect: bool| {
            let mut pace = Pace::new(start);
            let now = |look: u64| start + Duration::from_micros(look * apart_us);
            let pauses = (1..=looks).any(|look| pace.pauses(came, now(look)));
            assert_eq!(pauses, expect, "{looks} times {came}, {apart_us} µs apart");
        };
        check(10, 13, 20, true);
        check(1_000, 2, 20, true);
        // Much at a time.
        check(1_000, FEW, 20, false);
        // Slow, or one at a time in answer to the one before.
        check(1_000, 1, 20, false);
        check(1_000, FEW - 1, 2_000, false);
    }

    #[test]
    fn what_has_been_let_come_is_not_what_comes_at_a_time() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let mut pauses = |came: u64| pace.pauses(came, start);
        for _ in 0..4 {
            pauses(13);
        }
        assert!(pauses(MANY));
        // After a pause it has to be much anew, and may be so at once.
        assert!(!pauses(0) && !pauses(MANY - 1) && pauses(1));
        assert!(pauses(2 * FEW) && pauses(2 * FEW));
        // There may be more at once, and that is what comes without a pause.
        assert!(!pauses(MUCH) && !pauses(MUCH) && !pauses(FEW));
    }
}
