//! A file that is appended to, so that a restart never destroys what was captured.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
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
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(path)
            .map_err(fail)?;
        end_last_line(&mut file).map_err(fail)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            undelivered: 0,
        })
    }
}

impl Sink for FileSink {
    fn write(&mut self, lines: &[u8]) -> Result<()> {
        write_lines(&mut self.file, lines, &mut self.undelivered).map_err(|source| Error::File {
            path: self.path.clone(),
            source,
        })
    }

    fn sync(&mut self) -> Result<()> {
        match self.file.sync_data() {
            // A device or a pipe has nothing to wait for.
            Err(error) if error.kind() != io::ErrorKind::InvalidInput => Err(Error::File {
                path: self.path.clone(),
                source: error,
            }),
            _ => Ok(()),
        }
    }

    fn undelivered(&self) -> u64 {
        self.undelivered
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
