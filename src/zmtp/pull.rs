//! A PULL socket: bound to some addresses, fed by any number of PUSH peers. Or a SUB socket,
//! which connects to publishers too, again and again when they are lost, and is otherwise the
//! same.
//!
//! It has no thread and keeps no messages: the caller polls, and each complete message is
//! handed to it at once, in place. A caller that does not poll does not read, and the
//! system's socket buffers push back on the senders. Every peer is read at most 768 KiB a
//! turn, so that none starves another. It does not check whom it listens to: binding to more
//! than the loopback interface is the caller's decision, since a NULL handshake keeps nobody
//! out.

mod dialing;
mod options;
mod publish;

use std::{
    hash::{BuildHasher, RandomState},
    io,
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags};

pub use self::{
    options::PullOptions,
    publish::{Publish, Published},
};
use super::{
    Address, Error, Event, SocketType, Stats, Watch,
    connection::{Connection, End, SHARED, Turn},
    dial::Dial,
    error::Result,
    listener::Listener,
    watch::{until, wait},
};

/// Connections accepted in one turn, so that a flood of them does not starve the others.
const ACCEPTS: usize = 64;

/// The pause after an accept that failed for want of descriptors or memory. 100 ms: ten
/// attempts a second cost nothing, and the wait for a descriptor is not felt.
const PAUSE: Duration = Duration::from_millis(100);

/// A bound PULL socket. Dropping it closes every connection and removes `ipc` socket files;
/// what peers had sent and nobody had polled is lost then. An orderly end calls
/// [`stop_listening`](Self::stop_listening) first and polls until nothing comes.
#[derive(Debug)]
pub struct Pull {
    options: PullOptions,
    ours: SocketType,
    topics: Arc<[Vec<u8>]>,
    listeners: Vec<Listener>,
    dials: Vec<Dial>,
    connections: Vec<Connection>,
    shared: Vec<u8>,
    held: usize,
    stats: Stats,
    /// Whose turn is first: the one after the last that was served.
    first: usize,
    /// No accept before this instant; set together with `crowded`.
    paused: Option<Instant>,
    /// The caller has been told that nobody is accepted.
    crowded: bool,
    ready: Vec<bool>,
    /// When the last poll was done with its work.
    left: Instant,
}

impl Pull {
    /// Binds all `addresses`, or none.
    pub fn bind(addresses: &[Address], options: PullOptions) -> Result<Self> {
        Self::open(SocketType::Pull, addresses, &[], Arc::default(), options)
    }

    /// A SUB socket that takes messages whose first frame begins with one of `topics`: bound to
    /// the addresses of `bind`, connected to those of `connect`. That nobody is there is no
    /// error.
    pub fn subscribe(
        bind: &[Address],
        connect: &[Address],
        topics: Vec<Vec<u8>>,
        options: PullOptions,
    ) -> Result<Self> {
        Self::open(SocketType::Sub, bind, connect, topics.into(), options)
    }

    fn open(
        ours: SocketType,
        bind: &[Address],
        connect: &[Address],
        topics: Arc<[Vec<u8>]>,
        options: PullOptions,
    ) -> Result<Self> {
        if bind.is_empty() && connect.is_empty() {
            return Err(Error::NoAddress);
        }
        let listeners = bind
            .iter()
            .map(|address| Listener::bind(address, options.ipc_mode));
        let (random, now) = (RandomState::new(), Instant::now());
        let dials = connect.iter().enumerate().map(|(number, address)| {
            address.check_connect()?;
            Ok(Dial::new(address.clone(), random.hash_one(number), now))
        });
        Ok(Self {
            ours,
            topics,
            listeners: listeners.collect::<Result<_>>()?,
            dials: dials.collect::<Result<_>>()?,
            options,
            connections: Vec::new(),
            shared: Vec::with_capacity(SHARED),
            held: 0,
            stats: Stats::default(),
            first: 0,
            paused: None,
            crowded: false,
            ready: Vec::new(),
            left: Instant::now(),
        })
    }

    /// The bound addresses, in the order in which they were given, with the ports that the
    /// system chose.
    pub fn local_addresses(&self) -> impl Iterator<Item = &Address> {
        self.listeners.iter().map(Listener::address)
    }

    /// What has been counted so far.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The number of open connections.
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    /// Bytes of memory that hold unfinished messages, over all peers.
    pub fn held_bytes(&self) -> usize {
        self.held
    }

    /// Closes the listeners: no further peer is accepted or connected to, those that are here
    /// are served on.
    /// The first step of an orderly end.
    pub fn stop_listening(&mut self) {
        self.listeners.clear();
        self.dials.clear();
    }

    /// Waits until something can be done, and does it: at most one read for each peer.
    ///
    /// Returns the number of messages that were handed out. It returns as well when one of
    /// `watches` is ready, when `timeout` is over (`None` waits for ever), when a signal
    /// came, or when a deadline of ours had to be kept. A caller that buffers its output
    /// polls with a zero timeout first, and flushes before it polls with a longer one if
    /// that handed out nothing.
    ///
    /// When `on_event` breaks, the poll ends at once; the messages that had come already are
    /// handed out by the next poll. What a peer does wrong is an event, never an error here.
    pub fn poll(
        &mut self,
        watches: &mut [Watch<'_>],
        timeout: Option<Duration>,
        on_event: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<u64> {
        let before = self.stats.messages;
        self.begin(Instant::now());
        let mut ready = std::mem::take(&mut self.ready);
        let waited = self.wait(watches, timeout, &mut ready);
        self.ready = ready;
        waited.map_err(|error| Error::system("poll", error))?;
        let now = Instant::now();
        let open = self.connections.len();
        let called = self.ready[open..].contains(&true) || open >= self.options.limits.connections;
        if self.serve(now, on_event).is_continue()
            && self.dial(now, on_event).is_continue()
            && (!called || self.accept(now, on_event).is_continue())
        {
            let _ = self.check_deadlines(now, on_event);
        }
        self.left = now;
        Ok(self.stats.messages - before)
    }

    fn wait(
        &self,
        watches: &mut [Watch<'_>],
        timeout: Option<Duration>,
        ready: &mut Vec<bool>,
    ) -> io::Result<()> {
        let now = Instant::now();
        let timeout = if self.connections.iter().any(Connection::is_unserved) {
            Some(Duration::ZERO)
        } else {
            until(now, timeout, self.next_deadline())
        };
        let connections = self
            .connections
            .iter()
            .map(|connection| PollFd::new(connection, connection.interest()));
        let accepting = self.is_accepting();
        let listeners = self
            .listeners
            .iter()
            .filter(|_| accepting)
            .map(|one| PollFd::new(one, PollFlags::IN));
        let dials = self.dials.iter().filter_map(Dial::interest);
        wait(
            connections.chain(listeners).chain(dials).collect(),
            watches,
            timeout,
            ready,
        )
    }

    /// Ends a pause that is over, and puts every peer's deadline off by the time that the
    /// caller was away: peers could not be heard then, and back-pressure must not end them.
    fn begin(&mut self, now: Instant) {
        self.paused = self.paused.filter(|end| now < *end);
        let away = now.saturating_duration_since(self.left);
        if away > PAUSE {
            for connection in &mut self.connections {
                connection.excuse(away);
            }
        }
    }

    fn is_accepting(&self) -> bool {
        self.connections.len() < self.options.limits.connections && self.paused.is_none()
    }

    fn next_deadline(&self) -> Option<Instant> {
        let PullOptions {
            limits, heartbeat, ..
        } = &self.options;
        let peers = self
            .connections
            .iter()
            .filter_map(|connection| connection.due(limits, *heartbeat));
        let dials = self
            .dials
            .iter()
            .filter_map(|dial| dial.due(limits.handshake));
        peers.chain(dials).chain(self.paused).min()
    }

    /// Serves every connection that is ready, once, the next in line first.
    fn serve(
        &mut self,
        now: Instant,
        on_event: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let count = self.connections.len();
        let mut ended = Vec::new();
        let mut flow = ControlFlow::Continue(());
        for step in 0..count {
            let index = (self.first + step) % count;
            let connection = &mut self.connections[index];
            if !(self.ready[index] || connection.is_unserved()) {
                continue;
            }
            let limits = &self.options.limits;
            let (shared, held, stats) = (&mut self.shared, &mut self.held, &mut self.stats);
            let mut turn = Turn {
                now,
                shared,
                limits,
                held,
                stats,
                on_event,
            };
            match connection.serve(&mut turn) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => {
                    self.first = index + 1;
                    flow = ControlFlow::Break(());
                    break;
                }
                Err(end) => ended.push((index, end)),
            }
        }
        // The indices point into `connections` and `ready` until here.
        let closed = self.close(ended, on_event);
        if flow.is_break() { flow } else { closed }
    }

    /// Accepts those who wait, at most [`ACCEPTS`] of them for each address.
    fn accept(
        &mut self,
        now: Instant,
        on_event: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for index in 0..self.listeners.len() {
            for _ in 0..ACCEPTS {
                let full = self.connections.len() >= self.options.limits.connections;
                let listener = &mut self.listeners[index];
                let error = match (full, if full { Ok(None) } else { listener.accept() }) {
                    (true, _) => None,
                    (false, Ok(None)) => {
                        // Nobody waits any more.
                        self.crowded = false;
                        break;
                    }
                    (false, Ok(Some((stream, name)))) => {
                        let security = self.options.listening.of(listener.address());
                        self.welcome(stream, (name, index), None, &security, now);
                        continue;
                    }
                    (false, Err(error)) => {
                        self.paused = Some(now + PAUSE);
                        Some(error)
                    }
                };
                if !std::mem::replace(&mut self.crowded, true) {
                    self.stats.crowded += 1;
                    let address = listener.address();
                    on_event(Event::Crowded {
                        address,
                        error: error.as_ref(),
                    })?;
                }
                break;
            }
        }
        ControlFlow::Continue(())
    }

    /// Keeps handshake deadlines and heartbeats, of those that had nothing to read.
    fn check_deadlines(
        &mut self,
        now: Instant,
        on_event: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let PullOptions {
            limits, heartbeat, ..
        } = &self.options;
        let mut ended = Vec::new();
        for (index, connection) in self.connections.iter_mut().enumerate() {
            if let Err(end) = connection.check(now, limits, *heartbeat) {
                ended.push((index, end));
            }
        }
        self.close(ended, on_event)
    }

    /// Removes the connections that ended and tells the caller about all of them, even if it
    /// breaks in between: they could not be told later.
    fn close(
        &mut self,
        mut ended: Vec<(usize, End)>,
        on_event: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut flow = ControlFlow::Continue(());
        // From the last to the first, so that the remaining indices stay right.
        ended.sort_unstable_by_key(|(index, _)| std::cmp::Reverse(*index));
        for (index, end) in ended {
            let connection = self.connections.swap_remove(index);
            self.held -= connection.held();
            if let Some((index, worked)) = connection.dial()
                && let Some(dial) = self.dials.get_mut(index)
            {
                dial.lost(Instant::now(), worked);
            }
            self.stats.closed += 1;
            // A descriptor is free again.
            self.paused = None;
            let peer = connection.peer();
            let told = match &end {
                End::Refused(reason) => {
                    self.stats.refuse(reason);
                    on_event(Event::Rejected { peer, reason })
                }
                End::Left(error) => {
                    let unfinished = connection.unfinished();
                    self.stats.unfinished += u64::from(unfinished > 0);
                    on_event(Event::Disconnected {
                        peer,
                        unfinished,
                        error: error.as_ref(),
                    })
                }
            };
            if told.is_break() {
                flow = ControlFlow::Break(());
            }
            connection.part();
        }
        flow
    }
}
