//! The thread that takes records out of the log and gives them to the output.

use std::{fs::File, io, os::unix::fs::FileExt, sync::Arc, time::Instant};

use super::{
    log::{Left, Log},
    place::Place,
    replay::{Marker, Replay},
    say,
};
use crate::{
    error::Result,
    sink::{self, Sink},
};

/// How much is given to the output at a time.
const PIECE: usize = 256 << 10;
/// Sends what is in a log.
pub(super) struct Sender {
    log: Arc<Log>,
    left: Left,
    replay: Replay,
    sink: Box<dyn Sink>,
    /// Up to where all has been given to the output, and up to where that is known on disk.
    place: Place,
    kept: Place,
    since: Instant,
    file: Option<(u64, File)>,
    buffer: Vec<u8>,
}

/// What has come of it.
pub(super) struct Sent {
    pub(super) result: Result<()>,
    /// What the output does not take, and why.
    pub(super) refused: Option<(u64, String)>,
}

impl Sender {
    pub(super) fn new(log: Arc<Log>, left: Left, replay: Replay, sink: Box<dyn Sink>) -> Self {
        Self {
            place: left.from,
            kept: left.from,
            log,
            left,
            replay,
            sink,
            since: Instant::now(),
            file: None,
            buffer: Vec::new(),
        }
    }

    /// Sends until the log is closed and empty, or the output fails.
    pub(super) fn run(mut self) -> Sent {
        let result = self.send();
        // Who waits for room waits in vain now.
        self.log.close();
        Sent {
            result,
            refused: self.sink.refused(),
        }
    }

    fn send(&mut self) -> Result<()> {
        self.replay()?;
        loop {
            let closed = self.log.wait(self.place, sink::TICK);
            let synced = self.log.synced()?;
            while self.place < synced {
                self.send_piece(synced, None)?;
                self.keep_now_and_then()?;
            }
            if closed && !self.log.has_more(self.place) {
                break;
            }
            self.sink.tick()?;
            self.keep_now_and_then()?;
        }
        self.sink.finish()?;
        self.keep()?;
        self.log.clear()
    }

    /// Sends what an earlier run has left.
    fn replay(&mut self) -> Result<()> {
        let to = self.left.to;
        let mut marker = Marker::new(self.replay);
        while self.place < to {
            self.send_piece(to, Some(&mut marker))?;
            self.keep_now_and_then()?;
        }
        if let Some(words) = marker.words() {
            say(self.log.program(), &words);
        }
        Ok(())
    }

    /// Sends some lines in front of `to`.
    fn send_piece(&mut self, to: Place, marker: Option<&mut Marker>) -> Result<()> {
        let segment = self.place.segment;
        let end = if segment == to.segment {
            to.offset
        } else {
            self.log.ended(segment).unwrap_or(0)
        };
        if self.place.offset >= end {
            self.place = Place {
                segment: segment + 1,
                offset: 0,
            };
            self.file = None;
            return Ok(());
        }
        let log = Arc::clone(&self.log);
        let count = self.read(end).map_err(|error| log.fail(error))?;
        let lines = &self.buffer[..count];
        match marker {
            None => self.sink.write(lines)?,
            Some(marker) => self.sink.write(marker.mark(lines))?,
        }
        self.place.offset += count as u64;
        Ok(())
    }

    /// Reads lines in front of `end` into the buffer; a last one that was cut counts as one.
    fn read(&mut self, end: u64) -> io::Result<usize> {
        let segment = self.place.segment;
        if self
            .file
            .as_ref()
            .is_none_or(|(number, _)| *number != segment)
        {
            let file = self.log.open_segment(segment).map_err(io::Error::other)?;
            self.file = Some((segment, file));
        }
        let Some((_, file)) = &self.file else {
            return Ok(0);
        };
        let left = usize::try_from(end - self.place.offset).unwrap_or(usize::MAX);
        let mut length = PIECE.min(left);
        loop {
            if self.buffer.len() < length {
                self.buffer.resize(length, 0);
            }
            file.read_exact_at(&mut self.buffer[..length], self.place.offset)?;
            match memchr::memrchr(b'\n', &self.buffer[..length]) {
                Some(at) => return Ok(at + 1),
                None if length == left => return Ok(length),
                None => length = (length * 2).min(left),
            }
        }
    }

    /// Keeps it as often as it suits the output, and when somebody waits for room.
    fn keep_now_and_then(&mut self) -> Result<()> {
        let due = self.kept != self.place && self.since.elapsed() >= self.sink.sync_every();
        if due || self.log.is_pressed() {
            self.keep()?;
        }
        Ok(())
    }

    /// Keeps how far has been sent, after the output has been synced.
    fn keep(&mut self) -> Result<()> {
        self.sink.sync()?;
        // A file that is deleted takes room as long as it is open.
        self.file = None;
        self.place = self.log.delivered(self.place)?;
        self.kept = self.place;
        self.since = Instant::now();
        Ok(())
    }
}
