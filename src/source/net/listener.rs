//! Bound addresses: what accepts connections, and what gets datagrams.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use rustix::net::{
    AddressFamily, SocketFlags, SocketType, accept_with, acceptfrom_with, bind, socket_with,
    sockopt,
};

use super::{link::Link, tls::Tls};
use crate::{
    endpoint::{Listen, Place},
    error::{Error, Result},
    zmtp::{BACKLOG, IpcPath, Stream, bind_tcp, is_passing, lower, port_of, resolve},
};

/// Permissions of the file of a Unix socket: processes of the same user.
const MODE: u32 = 0o600;

/// Bytes of datagrams that the system is asked to keep for us. It gives no more than
/// `net.core.rmem_max`; what comes beyond is lost, so this asks for much.
const KEPT: usize = 8 << 20;

/// A bound address that accepts connections.
#[derive(Debug)]
pub(super) struct Listener {
    socket: OwnedFd,
    /// Its place in the list of endpoints.
    pub(super) endpoint: usize,
    unix: Option<String>,
    /// Keeps the claim on the path of a Unix socket; never read.
    _path: Option<IpcPath>,
    accepted: u64,
}

/// Binds an endpoint, and puts the port there that the system chose.
pub(super) fn listen(endpoint: usize, listen: &mut Listen) -> Result<Listener> {
    let name = listen.to_string();
    let bound = |error: crate::zmtp::Error| Error::Failed(error.to_string());
    let (socket, unix, path) = match &mut listen.place {
        Place::Unix(path) => {
            let (claim, socket) = IpcPath::listen(path, &name, MODE, BACKLOG).map_err(bound)?;
            (socket, Some(path.display().to_string()), Some(claim))
        }
        Place::Tcp { host, port } | Place::Udp { host, port } => {
            let socket = bind_tcp(host, *port, &name).map_err(bound)?;
            *port = port_of(&socket).unwrap_or(*port);
            (socket, None, None)
        }
    };
    Ok(Listener {
        socket,
        endpoint,
        unix,
        _path: path,
        accepted: 0,
    })
}

impl Listener {
    /// Accepts one connection, with the name of its peer; `None` if none waits.
    pub(super) fn accept(&mut self, tls: Option<&Tls>) -> io::Result<Option<(Link, String)>> {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let accepted = if self.unix.is_none() {
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
        let name = match (&self.unix, peer) {
            (None, Some(peer)) => format!("tcp://{}", canonical(peer)),
            (path, _) => {
                let path = path.as_deref().unwrap_or_default();
                format!("unix://{path}#{}", self.accepted)
            }
        };
        let socket = Stream::accepted(socket, self.unix.is_none());
        Ok(Some((Link::accepted(socket, tls)?, name)))
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// A dual-stack socket sees IPv4 peers as `::ffff:a.b.c.d`, which nobody wants to read.
pub(super) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// Binds an address for datagrams, and gives the port that the system chose.
pub(super) fn bind_udp(host: &str, port: u16, name: &str) -> Result<(OwnedFd, u16)> {
    let failed = |error: &io::Error| Error::Failed(format!("{name}: {}", lower(error)));
    let addresses = if host == "*" {
        // One socket for both families; a host without IPv6 gets the IPv4 one.
        let every = [
            (Ipv6Addr::UNSPECIFIED, port).into(),
            (Ipv4Addr::UNSPECIFIED, port).into(),
        ];
        Ok(every.to_vec())
    } else {
        resolve(host, port)
    };
    let addresses = addresses
        .map_err(|error| Error::Failed(format!("{name}: unknown host: {}", lower(&error))))?;
    let mut last = io::ErrorKind::AddrNotAvailable.into();
    for address in addresses {
        match bind_one(address, host == "*") {
            Ok(socket) => {
                let port = port_of(&socket).unwrap_or(port);
                return Ok((socket, port));
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                return Err(Error::Failed(format!("{name}: address already in use")));
            }
            Err(error) => last = error,
        }
    }
    Err(failed(&last))
}

fn bind_one(address: SocketAddr, dual: bool) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(family, SocketType::DGRAM, flags, None)?;
    if dual && address.is_ipv6() {
        sockopt::set_ipv6_v6only(&socket, false)?;
    }
    // Half of it is still more than the usual 208 KiB.
    let _ = sockopt::set_socket_recv_buffer_size(&socket, KEPT);
    bind(&socket, &address)?;
    Ok(socket)
}
