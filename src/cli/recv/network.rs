//! The network side of dl-recv: messages in, stamped records out.

use std::{
    collections::HashMap,
    fmt::Write,
    io,
    ops::ControlFlow,
    os::fd::{AsFd, OwnedFd},
    sync::Mutex,
    time::Duration,
};

use super::{
    Error, Ledger, LineArgs, Program, RecvArgs, Result, Shutdown, lock, say, warnings::Warnings,
};
use crate::{
    cli::{common::now, ledger::Tally},
    decode::frames::{FrameDecoder, Parts},
    record::{Found, Projection, Stamper},
    sink::Sink,
    zmtp::{Event, Interest, Message, Peer, Pull, Watch},
};

/// Bytes of records after which they are written even though more are there.
const BATCH: usize = 256 * 1024;

/// How long to take in what has arrived before the end: the buffers of sockets hold a few
/// megabytes, which take a fraction of it.
const DRAIN: Duration = Duration::from_secs(1);

/// How many refused peers are told of one by one; the others are counted.
const TOLD: u64 = 10;

/// Bound sockets and what their messages become.
pub(super) struct Network {
    pull: Pull,
    desk: Desk,
    ledger: Ledger,
    shutdown: Shutdown,
    /// How often the sink wants to be looked after while there is nothing to write.
    tick: Option<Duration>,
    /// Standard output, if that is where records go, to notice that its reader leaves.
    output: Option<OwnedFd>,
}

/// Where messages become records.
struct Desk {
    decoder: FrameDecoder,
    /// `None` leaves records alone.
    stamper: Option<Stamper>,
    projection: Projection,
    found: Found,
    stamp: Vec<u8>,
    /// When the messages at hand were received, as text; the clock is read once for all of them.
    time: Option<String>,
    /// The peers that have sent something, by their numbers.
    senders: HashMap<u64, Sender>,
    keep_rejects: bool,
    tally: Tally,
    /// The peer of the first rejected message in the tally.
    culprit: String,
    out: Vec<u8>,
    refused: u64,
    /// `sub+` for a SUB socket, whose connections are told of, because they are ours.
    prefix: &'static str,
    warnings: Warnings,
}

/// A peer that has sent something.
#[derive(Default)]
struct Sender {
    /// Messages so far.
    sequence: u64,
    /// The topic of the last one.
    topic: Option<Vec<u8>>,
    /// The stamp of messages with this topic, up to what differs from one to the next.
    head: String,
}

impl Network {
    pub(super) fn new(
        pull: Pull,
        prefix: &'static str,
        args: &LineArgs,
        stamp: bool,
        to_stdout: bool,
        tick: Option<Duration>,
        shutdown: Shutdown,
    ) -> Result<Self> {
        let ledger = Ledger::new(RecvArgs::NAME, args)?;
        let desk = Desk {
            decoder: FrameDecoder::default(),
            stamper: stamp.then(|| Stamper::new("recv")),
            projection: Projection::default(),
            found: Found::default(),
            stamp: Vec::new(),
            time: None,
            senders: HashMap::new(),
            keep_rejects: ledger.keeps_rejects(),
            tally: Tally::default(),
            culprit: String::new(),
            out: Vec::new(),
            refused: 0,
            prefix,
            warnings: Warnings::new(std::time::Instant::now()),
        };
        let output = if to_stdout {
            io::stdout().as_fd().try_clone_to_owned().ok()
        } else {
            None
        };
        Ok(Self {
            pull,
            desk,
            ledger,
            shutdown,
            tick,
            output,
        })
    }

    /// Receives until the program is asked to end or the reader of the output leaves.
    pub(super) fn run(mut self, sink: &Mutex<Box<dyn Sink>>) -> Result<Ledger> {
        loop {
            // First what is there; then what was made of it goes out; only then a wait.
            let came = self.poll(Some(Duration::ZERO))?;
            if came == 0 || self.desk.out.len() >= BATCH {
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
        if self.desk.refused > TOLD {
            say(
                RecvArgs::NAME,
                &format!("{} peers refused in all", self.desk.refused),
            );
        }
        Ok(self.ledger)
    }

    /// At the end, takes what has arrived already.
    fn drain(&mut self, sink: &Mutex<Box<dyn Sink>>) -> Result<()> {
        self.pull.stop_listening();
        let began = std::time::Instant::now();
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
        let desk = &mut self.desk;
        desk.time = None;
        let came = self
            .pull
            .poll(&mut watches[first..], timeout, &mut |event| {
                desk.take(&event)
            })
            .map_err(|error| Error::Failed(error.to_string()))?;
        if watches.get(1).is_some_and(Watch::is_ready) {
            return Err(Error::ReaderLeft);
        }
        Ok(came)
    }

    fn flush(&mut self, sink: &Mutex<Box<dyn Sink>>) -> Result<()> {
        let desk = &mut self.desk;
        if !desk.out.is_empty() {
            lock(sink).write(&desk.out)?;
            desk.out.clear();
        }
        self.ledger.absorb_messages(&desk.tally, &desk.culprit)?;
        desk.tally.clear();
        Ok(())
    }
}

impl Desk {
    fn take(&mut self, event: &Event<'_>) -> ControlFlow<()> {
        match event {
            Event::Message { peer, message } => self.message(peer, message),
            Event::Connected { peer } => self.notice(&format!("{peer}: connected")),
            Event::Absent { address, error } => self.notice(&format!(
                "{address}: cannot connect yet: {}",
                crate::zmtp::lower(error)
            )),
            Event::Disconnected {
                peer, unfinished, ..
            } => {
                self.senders.remove(&peer.number());
                self.notice(&format!("{peer}: the publisher has left"));
                if *unfinished > 0 {
                    say(
                        RecvArgs::NAME,
                        &format!(
                            "{peer}: left within a message, {unfinished} bytes of it are lost"
                        ),
                    );
                }
            }
            Event::Rejected { peer, reason } => {
                self.senders.remove(&peer.number());
                self.refused += 1;
                if self.refused <= TOLD {
                    say(RecvArgs::NAME, &format!("{peer}: {reason}"));
                }
            }
            Event::Crowded { address, .. } => say(
                RecvArgs::NAME,
                &format!("{address}: no more connections for now"),
            ),
        }
        if self.out.len() >= BATCH {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Tells what has become of a connection of a SUB socket.
    fn notice(&mut self, words: &str) {
        if self.prefix.is_empty() {
            return;
        }
        let words = format!("{}{words}", self.prefix);
        self.warnings.tell(std::time::Instant::now(), &words);
    }

    fn message(&mut self, peer: &Peer, message: &Message<'_>) {
        self.tally.read += 1;
        if let Err(reason) = self.record(peer, message) {
            if self.tally.first_rejected().is_none() {
                let number = self.sender(peer).sequence;
                self.culprit = format!("{peer}: message {number}");
            }
            let body = message.frames().last().unwrap_or_default();
            self.tally.reject(body, self.keep_rejects, &reason);
        }
    }

    fn sender(&mut self, peer: &Peer) -> &mut Sender {
        self.senders.entry(peer.number()).or_default()
    }

    fn record(&mut self, peer: &Peer, message: &Message<'_>) -> Result<(), String> {
        let sender = self.senders.entry(peer.number()).or_default();
        sender.sequence += 1;
        let parts = Parts::new(message.frames()).map_err(|error| error.to_string())?;
        let line = self
            .decoder
            .decode(&parts)
            .map_err(|error| error.to_string())?;
        let start = self.out.len();
        let done = match &mut self.stamper {
            Some(stamper) => {
                let time = self.time.get_or_insert_with(|| now().to_string());
                sender.stamp(peer, parts.topic, time, &mut self.stamp);
                stamper.stamp(line, &self.stamp, &mut self.out)
            }
            None => self
                .projection
                .scan(line, &mut self.found)
                .map(|()| self.out.extend_from_slice(line)),
        };
        match done {
            Ok(()) => {
                self.out.push(b'\n');
                self.tally.written += 1;
                Ok(())
            }
            Err(bad) => {
                self.out.truncate(start);
                Err(bad.to_string())
            }
        }
    }
}

impl Sender {
    /// Writes what the wire knew of the last message, as JSON.
    fn stamp(&mut self, peer: &Peer, topic: Option<&[u8]>, time: &str, out: &mut Vec<u8>) {
        if self.head.is_empty() || self.topic.as_deref() != topic {
            let text = |text: &str| serde_json::Value::from(text).to_string();
            self.head = format!("{{\"peer\":{}", text(&peer.to_string()));
            if let Some(topic) = topic {
                let topic = text(&String::from_utf8_lossy(topic));
                // Writing to a string cannot fail.
                let _ = write!(self.head, ",\"topic\":{topic}");
            }
            self.head.push_str(",\"time\":\"");
            self.topic = topic.map(<[u8]>::to_vec);
        }
        out.clear();
        out.extend_from_slice(self.head.as_bytes());
        out.extend_from_slice(time.as_bytes());
        out.extend_from_slice(b"\",\"seq\":");
        let mut digits = itoa::Buffer::new();
        out.extend_from_slice(digits.format(self.sequence).as_bytes());
        out.push(b'}');
    }
}
