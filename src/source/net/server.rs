//! All listeners of a program, and one `poll` call for them and their connections.

mod closing;
mod common;

use std::{
    io,
    ops::ControlFlow,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags};

use self::common::Common;
use super::{
    Event, Http, Limits, Peer,
    connection::{Connection, OnEvent, SHARED, Talk},
    datagrams::Datagrams,
    framing::framing,
    listener::{Listener, listen},
    tls::Tls,
    unpack::Unpack,
};
use crate::{
    endpoint::{Listen, Place, Protocol},
    error::{Error, Result},
    zmtp::{Watch, until, wait},
};

/// Connections accepted in one turn, so that a flood of them does not starve the others.
const ACCEPTS: usize = 64;

/// The pause after an accept that failed for want of descriptors or memory. 100 ms: ten
/// attempts a second cost nothing, and the wait for a descriptor is not felt.
const PAUSE: Duration = Duration::from_millis(100);

/// Listeners of any number and kind. Dropping it closes them and their connections; an orderly
/// end calls [`stop_listening`](Self::stop_listening) first and polls until nothing comes.
#[derive(Debug)]
pub struct Server {
    tls: Option<Tls>,
    endpoints: Vec<Listen>,
    datagrams: Vec<Datagrams>,
    listeners: Vec<Listener>,
    connections: Vec<Connection>,
    common: Common,
    /// Whose turn is first: the one after the last that was served.
    first: usize,
    /// No accept before this instant.
    paused: Option<Instant>,
    /// The caller has been told that nobody is accepted.
    crowded: bool,
    ready: Vec<bool>,
    /// When the last poll was done with its work.
    left: Instant,
}

impl Server {
    /// Binds all endpoints, or none. Those that have TLS need `tls`.
    pub fn bind(mut endpoints: Vec<Listen>, limits: Limits, tls: Option<Tls>) -> Result<Self> {
        let (mut datagrams, mut listeners) = (Vec::new(), Vec::new());
        for (number, endpoint) in endpoints.iter_mut().enumerate() {
            if endpoint.tls && tls.is_none() {
                return Err(Error::Usage(format!("{endpoint}: no certificate")));
            }
            if matches!(endpoint.place, Place::Udp { .. }) {
                datagrams.push(Datagrams::bind(number, endpoint, &limits)?);
            } else {
                listeners.push(listen(number, endpoint)?);
            }
        }
        Ok(Self {
            tls,
            endpoints,
            datagrams,
            listeners,
            connections: Vec::new(),
            common: Common {
                shared: Vec::with_capacity(SHARED),
                limits,
                held: 0,
                messages: 0,
            },
            first: 0,
            paused: None,
            crowded: false,
            ready: Vec::new(),
            left: Instant::now(),
        })
    }

    /// The endpoints in the order in which they were given, with the ports that the system
    /// chose.
    pub fn endpoints(&self) -> &[Listen] {
        &self.endpoints
    }

    /// For each endpoint of datagrams, how many the system dropped because they were not taken
    /// in time.
    pub fn dropped(&self) -> impl Iterator<Item = (&Listen, u64)> {
        let sockets = self.datagrams.iter();
        sockets.map(|socket| (&self.endpoints[socket.endpoint], socket.dropped()))
    }

    /// Whether some endpoints are of datagrams.
    pub fn takes_datagrams(&self) -> bool {
        !self.datagrams.is_empty()
    }

    /// Bytes of memory that hold unfinished messages, over all peers.
    pub fn held_bytes(&self) -> usize {
        self.common.held
    }

    /// The number of open connections.
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    /// Accepts nobody any more; those that are here are served on, and datagrams are taken.
    pub fn stop_listening(&mut self) {
        self.listeners.clear();
    }

    /// Lets the replies go out to all requests that were handed out so far: the caller has put
    /// away what they are replies to.
    pub fn release(&mut self) {
        let now = Instant::now();
        for connection in &mut self.connections {
            // One that is broken shows it when it is served next.
            let _ = connection.release(now);
        }
    }

    /// Whether replies wait to be [released](Self::release).
    pub fn holds_replies(&self) -> bool {
        self.connections.iter().any(Connection::is_held)
    }

    /// Waits until something can be done, and does it: at most one read for each connection.
    ///
    /// Returns the number of messages that were handed out. It returns as well when one of
    /// `watches` is ready, when `timeout` is over (`None` waits for ever), when a signal came,
    /// or when a deadline of ours had to be kept. A caller that buffers its output polls with
    /// a zero timeout first, and flushes before it polls with a longer one.
    ///
    /// When `on_event` breaks, the poll ends at once; what had come already is handed out by
    /// the next one. What a peer does wrong is an event, never an error here.
    pub fn poll(
        &mut self,
        watches: &mut [Watch<'_>],
        timeout: Option<Duration>,
        on_event: &mut OnEvent<'_>,
    ) -> Result<u64> {
        let before = self.common.messages;
        self.begin(Instant::now());
        let mut ready = std::mem::take(&mut self.ready);
        let waited = self.wait(watches, timeout, &mut ready);
        self.ready = ready;
        waited.map_err(|error| Error::Failed(format!("poll: {error}")))?;
        let now = Instant::now();
        let served = self.connections.len() + self.datagrams.len();
        let called = self.ready[served..].contains(&true);
        let called = called || self.connections.len() >= self.common.limits.connections;
        if self.take_datagrams(now, on_event).is_continue()
            && self.serve(now, on_event).is_continue()
            && (!called || self.accept(now, on_event).is_continue())
        {
            let _ = self.check_deadlines(now, on_event);
        }
        self.left = now;
        Ok(self.common.messages - before)
    }

    fn wait(
        &self,
        watches: &mut [Watch<'_>],
        timeout: Option<Duration>,
        ready: &mut Vec<bool>,
    ) -> io::Result<()> {
        let timeout = if self.connections.iter().any(Connection::is_unserved) {
            Some(Duration::ZERO)
        } else {
            until(Instant::now(), timeout, self.next_deadline())
        };
        let connections = self
            .connections
            .iter()
            .map(|connection| PollFd::new(connection, connection.interest()));
        let datagrams = self
            .datagrams
            .iter()
            .map(|one| PollFd::new(one, PollFlags::IN));
        let accepting =
            self.connections.len() < self.common.limits.connections && self.paused.is_none();
        let listeners = self
            .listeners
            .iter()
            .filter(|_| accepting)
            .map(|one| PollFd::new(one, PollFlags::IN));
        let all = connections.chain(datagrams).chain(listeners);
        wait(all.collect(), watches, timeout, ready)
    }

    /// Ends a pause that is over, and puts every deadline off by the time that the caller was
    /// away: peers could not be heard then, and back-pressure must not end them.
    fn begin(&mut self, now: Instant) {
        self.paused = self.paused.filter(|end| now < *end);
        let away = now.saturating_duration_since(self.left);
        if away > PAUSE {
            for connection in &mut self.connections {
                connection.excuse(away);
            }
            for datagrams in &mut self.datagrams {
                datagrams.excuse(away);
            }
        }
    }

    fn next_deadline(&self) -> Option<Instant> {
        let connections = self.connections.iter();
        let peers = connections.filter_map(|connection| connection.due(&self.common.limits));
        let chunks = self.datagrams.iter().filter_map(Datagrams::due);
        peers.chain(chunks).chain(self.paused).min()
    }

    fn take_datagrams(&mut self, now: Instant, on_event: &mut OnEvent<'_>) -> ControlFlow<()> {
        let open = self.connections.len();
        for (index, datagrams) in self.datagrams.iter_mut().enumerate() {
            if self.ready[open + index] {
                datagrams.serve(&mut self.common.turn(now, on_event))?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Serves every connection that is ready, once, the next in line first.
    fn serve(&mut self, now: Instant, on_event: &mut OnEvent<'_>) -> ControlFlow<()> {
        let count = self.connections.len();
        let mut ended = Vec::new();
        let mut flow = ControlFlow::Continue(());
        for step in 0..count {
            let index = (self.first + step) % count;
            let connection = &mut self.connections[index];
            if !(self.ready[index] || connection.is_unserved()) {
                continue;
            }
            let mut turn = self.common.turn(now, on_event);
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
        let closed = self.close(now, ended, on_event);
        if flow.is_break() { flow } else { closed }
    }

    /// Accepts those who wait, at most [`ACCEPTS`] of them at each endpoint.
    fn accept(&mut self, now: Instant, on_event: &mut OnEvent<'_>) -> ControlFlow<()> {
        for listener in &mut self.listeners {
            for _ in 0..ACCEPTS {
                let full = self.connections.len() >= self.common.limits.connections;
                let at = &self.endpoints[listener.endpoint];
                let tls = self.tls.as_ref().filter(|_| at.tls);
                let accepted = if full { Ok(None) } else { listener.accept(tls) };
                let error = match accepted {
                    Ok(None) if full => None,
                    Ok(None) => {
                        // Nobody waits any more.
                        self.crowded = false;
                        break;
                    }
                    Ok(Some((link, name))) => {
                        let talk = talk(at.protocol, &self.common.limits);
                        // A peer says by its first bytes whether it compresses.
                        let unpack = (at.protocol == Protocol::Ndjson)
                            .then(|| Unpack::new(self.common.limits.ratio));
                        let peer = Peer::new(name);
                        let one = Connection::new(listener.endpoint, peer, link, talk, now);
                        self.connections.push(one.unpacking(unpack));
                        continue;
                    }
                    Err(error) => {
                        self.paused = Some(now + PAUSE);
                        Some(error)
                    }
                };
                if !std::mem::replace(&mut self.crowded, true) {
                    on_event(Event::Crowded {
                        endpoint: listener.endpoint,
                        error: error.as_ref(),
                    })?;
                }
                break;
            }
        }
        ControlFlow::Continue(())
    }

    /// Keeps the deadlines of those that had nothing to read.
    fn check_deadlines(&mut self, now: Instant, on_event: &mut OnEvent<'_>) -> ControlFlow<()> {
        for datagrams in &mut self.datagrams {
            datagrams.check(&mut self.common.turn(now, on_event))?;
        }
        let mut ended = Vec::new();
        for (index, connection) in self.connections.iter().enumerate() {
            if let Err(end) = connection.check(now, &self.common.limits) {
                ended.push((index, end));
            }
        }
        self.close(now, ended, on_event)
    }
}

fn talk(protocol: Protocol, limits: &Limits) -> Talk {
    match protocol {
        Protocol::PylogHttp | Protocol::Otlp | Protocol::Metrics => {
            Talk::Http(Box::new(Http::new(limits)))
        }
        _ => Talk::Stream(framing(protocol, limits.message_bytes)),
    }
}
