//! Outgoing connections of a receiver: connects, and again when the peer is lost.

use std::{
    io,
    os::fd::AsFd,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags};

use super::{Address, Backoff, stream::Stream, target::Target};

/// The first wait before connecting again, as libzmq has it.
const WAIT_MIN: Duration = Duration::from_millis(100);
/// The longest: a restarted publisher is found soon and an absent one costs nothing.
const WAIT_MAX: Duration = Duration::from_secs(5);

#[derive(Debug)]
enum State {
    /// No attempt before this instant.
    Waiting(Instant),
    /// TCP or the kernel is connecting, since then.
    Connecting(Stream, Instant),
    /// A connection has it.
    Up,
}

/// An address to be connected to.
#[derive(Debug)]
pub(super) struct Dial {
    target: Target,
    state: State,
    backoff: Backoff,
    /// The caller knows that nobody is there.
    told: bool,
}

impl Dial {
    pub(super) fn new(address: Address, seed: u64, now: Instant) -> Self {
        Self {
            target: Target::new(address),
            state: State::Waiting(now),
            backoff: Backoff::new(WAIT_MIN, WAIT_MAX, seed),
            told: false,
        }
    }

    pub(super) fn address(&self) -> &Address {
        self.target.address()
    }

    /// What to wait for, if there is a socket.
    pub(super) fn interest(&self) -> Option<PollFd<'_>> {
        match &self.state {
            State::Connecting(stream, _) => {
                Some(PollFd::from_borrowed_fd(stream.as_fd(), PollFlags::OUT))
            }
            State::Waiting(_) | State::Up => None,
        }
    }

    /// When it has something to do although no socket is ready.
    pub(super) fn due(&self, limit: Duration) -> Option<Instant> {
        match &self.state {
            State::Waiting(until) => Some(*until),
            State::Connecting(_, since) => Some(*since + limit),
            State::Up => None,
        }
    }

    /// Does what can be done without waiting. A connection may take `limit`; the error is one
    /// that the caller does not know of yet.
    pub(super) fn step(&mut self, now: Instant, limit: Duration) -> io::Result<Option<Stream>> {
        match self.attempt(now, limit) {
            Ok(up) => Ok(up),
            Err(error) => {
                self.state = State::Waiting(now + self.backoff.wait());
                if std::mem::replace(&mut self.told, true) {
                    Ok(None)
                } else {
                    Err(error)
                }
            }
        }
    }

    fn attempt(&mut self, now: Instant, limit: Duration) -> io::Result<Option<Stream>> {
        if let State::Waiting(until) = self.state {
            if now < until {
                return Ok(None);
            }
            self.state = State::Connecting(self.target.connect()?, now);
        }
        match std::mem::replace(&mut self.state, State::Up) {
            State::Connecting(stream, since) => {
                if stream.finish_connect()? {
                    return Ok(Some(stream));
                }
                if now >= since + limit {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                self.state = State::Connecting(stream, since);
                Ok(None)
            }
            State::Waiting(_) | State::Up => Ok(None),
        }
    }

    /// The connection has ended; `worked` if it had shaken hands.
    pub(super) fn lost(&mut self, now: Instant, worked: bool) {
        if worked {
            self.backoff.reset();
            self.told = false;
        }
        self.state = State::Waiting(now + self.backoff.wait());
    }
}
