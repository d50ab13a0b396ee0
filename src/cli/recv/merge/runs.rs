//! Runs: records in order, told by where their bytes stand and an index of their times.

use std::{
    fs::File,
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::FileExt,
    },
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::source::Origin;

/// Some records of a run that stand one behind the other.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Where the first one stands.
    pub(super) origin: Origin,
    /// Where the index of them stands, and how many there are.
    pub(super) index: u64,
    pub(super) records: u32,
    /// When the first one was.
    pub(super) first: i64,
}

/// Records in order.
pub(super) type Run = Vec<Block>;

/// A temporary file that several threads add to.
#[derive(Debug)]
pub(super) struct Spill {
    file: Arc<OwnedFd>,
    write: File,
    end: AtomicU64,
}

impl Spill {
    pub(super) fn new() -> io::Result<Self> {
        let write = tempfile::tempfile()?;
        Ok(Self {
            file: Arc::new(write.try_clone()?.into()),
            write,
            end: AtomicU64::new(0),
        })
    }

    /// Writes bytes; returns where they stand.
    pub(super) fn append(&self, bytes: &[u8]) -> io::Result<Origin> {
        let offset = self.end.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.write.write_all_at(bytes, offset)?;
        Ok(Origin {
            file: Arc::clone(&self.file),
            offset,
        })
    }
}

/// The temporary files.
#[derive(Debug)]
pub(super) struct Spills {
    pub(super) text: Spill,
    pub(super) index: Spill,
}

impl Spills {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            text: Spill::new()?,
            index: Spill::new()?,
        })
    }

    /// Writes the index of records that stand at `origin`.
    pub(super) fn block(
        &self,
        origin: Origin,
        times: &[i64],
        lengths: &[u32],
    ) -> io::Result<Block> {
        let mut bytes = Vec::with_capacity(times.len() * ENTRY);
        bytes.extend(times.iter().flat_map(|time| time.to_le_bytes()));
        bytes.extend(lengths.iter().flat_map(|length| length.to_le_bytes()));
        Ok(Block {
            origin,
            index: self.index.append(&bytes)?.offset,
            records: u32::try_from(times.len()).unwrap_or(u32::MAX),
            first: times.first().copied().unwrap_or_default(),
        })
    }

    /// Reads the index of a block.
    pub(super) fn read(
        &self,
        block: &Block,
        times: &mut Vec<i64>,
        lengths: &mut Vec<u32>,
    ) -> io::Result<()> {
        let records = block.records as usize;
        let mut bytes = vec![0; records * ENTRY];
        fill(&self.index.file, block.index, &mut bytes)?;
        let (front, back) = bytes.split_at(records * 8);
        times.clear();
        times.extend(
            front
                .as_chunks()
                .0
                .iter()
                .map(|bytes| i64::from_le_bytes(*bytes)),
        );
        lengths.clear();
        lengths.extend(
            back.as_chunks()
                .0
                .iter()
                .map(|bytes| u32::from_le_bytes(*bytes)),
        );
        Ok(())
    }
}

/// The bytes that the index has for a record.
const ENTRY: usize = 12;

/// Reads all of `into`, or fails.
pub(super) fn fill(file: impl AsFd, offset: u64, into: &mut [u8]) -> io::Result<()> {
    let mut read = 0;
    while read < into.len() {
        match rustix::io::pread(&file, &mut into[read..], offset + read as u64) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => read += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
