//! Compression by the ending of a name, a frame at a time.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
};

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    None,
    Gzip,
    Zstd,
}

/// The levels: those at which both are faster than a disk and a further one gains little.
const GZIP: u32 = 4;
const ZSTD: i32 = 3;

impl Packing {
    /// What a name asks for.
    pub(super) fn of(path: &Path) -> Self {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("gz") => Self::Gzip,
            Some("zst") => Self::Zstd,
            _ => Self::None,
        }
    }

    /// Makes a file that has nothing in it one that can be read.
    pub(super) fn begin(self, file: &mut File) -> io::Result<()> {
        let metadata = file.metadata()?;
        if metadata.is_file() && metadata.len() == 0 && self != Self::None {
            file.write_all(&self.frame(b"")?)?;
        }
        Ok(())
    }

    /// True for what [`Packing::begin`] makes of a file, and for less.
    pub(super) fn is_empty(self, bytes: &[u8]) -> bool {
        bytes.is_empty() || self.frame(b"").is_ok_and(|empty| empty == bytes)
    }

    /// Bytes as a member or frame of their own.
    pub(super) fn frame(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::None => Ok(bytes.to_vec()),
            Self::Gzip => {
                let level = flate2::Compression::new(GZIP);
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Self::Zstd => zstd::bulk::compress(bytes, ZSTD),
        }
    }
}
