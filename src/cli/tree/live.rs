//! Trees of input that does not end: each as soon as it is complete, or when nothing more
//! has come for it, or when the memory is full.

use std::{
    collections::{BTreeSet, HashSet, VecDeque},
    time::{Duration, Instant},
};

use super::{Assembler, Chunk, Claimed, Event, Ledger, Result, Writer};
use crate::tree::Collector;

/// How many finished trees are remembered, to mark what comes late for them.
const REMEMBERED: usize = 65_536;

/// The open trees.
pub(super) struct Live {
    writer: Writer,
    window: Duration,
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
    pub(super) fn new(writer: Writer, window: Duration, memory: usize) -> Self {
        Self {
            writer,
            window,
            memory,
            began: Instant::now(),
            swept: 0,
            collector: Collector::default(),
            assembler: Assembler::default(),
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
            ledger.add_written(data.claims.len() as u64);
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
    pub(super) fn finish(mut self, _ledger: &mut Ledger) -> Result<()> {
        for number in self.by_age() {
            self.emit(number, false);
        }
        self.flush()
    }

    /// Milliseconds since the start.
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
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
            self.emit(number, true);
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
                self.emit(number, true);
            }
        }
    }

    /// Writes a tree and lets it go; if it has to be complete and is not, it stays.
    fn emit(&mut self, number: u32, complete: bool) {
        let Some(gathered) = self.collector.tree(number) else {
            return;
        };
        let lines: Vec<_> = self.collector.lines(gathered).collect();
        let mut tree = self
            .assembler
            .assemble(&gathered.id, gathered.scheme, &lines);
        if complete && !tree.complete {
            self.collector.set_tried(number);
            return;
        }
        tree.continuation = !self.finished.insert(&gathered.id);
        Writer::render(self.writer.flatten, &tree, &mut self.out);
        self.collector.remove(number);
    }

    /// Writes the trees that have been silent for the window. Looking for them goes through
    /// all, so it is done ten times a window.
    fn sweep(&mut self, now: u64) {
        let window = u64::try_from(self.window.as_millis()).unwrap_or(u64::MAX);
        if now.saturating_sub(self.swept) < window / 10 {
            return;
        }
        self.swept = now;
        self.settle();
        let silent = |seen: u64| now.saturating_sub(seen) >= window;
        let due: Vec<_> = self
            .collector
            .trees()
            .filter(|(_, tree)| silent(tree.seen))
            .map(|(n, _)| n)
            .collect();
        for number in due {
            self.emit(number, false);
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
            self.emit(number, false);
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
