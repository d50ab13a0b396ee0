//! The log: segments that are appended to at one end and deleted at the other.

use std::{
    collections::VecDeque,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::fs::{FlockOperation, flock};

use super::{
    place::{Place, path, segments},
    say,
};
use crate::{
    error::{Error, Result},
    shutdown::Shutdown,
};

/// The largest segment: what is deleted at once.
const SEGMENT: u64 = 64 << 20;
/// How often a full disk is tried again.
const AGAIN: Duration = Duration::from_millis(100);

/// The log of a folder, which no other process uses.
pub(super) struct Log {
    folder: PathBuf,
    /// The most that may be in it, and the size at which a segment is ended.
    most: u64,
    segment: u64,
    /// Who speaks.
    program: &'static str,
    shutdown: Shutdown,
    state: Mutex<State>,
    /// Says that there is more, or less.
    changed: Condvar,
    /// Locked as long as it is open.
    _lock: File,
}

struct State {
    /// The segment that is appended to, and the place behind its last line.
    file: File,
    end: Place,
    /// The sizes of all segments, from the oldest to the one that is appended to.
    sizes: VecDeque<(u64, u64)>,
    /// Up to where all has been delivered.
    sent: Place,
    closed: bool,
    /// True if somebody waits for room.
    pressed: bool,
    /// True once it has been said that the disk is full.
    told: bool,
}

/// What an earlier run has left, up to a place.
pub(super) struct Left {
    pub(super) from: Place,
    pub(super) to: Place,
}

impl Log {
    /// Opens the log of a folder; returns what an earlier run has left in it.
    pub(super) fn open(
        folder: &Path,
        most: u64,
        program: &'static str,
        shutdown: Shutdown,
    ) -> Result<(Self, Left)> {
        Self::open_in(folder, most, program, shutdown).map_err(|source| Error::File {
            path: folder.to_owned(),
            source,
        })
    }

    fn open_in(
        folder: &Path,
        most: u64,
        program: &'static str,
        shutdown: Shutdown,
    ) -> io::Result<(Self, Left)> {
        fs::create_dir_all(folder)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("lock"))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
            rustix::io::Errno::WOULDBLOCK => io::Error::other("another process uses this spool"),
            error => error.into(),
        })?;
        let old = segments(folder)?;
        let mut sent = Place::load(folder)?;
        let mut sizes = VecDeque::new();
        for &number in &old {
            if number < sent.segment {
                // Its deletion has been missed.
                fs::remove_file(path(folder, number))?;
                continue;
            }
            sizes.push_back((number, fs::metadata(path(folder, number))?.len()));
        }
        if let Some(&(first, _)) = sizes.front()
            && first > sent.segment
        {
            sent = Place {
                segment: first,
                offset: 0,
            };
        }
        // What comes now goes into a segment of its own: the last line of the last one may be cut.
        let number = old
            .last()
            .map_or(sent.segment, |last| last.max(&sent.segment) + 1)
            .max(1);
        let file = OpenOptions::new()
            .create_new(true)
            .append(true)
            .open(path(folder, number))?;
        File::open(folder)?.sync_all()?;
        sizes.push_back((number, 0));
        let end = Place {
            segment: number,
            offset: 0,
        };
        let log = Self {
            folder: folder.to_owned(),
            most,
            segment: SEGMENT.min(most / 4).max(1),
            program,
            shutdown,
            state: Mutex::new(State {
                file,
                end,
                sizes,
                sent,
                closed: false,
                pressed: false,
                told: false,
            }),
            changed: Condvar::new(),
            _lock: lock,
        };
        Ok((
            log,
            Left {
                from: sent,
                to: end,
            },
        ))
    }

    /// Who speaks.
    pub(super) fn program(&self) -> &'static str {
        self.program
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Waits until there may be room, for a while at most.
    fn press<'s>(&'s self, mut state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        state.pressed = true;
        self.changed
            .wait_timeout(state, AGAIN)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    /// Appends lines, waiting for room if need be; false if nothing is sent any more.
    pub(super) fn append(&self, lines: &[u8]) -> Result<bool> {
        let mut state = self.state();
        loop {
            let used: u64 = state.sizes.iter().map(|(_, size)| size).sum();
            // Whatever is too large by itself goes in when there is nothing else.
            if used == 0 || used + lines.len() as u64 <= self.most || state.closed {
                break;
            }
            if state.end.offset > 0 && state.sizes.len() == 1 {
                self.next_segment(&mut state)
                    .map_err(|error| self.fail(error))?;
            }
            state = self.press(state);
        }
        if state.closed {
            return Ok(false);
        }
        if state.end.offset >= self.segment {
            self.next_segment(&mut state)
                .map_err(|error| self.fail(error))?;
        }
        loop {
            let Err(error) = state.append(lines) else {
                self.changed.notify_all();
                return Ok(true);
            };
            if !is_full(&error) || self.shutdown.is_asked() {
                return Err(self.fail(error));
            }
            if !std::mem::replace(&mut state.told, true) {
                let words = format!(
                    "{}: {error}: nothing is read until there is room",
                    self.folder.display()
                );
                say(self.program, &words);
            }
            // What is sent meanwhile makes room.
            state = self.press(state);
        }
    }

    fn next_segment(&self, state: &mut State) -> io::Result<()> {
        state.file.sync_data()?;
        let number = state.end.segment + 1;
        state.file = OpenOptions::new()
            .create_new(true)
            .append(true)
            .open(path(&self.folder, number))?;
        File::open(&self.folder)?.sync_all()?;
        state.end = Place {
            segment: number,
            offset: 0,
        };
        state.sizes.push_back((number, 0));
        Ok(())
    }

    /// Waits until all that has been appended outlasts a crash of the system.
    pub(super) fn sync(&self) -> Result<()> {
        self.synced().map(drop)
    }

    /// Syncs; returns the place up to which that holds.
    pub(super) fn synced(&self) -> Result<Place> {
        let (file, end) = {
            let state = self.state();
            (state.file.try_clone(), state.end)
        };
        // More may be appended meanwhile, and is synced the next time together.
        file.and_then(|file| file.sync_data())
            .map_err(|error| self.fail(error))?;
        Ok(end)
    }

    /// Waits until there is something behind `place`, the log is closed, or the time is up; says
    /// whether it is closed.
    pub(super) fn wait(&self, place: Place, time: Duration) -> bool {
        let state = self.state();
        let idle = |state: &mut State| state.end <= place && !state.closed;
        let waited = self.changed.wait_timeout_while(state, time, idle);
        waited.unwrap_or_else(PoisonError::into_inner).0.closed
    }

    /// True if somebody waits for room.
    pub(super) fn is_pressed(&self) -> bool {
        self.state().pressed
    }

    /// True if there is something behind `place`.
    pub(super) fn has_more(&self, place: Place) -> bool {
        self.state().end > place
    }

    /// The size of a segment, if it is not appended to any more.
    pub(super) fn ended(&self, segment: u64) -> Option<u64> {
        let state = self.state();
        let known = state.sizes.iter().find(|(number, _)| *number == segment);
        known
            .filter(|_| segment < state.end.segment)
            .map(|(_, size)| *size)
    }

    /// Opens a segment to be read.
    pub(super) fn open_segment(&self, segment: u64) -> Result<File> {
        File::open(path(&self.folder, segment)).map_err(|error| self.fail(error))
    }

    /// Says that all up to `place` has been delivered, and deletes what is of no more use.
    pub(super) fn delivered(&self, place: Place) -> Result<()> {
        place.save(&self.folder).map_err(|error| self.fail(error))?;
        let mut state = self.state();
        state.sent = place;
        state.pressed = false;
        while let Some(&(number, _)) = state.sizes.front()
            && number < place.segment
        {
            fs::remove_file(path(&self.folder, number)).map_err(|error| self.fail(error))?;
            state.sizes.pop_front();
        }
        drop(state);
        self.changed.notify_all();
        Ok(())
    }

    /// Deletes the last segment too, once all has been delivered and nothing more will come.
    pub(super) fn clear(&self) -> Result<()> {
        let state = self.state();
        if state.sent == state.end {
            let number = state.end.segment;
            Place {
                segment: number + 1,
                offset: 0,
            }
            .save(&self.folder)
            .and_then(|()| fs::remove_file(path(&self.folder, number)))
            .map_err(|error| self.fail(error))?;
        }
        Ok(())
    }

    /// Nothing more will come, or nothing more will be sent.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// How many bytes have not been delivered.
    pub(super) fn left(&self) -> u64 {
        let state = self.state();
        let sent = state.sent;
        let left = |&(number, size): &(u64, u64)| match number.cmp(&sent.segment) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Equal => size.saturating_sub(sent.offset),
            std::cmp::Ordering::Greater => size,
        };
        state.sizes.iter().map(left).sum()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn fail(&self, source: io::Error) -> Error {
        Error::File {
            path: self.folder.clone(),
            source,
        }
    }
}

impl State {
    /// Appends all of it, or nothing.
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(lines);
        if written.is_err() {
            self.file.set_len(self.end.offset)?;
        } else {
            self.told = false;
            self.end.offset += lines.len() as u64;
            if let Some((_, size)) = self.sizes.back_mut() {
                *size = self.end.offset;
            }
        }
        written
    }
}

/// True if there is no room, which may change.
fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
