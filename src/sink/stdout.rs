//! Standard output, unbuffered: who writes hands over as much as there is.

use std::{fs::File, io, os::fd::AsFd};

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
}

impl Stdout {
    /// Opens it.
    pub fn open() -> Result<Self> {
        let fd = io::stdout().as_fd().try_clone_to_owned().map_err(fail)?;
        // Only a pipe takes this, and a system may refuse it, which does not matter.
        let _ = rustix::pipe::fcntl_setpipe_size(&fd, PIPE);
        Ok(Self {
            file: File::from(fd),
            undelivered: 0,
        })
    }
}

impl Sink for Stdout {
    /// Writes whole lines; a reader that has left is [`Error::ReaderLeft`].
    fn write(&mut self, lines: &[u8]) -> Result<()> {
        write_lines(&mut self.file, lines, &mut self.undelivered).map_err(fail)
    }

    fn undelivered(&self) -> u64 {
        self.undelivered
    }
}

fn fail(source: io::Error) -> Error {
    match source.kind() {
        io::ErrorKind::BrokenPipe => Error::ReaderLeft,
        _ => Error::Write {
            place: "<stdout>".into(),
            source,
        },
    }
}
