//! A PUSH socket: connected to some addresses, whether or not anybody is there yet.
//!
//! It has no thread. [`Push::try_send`] appends to a bounded queue and writes when a batch is
//! full; [`Push::flush`] writes what there is; [`Push::poll`] waits for room, for a peer, or
//! for descriptors of the caller, and answers heartbeats. A caller that is idle has to poll
//! now and then, or peers with heartbeats will drop it.
//!
//! What is promised: a message stays queued until its last byte was handed to the system.
//! If the connection breaks before, it is sent again from its first byte, to the peer that is
//! there next. What the system had taken and a dying peer had not read is lost, as with any
//! PUSH. With several peers each takes even shares of what is queued, so a slow one does not
//! hold up the others, and messages keep their order within a peer only.

use std::{
    collections::VecDeque,
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use super::{
    Address, Error, Heartbeat, Limits, Notice, Security, Watch,
    error::Result,
    lane::{Lane, Share},
    queue::Queue,
    target::Target,
    watch::{until, wait},
};

/// Notices that are kept for a caller that does not ask for them.
const NOTICES: usize = 64;

/// How a [`Push`] behaves.
#[derive(Debug, Clone)]
pub struct PushOptions {
    /// Bytes that may wait, frame headers included. 64 MiB. A larger message is taken when
    /// nothing else waits.
    pub queue_bytes: usize,
    /// Messages that may wait. A million: the byte limit is the one that counts for records.
    pub queue_messages: usize,
    /// The first wait before connecting again; it doubles up to `reconnect_max`. 100 ms, as
    /// libzmq has it.
    pub reconnect_min: Duration,
    /// The longest wait before connecting again. 5 s: a restarted receiver is found soon
    /// and an absent one costs nothing.
    pub reconnect_max: Duration,
    /// Our own PINGs; none by default. Peers' PINGs are always answered.
    pub heartbeat: Option<Heartbeat>,
    /// What peers take, and may cost: a message over the limits of frame, message or parts is
    /// an [`Error::TooLarge`], since a receiver with the same limits would refuse it for ever;
    /// the handshake has its deadline.
    pub limits: Limits,
    /// How the peers are known.
    pub security: Security,
}

impl Default for PushOptions {
    fn default() -> Self {
        Self {
            queue_bytes: 64 << 20,
            queue_messages: 1_000_000,
            reconnect_min: Duration::from_millis(100),
            reconnect_max: Duration::from_secs(5),
            heartbeat: None,
            limits: Limits::default(),
            security: Security::Null,
        }
    }
}

/// What [`Push::close`] left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Messages that were not handed to the system completely, so that no peer has them.
    pub undelivered: usize,
    /// Whether every peer closed its end in order after ours, which libzmq does when it
    /// has read everything. If not, the last messages may or may not have arrived.
    pub confirmed: bool,
}

/// A PUSH socket. Dropping it forgets what is queued: [`close`](Self::close) it.
#[derive(Debug)]
pub struct Push {
    options: PushOptions,
    lanes: Vec<Lane>,
    queue: Queue,
    notices: VecDeque<Notice>,
    /// Which lane takes first: the one after the last that took first.
    first: usize,
    ready: Vec<bool>,
    /// When the lanes were driven last.
    left: Instant,
}

impl Push {
    /// Begins to connect to all `addresses`. That nobody is there is no error.
    pub fn connect(addresses: &[Address], options: PushOptions) -> Result<Self> {
        if addresses.is_empty() {
            return Err(Error::NoAddress);
        }
        let now = Instant::now();
        let random = RandomState::new();
        let mut lanes = Vec::new();
        for address in addresses {
            address.check_connect()?;
            let seed = random.hash_one(lanes.len());
            lanes.push(Lane::new(Target::new(address.clone()), &options, seed, now));
        }
        let (queue, notices) = (Queue::default(), VecDeque::new());
        let mut push = Self {
            options,
            lanes,
            queue,
            notices,
            first: 0,
            ready: Vec::new(),
            left: now,
        };
        push.flush();
        Ok(push)
    }

    /// Queues a message of these frames, and waits for room as long as it takes. A caller
    /// that has to listen for signals meanwhile uses [`try_send`](Self::try_send) and
    /// [`poll`](Self::poll).
    pub fn send(&mut self, frames: &[&[u8]]) -> Result<()> {
        while !self.try_send(frames)? {
            self.poll(&mut [], None)?;
        }
        Ok(())
    }

    /// Queues a message of these frames, unless the queue is full: then it returns `false`.
    /// Every 64 KiB it writes what the sockets take.
    #[inline]
    pub fn try_send(&mut self, frames: &[&[u8]]) -> Result<bool> {
        if frames.is_empty() {
            return Err(Error::NoFrames);
        }
        let cost = Queue::cost(frames);
        if self.is_too_large(frames, cost) {
            let parts = frames.len();
            return Err(Error::TooLarge { bytes: cost, parts });
        }
        if !self.has_room(cost) {
            self.flush();
            if !self.has_room(cost) {
                return Ok(false);
            }
        }
        if self.queue.push(frames, cost) {
            self.flush();
        }
        Ok(true)
    }

    /// Writes what the sockets take now, reads what has come, connects where it is time. It
    /// never waits, except for the resolver of names.
    pub fn flush(&mut self) {
        let now = Instant::now();
        let away = now.saturating_duration_since(self.left);
        if away > Duration::from_millis(100) {
            self.lanes.iter_mut().for_each(|lane| lane.excuse(away));
        }
        self.left = now;
        loop {
            self.drive(now);
            // Alone, a peer takes batch after batch by itself. Several take one each in a
            // turn, so it goes on as long as there is a batch and somebody to take it.
            if self.lanes.len() == 1
                || self.queue.is_empty()
                || !self.lanes.iter().any(Lane::is_idle)
            {
                break;
            }
        }
    }

    /// Drives every lane once, the next in line first.
    fn drive(&mut self, now: Instant) {
        let count = self.lanes.len();
        let first = self.first;
        let alone = self.peers() <= 1;
        for step in 0..count {
            // Those who could take and have not had their turn yet get even shares.
            let lanes = (step..count).map(|later| &self.lanes[(first + later) % count]);
            let shares = lanes.filter(|lane| lane.is_idle()).count().max(1);
            let index = (first + step) % count;
            let before = self.queue.takes();
            let lane = &mut self.lanes[index];
            let change = lane.drive(now, &mut self.queue, Share { shares, alone });
            if self.queue.takes() > before {
                self.first = (index + 1) % count;
            }
            if let Some(change) = change {
                if self.notices.len() == NOTICES {
                    self.notices.pop_front();
                }
                self.notices.push_back(Notice {
                    address: lane.target().address().clone(),
                    change,
                });
            }
        }
    }

    /// Flushes, waits until there is something to do, and does it. It does not wait if the
    /// flush wrote a batch or brought a notice. It returns when a socket or one of `watches` was ready, when `timeout` is over (`None` waits for ever), after a
    /// signal, and when a deadline of ours had to be kept; the caller looks at what it waits
    /// for and polls again.
    pub fn poll(&mut self, watches: &mut [Watch<'_>], timeout: Option<Duration>) -> Result<()> {
        let before = (self.queue.bytes(), self.notices.len());
        self.flush();
        let timeout = if before == (self.queue.bytes(), self.notices.len()) {
            let deadline = self.lanes.iter().filter_map(Lane::due).min();
            until(Instant::now(), timeout, deadline)
        } else {
            // The caller may have waited for exactly this.
            Some(Duration::ZERO)
        };
        let fds = self.lanes.iter().filter_map(Lane::interest).collect();
        let waited = wait(fds, watches, timeout, &mut self.ready);
        waited.map_err(|error| Error::system("poll", error))?;
        self.left = Instant::now();
        self.flush();
        Ok(())
    }

    /// The changes in the connections since the last call, the oldest first; at most the
    /// last 64.
    pub fn notices(&mut self) -> impl Iterator<Item = Notice> {
        self.notices.drain(..)
    }

    /// Messages that wait, or are not written completely.
    pub fn pending(&self) -> usize {
        self.queue.messages()
    }

    /// Bytes of those messages on the wire.
    pub fn pending_bytes(&self) -> usize {
        self.queue.bytes()
    }

    /// The number of peers that are connected.
    pub fn peers(&self) -> usize {
        self.lanes.iter().filter(|lane| lane.is_up()).count()
    }

    /// Sends everything, ends the connections in order and waits for the peers to have read
    /// it, all within `deadline`. A peer that is absent is waited for as long.
    pub fn close(mut self, deadline: Duration) -> Result<Closed> {
        let end = Instant::now() + deadline;
        self.flush();
        while self.pending() > 0 || self.lanes.iter().any(Lane::is_writing) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || (self.pending() == 0 && self.peers() == 0) {
                break;
            }
            self.poll(&mut [], Some(left))?;
        }
        self.lanes.iter_mut().for_each(|lane| {
            if !lane.finish() {
                lane.drop_link(&mut self.queue);
            }
        });
        let mut confirmed = true;
        loop {
            let queue = &mut self.queue;
            self.lanes.retain_mut(|lane| {
                let ended = if lane.is_up() {
                    lane.await_end()
                } else {
                    Some(true)
                };
                confirmed &= ended.unwrap_or(true);
                if ended.is_some() {
                    lane.drop_link(queue);
                }
                ended.is_none()
            });
            let left = end.saturating_duration_since(Instant::now());
            if self.lanes.is_empty() || left.is_zero() {
                break;
            }
            let fds = self.lanes.iter().filter_map(Lane::interest).collect();
            let waited = wait(fds, &mut [], Some(left), &mut self.ready);
            waited.map_err(|error| Error::system("poll", error))?;
        }
        confirmed &= self.lanes.is_empty();
        self.lanes
            .iter_mut()
            .for_each(|lane| lane.drop_link(&mut self.queue));
        let undelivered = self.pending();
        Ok(Closed {
            undelivered,
            confirmed: confirmed && undelivered == 0,
        })
    }

    fn is_too_large(&self, frames: &[&[u8]], cost: usize) -> bool {
        let limits = &self.options.limits;
        frames.len() > limits.parts
            || cost > limits.message_bytes
            || (cost > limits.frame_bytes
                && frames.iter().any(|frame| frame.len() > limits.frame_bytes))
    }

    fn has_room(&self, cost: usize) -> bool {
        let (messages, bytes) = (self.queue.messages(), self.queue.bytes());
        messages == 0
            || (messages < self.options.queue_messages && bytes + cost <= self.options.queue_bytes)
    }
}
