//! How long to wait before the next attempt to connect.

use std::time::Duration;

/// Waits that double from `min` to `max`, each shortened by up to a half at random, so that
/// many senders do not come back to a restarted receiver in one instant.
#[derive(Debug)]
pub struct Backoff {
    min: Duration,
    max: Duration,
    next: Duration,
    state: u64,
}

impl Backoff {
    /// `seed` is any number; the same one gives the same waits.
    pub fn new(min: Duration, max: Duration, seed: u64) -> Self {
        // Xorshift stays at zero for ever if it starts there.
        Self {
            min,
            max,
            next: min,
            state: seed | 1,
        }
    }

    /// The next wait: between half and all of the current step.
    pub fn wait(&mut self) -> Duration {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        let step = self.next;
        self.next = (step * 2).min(self.max);
        let share = u32::try_from(self.state >> 40).unwrap_or_default() % 1024;
        step / 2 + step * share / 2048
    }

    /// A connection was made: the next wait is the shortest again.
    pub fn reset(&mut self) {
        self.next = self.min;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap_and_start_again() {
        let millis = Duration::from_millis;
        let mut backoff = Backoff::new(millis(100), millis(1000), 7);
        for step in [100, 200, 400, 800, 1000, 1000] {
            let wait = backoff.wait();
            assert!(
                wait >= millis(step) / 2 && wait <= millis(step),
                "{wait:?} of {step}"
            );
        }
        backoff.reset();
        assert!(backoff.wait() <= millis(100));
    }
}
