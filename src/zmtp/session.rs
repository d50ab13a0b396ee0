//! The protocol with one peer, without any input or output of its own.
//!
//! Bytes of the peer go in by [`Session::next`], what has to be sent back collects in an
//! outbox, and messages come out. It knows neither sockets nor clocks, so that a fuzz target
//! can drive it; deadlines belong to the connection that owns it. Another socket type is
//! another [`SocketType`] here, not another handshake.

mod fuzz;
mod leaving;
mod security;
mod step;

use std::sync::Arc;

use self::security::Mechanism;
pub use self::{
    fuzz::{fuzz_curve, fuzz_peer},
    security::Security,
    step::Step,
};
use super::{
    Limits, Refusal, SocketType,
    command::{Command, metadata, ping, pong, socket_type, subscribe, write_error},
    curve::{Agreed, OVERHEAD, Opened},
    decoder::{Decoder, Found, LONGEST_COMMAND},
    frame::{HEADER, write_command, write_command_body, write_frame},
    greeting::{GREETING, VERSION, greeting, read_greeting},
    subscriptions::Subscriptions,
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

/// The state of the protocol with one peer.
#[derive(Debug)]
pub struct Session {
    ours: SocketType,
    stage: Stage,
    minor: u8,
    mechanism: Mechanism,
    limits: Limits,
    decoder: Decoder,
    outbox: Vec<u8>,
    /// What of our greeting waits for the peer's.
    untold: Vec<u8>,
    /// The peer, if CURVE has told who it is.
    client: Option<String>,
    /// What a SUB socket takes: messages whose first frame begins with one of these.
    topics: Arc<[Vec<u8>]>,
    /// What the peer of a PUB socket has subscribed to.
    subscriptions: Subscriptions,
}

impl Session {
    /// A session as `ours` without security; our greeting is in its outbox.
    pub fn new(ours: SocketType, limits: Limits) -> Self {
        Self::secured(ours, &Arc::default(), limits, &Security::Null)
    }

    /// A session as `ours` that subscribes to `topics` if that is SUB: to messages whose first
    /// frame begins with one of them.
    pub fn secured(
        ours: SocketType,
        topics: &Arc<[Vec<u8>]>,
        limits: Limits,
        security: &Security,
    ) -> Self {
        let outbox = greeting(security.name(), security.is_server()).to_vec();
        let wire = match security {
            Security::Null => limits.clone(),
            // What is sealed is longer, and each frame comes by itself.
            Security::Server(_) | Security::Client(_) => Limits {
                frame_bytes: limits.frame_bytes.saturating_add(OVERHEAD),
                message_bytes: limits.frame_bytes.saturating_add(OVERHEAD + HEADER),
                parts: 1,
                ..limits.clone()
            },
        };
        Self {
            ours,
            stage: Stage::Greeting,
            minor: 0,
            mechanism: security.mechanism(),
            limits,
            decoder: Decoder::new(wire),
            outbox,
            untold: Vec::new(),
            client: None,
            topics: Arc::clone(topics),
            subscriptions: Subscriptions::default(),
        }
    }

    /// Tells our mechanism once the peer has told its own. libzmq leaves as soon as it reads of
    /// another, often before it has said a word, and nobody could be told who it was. To be called
    /// first, and by the side that listens: one of the two has to begin.
    pub(super) fn listening(mut self) -> Self {
        self.untold = self.outbox.split_off(VERSION);
        self
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

    /// Who the peer is, if it is a client of CURVE: the name of its key.
    pub fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// Bytes of memory that hold what was opened of sealed frames.
    pub fn held(&self) -> usize {
        match &self.mechanism {
            Mechanism::Sealed(channel) => channel.held(),
            _ => 0,
        }
    }

    /// Bytes of those that belong to a message which is not complete.
    pub fn unfinished(&self) -> usize {
        match &self.mechanism {
            Mechanism::Sealed(channel) => channel.unfinished(),
            _ => 0,
        }
    }

    /// Whether messages have to be [sealed](Self::seal).
    pub fn is_sealed(&self) -> bool {
        matches!(self.mechanism, Mechanism::Sealed(_))
    }

    /// Whether the peer of a PUB socket has subscribed to anything.
    pub(super) fn has_subscribed(&self) -> bool {
        !self.subscriptions.is_empty()
    }

    /// Whether it has subscribed to messages with this first frame.
    pub(super) fn wants(&self, first: &[u8]) -> bool {
        self.is_ready() && self.subscriptions.want(first)
    }

    /// Appends a frame of a message as it goes over the wire.
    pub fn seal(&mut self, body: &[u8], more: bool, out: &mut Vec<u8>) -> Result<(), Refusal> {
        if let Mechanism::Sealed(channel) = &mut self.mechanism {
            return channel.seal(body, more, out);
        }
        write_frame(out, body, more);
        Ok(())
    }

    /// Puts a PING into the outbox that gives us no time to live.
    pub fn ping(&mut self) -> Result<(), Refusal> {
        self.send_command(&ping(0))
    }

    /// How many unconsumed bytes there must be before [`next`](Self::next) can do anything.
    pub fn wanted(&self) -> usize {
        self.decoder.wanted()
    }

    /// Takes the next step in `input`, the peer's bytes from the first that is not consumed,
    /// and returns it with the number of bytes that it consumed. After a refusal the outbox
    /// may hold an ERROR for the peer, and the session must not be used otherwise.
    #[inline]
    pub fn next<'a>(&'a mut self, input: &'a [u8]) -> Result<(Step<'a>, usize), Refusal> {
        if self.stage == Stage::Greeting {
            return self.greet(input);
        }
        let sealed = self.is_sealed();
        match self.decoder.next(input)? {
            (Found::More, consumed) => {
                self.check_announced()?;
                Ok((Step::More, consumed))
            }
            // Implementations differ in whether a MESSAGE is a command on the wire.
            (Found::Command(body), consumed) if sealed => Ok((self.open(body)?, consumed)),
            (Found::Message(message), consumed) if sealed => {
                let body = message.frames().next().unwrap_or_default();
                Ok((self.open(body)?, consumed))
            }
            (Found::Command(body), consumed) => Ok((self.command(body)?, consumed)),
            (Found::Message(message), consumed) => {
                self.check_welcome()?;
                let step = step::of(self.ours, &self.topics, &mut self.subscriptions, message)?;
                Ok((step, consumed))
            }
        }
    }

    /// Opens a sealed frame.
    fn open(&mut self, body: &[u8]) -> Result<Step<'_>, Refusal> {
        let Mechanism::Sealed(channel) = &mut self.mechanism else {
            return Ok(Step::Internal);
        };
        let opened = channel.open(body, &self.limits)?;
        match opened {
            Opened::Command(body) => return self.command(&body),
            Opened::Part | Opened::Message if !self.ours.receives() => {
                return Err(Refusal::Unexpected);
            }
            Opened::Part => return Ok(Step::Internal),
            Opened::Message => {}
        }
        match &self.mechanism {
            Mechanism::Sealed(channel) => {
                let message = channel.message();
                step::of(self.ours, &self.topics, &mut self.subscriptions, message)
            }
            _ => Ok(Step::Internal),
        }
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
        let read = read_greeting(input, self.mechanism.name());
        if matches!(read, Ok(Some(_)) | Err(Refusal::Mechanism { .. })) {
            self.outbox.append(&mut std::mem::take(&mut self.untold));
        }
        let Some(minor) = read? else {
            return Ok((Step::More, 0));
        };
        self.minor = minor;
        self.stage = Stage::Ready;
        match &self.mechanism {
            Mechanism::Null => write_command(&mut self.outbox, b"READY", &metadata(self.ours)),
            Mechanism::Client(keys) => {
                let handshake = security::begin(keys, metadata(self.ours), &mut self.outbox)?;
                self.mechanism = Mechanism::Shaking(handshake);
            }
            Mechanism::Server(_) | Mechanism::Shaking(_) | Mechanism::Sealed(_) => {}
        }
        Ok((Step::Internal, GREETING))
    }

    /// Takes a command, one of the handshake or one that is not sealed any more.
    fn command<'a>(&mut self, body: &[u8]) -> Result<Step<'a>, Refusal> {
        let agreed = match (self.stage, &mut self.mechanism) {
            // A refusal is told in plain words, because there may be no keys in common.
            (Stage::Ready, Mechanism::Server(_) | Mechanism::Shaking(_))
                if body.starts_with(b"\x05ERROR") =>
            {
                None
            }
            (Stage::Ready, Mechanism::Server(server)) => {
                let agreed = server.take(body, &mut self.outbox);
                if let Err(Refusal::Unlisted(_)) = agreed {
                    write_error(&mut self.outbox, security::NOT_LET_IN);
                }
                Some(agreed?)
            }
            (Stage::Ready, Mechanism::Shaking(client)) => {
                Some(client.take(body, &mut self.outbox)?)
            }
            _ => None,
        };
        match agreed {
            Some(None) => return Ok(Step::Internal),
            Some(Some(agreed)) => return self.agree(agreed),
            None => {}
        }
        match (self.stage, Command::read(body)?) {
            (Stage::Ready, Command::Ready { socket_type }) => {
                self.check_type(socket_type)?;
                self.open_traffic()
            }
            (Stage::Ready, Command::Error { reason }) => {
                Err(Refusal::ByPeer(security::explain(words(reason))))
            }
            (Stage::Traffic, Command::Ping { ttl, context }) => {
                self.send_command(&pong(context))?;
                if self.outbox.len() > OUTBOX {
                    return Err(Refusal::Unread);
                }
                Ok(Step::Ping(ttl))
            }
            (Stage::Traffic, Command::Subscription(change)) if self.ours == SocketType::Pub => {
                self.subscriptions.take(&change)?;
                Ok(Step::Internal)
            }
            (Stage::Traffic, Command::Ready { .. }) => Err(Refusal::Command("READY twice")),
            (Stage::Traffic, _) => Ok(Step::Internal),
            _ => Err(Refusal::Command("not READY or ERROR in the handshake")),
        }
    }

    /// The handshake of CURVE has come to its end.
    fn agree<'a>(&mut self, mut agreed: Agreed) -> Result<Step<'a>, Refusal> {
        self.check_type(socket_type(&agreed.metadata)?)?;
        if let Mechanism::Server(_) = self.mechanism {
            let ours = metadata(self.ours);
            agreed.channel.ready(&ours, &mut self.outbox)?;
        }
        self.client = agreed.client;
        self.mechanism = Mechanism::Sealed(agreed.channel);
        self.open_traffic()
    }

    /// Begins with messages: subscribes.
    fn open_traffic<'a>(&mut self) -> Result<Step<'a>, Refusal> {
        self.stage = Stage::Traffic;
        if self.ours == SocketType::Sub {
            for topic in Arc::clone(&self.topics).iter() {
                if self.minor >= 1 {
                    self.send_command(&subscribe(topic))?;
                } else {
                    // ZMTP 3.0 (RFC 23) has no such command, but messages that begin with 1.
                    let mut frame = Vec::new();
                    self.seal(&[&[1], &topic[..]].concat(), false, &mut frame)?;
                    self.outbox.append(&mut frame);
                }
            }
        }
        Ok(Step::Ready)
    }

    fn send_command(&mut self, body: &[u8]) -> Result<(), Refusal> {
        if let Mechanism::Sealed(channel) = &mut self.mechanism {
            return channel.seal_command(body, &mut self.outbox);
        }
        write_command_body(&mut self.outbox, body);
        Ok(())
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
