//! Trees of input that ends: all records first, then all trees, in the order of their first
//! records. Past the memory limit the records go to temporary files.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Seek, Write},
};

use super::{Assembler, Chunk, Claimed, Event, Flow, Ledger, Result, Writer};
use crate::{
    error::Error,
    pump::{self, Ranges},
    tree::{
        Collector, Schemes,
        spill::{self, PARTITIONS, Partition},
    },
};

/// Trees per turn of a worker: enough to make a turn cheap, few enough to share the work.
const TREES_A_TURN: usize = 64;

/// The records so far.
pub(super) struct Collected<'s> {
    writer: Writer,
    schemes: &'s Schemes,
    memory: usize,
    jobs: usize,
    collector: Collector,
    spilled: Option<Vec<BufWriter<File>>>,
    closed: Vec<u32>,
}

impl<'s> Collected<'s> {
    pub(super) fn new(writer: Writer, memory: usize, jobs: usize, schemes: &'s Schemes) -> Self {
        Self {
            writer,
            schemes,
            memory,
            jobs,
            collector: Collector::default(),
            spilled: None,
            closed: Vec::new(),
        }
    }

    /// Takes in what a worker has claimed.
    pub(super) fn take(
        &mut self,
        event: Event<'_, Chunk, Claimed>,
        loose: &mut u64,
        ledger: &mut Ledger,
    ) -> Result<()> {
        let Event::Done(_, data) = event else {
            return Ok(());
        };
        *loose += data.loose;
        self.writer.write(&data.pass)?;
        ledger.add_written(data.written());
        self.collector.absorb(
            std::mem::take(&mut data.bytes),
            &data.claims,
            0,
            &mut self.closed,
        );
        if self.collector.memory() > self.memory {
            self.spill().map_err(fail)?;
        }
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        let files = match &mut self.spilled {
            Some(files) => files,
            none => none.insert(
                (0..PARTITIONS)
                    .map(|_| Ok(BufWriter::new(tempfile::tempfile()?)))
                    .collect::<io::Result<_>>()?,
            ),
        };
        spill::spill(&self.collector, files)?;
        self.collector.clear();
        Ok(())
    }

    /// Writes all trees.
    pub(super) fn finish(mut self) -> Result<()> {
        if self.spilled.is_none() {
            return self.write_from_memory();
        }
        self.spill().map_err(fail)?;
        self.write_from_files()
    }

    fn write_from_memory(self) -> Result<()> {
        let Self {
            mut writer,
            schemes,
            jobs,
            collector,
            ..
        } = self;
        let flatten = writer.flatten;
        let worker = || {
            let mut assembler = Assembler::new(schemes);
            let mut lines = Vec::new();
            let collector = &collector;
            move |numbers: &mut std::ops::Range<usize>, out: &mut Vec<u8>| {
                out.clear();
                for tree in numbers
                    .clone()
                    .filter_map(|n| collector.tree(u32::try_from(n).ok()?))
                {
                    lines.clear();
                    lines.extend(collector.lines(tree));
                    Writer::render(flatten, &assembler.assemble(&lines), out);
                }
            }
        };
        pump::run(
            Ranges::new(collector.end(), TREES_A_TURN),
            jobs,
            worker,
            |event| {
                if let Event::Done(_, out) = event {
                    writer.write(out)?;
                }
                Ok(Flow::Continue)
            },
        )
    }

    fn write_from_files(self) -> Result<()> {
        let Self {
            mut writer,
            schemes,
            jobs,
            spilled,
            ..
        } = self;
        let mut results = Vec::with_capacity(PARTITIONS);
        for file in spilled.into_iter().flatten() {
            results.push(finish_partition(file, jobs, writer.flatten, schemes)?);
        }
        spill::merge(results, |tree| writer.write(tree).map_err(Failure::Output)).map_err(
            |failure| match failure {
                Failure::Spill(source) => fail(source),
                Failure::Output(error) => error,
            },
        )
    }
}

/// Turns the records of a partition into its trees, in another temporary file.
fn finish_partition(
    records: BufWriter<File>,
    jobs: usize,
    flatten: bool,
    schemes: &Schemes,
) -> Result<BufReader<File>> {
    let mut records = records
        .into_inner()
        .map_err(|error| fail(error.into_error()))?;
    records.rewind().map_err(fail)?;
    let partition = Partition::read(records).map_err(fail)?;
    let mut results = BufWriter::new(tempfile::tempfile().map_err(fail)?);
    let worker = || {
        let mut assembler = Assembler::new(schemes);
        let partition = &partition;
        move |numbers: &mut std::ops::Range<usize>, out: &mut Vec<(u64, Vec<u8>)>| {
            out.clear();
            for number in numbers.clone() {
                let (first, lines) = partition.tree(number);
                let mut text = Vec::new();
                Writer::render(flatten, &assembler.assemble(&lines), &mut text);
                out.push((first, text));
            }
        }
    };
    pump::run(
        Ranges::new(partition.len(), TREES_A_TURN),
        jobs,
        worker,
        |event| {
            if let Event::Done(_, trees) = event {
                for (first, tree) in trees {
                    spill::write_result(&mut results, *first, tree).map_err(fail)?;
                }
            }
            Ok(Flow::Continue)
        },
    )?;
    let mut results = results
        .into_inner()
        .map_err(|error| fail(error.into_error()))?;
    results
        .flush()
        .and_then(|()| results.rewind())
        .map_err(fail)?;
    Ok(BufReader::new(results))
}

/// What can go wrong while merging.
enum Failure {
    Spill(io::Error),
    Output(Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Spill(error)
    }
}

fn fail(source: io::Error) -> Error {
    Error::Temporary {
        folder: std::env::temp_dir(),
        source,
    }
}
