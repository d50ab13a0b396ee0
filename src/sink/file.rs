//! A file that is appended to, so that a restart never destroys what was captured.
//!
//! If its name is taken from it, as logrotate and `rm` do, it is begun anew: what went on into a file
//! that has no name would be lost without a word.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{Sink, write_lines};
use crate::error::{Error, Result};

/// A file at its end.
#[derive(Debug)]
pub struct FileSink {
    path: PathBuf,
    file: File,
    undelivered: u64,
}

impl FileSink {
    /// Opens or creates it.
    pub fn open(path: &Path) -> Result<Self> {
        let fail = |source| Error::File {
            path: path.to_owned(),
            source,
        };
        let mut file = append_to(path).map_err(fail)?;
        end_last_line(&mut file).map_err(fail)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            undelivered: 0,
        })
    }

    fn fail(&self, source: io::Error) -> Error {
        Error::File {
            path: self.path.clone(),
            source,
        }
    }

    /// Begins the file anew if its name is not its own any more.
    fn follow_name(&mut self) -> Result<()> {
        if has_lost_name(&self.file, &self.path) {
            // Who asks for a sync later means what is in this file too.
            sync(&self.file).map_err(|error| self.fail(error))?;
            *self = Self {
                undelivered: self.undelivered,
                ..Self::open(&self.path)?
            };
        }
        Ok(())
    }
}

impl Sink for FileSink {
    fn write(&mut self, lines: &[u8]) -> Result<()> {
        if let Err(error) = self.follow_name() {
            self.undelivered += memchr::memchr_iter(b'\n', lines).count() as u64;
            return Err(error);
        }
        let written = write_lines(&mut self.file, lines, &mut self.undelivered);
        written.map_err(|error| self.fail(error))
    }

    fn sync(&mut self) -> Result<()> {
        sync(&self.file).map_err(|error| self.fail(error))
    }

    fn undelivered(&self) -> u64 {
        self.undelivered
    }
}

/// Opens a file to append to, or makes it.
pub(super) fn append_to(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).read(true).append(true).open(path)
}

/// True if another file, or none, has the name by which a file was opened.
pub(super) fn has_lost_name(file: &File, path: &Path) -> bool {
    let same = |a: &Metadata, b: &Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
    match (file.metadata(), fs::metadata(path)) {
        // A device and a pipe stay what they are.
        (Ok(ours), _) if !ours.is_file() => false,
        (Ok(ours), Ok(named)) => !same(&ours, &named),
        (Ok(_), Err(error)) => error.kind() == io::ErrorKind::NotFound,
        (Err(_), _) => false,
    }
}

fn sync(file: &File) -> io::Result<()> {
    match file.sync_data() {
        // A device or a pipe has nothing to wait for.
        Err(error) if error.kind() != io::ErrorKind::InvalidInput => Err(error),
        _ => Ok(()),
    }
}

/// Ends a line that a crash or a full disk has left unfinished, so that what comes next
/// does not become part of it.
pub(super) fn end_last_line(file: &mut File) -> io::Result<()> {
    let mut last = [b'\n'];
    if file.metadata()?.is_file() && file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    if last == *b"\n" {
        Ok(())
    } else {
        file.write_all(b"\n")
    }
}
