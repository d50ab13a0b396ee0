//! ZeroMQ PUB: each line is a message to all who have subscribed to its topic.
//!
//! Who comes later has missed what came before, and a record that nobody has subscribed to goes to
//! nobody: that is what PUB is, and it is counted. A subscriber that reads slowly is waited for, or
//! misses what it has no room for, as the endpoint says.

use std::{
    os::fd::AsFd,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Sink, SinkOptions,
    message::{all_fitted, failed, records},
};
use crate::{
    endpoint::PublishAt,
    error::{Error, Result},
    zmtp::{Address, Event, Interest, Publish, PullOptions, Watch},
};

/// The bytes that wait for one subscriber at most.
const ROOM: usize = 16 << 20;

/// After so many bytes they are written, so that subscribers can begin with them.
const BATCH: usize = 64 << 10;

/// How long somebody is waited for before that is said.
const PATIENCE: Duration = Duration::from_secs(10);

/// A PUB socket.
pub(super) struct PublishSink {
    at: PublishAt,
    options: SinkOptions,
    topic: Option<Arc<[u8]>>,
    /// Bytes since subscribers were looked after.
    unwritten: usize,
    /// Taken when it is closed.
    publish: Option<Publish>,
    /// True once there have been as many subscribers as are to be waited for.
    has_begun: bool,
    /// When it is over, once the program has been asked to end.
    deadline: Option<Instant>,
    /// Records that nobody had subscribed to.
    alone: u64,
    /// Records that a subscriber had no room for, or that were too large for a message.
    missed: u64,
    too_large: u64,
    /// Records that there was no time for.
    late: u64,
}

impl PublishSink {
    /// Binds the socket, and says where.
    pub(super) fn bind(at: &PublishAt, mut options: SinkOptions) -> Result<Self> {
        let address = Address::parse(&at.address).map_err(|error| failed(&error))?;
        let pull = PullOptions {
            listening: options.security.clone(),
            ..PullOptions::default()
        };
        let publish = Publish::bind(&[address], pull, ROOM).map_err(|error| failed(&error))?;
        for address in publish.local_addresses() {
            (options.say)(format!("publishing on pub+{address}"));
        }
        Ok(Self {
            at: at.clone(),
            topic: options.topic.as_ref().map(|topic| topic.as_bytes().into()),
            options,
            unwritten: 0,
            publish: Some(publish),
            has_begun: at.wait == 0,
            deadline: None,
            alone: 0,
            missed: 0,
            too_large: 0,
            late: 0,
        })
    }

    /// Looks after the subscribers, and waits so long for anything to happen.
    fn poll(&mut self, timeout: Option<Duration>) -> Result<()> {
        self.unwritten = 0;
        let Some(publish) = &mut self.publish else {
            return Ok(());
        };
        let shutdown = &self.options.shutdown;
        let mut watch = [Watch::new(shutdown.as_fd(), Interest::Readable)];
        // Once it has been asked, the descriptor stays readable: no use in watching it.
        let watches = if shutdown.is_asked() {
            &mut []
        } else {
            &mut watch[..]
        };
        let say = &mut self.options.say;
        publish
            .poll(watches, timeout, &mut |event| match event {
                Event::Disconnected {
                    peer,
                    unfinished,
                    error,
                } if error.is_some() || unfinished > 0 => {
                    say(format!("pub+{peer}: the subscriber was lost"));
                }
                Event::Rejected { peer, reason } => say(format!("pub+{peer}: {reason}")),
                Event::Crowded { address, .. } => {
                    say(format!("pub+{address}: no more connections for now"));
                }
                _ => {}
            })
            .map_err(|error| failed(&error))
    }

    /// Waits until `is_met`, as long as the program may run; once it has been asked to end, for the time
    /// that `finish` would have. False if that is over. After a while it is said what for.
    fn wait_until(
        &mut self,
        is_met: impl Fn(&Publish) -> bool,
        what: impl Fn(&Publish) -> String,
    ) -> Result<bool> {
        let began = Instant::now();
        let mut is_told = false;
        loop {
            self.poll(Some(Duration::ZERO))?;
            let Some(publish) = &self.publish else {
                return Ok(false);
            };
            if is_met(publish) {
                return Ok(true);
            }
            if !is_told && began.elapsed() >= PATIENCE {
                is_told = true;
                (self.options.say)(format!("{}: waits for {}", self.at, what(publish)));
            }
            if self.options.shutdown.is_asked() && self.deadline.is_none() {
                self.deadline = Some(Instant::now() + self.options.linger);
            }
            let left = self
                .deadline
                .map(|end| end.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Ok(false);
            }
            let until_told = (!is_told).then(|| PATIENCE.saturating_sub(began.elapsed()));
            self.poll([left, until_told].into_iter().flatten().min())?;
        }
    }

    /// Sends a line; false if there is no time for it any more.
    fn send(&mut self, line: &[u8]) -> Result<bool> {
        let topic = self.topic.clone();
        let first = topic.as_deref().unwrap_or(line);
        if !self.has_begun {
            let wait = self.at.wait;
            let enough = |publish: &Publish| publish.subscribers() >= wait;
            let what = |publish: &Publish| {
                let count = publish.subscribers();
                format!("subscribers: {count} of {wait} have come")
            };
            self.has_begun = self.wait_until(enough, what)?;
            if !self.has_begun {
                return Ok(false);
            }
        }
        let is_full = |publish: &Publish| publish.is_full(first).is_some();
        if !self.at.drops && self.publish.as_ref().is_some_and(is_full) {
            let what = |publish: &Publish| match publish.is_full(first) {
                Some(peer) => format!("{peer}, which does not read"),
                None => "a subscriber that does not read".to_owned(),
            };
            if !self.wait_until(|publish| !is_full(publish), what)? {
                return Ok(false);
            }
        }
        let Some(publish) = &mut self.publish else {
            return Ok(false);
        };
        let published = match &topic {
            Some(topic) => publish.publish(&[topic, line]),
            None => publish.publish(&[line]),
        };
        match published {
            Ok(published) => {
                self.missed += u64::from(published.missed > 0);
                self.alone += u64::from(published.missed + published.taken == 0);
            }
            Err(crate::zmtp::Error::TooLarge { .. }) => self.too_large += 1,
            Err(error) => return Err(failed(&error)),
        }
        self.unwritten += line.len();
        if self.unwritten >= BATCH {
            self.poll(Some(Duration::ZERO))?;
        }
        Ok(true)
    }

    /// Says what has become of records that have not reached everybody.
    fn tell(&mut self) {
        if self.alone > 0 {
            let words = records(self.alone);
            (self.options.say)(format!("{}: nobody had subscribed to {words}", self.at));
        }
        if self.missed > 0 {
            let words = records(self.missed);
            (self.options.say)(format!("{}: a subscriber had no room for {words}", self.at));
        }
    }
}

impl Sink for PublishSink {
    fn write(&mut self, lines: &[u8]) -> Result<()> {
        let mut left = lines;
        while let Some(end) = memchr::memchr(b'\n', left) {
            let sent = if end > 0 {
                self.send(&left[..end])
            } else {
                Ok(true)
            };
            if !matches!(sent, Ok(true)) {
                let rest = memchr::memchr_iter(b'\n', left).count() as u64;
                self.late += rest;
                return sent.and_then(|_| {
                    Err(Error::Undelivered {
                        place: self.at.to_string(),
                        records: records(rest),
                        linger: self.options.linger,
                    })
                });
            }
            left = &left[end + 1..];
        }
        self.tick()
    }

    fn tick(&mut self) -> Result<()> {
        self.poll(Some(Duration::ZERO))
    }

    fn finish(&mut self) -> Result<()> {
        self.tell();
        let Some(publish) = self.publish.take() else {
            return Ok(());
        };
        let end = self
            .deadline
            .unwrap_or_else(|| Instant::now() + self.options.linger);
        let left = end.saturating_duration_since(Instant::now());
        match publish.close(left).map_err(|error| failed(&error))? {
            0 => {}
            behind => {
                let s = if behind == 1 { "" } else { "s" };
                return Err(Error::Undelivered {
                    place: self.at.to_string(),
                    records: format!("the last records of {behind} subscriber{s}"),
                    linger: self.options.linger,
                });
            }
        }
        all_fitted(&self.at, self.too_large)
    }

    fn undelivered(&self) -> u64 {
        self.alone + self.missed + self.too_large + self.late
    }
}
