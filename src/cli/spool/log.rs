//! The log: segments that are appended to at one end and deleted at the other.

use std::{
    collections::VecDeque,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    is_full,
    place::{Place, path, segments},
    say,
};
use crate::{
    cli::only_one::only_one,
    error::{Error, Result},
    shutdown::Shutdown,
};

/// The largest segment: what is deleted at once.
const SEGMENT: u64 = 64 << 20;
/// How often a full disk is tried again.
const AGAIN: Duration = Duration::from_millis(100);
/// How often it is told at most: a small disk fills each time that records come faster than they are sent.
const TOLD_EVERY: Duration = Duration::from_secs(60);

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
    /// The segment that is appended to, which is made when there is something to append, and the place behind its last
    /// line.
    file: Option<File>,
    end: Place,
    /// The sizes of all segments, from the oldest to the one that is appended to.
    sizes: VecDeque<(u64, u64)>,
    /// Up to where all has been delivered.
    sent: Place,
    closed: bool,
    /// True if somebody waits for room.
    pressed: bool,
    /// When it was said that the disk is full.
    told: Option<Instant>,
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
        let lock = only_one(&folder.join("lock"), "spool")?;
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
        sizes.push_back((number, 0));
        // From now on it has the room that it needs, if there is some now.
        sent.save(folder)?;
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
                file: None,
                end,
                sizes,
                sent,
                closed: false,
                pressed: false,
                told: None,
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

    /// Has room made, and waits until there may be some, for a while at most.
    fn press<'s>(&'s self, mut state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        state.pressed = true;
        self.changed.notify_all();
        self.changed
            .wait_timeout(state, AGAIN)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    /// Appends lines, waiting for room if need be; false if nothing is sent any more.
    pub(super) fn append(&self, lines: &[u8]) -> Result<bool> {
        let mut state = self.state();
        loop {
            let used = state.used();
            // Whatever is too large by itself goes in when there is nothing else.
            if used == 0 || used + lines.len() as u64 <= self.most || state.closed {
                break;
            }
            state = self.press(state);
        }
        if state.end.offset >= self.segment {
            state.next_segment().map_err(|error| self.fail(error))?;
        }
        let mut told = false;
        while !state.closed {
            let Err(error) = state.append(lines, &self.folder) else {
                self.changed.notify_all();
                return Ok(true);
            };
            // At the end what others fill is not waited for, unlike what is there to be sent.
            if !is_full(&error) || (self.shutdown.is_asked() && state.used() == 0) {
                return Err(self.fail(error));
            }
            if !std::mem::replace(&mut told, true)
                && state.told.is_none_or(|at| at.elapsed() >= TOLD_EVERY)
            {
                state.told = Some(Instant::now());
                let words = format!(
                    "{}: {error}: nothing is read until there is room",
                    self.folder.display()
                );
                say(self.program, &words);
            }
            // What is sent meanwhile makes room.
            state = self.press(state);
        }
        Ok(false)
    }

    /// Waits until all that has been appended outlasts a crash of the system.
    pub(super) fn sync(&self) -> Result<()> {
        self.synced().map(drop)
    }

    /// Syncs; returns the place up to which that holds.
    pub(super) fn synced(&self) -> Result<Place> {
        let (file, end) = {
            let state = self.state();
            (state.file.as_ref().map(File::try_clone), state.end)
        };
        // More may be appended meanwhile, and is synced the next time together.
        if let Some(file) = file {
            file.and_then(|file| file.sync_data())
                .map_err(|error| self.fail(error))?;
        }
        Ok(end)
    }

    /// Waits until there is something behind `place`, the log is closed, somebody waits for room, or the time is up;
    /// says whether it is closed.
    pub(super) fn wait(&self, place: Place, time: Duration) -> bool {
        let state = self.state();
        let idle = |state: &mut State| state.end <= place && !state.closed && !state.pressed;
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

    /// Says that all up to `place` has been delivered, and deletes what is of no more use; returns the place to go on
    /// from.
    pub(super) fn delivered(&self, mut place: Place) -> Result<Place> {
        let mut state = self.state();
        if state.pressed && place == state.end && place.offset > 0 {
            // Who waits for room would wait for ever for that of the segment that is appended to.
            state.next_segment().map_err(|error| self.fail(error))?;
            place = state.end;
        }
        state.sent = place;
        state.pressed = false;
        // Deletion comes first, because on a full disk nothing else may be possible before. What has been deleted is
        // known to have been sent.
        while let Some(&(number, _)) = state.sizes.front()
            && number < place.segment
        {
            self.remove(number)?;
            state.sizes.pop_front();
            // Not otherwise: who waits would try in vain, and at once have this done again.
            self.changed.notify_all();
        }
        drop(state);
        place.save(&self.folder).map_err(|error| self.fail(error))?;
        Ok(place)
    }

    /// Deletes the last segment too, once all has been delivered and nothing more will come.
    pub(super) fn clear(&self) -> Result<()> {
        let state = self.state();
        if state.sent == state.end {
            let number = state.end.segment;
            self.remove(number)?;
            Place {
                segment: number + 1,
                offset: 0,
            }
            .save(&self.folder)
            .map_err(|error| self.fail(error))?;
        }
        Ok(())
    }

    /// Deletes a segment, if it has been made.
    fn remove(&self, number: u64) -> Result<()> {
        match fs::remove_file(path(&self.folder, number)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.fail(error)),
            _ => Ok(()),
        }
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
    /// How much is in all segments.
    fn used(&self) -> u64 {
        self.sizes.iter().map(|(_, size)| size).sum()
    }

    /// Ends the segment that is appended to.
    fn next_segment(&mut self) -> io::Result<()> {
        if let Some(file) = &self.file {
            file.sync_data()?;
        }
        self.file = None;
        self.end = Place {
            segment: self.end.segment + 1,
            offset: 0,
        };
        self.sizes.push_back((self.end.segment, 0));
        Ok(())
    }

    /// Appends all of it, or nothing.
    fn append(&mut self, lines: &[u8], folder: &Path) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                // It may be there, if what follows has failed before.
                let file = OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(path(folder, self.end.segment))?;
                File::open(folder)?.sync_all()?;
                none.insert(file)
            }
        };
        let written = file.write_all(lines);
        if written.is_err() {
            file.set_len(self.end.offset)?;
        } else {
            self.end.offset += lines.len() as u64;
            if let Some((_, size)) = self.sizes.back_mut() {
                *size = self.end.offset;
            }
        }
        written
    }
}
