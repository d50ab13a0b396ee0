//! The head that reads a tape: the records of one request after the other, through blocks that all
//! workers share.

use std::{
    io::{self, ErrorKind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use super::tape::{Place, Tape};
use crate::{pump::lock, source::Origin};

/// How much is read from a file at a time: enough for neighbours to come along.
const BLOCK: usize = 256 << 10;
/// How many blocks are kept at first, 4 MiB in all. The records of requests that overlap stand close
/// together, mostly within a few, and memory that is used again soon is still in a cache: with 16 MiB
/// putting trees together takes an eighth longer.
const FEW: u64 = 16;
/// How many are kept where requests reach further, 16 MiB in all.
const BLOCKS: usize = 64;
/// One request in so many may reach further, before that counts.
const RARE: u32 = 4;
/// How much more often than rarely they do before twice as many blocks are kept.
const OFTEN: u32 = 64 * RARE;
/// The slot of a block that is kept beside them, for requests that reach over more than all of them: its
/// records are copied.
const LOOSE: usize = BLOCKS;
/// What a block has to be good for: so many records out of it, or they are read one by one.
const WORTH: i32 = 64;

/// Reads records from a tape, those of one request together; one per worker.
pub(super) struct Head<'t> {
    tape: &'t Tape,
    library: &'t Library,
    /// The extent that was read from last.
    extent: usize,
    blocks: Vec<Block>,
    /// How much better blocks have been than single reads, up to a limit.
    worth: i32,
    /// How much more often than rarely a block was not kept for as long as its request.
    reach: u32,
    /// The number of the request.
    request: u64,
    /// Its records that stand in no block as a whole.
    text: Vec<u8>,
}

/// The blocks that were read last, for all workers, who need the same ones at about the same time.
pub(super) struct Library {
    blocks: Vec<Mutex<Shared>>,
    /// How many of them are in use.
    kept: AtomicU64,
    /// The memory of those that nobody has any more.
    spare: Mutex<Vec<Vec<u8>>>,
}

/// The place of a block: extent and number.
type Key = (usize, u64);

#[derive(Default)]
struct Shared {
    /// Nothing if it could not be read.
    key: Option<Key>,
    bytes: Arc<Vec<u8>>,
}

impl Default for Library {
    fn default() -> Self {
        Self {
            blocks: (0..BLOCKS).map(|_| Mutex::default()).collect(),
            kept: AtomicU64::new(FEW),
            spare: Mutex::default(),
        }
    }
}

impl Library {
    /// Where the block of that number is kept.
    #[inline]
    fn slot(&self, number: u64) -> usize {
        // It guards nothing: a block is told by its key, wherever it is.
        let kept = self.kept.load(Ordering::Relaxed);
        usize::try_from(number % kept).unwrap_or(0)
    }

    /// Keeps twice as many blocks from now on, if there may be more.
    fn widen(&self) {
        let kept = self.kept.load(Ordering::Relaxed);
        self.kept
            .store((kept * 2).min(BLOCKS as u64), Ordering::Relaxed);
    }

    /// A block of that file, which is read if need be.
    fn borrow(&self, key: Key, origin: &Origin) -> io::Result<Arc<Vec<u8>>> {
        let (_, number) = key;
        let mut block = lock(&self.blocks[self.slot(number)]);
        if block.key != Some(key) {
            block.key = None;
            self.give_back(std::mem::take(&mut block.bytes));
            let mut bytes = lock(&self.spare).pop().unwrap_or_default();
            bytes.resize(BLOCK, 0);
            let read = fill_some(origin, number * BLOCK as u64, &mut bytes)?;
            bytes.truncate(read);
            (block.key, block.bytes) = (Some(key), Arc::new(bytes));
        }
        Ok(Arc::clone(&block.bytes))
    }

    /// Takes a block back that somebody needs no more.
    fn give_back(&self, block: Arc<Vec<u8>>) {
        if let Some(bytes) = Arc::into_inner(block)
            && bytes.capacity() > 0
        {
            lock(&self.spare).push(bytes);
        }
    }
}

#[derive(Default)]
struct Block {
    /// Nothing if none has been read.
    key: Option<Key>,
    bytes: Arc<Vec<u8>>,
    /// The last request that has a record in it.
    request: u64,
}

/// Where the bytes of a record are at hand, until the next request.
#[derive(Clone, Copy)]
pub(super) struct Held {
    holder: Holder,
    start: usize,
    length: usize,
}

#[derive(Clone, Copy)]
enum Holder {
    /// The extent of that number, which is in memory.
    Extent(usize),
    /// The block of that number.
    Block(usize),
    Text,
}

impl<'t> Head<'t> {
    pub(super) fn new(tape: &'t Tape, library: &'t Library) -> Self {
        Self {
            tape,
            library,
            extent: 0,
            blocks: (0..=LOOSE).map(|_| Block::default()).collect(),
            worth: WORTH,
            reach: 0,
            request: 0,
            text: Vec::new(),
        }
    }

    /// Begins the next request; the records of the last one are let go.
    pub(super) fn next_request(&mut self) {
        self.request += 1;
        self.reach = self.reach.saturating_sub(1);
        self.text.clear();
    }

    /// Gets hold of the bytes at an address.
    pub(super) fn read(&mut self, address: u64, length: usize) -> io::Result<Held> {
        self.extent = self.tape.number(address, self.extent);
        let extent = self.tape.extent(self.extent);
        // A record never spans extents, because a chunk does not.
        match &extent.place {
            Place::Memory(bytes) => {
                let start = usize::try_from(address - extent.start).unwrap_or(usize::MAX);
                if bytes.len().saturating_sub(start) < length {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
                let holder = Holder::Extent(self.extent);
                Ok(Held {
                    holder,
                    start,
                    length,
                })
            }
            Place::File(origin) => {
                let offset = origin.offset + (address - extent.start);
                self.read_file(origin, offset, length)
            }
        }
    }

    /// The bytes that were read.
    #[inline]
    pub(super) fn bytes(&self, held: Held) -> &[u8] {
        let bytes = match held.holder {
            Holder::Extent(number) => match &self.tape.extent(number).place {
                Place::Memory(bytes) => bytes,
                Place::File(_) => &[][..],
            },
            Holder::Block(number) => &self.blocks[number].bytes,
            Holder::Text => &self.text,
        };
        let bytes = bytes.get(held.start..held.start + held.length);
        bytes.unwrap_or_default()
    }

    fn read_file(&mut self, origin: &Origin, offset: u64, length: usize) -> io::Result<Held> {
        let start = within(offset);
        if start + length <= BLOCK
            && let Some(slot) = self.block(origin, offset)?.filter(|&slot| slot != LOOSE)
        {
            if self.blocks[slot].bytes.len() < start + length {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let holder = Holder::Block(slot);
            return Ok(Held {
                holder,
                start,
                length,
            });
        }
        let start = self.text.len();
        self.copy(origin, offset, length)?;
        let holder = Holder::Text;
        Ok(Held {
            holder,
            start,
            length,
        })
    }

    /// Copies what stands in several blocks, or in one that does not stay or is not worth it.
    fn copy(&mut self, origin: &Origin, mut offset: u64, mut length: usize) -> io::Result<()> {
        while length > 0 {
            let Some(slot) = self.block(origin, offset)? else {
                let start = self.text.len();
                self.text.resize(start + length, 0);
                return fill(origin, offset, &mut self.text[start..]);
            };
            let bytes = &self.blocks[slot].bytes;
            let bytes = bytes.get(within(offset)..).unwrap_or_default();
            let count = bytes.len().min(length);
            if count == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            self.text.extend_from_slice(&bytes[..count]);
            offset += count as u64;
            length -= count;
        }
        Ok(())
    }

    /// The slot of the block that a place of the current extent is in; `None` if it is better not
    /// read as a whole.
    #[inline]
    fn block(&mut self, origin: &Origin, offset: u64) -> io::Result<Option<usize>> {
        let number = offset / BLOCK as u64;
        let key = (self.extent, number);
        let mut slot = self.library.slot(number);
        let stays = &self.blocks[slot];
        if stays.key != Some(key) && stays.request == self.request {
            slot = LOOSE;
            self.reach += RARE;
            if self.reach > OFTEN {
                self.reach = 0;
                self.library.widen();
            }
        }
        let block = &mut self.blocks[slot];
        if block.key == Some(key) {
            self.worth = (self.worth + 1).min(4 * WORTH);
        } else if self.worth < 0 {
            self.worth += 1;
            return Ok(None);
        } else {
            self.worth -= WORTH;
            block.key = None;
            self.library.give_back(std::mem::take(&mut block.bytes));
            block.bytes = self.library.borrow(key, origin)?;
            block.key = Some(key);
        }
        block.request = self.request;
        Ok(Some(slot))
    }
}

/// Where in its block a place is.
fn within(offset: u64) -> usize {
    usize::try_from(offset % BLOCK as u64).unwrap_or(0)
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

#[cfg(test)]
mod tests {
    use std::{fs::File, io::Write, thread};

    use super::*;

    /// A file of more blocks than are kept, and a tape of it.
    fn file() -> (Vec<u8>, Tape) {
        let numbers = (0_u64..).flat_map(u64::to_le_bytes);
        let bytes: Vec<u8> = numbers.take((BLOCKS + 9) * BLOCK + 77).collect();
        let mut file: File = tempfile::tempfile().expect("a file");
        file.write_all(&bytes).expect("room");
        (bytes, Tape::of_file(file))
    }

    /// Reads a request of records that begin so far from each other.
    fn check(head: &mut Head<'_>, bytes: &[u8], first: usize, step: usize, length: usize) {
        head.next_request();
        let starts: Vec<_> = (first..bytes.len() - length).step_by(step).collect();
        let records = starts.iter().map(|&start| head.read(start as u64, length));
        let records: Vec<_> = records.collect::<Result<_, _>>().expect("all of them");
        for (start, record) in starts.into_iter().zip(records) {
            assert!(
                head.bytes(record) == &bytes[start..start + length],
                "{start}"
            );
        }
    }

    #[test]
    fn what_is_read_is_what_stands_there_for_as_long_as_the_request() {
        let (bytes, tape) = file();
        let library = Library::default();
        thread::scope(|scope| {
            for worker in 0..2 {
                let (bytes, tape, library) = (&bytes, &tape, &library);
                scope.spawn(move || {
                    let mut head = Head::new(tape, library);
                    // Within a block, across its end, further apart than blocks are worth, and all.
                    for (step, length) in [(997, 300), (BLOCK + 1, 300), (BLOCK / 3, BLOCK + 5)] {
                        for first in [0, 5, BLOCK * 3 - 100, BLOCK * BLOCKS + worker * 1_000] {
                            check(&mut head, bytes, first, step, length);
                        }
                    }
                });
            }
        });
    }

    #[test]
    fn what_is_no_longer_there_is_an_error() {
        let (bytes, tape) = file();
        let library = Library::default();
        let mut head = Head::new(&tape, &library);
        head.next_request();
        for (start, length) in [(bytes.len() - 10, 11), (bytes.len() + BLOCK, 1)] {
            for _ in 0..200 {
                let read = head.read(start as u64, length).map(drop);
                let kind = read.map_err(|error| error.kind());
                assert_eq!(kind, Err(ErrorKind::UnexpectedEof));
            }
        }
    }
}
