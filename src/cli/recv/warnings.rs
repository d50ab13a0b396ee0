//! Warnings about peers: the first few one by one, and then no more than one in a while, so
//! that a hostile peer cannot fill somebody's disk with them.

use std::time::{Duration, Instant};

use super::{Program, RecvArgs, say};

/// How many are told one by one.
const AT_ONCE: u32 = 10;
/// How long it takes until another one may be told.
const EVERY: Duration = Duration::from_secs(10);

/// Tells warnings at a bounded rate.
#[derive(Debug)]
pub(super) struct Warnings {
    /// How many may be told now.
    left: u32,
    /// When `left` was last made more.
    since: Instant,
    /// Those that were not told since the last that was.
    untold: u64,
}

impl Warnings {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            left: AT_ONCE,
            since: now,
            untold: 0,
        }
    }

    /// Tells a warning, or counts it.
    pub(super) fn tell(&mut self, now: Instant, words: &str) {
        if let Some(words) = self.pass(now, words) {
            say(RecvArgs::NAME, &words);
        }
    }

    fn pass(&mut self, now: Instant, words: &str) -> Option<String> {
        let more = now.saturating_duration_since(self.since).as_secs() / EVERY.as_secs();
        if more > 0 {
            let more = u32::try_from(more).unwrap_or(u32::MAX);
            self.left = self.left.saturating_add(more).min(AT_ONCE);
            self.since = now;
        }
        let Some(left) = self.left.checked_sub(1) else {
            self.untold += 1;
            return None;
        };
        self.left = left;
        let untold = std::mem::take(&mut self.untold);
        Some(match untold {
            0 => words.to_owned(),
            1 => format!("{words} (and 1 warning before that was not told)"),
            _ => format!("{words} (and {untold} warnings before that were not told)"),
        })
    }

    /// Says at the end how many were not told.
    pub(super) fn finish(&self) {
        match self.untold {
            0 => {}
            1 => say(RecvArgs::NAME, "1 more warning about peers was not told"),
            untold => say(
                RecvArgs::NAME,
                &format!("{untold} more warnings about peers were not told"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_warnings_becomes_a_few() {
        let mut now = Instant::now();
        let mut warnings = Warnings::new(now);
        let told = (0..1000).filter(|_| warnings.pass(now, "x").is_some());
        assert_eq!(told.count(), 10);
        now += EVERY;
        assert_eq!(
            warnings.pass(now, "y").as_deref(),
            Some("y (and 990 warnings before that were not told)")
        );
        assert_eq!(warnings.pass(now, "z"), None);
        now += EVERY * 100;
        let told = (0..1000).filter(|_| warnings.pass(now, "x").is_some());
        assert_eq!(told.count(), 10);
    }
}
