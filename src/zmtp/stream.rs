//! A connected socket, TCP or Unix: non-blocking reads and writes.

use std::{
    io::{self, Write},
    net::SocketAddr,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    time::Duration,
};

use rustix::{
    buffer::spare_capacity,
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SendFlags, Shutdown, SocketAddrAny, SocketAddrUnix, SocketFlags,
        SocketType, connect, getpeername, getsockname, recv, send, shutdown, socket_with, sockopt,
    },
};

/// What a read or write has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moved {
    /// So many bytes, at least one.
    Bytes(usize),
    /// Nothing is there, or nothing fits, for now.
    Later,
    /// The peer sends nothing more (reads only).
    End,
}

/// A connected, or connecting, stream socket.
#[derive(Debug)]
pub(crate) struct Stream(OwnedFd);

impl Stream {
    /// Takes a socket that `accept` gave; it is non-blocking already.
    pub(crate) fn accepted(socket: OwnedFd, tcp: bool) -> Self {
        if tcp {
            tune(&socket);
        }
        Self(socket)
    }

    /// Begins to connect over TCP; [`Self::finish_connect`] tells the outcome.
    pub(super) fn connect_tcp(address: SocketAddr) -> io::Result<Self> {
        let family = if address.is_ipv4() {
            AddressFamily::INET
        } else {
            AddressFamily::INET6
        };
        let socket = new_socket(family)?;
        tune(&socket);
        started(connect(&socket, &address))?;
        Ok(Self(socket))
    }

    /// Begins to connect to a Unix socket.
    pub(super) fn connect_unix(address: &SocketAddrUnix) -> io::Result<Self> {
        let socket = new_socket(AddressFamily::UNIX)?;
        started(connect(&socket, address))?;
        Ok(Self(socket))
    }

    /// Whether the connect has succeeded; `false` while it is under way. A TCP connect that
    /// met itself has failed: without a listener, a port of the ephemeral range can be given
    /// to the connecting socket itself, which then keeps the real listener from coming back.
    pub(crate) fn finish_connect(&self) -> io::Result<bool> {
        sockopt::socket_error(&self.0)??;
        let peer = match getpeername(&self.0) {
            Ok(peer) => peer,
            Err(Errno::NOTCONN) => return Ok(false),
            Err(errno) => return Err(errno.into()),
        };
        let tcp = |address: SocketAddrAny| SocketAddr::try_from(address).ok();
        let peer = peer.and_then(tcp);
        if peer.is_some() && peer == getsockname(&self.0).ok().and_then(tcp) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        Ok(true)
    }

    /// Appends what is there to `buffer`, never more than its spare capacity, which must not
    /// be empty.
    pub(crate) fn read(&self, buffer: &mut Vec<u8>) -> io::Result<Moved> {
        let had = buffer.len();
        let result = recv(&self.0, spare_capacity(buffer), RecvFlags::empty());
        match result {
            Ok(_) if buffer.len() == had => Ok(Moved::End),
            Ok(_) => Ok(Moved::Bytes(buffer.len() - had)),
            Err(errno) => later(errno),
        }
    }

    /// Writes as much of `bytes`, which must not be empty, as fits now.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<Moved> {
        match send(&self.0, bytes, SendFlags::NOSIGNAL) {
            Ok(count) => Ok(Moved::Bytes(count)),
            Err(errno) => later(errno),
        }
    }

    /// Tells the peer that nothing more comes from here. Fails only on a dead connection.
    pub(crate) fn finish(&self) -> io::Result<()> {
        Ok(shutdown(&self.0, Shutdown::Write)?)
    }
}

/// Writes for who knows sockets by `std` only, as rustls does: what does not fit is an error.
impl Write for &Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match Stream::write(self, bytes)? {
            Moved::Bytes(count) => Ok(count),
            Moved::Later | Moved::End => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// A new non-blocking stream socket that no child inherits.
pub(super) fn new_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    Ok(socket_with(family, SocketType::STREAM, flags, None)?)
}

/// Sets TCP options. None is needed for correctness, so a failure is passed over: small
/// PONGs and last messages leave at once, and a host that vanished is noticed after 60 s and
/// six probes, 10 s apart, instead of two hours.
fn tune(socket: &OwnedFd) {
    let _ = sockopt::set_tcp_nodelay(socket, true);
    let _ = sockopt::set_socket_keepalive(socket, true);
    let _ = sockopt::set_tcp_keepidle(socket, Duration::from_secs(60));
    let _ = sockopt::set_tcp_keepintvl(socket, Duration::from_secs(10));
    let _ = sockopt::set_tcp_keepcnt(socket, 6);
}

fn started(result: rustix::io::Result<()>) -> io::Result<()> {
    match result {
        Ok(()) | Err(Errno::INPROGRESS) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

fn later(errno: Errno) -> io::Result<Moved> {
    match errno {
        Errno::AGAIN | Errno::INTR => Ok(Moved::Later),
        errno => Err(errno.into()),
    }
}
