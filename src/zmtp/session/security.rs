//! The security mechanism of a session: NULL, or CURVE from its first command on.

use std::sync::Arc;

use crate::zmtp::{
    Address, Refusal,
    curve::{Channel, ClientHandshake, CurveClient, CurveServer, ServerHandshake},
};

/// What a server tells a client whose key it does not let in: the status that ZAP has for it
/// (RFC 27), which libzmq shows to those who watch its sockets.
pub(super) const NOT_LET_IN: &str = "400";

/// How peers over TCP are known; those of `ipc` have to have the permissions of the path.
#[derive(Clone, Debug, Default)]
pub enum Security {
    /// Not at all.
    #[default]
    Null,
    /// By CURVE, as its server.
    Server(Arc<CurveServer>),
    /// By CURVE, as its client.
    Client(Arc<CurveClient>),
}

impl Security {
    /// What holds for an address: paths have the permissions of their files instead.
    pub(in crate::zmtp) fn of(&self, address: &Address) -> Self {
        match address {
            Address::Tcp { .. } => self.clone(),
            Address::Ipc(_) => Self::Null,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Null => NULL,
            Self::Server(_) | Self::Client(_) => CURVE,
        }
    }

    pub(super) fn is_server(&self) -> bool {
        matches!(self, Self::Server(_))
    }

    pub(super) fn mechanism(&self) -> Mechanism {
        match self {
            Self::Null => Mechanism::Null,
            Self::Server(keys) => Mechanism::Server(ServerHandshake::new(Arc::clone(keys))),
            Self::Client(keys) => Mechanism::Client(Arc::clone(keys)),
        }
    }
}

const NULL: &str = "NULL";
const CURVE: &str = "CURVE";

/// How far the mechanism is.
#[derive(Debug)]
pub(super) enum Mechanism {
    Null,
    /// CURVE, before its end.
    Server(ServerHandshake),
    /// CURVE, before the greeting.
    Client(Arc<CurveClient>),
    /// CURVE, before its end.
    Shaking(Box<ClientHandshake>),
    /// CURVE, after the handshake.
    Sealed(Box<Channel>),
}

impl Mechanism {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Null => NULL,
            Self::Server(_) | Self::Client(_) | Self::Shaking(_) | Self::Sealed(_) => CURVE,
        }
    }
}

/// Begins a client's handshake.
pub(super) fn begin(
    keys: &Arc<CurveClient>,
    metadata: Vec<u8>,
    out: &mut Vec<u8>,
) -> Result<Box<ClientHandshake>, Refusal> {
    let handshake = ClientHandshake::new(Arc::clone(keys), metadata)?;
    handshake.begin(out);
    Ok(Box::new(handshake))
}

/// The words of a peer that refuses us, with what its status means.
pub(super) fn explain(words: String) -> String {
    if words == NOT_LET_IN {
        format!("{words}, our key is not let in")
    } else {
        words
    }
}
