//! The way back: replies to requests, held until the caller lets them go.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use super::{Connection, End, Phase, Talk, Turn};
use crate::{source::net::Refusal, zmtp::Moved};

/// How long a refused client may go on sending before the connection is cut: if it is cut at
/// once, the client may never see the reply. 2 s: a client that reads has seen it by then.
const DRAINING: Duration = Duration::from_secs(2);

impl Connection {
    /// Lets a reply go out that the caller has held.
    pub(in crate::source::net) fn release(&mut self, now: Instant) -> Result<(), End> {
        let Phase::Held { stays } = self.phase else {
            return Ok(());
        };
        self.phase = Phase::Writing { stays };
        self.since = now;
        self.write(now)
    }

    /// Whether a reply is held.
    pub(in crate::source::net) fn is_held(&self) -> bool {
        matches!(self.phase, Phase::Held { .. })
    }

    /// Answers a request that was refused; says whether the connection stays until the answer
    /// is out.
    pub(in crate::source::net) fn answer(&mut self, refusal: &Refusal, now: Instant) -> bool {
        let Talk::Http(http) = &mut self.talk else {
            return false;
        };
        if self.phase != Phase::Reading || !matches!(refusal, Refusal::Http { .. }) {
            return false;
        }
        http.refuse(refusal);
        self.rest = Vec::new();
        self.phase = Phase::Writing { stays: false };
        self.since = now;
        self.write(now).is_ok()
    }

    /// Writes what waits for the peer, as far as it goes, and goes on when it is out.
    pub(super) fn write(&mut self, now: Instant) -> Result<(), End> {
        if let Talk::Http(http) = &mut self.talk {
            let outbox = http.outbox();
            while !outbox.is_empty() {
                match self.link.write(outbox)? {
                    Moved::Bytes(count) => drop(outbox.drain(..count)),
                    Moved::Later | Moved::End => return Ok(()),
                }
            }
        }
        if !self.link.flush()? {
            return Ok(());
        }
        match self.phase {
            Phase::Writing { stays: true } => {
                self.phase = Phase::Reading;
                self.since = now;
            }
            Phase::Writing { stays: false } => {
                self.rest = Vec::new();
                self.phase = Phase::Draining(now + DRAINING);
                self.link.finish()?;
            }
            Phase::Reading | Phase::Held { .. } | Phase::Draining(_) => {}
        }
        Ok(())
    }

    pub(super) fn drain(&mut self, turn: &mut Turn<'_>) -> Result<ControlFlow<()>, End> {
        turn.shared.clear();
        match self.link.read(turn.shared)? {
            Moved::Bytes(_) | Moved::Later => Ok(ControlFlow::Continue(())),
            Moved::End => Err(End::Left),
        }
    }
}
