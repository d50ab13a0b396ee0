//! A bound UDP address: each datagram is a message, save the chunks of GELF.

use std::{
    net::SocketAddr,
    ops::ControlFlow,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    time::{Duration, Instant},
};

use hashlink::LruCache;
use rustix::{
    buffer::spare_capacity,
    net::{RecvFlags, recvfrom},
};

use super::{
    Chunks, Event, Given, Limits, Peer, Refusal, connection::Turn, drops::dropped,
    listener::bind_udp, listener::canonical,
};
use crate::{
    endpoint::{Listen, Place, Protocol},
    error::Result,
};

/// The longest datagram that UDP can carry is a little shorter.
const LONGEST: usize = 64 << 10;
/// Datagrams that are taken in one turn, so that a flood does not starve the others.
const TURN: usize = 1024;
/// Senders whose messages are counted. A sender's address costs nothing, so the one that was
/// silent for longest is forgotten; if it comes back, its numbers begin again.
const SENDERS: usize = 4096;

/// A bound UDP address.
#[derive(Debug)]
pub(super) struct Datagrams {
    socket: OwnedFd,
    /// Its place in the list of endpoints.
    pub(super) endpoint: usize,
    peers: LruCache<SocketAddr, Peer>,
    chunks: Option<Chunks<SocketAddr>>,
}

impl Datagrams {
    /// Binds an endpoint, and puts the port there that the system chose.
    pub(super) fn bind(endpoint: usize, listen: &mut Listen, limits: &Limits) -> Result<Self> {
        let name = listen.to_string();
        let (Place::Udp { host, port } | Place::Tcp { host, port }) = &mut listen.place else {
            // Nothing that has a path is bound here.
            return Err(crate::error::Error::Failed(format!("{name}: not UDP")));
        };
        let (socket, bound) = bind_udp(host, *port, &name)?;
        *port = bound;
        Ok(Self {
            socket,
            endpoint,
            peers: LruCache::new(SENDERS),
            chunks: (listen.protocol == Protocol::Gelf).then(|| Chunks::new(limits)),
        })
    }

    /// Datagrams that the system dropped because they were not taken in time.
    pub(super) fn dropped(&self) -> u64 {
        dropped(self.socket.as_fd()).unwrap_or_default()
    }

    /// Takes what has come.
    pub(super) fn serve(&mut self, turn: &mut Turn<'_>) -> ControlFlow<()> {
        for _ in 0..TURN {
            turn.shared.clear();
            turn.shared.reserve(LONGEST);
            let got = recvfrom(
                &self.socket,
                spare_capacity(turn.shared),
                RecvFlags::empty(),
            );
            // Nothing is there; any other error passes with the next datagram.
            let Ok((_, _, Some(address))) = got else {
                break;
            };
            let Ok(address) = SocketAddr::try_from(address) else {
                continue;
            };
            let datagram = std::mem::take(turn.shared);
            let flow = self.datagram(address, &datagram, turn);
            *turn.shared = datagram;
            flow?;
        }
        self.check(turn)
    }

    /// Gives up the messages whose chunks do not come.
    pub(super) fn check(&mut self, turn: &mut Turn<'_>) -> ControlFlow<()> {
        while let Some((address, bytes, reason)) = self
            .chunks
            .as_mut()
            .and_then(|chunks| chunks.lost(turn.now))
        {
            self.lose(address, &bytes, &reason, turn)?;
        }
        ControlFlow::Continue(())
    }

    /// Gives up all messages whose chunks have not come.
    pub(super) fn give_up(&mut self, turn: &mut Turn<'_>) {
        while let Some((address, bytes)) = self.chunks.as_mut().and_then(Chunks::give_up) {
            // All are told, whatever the caller says.
            let _ = self.lose(address, &bytes, &Refusal::Ended, turn);
        }
    }

    /// When [`check`](Self::check) has something to do.
    pub(super) fn due(&self) -> Option<Instant> {
        self.chunks.as_ref()?.due()
    }

    /// Puts deadlines off by a time in which nobody read.
    pub(super) fn excuse(&mut self, away: Duration) {
        if let Some(chunks) = &mut self.chunks {
            chunks.excuse(away);
        }
    }

    fn datagram(
        &mut self,
        address: SocketAddr,
        datagram: &[u8],
        turn: &mut Turn<'_>,
    ) -> ControlFlow<()> {
        let given = match &mut self.chunks {
            Some(chunks) => chunks.take(&address, datagram, turn.now),
            None => Given::Whole,
        };
        let joined;
        let bytes = match given {
            Given::Whole => datagram,
            Given::Message(message) => {
                joined = message;
                &joined
            }
            Given::Kept => return ControlFlow::Continue(()),
            Given::Broken(reason) => return self.lose(address, datagram, &reason, turn),
        };
        let endpoint = self.endpoint;
        let peer = self.peer(address);
        peer.messages += 1;
        *turn.messages += 1;
        (turn.on_event)(Event::Message {
            endpoint,
            peer,
            number: peer.messages,
            bytes,
        })
    }

    fn lose(
        &mut self,
        address: SocketAddr,
        bytes: &[u8],
        reason: &Refusal,
        turn: &mut Turn<'_>,
    ) -> ControlFlow<()> {
        let endpoint = self.endpoint;
        let peer = self.peer(address);
        (turn.on_event)(Event::Lost {
            endpoint,
            peer,
            bytes,
            reason,
        })
    }

    fn peer(&mut self, address: SocketAddr) -> &mut Peer {
        let entry = self.peers.entry(address);
        entry.or_insert_with(|| Peer::new(format!("udp://{}", canonical(address))))
    }
}

impl AsFd for Datagrams {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
