//! The protocol with one peer, without any input or output of its own.
//!
//! Bytes of the peer go in by [`Session::next`], what has to be sent back collects in an
//! outbox, and messages come out. It knows neither sockets nor clocks, so that a fuzz target
//! can drive it; deadlines belong to the connection that owns it. Another socket type is
//! another [`SocketType`] here, not another handshake.

use std::sync::Arc;

use super::{
    Limits, Message, Refusal, SocketType,
    command::{Command, write_error, write_pong, write_ready, write_subscribe},
    decoder::{Decoder, Found, LONGEST_COMMAND},
    greeting::{GREETING, greeting, read_greeting},
};

/// Replies that may wait for a peer that does not read: 4,000 PONGs. A peer over it is
/// refused, because it could otherwise make us keep what it sends.
const OUTBOX: usize = 64 << 10;

/// Bytes of a peer's own words that go into a message of ours: a line on a terminal.
const WORDS: usize = 80;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Greeting,
    Ready,
    Traffic,
}

/// What [`Session::next`] found.
#[derive(Debug)]
pub enum Step<'a> {
    /// Nothing complete in what is there.
    More,
    /// A part of the protocol that the owner has no use for was consumed.
    Internal,
    /// The handshake is done: messages may be sent and will come.
    Ready,
    /// The peer sent PING. It is answered already; the time that the peer gives itself
    /// until it should count as dead is in tenths of a second, 0 for never.
    Ping(u16),
    /// A message.
    Message(Message<'a>),
}

/// The state of the protocol with one peer.
#[derive(Debug)]
pub struct Session {
    ours: SocketType,
    stage: Stage,
    minor: u8,
    decoder: Decoder,
    outbox: Vec<u8>,
    /// What a SUB socket takes: messages whose first frame begins with one of these.
    topics: Arc<[Vec<u8>]>,
}

impl Session {
    /// A session as `ours`; our greeting is in its outbox.
    pub fn new(ours: SocketType, limits: Limits) -> Self {
        let (decoder, outbox) = (Decoder::new(limits), greeting().to_vec());
        Self {
            ours,
            stage: Stage::Greeting,
            minor: 0,
            decoder,
            outbox,
            topics: Arc::default(),
        }
    }

    /// A session as `ours` that subscribes to `topics` if that is SUB: to messages whose first
    /// frame begins with one of them.
    pub fn subscribing(ours: SocketType, topics: &Arc<[Vec<u8>]>, limits: Limits) -> Self {
        Self {
            topics: Arc::clone(topics),
            ..Self::new(ours, limits)
        }
    }

    /// What has to be sent to the peer before anything else. The owner removes what it sent.
    pub fn outbox(&mut self) -> &mut Vec<u8> {
        &mut self.outbox
    }

    /// Whether something has to be sent to the peer.
    pub fn has_replies(&self) -> bool {
        !self.outbox.is_empty()
    }

    /// Whether the handshake is done.
    pub fn is_ready(&self) -> bool {
        self.stage == Stage::Traffic
    }

    /// Whether the peer understands PING: ZMTP 3.1 or later, and the handshake is done.
    pub fn takes_ping(&self) -> bool {
        self.is_ready() && self.minor >= 1
    }

    /// How many unconsumed bytes there must be before [`next`](Self::next) can do anything.
    pub fn wanted(&self) -> usize {
        self.decoder.wanted()
    }

    /// Takes the next step in `input`, the peer's bytes from the first that is not consumed,
    /// and returns it with the number of bytes that it consumed. After a refusal the outbox
    /// may hold an ERROR for the peer, and the session must not be used otherwise.
    #[inline]
    pub fn next<'a>(&mut self, input: &'a [u8]) -> Result<(Step<'a>, usize), Refusal> {
        if self.stage == Stage::Greeting {
            return self.greet(input);
        }
        match self.decoder.next(input)? {
            (Found::More, consumed) => {
                self.check_announced()?;
                Ok((Step::More, consumed))
            }
            (Found::Command(body), consumed) => Ok((self.command(body)?, consumed)),
            (Found::Message(message), consumed) => {
                self.check_welcome()?;
                if self.is_wanted(&message) {
                    Ok((Step::Message(message), consumed))
                } else {
                    Ok((Step::Internal, consumed))
                }
            }
        }
    }

    /// A publisher may send more than was asked for, until it has read the subscriptions for
    /// example.
    fn is_wanted(&self, message: &Message<'_>) -> bool {
        if self.ours != SocketType::Sub {
            return true;
        }
        let first = message.frames().next().unwrap_or_default();
        self.topics.iter().any(|topic| first.starts_with(topic))
    }

    fn check_welcome(&self) -> Result<(), Refusal> {
        if self.stage != Stage::Traffic {
            return Err(Refusal::Command("a message before READY"));
        }
        if self.ours.receives() {
            Ok(())
        } else {
            Err(Refusal::Unexpected)
        }
    }

    /// Refuses what can only become an unwelcome message before its bytes are collected.
    fn check_announced(&self) -> Result<(), Refusal> {
        if self.decoder.wanted() > LONGEST_COMMAND {
            self.check_welcome()
        } else {
            Ok(())
        }
    }

    fn greet<'a>(&mut self, input: &[u8]) -> Result<(Step<'a>, usize), Refusal> {
        let Some(minor) = read_greeting(input)? else {
            return Ok((Step::More, 0));
        };
        self.minor = minor;
        self.stage = Stage::Ready;
        write_ready(&mut self.outbox, self.ours);
        Ok((Step::Internal, GREETING))
    }

    fn command<'a>(&mut self, body: &[u8]) -> Result<Step<'a>, Refusal> {
        match (self.stage, Command::read(body)?) {
            (Stage::Ready, Command::Ready { socket_type }) => {
                self.check_type(socket_type)?;
                self.stage = Stage::Traffic;
                if self.ours == SocketType::Sub {
                    let as_command = self.minor >= 1;
                    for topic in self.topics.iter() {
                        write_subscribe(&mut self.outbox, topic, as_command);
                    }
                }
                Ok(Step::Ready)
            }
            (Stage::Ready, Command::Error { reason }) => Err(Refusal::ByPeer(words(reason))),
            (Stage::Traffic, Command::Ping { ttl, context }) => {
                write_pong(&mut self.outbox, context);
                if self.outbox.len() > OUTBOX {
                    return Err(Refusal::Unread);
                }
                Ok(Step::Ping(ttl))
            }
            (Stage::Traffic, Command::Ready { .. }) => Err(Refusal::Command("READY twice")),
            (Stage::Traffic, _) => Ok(Step::Internal),
            _ => Err(Refusal::Command("not READY or ERROR in the handshake")),
        }
    }

    fn check_type(&mut self, peer: &[u8]) -> Result<(), Refusal> {
        if self.ours.accepts(peer) {
            return Ok(());
        }
        let peer = words(peer);
        let refusal = Refusal::SocketType {
            peer,
            ours: self.ours.name(),
        };
        write_error(&mut self.outbox, &refusal.to_string());
        Err(refusal)
    }
}

#[cfg(test)]
mod tests;

/// The start of a peer's words, fit to be printed.
fn words(bytes: &[u8]) -> String {
    bytes[..bytes.len().min(WORDS)].escape_ascii().to_string()
}

/// Shows arbitrary bytes of a peer to a PULL session, in pieces of the given sizes, and
/// returns the messages' frames. For fuzz targets and properties: it must never panic, and
/// the pieces must make no difference.
pub fn fuzz_peer(bytes: &[u8], pieces: &[usize]) -> Result<Vec<Vec<Vec<u8>>>, Refusal> {
    let mut session = Session::new(SocketType::Pull, Limits::default());
    let (mut messages, mut start, mut end) = (Vec::new(), 0, 0);
    let mut pieces = pieces.iter().copied();
    while end < bytes.len() {
        let piece = pieces.next().unwrap_or(bytes.len()).max(1);
        end = end.saturating_add(piece).min(bytes.len());
        loop {
            let (step, consumed) = session.next(&bytes[start..end])?;
            start += consumed;
            match step {
                Step::More => break,
                Step::Message(message) => {
                    messages.push(message.frames().map(<[u8]>::to_vec).collect());
                }
                Step::Internal | Step::Ready | Step::Ping(_) => {}
            }
            session.outbox().clear();
        }
    }
    Ok(messages)
}
