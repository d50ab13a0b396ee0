//! Standard output, unbuffered: who writes hands over as much as there is.

use std::{fs::File, io, os::fd::AsFd};

use rustix::fs::{FileType, fstat};

use super::{Sink, write_lines};
use crate::error::{Error, Result};

/// The size of a pipe in bytes, if it can be had: a chunk fits, so that writing one does not
/// wait for the reader several times. It is what an unprivileged process may ask for.
const PIPE: usize = 1 << 20;

/// Standard output.
#[derive(Debug)]
pub struct Stdout {
    file: File,
    undelivered: u64,
    /// True as long as pieces of files may go from there to here without a copy.
    splices: bool,
}

impl Stdout {
    /// Opens it.
    pub fn open() -> Result<Self> {
        let fd = io::stdout()
            .as_fd()
            .try_clone_to_owned()
            .map_err(stdout_failed)?;
        // Only a pipe takes this, and a system may refuse it, which does not matter.
        let _ = rustix::pipe::fcntl_setpipe_size(&fd, PIPE);
        Ok(Self {
            file: File::from(fd),
            undelivered: 0,
            splices: cfg!(target_os = "linux"),
        })
    }

    /// True if writing may take as long as somebody else takes to read.
    pub fn has_reader(&self) -> bool {
        let kind = fstat(&self.file).map(|stat| FileType::from_raw_mode(stat.st_mode));
        matches!(kind, Ok(FileType::Fifo | FileType::Socket))
    }

    /// Writes whole lines that stand in a file as they are; into a pipe they go without being
    /// copied.
    pub fn write_from(&mut self, lines: &[u8], file: impl AsFd, offset: u64) -> Result<()> {
        let rest = self.splice(lines, file, offset);
        if rest.is_empty() {
            Ok(())
        } else {
            self.write(rest)
        }
    }

    /// Hands over as much as the system takes; returns what it did not.
    #[cfg(target_os = "linux")]
    fn splice<'a>(&mut self, lines: &'a [u8], file: impl AsFd, mut offset: u64) -> &'a [u8] {
        use rustix::{io::Errno, pipe::SpliceFlags};
        let mut left = lines;
        while self.splices && !left.is_empty() {
            let from = Some(&mut offset);
            let flags = SpliceFlags::empty();
            match rustix::pipe::splice(&file, from, &self.file, None, left.len(), flags) {
                // The file has become shorter.
                Ok(0) => break,
                Ok(count) => left = &left[count.min(left.len())..],
                Err(Errno::INTR) => {}
                // No pipe, or its reader has left, which writing tells.
                Err(_) => self.splices = false,
            }
        }
        left
    }

    #[cfg(not(target_os = "linux"))]
    fn splice<'a>(&mut self, lines: &'a [u8], _: impl AsFd, _: u64) -> &'a [u8] {
        lines
    }
}

impl Sink for Stdout {
    /// Writes whole lines; a reader that has left is [`Error::ReaderLeft`].
    fn write(&mut self, lines: &[u8]) -> Result<()> {
        write_lines(&mut self.file, lines, &mut self.undelivered).map_err(stdout_failed)
    }

    fn undelivered(&self) -> u64 {
        self.undelivered
    }
}

/// What it means that standard output could not be written.
pub fn stdout_failed(source: io::Error) -> Error {
    match source.kind() {
        io::ErrorKind::BrokenPipe => Error::ReaderLeft,
        _ => Error::Write {
            place: "<stdout>".into(),
            source,
        },
    }
}
