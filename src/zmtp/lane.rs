//! One outgoing connection of a [`Push`](super::Push): connects, shakes hands, writes batches,
//! and begins again when the peer is lost.

use std::{
    io,
    os::fd::AsFd,
    sync::Arc,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags};

use super::{
    Change, Heartbeat, Limits, PushOptions, Refusal, Security, Session, SocketType, Step,
    backoff::Backoff,
    heartbeat::{Beat, Liveness},
    queue::{Batch, Queue},
    stream::{Moved, Stream},
    target::Target,
};

/// Bytes read at once from a receiver, which only sends a handshake and heartbeats.
const INPUT: usize = 4 << 10;

/// What a lane may take from the queue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    /// It gets one of so many even shares of the first batch.
    pub(super) shares: usize,
    /// No other peer is there: it takes on as long as its socket does.
    pub(super) alone: bool,
}

/// Where a lane's connection stands.
#[derive(Debug)]
enum State {
    /// No connection before this instant.
    Waiting(Instant),
    /// TCP or the kernel is connecting.
    Connecting(Stream),
    /// The handshake, and after it the messages.
    Open(Box<Link>),
}

/// A connection that stands.
#[derive(Debug)]
struct Link {
    stream: Stream,
    session: Session,
    input: Vec<u8>,
    batch: Option<Batch>,
    life: Liveness,
}

/// One address and the connection to it.
#[derive(Debug)]
pub(super) struct Lane {
    target: Target,
    state: State,
    /// When the connection, or the attempt to make it, began.
    since: Instant,
    backoff: Backoff,
    /// The caller knows about the present outage.
    told: bool,
    limits: Limits,
    security: Security,
    heartbeat: Option<Heartbeat>,
}

impl Lane {
    pub(super) fn new(target: Target, options: &PushOptions, seed: u64, now: Instant) -> Self {
        let security = options.security.of(target.address());
        Self {
            target,
            state: State::Waiting(now),
            since: now,
            backoff: Backoff::new(options.reconnect_min, options.reconnect_max, seed),
            told: false,
            security,
            limits: options.limits.clone(),
            heartbeat: options.heartbeat,
        }
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// Whether messages can be written: the handshake is done.
    pub(super) fn is_up(&self) -> bool {
        matches!(&self.state, State::Open(link) if link.session.is_ready())
    }

    /// Whether it could take another batch now.
    pub(super) fn is_idle(&self) -> bool {
        matches!(&self.state, State::Open(link) if link.session.is_ready() && link.batch.is_none())
    }

    /// Whether something is left to be written to an open connection.
    pub(super) fn is_writing(&self) -> bool {
        matches!(&self.state, State::Open(link) if link.is_writing())
    }

    /// What to wait for, if there is a socket.
    pub(super) fn interest(&self) -> Option<PollFd<'_>> {
        match &self.state {
            State::Waiting(_) => None,
            State::Connecting(stream) => {
                Some(PollFd::from_borrowed_fd(stream.as_fd(), PollFlags::OUT))
            }
            State::Open(link) => {
                let write = if link.is_writing() {
                    PollFlags::OUT
                } else {
                    PollFlags::empty()
                };
                Some(PollFd::from_borrowed_fd(
                    link.stream.as_fd(),
                    PollFlags::IN | write,
                ))
            }
        }
    }

    /// When the lane has something to do although no socket is ready.
    pub(super) fn due(&self) -> Option<Instant> {
        match &self.state {
            State::Waiting(until) => Some(*until),
            State::Open(link) if link.session.is_ready() => link.life.due(self.ping(link)),
            _ => Some(self.since + self.limits.handshake),
        }
    }

    /// Does what can be done without waiting, and returns a change that the caller has to be
    /// told.
    pub(super) fn drive(
        &mut self,
        now: Instant,
        queue: &mut Queue,
        share: Share,
    ) -> Option<Change> {
        let was_up = self.is_up();
        let end = match self.step(now, queue, share) {
            Ok(()) if was_up || !self.is_up() => return None,
            Ok(()) => {
                self.backoff.reset();
                self.told = false;
                return Some(Change::Connected);
            }
            Err(end) => end,
        };
        self.drop_link(queue);
        self.state = State::Waiting(now + self.backoff.wait());
        let known = std::mem::replace(&mut self.told, true);
        (!known || was_up).then_some(end)
    }

    /// Puts deadlines off by a time in which nobody read.
    pub(super) fn excuse(&mut self, away: Duration) {
        self.since += away;
        if let State::Open(link) = &mut self.state {
            link.life.excuse(away);
        }
    }

    /// Gives unwritten messages back and closes the connection.
    pub(super) fn drop_link(&mut self, queue: &mut Queue) {
        if let State::Open(link) = &mut self.state
            && let Some(batch) = link.batch.take()
        {
            queue.give_back(batch);
        }
        self.state = State::Waiting(self.since);
    }

    /// Tells the peer that nothing more comes; returns whether there is a peer to tell.
    pub(super) fn finish(&mut self) -> bool {
        matches!(&self.state, State::Open(link) if link.session.is_ready() && link.stream.finish().is_ok())
    }

    /// After [`finish`](Self::finish): reads and forgets what comes. `None` as long as the
    /// peer is there, then whether it closed in order.
    pub(super) fn await_end(&mut self) -> Option<bool> {
        let State::Open(link) = &mut self.state else {
            return Some(false);
        };
        loop {
            link.input.clear();
            match link.stream.read(&mut link.input) {
                Ok(Moved::Bytes(_)) => {}
                Ok(Moved::Later) => return None,
                Ok(Moved::End) => return Some(true),
                Err(_) => return Some(false),
            }
        }
    }

    fn ping(&self, link: &Link) -> Option<Heartbeat> {
        self.heartbeat.filter(|_| link.session.takes_ping())
    }

    fn step(&mut self, now: Instant, queue: &mut Queue, share: Share) -> Result<(), Change> {
        if let State::Waiting(until) = self.state {
            if now < until {
                return Ok(());
            }
            self.since = now;
            self.state = State::Connecting(self.target.connect().map_err(Change::Absent)?);
        }
        if let State::Connecting(stream) = &self.state {
            if stream.finish_connect().map_err(Change::Absent)? {
                self.open(now);
            } else if now >= self.since + self.limits.handshake {
                return Err(Change::Absent(io::ErrorKind::TimedOut.into()));
            } else {
                return Ok(());
            }
        }
        let (handshake, heartbeat) = (self.limits.handshake, self.heartbeat);
        let State::Open(link) = &mut self.state else {
            return Ok(());
        };
        link.read(now)?;
        link.write(queue, share)?;
        if !link.session.is_ready() {
            if now >= self.since + handshake {
                return Err(Change::Refused(Refusal::HandshakeTimeout(handshake)));
            }
            return Ok(());
        }
        match link
            .life
            .check(now, heartbeat.filter(|_| link.session.takes_ping()))
        {
            Beat::Nothing => Ok(()),
            Beat::Dead(refusal) => Err(Change::Refused(refusal)),
            Beat::Ping => {
                link.session.ping().map_err(Change::Refused)?;
                link.write(queue, share)
            }
        }
    }

    fn open(&mut self, now: Instant) {
        let connecting = std::mem::replace(&mut self.state, State::Waiting(now));
        if let State::Connecting(stream) = connecting {
            let limits = self.limits.clone();
            let topics = Arc::default();
            let session = Session::secured(SocketType::Push, &topics, limits, &self.security);
            let (input, life) = (Vec::with_capacity(INPUT), Liveness::new(now));
            self.state = State::Open(Box::new(Link {
                stream,
                session,
                input,
                batch: None,
                life,
            }));
        }
    }
}

impl Link {
    fn is_writing(&self) -> bool {
        self.batch.is_some() || self.session.has_replies()
    }

    /// Reads the handshake, heartbeats, or the end.
    fn read(&mut self, now: Instant) -> Result<(), Change> {
        if self.input.len() == self.input.capacity() {
            // A command longer than the buffer; the decoder has its limit.
            self.input.reserve(INPUT);
        }
        match self.stream.read(&mut self.input) {
            Ok(Moved::Later) => return Ok(()),
            Ok(Moved::Bytes(_)) => self.life.heard(now),
            Ok(Moved::End) => return Err(self.lost(None)),
            Err(error) => return Err(self.lost(Some(error))),
        }
        let mut start = 0;
        loop {
            let (step, consumed) = match self.session.next(&self.input[start..]) {
                Ok(found) => found,
                Err(refusal) => {
                    // Our ERROR, if the session wrote one: tried once, then it is over.
                    let _ = self.stream.write(self.session.outbox());
                    return Err(Change::Refused(refusal));
                }
            };
            start += consumed;
            match step {
                Step::More => break,
                Step::Ping(ttl) => self.life.set_ttl(ttl),
                Step::Internal | Step::Ready | Step::Message(_) => {}
            }
        }
        self.input.drain(..start);
        Ok(())
    }

    /// What it means that the peer has left.
    fn lost(&self, error: Option<io::Error>) -> Change {
        match self.session.left(!self.input.is_empty()) {
            Some(refusal) => Change::Refused(refusal),
            None => Change::Lost(error),
        }
    }

    /// Writes until the socket takes no more or nothing is left. Replies go between batches.
    fn write(&mut self, queue: &mut Queue, share: Share) -> Result<(), Change> {
        let lost = |error| Change::Lost(Some(error));
        let mut may_take = true;
        loop {
            if let Some(batch) = &mut self.batch {
                let Moved::Bytes(count) = self.stream.write(batch.unwritten()).map_err(lost)?
                else {
                    return Ok(());
                };
                if batch.advance(count) {
                    self.batch
                        .take()
                        .into_iter()
                        .for_each(|batch| queue.done(batch));
                    may_take = share.alone;
                }
            } else if self.session.has_replies() {
                let outbox = self.session.outbox();
                let Moved::Bytes(count) = self.stream.write(outbox).map_err(lost)? else {
                    return Ok(());
                };
                outbox.drain(..count);
            } else if self.session.is_ready() && may_take {
                let Some(mut batch) = queue.take(share.shares) else {
                    return Ok(());
                };
                if self.session.is_sealed() {
                    let session = &mut self.session;
                    let sealed = batch.seal(&mut |body, more, out| session.seal(body, more, out));
                    if let Err(refusal) = sealed {
                        queue.give_back(batch);
                        return Err(Change::Refused(refusal));
                    }
                }
                self.batch = Some(batch);
            } else {
                return Ok(());
            }
        }
    }
}
