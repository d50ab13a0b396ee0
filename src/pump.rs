//! The one loop under every filter: chunks in, workers, results out in order.
//!
//! Workers take turns. Whoever is free takes the input's lock, reads the next chunk and its
//! number, works on it outside the lock, and delivers when its number comes up. There are
//! no queues, so memory is bounded by the number of workers, and a chunk is worked on by
//! the core that has just read it. A slow delivery holds the workers back, and they the
//! writer of our input: that is all the backpressure there is to it.

use std::{
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use crate::{
    error::Result,
    shutdown::Shutdown,
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
pub enum Event<'a, T> {
    /// A chunk and what a worker made of it.
    Chunk(&'a Chunk, &'a mut T),
    /// There has been no input for a while.
    Idle,
}

/// Runs `reader` dry: `jobs` workers made by `worker`, each result handed to `deliver` in
/// the order of the input.
///
/// A worker gets the chunk and a result to overwrite: both are reused. It must leave the
/// result such that it can be delivered, and cleared by the next call.
pub fn run<T, W>(
    reader: Reader,
    jobs: usize,
    worker: impl Fn() -> W + Sync,
    deliver: impl FnMut(Event<'_, T>) -> Result<Flow> + Send,
) -> Result<()>
where
    T: Default + Send,
    W: FnMut(&mut Chunk, &mut T),
{
    let line = Line {
        shutdown: reader.shutdown().clone(),
        input: Mutex::new(Input { reader, next: 0 }),
        output: Mutex::new(Output { deliver, next: 0, over: None }),
        turn: Condvar::new(),
        stopped: AtomicBool::new(false),
    };
    thread::scope(|scope| {
        for _ in 1..jobs.max(1) {
            scope.spawn(|| line.work(worker()));
        }
        line.work(worker());
    });
    let output = line.output.into_inner().unwrap_or_else(PoisonError::into_inner);
    output.over.unwrap_or(Ok(()))
}

/// The assembly line that the workers share.
struct Line<D> {
    input: Mutex<Input>,
    output: Mutex<Output<D>>,
    turn: Condvar,
    stopped: AtomicBool,
    shutdown: Shutdown,
}

struct Input {
    reader: Reader,
    next: u64,
}

struct Output<D> {
    deliver: D,
    next: u64,
    /// How it ended, once it has: later chunks are dropped.
    over: Option<Result<()>>,
}

impl<D> Line<D> {
    fn work<T, W>(&self, mut worker: W)
    where
        T: Default,
        W: FnMut(&mut Chunk, &mut T),
        D: FnMut(Event<'_, T>) -> Result<Flow>,
    {
        let mut chunk = Chunk::default();
        let mut result = T::default();
        while let Some((number, fill)) = self.read(&mut chunk) {
            match fill {
                Err(error) => return self.deliver(number, |_| Err(error)),
                Ok(Fill::End) => return self.deliver(number, |_| Ok(Flow::Stop)),
                Ok(Fill::Idle) => self.deliver(number, |deliver| deliver(Event::Idle)),
                Ok(Fill::Lines) => {
                    worker(&mut chunk, &mut result);
                    self.deliver(number, |deliver| deliver(Event::Chunk(&chunk, &mut result)));
                }
            }
        }
    }

    /// Reads the next chunk, unless all is over.
    fn read(&self, chunk: &mut Chunk) -> Option<(u64, Result<Fill>)> {
        let mut input = lock(&self.input);
        if self.stopped.load(Ordering::Relaxed) {
            return None;
        }
        let number = input.next;
        input.next += 1;
        let fill = input.reader.fill(chunk);
        if !matches!(fill, Ok(Fill::Lines | Fill::Idle)) {
            self.stopped.store(true, Ordering::Relaxed);
        }
        Some((number, fill))
    }

    /// Waits for the turn of `number`, delivers unless all is over, and passes the turn on.
    fn deliver(&self, number: u64, act: impl FnOnce(&mut D) -> Result<Flow>) {
        let not_yet = |output: &mut Output<D>| output.over.is_none() && output.next != number;
        let mut output = self.turn.wait_while(lock(&self.output), not_yet).unwrap_or_else(PoisonError::into_inner);
        if output.over.is_some() {
            return;
        }
        output.next += 1;
        let over = match act(&mut output.deliver) {
            Ok(Flow::Continue) => None,
            Ok(Flow::Stop) => Some(Ok(())),
            Err(error) => Some(Err(error)),
        };
        if over.is_some() {
            output.over = over;
            self.stopped.store(true, Ordering::Relaxed);
            // Another worker may be waiting for input that nobody needs any more.
            self.shutdown.ask();
        }
        drop(output);
        self.turn.notify_all();
    }
}

/// Locks; a worker that panicked takes the program down anyway, so poison means nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
