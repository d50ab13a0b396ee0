//! `CurveZMQ` (RFC 26): who may talk, and that nobody else reads it.
//!
//! Both ends have a long-term pair of keys; a client knows the server's public one beforehand,
//! a server has a list of its clients'. For each connection both make a short-term pair, so that
//! keys that are stolen later open nothing that was said before. Four commands make up the
//! handshake, HELLO and INITIATE of the client, WELCOME and READY of the server; after it each
//! frame is a MESSAGE in a box of its own, whose nonce has to be larger than the last.
//!
//! A server keeps nothing for a client between WELCOME and INITIATE but the key of one cookie:
//! both short-term keys are in the cookie, which the client has to bring back on the same
//! connection, once, before the handshake's deadline.
//!
//! There is neither input nor output here, and no clock. Random bytes come from the system.

mod boxes;
mod channel;
mod client;
mod keys;
mod server;
mod z85;

pub use self::keys::{Clients, CurveClient, CurveServer, PublicKey, SecretKey};
pub(super) use self::{
    channel::{Channel, OVERHEAD, Opened},
    client::ClientHandshake,
    server::ServerHandshake,
};

/// What a handshake ends in.
#[derive(Debug)]
pub(super) struct Agreed {
    /// What is said from now on.
    pub(super) channel: Box<Channel>,
    /// The peer's metadata: the properties of a READY of ZMTP.
    pub(super) metadata: Vec<u8>,
    /// The client, as the server's list names it.
    pub(super) client: Option<String>,
}

#[cfg(test)]
mod tests;
