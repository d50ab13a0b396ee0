//! Trees of input that ends: all records first, then all trees, in the order of their first
//! records. Past the memory limit the records go to temporary files.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Seek, Write},
};

use super::{Assembler, Chunk, Claimed, Event, Flow, Ledger, Result, Stdout, Writer, put};
use crate::{
    error::Error,
    pump::{self, Ranges},
    tree::{
        Collector,
        spill::{self, PARTITIONS, Partition},
    },
};

/// Trees per turn of a worker: enough to make a turn cheap, few enough to share the work.
const TREES_A_TURN: usize = 64;

/// The records so far.
pub(super) struct Collected<'w> {
    writer: &'w Writer,
    stdout: Stdout,
    memory: usize,
    jobs: usize,
    collector: Collector,
    spilled: Option<Vec<BufWriter<File>>>,
    closed: Vec<u32>,
}

impl<'w> Collected<'w> {
    pub(super) fn new(writer: &'w Writer, stdout: Stdout, memory: usize, jobs: usize) -> Self {
        Self {
            writer,
            stdout,
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
        put(&mut self.stdout, &data.pass)?;
        ledger.add_written(data.claims.len() as u64);
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
            writer,
            mut stdout,
            jobs,
            collector,
            ..
        } = self;
        let worker = || {
            let mut assembler = Assembler::default();
            let mut pen = writer.pen();
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
                    pen.gathered(&mut assembler, &lines, out);
                }
            }
        };
        pump::run(
            Ranges::new(collector.end(), TREES_A_TURN),
            jobs,
            worker,
            |event| {
                if let Event::Done(_, out) = event {
                    put(&mut stdout, out)?;
                }
                Ok(Flow::Continue)
            },
        )
    }

    fn write_from_files(self) -> Result<()> {
        let Self {
            writer,
            mut stdout,
            jobs,
            spilled,
            ..
        } = self;
        let mut results = Vec::with_capacity(PARTITIONS);
        for file in spilled.into_iter().flatten() {
            results.push(finish_partition(file, jobs, writer)?);
        }
        spill::merge(results, |tree| {
            put(&mut stdout, tree).map_err(Failure::Output)
        })
        .map_err(|failure| match failure {
            Failure::Spill(source) => fail(source),
            Failure::Output(error) => error,
        })
    }
}

/// Turns the records of a partition into its trees, in another temporary file.
fn finish_partition(
    records: BufWriter<File>,
    jobs: usize,
    writer: &Writer,
) -> Result<BufReader<File>> {
    let mut records = records
        .into_inner()
        .map_err(|error| fail(error.into_error()))?;
    records.rewind().map_err(fail)?;
    let partition = Partition::read(records).map_err(fail)?;
    let mut results = BufWriter::new(tempfile::tempfile().map_err(fail)?);
    let worker = || {
        let mut assembler = Assembler::default();
        let mut pen = writer.pen();
        let partition = &partition;
        move |numbers: &mut std::ops::Range<usize>, out: &mut Vec<(u64, Vec<u8>)>| {
            out.clear();
            for number in numbers.clone() {
                let (first, lines) = partition.tree(number);
                let mut text = Vec::new();
                if pen.gathered(&mut assembler, &lines, &mut text) {
                    out.push((first, text));
                }
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
