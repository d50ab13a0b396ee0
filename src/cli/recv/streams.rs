//! The streams of NATS that dl-recv reads, as a worker of a group.

use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::{
    Error, Program, RecvArgs, Result, Shutdown,
    desk::{Desk, Origin, quoted},
    say,
    station::Post,
};
use crate::{
    decode::format::Take,
    nats::{Batch, Item, Plan, Receipt, Worker},
    zmtp::{Watch, wait},
};

/// How long written records may be without an acknowledgement, and how many batches of them: for
/// each there may be a write to a disk that lasts.
const UNACKNOWLEDGED: Duration = Duration::from_millis(200);
const BATCHES: usize = 64;

/// A stream and what comes of it.
pub(super) struct Streams {
    worker: Worker,
    name: String,
    /// The name as JSON.
    quoted: String,
    /// What is being handed on, and how much of it has been.
    batch: Option<(Batch, usize)>,
    /// Of batches that have been handed on.
    receipts: Vec<Receipt>,
    released: Instant,
    /// Nothing has come the last time.
    idle: bool,
    stopping: bool,
    shutdown: Shutdown,
}

impl Streams {
    pub(super) fn start(plan: Plan, shutdown: Shutdown) -> Result<Self> {
        let name = plan.at.to_string();
        let failed = |error| Error::Failed(format!("{name}: {error}"));
        let worker = Worker::start(plan).map_err(failed)?;
        Ok(Self {
            worker,
            quoted: quoted(&name),
            name,
            batch: None,
            receipts: Vec::new(),
            released: Instant::now(),
            idle: false,
            stopping: false,
            shutdown,
        })
    }

    /// Hands on what is there, as far as there is room.
    fn hand_on(&mut self, desk: &mut Desk) -> Result<u64> {
        let mut came = 0;
        loop {
            let (batch, mut done) = match self.batch.take() {
                Some(begun) => begun,
                None => match self.worker.take() {
                    None => return Ok(came),
                    Some(Item::Batch(batch)) => (batch, 0),
                    Some(Item::Words(words)) => {
                        say(RecvArgs::NAME, &words);
                        continue;
                    }
                    Some(Item::Failed(words)) => return Err(Error::Failed(words)),
                    Some(Item::End) => {
                        self.shutdown.ask();
                        return Ok(came);
                    }
                },
            };
            for delivered in &batch.messages[done..] {
                if desk.flow().is_break() {
                    self.batch = Some((batch, done));
                    return Ok(came);
                }
                let message = &delivered.message;
                let origin = Origin {
                    source: 0,
                    endpoint: Some(&self.quoted),
                    peer: message.subject.as_str(),
                    client: None,
                    topic: None,
                    number: delivered.sequence,
                    replayed: delivered.replayed,
                };
                let length = message.payload.len();
                let mut taken = desk.message(origin, length, false);
                taken.record(&message.payload);
                done += 1;
                came += 1;
            }
            self.receipts.push(batch.receipt);
        }
    }
}

impl Post for Streams {
    fn sources(&self) -> Vec<String> {
        vec![self.name.clone()]
    }

    fn poll(
        &mut self,
        desk: &mut Desk,
        watches: &mut [Watch<'_>],
        timeout: Option<Duration>,
    ) -> Result<u64> {
        let mut came = self.hand_on(desk)?;
        let waits = timeout.is_none_or(|timeout| !timeout.is_zero());
        if came == 0 && waits {
            let fd = PollFd::from_borrowed_fd(self.worker.as_fd(), PollFlags::IN);
            wait(vec![fd], watches, timeout, &mut Vec::new())
                .map_err(|error| Error::Failed(format!("{}: {error}", self.name)))?;
            came = self.hand_on(desk)?;
        } else {
            // Whoever leaves is noticed even while there is much to read.
            wait(Vec::new(), watches, Some(Duration::ZERO), &mut Vec::new())
                .map_err(|error| Error::Failed(format!("{}: {error}", self.name)))?;
        }
        self.idle = came == 0;
        Ok(came)
    }

    fn stop_listening(&mut self) {
        self.stopping = true;
        self.worker.stop();
    }

    fn is_awaited(&self) -> bool {
        let enough = self.receipts.len() >= BATCHES || self.released.elapsed() >= UNACKNOWLEDGED;
        !self.receipts.is_empty() && (self.idle || self.stopping || enough)
    }

    fn is_lasting(&self) -> bool {
        true
    }

    fn release(&mut self) {
        self.released = Instant::now();
        for receipt in self.receipts.drain(..) {
            self.worker.give_back(receipt);
        }
    }

    fn close(&mut self, _desk: &mut Desk) {
        // What was handed on in part will be delivered again as a whole.
        let whole = self.batch.is_none();
        self.worker.close(whole);
    }
}
