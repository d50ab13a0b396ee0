//! What a connection may take its time for, and for how long.

use std::time::{Duration, Instant};

use super::{Connection, End, Limits, Phase, Refusal, Talk};

impl Connection {
    /// Puts deadlines off by a time in which nobody read.
    pub(in crate::source::net) fn excuse(&mut self, away: Duration) {
        self.since += away;
    }

    /// When [`check`](Self::check) has something to do, if nothing comes until then.
    pub(in crate::source::net) fn due(&self, limits: &Limits) -> Option<Instant> {
        if self.link.is_shaking() {
            return Some(self.since + limits.handshake);
        }
        match self.phase {
            Phase::Draining(until) => Some(until),
            Phase::Writing { .. } => Some(self.since + limits.message_time),
            Phase::Reading if self.unfinished().is_some() => {
                Some(self.since + limits.time_for(self.held()))
            }
            Phase::Reading if matches!(self.talk, Talk::Http(_)) => {
                Some(self.since + limits.idle_time)
            }
            Phase::Reading | Phase::Held { .. } => None,
        }
    }

    /// Ends the connection if it is time.
    pub(in crate::source::net) fn check(&self, now: Instant, limits: &Limits) -> Result<(), End> {
        if self.unserved || self.due(limits).is_none_or(|due| now < due) {
            return Ok(());
        }
        if self.link.is_shaking() {
            let time = limits.handshake.as_secs_f32();
            let words = format!("no handshake within {time} s (--peer-timeout)");
            return Err(Refusal::Tls(words).into());
        }
        Err(match (&self.phase, &self.talk) {
            (Phase::Reading, _) if self.unfinished().is_none() => End::Left,
            (Phase::Reading, Talk::Http(_)) => End::Refused(Refusal::Http {
                status: 408,
                reason: "a request that has not ended in time (--peer-timeout)",
            }),
            (Phase::Reading, Talk::Stream(_)) => Refusal::Slow(limits.message_time).into(),
            (Phase::Writing { .. }, _) => {
                End::Refused(Refusal::Framing("the peer does not read our reply"))
            }
            (Phase::Held { .. } | Phase::Draining(_), _) => End::Left,
        })
    }
}
