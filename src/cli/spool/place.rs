//! Places in the log, and the file that keeps how far it has been sent.

use std::{
    fs, io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use super::is_full;

/// A place: a segment and a byte in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) segment: u64,
    pub(super) offset: u64,
}

/// The file of a segment.
pub(super) fn path(folder: &Path, segment: u64) -> PathBuf {
    folder.join(format!("{segment:020}.ndjson"))
}

/// The numbers of the segments there are, in order.
pub(super) fn segments(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".ndjson"));
        numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// The file that has the place up to which all has been delivered.
const SENT: &str = "sent";

impl Place {
    /// What was kept; the beginning if nothing was.
    pub(super) fn load(folder: &Path) -> io::Result<Self> {
        let text = match fs::read_to_string(folder.join(SENT)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            text => text?,
        };
        // The disk was full when it was made.
        if text.is_empty() {
            return Ok(Self::default());
        }
        let mut numbers = text.split_whitespace().map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(segment)), Some(Ok(offset))) => Ok(Self { segment, offset }),
            _ => Err(io::Error::other(format!(
                "{SENT} is not what a spool has there"
            ))),
        }
    }

    /// Keeps it, as a whole: by one write over what is there, which has always the same length and so needs no room on
    /// a full disk. Where there is none for the first either, more of what has been sent comes again after a crash.
    pub(super) fn save(self, folder: &Path) -> io::Result<()> {
        let text = format!("{:020} {:020}\n", self.segment, self.offset);
        let kept = fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(SENT))
            .and_then(|file| file.write_all_at(text.as_bytes(), 0));
        match kept {
            Err(error) if !is_full(&error) => Err(error),
            _ => Ok(()),
        }
    }
}
