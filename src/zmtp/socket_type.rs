//! The socket types that this module can be or meet.

/// What a socket is, as the `Socket-Type` property of READY says it (RFC 23).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketType {
    /// Receives from PUSH.
    Pull,
    /// Sends to PULL.
    Push,
    /// Receives from PUB what it has subscribed to.
    Sub,
    /// Sends to SUB what that has subscribed to.
    Pub,
}

impl SocketType {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pull => "PULL",
            Self::Push => "PUSH",
            Self::Sub => "SUB",
            Self::Pub => "PUB",
        }
    }

    /// Whether a peer of the type named `peer` may talk to this one (the table of RFC 23).
    pub fn accepts(self, peer: &[u8]) -> bool {
        match self {
            Self::Pull => peer == b"PUSH",
            Self::Push => peer == b"PULL",
            Self::Sub => matches!(peer, b"PUB" | b"XPUB"),
            Self::Pub => matches!(peer, b"SUB" | b"XSUB"),
        }
    }

    /// Whether peers send messages to a socket of this type. The subscriptions of ZMTP 3.0,
    /// which are messages to a PUB, count.
    pub(super) fn receives(self) -> bool {
        !matches!(self, Self::Push)
    }
}
