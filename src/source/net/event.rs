//! What a [`Server`](super::Server) tells its caller.

use std::{fmt, io};

use super::{Refusal, Reply, Request};

/// A peer: a connection, or an address that datagrams come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    name: String,
    /// Whose certificate it has shown.
    pub(super) client: Option<String>,
    /// Messages so far.
    pub(super) messages: u64,
}

impl Peer {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            client: None,
            messages: 0,
        }
    }

    /// The subject of its certificate, if it has shown one that was asked for.
    pub fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// What it is displayed as.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// `tcp://ADDRESS:PORT`, `udp://ADDRESS:PORT`, or `unix://PATH#N`, where `N` counts the
/// connections to that path.
impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Something that happened at an endpoint, which is named by its place in the list that the
/// server was made with.
#[derive(Debug)]
pub enum Event<'a> {
    /// A message has come. Its bytes live until the call returns.
    Message {
        /// Where it came in.
        endpoint: usize,
        /// Who sent it.
        peer: &'a Peer,
        /// Its number among those of the peer, from 1.
        number: u64,
        /// The message, or the body of the request, without framing.
        bytes: &'a [u8],
    },
    /// A request has come, and wants a reply.
    Request {
        /// Where it came in.
        endpoint: usize,
        /// Who sent it.
        peer: &'a Peer,
        /// Its number among those of the peer, from 1.
        number: u64,
        /// What stands in front of the body.
        request: &'a Request,
        /// The body.
        body: &'a [u8],
        /// Goes out when the caller [releases](super::Server::release) replies.
        reply: &'a mut Reply,
    },
    /// A message is lost of which something had come.
    Lost {
        /// Where it came in.
        endpoint: usize,
        /// Who sent it.
        peer: &'a Peer,
        /// What had come.
        bytes: &'a [u8],
        /// Why the rest did not.
        reason: &'a Refusal,
    },
    /// A peer was refused and its connection closed. No other peer is concerned.
    Refused {
        /// Where it was connected.
        endpoint: usize,
        /// The peer.
        peer: &'a Peer,
        /// The rule or the limit that it broke.
        reason: &'a Refusal,
    },
    /// No connection is accepted for the moment: the limit is reached, or the system has no
    /// descriptors. Told once; peers wait in the system's queue.
    Crowded {
        /// Where peers wait.
        endpoint: usize,
        /// The operating system's reason; `None` if the limit of connections is reached.
        error: Option<&'a io::Error>,
    },
}
