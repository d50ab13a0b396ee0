//! A connection that lines are written to, over TCP or a Unix socket, with TLS or without.

use std::{
    io::{self, BufRead, Write},
    os::fd::AsFd,
    time::Duration,
};

use rustix::event::PollFlags;
use rustls::ClientConnection;

use crate::{
    sink::Patience,
    store::Fault,
    tls::{self, TlsClient},
    zmtp::{Moved, Stream, Target, lower},
};

/// How long a connection may take until it can be written to.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a peer may take to close its side: it has to read everything first.
const PART: Duration = Duration::from_secs(30);

/// What is read of a peer at a time, to be thrown away.
const PIECE: usize = 4 << 10;

/// A connection.
pub(super) struct Link {
    socket: Stream,
    tls: Option<Box<ClientConnection>>,
}

/// How a connection has ended.
enum End {
    /// The peer has closed its side, in order.
    Closed,
    Broken(String),
}

impl From<End> for Fault {
    fn from(end: End) -> Self {
        Self::Passing(match end {
            End::Closed => "the peer has left".into(),
            End::Broken(words) => words,
        })
    }
}

fn broken(error: &io::Error) -> End {
    End::Broken(lower(error))
}

impl Link {
    /// Connects; with TLS, to a host that has to show a certificate of that name.
    pub(super) fn connect(
        target: &mut Target,
        tls: Option<(&TlsClient, &str)>,
        patience: &mut Patience,
    ) -> Result<Self, Fault> {
        let passing = |error: &io::Error| Fault::from(broken(error));
        let socket = target.connect().map_err(|error| passing(&error))?;
        while !socket.finish_connect().map_err(|error| passing(&error))? {
            if !patience.ready(socket.as_fd(), PollFlags::OUT, CONNECT) {
                return Err(Fault::Passing("no connection in time".into()));
            }
        }
        let mut link = Self { socket, tls: None };
        if let Some((client, host)) = tls {
            let tls = client.begin(host).map_err(Fault::Lasting)?;
            link.tls = Some(Box::new(tls));
            link.shake_hands(patience)?;
        }
        Ok(link)
    }

    fn shake_hands(&mut self, patience: &mut Patience) -> Result<(), Fault> {
        while self.tls.as_ref().is_some_and(|tls| tls.is_handshaking()) {
            self.flush(patience)?;
            // What the peer has to say about the last step comes later, and ends the link then.
            if !self.tls.as_ref().is_some_and(|tls| tls.is_handshaking()) {
                break;
            }
            if !patience.ready(self.socket.as_fd(), PollFlags::IN, CONNECT) {
                return Err(Fault::Passing("TLS: no handshake in time".into()));
            }
            self.check()?;
        }
        self.flush(patience)
    }

    /// Writes bytes; `sent` counts those that are on their way.
    pub(super) fn write(
        &mut self,
        bytes: &[u8],
        sent: &mut usize,
        patience: &mut Patience,
    ) -> Result<(), Fault> {
        let mut left = bytes;
        while !left.is_empty() {
            let moved = match &mut self.tls {
                None => self.socket.write(left).map_err(|error| broken(&error)),
                Some(tls) => match tls.writer().write(left) {
                    Ok(0) => Ok(Moved::Later),
                    Ok(count) => Ok(Moved::Bytes(count)),
                    Err(error) => Err(broken(&error)),
                },
            };
            match moved.map_err(|end| self.better(end))? {
                Moved::Bytes(count) => {
                    left = &left[count..];
                    *sent += count;
                }
                Moved::Later | Moved::End => self.wait(patience)?,
            }
            self.flush(patience)?;
        }
        Ok(())
    }

    /// Writes what TLS has to send.
    fn flush(&mut self, patience: &mut Patience) -> Result<(), Fault> {
        loop {
            let Some(tls) = self.tls.as_mut().filter(|tls| tls.wants_write()) else {
                return Ok(());
            };
            match tls.write_tls(&mut &self.socket) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.wait(patience)?,
                Err(error) => return Err(self.better(broken(&error)).into()),
            }
        }
    }

    /// Waits until more can be written.
    fn wait(&self, patience: &mut Patience) -> Result<(), Fault> {
        loop {
            if patience.ready(self.socket.as_fd(), PollFlags::OUT, PART) {
                return Ok(());
            }
            if patience.left().is_none() {
                return Err(Fault::Passing("the peer reads nothing".into()));
            }
        }
    }

    /// Why a connection has ended that cannot be written to: the peer may have said it.
    fn better(&mut self, end: End) -> End {
        match self.check() {
            Err(End::Broken(words)) if self.tls.is_some() => End::Broken(words),
            _ => end,
        }
    }

    /// Takes in what the peer says, which is nothing but its end.
    fn check(&mut self) -> Result<(), End> {
        let mut piece = Vec::with_capacity(PIECE);
        loop {
            piece.clear();
            match self.socket.read(&mut piece) {
                Ok(Moved::Bytes(_)) => self.take(&piece)?,
                Ok(Moved::Later) => return Ok(()),
                Ok(Moved::End) => return Err(End::Closed),
                Err(error) => return Err(broken(&error)),
            }
        }
    }

    fn take(&mut self, mut bytes: &[u8]) -> Result<(), End> {
        let Some(tls) = &mut self.tls else {
            return Ok(());
        };
        while !bytes.is_empty() {
            tls.read_tls(&mut bytes).map_err(|error| broken(&error))?;
            let state = tls
                .process_new_packets()
                .map_err(|error| End::Broken(format!("TLS: {}", tls::words(&error, "--tls-ca"))));
            // An alert of ours tells the peer why.
            let _ = tls.write_tls(&mut &self.socket);
            if state?.peer_has_closed() {
                return Err(End::Closed);
            }
            let mut text = tls.reader();
            while let Ok(piece) = text.fill_buf()
                && !piece.is_empty()
            {
                let length = piece.len();
                text.consume(length);
            }
        }
        Ok(())
    }

    /// Fails if the connection has ended.
    pub(super) fn is_there(&mut self) -> Result<(), Fault> {
        Ok(self.check()?)
    }

    /// Closes our side and waits for the peer to close its own, which it does when it has read
    /// everything; false if it has not in time.
    pub(super) fn part(&mut self, patience: &mut Patience) -> Result<bool, Fault> {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
        }
        self.flush(patience)?;
        if let Err(error) = self.socket.finish() {
            return Err(self.better(broken(&error)).into());
        }
        loop {
            match self.check() {
                Err(End::Closed) => return Ok(true),
                Err(end) => return Err(end.into()),
                Ok(()) => {}
            }
            if !patience.ready(self.socket.as_fd(), PollFlags::IN, PART) {
                return Ok(false);
            }
        }
    }
}
