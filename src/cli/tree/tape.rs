//! The tape: all input one after the other, so that a record has an address at which it can
//! be read again. What stands in a file is read from there; the rest is kept in memory, and
//! beyond that in a temporary file.

use std::{
    fs::File,
    io::{self, Write},
    os::fd::OwnedFd,
    sync::Arc,
};

use crate::source::{Chunk, Origin};

/// The bytes of memory that are asked for at once. The system counts of them what is written to. Allocators
/// ask it for so much, and give it back to it, by itself; smaller pieces leave holes between what stays (glibc
/// keeps up to 32 MiB in its heap).
const SLAB: usize = 64 << 20;

/// All input so far.
#[derive(Default)]
pub(super) struct Tape {
    extents: Vec<Extent>,
    end: u64,
    memory: usize,
    temporary: Option<Temporary>,
}

/// A piece of the input that stands in one place.
pub(super) struct Extent {
    /// The address of its first byte.
    pub(super) start: u64,
    pub(super) place: Place,
}

/// Where bytes can be read again.
pub(super) enum Place {
    File(Origin),
    Memory(Vec<u8>),
}

struct Temporary {
    file: File,
    shared: Arc<OwnedFd>,
    length: u64,
}

impl Tape {
    /// A tape of one file.
    #[cfg(test)]
    pub(super) fn of_file(file: File) -> Self {
        let file = Arc::new(OwnedFd::from(file));
        let place = Place::File(Origin { file, offset: 0 });
        Self {
            extents: vec![Extent { start: 0, place }],
            ..Self::default()
        }
    }

    /// Adds the bytes of a chunk, or what has been made of them; returns the address of the
    /// first one.
    pub(super) fn append(&mut self, chunk: &Chunk, made: Option<&[u8]>) -> u64 {
        let start = self.end;
        match (made, chunk.origin()) {
            (None, Some(origin)) => {
                self.end += chunk.bytes().len() as u64;
                self.append_file(start, origin);
            }
            (None, None) => self.append_bytes(chunk.bytes()),
            (Some(bytes), _) => self.append_bytes(bytes),
        }
        start
    }

    fn append_file(&mut self, start: u64, origin: &Origin) {
        if let Some(last) = self.extents.last()
            && let Place::File(known) = &last.place
            && Arc::ptr_eq(&known.file, &origin.file)
            && known.offset + (start - last.start) == origin.offset
        {
            return;
        }
        let place = Place::File(origin.clone());
        self.extents.push(Extent { start, place });
    }

    fn append_bytes(&mut self, bytes: &[u8]) {
        let start = self.end;
        self.end += bytes.len() as u64;
        self.memory += bytes.len();
        if let Some(Extent {
            place: Place::Memory(slab),
            ..
        }) = self.extents.last_mut()
            && bytes.len() <= slab.capacity() - slab.len()
        {
            slab.extend_from_slice(bytes);
            return;
        }
        let mut slab = Vec::with_capacity(SLAB.max(bytes.len()));
        slab.extend_from_slice(bytes);
        let place = Place::Memory(slab);
        self.extents.push(Extent { start, place });
    }

    /// The bytes of memory in use.
    pub(super) fn memory(&self) -> usize {
        self.memory + self.extents.capacity() * size_of::<Extent>()
    }

    /// Moves what is in memory to the temporary file.
    pub(super) fn spill(&mut self) -> io::Result<()> {
        if self.memory == 0 {
            return Ok(());
        }
        let temporary = match &mut self.temporary {
            Some(temporary) => temporary,
            none => {
                let file = tempfile::tempfile()?;
                let shared = Arc::new(OwnedFd::from(file.try_clone()?));
                none.insert(Temporary {
                    file,
                    shared,
                    length: 0,
                })
            }
        };
        for extent in &mut self.extents {
            if let Place::Memory(bytes) = &extent.place {
                temporary.file.write_all(bytes)?;
                let offset = temporary.length;
                temporary.length += bytes.len() as u64;
                extent.place = Place::File(Origin {
                    file: Arc::clone(&temporary.shared),
                    offset,
                });
            }
        }
        self.memory = 0;
        self.extents
            .dedup_by(|next, last| match (&next.place, &last.place) {
                (Place::File(next_at), Place::File(at)) => {
                    Arc::ptr_eq(&at.file, &next_at.file)
                        && at.offset + (next.start - last.start) == next_at.offset
                }
                _ => false,
            });
        Ok(())
    }

    /// The number of the extent that an address is in, which may be the same as `last`.
    pub(super) fn number(&self, address: u64, last: usize) -> usize {
        let begins = |extent: &Extent| extent.start <= address;
        let next = self.extents.get(last + 1);
        if self.extents.get(last).is_some_and(begins) && !next.is_some_and(begins) {
            return last;
        }
        self.extents.partition_point(begins).saturating_sub(1)
    }

    /// The extent of that number.
    pub(super) fn extent(&self, number: usize) -> &Extent {
        &self.extents[number]
    }
}
