//! Begins connections to an address, one of its resolved addresses after the other.

use std::{io, net::SocketAddr};

use rustix::net::SocketAddrUnix;

use super::{Address, listener::resolve, stream::Stream};

/// An address to connect to.
#[derive(Debug)]
pub(crate) struct Target {
    address: Address,
    /// What the name resolved to and has not been tried since.
    untried: Vec<SocketAddr>,
}

impl Target {
    pub(crate) fn new(address: Address) -> Self {
        Self {
            address,
            untried: Vec::new(),
        }
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Begins the next attempt. A name is resolved anew when all its addresses were tried,
    /// which waits for the resolver.
    pub(crate) fn connect(&mut self) -> io::Result<Stream> {
        match &self.address {
            Address::Ipc(path) => Stream::connect_unix(&SocketAddrUnix::new(path)?),
            Address::Tcp { host, port } => {
                if self.untried.is_empty() {
                    self.untried = resolve(host, *port)?;
                    self.untried.reverse();
                }
                let address = self.untried.pop().ok_or(io::ErrorKind::AddrNotAvailable)?;
                Stream::connect_tcp(address)
            }
        }
    }
}
