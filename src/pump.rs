//! The one loop under every program: work in, workers, results out in order.
//!
//! Workers take turns. Whoever is free takes the stock's lock and the next item with its
//! number, and works on it outside the lock, so that a chunk is worked on by the core that has
//! just read it. Whose number comes up delivers, and with it what others have put down that
//! comes next; who is early puts down what it has made and goes on. Where a delivery mostly
//! waits, for the reader of a pipe, a thread of its own delivers. What may lie there is bounded,
//! so a slow delivery holds the workers back, and they the writer of our input: that is all the
//! backpressure there is to it.

use std::{
    collections::VecDeque,
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

/// Who delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The workers: what has just been made is in the cache of one's core.
    ByWorkers,
    /// A thread of its own, unless there is just one worker: a worker that waits does not work.
    Apart,
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
    type Item: Default + Send;

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
    delivery: Delivery,
    worker: impl Fn() -> W + Sync,
    deliver: impl FnMut(Event<'_, S::Item, T>) -> Result<Flow> + Send,
) -> Result<()>
where
    S: Stock,
    T: Default + Send,
    W: FnMut(&mut S::Item, &mut T),
{
    let jobs = jobs.max(1);
    let apart = delivery == Delivery::Apart && jobs > 1;
    let line = Line {
        cancel: stock.canceller(),
        input: Mutex::new(Input { stock, next: 0 }),
        output: Mutex::new(Output {
            deliver: Some(deliver),
            apart,
            workers: jobs,
            next: 0,
            early: VecDeque::new(),
            spare: Vec::new(),
            over: None,
        }),
        room: jobs * EACH + if apart { AHEAD } else { 0 },
        turn: Condvar::new(),
        ready: Condvar::new(),
        stopped: AtomicBool::new(false),
    };
    thread::scope(|scope| {
        let thread = || thread::Builder::new().stack_size(STACK);
        let start = || thread().spawn_scoped(scope, || line.work(worker()));
        let mut threads = Vec::with_capacity(jobs + 1);
        if apart {
            match thread().spawn_scoped(scope, || line.deliver_all()) {
                Ok(thread) => threads.push(thread),
                Err(_) => lock(&line.output).apart = false,
            }
        }
        let workers: Vec<_> = (0..jobs).filter_map(|_| start().ok()).collect();
        // A machine that gives fewer threads still gives its own one.
        lock(&line.output).workers -= jobs - workers.len().max(1);
        if workers.is_empty() {
            line.work(worker());
        }
        threads.extend(workers);
        // A handle that is dropped detaches its thread, and glibc may then look at the stack of
        // a thread that has just ended and unmapped it: a crash, if a rare one.
        for thread in threads {
            if let Err(panic) = thread.join() {
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

/// How many items each worker may be at or have put down, on average.
const EACH: usize = 2;
/// How many more may lie there if a thread of its own delivers: as many as workers make while it waits
/// for the reader of a pipe.
const AHEAD: usize = 6;

/// The assembly line that the workers share.
struct Line<S: Stock, T, D> {
    input: Mutex<Input<S>>,
    output: Mutex<Output<S::Item, T, D>>,
    /// How many items may be taken that are not delivered.
    room: usize,
    /// An item has been delivered.
    turn: Condvar,
    /// The next item has been put down.
    ready: Condvar,
    stopped: AtomicBool,
    cancel: Box<dyn Fn() + Send + Sync>,
}

struct Input<S> {
    stock: S,
    next: u64,
}

struct Output<I, T, D> {
    /// Nobody's while somebody delivers.
    deliver: Option<D>,
    /// True if a thread of its own does.
    apart: bool,
    /// How many workers have not ended.
    workers: usize,
    next: u64,
    /// What has been made of the items from `next` on, as far as it has.
    early: VecDeque<Option<Made<I, T>>>,
    /// Memory for the next items.
    spare: Vec<(I, T)>,
    /// How it ended, once it has: later items are dropped.
    over: Option<Result<()>>,
}

/// An item, as it was taken, and what was made of it.
struct Made<I, T> {
    fill: Result<Fill>,
    item: I,
    result: T,
}

impl<I, T, D> Output<I, T, D> {
    /// True if what comes next has been made.
    fn is_ready(&self) -> bool {
        matches!(self.early.front(), Some(Some(_)))
    }
}

/// The end of a worker, in whatever way.
struct End<'l, S: Stock, T, D>(&'l Line<S, T, D>);

impl<S: Stock, T, D> Drop for End<'_, S, T, D> {
    fn drop(&mut self) {
        lock(&self.0.output).workers -= 1;
        self.0.ready.notify_one();
    }
}

impl<S, T, D> Line<S, T, D>
where
    S: Stock,
    T: Default,
    D: FnMut(Event<'_, S::Item, T>) -> Result<Flow>,
{
    fn work<W>(&self, mut worker: W)
    where
        W: FnMut(&mut S::Item, &mut T),
    {
        let _end = End(self);
        let mut memory = <(S::Item, T)>::default();
        while let Some((number, fill)) = self.take(&mut memory.0) {
            let (mut item, mut result) = memory;
            if matches!(fill, Ok(Fill::Lines)) {
                worker(&mut item, &mut result);
            }
            let Some(spare) = self.put_down(number, Made { fill, item, result }) else {
                return;
            };
            memory = spare;
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

    /// Puts down what was made of the item of that number, once there is room for it, and
    /// delivers what can be by now, unless somebody else does. Returns memory for the next item, unless
    /// all is over.
    fn put_down(&self, number: u64, made: Made<S::Item, T>) -> Option<(S::Item, T)> {
        let distance = |next: u64| usize::try_from(number - next).unwrap_or(usize::MAX);
        let has_no_room = |output: &mut Output<S::Item, T, D>| {
            output.over.is_none() && distance(output.next) >= self.room
        };
        let mut output = self
            .turn
            .wait_while(lock(&self.output), has_no_room)
            .unwrap_or_else(PoisonError::into_inner);
        if output.over.is_some() {
            return None;
        }
        let place = distance(output.next);
        if output.early.len() <= place {
            output.early.resize_with(place + 1, || None);
        }
        output.early[place] = Some(made);
        if output.apart {
            if place == 0 {
                self.ready.notify_one();
            }
        } else if let Some(mut deliver) = output.deliver.take() {
            while output.is_ready() {
                output = self.deliver(output, &mut deliver);
            }
            output.deliver = Some(deliver);
        }
        match output.over {
            None => Some(output.spare.pop().unwrap_or_default()),
            Some(_) => None,
        }
    }

    /// Delivers everything, until all is over or the workers have ended.
    fn deliver_all(&self) {
        let mut output = lock(&self.output);
        let Some(mut deliver) = output.deliver.take() else {
            return;
        };
        let waits = |output: &mut Output<S::Item, T, D>| {
            output.over.is_none() && output.workers > 0 && !output.is_ready()
        };
        loop {
            output = self
                .ready
                .wait_while(output, waits)
                .unwrap_or_else(PoisonError::into_inner);
            if output.over.is_some() || !output.is_ready() {
                return;
            }
            output = self.deliver(output, &mut deliver);
        }
    }

    /// Delivers what comes next, which has been made.
    fn deliver<'l>(
        &'l self,
        mut output: MutexGuard<'l, Output<S::Item, T, D>>,
        deliver: &mut D,
    ) -> MutexGuard<'l, Output<S::Item, T, D>> {
        let Some(Some(mut made)) = output.early.pop_front() else {
            return output;
        };
        output.next += 1;
        drop(output);
        let flow = match made.fill {
            Err(error) => Err(error),
            Ok(Fill::End) => Ok(Flow::Stop),
            Ok(Fill::Idle) => deliver(Event::Idle),
            Ok(Fill::Lines) => deliver(Event::Done(&made.item, &mut made.result)),
        };
        let mut output = lock(&self.output);
        output.spare.push((made.item, made.result));
        output.over = match flow {
            Ok(Flow::Continue) => None,
            Ok(Flow::Stop) => Some(Ok(())),
            Err(error) => Some(Err(error)),
        };
        if output.over.is_some() {
            output.early.clear();
            // Before the end of the stock another worker may be waiting for more of it, which
            // nobody needs any more.
            if !self.stopped.swap(true, Ordering::Relaxed) {
                (self.cancel)();
            }
        }
        self.turn.notify_all();
        output
    }
}

/// Locks; a worker that panicked takes the program down anyway, so poison means nothing.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
