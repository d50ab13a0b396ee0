//! One accepted connection: reads, shows the bytes to the framing or to HTTP, keeps what is not
//! complete, and writes replies.
//!
//! Reads go into a buffer that all connections share, so that an idle peer costs no memory and
//! messages are handed out where they are hot. What is left, the start of a message, is copied
//! out; only a large unfinished message gets a buffer of its own, which grows with what has
//! come, never with what was announced.

mod deadlines;
mod replying;

use std::{
    ops::ControlFlow,
    os::fd::{AsFd, BorrowedFd},
    time::Instant,
};

use rustix::event::PollFlags;

use super::{
    Cut, Event, Framing, Http, Limits, Peer, Progress, Refusal, Reply, link::Link, unpack::Unpack,
};
use crate::zmtp::Moved;

/// Bytes of the shared buffer, and so the most that one peer is read in one turn: 256 KiB
/// stays in the second-level cache and makes the system call's price vanish.
pub(super) const SHARED: usize = 256 << 10;

/// An unfinished message up to this length is copied back before the next read; beyond it the
/// copies would cost more than a buffer of its own.
const COPIED: usize = 16 << 10;

/// Receives events; breaks if it wants no more for now.
pub(super) type OnEvent<'e> = dyn FnMut(Event<'_>) -> ControlFlow<()> + 'e;

/// Why a connection ends.
#[derive(Debug)]
pub(super) enum End {
    /// In order or not.
    Left,
    Refused(Refusal),
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What a turn needs from the server.
pub(super) struct Turn<'t> {
    pub(super) now: Instant,
    pub(super) shared: &'t mut Vec<u8>,
    pub(super) limits: &'t Limits,
    /// Bytes that all peers hold in buffers of their own.
    pub(super) held: &'t mut usize,
    pub(super) messages: &'t mut u64,
    pub(super) on_event: &'t mut OnEvent<'t>,
}

/// What is spoken.
#[derive(Debug)]
pub(super) enum Talk {
    Stream(Box<dyn Framing>),
    Http(Box<Http>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Reading,
    /// A reply waits until the caller has put away what it replies to.
    Held {
        stays: bool,
    },
    Writing {
        stays: bool,
    },
    /// The last reply is out: what still comes is thrown away until then.
    Draining(Instant),
}

/// An accepted connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) endpoint: usize,
    pub(super) peer: Peer,
    link: Link,
    /// What decompresses what comes, where it may come compressed.
    unpack: Option<Unpack>,
    talk: Talk,
    phase: Phase,
    /// The peer's bytes that are not consumed yet.
    rest: Vec<u8>,
    /// How many there must be before it is worth a look.
    wanted: usize,
    /// The caller stopped while complete messages may be in `rest`.
    unserved: bool,
    /// When the present message, pause or reply began.
    since: Instant,
}

impl Connection {
    pub(super) fn new(endpoint: usize, peer: Peer, link: Link, talk: Talk, now: Instant) -> Self {
        Self {
            endpoint,
            peer,
            link,
            unpack: None,
            talk,
            phase: Phase::Reading,
            rest: Vec::new(),
            wanted: 0,
            unserved: false,
            since: now,
        }
    }

    /// Decompresses what comes compressed.
    pub(super) fn unpacking(self, unpack: Option<Unpack>) -> Self {
        Self { unpack, ..self }
    }

    /// Whether it has to be served although its socket may not be readable.
    pub(super) fn is_unserved(&self) -> bool {
        let has_more = self.unpack.as_ref().is_some_and(Unpack::has_more);
        (self.unserved || has_more || self.link.has_ended()) && self.phase == Phase::Reading
    }

    /// Bytes of memory that it holds for unconsumed input.
    pub(super) fn held(&self) -> usize {
        let body = match &self.talk {
            Talk::Stream(_) => 0,
            Talk::Http(http) => http.held(),
        };
        let decoder = self.unpack.as_ref().map_or(0, Unpack::held);
        self.rest.capacity() + body + decoder
    }

    /// What has come of a message that will never be complete.
    pub(super) fn unfinished(&self) -> Option<&[u8]> {
        let within = self.phase == Phase::Reading
            && match &self.talk {
                Talk::Stream(_) => !self.rest.trim_ascii().is_empty(),
                Talk::Http(http) => http.is_within(&self.rest),
            };
        within.then_some(&self.rest)
    }

    pub(super) fn interest(&self) -> PollFlags {
        match self.phase {
            Phase::Reading if self.has_output() => PollFlags::IN | PollFlags::OUT,
            Phase::Reading | Phase::Draining(_) => PollFlags::IN,
            Phase::Held { .. } => PollFlags::empty(),
            Phase::Writing { .. } => PollFlags::OUT,
        }
    }

    fn has_output(&self) -> bool {
        matches!(&self.talk, Talk::Http(http) if http.has_output()) || self.link.has_output()
    }

    /// Does what can be done without waiting, reading once at most.
    pub(super) fn serve(&mut self, turn: &mut Turn<'_>) -> Result<ControlFlow<()>, End> {
        match self.phase {
            Phase::Held { .. } => return Ok(ControlFlow::Continue(())),
            Phase::Writing { .. } => {
                return self.write(turn.now).map(|()| ControlFlow::Continue(()));
            }
            Phase::Draining(_) => return self.drain(turn),
            Phase::Reading => {}
        }
        let (before, was_within) = (self.held(), self.unfinished().is_some());
        let was_open = !self.link.is_shaking();
        let result = self.read_and_parse(turn);
        *turn.held = (*turn.held + self.held()).saturating_sub(before);
        let (consumed, flow) = result?;
        // A request begins once, in however many pieces it is taken in.
        let next = consumed && matches!(self.talk, Talk::Stream(_));
        let open = !self.link.is_shaking();
        if open && (next || !was_within || !was_open) {
            self.since = turn.now;
        }
        if *turn.held > turn.limits.total_bytes {
            return Err(Refusal::Budget {
                limit: turn.limits.total_bytes,
            }
            .into());
        }
        if self.has_output() && self.phase == Phase::Reading {
            self.write(turn.now)?;
        }
        Ok(flow)
    }

    /// Whether something was consumed, and whether the caller wants to go on.
    fn read_and_parse(&mut self, turn: &mut Turn<'_>) -> Result<(bool, ControlFlow<()>), End> {
        if self.unserved {
            self.unserved = false;
            return self.parse_own(turn);
        }
        if self.rest.len() > COPIED {
            self.grow(turn)?;
            let mut rest = std::mem::take(&mut self.rest);
            let read = self.read(&mut rest);
            self.rest = rest;
            return match read? {
                Moved::Bytes(_) if self.rest.len() < self.wanted => {
                    Ok((false, ControlFlow::Continue(())))
                }
                Moved::Bytes(_) => self.parse_own(turn),
                Moved::Later => Ok((false, ControlFlow::Continue(()))),
                Moved::End => self.end(turn),
            };
        }
        let mut shared = std::mem::take(turn.shared);
        shared.clear();
        shared.extend_from_slice(&self.rest);
        let read = self.read(&mut shared);
        if self.peer.client.is_none() {
            self.peer.client = self.link.client();
        }
        let result = match read {
            Ok(Moved::Bytes(_)) => {
                let mut consumed = 0;
                let parsed = self.parse(&shared, &mut consumed, turn);
                self.keep(&shared[consumed..]);
                parsed.map(|flow| (consumed > 0, flow))
            }
            Ok(Moved::Later) => Ok((false, ControlFlow::Continue(()))),
            Ok(Moved::End) => self.end(turn),
            Err(end) => Err(end),
        };
        *turn.shared = shared;
        result
    }

    /// Appends what has come to a buffer.
    fn read(&mut self, buffer: &mut Vec<u8>) -> Result<Moved, End> {
        match &mut self.unpack {
            None => self.link.read(buffer),
            Some(unpack) => unpack.read(|to| self.link.read(to), buffer),
        }
    }

    /// Makes room for more of a large message: as much again as has come, no more than it
    /// needs, and not at all if the budget of all peers does not have it.
    fn grow(&mut self, turn: &Turn<'_>) -> Result<(), Refusal> {
        let missing = self.wanted.saturating_sub(self.rest.len());
        // Where the end is not known, one byte more is wanted: then it grows by what has come.
        let most = if missing > 1 { missing } else { usize::MAX };
        let extra = self.rest.len().max(SHARED).min(most);
        if *turn.held + extra > turn.limits.total_bytes {
            return Err(Refusal::Budget {
                limit: turn.limits.total_bytes,
            });
        }
        if self.rest.capacity() == self.rest.len() {
            self.rest.reserve_exact(extra);
        }
        Ok(())
    }

    /// Parses `rest`. A message that is complete takes its memory with it.
    fn parse_own(&mut self, turn: &mut Turn<'_>) -> Result<(bool, ControlFlow<()>), End> {
        let own = std::mem::take(&mut self.rest);
        let mut consumed = 0;
        let parsed = self.parse(&own, &mut consumed, turn);
        self.rest = if consumed == 0 {
            own
        } else {
            own[consumed..].to_vec()
        };
        parsed.map(|flow| (consumed > 0, flow))
    }

    /// Keeps what the next read has to begin with.
    fn keep(&mut self, left: &[u8]) {
        self.rest.clear();
        if left.is_empty() || self.rest.capacity() > COPIED.max(left.len()) {
            self.rest = Vec::new();
        }
        self.rest.extend_from_slice(left);
    }

    /// Hands out what is complete in `input`, and tells in `start` how much was consumed, also
    /// if what follows is refused.
    fn parse(
        &mut self,
        input: &[u8],
        start: &mut usize,
        turn: &mut Turn<'_>,
    ) -> Result<ControlFlow<()>, End> {
        while *start < input.len() || matches!(self.talk, Talk::Http(_)) {
            let rest = &input[*start..];
            let flow = match &mut self.talk {
                Talk::Stream(framing) => match framing.next(rest)? {
                    Cut::More { wanted } => {
                        self.wanted = wanted;
                        break;
                    }
                    Cut::Nothing { consumed } => {
                        *start += consumed;
                        continue;
                    }
                    Cut::Message { at, consumed } => {
                        *start += consumed;
                        self.peer.messages += 1;
                        *turn.messages += 1;
                        (turn.on_event)(Event::Message {
                            endpoint: self.endpoint,
                            peer: &self.peer,
                            number: self.peer.messages,
                            bytes: &rest[at],
                        })
                    }
                },
                Talk::Http(http) => match http.next(rest)? {
                    Progress::More { wanted } => {
                        self.wanted = wanted;
                        break;
                    }
                    Progress::Taken { consumed } => {
                        *start += consumed;
                        continue;
                    }
                    Progress::Request { consumed } => {
                        *start += consumed;
                        self.peer.messages += 1;
                        *turn.messages += 1;
                        let mut reply = Reply::default();
                        let flow = (turn.on_event)(Event::Request {
                            endpoint: self.endpoint,
                            peer: &self.peer,
                            number: self.peer.messages,
                            request: http.request(),
                            body: http.body(&rest[..consumed]),
                            reply: &mut reply,
                        });
                        let stays = http.answer(&reply);
                        self.phase = Phase::Held { stays };
                        // What follows is read when the reply is out.
                        self.unserved = *start < input.len();
                        return Ok(flow);
                    }
                },
            };
            if flow.is_break() {
                self.unserved = *start < input.len();
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The peer sends no more: hands out the last message if it is whole without its end.
    fn end(&mut self, turn: &mut Turn<'_>) -> Result<(bool, ControlFlow<()>), End> {
        if let Talk::Stream(framing) = &self.talk
            && !self.rest.is_empty()
            && let Some(at) = framing.rest(&self.rest)
        {
            self.peer.messages += 1;
            *turn.messages += 1;
            // It leaves in any case, whatever the caller says.
            let _ = (turn.on_event)(Event::Message {
                endpoint: self.endpoint,
                peer: &self.peer,
                number: self.peer.messages,
                bytes: &self.rest[at],
            });
            self.rest.clear();
        }
        self.part();
        Err(End::Left)
    }

    /// Ends our side in order, as far as that goes without waiting.
    pub(super) fn part(&mut self) {
        let _ = self.link.finish();
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.link.as_fd()
    }
}
