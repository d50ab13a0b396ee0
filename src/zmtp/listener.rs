//! A bound address that accepts connections.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use rustix::net::{
    AddressFamily, SocketFlags, accept_with, acceptfrom_with, bind, getsockname, listen, sockopt,
};

use super::{
    Address, Error,
    error::Result,
    ipc_path::IpcPath,
    stream::{Stream, new_socket},
};

/// Connections that the system may hold for us. It takes the smaller of this and its own
/// limit (`net.core.somaxconn`, 4,096 on Linux), so this asks for all that it gives.
pub(crate) const BACKLOG: i32 = 4096;

/// A bound address.
#[derive(Debug)]
pub(super) struct Listener {
    socket: OwnedFd,
    address: Address,
    /// Keeps the claim on the path of an `ipc` address; never read.
    _path: Option<IpcPath>,
    accepted: u64,
}

impl Listener {
    /// Binds `address`; the socket file of an `ipc` address gets the permissions `mode`.
    pub(super) fn bind(address: &Address, mode: u32) -> Result<Self> {
        let place = address.to_string();
        let (socket, address, path) = match address {
            Address::Ipc(path) => {
                let (claim, socket) = IpcPath::listen(path, &place, mode, BACKLOG)?;
                (socket, address.clone(), Some(claim))
            }
            Address::Tcp { host, port } => {
                let socket = bind_tcp(host, *port, &place)?;
                let port = port_of(&socket).unwrap_or(*port);
                (
                    socket,
                    Address::Tcp {
                        host: host.clone(),
                        port,
                    },
                    None,
                )
            }
        };
        Ok(Self {
            socket,
            address,
            _path: path,
            accepted: 0,
        })
    }

    /// The address with the port that the system chose, if it did.
    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Accepts one connection, with the name of its peer; `None` if none waits.
    pub(super) fn accept(&mut self) -> io::Result<Option<(Stream, String)>> {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let tcp = matches!(self.address, Address::Tcp { .. });
        let accepted = if tcp {
            acceptfrom_with(&self.socket, flags)
        } else {
            accept_with(&self.socket, flags).map(|socket| (socket, None))
        };
        let (socket, peer) = match accepted.map_err(io::Error::from) {
            Ok(accepted) => accepted,
            // The peer may have gone between poll and accept: that is nobody's error.
            Err(error) if is_passing(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        self.accepted += 1;
        let peer = peer.and_then(|peer| SocketAddr::try_from(peer).ok());
        let name = match peer {
            // A dual-stack listener sees IPv4 peers as ::ffff:a.b.c.d, which nobody wants to read.
            Some(peer) => format!(
                "tcp://{}",
                SocketAddr::new(peer.ip().to_canonical(), peer.port())
            ),
            None => format!("{}#{}", self.address, self.accepted),
        };
        Ok(Some((Stream::accepted(socket, tcp), name)))
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

pub(crate) fn is_passing(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, WouldBlock};
    matches!(
        error.kind(),
        WouldBlock | Interrupted | ConnectionAborted | ConnectionReset
    )
}

/// Binds the first of the host's addresses that can be bound.
pub(crate) fn bind_tcp(host: &str, port: u16, place: &str) -> Result<OwnedFd> {
    if host == "*" {
        // One socket for both families; a host without IPv6 gets the IPv4 one.
        let dual = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
        return match listen_on(dual, true) {
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                listen_on((Ipv4Addr::UNSPECIFIED, port).into(), false)
            }
            result => result,
        }
        .map_err(|error| Error::system(place, error));
    }
    let mut last = None;
    let addresses = resolve(host, port);
    for address in addresses.map_err(|source| Error::Host {
        place: place.to_owned(),
        source,
    })? {
        match listen_on(address, false) {
            Ok(socket) => return Ok(socket),
            Err(error) => last = Some(error),
        }
    }
    Err(Error::system(
        place,
        last.unwrap_or(io::ErrorKind::AddrNotAvailable.into()),
    ))
}

/// The addresses of a host. Asks the resolver, and waits for it, if `host` is a name.
pub(crate) fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok((host, port).to_socket_addrs()?.collect())
}

fn listen_on(address: SocketAddr, dual: bool) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let socket = new_socket(family)?;
    // A restarted receiver gets its port back although old connections are in TIME_WAIT.
    sockopt::set_socket_reuseaddr(&socket, true)?;
    if dual {
        sockopt::set_ipv6_v6only(&socket, false)?;
    }
    bind(&socket, &address)?;
    listen(&socket, BACKLOG)?;
    Ok(socket)
}

pub(crate) fn port_of(socket: &OwnedFd) -> Option<u16> {
    let address = getsockname(socket).ok()?;
    Some(SocketAddr::try_from(address).ok()?.port())
}
