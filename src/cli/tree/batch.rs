//! Trees of input that ends: first it is found out which records belong together, then they
//! are read again, tree by tree. Past the memory limit what is known goes to temporary files.

use std::{io, ops::Range};

use super::{
    Assembler, Chunk, Claimed, Event, Flow, Result, Stdout, Writer,
    head::{Head, Library},
    order::{Order, SortKey},
    partitions::Partitions,
    put,
    tape::Tape,
};
use crate::{
    error::Error,
    pump::{self, Delivery, Ranges},
    tree::{Catalog, Material, Schemes, Seen, Trees},
};

/// Records per turn of a worker, on average: so few that what is written of their trees mostly stays in
/// the second-level cache, and fits into a pipe.
const RECORDS_A_TURN: u64 = 2_048;

/// The part of the memory, one of so many, that is left to workers and what is on its way between them.
const WORKERS_SHARE: usize = 16;

/// The records so far.
pub(super) struct Collected<'w> {
    job: Job<'w>,
    memory: usize,
    catalog: Catalog,
    tape: Tape,
    spilled: Option<Partitions>,
}

/// How trees are to be made.
pub(super) struct Job<'w> {
    pub(super) writer: &'w Writer,
    pub(super) stdout: Stdout,
    pub(super) order: Order,
    pub(super) maker: Maker<'w>,
}

impl<'w> Collected<'w> {
    pub(super) fn new(job: Job<'w>, memory: usize) -> Self {
        Self {
            job,
            memory: memory - memory / WORKERS_SHARE,
            catalog: Catalog::default(),
            tape: Tape::default(),
            spilled: None,
        }
    }

    /// Takes in what a worker has claimed.
    pub(super) fn take(&mut self, event: Event<'_, Chunk, Claimed>, loose: &mut u64) -> Result<()> {
        let Event::Done(chunk, data) = event else {
            return Ok(());
        };
        *loose += data.loose;
        put(&mut self.job.stdout, &data.pass)?;
        if data.claims.is_empty() {
            return Ok(());
        }
        let made = &data.bytes[..];
        let base = self.tape.append(chunk, (!made.is_empty()).then_some(made));
        self.catalog.absorb(base, &data.claims);
        if self.catalog.memory() + self.tape.memory() > self.memory {
            self.spill().map_err(fail)?;
        }
        Ok(())
    }

    /// Moves the bytes out of memory, and the catalog too if it takes most of it.
    fn spill(&mut self) -> io::Result<()> {
        self.tape.spill()?;
        if self.catalog.memory() > self.memory / 2 {
            let partitions = match &mut self.spilled {
                Some(partitions) => partitions,
                none => none.insert(Partitions::new()?),
            };
            partitions.spill(&mut self.catalog)?;
        }
        Ok(())
    }

    /// Writes all trees.
    pub(super) fn finish(mut self) -> Result<()> {
        match self.spilled.take() {
            None => {
                let trees = self.catalog.into_trees();
                self.job.write(&self.tape, trees)
            }
            Some(mut partitions) => {
                // What comes needs the memory.
                self.tape.spill().map_err(fail)?;
                partitions.spill(&mut self.catalog).map_err(fail)?;
                let records = self.catalog.records();
                drop(self.catalog);
                partitions.write(&mut self.job, &self.tape, records)
            }
        }
    }
}

impl Job<'_> {
    /// Writes trees, which stand in the order of their first records, in the order that is
    /// asked for.
    fn write(&mut self, tape: &Tape, mut trees: Trees) -> Result<()> {
        if self.order != Order::Input {
            let keys = self.keys(tape, &trees)?;
            trees.sort_by_keys(keys);
        }
        self.write_in_order(tape, &trees)
    }

    /// What the trees are sorted by.
    pub(super) fn keys(&self, tape: &Tape, trees: &Trees) -> Result<Vec<SortKey>> {
        let mut keys = Vec::with_capacity(trees.list().len());
        self.maker.each(
            tape,
            trees,
            Delivery::ByWorkers,
            || (),
            |(), assembler, material, out: &mut Vec<SortKey>| {
                out.push(self.order.key(&assembler.assemble_from(material)));
            },
            |found| {
                keys.append(found);
                Ok(())
            },
        )?;
        Ok(keys)
    }

    /// Writes trees as they stand.
    pub(super) fn write_in_order(&mut self, tape: &Tape, trees: &Trees) -> Result<()> {
        let Self {
            maker,
            stdout,
            writer,
            ..
        } = self;
        // Who waits for a reader does not work.
        let delivery = if stdout.has_reader() {
            Delivery::Apart
        } else {
            Delivery::ByWorkers
        };
        maker.each(
            tape,
            trees,
            delivery,
            || writer.pen(),
            |pen, assembler, material, out: &mut Vec<u8>| {
                pen.gathered(assembler, material, out);
            },
            |out| put(stdout, out),
        )
    }
}

/// Puts trees together, on all cores.
pub(super) struct Maker<'w> {
    pub(super) schemes: &'w Schemes,
    pub(super) jobs: usize,
}

impl Maker<'_> {
    /// Puts each tree together and hands on what is made of it, in order.
    fn each<T: Send, S>(
        &self,
        tape: &Tape,
        trees: &Trees,
        delivery: Delivery,
        state: impl Fn() -> S + Sync,
        make: impl Fn(&mut S, &mut Assembler, Material<'_, '_>, &mut Vec<T>) + Sync,
        mut hand_on: impl FnMut(&mut Vec<T>) -> Result<()> + Send,
    ) -> Result<()> {
        let library = Library::default();
        let worker = || {
            let mut assembler = Assembler::new(self.schemes);
            let mut head = Head::new(tape, &library);
            let mut state = state();
            let mut seen = Seen::default();
            let (mut spots, mut notes, mut records) = (Vec::new(), Vec::new(), Vec::new());
            let make = &make;
            move |numbers: &mut Range<usize>, (made, failed): &mut Made<T>| {
                made.clear();
                for tree in &trees.list()[numbers.clone()] {
                    trees.spots(tree, &mut seen, &mut spots);
                    head.next_request();
                    records.clear();
                    notes.clear();
                    for spot in &spots {
                        match head.read(spot.address, spot.length) {
                            Ok(record) => records.push(record),
                            Err(source) => {
                                *failed = Some(source);
                                return;
                            }
                        }
                        notes.push(spot.note);
                    }
                    let lines: Vec<_> = records.iter().map(|&record| head.bytes(record)).collect();
                    let material = Material {
                        name: trees.name(tree),
                        lines: &lines,
                        notes: &notes,
                    };
                    make(&mut state, &mut assembler, material, made);
                }
            }
        };
        pump::run(
            Ranges::new(trees.list().len(), trees_a_turn(trees)),
            self.jobs,
            delivery,
            worker,
            |event| {
                if let Event::Done(_, (made, failed)) = event {
                    if let Some(source) = failed.take() {
                        return Err(lost(source));
                    }
                    hand_on(made)?;
                }
                Ok(Flow::Continue)
            },
        )
    }
}

fn trees_a_turn(trees: &Trees) -> usize {
    let turns = trees.records() / RECORDS_A_TURN + 1;
    trees.list().len() / usize::try_from(turns).unwrap_or(usize::MAX)
}

/// What a worker has made in a turn, and why it could not go on.
type Made<T> = (Vec<T>, Option<io::Error>);

/// An input could not be read for the second time.
fn lost(source: io::Error) -> Error {
    let source = match source.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::other("it has become shorter while it was read"),
        _ => source,
    };
    Error::Read {
        place: "an input file".into(),
        source,
    }
}

pub(super) fn fail(source: io::Error) -> Error {
    Error::Temporary {
        folder: std::env::temp_dir(),
        source,
    }
}
