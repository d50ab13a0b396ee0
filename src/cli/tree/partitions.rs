//! What is known of trees beyond the memory: partitions by id, then ranges by order. Of each
//! one at a time is in memory.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Seek},
};

use super::{
    Result,
    batch::{Job, fail},
    order::{Order, SortKey, by_first},
    tape::Tape,
};
use crate::tree::{
    Catalog, Trees,
    spill::{self, Links, PARTITIONS},
};

/// The temporary files.
pub(super) struct Partitions {
    files: Vec<BufWriter<File>>,
    links: Links,
}

impl Partitions {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            files: files()?,
            links: Links::default(),
        })
    }

    /// Moves all that the catalog knows to the partitions.
    pub(super) fn spill(&mut self, catalog: &mut Catalog) -> io::Result<()> {
        spill::spill(catalog, &mut self.links, &mut self.files)
    }

    /// Writes all trees; there were `records` records.
    pub(super) fn write(self, job: &mut Job<'_>, tape: &Tape, records: u64) -> Result<()> {
        let ranges = self.into_ranges(records).map_err(fail)?;
        if job.order == Order::Input {
            return write_ranges(job, tape, ranges);
        }
        let ranges = sort_anew(job, tape, ranges)?;
        write_ranges(job, tape, ranges)
    }

    /// Puts each partition together, and its trees into ranges by their first records.
    fn into_ranges(self, records: u64) -> io::Result<Vec<BufReader<File>>> {
        let Self { files, links } = self;
        let mut partitions = readers(files)?;
        let mut moved = self::files()?;
        if !links.is_empty() {
            for (number, partition) in partitions.iter_mut().enumerate() {
                spill::resettle(number, &mut *partition, &links, &mut moved)?;
                partition.rewind()?;
            }
        }
        let mut ranges = self::files()?;
        for (number, (partition, moved)) in partitions.into_iter().zip(readers(moved)?).enumerate()
        {
            let trees = spill::gather(number, partition, moved, &links)?;
            for tree in trees.list() {
                let first = tree.first();
                let range = u128::from(first) * PARTITIONS as u128 / u128::from(records.max(1));
                let range = usize::try_from(range).unwrap_or(usize::MAX);
                let out = &mut ranges[range.min(PARTITIONS - 1)];
                spill::write_whole(out, &by_first(first), &trees, tree)?;
            }
        }
        readers(ranges)
    }
}

/// Writes the trees of all ranges, each sorted by its keys.
fn write_ranges(job: &mut Job<'_>, tape: &Tape, ranges: Vec<BufReader<File>>) -> Result<()> {
    for range in ranges {
        let (keys, mut trees) = read_range(range).map_err(fail)?;
        trees.sort_by_keys(keys);
        job.write_in_order(tape, &trees)?;
    }
    Ok(())
}

/// Sorts the trees of all ranges into others, by the order that is asked for.
fn sort_anew(
    job: &Job<'_>,
    tape: &Tape,
    ranges: Vec<BufReader<File>>,
) -> Result<Vec<BufReader<File>>> {
    let mut keyed = BufWriter::new(tempfile::tempfile().map_err(fail)?);
    let mut sample: Vec<SortKey> = Vec::new();
    for range in ranges {
        let (_, trees) = read_range(range).map_err(fail)?;
        let keys = job.keys(tape, &trees)?;
        // A few of each range tell well enough where to cut.
        sample.extend(keys.iter().step_by(keys.len() / 64 + 1).cloned());
        for (key, tree) in keys.iter().zip(trees.list()) {
            spill::write_whole(&mut keyed, key, &trees, tree).map_err(fail)?;
        }
    }
    sample.sort_unstable();
    let cuts: Vec<_> = (1..PARTITIONS)
        .filter_map(|part| sample.get(part * sample.len() / PARTITIONS))
        .collect();
    let scatter = || -> io::Result<Vec<BufReader<File>>> {
        let mut keyed = reader(keyed)?;
        let mut ranges = files()?;
        let mut one = Trees::default();
        while let Some(key) = spill::read_whole(&mut keyed, &mut one)? {
            let range = cuts.partition_point(|cut| **cut <= key);
            for tree in one.list() {
                spill::write_whole(&mut ranges[range], &key, &one, tree)?;
            }
            one.clear();
        }
        readers(ranges)
    };
    scatter().map_err(fail)
}

/// The trees of a range, and their keys.
fn read_range(mut range: BufReader<File>) -> io::Result<(Vec<SortKey>, Trees)> {
    let (mut keys, mut trees) = (Vec::new(), Trees::default());
    while let Some(key) = spill::read_whole(&mut range, &mut trees)? {
        keys.push(key);
    }
    Ok((keys, trees))
}

fn files() -> io::Result<Vec<BufWriter<File>>> {
    (0..PARTITIONS)
        .map(|_| Ok(BufWriter::new(tempfile::tempfile()?)))
        .collect()
}

fn readers(files: Vec<BufWriter<File>>) -> io::Result<Vec<BufReader<File>>> {
    files.into_iter().map(reader).collect()
}

fn reader(file: BufWriter<File>) -> io::Result<BufReader<File>> {
    let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(BufReader::new(file))
}
