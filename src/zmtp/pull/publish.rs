//! A PUB socket: bound to some addresses, for any number of subscribers, each of which gets the
//! messages that it has subscribed to.
//!
//! It is the same socket as [`Pull`], of another type: subscribers come, shake hands, are bounded and
//! refused in the same way, and what they send are subscriptions. What a subscriber is to get waits
//! in a buffer of its own. Whether a full one is waited for is the caller's decision: [`Publish::is_full`]
//! tells before, and [`Publish::publish`] passes over who has no room.

use std::{
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Pull, PullOptions};
use crate::zmtp::{
    Address, Error, Event, Peer, SocketType, Watch, connection::Connection, error::Result,
};

/// What became of a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Published {
    /// How many subscribers will get it.
    pub taken: usize,
    /// How many had no room for it.
    pub missed: usize,
}

/// A bound PUB socket. Dropping it forgets what waits: [`close`](Self::close) it.
#[derive(Debug)]
pub struct Publish {
    pull: Pull,
    room: usize,
}

impl Publish {
    /// Binds all `addresses`, or none. At most `room` bytes wait for each subscriber, but for the end of
    /// the last message, and less if there are so many that the limit of all is reached.
    pub fn bind(addresses: &[Address], options: PullOptions, room: usize) -> Result<Self> {
        let pull = Pull::open(SocketType::Pub, addresses, &[], Arc::default(), options)?;
        Ok(Self { pull, room })
    }

    /// The bound addresses, in the order in which they were given, with the ports that the
    /// system chose.
    pub fn local_addresses(&self) -> impl Iterator<Item = &Address> {
        self.pull.local_addresses()
    }

    /// The number of peers that have subscribed to anything.
    pub fn subscribers(&self) -> usize {
        let connections = self.pull.connections.iter();
        connections.filter(|one| one.has_subscribed()).count()
    }

    /// How many bytes may wait for each subscriber, so that all of them together keep to the limit.
    fn room(&self) -> usize {
        let total = self.pull.options.limits.total_bytes;
        self.room.min(total / self.pull.connections.len().max(1))
    }

    /// Who has subscribed to a message with this first frame, and has no room for another one.
    pub fn is_full(&self, first: &[u8]) -> Option<&Peer> {
        let room = self.room();
        let mut connections = self.pull.connections.iter();
        let full = connections.find(|one| one.wants(first) && one.pending() >= room);
        full.map(Connection::peer)
    }

    /// Queues a message for all who have subscribed to its first frame and have room for it.
    pub fn publish(&mut self, frames: &[&[u8]]) -> Result<Published> {
        let first = frames.first().ok_or(Error::NoFrames)?;
        let bytes: usize = frames.iter().map(|frame| frame.len()).sum();
        if bytes > self.pull.options.limits.frame_bytes {
            let parts = frames.len();
            return Err(Error::TooLarge { bytes, parts });
        }
        let (mut published, room) = (Published::default(), self.room());
        for connection in &mut self.pull.connections {
            if !connection.wants(first) {
                continue;
            }
            if connection.pending() >= room || connection.publish(frames).is_err() {
                published.missed += 1;
            } else {
                published.taken += 1;
            }
        }
        Ok(published)
    }

    /// Bytes that wait for any subscriber.
    pub fn pending(&self) -> usize {
        let connections = self.pull.connections.iter();
        connections.map(Connection::pending).sum()
    }

    /// Waits until something can be done, and does it: takes subscribers in, and their
    /// subscriptions, and writes as much as each of them takes. It returns as [`Pull::poll`] does.
    pub fn poll(
        &mut self,
        watches: &mut [Watch<'_>],
        timeout: Option<Duration>,
        on_event: &mut dyn FnMut(Event<'_>),
    ) -> Result<()> {
        let mut go_on = |event: Event<'_>| {
            on_event(event);
            ControlFlow::Continue(())
        };
        self.pull.poll(watches, timeout, &mut go_on).map(drop)
    }

    /// Lets nobody in any more, writes what waits, and ends the connections in order: each subscriber
    /// is waited for until it has read everything and ends its own, which libzmq does then. All within
    /// `deadline`; returns how many subscribers have not been sent all that was theirs.
    pub fn close(mut self, deadline: Duration) -> Result<usize> {
        let end = Instant::now() + deadline;
        self.pull.stop_listening();
        loop {
            // What has come and is not read when a socket is closed would take back what is under way.
            let sent = self.pull.connections.iter_mut();
            sent.filter(|one| one.pending() == 0)
                .for_each(Connection::finish);
            let left = end.saturating_duration_since(Instant::now());
            if self.pull.connections.is_empty() || left.is_zero() {
                break;
            }
            self.poll(&mut [], Some(left), &mut |_| ())?;
        }
        let unsent = |one: &&Connection| one.pending() > 0;
        Ok(self.pull.connections.iter().filter(unsent).count())
    }
}
