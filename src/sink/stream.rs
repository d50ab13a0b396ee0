//! Streams: messages one behind the other over a connection that has no acknowledgement.
//!
//! What the system has taken may still be lost, so what was written is kept until it is known to
//! have been read: a peer that is told that nothing more comes closes its side when it has read
//! everything, and that is waited for. It is asked so at the end, when the caller wants to know,
//! and when there is too much, or for too long, that nobody knows of. A connection that ends in
//! any other way is made anew, and all that is kept is sent again.

mod link;
mod pack;

use std::time::{Duration, Instant};

use self::{link::Link, pack::Pack};
use super::{
    Encode, Packing, Patience, SinkOptions,
    courier::{Carrier, Courier, Load},
};
use crate::{
    endpoint::{Listen, Place, Protocol},
    error::{Error, Result},
    store::Fault,
    tls::TlsClient,
    zmtp::{Address, Target},
};

/// What is kept at the most, beside the lines of one write: some tenths of a second of a fast
/// network, so that asking costs nothing that can be measured.
const WINDOW: usize = 16 << 20;

/// How much is compressed before it is written.
const PIECE: usize = 1 << 20;

/// For how long nobody knows of a line, at the most.
const UNSURE: Duration = Duration::from_secs(30);

/// How messages are told apart.
#[derive(Clone, Copy, Debug)]
enum Framing {
    /// A newline is behind each.
    Lines,
    /// Its length is before each (RFC 6587, section 3.4.1).
    Counted,
}

/// A peer that reads a stream.
pub(super) struct StreamCarrier {
    target: Target,
    tls: Option<(TlsClient, String)>,
    framing: Framing,
    encode: Option<Box<dyn Encode>>,
    packing: Option<Packing>,
    link: Option<Link>,
    /// What compresses what goes over this connection.
    pack: Option<Pack>,
    /// Messages of which nobody knows whether they have been read, and how much of them is on its
    /// way over this connection.
    window: Vec<u8>,
    sent: usize,
    lines: u64,
    /// Since when there are such messages.
    since: Instant,
    /// True once the peer has not closed its side although it could.
    mute: bool,
    /// True until the first connection, which is made although there is nothing to write.
    fresh: bool,
    /// The message that is being made.
    message: Vec<u8>,
    words: Vec<String>,
}

/// Begins to connect; that nobody is there yet is no error.
pub(super) fn open(listen: &Listen, mut options: SinkOptions) -> Result<Courier<StreamCarrier>> {
    let (address, host) = match &listen.place {
        Place::Tcp { host, port } => {
            super::check_connect(listen, host, *port)?;
            let (host, port) = (host.clone(), *port);
            let address = Address::Tcp {
                host: host.clone(),
                port,
            };
            (address, host)
        }
        Place::Unix(path) => (Address::Ipc(path.clone()), String::new()),
        Place::Udp { .. } => {
            return Err(Error::Endpoint {
                text: listen.to_string(),
                reason: super::NOT_OUT.into(),
            });
        }
    };
    let wire = std::mem::take(&mut options.wire);
    let carrier = StreamCarrier {
        target: Target::new(address),
        tls: wire.tls.map(|tls| (tls, host)),
        framing: match listen.protocol {
            Protocol::Syslog => Framing::Counted,
            _ => Framing::Lines,
        },
        encode: wire.encode,
        packing: wire.packing,
        link: None,
        pack: None,
        window: Vec::new(),
        sent: 0,
        lines: 0,
        since: Instant::now(),
        mute: false,
        fresh: true,
        message: Vec::new(),
        words: Vec::new(),
    };
    let load = Load {
        batch: super::BATCH,
        hold: super::BATCH,
        eager: true,
    };
    Courier::open(listen.to_string(), carrier, load, options)
}

impl StreamCarrier {
    /// Writes what is not on its way, connecting if need be.
    fn push(&mut self, patience: &mut Patience) -> Result<(), Fault> {
        let pushed = self.try_push(patience);
        if pushed.is_err() {
            self.part();
        }
        pushed
    }

    fn try_push(&mut self, patience: &mut Patience) -> Result<(), Fault> {
        let link = match &mut self.link {
            Some(link) => link,
            none => {
                let tls = self.tls.as_ref().map(|(tls, host)| (tls, host.as_str()));
                none.insert(Link::connect(&mut self.target, tls, patience)?)
            }
        };
        self.fresh = false;
        let from = self.sent;
        let Some(packing) = self.packing else {
            return link.write(&self.window[from..], &mut self.sent, patience);
        };
        let pack = self.pack.get_or_insert_with(|| Pack::new(packing));
        for piece in self.window[from..].chunks(PIECE) {
            let packed = pack.add(piece).map_err(|error| Fault::passing(&error))?;
            link.write(packed, &mut 0, patience)?;
            // A connection on which a part of it went is left.
            self.sent += piece.len();
        }
        Ok(())
    }

    /// Leaves the connection.
    fn part(&mut self) {
        self.link = None;
        self.pack = None;
        self.sent = 0;
    }

    /// All has been read, as far as can be known.
    fn forget(&mut self) {
        self.window.clear();
        self.sent = 0;
        self.lines = 0;
    }

    fn is_due(&self) -> bool {
        !self.window.is_empty() && (self.window.len() >= WINDOW || self.since.elapsed() >= UNSURE)
    }

    fn add(&mut self, line: &[u8]) {
        let message = match &mut self.encode {
            None => line,
            Some(encode) => {
                self.message.clear();
                encode.message(line, &mut self.message);
                &self.message
            }
        };
        match self.framing {
            Framing::Lines => {
                self.window.extend_from_slice(message);
                self.window.push(b'\n');
            }
            Framing::Counted => {
                let count = message.len().to_string();
                self.window.extend_from_slice(count.as_bytes());
                self.window.push(b' ');
                self.window.extend_from_slice(message);
            }
        }
    }
}

impl Carrier for StreamCarrier {
    fn bring(&mut self, lines: &[&[u8]], patience: &mut Patience) -> Result<(), Fault> {
        if self.is_due() {
            self.confirm(patience)?;
        }
        if self.window.is_empty() {
            self.since = Instant::now();
            // Whoever has left meanwhile has read everything, and is not there any more.
            if self
                .link
                .as_mut()
                .is_some_and(|link| link.is_there().is_err())
            {
                self.part();
            }
        }
        let before = self.window.len();
        for line in lines {
            self.add(line);
        }
        let pushed = self.push(patience);
        if pushed.is_ok() {
            self.lines += lines.len() as u64;
        } else {
            self.window.truncate(before);
        }
        pushed
    }

    fn confirm(&mut self, patience: &mut Patience) -> Result<(), Fault> {
        if self.window.is_empty() {
            return Ok(());
        }
        self.push(patience)?;
        if !self.mute
            && let Some(link) = &mut self.link
        {
            let ended = match &mut self.pack {
                Some(pack) => match pack.end() {
                    Ok(last) => link.write(last, &mut 0, patience),
                    Err(error) => Err(Fault::passing(&error)),
                },
                None => Ok(()),
            };
            let parted = ended.and_then(|()| link.part(patience));
            self.part();
            if !parted? {
                self.mute = true;
                let words = "the peer did not confirm that it read everything";
                self.words.push(words.into());
            }
        }
        self.forget();
        Ok(())
    }

    fn attend(&mut self, patience: &mut Patience) -> Result<(), Fault> {
        if let Some(link) = &mut self.link
            && let Err(fault) = link.is_there()
        {
            self.part();
            // With nothing to lose it is no news until there is something to send.
            return if self.window.is_empty() {
                Ok(())
            } else {
                Err(fault)
            };
        }
        if self.fresh || self.link.is_none() && !self.window.is_empty() {
            self.push(patience)?;
        }
        if self.is_due() {
            self.confirm(patience)?;
        }
        Ok(())
    }

    fn unsure(&self) -> u64 {
        self.lines
    }

    fn words(&mut self) -> Vec<String> {
        std::mem::take(&mut self.words)
    }
}
