//! The one loop under every program: work in, workers, results out in order.
//!
//! Workers take turns. Whoever is free takes the stock's lock and the next item with its
//! number, works on it outside the lock, and delivers when its number comes up. There are
//! no queues, so memory is bounded by the number of workers, and a chunk is worked on by
//! the core that has just read it. A slow delivery holds the workers back, and they the
//! writer of our input: that is all the backpressure there is to it.

use std::{
    ops::Range,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use crate::{
    error::Result,
    source::{Chunk, Fill, Reader},
};

/// Whether to go on after a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// There may be more.
    Continue,
    /// Enough: read no further.
    Stop,
}

/// What is delivered, in order.
#[derive(Debug)]
pub enum Event<'a, I, T> {
    /// An item and what a worker made of it.
    Done(&'a I, &'a mut T),
    /// There has been no input for a while.
    Idle,
}

/// Where workers get their items.
pub trait Stock: Send {
    /// What a worker works on; reused from call to call.
    type Item: Default;

    /// Takes the next item.
    fn take(&mut self, item: &mut Self::Item) -> Result<Fill>;

    /// Something that makes a `take` that waits come back, for when all is over.
    fn canceller(&self) -> Box<dyn Fn() + Send + Sync> {
        Box::new(|| ())
    }
}

impl Stock for Reader {
    type Item = Chunk;

    fn take(&mut self, chunk: &mut Chunk) -> Result<Fill> {
        self.fill(chunk)
    }

    fn canceller(&self) -> Box<dyn Fn() + Send + Sync> {
        let shutdown = self.shutdown().clone();
        Box::new(move || shutdown.ask())
    }
}

/// A stock of numbers, handed out in ranges.
#[derive(Debug)]
pub struct Ranges {
    left: Range<usize>,
    step: usize,
}

impl Ranges {
    /// The numbers below `end`, `step` at a time.
    pub fn new(end: usize, step: usize) -> Self {
        Self {
            left: 0..end,
            step: step.max(1),
        }
    }
}

impl Stock for Ranges {
    type Item = Range<usize>;

    fn take(&mut self, range: &mut Range<usize>) -> Result<Fill> {
        let middle = self.left.end.min(self.left.start + self.step);
        *range = self.left.start..middle;
        self.left.start = middle;
        Ok(if range.start == range.end {
            Fill::End
        } else {
            Fill::Lines
        })
    }
}

/// The stack of a worker in bytes. A tree of the deepest scopes that are believed (1,000)
/// takes more than the usual 2 MiB in a debug build; what is not touched costs nothing.
const STACK: usize = 32 << 20;

/// Works off `stock`: `jobs` workers made by `worker`, each result handed to `deliver` in
/// the order of the stock.
///
/// A worker gets the item and a result to overwrite; both are reused.
pub fn run<S, T, W>(
    stock: S,
    jobs: usize,
    worker: impl Fn() -> W + Sync,
    deliver: impl FnMut(Event<'_, S::Item, T>) -> Result<Flow> + Send,
) -> Result<()>
where
    S: Stock,
    T: Default,
    W: FnMut(&mut S::Item, &mut T),
{
    let line = Line {
        cancel: stock.canceller(),
        input: Mutex::new(Input { stock, next: 0 }),
        output: Mutex::new(Output {
            deliver,
            next: 0,
            over: None,
        }),
        turn: Condvar::new(),
        stopped: AtomicBool::new(false),
    };
    thread::scope(|scope| {
        let start = || {
            let thread = thread::Builder::new().stack_size(STACK);
            thread.spawn_scoped(scope, || line.work(worker()))
        };
        let workers: Vec<_> = (0..jobs.max(1)).filter_map(|_| start().ok()).collect();
        // A machine that gives fewer threads still gives its own one.
        if workers.is_empty() {
            line.work(worker());
        }
        // A handle that is dropped detaches its thread, and glibc may then look at the stack of
        // a thread that has just ended and unmapped it: a crash, if a rare one.
        for worker in workers {
            if let Err(panic) = worker.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    let output = line
        .output
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    output.over.unwrap_or(Ok(()))
}

/// The assembly line that the workers share.
struct Line<S, D> {
    input: Mutex<Input<S>>,
    output: Mutex<Output<D>>,
    turn: Condvar,
    stopped: AtomicBool,
    cancel: Box<dyn Fn() + Send + Sync>,
}

struct Input<S> {
    stock: S,
    next: u64,
}

struct Output<D> {
    deliver: D,
    next: u64,
    /// How it ended, once it has: later items are dropped.
    over: Option<Result<()>>,
}

impl<S: Stock, D> Line<S, D> {
    fn work<T, W>(&self, mut worker: W)
    where
        T: Default,
        W: FnMut(&mut S::Item, &mut T),
        D: FnMut(Event<'_, S::Item, T>) -> Result<Flow>,
    {
        let mut item = S::Item::default();
        let mut result = T::default();
        while let Some((number, fill)) = self.take(&mut item) {
            match fill {
                Err(error) => return self.deliver(number, |_| Err(error)),
                Ok(Fill::End) => return self.deliver(number, |_| Ok(Flow::Stop)),
                Ok(Fill::Idle) => self.deliver(number, |deliver| deliver(Event::Idle)),
                Ok(Fill::Lines) => {
                    worker(&mut item, &mut result);
                    self.deliver(number, |deliver| deliver(Event::Done(&item, &mut result)));
                }
            }
        }
    }

    /// Takes the next item, unless all is over.
    fn take(&self, item: &mut S::Item) -> Option<(u64, Result<Fill>)> {
        let mut input = lock(&self.input);
        if self.stopped.load(Ordering::Relaxed) {
            return None;
        }
        let number = input.next;
        input.next += 1;
        let fill = input.stock.take(item);
        if !matches!(fill, Ok(Fill::Lines | Fill::Idle)) {
            self.stopped.store(true, Ordering::Relaxed);
        }
        Some((number, fill))
    }

    /// Waits for the turn of `number`, delivers unless all is over, and passes the turn on.
    fn deliver(&self, number: u64, act: impl FnOnce(&mut D) -> Result<Flow>) {
        let not_yet = |output: &mut Output<D>| output.over.is_none() && output.next != number;
        let mut output = self
            .turn
            .wait_while(lock(&self.output), not_yet)
            .unwrap_or_else(PoisonError::into_inner);
        if output.over.is_some() {
            return;
        }
        output.next += 1;
        output.over = match act(&mut output.deliver) {
            Ok(Flow::Continue) => None,
            Ok(Flow::Stop) => Some(Ok(())),
            Err(error) => Some(Err(error)),
        };
        // Before the end of the stock another worker may be waiting for more of it, which
        // nobody needs any more.
        if output.over.is_some() && !self.stopped.swap(true, Ordering::Relaxed) {
            (self.cancel)();
        }
        drop(output);
        self.turn.notify_all();
    }
}

/// Locks; a worker that panicked takes the program down anyway, so poison means nothing.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Once in some hundred thousand runs, on a busy machine, the end of a worker crashed the
    /// program, as long as its handle was dropped (200,000 runs showed it).
    #[test]
    fn workers_that_end_at_once_do_no_harm() {
        for _ in 0..3_000 {
            let mut delivered = 0;
            let worker = || |_: &mut Range<usize>, (): &mut ()| ();
            run(Ranges::new(3, 1), 4, worker, |_: Event<'_, _, ()>| {
                delivered += 1;
                Ok(Flow::Continue)
            })
            .expect("nothing fails");
            assert_eq!(delivered, 3);
        }
    }
}
