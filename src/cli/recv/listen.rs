//! The listeners of dl-recv that are not ZeroMQ's: messages in, stamped records out.

use std::{
    fmt::Write,
    io,
    ops::ControlFlow,
    os::fd::{AsFd, OwnedFd},
    sync::Mutex,
    time::{Duration, Instant},
};

use super::{
    Error, Ledger, Program, RecvArgs, Result, Settings, Shutdown,
    desk::{Desk, Known},
    lock, say,
    warnings::Warnings,
    wire::Wire,
};
use crate::{
    endpoint::Listen,
    sink::Sink,
    source::net::{Event, Peer, Refusal, Server},
    zmtp::{Interest, Watch},
};

/// Bytes of records after which they are written even though more are there.
const BATCH: usize = 256 * 1024;

/// How long to take in what has arrived before the end: the buffers of sockets hold a few
/// megabytes, which take a fraction of it.
const DRAIN: Duration = Duration::from_secs(1);

/// Bound endpoints and what comes in there.
pub(super) struct Listeners {
    server: Server,
    clerk: Clerk,
    ledger: Ledger,
    shutdown: Shutdown,
    /// How often the sink wants to be looked after while there is nothing to write.
    tick: Option<Duration>,
    /// Standard output, if that is where records go, to notice that its reader leaves.
    output: Option<OwnedFd>,
    /// True if a reply promises that a crash loses nothing of what it is a reply to.
    promises: bool,
}

/// Takes what happens.
struct Clerk {
    desk: Desk,
    counters: Vec<Counter>,
    warnings: Warnings,
}

/// An endpoint.
struct Counter {
    wire: Wire,
    name: String,
    /// The name as JSON.
    quoted: String,
}

impl Listeners {
    pub(super) fn bind(
        endpoints: Vec<Listen>,
        args: &RecvArgs,
        settings: &Settings,
        to_stdout: bool,
        tick: Option<Duration>,
        shutdown: Shutdown,
    ) -> Result<Self> {
        let server = Server::bind(endpoints, args.net.limits(&args.lines))?;
        let counters = server.endpoints().iter().map(|listen| {
            let name = listen.to_string();
            say(RecvArgs::NAME, &format!("listening on {name}"));
            Counter {
                wire: Wire::new(listen, settings, &args.net, &args.lines),
                quoted: quoted(&name),
                name,
            }
        });
        let counters = counters.collect();
        let ledger = Ledger::new(RecvArgs::NAME, &args.lines)?;
        let desk = Desk::new(!args.no_stamp, ledger.keeps_rejects());
        let output = if to_stdout {
            io::stdout().as_fd().try_clone_to_owned().ok()
        } else {
            None
        };
        Ok(Self {
            server,
            clerk: Clerk {
                desk,
                counters,
                warnings: Warnings::new(Instant::now()),
            },
            ledger,
            shutdown,
            tick,
            output,
            promises: args.spooling.is_on(),
        })
    }

    /// Receives until the program is asked to end or the reader of the output leaves.
    pub(super) fn run(mut self, sink: &Mutex<Box<dyn Sink>>) -> Result<Ledger> {
        loop {
            // First what is there; then what was made of it goes out; only then a wait.
            let came = self.poll(Some(Duration::ZERO))?;
            if came == 0 || self.clerk.desk.out.len() >= BATCH || self.server.holds_replies() {
                self.flush(sink)?;
            }
            if self.shutdown.is_asked() {
                break;
            }
            if came == 0 {
                self.poll(self.tick)?;
                if self.tick.is_some() {
                    lock(sink).tick()?;
                }
            }
        }
        self.drain(sink)?;
        self.clerk.warnings.finish();
        for (endpoint, dropped) in self.server.dropped() {
            let were = match dropped {
                0 => continue,
                1 => "1 datagram was".to_owned(),
                _ => format!("{dropped} datagrams were"),
            };
            let words = format!(
                "{endpoint}: {were} dropped by the system, because the output was not taken in time"
            );
            say(RecvArgs::NAME, &words);
        }
        Ok(self.ledger)
    }

    /// At the end, takes what has arrived already.
    fn drain(&mut self, sink: &Mutex<Box<dyn Sink>>) -> Result<()> {
        self.server.stop_listening();
        let began = Instant::now();
        while self.poll(Some(Duration::ZERO))? > 0 {
            self.flush(sink)?;
            // Who goes on sending would keep us for ever.
            if began.elapsed() > DRAIN {
                say(
                    RecvArgs::NAME,
                    "peers went on sending while it ended; what was under way is lost",
                );
                break;
            }
        }
        self.flush(sink)?;
        let clerk = &mut self.clerk;
        self.server.close_all(&mut |event| clerk.take(event));
        self.flush(sink)
    }

    fn poll(&mut self, timeout: Option<Duration>) -> Result<u64> {
        let mut watches = Vec::with_capacity(2);
        watches.push(Watch::new(self.shutdown.as_fd(), Interest::Readable));
        watches.extend(
            self.output
                .as_ref()
                .map(|fd| Watch::new(fd.as_fd(), Interest::Gone)),
        );
        // Once asked to end, the descriptor stays readable and would cut every wait short.
        let first = usize::from(self.shutdown.is_asked());
        let clerk = &mut self.clerk;
        clerk.desk.time = None;
        let came = self
            .server
            .poll(&mut watches[first..], timeout, &mut |event| {
                clerk.take(event)
            })?;
        if watches.get(1).is_some_and(Watch::is_ready) {
            return Err(Error::ReaderLeft);
        }
        Ok(came)
    }

    fn flush(&mut self, sink: &Mutex<Box<dyn Sink>>) -> Result<()> {
        let desk = &mut self.clerk.desk;
        if !desk.out.is_empty() {
            lock(sink).write(&desk.out)?;
            desk.out.clear();
        }
        self.ledger.absorb_messages(&desk.tally, &desk.culprit)?;
        desk.tally.clear();
        if self.promises && self.server.holds_replies() {
            lock(sink).sync()?;
        }
        self.server.release();
        Ok(())
    }
}

/// An endpoint and a peer.
struct From<'e> {
    quoted: &'e str,
    peer: &'e Peer,
}

impl Known for From<'_> {
    fn members(&self, stamp: &mut String) {
        // Writing to a string cannot fail.
        let _ = write!(
            stamp,
            "\"endpoint\":{},\"peer\":{}",
            self.quoted,
            quoted(&self.peer.to_string())
        );
    }

    fn peer(&self) -> String {
        self.peer.to_string()
    }
}

impl Clerk {
    fn take(&mut self, event: Event<'_>) -> ControlFlow<()> {
        match event {
            Event::Message {
                endpoint,
                peer,
                number,
                bytes,
            } => {
                let Counter { wire, quoted, .. } = &mut self.counters[endpoint];
                let known = From { quoted, peer };
                let marks = wire.marks();
                wire.message(bytes, &mut self.desk.message(&known, number, marks));
            }
            Event::Request {
                endpoint,
                peer,
                number,
                request,
                body,
                reply,
            } => {
                let Counter { wire, quoted, .. } = &mut self.counters[endpoint];
                let known = From { quoted, peer };
                let marks = wire.marks();
                let mut message = self.desk.message(&known, number, marks);
                if let Some(wrong) = wire.request(request, body, reply, &mut message) {
                    self.warn(endpoint, peer, &wrong);
                }
            }
            Event::Lost {
                endpoint,
                peer,
                bytes,
                reason,
            } => {
                self.desk
                    .lost(&peer.to_string(), bytes, &reason.to_string());
                if matches!(reason, Refusal::Left | Refusal::Ended) {
                    let lost = bytes.len();
                    let words = format!("{reason}, {lost} bytes of it are lost");
                    self.warn(endpoint, peer, &words);
                } else if matches!(reason, Refusal::Chunks { .. } | Refusal::TooManyOpen { .. }) {
                    self.warn(endpoint, peer, &reason.to_string());
                }
            }
            Event::Refused {
                endpoint,
                peer,
                reason,
            } => self.warn(endpoint, peer, &reason.to_string()),
            Event::Crowded { endpoint, error } => {
                let name = &self.counters[endpoint].name;
                let words = match error {
                    None => format!("{name}: no more connections for now (--max-connections)"),
                    Some(error) => format!("{name}: no more connections for now: {error}"),
                };
                self.warnings.tell(Instant::now(), &words);
            }
        }
        if self.desk.out.len() >= BATCH {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn warn(&mut self, endpoint: usize, peer: &Peer, words: &str) {
        let name = &self.counters[endpoint].name;
        let words = format!("{name}: {peer}: {words}");
        self.warnings.tell(Instant::now(), &words);
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
