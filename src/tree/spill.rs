//! Spilling: when the records of all open trees exceed the memory, they go to partitions.
//!
//! A partition holds all fragments of the trees whose ids fall into it, so that each can be
//! finished alone. Results leave each partition in the order of the trees' first records,
//! and a merge over all partitions gives the order, and the bytes, of a run without limits.
//! Storage is whatever the caller opens; this module only reads and writes it.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    io::{self, Read, Write},
    ops::Range,
};

use super::collect::Collector;

/// How many partitions there are: a partition of a corpus of 64 times the memory still fits.
pub const PARTITIONS: usize = 64;

/// Appends all trees of `collector` to the partitions.
pub fn spill(collector: &Collector, partitions: &mut [impl Write]) -> io::Result<()> {
    for (_, tree) in collector.trees() {
        let count = partitions.len();
        let id = collector.ids(tree).next().unwrap_or_default();
        let out = &mut partitions[partition(id, count)];
        out.write_all(&tree.first.to_le_bytes())?;
        write_sized(out, id.as_bytes())?;
        out.write_all(&size(collector.lines(tree).count())?)?;
        for line in collector.lines(tree) {
            write_sized(out, line)?;
        }
    }
    Ok(())
}

/// The partition of an id: FNV-1a, because it must not change from run to run.
fn partition(id: &str, partitions: usize) -> usize {
    let hash = id.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    usize::try_from(hash >> 32).unwrap_or(0) % partitions
}

/// The trees of one partition, put together again.
#[derive(Debug, Default)]
pub struct Partition {
    bytes: Vec<u8>,
    trees: Vec<Spilled>,
}

#[derive(Debug)]
struct Spilled {
    first: u64,
    lines: Vec<Range<usize>>,
}

impl Partition {
    /// Reads a partition whole.
    pub fn read(mut from: impl Read) -> io::Result<Self> {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes)?;
        let mut trees: Vec<Spilled> = Vec::new();
        let mut numbers: HashMap<&[u8], usize> = HashMap::new();
        let mut at = 0;
        while at < bytes.len() {
            let first = u64::from_le_bytes(take(&bytes, &mut at)?);
            let id = sized(&bytes, &mut at)?;
            let count = u32::from_le_bytes(take(&bytes, &mut at)?);
            let number = *numbers.entry(&bytes[id.clone()]).or_insert_with(|| {
                trees.push(Spilled {
                    first,
                    lines: Vec::new(),
                });
                trees.len() - 1
            });
            let tree = &mut trees[number];
            tree.first = tree.first.min(first);
            for _ in 0..count {
                tree.lines.push(sized(&bytes, &mut at)?);
            }
        }
        trees.sort_unstable_by_key(|tree| tree.first);
        Ok(Self { bytes, trees })
    }

    /// How many trees there are.
    pub fn len(&self) -> usize {
        self.trees.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.trees.is_empty()
    }

    /// The number of the first record and the lines of a tree, in the order of first records.
    pub fn tree(&self, number: usize) -> (u64, Vec<&[u8]>) {
        let tree = &self.trees[number];
        (
            tree.first,
            tree.lines
                .iter()
                .map(|line| &self.bytes[line.clone()])
                .collect(),
        )
    }
}

/// Writes a finished result of a partition.
pub fn write_result(out: &mut impl Write, first: u64, result: &[u8]) -> io::Result<()> {
    out.write_all(&first.to_le_bytes())?;
    write_sized(out, result)
}

/// Merges the results of all partitions in the order of first records.
pub fn merge<E: From<io::Error>>(
    mut partitions: Vec<impl Read>,
    mut each: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut heads: Vec<Vec<u8>> = Vec::new();
    let mut next = BinaryHeap::new();
    for (number, partition) in partitions.iter_mut().enumerate() {
        let mut head = Vec::new();
        if let Some(first) = read_result(partition, &mut head)? {
            next.push(Reverse((first, number)));
        }
        heads.push(head);
    }
    while let Some(Reverse((_, number))) = next.pop() {
        each(&heads[number])?;
        if let Some(first) = read_result(&mut partitions[number], &mut heads[number])? {
            next.push(Reverse((first, number)));
        }
    }
    Ok(())
}

fn read_result(from: &mut impl Read, result: &mut Vec<u8>) -> io::Result<Option<u64>> {
    let mut first = [0; 8];
    if from.read(&mut first[..1])? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut first[1..])?;
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    result.resize(u32::from_le_bytes(length) as usize, 0);
    from.read_exact(result)?;
    Ok(Some(u64::from_le_bytes(first)))
}

fn write_sized(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    out.write_all(&size(bytes.len())?)?;
    out.write_all(bytes)
}

fn size(length: usize) -> io::Result<[u8; 4]> {
    let too_large = |_| io::Error::new(io::ErrorKind::InvalidData, "a tree of 4 GiB or more");
    Ok(u32::try_from(length).map_err(too_large)?.to_le_bytes())
}

fn take<const N: usize>(bytes: &[u8], at: &mut usize) -> io::Result<[u8; N]> {
    let found = bytes.get(*at..).and_then(|rest| rest.first_chunk::<N>());
    *at += N;
    found
        .copied()
        .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn sized(bytes: &[u8], at: &mut usize) -> io::Result<Range<usize>> {
    let length = u32::from_le_bytes(take(bytes, at)?) as usize;
    let range = *at..*at + length;
    *at = range.end;
    if range.end > bytes.len() {
        Err(io::ErrorKind::UnexpectedEof.into())
    } else {
        Ok(range)
    }
}
