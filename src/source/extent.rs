//! An extent: what an input held at a moment, so that it can be read twice and be the same.

use std::{
    fs::{self, File, Metadata},
    io::{self, Seek, SeekFrom, stdin},
    os::{fd::AsFd, unix::fs::MetadataExt},
};

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
                let mut input = File::from(stdin().as_fd().try_clone_to_owned().ok()?);
                let start = input.stream_position().unwrap_or(0);
                Self::new(&input.metadata().ok()?, start)
            }
            Endpoint::File(path) => match fs::metadata(path) {
                Ok(found) => Self::new(&found, 0),
                Err(_) => Some(Self::default()),
            },
            _ => Some(Self::default()),
        }
    }

    fn new(found: &Metadata, start: u64) -> Option<Self> {
        if found.is_file() {
            Some(Self {
                file: Some((found.dev(), found.ino())),
                start,
                bytes: found.len().saturating_sub(start),
            })
        } else {
            found.is_dir().then(Self::default)
        }
    }

    /// How many bytes there are to read, compressed as they are.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Goes to where reading begins, if this is the file that was seen and what was there
    /// still is.
    pub(super) fn begin(&self, file: &File) -> io::Result<()> {
        let Some(was) = self.file else { return Ok(()) };
        let now = file.metadata()?;
        if was != (now.dev(), now.ino()) {
            return Err(io::Error::other("has been replaced since the first pass"));
        }
        if now.len() < self.start + self.bytes {
            return Err(io::Error::other("has become shorter since the first pass"));
        }
        let mut file = file;
        file.seek(SeekFrom::Start(self.start))?;
        Ok(())
    }
}
