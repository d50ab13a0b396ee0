//! Running a feed: its pump, and the ledger that goes with it.

use std::sync::atomic::Ordering;

use super::{
    super::{
        Outcome,
        common::Foreign,
        failures::Failures,
        ledger::{Ledger, Tally},
        reasons::Reasons,
    },
    Feed, Screen,
};
use crate::{
    error::{Error, Result},
    pump::{self, Delivery, Event, Flow},
    source::Chunk,
};

/// What a worker makes of a chunk.
#[derive(Debug, Default)]
pub(in crate::cli) struct Batch<T> {
    /// What became of the lines.
    pub(in crate::cli) tally: Tally,
    /// The program's own result.
    pub(in crate::cli) data: T,
}

/// What comes of reading, one after the other.
pub(in crate::cli) enum Step<'a, T> {
    /// A chunk that is not in the ledger yet: its tally may be that of less.
    Count(&'a Chunk, &'a mut Batch<T>),
    /// What is to be delivered.
    Deliver(Event<'a, Chunk, T>),
}

impl Feed {
    /// Runs the pump: `worker` makes functions that work on a chunk, `deliver` takes what
    /// they made, in order. Returns the ledger, to be finished, and whether an input failed.
    pub(in crate::cli) fn run<T, W>(
        self,
        worker: impl Fn(Screen) -> W + Sync,
        deliver: impl FnMut(Event<'_, Chunk, T>, &mut Ledger) -> Result<Flow> + Send,
    ) -> Result<Run>
    where
        T: Default + Send,
        W: FnMut(&mut Chunk, &mut Batch<T>),
    {
        self.run_steps(worker, delivering(deliver))
    }

    /// The same for who knows of a chunk only in order how much of it counts.
    pub(in crate::cli) fn run_steps<T, W>(
        mut self,
        worker: impl Fn(Screen) -> W + Sync,
        mut step: impl FnMut(Step<'_, T>, &mut Ledger) -> Result<Flow> + Send,
    ) -> Result<Run>
    where
        T: Default + Send,
        W: FnMut(&mut Chunk, &mut Batch<T>),
    {
        let (left, held) = (self.left.take(), self.held.take());
        // The chunk of which delivery fails has not been written, or not as a whole.
        let mut before = 0;
        let mut failed = 0;
        let (ran, mut run) = self.steps(worker, |next, ledger| {
            let done = step(next, ledger);
            if done.is_err() {
                failed = ledger.written().saturating_sub(before);
            }
            before = ledger.written();
            done
        });
        if let Err(error) = ran {
            let failed = held.map_or(failed, |held| held.load(Ordering::Relaxed));
            // What was rejected is said even so, but to nobody who has left.
            if let Some(left) = left {
                left.leave(run.ledger, failed);
            } else if !matches!(error, Error::ReaderLeft) {
                run.ledger.undeliver(failed);
                run.ledger.balance();
                run.ledger.finish();
            }
            return Err(error);
        }
        Ok(run)
    }

    /// Like `run`, but returns the ledger whatever went wrong, for programs that know more
    /// about what was not delivered once their destinations are finished.
    pub(in crate::cli) fn run_to_end<T, W>(
        self,
        worker: impl Fn(Screen) -> W + Sync,
        deliver: impl FnMut(Event<'_, Chunk, T>, &mut Ledger) -> Result<Flow> + Send,
    ) -> (Result<()>, Run)
    where
        T: Default + Send,
        W: FnMut(&mut Chunk, &mut Batch<T>),
    {
        self.steps(worker, delivering(deliver))
    }

    fn steps<T, W>(
        self,
        worker: impl Fn(Screen) -> W + Sync,
        mut step: impl FnMut(Step<'_, T>, &mut Ledger) -> Result<Flow> + Send,
    ) -> (Result<()>, Run)
    where
        T: Default + Send,
        W: FnMut(&mut Chunk, &mut Batch<T>),
    {
        let screen = self.screen();
        let Self {
            reader,
            jobs,
            foreign,
            mut ledger,
            failures,
            ..
        } = self;
        let metered = ledger.is_metered();
        let books = &mut ledger;
        let ran = pump::run(
            reader,
            jobs,
            Delivery::ByWorkers,
            || {
                let mut work = worker(screen);
                move |chunk: &mut Chunk, batch: &mut Batch<T>| {
                    batch.tally.clear();
                    batch.tally.unfinished = chunk.is_unfinished();
                    batch.tally.reasons = metered.then(Reasons::default);
                    work(chunk, batch);
                }
            },
            |event| match event {
                Event::Idle => step(Step::Deliver(Event::Idle), books),
                Event::Done(chunk, batch) => {
                    step(Step::Count(chunk, batch), books)?;
                    let failure = books
                        .failure(chunk, &batch.tally)
                        .filter(|_| foreign == Foreign::Fail);
                    books.absorb(chunk, &batch.tally)?;
                    let event = Event::Done(chunk, &mut batch.data);
                    let flow = step(Step::Deliver(event), books)?;
                    // The workers stop at a line that is a failure: what is enough came before it.
                    match failure {
                        Some(words) if flow == Flow::Continue => Err(Error::Failed(words)),
                        _ => Ok(flow),
                    }
                }
            },
        );
        (ran, Run { ledger, failures })
    }
}

/// Steps of who counts all of each chunk.
fn delivering<T>(
    mut deliver: impl FnMut(Event<'_, Chunk, T>, &mut Ledger) -> Result<Flow>,
) -> impl FnMut(Step<'_, T>, &mut Ledger) -> Result<Flow> {
    move |step, ledger| match step {
        Step::Count(..) => Ok(Flow::Continue),
        Step::Deliver(event) => deliver(event, ledger),
    }
}

/// A pump that has run dry.
#[derive(Debug)]
pub(in crate::cli) struct Run {
    pub(in crate::cli) ledger: Ledger,
    pub(in crate::cli) failures: Failures,
}

impl Run {
    /// The end: what the ledger says, or 2 if an input failed.
    pub(in crate::cli) fn finish(self) -> Outcome {
        let outcome = self.ledger.finish();
        if self.failures.any() {
            Outcome::Incomplete(2)
        } else {
            outcome
        }
    }
}
