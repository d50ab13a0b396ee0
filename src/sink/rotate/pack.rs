//! Compression by the ending of a name, a frame at a time.

use std::{
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
