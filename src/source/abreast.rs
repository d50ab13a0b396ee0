//! Inputs side by side: each is read as far as who takes its chunks has use for them.
//!
//! The next chunk is of the input of which least is held, so that there is always some of each. Of a
//! file no more is held than two chunks, one to be used while the other is read; of what may keep us
//! waiting, such as a pipe, just one, because until then all has to be used that can be.

use std::{
    mem::swap,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    carry::Carry,
    chunk::{Chunk, InTurn},
    input::Input,
    reader::{Fill, Reader, Stop},
};
use crate::error::{Error, Result};

/// How many chunks are held of a file, and of another input.
const OF_FILES: usize = 2;
const OF_OTHERS: usize = 1;

/// How often it is looked whether all is over, while as much is held as may be.
const LOOK: Duration = Duration::from_millis(100);

/// How much is held of each input: known to who reads them and to who takes their chunks.
#[derive(Clone, Debug, Default)]
pub struct Turns(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    turns: Mutex<Vec<Turn>>,
    released: Condvar,
}

#[derive(Debug)]
struct Turn {
    held: usize,
    most: usize,
    /// Its last chunk has been handed out.
    is_over: bool,
}

impl Turn {
    fn may_be_read(&self) -> bool {
        !self.is_over && self.held < self.most
    }
}

/// Whose turn it is.
enum Next {
    /// The input that stands there, and it is counted as held.
    Input(usize),
    /// Nobody's for now.
    Nobody,
    /// All are over.
    End,
}

impl Turns {
    /// How many inputs there are, once there is a chunk of one of them. Each has a last chunk, also if
    /// it has no other.
    pub fn inputs(&self) -> usize {
        self.lock().len()
    }

    /// Says that a chunk is held no longer, of the input that stands there, from 0.
    pub fn release(&self, at: usize) {
        if let Some(turn) = self.lock().get_mut(at) {
            turn.held = turn.held.saturating_sub(1);
        }
        self.0.released.notify_one();
    }

    fn open(&self, most: usize) {
        self.lock().push(Turn {
            held: 0,
            most,
            is_over: false,
        });
    }

    /// Waits a little if as much is held as may be.
    fn next(&self) -> Next {
        let is_full = |turns: &mut Vec<Turn>| {
            !turns.iter().any(Turn::may_be_read) && turns.iter().any(|turn| !turn.is_over)
        };
        let (mut turns, _) = self
            .0
            .released
            .wait_timeout_while(self.lock(), LOOK, is_full)
            .unwrap_or_else(PoisonError::into_inner);
        let is_over = turns.iter().all(|turn| turn.is_over);
        let first = turns
            .iter_mut()
            .enumerate()
            .filter(|(_, turn)| turn.may_be_read())
            .min_by_key(|(_, turn)| turn.held);
        match first {
            Some((at, turn)) => {
                turn.held += 1;
                Next::Input(at)
            }
            None if is_over => Next::End,
            None => Next::Nobody,
        }
    }

    fn end(&self, at: usize) {
        if let Some(turn) = self.lock().get_mut(at) {
            turn.is_over = true;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Turn>> {
        self.0.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Inputs that are read in turns.
#[derive(Default)]
pub(super) struct Abreast {
    turns: Turns,
    are_open: bool,
    sides: Vec<Side>,
}

/// An input, and where the reader is in it.
struct Side {
    input: Option<Input>,
    place: Arc<str>,
    first: bool,
    number: u64,
    carry: Carry,
    /// How many lines have been handed out.
    lines: u64,
}

impl Reader {
    /// Reads all inputs side by side, as `turns` allows.
    #[must_use]
    pub fn abreast(mut self, turns: Turns) -> Self {
        self.abreast = Some(Box::new(Abreast {
            turns,
            ..Abreast::default()
        }));
        self
    }

    pub(super) fn fill_abreast(&mut self, chunk: &mut Chunk) -> Result<Fill> {
        let Some(mut abreast) = self.abreast.take() else {
            return Ok(Fill::End);
        };
        if !std::mem::replace(&mut abreast.are_open, true) {
            self.open_all(&mut abreast);
        }
        let filled = self.fill_in_turn(&mut abreast, chunk);
        self.abreast = Some(abreast);
        filled
    }

    fn open_all(&mut self, abreast: &mut Abreast) {
        while self.open_next() {
            let waits = self.current.as_ref().is_some_and(Input::may_block);
            abreast.turns.open(if waits { OF_OTHERS } else { OF_FILES });
            abreast.sides.push(Side {
                input: self.current.take(),
                place: Arc::clone(&self.place),
                first: true,
                number: self.number,
                carry: Carry::default(),
                lines: 0,
            });
        }
        // None of them is the last one to be read.
        self.wait.shutdown().leave_to_input(false);
    }

    fn fill_in_turn(&mut self, abreast: &mut Abreast, chunk: &mut Chunk) -> Result<Fill> {
        let Abreast { turns, sides, .. } = abreast;
        loop {
            if self.wait.shutdown().is_asked() {
                return Ok(self.abandon_all(sides, chunk));
            }
            let at = match turns.next() {
                Next::Input(at) => at,
                Next::Nobody => continue,
                Next::End => return Ok(Fill::End),
            };
            let Some(side) = sides.get_mut(at) else {
                return Ok(Fill::End);
            };
            self.change(side);
            let filled = match self.fill_from_current(chunk) {
                Ok(filled) => Ok(filled),
                Err(Stop::ReaderLeft) => Err(Error::ReaderLeft),
                Err(Stop::Broken(source)) => {
                    self.fail_current(source);
                    Ok(None)
                }
            };
            let has_ended = matches!(filled, Ok(None)) && self.current.is_none();
            if has_ended {
                chunk.end = 0;
                self.label(chunk, None);
                turns.end(at);
            }
            self.change(side);
            match filled? {
                Some(Fill::Lines) => {}
                None if has_ended => {}
                other => {
                    turns.release(at);
                    match other {
                        Some(fill) => return Ok(fill),
                        None => continue,
                    }
                }
            }
            side.count(chunk, has_ended);
            return Ok(Fill::Lines);
        }
    }

    /// Changes between the input at hand and another.
    fn change(&mut self, side: &mut Side) {
        swap(&mut self.current, &mut side.input);
        swap(&mut self.place, &mut side.place);
        swap(&mut self.first, &mut side.first);
        swap(&mut self.number, &mut side.number);
        swap(&mut self.carry, &mut side.carry);
    }

    /// Ends all reading; the unfinished line of each input is still handed out.
    fn abandon_all(&mut self, sides: &mut Vec<Side>, chunk: &mut Chunk) -> Fill {
        while let Some(mut side) = sides.pop() {
            self.change(&mut side);
            if self.abandon(chunk) == Fill::Lines {
                side.count(chunk, false);
                return Fill::Lines;
            }
        }
        Fill::End
    }
}

impl Side {
    /// Tells a chunk of it where it stands, and counts its lines.
    fn count(&mut self, chunk: &mut Chunk, is_last: bool) {
        chunk.turn = Some(InTurn {
            before: self.lines,
            is_last,
        });
        let bytes = chunk.bytes();
        let lines = memchr::memchr_iter(b'\n', bytes).count();
        let rest = !bytes.is_empty() && !bytes.ends_with(b"\n");
        self.lines += lines as u64 + u64::from(rest) + chunk.oversized();
    }
}
