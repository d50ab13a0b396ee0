//! The reader: a list of inputs, cut into chunks of whole lines.
//!
//! It reads on as long as bytes are there and hands out what it has before a read that may
//! block, so that the first record comes out at once and the millionth at full speed.

use std::{collections::VecDeque, io, os::fd::AsFd, sync::Arc, time::Duration};

use super::{
    abreast::Abreast,
    carry::Carry,
    chunk::{Chunk, Origin},
    extent::Extent,
    follow::Follow,
    input::Input,
    pass_over::PassOver,
    tick::{Due, Tick},
    wait::{Ready, Wait},
};
use crate::{
    endpoint::Endpoint,
    error::{Error, Result},
    shutdown::{Reload, Shutdown},
    store::Where,
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
pub(super) enum Stop {
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
    pub(super) waiting: VecDeque<Endpoint>,
    /// How much of each of `waiting` is to be read; empty if it is all.
    extents: VecDeque<Extent>,
    pub(super) current: Option<Input>,
    pub(super) place: Arc<str>,
    pub(super) first: bool,
    /// The number of the current input, from 1.
    pub(super) number: u64,
    pass_over: PassOver,
    pub(super) carry: Carry,
    /// True if a pipe is read to its end when the terminal asks for the end.
    drains: bool,
    /// Which records of stores are wanted.
    wanted: Option<Where>,
    /// Inputs that are read in turns, instead of one after the other.
    pub(super) abreast: Option<Box<Abreast>>,
    /// Files that are read as they grow, instead of all other inputs.
    pub(super) follow: Option<Box<Follow>>,
    pub(super) wait: Wait,
    pub(super) tick: Tick,
    pub(super) max_record: usize,
    pub(super) on_failure: Box<dyn FnMut(Error) + Send>,
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
            carry: Carry::default(),
            drains: false,
            wanted: None,
            abreast: None,
            follow: None,
            wait,
            tick: Tick::default(),
            max_record: 256 << 20,
            on_failure: Box::new(on_failure),
            on_read: Box::new(|_| ()),
        }
    }

    /// Asks for [`Fill::Idle`] at about this interval while there is no input.
    #[must_use]
    pub fn with_tick(mut self, tick: Option<Duration>) -> Self {
        self.tick.every(tick);
        self
    }

    /// Asks for [`Fill::Idle`] at about this interval, too, while something is due then.
    #[must_use]
    pub fn with_tick_while(mut self, due: &Due, interval: Duration) -> Self {
        self.tick.while_due(due, interval);
        self
    }

    /// Has a pipe that is the last input be read to its end when the terminal asks for the end: who
    /// writes into it is asked too.
    #[must_use]
    pub fn draining(mut self, drains: bool) -> Self {
        self.drains = drains;
        self
    }

    /// Reads of stores only what is wanted.
    #[must_use]
    pub fn with_wanted(mut self, wanted: Where) -> Self {
        self.wanted = Some(wanted);
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

    /// Reads files as they grow instead.
    #[must_use]
    pub fn following(mut self, follow: Follow) -> Self {
        self.follow = Some(Box::new(follow));
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
        chunk.begin_with_gaps(0);
        chunk.unfinished = false;
        chunk.pausing = false;
        if self.follow.is_some() {
            return self.fill_following(chunk);
        }
        if self.abreast.is_some() {
            return self.fill_abreast(chunk);
        }
        loop {
            if self.wait.shutdown().is_asked() {
                return Ok(self.abandon(chunk));
            }
            if self.current.is_some() && self.pass_over.is_asked(self.number) {
                self.current = None;
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

    pub(super) fn open_next(&mut self) -> bool {
        while let Some(endpoint) = self.waiting.pop_front() {
            let opened = Input::at(&endpoint, self.wanted.as_ref());
            let opened = match self.extents.pop_front() {
                Some(extent) => opened.and_then(|input| input.within(&extent)),
                None => opened,
            };
            match opened {
                Ok(input) => {
                    self.place = Arc::from(input.place());
                    self.first = true;
                    self.number += 1;
                    let is_left = self.drains && input.is_pipe() && self.waiting.is_empty();
                    self.wait.shutdown().leave_to_input(is_left);
                    self.current = Some(input);
                    return true;
                }
                Err(error) => (self.on_failure)(error),
            }
        }
        false
    }

    pub(super) fn fail_current(&mut self, source: io::Error) {
        let place = self.place.to_string();
        (self.on_failure)(Error::Read { place, source });
        self.current = None;
        self.carry.clear();
    }

    /// Reads until there are lines and the next read may block, or the chunk is full.
    ///
    /// `None` means that the input has ended and left nothing.
    pub(super) fn fill_from_current(&mut self, chunk: &mut Chunk) -> Result<Option<Fill>, Stop> {
        self.carry.begin(chunk);
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
                        chunk.pausing = true;
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
                        chunk.pausing = true;
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
            complete = self.carry.took(chunk, read, complete);
            if chunk.end == chunk.buffer.len() {
                if complete > 0 {
                    return Ok(Some(self.hand_out(chunk, complete)));
                }
                self.carry.grow(chunk, self.max_record);
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
        Ok(match self.wait.until_tick(input.as_fd(), &mut self.tick)? {
            Ready::Input => None,
            Ready::ReaderLeft => return Err(Stop::ReaderLeft),
            Ready::Timeout => {
                self.carry.keep(chunk, 0);
                Some(Some(Fill::Idle))
            }
            Ready::Shutdown => {
                self.carry.keep(chunk, 0);
                Some(None)
            }
        })
    }

    /// Hands out the first `complete` bytes and keeps the rest for the next chunk.
    fn hand_out(&mut self, chunk: &mut Chunk, complete: usize) -> Fill {
        let origin = self.origin(chunk);
        self.carry.keep(chunk, complete);
        self.label(chunk, origin);
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

    pub(super) fn label(&mut self, chunk: &mut Chunk, origin: Option<Origin>) {
        self.carry.tell(chunk, self.max_record);
        // What was passed over stands between the bytes.
        chunk.origin = origin.filter(|_| chunk.gaps.is_empty());
        if !Arc::ptr_eq(&chunk.place, &self.place) {
            chunk.place = Arc::clone(&self.place);
        }
        chunk.first = std::mem::take(&mut self.first);
        chunk.input = self.number;
        chunk.mark = None;
        chunk.turn = None;
    }

    /// At the end of an input, what is left is its last line, even without a newline.
    fn end_input(&mut self, chunk: &mut Chunk) -> Option<Fill> {
        let origin = self.origin(chunk);
        self.current = None;
        self.carry.end();
        if chunk.end == 0 && !self.carry.has_passed_over() {
            return None;
        }
        self.label(chunk, origin);
        Some(Fill::Lines)
    }

    /// Ends all reading; an unfinished line is still handed out.
    pub(super) fn abandon(&mut self, chunk: &mut Chunk) -> Fill {
        self.waiting.clear();
        self.current = None;
        self.carry.end();
        if self.carry.is_empty() {
            return Fill::End;
        }
        self.carry.begin(chunk);
        self.label(chunk, None);
        chunk.unfinished = true;
        Fill::Lines
    }
}
