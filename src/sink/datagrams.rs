//! Datagrams: a message each, and nobody knows what becomes of them.
//!
//! A host where nobody listens may say so, some time after; then the last one is sent again.
//! What is lost on the way, or for want of room at the other end, is lost without a word.

use std::{io, net::UdpSocket};

use rustix::net::sockopt::socket_error;

use super::{
    Encode, Patience, SinkOptions,
    courier::{Carrier, Courier, Load},
};
use crate::{
    endpoint::{Listen, Place},
    error::{Error, Result},
    store::Fault,
    zmtp::{lower, resolve},
};

/// A place that takes datagrams.
pub(super) struct DatagramCarrier {
    host: String,
    port: u16,
    encode: Option<Box<dyn Encode>>,
    socket: Option<UdpSocket>,
    message: Vec<u8>,
    /// True while nobody knows whether the last one has met with refusal.
    unsure: bool,
}

/// Opens a socket; that nobody listens is no error yet.
pub(super) fn open(listen: &Listen, mut options: SinkOptions) -> Result<Courier<DatagramCarrier>> {
    let Place::Udp { host, port } = &listen.place else {
        return Err(Error::Endpoint {
            text: listen.to_string(),
            reason: super::NOT_OUT.into(),
        });
    };
    super::check_connect(listen, host, *port)?;
    let carrier = DatagramCarrier {
        host: host.clone(),
        port: *port,
        encode: std::mem::take(&mut options.wire).encode,
        socket: None,
        message: Vec::new(),
        unsure: false,
    };
    // One at a time, so that one that is too long is known.
    let load = Load {
        batch: 1,
        hold: super::BATCH,
        eager: true,
    };
    Courier::open(listen.to_string(), carrier, load, options)
}

impl DatagramCarrier {
    fn socket(&mut self) -> io::Result<&UdpSocket> {
        let socket = match &mut self.socket {
            Some(socket) => socket,
            none => {
                let address = resolve(&self.host, self.port)?.into_iter().next();
                let address = address.ok_or(io::ErrorKind::AddrNotAvailable)?;
                let any = if address.is_ipv4() { "0.0.0.0" } else { "::" };
                let socket = UdpSocket::bind((any, 0))?;
                socket.connect(address)?;
                none.insert(socket)
            }
        };
        Ok(socket)
    }

    fn send(&mut self) -> Result<(), Fault> {
        let message = std::mem::take(&mut self.message);
        let sent = self.socket().and_then(|socket| socket.send(&message));
        let length = message.len();
        self.message = message;
        match sent {
            Ok(_) => {
                self.unsure = true;
                Ok(())
            }
            Err(error)
                if rustix::io::Errno::from_io_error(&error) == Some(rustix::io::Errno::MSGSIZE) =>
            {
                self.unsure = false;
                Err(Fault::Refused(format!(
                    "a message of {length} bytes, which no datagram holds"
                )))
            }
            Err(error) => Err(Fault::Passing(lower(&error))),
        }
    }

    /// Sends the last one again if it has met with refusal.
    fn look_back(&mut self) -> Result<(), Fault> {
        if !std::mem::take(&mut self.unsure) {
            return Ok(());
        }
        let refused = match &self.socket {
            Some(socket) => socket_error(socket),
            None => Ok(Ok(())),
        };
        if let Ok(Err(errno)) = refused {
            self.unsure = true;
            // It is on its way again when it is asked for the next time.
            let _ = self.send();
            return Err(Fault::Passing(lower(&errno.into())));
        }
        Ok(())
    }
}

impl Carrier for DatagramCarrier {
    fn bring(&mut self, lines: &[&[u8]], _patience: &mut Patience) -> Result<(), Fault> {
        self.look_back()?;
        for line in lines {
            self.message.clear();
            match &mut self.encode {
                Some(encode) => encode.message(line, &mut self.message),
                None => self.message.extend_from_slice(line),
            }
            self.send()?;
        }
        Ok(())
    }

    fn confirm(&mut self, _patience: &mut Patience) -> Result<(), Fault> {
        self.look_back()
    }

    fn attend(&mut self, _patience: &mut Patience) -> Result<(), Fault> {
        self.socket()
            .map_err(|error| Fault::Passing(lower(&error)))?;
        self.look_back()
    }

    fn unsure(&self) -> u64 {
        u64::from(self.unsure)
    }
}
