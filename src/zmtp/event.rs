//! What a [`Pull`](super::Pull) tells its caller.

use std::{fmt, io};

use super::{Address, Message, Refusal};

/// A peer: one connection. A client that reconnects is a new peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    number: u64,
    name: String,
    place: usize,
    client: Option<String>,
    /// Messages so far.
    pub(super) messages: u64,
}

impl Peer {
    pub(super) fn new(number: u64, name: String, place: usize) -> Self {
        Self {
            number,
            name,
            place,
            client: None,
            messages: 0,
        }
    }

    pub(super) fn set_client(&mut self, client: Option<&str>) {
        self.client = client.map(str::to_owned);
    }

    /// Who it is, if it is a client of CURVE: the name that its key has with us.
    pub fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// What it is displayed as.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which of the socket's addresses it has come in at, in the order in which they were given; those that are
    /// connected to come behind those that are bound.
    pub fn place(&self) -> usize {
        self.place
    }

    /// Counts the connections of one socket from 1, and is never used twice.
    pub fn number(&self) -> u64 {
        self.number
    }
}

/// `tcp://ADDRESS:PORT` of the peer, or `ipc://PATH#N`, because the other end of an ipc
/// connection has no name: `N` counts the connections to that path.
impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Something that happened on a socket.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A peer has completed the handshake.
    Connected {
        /// The peer.
        peer: &'a Peer,
    },
    /// A message has come. Its frames live in the receive buffer until the call returns.
    Message {
        /// Who sent it. Messages of one peer come in the order in which it sent them.
        peer: &'a Peer,
        /// Its number among those of the peer, from 1.
        number: u64,
        /// The message.
        message: Message<'a>,
    },
    /// A peer has left, in order or not.
    Disconnected {
        /// The peer.
        peer: &'a Peer,
        /// Bytes of a message that will never be complete: 0 if it left between messages.
        unfinished: usize,
        /// The operating system's reason, if the connection broke.
        error: Option<&'a io::Error>,
    },
    /// A peer was refused and its connection closed. No other peer is concerned.
    Rejected {
        /// The peer.
        peer: &'a Peer,
        /// The rule or the limit that it broke.
        reason: &'a Refusal,
    },
    /// Nobody answers at an address that is connected to; attempts go on. Told once for each
    /// outage.
    Absent {
        /// The address.
        address: &'a Address,
        /// The operating system's reason.
        error: &'a io::Error,
    },
    /// No connection is accepted for the moment: the limit is reached, or the system has no
    /// descriptors. Told once; peers wait in the backlog and are accepted when it has passed.
    Crowded {
        /// Where peers wait.
        address: &'a Address,
        /// The operating system's reason; `None` if the limit of connections is reached.
        error: Option<&'a io::Error>,
    },
}
