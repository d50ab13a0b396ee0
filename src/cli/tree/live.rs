//! Trees of input that does not end: each as soon as it is complete, or when nothing more
//! has come for it, or when the memory is full.

mod progress;
mod remembered;
mod shown;
mod waiting;

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Assembler, Chunk, Claimed, Event, Result, Stdout, Writer, live_args::LiveArgs, put, writer::Pen,
};
use crate::tree::{Collector, Schemes, Status, Tree};
use progress::Progress;
use remembered::Remembered;
use waiting::Waiting;

/// The open trees.
pub(super) struct Live<'w> {
    pen: Pen<'w>,
    stdout: Stdout,
    /// In milliseconds, like all times here.
    idle: u64,
    grace: u64,
    memory: usize,
    began: Instant,
    swept: u64,
    collector: Collector,
    assembler: Assembler,
    closed: Vec<u32>,
    /// Trees that may be complete by now and have not been looked at again.
    doubtful: BTreeSet<u32>,
    /// Trees whose root has ended and that wait for their grace to pass.
    waiting: Waiting,
    /// The trees that are over, and how they ended.
    finished: Remembered<Ended>,
    /// Those of them that have been written, if only some are.
    selected: Remembered<()>,
    progress: Progress,
    out: Vec<u8>,
}

impl<'w> Live<'w> {
    pub(super) fn new(
        writer: &'w Writer,
        stdout: Stdout,
        idle: Duration,
        args: &LiveArgs,
        memory: usize,
        schemes: &Schemes,
    ) -> Self {
        Self {
            pen: writer.pen(),
            stdout,
            idle: millis(idle),
            grace: millis(args.grace.min(idle)),
            memory,
            began: Instant::now(),
            swept: 0,
            collector: Collector::default(),
            assembler: Assembler::new(schemes),
            closed: Vec::new(),
            doubtful: BTreeSet::new(),
            waiting: Waiting::default(),
            finished: Remembered::default(),
            selected: Remembered::default(),
            progress: Progress::new(args.progress_every.map(millis)),
            out: Vec::new(),
        }
    }

    /// Takes in what a worker has claimed, and writes the trees that are due.
    pub(super) fn take(&mut self, event: Event<'_, Chunk, Claimed>, loose: &mut u64) -> Result<()> {
        let now = self.now();
        if let Event::Done(_, data) = event {
            *loose += data.loose;
            self.out.extend_from_slice(&data.pass);
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
        self.pass_grace(now);
        self.sweep(now);
        self.relieve();
        self.show_progress(now);
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
        self.waiting.add(number, tree.seen + self.grace);
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
        // What another tree has, which its records name, is announced by none of them.
        let is_joined = self.collector.ids(gathered).nth(1).is_some();
        if is_joined && matches!(need, Need::Certainty) {
            return;
        }
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
        let ids = || self.collector.ids(gathered);
        resume(&mut tree, ids().filter_map(|id| self.finished.get(id)));
        self.progress.names.replace(ids(), &mut tree);
        let is_late = ids().any(|id| self.selected.get(id).is_some());
        // Who has a snapshot is told what has become of it.
        let is_shown = self.progress.names.has(ids());
        let ended = Ended {
            status: tree.status,
            tree: Arc::from(&*tree.id),
        };
        for id in ids() {
            self.finished.insert(id, ended.clone());
            self.progress.forget(number, id);
        }
        if is_late {
            self.pen.render_late(&mut tree, &mut self.out);
        } else if self.pen.render_own(&mut tree, is_shown, &mut self.out) && self.pen.selects() {
            for id in ids() {
                self.selected.insert(id, ());
            }
        }
        self.collector.remove(number);
    }

    /// Writes the trees that seem complete and whose grace is over.
    fn pass_grace(&mut self, now: u64) {
        while let Some(number) = self.waiting.next(now) {
            let Some(tree) = self.collector.tree(number).filter(|tree| tree.closed) else {
                continue;
            };
            if now.saturating_sub(tree.seen) < self.grace {
                self.waiting.add(number, tree.seen + self.grace);
            } else {
                self.emit(number, Need::Completeness);
            }
        }
    }

    /// Writes the trees that have been silent for too long. Looking for them goes through all,
    /// so it is not done all the time.
    fn sweep(&mut self, now: u64) {
        /// Between two sweeps, at least and at most.
        const PAUSE: (u64, u64) = (10, 1_000);
        if now.saturating_sub(self.swept) < (self.idle / 10).clamp(PAUSE.0, PAUSE.1) {
            return;
        }
        self.swept = now;
        self.settle();
        let silent = |seen: u64| now.saturating_sub(seen) >= self.idle;
        let due: Vec<_> = self
            .collector
            .trees()
            .filter(|(_, tree)| silent(tree.seen))
            .map(|(number, _)| number)
            .collect();
        for number in due {
            self.emit(number, Need::Nothing);
        }
    }

    /// Writes what has changed of trees that are not over, if that is asked for.
    fn show_progress(&mut self, now: u64) {
        let Self {
            progress,
            collector,
            assembler,
            pen,
            out,
            finished,
            ..
        } = self;
        progress.run(now, collector, |gathered, names| {
            let lines: Vec<_> = collector.lines(gathered).collect();
            let mut tree: Tree<'_> = assembler.assemble(&lines);
            let ids = || collector.ids(gathered);
            resume(&mut tree, ids().filter_map(|id| finished.get(id)));
            if pen.prepare(&mut tree) || names.has(ids()) {
                names.replace(ids(), &mut tree);
                names.count(ids(), &mut tree);
                pen.put_down(&tree, out);
            }
        });
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
        put(&mut self.stdout, &self.out)?;
        self.out.clear();
        Ok(())
    }
}

/// A tree that is over: how it ended, and what it was called.
#[derive(Clone)]
struct Ended {
    status: Status,
    tree: Arc<str>,
}

/// Says in a tree what has been written of its request before, if anything has.
fn resume<'e>(tree: &mut Tree<'_>, earlier: impl Iterator<Item = &'e Ended>) {
    let earlier: Vec<_> = earlier.collect();
    if let Some(status) = earlier.iter().map(|ended| ended.status).max() {
        tree.continue_from(status, earlier.iter().map(|ended| &*ended.tree));
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
