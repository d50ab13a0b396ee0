//! The plan: runs are cut into stretches of time, each small enough for a worker.

use std::{cmp::Ordering, io, sync::Arc};

use super::{
    collect::Runs,
    runs::{Block, Spills},
    temporary,
};
use crate::{
    error::{Error, Result},
    pump::Stock,
    shutdown::Shutdown,
    source::{Fill, Origin},
};

/// How many bytes a stretch has at most, but for a longer record: what a pipe holds.
const STRETCH: u64 = 1 << 20;

/// Records of all runs that come next.
#[derive(Debug, Default)]
pub(super) struct Stretch {
    pub(super) slices: Vec<Slice>,
    /// The times and lengths of all records, those of the first slice first.
    pub(super) times: Vec<i64>,
    pub(super) lengths: Vec<u32>,
}

/// Records of one run that stand one behind the other.
#[derive(Debug)]
pub(super) struct Slice {
    pub(super) origin: Origin,
    pub(super) bytes: u64,
}

impl Stretch {
    pub(super) fn records(&self) -> u64 {
        self.times.len() as u64
    }
}

/// Hands out stretches.
pub(super) struct Plan {
    spills: Arc<Spills>,
    cursors: Vec<Cursor>,
    shutdown: Shutdown,
}

/// Where a run has been handed out to.
struct Cursor {
    blocks: std::vec::IntoIter<Block>,
    block: Block,
    times: Vec<i64>,
    /// How many bytes of the block stand in front of each record, and how many there are.
    offsets: Vec<u64>,
    at: usize,
}

impl Plan {
    pub(super) fn new(runs: Runs, shutdown: Shutdown) -> io::Result<Self> {
        let mut cursors = Vec::with_capacity(runs.runs.len());
        for run in runs.runs {
            let mut blocks = run.into_iter();
            if let Some(block) = blocks.next() {
                cursors.push(Cursor::new(block, blocks, &runs.spills)?);
            }
        }
        Ok(Self {
            spills: runs.spills,
            cursors,
            shutdown,
        })
    }

    /// A time below which there are records, of which not too many; `None` if too many have
    /// the time of the first one.
    fn cut(&self) -> Option<i64> {
        let first = self.cursors.iter().map(Cursor::time).min()?;
        // Later ones may stand in blocks that are not read yet.
        let seen = self.cursors.iter().filter_map(Cursor::next).min();
        let mut high = seen.unwrap_or(i64::MAX);
        let size = |time| -> u64 {
            let bytes = |cursor: &Cursor| cursor.bytes(cursor.below(time));
            self.cursors.iter().map(bytes).sum()
        };
        if seen.is_some() && size(high) <= STRETCH {
            return (high > first).then_some(high);
        }
        let mut low = first;
        // The latest time with no more than a stretch below it, but for a small rest.
        for _ in 0..64 {
            let middle = low.midpoint(high);
            if middle == low {
                break;
            }
            match size(middle).cmp(&STRETCH) {
                Ordering::Greater => high = middle,
                _ => low = middle,
            }
            if low > first && size(low) > STRETCH / 2 {
                break;
            }
        }
        (low > first).then_some(low)
    }

    fn fill(&mut self, stretch: &mut Stretch) -> io::Result<()> {
        stretch.slices.clear();
        stretch.times.clear();
        stretch.lengths.clear();
        match self.cut() {
            Some(time) => {
                for cursor in &mut self.cursors {
                    cursor.give(cursor.below(time), stretch, &self.spills)?;
                }
            }
            None => self.fill_with_equals(stretch)?,
        }
        self.cursors.retain(|cursor| !cursor.is_empty());
        Ok(())
    }

    /// Hands out records of one time, run by run, because their order is that of the runs.
    fn fill_with_equals(&mut self, stretch: &mut Stretch) -> io::Result<()> {
        let Some(time) = self.cursors.iter().map(Cursor::time).min() else {
            return Ok(());
        };
        let mut left = STRETCH;
        for cursor in &mut self.cursors {
            let equal = match time.checked_add(1) {
                Some(after) => cursor.below(after),
                None => cursor.times.len(),
            };
            let end = cursor.within(equal, left);
            let all = end == equal && (end < cursor.times.len() || cursor.next() != Some(time));
            left = left.saturating_sub(cursor.bytes(end));
            cursor.give(end, stretch, &self.spills)?;
            if !all || left == 0 {
                break;
            }
        }
        Ok(())
    }
}

impl Cursor {
    fn new(block: Block, blocks: std::vec::IntoIter<Block>, spills: &Spills) -> io::Result<Self> {
        let mut cursor = Self {
            blocks,
            block,
            times: Vec::new(),
            offsets: Vec::new(),
            at: 0,
        };
        cursor.read(spills)?;
        Ok(cursor)
    }

    fn read(&mut self, spills: &Spills) -> io::Result<()> {
        let mut lengths = Vec::new();
        spills.read(&self.block, &mut self.times, &mut lengths)?;
        self.at = 0;
        let mut end = 0;
        self.offsets.clear();
        self.offsets.push(0);
        self.offsets.extend(lengths.iter().map(|&length| {
            end += u64::from(length);
            end
        }));
        Ok(())
    }

    fn is_empty(&self) -> bool {
        self.at >= self.times.len()
    }

    /// When the next record was.
    fn time(&self) -> i64 {
        self.times[self.at]
    }

    /// When the first record of the next block was.
    fn next(&self) -> Option<i64> {
        self.blocks.as_slice().first().map(|block| block.first)
    }

    /// The end of the records of this block that are earlier than `time`.
    fn below(&self, time: i64) -> usize {
        self.at + self.times[self.at..].partition_point(|&other| other < time)
    }

    /// The bytes of the records up to `end`.
    fn bytes(&self, end: usize) -> u64 {
        self.offsets[end] - self.offsets[self.at]
    }

    /// The end of as many records as have `bytes`, but of one at least and no more than `end`.
    fn within(&self, end: usize, bytes: u64) -> usize {
        let limit = self.offsets[self.at] + bytes;
        let fit = self.offsets[self.at + 1..=end.max(self.at)]
            .iter()
            .take_while(|&&offset| offset <= limit)
            .count();
        end.min(self.at + fit.max(1))
    }

    /// Moves the records up to `end` to a stretch.
    fn give(&mut self, end: usize, stretch: &mut Stretch, spills: &Spills) -> io::Result<()> {
        if end == self.at {
            return Ok(());
        }
        let start = self.offsets[self.at];
        stretch.slices.push(Slice {
            origin: Origin {
                file: Arc::clone(&self.block.origin.file),
                offset: self.block.origin.offset + start,
            },
            bytes: self.offsets[end] - start,
        });
        stretch.times.extend_from_slice(&self.times[self.at..end]);
        let lengths = self.offsets[self.at..=end].windows(2);
        let length = |pair: &[u64]| u32::try_from(pair[1] - pair[0]).unwrap_or(u32::MAX);
        stretch.lengths.extend(lengths.map(length));
        self.at = end;
        if self.is_empty()
            && let Some(block) = self.blocks.next()
        {
            self.block = block;
            self.read(spills)?;
        }
        Ok(())
    }
}

impl Stock for Plan {
    type Item = Stretch;

    fn take(&mut self, stretch: &mut Stretch) -> Result<Fill> {
        if self.cursors.is_empty() {
            return Ok(Fill::End);
        }
        if self.shutdown.is_asked() {
            return Err(Error::Failed("asked to end before all was written".into()));
        }
        self.fill(stretch).map_err(temporary)?;
        Ok(Fill::Lines)
    }
}
