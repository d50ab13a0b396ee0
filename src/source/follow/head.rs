//! The head of a file: its first bytes, by which it is known again under another name, and by
//! which it is noticed that others have taken their place.

use std::{fs::File, hash::Hasher, io, os::unix::fs::FileExt};

use twox_hash::XxHash64;

/// How many bytes are looked at: the first record or so, which has a time in it.
const MOST: usize = 256;

/// The first bytes, as many as there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) length: usize,
    /// Their XXH64.
    pub(super) hash: u64,
}

impl Head {
    /// That of a file that begins with these bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let length = bytes.len().min(MOST);
        Self {
            length,
            hash: hash(&bytes[..length]),
        }
    }

    /// True if the file begins with these bytes.
    pub(super) fn stands(mut self, file: &File) -> io::Result<bool> {
        self.grow(file)
    }

    /// True if the file begins with these bytes. If it has more by now, they are taken in.
    pub(super) fn grow(&mut self, file: &File) -> io::Result<bool> {
        let mut bytes = [0; MOST];
        let mut length = 0;
        while length < MOST {
            match file.read_at(&mut bytes[length..], length as u64) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if length < self.length || (self.length > 0 && hash(&bytes[..self.length]) != self.hash) {
            return Ok(false);
        }
        *self = Self::of(&bytes[..length]);
        Ok(true)
    }

    /// True if the file begins with these bytes, and they are enough to tell it from others.
    pub(super) fn is_of(self, file: &File) -> bool {
        const ENOUGH: usize = 16;
        self.length >= ENOUGH && self.stands(file).unwrap_or(false)
    }
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = XxHash64::with_seed(0);
    hasher.write(bytes);
    hasher.finish()
}
