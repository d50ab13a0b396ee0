//! An extent: what an input held at a moment, so that it can be read twice and be the same.

use std::{
    fs::File,
    io::{self, stdin},
};

use rustix::fs::{FileType, SeekFrom, Stat, fstat, seek, stat, tell};

use crate::endpoint::Endpoint;

/// Which file an input was, and how much there was of it.
#[derive(Clone, Debug, Default)]
pub struct Extent {
    /// Device and number; `None` if there was no file.
    file: Option<(u64, u64)>,
    /// Where reading begins, which is not the start for a standard input that others have
    /// read from.
    start: u64,
    bytes: u64,
}

impl Extent {
    /// The extents of all inputs now; `None` if one of them cannot be read twice, such as a
    /// pipe.
    ///
    /// What cannot be read at all has an empty extent: opening it fails each time.
    pub fn all(inputs: &[Endpoint]) -> Option<Vec<Self>> {
        let standard = |input: &&Endpoint| matches!(input, Endpoint::Standard);
        if inputs.iter().filter(standard).count() > 1 {
            // The second one has nothing left, which a file read twice would not show.
            return None;
        }
        inputs.iter().map(Self::of).collect()
    }

    fn of(input: &Endpoint) -> Option<Self> {
        match input {
            Endpoint::Standard => {
                let input = stdin();
                Self::new(&fstat(&input).ok()?, tell(&input).unwrap_or(0))
            }
            Endpoint::File(path) => match stat(path) {
                Ok(found) => Self::new(&found, 0),
                Err(_) => Some(Self::default()),
            },
            Endpoint::ZeroMq(_) => Some(Self::default()),
        }
    }

    fn new(found: &Stat, start: u64) -> Option<Self> {
        match FileType::from_raw_mode(found.st_mode) {
            FileType::RegularFile => Some(Self {
                file: Some((found.st_dev, found.st_ino)),
                start,
                bytes: size(found).saturating_sub(start),
            }),
            FileType::Directory => Some(Self::default()),
            _ => None,
        }
    }

    /// How many bytes there are to read, compressed as they are.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Goes to where reading begins, if this is the file that was seen and what was there
    /// still is.
    pub(super) fn begin(&self, file: &File) -> io::Result<()> {
        let now = fstat(file)?;
        let Some(was) = self.file else { return Ok(()) };
        if was != (now.st_dev, now.st_ino) {
            return Err(io::Error::other("has been replaced since the first pass"));
        }
        if size(&now) < self.start + self.bytes {
            return Err(io::Error::other("has become shorter since the first pass"));
        }
        seek(file, SeekFrom::Start(self.start))?;
        Ok(())
    }
}

fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}
