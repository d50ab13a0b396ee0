//! Trees of input that does not end: each as soon as it is complete, or when nothing more
//! has come for it, or when the memory is full.

use std::{
    collections::{BTreeSet, HashSet, VecDeque},
    time::{Duration, Instant},
};

use super::{Assembler, Chunk, Claimed, Event, Ledger, Result, Writer};
use crate::tree::{Collector, Schemes};

/// How many finished trees are remembered, to mark what comes late for them.
const REMEMBERED: usize = 65_536;

/// The open trees.
pub(super) struct Live {
    writer: Writer,
    window: Duration,
    grace: Duration,
    memory: usize,
    began: Instant,
    swept: u64,
    collector: Collector,
    assembler: Assembler,
    closed: Vec<u32>,
    /// Trees that may be complete by now and have not been looked at again.
    doubtful: BTreeSet<u32>,
    finished: Finished,
    out: Vec<u8>,
}

impl Live {
    pub(super) fn new(
        writer: Writer,
        window: Duration,
        grace: Duration,
        memory: usize,
        schemes: &Schemes,
    ) -> Self {
        Self {
            writer,
            window,
            grace: grace.min(window),
            memory,
            began: Instant::now(),
            swept: 0,
            collector: Collector::default(),
            assembler: Assembler::new(schemes),
            closed: Vec::new(),
            doubtful: BTreeSet::new(),
            finished: Finished::default(),
            out: Vec::new(),
        }
    }

    /// Takes in what a worker has claimed, and writes the trees that are due.
    pub(super) fn take(
        &mut self,
        event: Event<'_, Chunk, Claimed>,
        loose: &mut u64,
        ledger: &mut Ledger,
    ) -> Result<()> {
        let now = self.now();
        if let Event::Done(_, data) = event {
            *loose += data.loose;
            self.out.extend_from_slice(&data.pass);
            ledger.add_written(data.written());
            self.collector.absorb(
                std::mem::take(&mut data.bytes),
                &data.claims,
                now,
                &mut self.closed,
            );
            for number in std::mem::take(&mut self.closed) {
                self.emit_if_due(number);
            }
        } else {
            self.settle();
        }
        self.sweep(now);
        self.relieve();
        self.flush()
    }

    /// Writes all that is left.
    pub(super) fn finish(mut self) -> Result<()> {
        for number in self.by_age() {
            self.emit(number, Need::Nothing);
        }
        self.flush()
    }

    /// Milliseconds since the start.
    fn now(&self) -> u64 {
        millis(self.began.elapsed())
    }

    /// Writes a tree whose root has ended, if it is complete.
    ///
    /// Finding out costs as much as the tree is large. So one that was incomplete is looked
    /// at again when it has grown by an eighth, or when there is time for it.
    fn emit_if_due(&mut self, number: u32) {
        let Some(tree) = self.collector.tree(number) else {
            return;
        };
        if tree.records() > tree.tried + tree.tried / 8 {
            self.emit(number, Need::Certainty);
        } else if tree.records() > tree.tried {
            self.doubtful.insert(number);
        }
    }

    /// Writes the doubtful trees that are complete.
    fn settle(&mut self) {
        for number in std::mem::take(&mut self.doubtful) {
            if self
                .collector
                .tree(number)
                .is_some_and(|tree| tree.closed && tree.records() > tree.tried)
            {
                self.emit(number, Need::Certainty);
            }
        }
    }

    /// Writes a tree and lets it go, unless it lacks what it needs for that.
    fn emit(&mut self, number: u32, need: Need) {
        let Some(gathered) = self.collector.tree(number) else {
            return;
        };
        let lines: Vec<_> = self.collector.lines(gathered).collect();
        let mut tree = self.assembler.assemble(&lines);
        let due = match need {
            Need::Nothing => true,
            Need::Completeness => tree.complete,
            Need::Certainty => tree.complete && tree.certain,
        };
        if !due {
            self.collector.set_tried(number);
            return;
        }
        for id in self.collector.ids(gathered) {
            tree.continuation |= !self.finished.insert(id);
        }
        Writer::render(self.writer.flatten, &tree, &mut self.out);
        self.collector.remove(number);
    }

    /// Writes the trees that have been silent for the window, and those that seem complete
    /// after the grace. Looking for them goes through all, so it is not done all the time.
    fn sweep(&mut self, now: u64) {
        let (window, grace) = (millis(self.window), millis(self.grace));
        if now.saturating_sub(self.swept) < grace.min(window) / 4 {
            return;
        }
        self.swept = now;
        self.settle();
        let need = |seen: u64, closed: bool| match now.saturating_sub(seen) {
            silence if silence >= window => Some(Need::Nothing),
            silence if silence >= grace && closed => Some(Need::Completeness),
            _ => None,
        };
        let due: Vec<_> = self
            .collector
            .trees()
            .filter_map(|(number, tree)| {
                Some((
                    number,
                    need(tree.seen, tree.closed && tree.records() > tree.waited)?,
                ))
            })
            .collect();
        for (number, need) in due {
            self.emit(number, need);
            self.collector.set_waited(number);
        }
    }

    /// Writes the oldest trees while there is too much in memory.
    fn relieve(&mut self) {
        if self.collector.memory() <= self.memory {
            return;
        }
        for number in self.by_age() {
            if self.collector.memory() <= self.memory / 2 {
                break;
            }
            self.emit(number, Need::Nothing);
        }
    }

    fn by_age(&self) -> Vec<u32> {
        let mut trees: Vec<_> = self
            .collector
            .trees()
            .map(|(number, tree)| (tree.first, number))
            .collect();
        trees.sort_unstable();
        trees.into_iter().map(|(_, number)| number).collect()
    }

    fn flush(&mut self) -> Result<()> {
        self.writer.write(&self.out)?;
        self.out.clear();
        Ok(())
    }
}

/// What a tree needs to be written.
#[derive(Clone, Copy)]
enum Need {
    /// Nothing: its time is over.
    Nothing,
    /// All that has begun has ended.
    Completeness,
    /// All that was announced is there.
    Certainty,
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The ids of the trees finished last.
#[derive(Default)]
struct Finished {
    ids: HashSet<Box<str>>,
    order: VecDeque<Box<str>>,
}

impl Finished {
    /// Remembers an id; false if it was there already.
    fn insert(&mut self, id: &str) -> bool {
        if !self.ids.insert(id.into()) {
            return false;
        }
        self.order.push_back(id.into());
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}
