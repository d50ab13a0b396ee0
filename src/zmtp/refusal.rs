//! Why one peer was refused: a broken rule of the protocol, or one of our limits.
//!
//! A refusal closes that peer's connection and nothing else. The words that come from the
//! peer are escaped, so that they can be printed.

use std::time::Duration;

/// Why a peer was refused. The first clause is ours, figures are in bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The first bytes are no ZMTP greeting. ZMTP 1.0, which has none, looks like this too.
    #[error("not a ZMTP 3 greeting (garbage, or a ZeroMQ older than 4.0)")]
    NotZmtp,
    /// The peer speaks ZMTP 2.x (libzmq 3.x of 2012), whose handshake we do not have.
    #[error("ZMTP 2 is not supported: the peer needs ZeroMQ 4.0 or newer")]
    OldVersion,
    /// The peer wants another security mechanism than we do.
    #[error("the peer's security mechanism is {peer}, and ours is {ours}")]
    Mechanism {
        /// What the peer announced.
        peer: String,
        /// What this end has.
        ours: &'static str,
    },
    /// The handshake of CURVE failed, or what is sealed is forged.
    #[error("CURVE: {0}")]
    Curve(&'static str),
    /// A client has shown that it has a key, and we do not let that key in.
    #[error("CURVE: the client's key is not let in: {0}")]
    Unlisted(String),
    /// The peer's socket type does not fit ours (RFC 23, "The Socket-Type Property").
    #[error("a {peer} socket cannot talk to a {ours} socket")]
    SocketType {
        /// What the peer announced.
        peer: String,
        /// What this end is.
        ours: &'static str,
    },
    /// A command is not formed as the specification says, or came at the wrong time.
    #[error("broken command: {0}")]
    Command(&'static str),
    /// The peer sent ERROR during the handshake, with these words.
    #[error("the peer refused us: {0}")]
    ByPeer(String),
    /// A flags octet has a bit that RFC 23 reserves, or a command has the MORE bit.
    #[error("invalid frame flags {0:#04x}")]
    Flags(u8),
    /// A frame announces more than the limit.
    #[error("a frame of {bytes} bytes exceeds the limit of {limit}")]
    FrameBytes {
        /// What the frame's header announces.
        bytes: u64,
        /// [`Limits::frame_bytes`](super::Limits::frame_bytes).
        limit: usize,
    },
    /// A message has grown over the limit.
    #[error("a message of more than {limit} bytes")]
    MessageBytes {
        /// [`Limits::message_bytes`](super::Limits::message_bytes).
        limit: usize,
    },
    /// A message has too many parts.
    #[error("a message of more than {limit} parts")]
    Parts {
        /// [`Limits::parts`](super::Limits::parts).
        limit: usize,
    },
    /// The handshake took too long.
    #[error("no handshake within {} s", .0.as_secs_f32())]
    HandshakeTimeout(Duration),
    /// The peer answered no heartbeat, or missed the time to live that it gave itself.
    #[error("silent for {} s", .0.as_secs_f32())]
    Silent(Duration),
    /// All peers together hold as many unfinished bytes as they may.
    #[error("unfinished messages of all peers exceed {limit} bytes")]
    Budget {
        /// [`Limits::total_bytes`](super::Limits::total_bytes).
        limit: usize,
    },
    /// The peer sends PINGs and does not read the answers.
    #[error("the peer does not read our replies")]
    Unread,
    /// A message came from a peer whose socket type only receives.
    #[error("a message from a peer that should only receive")]
    Unexpected,
}

impl Refusal {
    /// One word for statistics, the same for every peer and figure.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotZmtp => "not_zmtp",
            Self::OldVersion => "old_version",
            Self::Mechanism { .. } => "mechanism",
            Self::Curve(_) => "curve",
            Self::Unlisted(_) => "unlisted",
            Self::SocketType { .. } => "socket_type",
            Self::Command(_) => "command",
            Self::ByPeer(_) => "by_peer",
            Self::Flags(_) => "flags",
            Self::FrameBytes { .. } => "frame_bytes",
            Self::MessageBytes { .. } => "message_bytes",
            Self::Parts { .. } => "parts",
            Self::HandshakeTimeout(_) => "handshake_timeout",
            Self::Silent(_) => "silent",
            Self::Budget { .. } => "budget",
            Self::Unread => "unread",
            Self::Unexpected => "unexpected",
        }
    }
}
