//! What a connection moves bytes through: its socket alone, or TLS over it.
//!
//! TLS is read here and not beside the socket, because it is a part of the same turn: what has
//! come is decrypted at once, so nothing that is complete waits where `poll` does not see it.
//! What a peer costs is rustls's buffers: 64 KiB at most during the handshake, a record of
//! 16 KiB after it, and [`UNSENT`] of replies.

use std::{
    io::{self, BufRead, Write},
    os::fd::{AsFd, BorrowedFd},
};

use rustls::ServerConnection;

use super::{
    Refusal,
    connection::End,
    tls::{Tls, subject, words},
};
use crate::zmtp::{Moved, Stream};

/// Bytes that are taken from a socket at once: the longest record of TLS.
const PIECE: usize = 16 << 10;

/// Bytes of replies that wait in rustls for a peer that does not read.
const UNSENT: usize = 64 << 10;

/// What bytes are moved through.
#[derive(Debug)]
pub(super) enum Link {
    Plain(Stream),
    Tls(Box<Secure>),
}

/// TLS over a socket.
#[derive(Debug)]
pub(super) struct Secure {
    socket: Stream,
    tls: ServerConnection,
    /// The peer has sent something.
    heard: bool,
    /// Nothing more comes, and why.
    over: Option<Over>,
}

/// How what a peer sends ends.
#[derive(Clone, Debug)]
enum Over {
    /// The peer has said so.
    Closed,
    /// The connection has ended without a word, so nobody knows whether this is all.
    Cut,
    Refused(Refusal),
}

impl Link {
    /// Begins with a connection that was accepted.
    pub(super) fn accepted(socket: Stream, tls: Option<&Tls>) -> io::Result<Self> {
        let Some(tls) = tls else {
            return Ok(Self::Plain(socket));
        };
        let mut tls = tls.begin().map_err(io::Error::other)?;
        tls.set_buffer_limit(Some(UNSENT));
        Ok(Self::Tls(Box::new(Secure {
            socket,
            tls,
            heard: false,
            over: None,
        })))
    }

    /// Whether the handshake is under way.
    pub(super) fn is_shaking(&self) -> bool {
        matches!(self, Self::Tls(link) if link.tls.is_handshaking())
    }

    /// Whether nothing more comes, which `poll` may not see.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self, Self::Tls(link) if link.over.is_some())
    }

    /// Whether something of TLS's own waits to be sent.
    pub(super) fn has_output(&self) -> bool {
        matches!(self, Self::Tls(link) if link.tls.wants_write())
    }

    /// Whose certificate the peer has shown.
    pub(super) fn client(&self) -> Option<String> {
        match self {
            Self::Tls(link) if !link.tls.is_handshaking() => {
                subject(link.tls.peer_certificates()?.first()?)
            }
            _ => None,
        }
    }

    /// Appends what is there to `buffer`, up to its capacity, which must not be reached; TLS
    /// may go over it by a record.
    pub(super) fn read(&mut self, buffer: &mut Vec<u8>) -> Result<Moved, End> {
        match self {
            Self::Plain(socket) => socket.read(buffer).map_err(|_| End::Left),
            Self::Tls(link) => link.read(buffer),
        }
    }

    /// Takes as much of `bytes`, which must not be empty, as fits now.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<Moved, End> {
        match self {
            Self::Plain(socket) => socket.write(bytes).map_err(|_| End::Left),
            Self::Tls(link) => link.write(bytes),
        }
    }

    /// Writes what TLS has to send; says whether all of it is out.
    pub(super) fn flush(&mut self) -> Result<bool, End> {
        match self {
            Self::Plain(_) => Ok(true),
            Self::Tls(link) => link.flush(),
        }
    }

    /// Tells the peer that nothing more comes from here.
    pub(super) fn finish(&mut self) -> Result<(), End> {
        let socket = match self {
            Self::Plain(socket) => socket,
            Self::Tls(link) => {
                link.tls.send_close_notify();
                link.flush()?;
                &link.socket
            }
        };
        socket.finish().map_err(|_| End::Left)
    }
}

impl Secure {
    /// What was decrypted is handed out before the end that came behind it.
    fn read(&mut self, buffer: &mut Vec<u8>) -> Result<Moved, End> {
        let had = buffer.len();
        let mut piece = Vec::with_capacity(PIECE);
        while self.over.is_none() {
            piece.clear();
            match self.socket.read(&mut piece) {
                Ok(Moved::Later) => break,
                Ok(Moved::Bytes(_)) => {
                    self.heard = true;
                    self.take(&piece, buffer);
                }
                Ok(Moved::End) | Err(_) => self.over = Some(self.cut()),
            }
            if buffer.len() + PIECE > buffer.capacity() {
                break;
            }
        }
        if self.flush().is_err() {
            self.over.get_or_insert(Over::Cut);
        }
        if buffer.len() > had {
            return Ok(Moved::Bytes(buffer.len() - had));
        }
        match &self.over {
            None => Ok(Moved::Later),
            Some(Over::Closed) => Ok(Moved::End),
            // Whoever cuts a connection off must not make a message end early.
            Some(Over::Cut) => Err(End::Left),
            Some(Over::Refused(refusal)) => Err(refusal.clone().into()),
        }
    }

    /// The socket has ended. Whoever only looks whether somebody listens is no news.
    fn cut(&self) -> Over {
        if self.tls.is_handshaking() && self.heard {
            Over::Refused(Refusal::Tls("left within the handshake".into()))
        } else {
            Over::Cut
        }
    }

    /// Decrypts what has come.
    fn take(&mut self, mut bytes: &[u8], buffer: &mut Vec<u8>) {
        while !bytes.is_empty() && self.over.is_none() {
            let read = self.tls.read_tls(&mut bytes);
            let read = read.map_err(|error| error.to_string());
            let state = read.and_then(|_| {
                let state = self.tls.process_new_packets();
                state.map_err(|error| words(&error))
            });
            match state {
                Ok(state) if state.peer_has_closed() => self.over = Some(Over::Closed),
                Ok(_) => {}
                // The alert that tells the peer waits to be flushed.
                Err(words) => self.over = Some(Over::Refused(Refusal::Tls(words))),
            }
            let mut text = self.tls.reader();
            // It has nothing at the moment, or never again: both are told by the socket.
            while let Ok(chunk) = text.fill_buf()
                && !chunk.is_empty()
            {
                let length = chunk.len();
                if buffer.capacity() - buffer.len() < length {
                    buffer.reserve_exact(length);
                }
                buffer.extend_from_slice(chunk);
                text.consume(length);
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<Moved, End> {
        let count = self.tls.writer().write(bytes).map_err(|_| End::Left)?;
        self.flush()?;
        Ok(if count == 0 {
            Moved::Later
        } else {
            Moved::Bytes(count)
        })
    }

    fn flush(&mut self) -> Result<bool, End> {
        while self.tls.wants_write() {
            match self.tls.write_tls(&mut &self.socket) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(_) => return Err(End::Left),
            }
        }
        Ok(true)
    }
}

impl AsFd for Link {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Plain(socket) => socket.as_fd(),
            Self::Tls(link) => link.socket.as_fd(),
        }
    }
}
