//! When to send PING, and when a silent peer counts as dead (RFC 37, "Connection
//! heartbeating").
//!
//! It is told the time and never asks for it.

use std::time::{Duration, Instant};

use super::Refusal;

/// Our own heartbeat. It reaches peers that speak ZMTP 3.1; older ones know no PING and are
/// left to TCP keep-alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// Silence after which a PING is sent.
    pub interval: Duration,
    /// Time for the answer, or for any other byte; then the peer is dropped.
    pub timeout: Duration,
}

/// What is known about a peer's life.
#[derive(Debug)]
pub(super) struct Liveness {
    heard: Instant,
    pinged: Option<Instant>,
    ttl: Option<Duration>,
}

/// What is to be done now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Nothing,
    Ping,
    Dead(Refusal),
}

impl Liveness {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            heard: now,
            pinged: None,
            ttl: None,
        }
    }

    /// Any byte came.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = now;
        self.pinged = None;
    }

    /// Nobody listened for so long: it does not count as silence.
    pub(super) fn excuse(&mut self, away: Duration) {
        self.heard += away;
        self.pinged = self.pinged.map(|pinged| pinged + away);
    }

    /// The peer's PING gave itself a time to live, in tenths of a second; 0 takes it back.
    pub(super) fn set_ttl(&mut self, tenths: u16) {
        self.ttl = (tenths > 0).then(|| Duration::from_millis(100) * u32::from(tenths));
    }

    /// When [`check`](Self::check) will have something to do, if nothing is heard until then.
    pub(super) fn due(&self, ours: Option<Heartbeat>) -> Option<Instant> {
        let ours = ours.map(|heartbeat| match self.pinged {
            Some(pinged) => pinged + heartbeat.timeout,
            None => self.heard + heartbeat.interval,
        });
        let theirs = self.ttl.map(|ttl| self.heard + ttl);
        ours.into_iter().chain(theirs).min()
    }

    /// What is due. To be asked after everything that had come was read: a caller that did
    /// not read for a while must not take its own silence for the peer's.
    pub(super) fn check(&mut self, now: Instant, ours: Option<Heartbeat>) -> Beat {
        if let Some(ttl) = self.ttl
            && now >= self.heard + ttl
        {
            return Beat::Dead(Refusal::Silent(ttl));
        }
        match (ours, self.pinged) {
            (Some(heartbeat), Some(pinged)) if now >= pinged + heartbeat.timeout => {
                Beat::Dead(Refusal::Silent(now - self.heard))
            }
            (Some(heartbeat), None) if now >= self.heard + heartbeat.interval => {
                self.pinged = Some(now);
                Beat::Ping
            }
            _ => Beat::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_asked_once_and_then_ends() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let ours = Some(Heartbeat {
            interval: second,
            timeout: 2 * second,
        });
        let mut life = Liveness::new(start);
        assert_eq!(life.check(start, ours), Beat::Nothing);
        assert_eq!(life.due(ours), Some(start + second));
        assert_eq!(life.check(start + second, ours), Beat::Ping);
        assert_eq!(life.check(start + second, ours), Beat::Nothing);
        assert_eq!(life.due(ours), Some(start + 3 * second));
        let dead = Beat::Dead(Refusal::Silent(3 * second));
        assert_eq!(life.check(start + 3 * second, ours), dead);
        life.heard(start + 3 * second);
        assert_eq!(life.check(start + 3 * second, ours), Beat::Nothing);
    }

    #[test]
    fn a_time_to_live_holds_without_a_heartbeat_of_ours() {
        let start = Instant::now();
        let mut life = Liveness::new(start);
        assert_eq!(life.due(None), None);
        life.set_ttl(5);
        let end = start + Duration::from_millis(500);
        assert_eq!(life.due(None), Some(end));
        let dead = Beat::Dead(Refusal::Silent(Duration::from_millis(500)));
        assert_eq!(life.check(end, None), dead);
        life.set_ttl(0);
        assert_eq!(life.check(end, None), Beat::Nothing);
    }
}
