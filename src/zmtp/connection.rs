//! One accepted connection of a [`Pull`](super::Pull): reads, shows the bytes to the session,
//! keeps what is not complete.
//!
//! Reads go into a buffer that all connections share, so that an idle peer costs no memory
//! and the bytes are parsed where they are hot. What is left of it, the start of a message, is
//! copied out; only a large unfinished message gets a buffer of its own, which grows with
//! what has come, never with what a header announces, and is given back after the message.

use std::{
    io,
    ops::ControlFlow,
    os::fd::{AsFd, BorrowedFd},
    time::{Duration, Instant},
};

use rustix::event::PollFlags;

use super::{
    Event, Heartbeat, Limits, Peer, Refusal, Session, Stats, Step,
    heartbeat::{Beat, Liveness},
    outgoing::Outgoing,
    stream::{Moved, Stream},
};

/// Bytes of the shared buffer, and so the most that one peer is read in one turn. A peer that is
/// fast fills it: less is read more often, and each read has TCP tell the peer of the room
/// there is; more does not stay in the second-level cache.
pub(super) const SHARED: usize = 768 << 10;

/// What a buffer of its own grows by at least, unless its message needs less.
const GROWTH: usize = 256 << 10;

/// An unfinished message up to this length is copied back before the next read; beyond it
/// the copies would cost more than a buffer of its own.
const COPIED: usize = 16 << 10;

/// Why a connection ends.
#[derive(Debug)]
pub(super) enum End {
    Left(Option<io::Error>),
    Refused(Refusal),
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What a turn needs from the socket that owns the connection.
pub(super) struct Turn<'t> {
    pub(super) now: Instant,
    pub(super) shared: &'t mut Vec<u8>,
    pub(super) limits: &'t Limits,
    /// Bytes that all connections hold in buffers of their own.
    pub(super) held: &'t mut usize,
    pub(super) stats: &'t mut Stats,
    pub(super) on_event: &'t mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
}

/// An accepted connection.
#[derive(Debug)]
pub(super) struct Connection {
    peer: Peer,
    stream: Stream,
    session: Session,
    /// The peer's bytes that are not consumed yet.
    rest: Vec<u8>,
    /// The caller stopped while complete messages were in `rest`.
    unserved: bool,
    opened: Instant,
    life: Liveness,
    /// Which outgoing connection it is, if it was not accepted.
    dial: Option<usize>,
    /// Messages for a subscriber, with the replies that came between them.
    outgoing: Outgoing,
    /// Nothing more is written.
    is_finished: bool,
}

impl Connection {
    pub(super) fn new(
        stream: Stream,
        peer: Peer,
        session: Session,
        dial: Option<usize>,
        now: Instant,
    ) -> Self {
        let life = Liveness::new(now);
        Self {
            peer,
            stream,
            session,
            rest: Vec::new(),
            unserved: false,
            opened: now,
            life,
            dial,
            outgoing: Outgoing::default(),
            is_finished: false,
        }
    }

    pub(super) fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Which outgoing connection it is, and whether it has shaken hands.
    pub(super) fn dial(&self) -> Option<(usize, bool)> {
        self.dial.map(|dial| (dial, self.session.is_ready()))
    }

    /// Whether it has to be served although its socket may not be readable.
    pub(super) fn is_unserved(&self) -> bool {
        self.unserved
    }

    /// Bytes of memory that it holds for unconsumed input.
    pub(super) fn held(&self) -> usize {
        self.rest.capacity() + self.session.held()
    }

    /// Bytes that have come of a message that is not complete.
    pub(super) fn unfinished(&self) -> usize {
        if self.session.is_ready() {
            self.rest.len() + self.session.unfinished()
        } else {
            0
        }
    }

    /// Whether it is a subscriber of anything.
    pub(super) fn has_subscribed(&self) -> bool {
        self.session.has_subscribed()
    }

    /// Whether it has subscribed to messages with this first frame.
    pub(super) fn wants(&self, first: &[u8]) -> bool {
        self.session.wants(first)
    }

    /// Bytes of messages that wait to be written.
    pub(super) fn pending(&self) -> usize {
        self.outgoing.len()
    }

    /// Adds a message to those that wait.
    pub(super) fn publish(&mut self, frames: &[&[u8]]) -> Result<(), Refusal> {
        let tail = self.outgoing.tail();
        // What is sealed has to go in the order in which it was.
        tail.append(self.session.outbox());
        let last = frames.len().saturating_sub(1);
        for (index, frame) in frames.iter().enumerate() {
            self.session.seal(frame, index < last, tail)?;
        }
        Ok(())
    }

    pub(super) fn interest(&self) -> PollFlags {
        let waits = self.session.has_replies() || !self.outgoing.is_empty();
        if waits && !self.is_finished {
            PollFlags::IN | PollFlags::OUT
        } else {
            PollFlags::IN
        }
    }

    /// Reads once, hands out what is complete, and writes the replies.
    pub(super) fn serve(&mut self, turn: &mut Turn<'_>) -> Result<ControlFlow<()>, End> {
        let before = self.held();
        let result = self.read_and_parse(turn).map_err(|end| match end {
            End::Left(ref error) => {
                // A reset may have taken away what had come.
                let heard = !self.rest.is_empty() || error.is_some();
                self.session.left(heard).map_or(end, End::Refused)
            }
            End::Refused(_) => end,
        });
        *turn.held = (*turn.held + self.held()).saturating_sub(before);
        let flow = result?;
        if *turn.held > turn.limits.total_bytes {
            return Err(Refusal::Budget {
                limit: turn.limits.total_bytes,
            }
            .into());
        }
        self.write_replies()?;
        Ok(flow)
    }

    fn read_and_parse(&mut self, turn: &mut Turn<'_>) -> Result<ControlFlow<()>, End> {
        if self.unserved {
            self.unserved = false;
            return self.parse_own(turn);
        }
        if self.rest.len() > COPIED {
            self.grow(turn)?;
            return match self
                .stream
                .read(&mut self.rest)
                .map_err(|error| End::Left(Some(error)))?
            {
                Moved::Bytes(_) => {
                    self.life.heard(turn.now);
                    self.parse_own(turn)
                }
                Moved::Later => Ok(ControlFlow::Continue(())),
                Moved::End => Err(End::Left(None)),
            };
        }
        let mut shared = std::mem::take(turn.shared);
        shared.clear();
        shared.extend_from_slice(&self.rest);
        let result = match self
            .stream
            .read(&mut shared)
            .map_err(|error| End::Left(Some(error)))
        {
            Ok(Moved::Bytes(_)) => {
                self.life.heard(turn.now);
                self.parse(&shared, turn).map(|(consumed, flow)| {
                    self.keep(&shared[consumed..]);
                    flow
                })
            }
            Ok(Moved::Later) => Ok(ControlFlow::Continue(())),
            Ok(Moved::End) => Err(End::Left(None)),
            Err(end) => Err(end),
        };
        *turn.shared = shared;
        result
    }

    /// Makes room for more of a large message: as much again as has come, no more than the
    /// message still needs, and not at all if the budget of all peers does not have it.
    fn grow(&mut self, turn: &Turn<'_>) -> Result<(), Refusal> {
        let missing = self.session.wanted().saturating_sub(self.rest.len());
        let extra = missing.min(self.rest.len().max(GROWTH)).max(1);
        if *turn.held + extra > turn.limits.total_bytes {
            return Err(Refusal::Budget {
                limit: turn.limits.total_bytes,
            });
        }
        self.rest.reserve_exact(extra);
        Ok(())
    }

    /// Parses `rest`. A message that is complete takes its memory with it.
    fn parse_own(&mut self, turn: &mut Turn<'_>) -> Result<ControlFlow<()>, End> {
        let own = std::mem::take(&mut self.rest);
        let (consumed, flow) = self.parse(&own, turn)?;
        self.rest = if consumed == 0 {
            own
        } else {
            own[consumed..].to_vec()
        };
        Ok(flow)
    }

    /// Keeps what the next read has to begin with.
    fn keep(&mut self, left: &[u8]) {
        self.rest.clear();
        if left.is_empty() || self.rest.capacity() > COPIED.max(left.len()) {
            self.rest = Vec::new();
        }
        self.rest.extend_from_slice(left);
    }

    fn parse(
        &mut self,
        input: &[u8],
        turn: &mut Turn<'_>,
    ) -> Result<(usize, ControlFlow<()>), End> {
        let mut start = 0;
        loop {
            let (step, consumed) = self.session.next(&input[start..])?;
            start += consumed;
            let event = match step {
                Step::More => return Ok((start, ControlFlow::Continue(()))),
                Step::Message(message) => {
                    turn.stats.messages += 1;
                    turn.stats.bytes += message.wire_len() as u64;
                    self.peer.messages += 1;
                    Event::Message {
                        peer: &self.peer,
                        number: self.peer.messages,
                        message,
                    }
                }
                Step::Ready => {
                    self.peer.set_client(self.session.client());
                    Event::Connected { peer: &self.peer }
                }
                Step::Ping(ttl) => {
                    self.life.set_ttl(ttl);
                    continue;
                }
                Step::Internal => continue,
            };
            if (turn.on_event)(event).is_break() {
                self.unserved = true;
                return Ok((start, ControlFlow::Break(())));
            }
        }
    }

    /// Writes what waits for the peer, as far as it goes.
    pub(super) fn write_replies(&mut self) -> Result<(), End> {
        if self.is_finished {
            return Ok(());
        }
        let failed = |error| End::Left(Some(error));
        while !self.outgoing.is_empty() {
            let written = self.stream.write(self.outgoing.unwritten());
            match written.map_err(failed)? {
                Moved::Bytes(count) => self.outgoing.advance(count),
                Moved::Later | Moved::End => return Ok(()),
            }
        }
        if self.session.has_replies() {
            let outbox = self.session.outbox();
            match self.stream.write(outbox).map_err(failed)? {
                Moved::Bytes(count) => drop(outbox.drain(..count)),
                Moved::Later | Moved::End => {}
            }
        }
        Ok(())
    }

    /// Puts the deadlines off by a time in which nobody read.
    pub(super) fn excuse(&mut self, away: Duration) {
        self.opened += away;
        self.life.excuse(away);
    }

    /// When [`check`](Self::check) has something to do, if nothing comes until then.
    pub(super) fn due(&self, limits: &Limits, heartbeat: Option<Heartbeat>) -> Option<Instant> {
        if self.session.is_ready() {
            self.life
                .due(heartbeat.filter(|_| self.session.takes_ping()))
        } else {
            Some(self.opened + limits.handshake)
        }
    }

    /// Sends a PING or ends the connection, if it is time.
    pub(super) fn check(
        &mut self,
        now: Instant,
        limits: &Limits,
        heartbeat: Option<Heartbeat>,
    ) -> Result<(), End> {
        if !self.session.is_ready() {
            if now >= self.opened + limits.handshake {
                return Err(Refusal::HandshakeTimeout(limits.handshake).into());
            }
            return Ok(());
        }
        match self
            .life
            .check(now, heartbeat.filter(|_| self.session.takes_ping()))
        {
            Beat::Nothing => Ok(()),
            Beat::Dead(refusal) => Err(refusal.into()),
            Beat::Ping => {
                // No time to live of ours: back-pressure may keep us silent for long.
                self.session.ping()?;
                self.write_replies()
            }
        }
    }

    /// Tells the peer that nothing more comes from here, if that has not been told. A connection that is broken
    /// shows it when it is read.
    pub(super) fn finish(&mut self) {
        if !std::mem::replace(&mut self.is_finished, true) {
            let _ = self.stream.finish();
        }
    }

    /// Sends the last words, an ERROR perhaps, as far as they go.
    pub(super) fn part(mut self) {
        let _ = self.write_replies();
        let _ = self.stream.finish();
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
