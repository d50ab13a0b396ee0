//! ZeroMQ PUSH: each line is a message of distlog's two frames, or of one.

use std::{
    os::fd::AsFd,
    time::{Duration, Instant},
};

use super::{
    Sink, SinkOptions,
    message::{all_fitted, failed, records},
};
use crate::{
    error::{Error, Result},
    zmtp::{Address, Change, Interest, Push, PushOptions, Watch},
};

/// A PUSH socket.
pub struct ZmqSink {
    address: String,
    options: SinkOptions,
    /// Taken when it is closed.
    push: Option<Push>,
    /// True while a connection is missing that the user has been told of.
    away: bool,
    /// When it is over, once the program has been asked to end.
    deadline: Option<Instant>,
    /// Records left out because no receiver takes messages of that size.
    too_large: u64,
    /// Records that there was no time to deliver, and those that were too large.
    undelivered: u64,
}

impl ZmqSink {
    /// Begins to connect; that nobody is there yet is no error.
    pub fn connect(address: &str, options: SinkOptions) -> Result<Self> {
        let parsed = Address::parse(address).map_err(|error| failed(&error))?;
        let push = PushOptions {
            security: options.security.clone(),
            ..PushOptions::default()
        };
        let push = Push::connect(&[parsed], push).map_err(|error| failed(&error))?;
        Ok(Self {
            address: address.to_owned(),
            options,
            push: Some(push),
            away: false,
            deadline: None,
            too_large: 0,
            undelivered: 0,
        })
    }

    /// Queues a line, and waits for room as long as the program may run; once it has been
    /// asked to end, for the time that `finish` would have. False if that is over.
    fn send(&mut self, line: &[u8]) -> Result<bool> {
        while !self.try_send(line)? {
            let asked = self.options.shutdown.is_asked();
            if asked && self.deadline.is_none() {
                self.deadline = Some(Instant::now() + self.options.linger);
            }
            let left = self
                .deadline
                .map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Ok(false);
            }
            if let Some(push) = &mut self.push {
                let mut watch = [Watch::new(
                    self.options.shutdown.as_fd(),
                    Interest::Readable,
                )];
                // Once it has been asked, the descriptor stays readable: no use in watching it.
                let watches = if asked { &mut [] } else { &mut watch[..] };
                push.poll(watches, left).map_err(|error| failed(&error))?;
            }
            self.tell();
        }
        Ok(true)
    }

    fn try_send(&mut self, line: &[u8]) -> Result<bool> {
        let Some(push) = &mut self.push else {
            return Ok(true);
        };
        let sent = match &self.options.topic {
            Some(topic) => push.try_send(&[topic.as_bytes(), line]),
            None => push.try_send(&[line]),
        };
        match sent {
            // It would hold up everything behind it for ever.
            Err(crate::zmtp::Error::TooLarge { .. }) => {
                self.too_large += 1;
                self.undelivered += 1;
                Ok(true)
            }
            sent => sent.map_err(|error| failed(&error)),
        }
    }

    fn undelivered(&self, messages: usize) -> Error {
        Error::Undelivered {
            place: self.address.clone(),
            records: records(messages as u64),
            linger: self.options.linger,
        }
    }

    /// Passes on what the connections have to say; that all is well goes without saying.
    fn tell(&mut self) {
        for notice in self.push.iter_mut().flat_map(Push::notices) {
            let well = matches!(notice.change, Change::Connected);
            if !well || self.away {
                (self.options.say)(notice.to_string());
            }
            self.away = !well;
        }
    }
}

impl Sink for ZmqSink {
    fn write(&mut self, lines: &[u8]) -> Result<()> {
        let mut left = lines;
        while let Some(end) = memchr::memchr(b'\n', left) {
            let sent = if end > 0 {
                self.send(&left[..end])
            } else {
                Ok(true)
            };
            if !matches!(sent, Ok(true)) {
                let rest = memchr::memchr_iter(b'\n', left).count();
                self.undelivered += rest as u64;
                let pending = self.push.as_ref().map_or(0, Push::pending);
                return sent.and_then(|_| Err(self.undelivered(pending + rest)));
            }
            left = &left[end + 1..];
        }
        self.tick()
    }

    fn tick(&mut self) -> Result<()> {
        if let Some(push) = &mut self.push {
            push.flush();
        }
        self.tell();
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        let end = self
            .deadline
            .unwrap_or_else(|| Instant::now() + self.options.linger);
        self.tell();
        // Delivers what is left, and says meanwhile why it may not get there.
        while let Some(push) = &mut self.push
            && push.pending() > 0
            && let left = end.saturating_duration_since(Instant::now())
            && !left.is_zero()
        {
            if let Err(error) = push.poll(&mut [], Some(left)) {
                self.undelivered += push.pending() as u64;
                return Err(failed(&error));
            }
            self.tell();
        }
        let Some(push) = self.push.take() else {
            return Ok(());
        };
        let pending = push.pending();
        let left = end.saturating_duration_since(Instant::now());
        let closed = push.close(left).map_err(|error| {
            self.undelivered += pending as u64;
            failed(&error)
        })?;
        self.undelivered += closed.undelivered as u64;
        if closed.undelivered > 0 {
            return Err(self.undelivered(closed.undelivered));
        }
        if !closed.confirmed {
            (self.options.say)(format!(
                "{}: the peer did not confirm that it read everything",
                self.address
            ));
        }
        all_fitted(&self.address, self.too_large)
    }

    fn undelivered(&self) -> u64 {
        self.undelivered
    }
}

/// How often an idle sender looks after its connections: often enough to answer a heartbeat.
pub const TICK: Duration = Duration::from_millis(100);
