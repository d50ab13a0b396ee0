//! Bytes out: standard output, files, sockets, processes, stores. One file each.
//!
//! A sink moves whole lines and knows nothing of what is on them; what a store wants to know, the
//! store finds out. What is written has been
//! handed to the system, or waits in a queue that is bounded: a full one holds the writer up.

mod courier;
mod datagrams;
mod exec;
mod file;
mod http;
mod message;
mod nats;
mod patience;
mod publish;
mod rotate;
mod stdout;
mod store;
mod stream;
mod zmq;

use std::{
    io::{self, Write},
    time::Duration,
};

pub use exec::ExecSink;
pub use file::FileSink;
pub use http::{Compose, Post};
pub use rotate::{Keep, RotatingSink, Rotation, is_name_of, is_packed};
pub use stdout::{Stdout, stdout_failed};
pub use zmq::{TICK, ZmqSink};

use self::{patience::Patience, publish::PublishSink};

use crate::{
    endpoint::{Endpoint, Listen, Place, Protocol},
    error::{Error, Result},
    shutdown::Shutdown,
    store::Retention,
    tls::TlsClient,
    zmtp::Security,
};

/// A place that takes lines.
pub trait Sink: Send {
    /// Takes whole lines, each with its newline.
    fn write(&mut self, lines: &[u8]) -> Result<()>;

    /// Does what is to be done from time to time, whether there is something to write or not.
    fn tick(&mut self) -> Result<()> {
        Ok(())
    }

    /// Waits until what has been written outlasts a crash of the system, where a sink knows how.
    fn sync(&mut self) -> Result<()> {
        Ok(())
    }

    /// How often it suits the sink to be synced, if there is a choice.
    fn sync_every(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// Delivers everything; an error says what could not be.
    fn finish(&mut self) -> Result<()> {
        Ok(())
    }

    /// How many of the lines given to `write` are known not to have been delivered. After
    /// `finish` that is all that will be known.
    fn undelivered(&self) -> u64 {
        0
    }

    /// How many of the lines given to `write` the place does not take, however often they are
    /// tried, and why the first of them.
    fn refused(&self) -> Option<(u64, String)> {
        None
    }
}

/// Writes all of `lines`; on failure the lines of which not all is written are added to
/// `undelivered`.
fn write_lines(out: &mut impl Write, lines: &[u8], undelivered: &mut u64) -> io::Result<()> {
    let mut left = lines;
    while !left.is_empty() {
        let failure = match out.write(left) {
            Ok(0) => io::ErrorKind::WriteZero.into(),
            Ok(count) => {
                left = &left[count..];
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => error,
        };
        *undelivered += memchr::memchr_iter(b'\n', left).count() as u64;
        return Err(failure);
    }
    Ok(())
}

/// Makes of lines what goes over the wire, for sinks that do not send them as they are.
pub trait Encode: Send {
    /// Appends the message of a line.
    fn message(&mut self, line: &[u8], out: &mut Vec<u8>);
}

/// How streams are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// As members of gzip.
    Gzip,
    /// As frames of zstd.
    Zstd,
}

/// How lines go over a wire that is not ZeroMQ's; which of these an endpoint needs is told by
/// its protocol.
#[derive(Default)]
pub struct Wire {
    /// Our end of TLS, for endpoints that have it.
    pub tls: Option<TlsClient>,
    /// What makes messages of lines, for protocols that have messages of their own.
    pub encode: Option<Box<dyn Encode>>,
    /// What makes requests of lines, for protocols over HTTP.
    pub compose: Option<Box<dyn Compose>>,
    /// Whether requests are compressed.
    pub gzip: bool,
    /// How a stream is compressed, if it is.
    pub packing: Option<Packing>,
    /// How many partitions a stream has, if it is to have so many.
    pub partitions: Option<u32>,
}

/// Takes lines, the last one without its newline.
pub type Refuse = Box<dyn FnMut(&[u8]) + Send>;

/// How to open sinks.
pub struct SinkOptions {
    /// The topic of ZeroMQ messages; none sends single frames.
    pub topic: Option<String>,
    /// How ZeroMQ's peers over TCP are known.
    pub security: Security,
    /// How long `finish` tries to deliver.
    pub linger: Duration,
    /// True if records go to standard output too: what a process writes there then goes to
    /// standard error, so that it does not get between them.
    pub stdout_taken: bool,
    /// When files give way to others, for names that may have times in them; without it a name is
    /// taken as it is written.
    pub rotation: Option<Rotation>,
    /// How long a store keeps its records.
    pub retention: Option<Retention>,
    /// How many records go at a time to a place that takes many; none is what suits it.
    pub batch: Option<usize>,
    /// How they go over a wire that is not ZeroMQ's.
    pub wire: Wire,
    /// Takes the lines that a place refuses.
    pub refuse: Option<Refuse>,
    /// True if a command that cannot be run is tried again, not a failure.
    pub patient: bool,
    /// The program's shutdown value.
    pub shutdown: Shutdown,
    /// Takes words for the user, such as a connection lost.
    pub say: Box<dyn FnMut(String) + Send>,
}

/// True if a sink has to be looked after while there is nothing to write.
pub fn needs_ticks(endpoint: &Endpoint, rotation: &Rotation) -> bool {
    match endpoint {
        Endpoint::Standard | Endpoint::Subscribe(_) => false,
        Endpoint::File(path) => rotation.is_for(path),
        Endpoint::ZeroMq(_)
        | Endpoint::Publish(_)
        | Endpoint::Exec(_)
        | Endpoint::Store(_)
        | Endpoint::Nats(_)
        | Endpoint::Listen(_) => true,
    }
}

/// How many records go into a store at a time, if nobody says.
const BATCH: usize = 10_000;

/// Why nothing can be sent to most endpoints of [`crate::endpoint::Listen`].
pub const NOT_OUT: &str = "dl-recv reads it, and nothing can be sent there";

/// True if records can be sent to what listens there.
pub fn is_out(listen: &Listen) -> bool {
    matches!(
        listen.protocol,
        Protocol::Ndjson | Protocol::Syslog | Protocol::Otlp
    )
}

/// Refuses what can be listened at only.
fn check_connect(listen: &Listen, host: &str, port: u16) -> Result<()> {
    if host == "*" || port == 0 {
        return Err(Error::Endpoint {
            text: listen.to_string(),
            reason: "connecting needs a host and a port".into(),
        });
    }
    Ok(())
}

/// Opens the sink of an endpoint.
pub fn open(endpoint: &Endpoint, options: SinkOptions) -> Result<Box<dyn Sink>> {
    Ok(match endpoint {
        Endpoint::Standard => Box::new(Stdout::open()?),
        Endpoint::File(path) => match options.rotation {
            Some(rotation) if rotation.is_for(path) => {
                Box::new(RotatingSink::open(path, rotation, options.say)?)
            }
            _ => Box::new(FileSink::open(path)?),
        },
        Endpoint::ZeroMq(address) => Box::new(ZmqSink::connect(address, options)?),
        Endpoint::Publish(at) => Box::new(PublishSink::bind(at, options)?),
        Endpoint::Store(at) => Box::new(store::open(at, options)?),
        Endpoint::Nats(at) => Box::new(nats::open(at, options)?),
        Endpoint::Listen(listen) if is_out(listen) => match listen.place {
            _ if listen.protocol == Protocol::Otlp => Box::new(http::open(listen, options)?),
            Place::Udp { .. } => Box::new(datagrams::open(listen, options)?),
            Place::Tcp { .. } | Place::Unix(_) => Box::new(stream::open(listen, options)?),
        },
        Endpoint::Exec(command) => Box::new(ExecSink::start(command, options)?),
        Endpoint::Subscribe(_) | Endpoint::Listen(_) => {
            return Err(Error::Endpoint {
                text: endpoint.to_string(),
                reason: NOT_OUT.into(),
            });
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Has room for so many bytes, two at a time.
    struct Room(usize);

    impl Write for Room {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = self.0.min(bytes.len()).min(2);
            self.0 -= count;
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_of_which_a_part_is_missing_are_undelivered() {
        for (room, expect) in [(0, 3), (1, 3), (2, 2), (5, 1), (6, 0)] {
            let mut undelivered = 0;
            let written = write_lines(&mut Room(room), b"a\nb\nc\n", &mut undelivered);
            assert_eq!(
                (written.is_ok(), undelivered),
                (room == 6, expect),
                "{room}"
            );
        }
    }
}
