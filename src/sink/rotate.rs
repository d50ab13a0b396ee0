//! A file under a name that has the time in it, compressed or not, and followed by others.
//!
//! What is compressed is written in whole frames, each of which can be read by itself, so that the
//! file is complete at any moment: kill -9 loses what is not in a frame yet, and spoils nothing. So it
//! begins with an empty frame, because nothing at all is no file for gzip and zstd.

mod keep;
mod name;
mod pack;

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use chrono::{DateTime, FixedOffset, Local};

pub use self::keep::Keep;
use self::{name::Name, pack::Packing};
use super::{
    Sink,
    file::{append_to, end_last_line, has_lost_name},
    write_lines,
};
use crate::error::{Error, Result};

/// When files give way to others, and when they are deleted.
#[derive(Clone, Debug, Default)]
pub struct Rotation {
    /// The size in bytes at which another file is begun; none is no limit.
    pub size: Option<u64>,
    /// Which files are kept; none keeps all.
    pub keep: Vec<Keep>,
}

impl Rotation {
    /// True if nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.size.is_none() && self.keep.is_empty()
    }

    /// True if it, or the name of the file, asks for more than a file that is appended to.
    pub fn is_for(&self, path: &Path) -> bool {
        !self.is_empty() || path.to_string_lossy().contains('%') || is_packed(path)
    }
}

/// True if the ending of a name asks for compression.
pub fn is_packed(path: &Path) -> bool {
    Packing::of(path) != Packing::None
}

/// True if a file of that name may become one of those that a path with codes stands for.
pub fn is_name_of(codes: &Path, path: &Path) -> bool {
    codes.to_string_lossy().contains('%') && name::is_of(codes, path, now())
}

/// How much is put into a frame: as much as compresses almost as well as all together.
const FRAME: usize = 1 << 20;
/// How long records wait for their frame to fill.
const WAIT: Duration = Duration::from_secs(1);
/// How often files are looked at that may be too old.
const SWEEP: Duration = Duration::from_secs(60);

/// Files that follow each other.
pub struct RotatingSink {
    name: Name,
    rotation: Rotation,
    packing: Packing,
    current: Option<Current>,
    /// Lines that wait for their frame, and since when.
    waiting: Vec<u8>,
    since: Instant,
    swept: Option<Instant>,
    undelivered: u64,
    say: Box<dyn FnMut(String) + Send>,
}

struct Current {
    file: File,
    path: PathBuf,
    /// The name without a number, which the time makes.
    stem: PathBuf,
    /// The second for which it was made.
    made: i64,
    size: u64,
    /// How much of it was there when it was begun.
    begun: u64,
}

impl RotatingSink {
    /// Opens the file of now.
    pub fn open(
        path: &Path,
        rotation: Rotation,
        say: Box<dyn FnMut(String) + Send>,
    ) -> Result<Self> {
        let name = Name::read(path, !rotation.keep.is_empty())?;
        let mut sink = Self {
            packing: Packing::of(path),
            name,
            rotation,
            current: None,
            waiting: Vec::new(),
            since: Instant::now(),
            swept: None,
            undelivered: 0,
            say,
        };
        sink.turn(now())?;
        Ok(sink)
    }

    /// Goes on to another file if the time asks for it, and sweeps.
    fn turn(&mut self, now: DateTime<FixedOffset>) -> Result<()> {
        let second = now.timestamp();
        if let Some(current) = &mut self.current {
            if current.made == second {
                return Ok(());
            }
            current.made = second;
            if current.stem == self.name.at(now) {
                self.sweep();
                return Ok(());
            }
            self.flush()?;
        }
        self.begin(now)
    }

    /// Begins the next file.
    fn begin(&mut self, now: DateTime<FixedOffset>) -> Result<()> {
        let stem = self.name.at(now);
        let fail = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::File { path, source }
        };
        if let Some(folder) = stem.parent().filter(|folder| *folder != Path::new("")) {
            fs::create_dir_all(folder).map_err(fail(folder))?;
        }
        let mut number = name::last_number(&stem).map_err(fail(&stem))?;
        let fresh = self.current.as_ref().is_none_or(|last| last.stem != stem);
        // An old file is gone on with if it can be appended to and has room.
        let path = loop {
            let path = name::numbered(&stem, number);
            let Ok(found) = fs::metadata(&path) else {
                break path;
            };
            let room = self.rotation.size.is_none_or(|size| found.len() < size);
            if fresh && room && self.may_append(&path, found.len()) {
                break path;
            }
            number += 1;
        };
        let mut file = append_to(&path).map_err(fail(&path))?;
        if self.packing == Packing::None {
            end_last_line(&mut file).map_err(fail(&path))?;
        }
        self.packing.begin(&mut file).map_err(fail(&path))?;
        let size = file.metadata().map_err(fail(&path))?.len();
        self.current = Some(Current {
            size,
            begun: size,
            file,
            path,
            stem,
            made: now.timestamp(),
        });
        self.swept = None;
        self.sweep();
        Ok(())
    }

    /// True if a file of an earlier run can be gone on with: a compressed one only if nothing is in it.
    fn may_append(&self, path: &Path, length: u64) -> bool {
        let is_empty = || fs::read(path).is_ok_and(|bytes| self.packing.is_empty(&bytes));
        self.packing == Packing::None || length < FRAME as u64 && is_empty()
    }

    /// Deletes files that are not to be kept; that it cannot is no reason to stop.
    fn sweep(&mut self) {
        let Some(current) = &self.current else {
            return;
        };
        if self.swept.is_some_and(|swept| swept.elapsed() < SWEEP) {
            return;
        }
        self.swept = Some(Instant::now());
        for (path, error) in keep::sweep(&self.name, &self.rotation.keep, &current.path) {
            (self.say)(format!("{}: cannot be deleted: {error}", path.display()));
        }
    }

    /// Writes lines that wait as a frame.
    fn flush(&mut self) -> Result<()> {
        let Some(current) = &mut self.current else {
            return Ok(());
        };
        if self.waiting.is_empty() {
            return Ok(());
        }
        let frame = self.packing.frame(&self.waiting);
        let written = frame.and_then(|frame| {
            current.follow_name(self.packing)?;
            current.append(&frame)
        });
        if written.is_err() {
            self.undelivered += memchr::memchr_iter(b'\n', &self.waiting).count() as u64;
        }
        self.waiting.clear();
        written.map_err(|source| Error::File {
            path: current.path.clone(),
            source,
        })
    }

    fn write_at(&mut self, lines: &[u8], now: DateTime<FixedOffset>) -> Result<()> {
        self.turn(now)?;
        let full = |current: &Current| {
            let limit = self.rotation.size;
            current.size > current.begun && limit.is_some_and(|limit| current.size >= limit)
        };
        if self.current.as_ref().is_some_and(full) {
            self.begin(now)?;
        }
        let Some(current) = &mut self.current else {
            return Ok(());
        };
        if self.packing == Packing::None {
            let written = match current.follow_name(self.packing) {
                Ok(()) => write_lines(&mut current.file, lines, &mut self.undelivered),
                Err(error) => {
                    self.undelivered += memchr::memchr_iter(b'\n', lines).count() as u64;
                    Err(error)
                }
            };
            current.size += lines.len() as u64;
            return written.map_err(|source| Error::File {
                path: current.path.clone(),
                source,
            });
        }
        if self.waiting.is_empty() {
            self.since = Instant::now();
        }
        self.waiting.extend_from_slice(lines);
        if self.waiting.len() >= FRAME || self.since.elapsed() >= WAIT {
            self.flush()?;
        }
        Ok(())
    }
}

impl Current {
    /// Begins the file anew if its name is not its own any more.
    fn follow_name(&mut self, packing: Packing) -> io::Result<()> {
        if !has_lost_name(&self.file, &self.path) {
            return Ok(());
        }
        // Who asks for a sync later means what is in this file too.
        self.file.sync_data()?;
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        self.file = append_to(&self.path)?;
        packing.begin(&mut self.file)?;
        self.size = self.file.metadata()?.len();
        self.begun = self.size;
        Ok(())
    }

    /// Appends a frame as a whole, or nothing of it.
    fn append(&mut self, frame: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(frame);
        if written.is_err() {
            // What is left of it would hide all that comes behind it.
            let _ = self.file.set_len(self.size);
        } else {
            self.size += frame.len() as u64;
        }
        written
    }
}

impl Sink for RotatingSink {
    fn write(&mut self, lines: &[u8]) -> Result<()> {
        self.write_at(lines, now())
    }

    fn tick(&mut self) -> Result<()> {
        if self.since.elapsed() >= WAIT {
            self.flush()?;
        }
        // A file of a time without records is not made, but those that are too old go.
        self.sweep();
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        self.flush()?;
        let Some(current) = &self.current else {
            return Ok(());
        };
        current.file.sync_data().map_err(|source| Error::File {
            path: current.path.clone(),
            source,
        })
    }

    fn finish(&mut self) -> Result<()> {
        self.flush()
    }

    fn undelivered(&self) -> u64 {
        self.undelivered
    }
}

/// The time of this host, in its zone, which names are made by.
fn now() -> DateTime<FixedOffset> {
    Local::now().fixed_offset()
}

#[cfg(test)]
mod tests;
