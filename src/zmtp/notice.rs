//! What a [`Push`](super::Push) tells its caller about its connections.

use std::{fmt, io};

use super::{Address, Refusal, error::lower};

/// A change in one of the connections of a [`Push`](super::Push).
#[derive(Debug)]
pub struct Notice {
    /// The address that was given to connect to.
    pub address: Address,
    /// What has changed.
    pub change: Change,
}

/// What has changed in a connection. Each outage is told once, however many attempts it takes.
#[derive(Debug)]
#[non_exhaustive]
pub enum Change {
    /// The handshake is done; messages flow.
    Connected,
    /// Nobody answers there; attempts go on.
    Absent(io::Error),
    /// The connection is lost, with the operating system's reason if it did not just end.
    /// Messages that were not written completely are kept and sent again.
    Lost(Option<io::Error>),
    /// The peer, or we, refused the connection; attempts go on.
    Refused(Refusal),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.address)?;
        match &self.change {
            Change::Connected => write!(f, "connected"),
            Change::Absent(error) => write!(f, "cannot connect yet: {}", lower(error)),
            Change::Lost(None) => write!(f, "the peer has closed the connection"),
            Change::Lost(Some(error)) => write!(f, "connection lost: {}", lower(error)),
            Change::Refused(refusal) => write!(f, "{refusal}"),
        }
    }
}
