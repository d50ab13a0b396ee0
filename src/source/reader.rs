//! The reader: a list of inputs, cut into chunks of whole lines.
//!
//! It reads on as long as bytes are there and hands out what it has before a read that may
//! block, so that the first record comes out at once and the millionth at full speed.

use std::{
    collections::VecDeque,
    io,
    os::fd::AsFd,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    chunk::{CHUNK, Chunk, Origin},
    extent::Extent,
    input::Input,
    pass_over::PassOver,
    wait::{Ready, Wait},
};
use crate::{
    endpoint::Endpoint,
    error::{Error, Result},
    shutdown::{Reload, Shutdown},
};

/// What filling a chunk brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Lines.
    Lines,
    /// Nothing for a while; only if ticks were asked for.
    Idle,
    /// All inputs are read.
    End,
}

/// Why an input is not read on.
enum Stop {
    ReaderLeft,
    Broken(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// Reads inputs one after the other.
pub struct Reader {
    waiting: VecDeque<Endpoint>,
    /// How much of each of `waiting` is to be read; empty if it is all.
    extents: VecDeque<Extent>,
    current: Option<Input>,
    place: Arc<str>,
    first: bool,
    /// The number of the current input, from 1.
    number: u64,
    pass_over: PassOver,
    /// Bytes of a line whose end has not been read yet.
    carry: Vec<u8>,
    /// True while the rest of a line that is too long is passed over.
    skipping: bool,
    /// Lines passed over that no chunk has told of yet.
    oversized: u64,
    wait: Wait,
    tick: Option<Duration>,
    last_tick: Instant,
    max_record: usize,
    on_failure: Box<dyn FnMut(Error) + Send>,
    on_read: Box<dyn FnMut(u64) + Send>,
}

impl Reader {
    /// A reader over `inputs`, or standard input if there are none.
    ///
    /// An input that cannot be opened or read is reported to `on_failure`, and the others
    /// are read all the same.
    pub fn new(
        inputs: Vec<Endpoint>,
        wait: Wait,
        on_failure: impl FnMut(Error) + Send + 'static,
    ) -> Self {
        let mut waiting = VecDeque::from(inputs);
        if waiting.is_empty() {
            waiting.push_back(Endpoint::Standard);
        }
        Self {
            waiting,
            extents: VecDeque::new(),
            current: None,
            place: Arc::from(""),
            first: false,
            number: 0,
            pass_over: PassOver::default(),
            carry: Vec::new(),
            skipping: false,
            oversized: 0,
            wait,
            tick: None,
            last_tick: Instant::now(),
            max_record: 256 << 20,
            on_failure: Box::new(on_failure),
            on_read: Box::new(|_| ()),
        }
    }

    /// Asks for [`Fill::Idle`] at about this interval while there is no input.
    #[must_use]
    pub fn with_tick(mut self, tick: Option<Duration>) -> Self {
        self.tick = tick;
        self
    }

    /// Reads of each input only what its extent says, so that reading again gives the same.
    #[must_use]
    pub fn with_extents(mut self, extents: Vec<Extent>) -> Self {
        self.extents = extents.into();
        self
    }

    /// Asks for [`Fill::Idle`] when a file is to be read anew while there is no input.
    #[must_use]
    pub fn with_reload(mut self, reload: Reload) -> Self {
        self.wait.wake_on(reload);
        self
    }

    /// Sets the size in bytes beyond which a line is no record (256 MiB).
    #[must_use]
    pub fn with_max_record(mut self, bytes: usize) -> Self {
        self.max_record = bytes;
        self
    }

    /// Has every number of bytes read reported, for progress.
    #[must_use]
    pub fn with_progress(mut self, on_read: impl FnMut(u64) + Send + 'static) -> Self {
        self.on_read = Box::new(on_read);
        self
    }

    /// What has the rest of an input passed over.
    pub fn pass_over(&self) -> PassOver {
        self.pass_over.clone()
    }

    /// The shutdown value that ends all reading.
    pub fn shutdown(&self) -> &Shutdown {
        self.wait.shutdown()
    }

    /// Fills a chunk with lines, waiting for them if need be.
    pub fn fill(&mut self, chunk: &mut Chunk) -> Result<Fill> {
        chunk.end = 0;
        chunk.oversized = 0;
        loop {
            if self.wait.shutdown().is_asked() {
                return Ok(self.abandon(chunk));
            }
            if self.current.is_some() && self.pass_over.is_asked(self.number) {
                self.current = None;
                self.skipping = false;
                self.carry.clear();
            }
            if self.current.is_none() && !self.open_next() {
                return Ok(Fill::End);
            }
            match self.fill_from_current(chunk) {
                Ok(Some(fill)) => return Ok(fill),
                Ok(None) => {}
                Err(Stop::ReaderLeft) => return Err(Error::ReaderLeft),
                Err(Stop::Broken(source)) => self.fail_current(source),
            }
        }
    }

    fn open_next(&mut self) -> bool {
        while let Some(endpoint) = self.waiting.pop_front() {
            let opened = Input::at(&endpoint);
            let opened = match self.extents.pop_front() {
                Some(extent) => opened.and_then(|input| input.within(&extent)),
                None => opened,
            };
            match opened {
                Ok(input) => {
                    self.place = Arc::from(input.place());
                    self.first = true;
                    self.number += 1;
                    self.current = Some(input);
                    return true;
                }
                Err(error) => (self.on_failure)(error),
            }
        }
        false
    }

    fn fail_current(&mut self, source: io::Error) {
        let place = self.place.to_string();
        (self.on_failure)(Error::Read { place, source });
        self.current = None;
        self.carry.clear();
    }

    /// Reads until there are lines and the next read may block, or the chunk is full.
    ///
    /// `None` means that the input has ended and left nothing.
    fn fill_from_current(&mut self, chunk: &mut Chunk) -> Result<Option<Fill>, Stop> {
        if chunk.buffer.is_empty() {
            // Fresh memory comes zeroed from the system, which `resize` would do again.
            chunk.buffer = vec![0; CHUNK];
        }
        self.take_carry(chunk);
        let mut complete = 0;
        loop {
            let Some(input) = &mut self.current else {
                return Ok(None);
            };
            // Whether a decompressor has bytes left only reading tells.
            if input.may_block() && !input.is_compressed() {
                // With lines in hand there is no waiting; without them there is.
                if complete > 0 {
                    if !self.wait.is_ready(input.as_fd())? {
                        return Ok(Some(self.hand_out(chunk, complete)));
                    }
                } else if let Some(fill) = self.wait_for_input(chunk)? {
                    return Ok(fill);
                }
            }
            let Some(input) = &mut self.current else {
                return Ok(None);
            };
            let read = match input.read(&mut chunk.buffer[chunk.end..]) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if complete > 0 {
                        return Ok(Some(self.hand_out(chunk, complete)));
                    }
                    if let Some(fill) = self.wait_for_input(chunk)? {
                        return Ok(fill);
                    }
                    continue;
                }
                // What came before the break is as good as any other end of an input.
                Err(source) => {
                    self.fail_current(source);
                    0
                }
            };
            (self.on_read)(read as u64);
            if read == 0 {
                return Ok(self.end_input(chunk));
            }
            let fresh = chunk.end;
            chunk.end += read;
            if self.skipping {
                self.skip(chunk, fresh);
            }
            let newline = memchr::memrchr(b'\n', &chunk.buffer[fresh.min(chunk.end)..chunk.end]);
            complete = newline.map_or(complete, |at| fresh + at + 1);
            if chunk.end == chunk.buffer.len() {
                if complete > 0 {
                    return Ok(Some(self.hand_out(chunk, complete)));
                }
                self.grow(chunk);
            }
        }
    }

    /// Waits until there is input, which is `None`; else the chunk is put aside, and what
    /// filling it has come to is returned.
    #[expect(
        clippy::option_option,
        reason = "the inner one is what `fill_from_current` returns"
    )]
    fn wait_for_input(&mut self, chunk: &mut Chunk) -> Result<Option<Option<Fill>>, Stop> {
        let Some(input) = &self.current else {
            return Ok(None);
        };
        Ok(
            match self
                .wait
                .until_tick(input.as_fd(), self.tick, &mut self.last_tick)?
            {
                Ready::Input => None,
                Ready::ReaderLeft => return Err(Stop::ReaderLeft),
                Ready::Timeout => {
                    self.keep(chunk, 0);
                    Some(Some(Fill::Idle))
                }
                Ready::Shutdown => {
                    self.keep(chunk, 0);
                    Some(None)
                }
            },
        )
    }

    /// Moves the unfinished line of the last chunk to the front of this one.
    fn take_carry(&mut self, chunk: &mut Chunk) {
        let length = self.carry.len();
        if chunk.buffer.len() < length * 2 {
            chunk.buffer.resize(length * 2, 0);
        }
        chunk.buffer[..length].copy_from_slice(&self.carry);
        chunk.end = length;
        self.carry.clear();
    }

    /// Hands out the first `complete` bytes and keeps the rest for the next chunk.
    fn hand_out(&mut self, chunk: &mut Chunk, complete: usize) -> Fill {
        let origin = self.origin(chunk);
        self.keep(chunk, complete);
        let dropped = chunk.drop_long_lines(self.max_record);
        self.oversized += dropped;
        self.label(chunk, origin.filter(|_| dropped == 0));
        Fill::Lines
    }

    /// Where the bytes of a chunk stand: before the place that reading has reached.
    fn origin(&self, chunk: &Chunk) -> Option<Origin> {
        let (file, reached) = self.current.as_ref()?.reached()?;
        Some(Origin {
            file: Arc::clone(file),
            offset: reached.checked_sub(chunk.end as u64)?,
        })
    }

    fn keep(&mut self, chunk: &mut Chunk, complete: usize) {
        self.carry.clear();
        self.carry
            .extend_from_slice(&chunk.buffer[complete..chunk.end]);
        chunk.end = complete;
    }

    fn label(&mut self, chunk: &mut Chunk, origin: Option<Origin>) {
        chunk.origin = origin;
        if !Arc::ptr_eq(&chunk.place, &self.place) {
            chunk.place = Arc::clone(&self.place);
        }
        chunk.first = std::mem::take(&mut self.first);
        chunk.input = self.number;
        chunk.oversized = std::mem::take(&mut self.oversized);
    }

    /// At the end of an input, what is left is its last line, even without a newline.
    fn end_input(&mut self, chunk: &mut Chunk) -> Option<Fill> {
        let origin = self.origin(chunk);
        self.current = None;
        if std::mem::take(&mut self.skipping) {
            self.oversized += 1;
        }
        let dropped = chunk.drop_long_lines(self.max_record);
        self.oversized += dropped;
        if chunk.end == 0 && self.oversized == 0 {
            return None;
        }
        self.label(chunk, origin.filter(|_| dropped == 0));
        Some(Fill::Lines)
    }

    /// Makes room for a long line, or gives it up when it exceeds the limit.
    fn grow(&mut self, chunk: &mut Chunk) {
        if chunk.end > self.max_record {
            self.skipping = true;
            chunk.end = 0;
        } else {
            // Room for the newline too, because only what lacks one then is too long.
            let size = (chunk.buffer.len() * 2).min(self.max_record.saturating_add(1).max(CHUNK));
            chunk.buffer.resize(size.max(chunk.end + 1), 0);
        }
    }

    /// Drops bytes up to the newline that ends a line which is too long.
    fn skip(&mut self, chunk: &mut Chunk, fresh: usize) {
        match memchr::memchr(b'\n', &chunk.buffer[fresh..chunk.end]) {
            None => chunk.end = fresh,
            Some(at) => {
                chunk.buffer.copy_within(fresh + at + 1..chunk.end, fresh);
                chunk.end -= at + 1;
                self.oversized += 1;
                self.skipping = false;
            }
        }
    }

    /// Ends all reading; an unfinished line is still handed out.
    fn abandon(&mut self, chunk: &mut Chunk) -> Fill {
        self.waiting.clear();
        self.current = None;
        if self.carry.is_empty() && self.oversized == 0 {
            return Fill::End;
        }
        self.take_carry(chunk);
        self.label(chunk, None);
        Fill::Lines
    }
}
