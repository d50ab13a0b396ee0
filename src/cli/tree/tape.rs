//! The tape: all input one after the other, so that a record has an address at which it can
//! be read again. What stands in a file is read from there; the rest is kept in memory, and
//! beyond that in a temporary file.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    os::fd::OwnedFd,
    sync::Arc,
};

use crate::source::{Chunk, Origin};

/// Pieces smaller than this are put together, so that a slow trickle does not cost one each.
const PIECE: usize = 256 << 10;

/// All input so far.
#[derive(Default)]
pub(super) struct Tape {
    extents: Vec<Extent>,
    end: u64,
    memory: usize,
    temporary: Option<Temporary>,
}

struct Extent {
    start: u64,
    place: Place,
}

enum Place {
    File(Origin),
    Memory(Vec<u8>),
}

struct Temporary {
    file: File,
    shared: Arc<OwnedFd>,
    length: u64,
}

impl Tape {
    /// Adds the bytes of a chunk, or what has been made of them; returns the address of the
    /// first one.
    pub(super) fn append(&mut self, chunk: &Chunk, made: Option<Vec<u8>>) -> u64 {
        let start = self.end;
        match (made, chunk.origin()) {
            (None, Some(origin)) => {
                self.end += chunk.bytes().len() as u64;
                self.append_file(start, origin);
            }
            (None, None) => self.append_bytes(chunk.bytes().to_vec()),
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

    fn append_bytes(&mut self, bytes: Vec<u8>) {
        let start = self.end;
        self.end += bytes.len() as u64;
        if let Some(Extent {
            place: Place::Memory(piece),
            ..
        }) = self.extents.last_mut()
            && piece.len() + bytes.len() <= piece.capacity()
        {
            piece.extend_from_slice(&bytes);
            return;
        }
        let piece = if bytes.len() < PIECE / 2 {
            let mut piece = Vec::with_capacity(PIECE);
            piece.extend_from_slice(&bytes);
            piece
        } else {
            bytes
        };
        self.memory += piece.capacity();
        let place = Place::Memory(piece);
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

    /// The number of the extent that an address is in.
    fn extent(&self, address: u64) -> usize {
        let behind = |extent: &Extent| extent.start <= address;
        self.extents.partition_point(behind).saturating_sub(1)
    }
}

/// How much is read from a file at a time: enough for neighbours to come along.
const BLOCK: usize = 256 << 10;
/// How many blocks are kept, 16 MiB in all. The records of requests that overlap stand close
/// together, mostly within a few.
const BLOCKS: usize = 64;
/// What a block has to be good for: so many records out of it, or they are read one by one.
const WORTH: i32 = 64;

/// Reads records from a tape; one per worker.
pub(super) struct Head<'t> {
    tape: &'t Tape,
    /// The extent that was read from last.
    extent: usize,
    blocks: Vec<Block>,
    /// How much better blocks have been than single reads, up to a limit.
    worth: i32,
}

#[derive(Default)]
struct Block {
    /// Extent and number; `None` if nothing has been read.
    key: Option<(usize, u64)>,
    bytes: Vec<u8>,
}

impl<'t> Head<'t> {
    pub(super) fn new(tape: &'t Tape) -> Self {
        Self {
            tape,
            extent: 0,
            blocks: (0..BLOCKS).map(|_| Block::default()).collect(),
            worth: WORTH,
        }
    }

    /// Appends the bytes at an address to `out`.
    pub(super) fn read(
        &mut self,
        address: u64,
        length: usize,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let tape = self.tape;
        let extents = &tape.extents;
        let is_here = extents[self.extent].start <= address
            && extents
                .get(self.extent + 1)
                .is_none_or(|next| address < next.start);
        if !is_here {
            self.extent = tape.extent(address);
        }
        let extent = &extents[self.extent];
        // A record never spans extents, because a chunk does not.
        match &extent.place {
            Place::Memory(bytes) => {
                let start = usize::try_from(address - extent.start).unwrap_or(usize::MAX);
                let bytes = bytes.get(start..).and_then(|bytes| bytes.get(..length));
                out.extend_from_slice(bytes.ok_or(ErrorKind::UnexpectedEof)?);
                Ok(())
            }
            Place::File(origin) => {
                let offset = origin.offset + (address - extent.start);
                self.read_file(origin, offset, length, out)
            }
        }
    }

    fn read_file(
        &mut self,
        origin: &Origin,
        mut offset: u64,
        length: usize,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let mut left = length;
        while left > 0 {
            let number = offset / BLOCK as u64;
            let key = Some((self.extent, number));
            let slot = usize::try_from(number).unwrap_or(0) % BLOCKS;
            if self.blocks[slot].key == key {
                self.worth = (self.worth + 1).min(4 * WORTH);
            } else if self.worth < 0 {
                self.worth += 1;
                let start = out.len();
                out.resize(start + left, 0);
                return fill(origin, offset, &mut out[start..]);
            } else {
                self.worth -= WORTH;
                let block = &mut self.blocks[slot];
                block.key = key;
                block.bytes.resize(BLOCK, 0);
                let read = fill_some(origin, number * BLOCK as u64, &mut block.bytes)?;
                block.bytes.truncate(read);
            }
            let within = usize::try_from(offset % BLOCK as u64).unwrap_or(0);
            let bytes = self.blocks[slot].bytes.get(within..).unwrap_or_default();
            let count = bytes.len().min(left);
            if count == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            out.extend_from_slice(&bytes[..count]);
            offset += count as u64;
            left -= count;
        }
        Ok(())
    }
}

/// Reads all of `into`, or fails.
fn fill(origin: &Origin, offset: u64, into: &mut [u8]) -> io::Result<()> {
    let length = into.len();
    if fill_some(origin, offset, into)? < length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

/// Reads until `into` is full or the file ends; returns how much that was.
fn fill_some(origin: &Origin, offset: u64, into: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < into.len() {
        match rustix::io::pread(&origin.file, &mut into[read..], offset + read as u64) {
            Ok(0) => break,
            Ok(count) => read += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(read)
}
