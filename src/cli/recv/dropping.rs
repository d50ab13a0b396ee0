//! `dl-recv --drop-when-full`: records are dropped, and counted, while the output takes none.
//!
//! What comes waits in memory, up to a bound, for a thread that writes it. Beyond that it is gone,
//! and a record with the count goes out in its place when the output takes something again.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use clap::Args;

use super::{Outlet, Program, RecvArgs, say};
use crate::{
    cli::{
        common::{now, parse_size},
        ledger::plural,
    },
    error::{Error, Result},
    sink::Sink,
};

/// How often the end of the thread that writes is noticed.
const TICK: Duration = Duration::from_millis(100);

/// What is done when the output takes nothing.
#[derive(Args, Clone, Debug)]
pub(super) struct DropArgs {
    /// Drop records when the output is too slow, instead of making their senders wait
    ///
    /// They are counted: in a record whose dl.kind is loss, which goes out as soon as the output
    /// takes it, and on stderr at the end.
    #[arg(long, conflicts_with_all = ["merge", "spool", "state"], hide_short_help = true)]
    drop_when_full: bool,

    /// With --drop-when-full, how much may wait in memory
    #[arg(long, value_name = "BYTES", default_value = "64MiB", value_parser = parse_size)]
    #[arg(requires = "drop_when_full", hide_short_help = true)]
    drop_buffer: usize,
}

/// Puts a buffer that may overflow before a sink, if one is asked for; returns what tells how many
/// records were dropped too.
pub(super) fn over((sink, tick): Outlet, args: &DropArgs) -> Result<(Outlet, Option<Dropped>)> {
    if !args.drop_when_full {
        return Ok(((sink, tick), None));
    }
    let shared = Arc::new(Shared {
        most: args.drop_buffer,
        state: Mutex::default(),
        changed: Condvar::new(),
    });
    let writer = Arc::clone(&shared);
    let thread = std::thread::Builder::new()
        .spawn(move || write(&writer, sink))
        .map_err(|error| Error::Failed(format!("no thread to write with: {error}")))?;
    let dropped = Dropped(Arc::clone(&shared));
    let dropping = Dropping {
        shared,
        thread: Some(thread),
    };
    let tick = tick.map_or(TICK, |tick| tick.min(TICK));
    Ok(((Box::new(dropping), Some(tick)), Some(dropped)))
}

/// How many records were dropped.
#[derive(Clone)]
pub(super) struct Dropped(Arc<Shared>);

impl Dropped {
    pub(super) fn records(&self) -> u64 {
        self.0.state().dropped
    }
}

/// What both threads know.
struct Shared {
    most: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    /// The bytes that the thread is writing just now, which count too.
    writing: usize,
    /// Records that were dropped, and those of them that no record tells yet.
    dropped: u64,
    untold: u64,
    closed: bool,
    /// What the output did not take, and what it refuses, once it has been finished.
    undelivered: u64,
    refused: Option<(u64, String)>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes what waits until nothing more comes; what has become of it is known then.
fn write(shared: &Shared, mut sink: Box<dyn Sink>) -> Result<()> {
    let written = write_all(shared, &mut *sink);
    let mut state = shared.state();
    state.undelivered = sink.undelivered();
    state.refused = sink.refused();
    written
}

fn write_all(shared: &Shared, sink: &mut dyn Sink) -> Result<()> {
    let mut lines = Vec::new();
    loop {
        lines.clear();
        let mut state = shared.state();
        state.writing = 0;
        if state.waiting.is_empty() && state.untold == 0 && !state.closed {
            state = shared
                .changed
                .wait_timeout(state, TICK)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        std::mem::swap(&mut lines, &mut state.waiting);
        state.writing = lines.len();
        // What was dropped came after what waited.
        let untold = std::mem::take(&mut state.untold);
        let closed = state.closed;
        drop(state);
        if untold > 0 {
            lines.extend_from_slice(loss(untold).as_bytes());
        }
        if !lines.is_empty() {
            sink.write(&lines)?;
        } else if closed {
            return sink.finish();
        } else {
            sink.tick()?;
        }
    }
}

/// The record that tells of records that were dropped.
fn loss(records: u64) -> String {
    let loss = serde_json::json!({
        "time": now().to_string(),
        "level": "WARNING",
        "message": format!(
            "{}: {} dropped, because the output was too slow",
            RecvArgs::NAME,
            plural(records, "record") + if records == 1 { " was" } else { " were" },
        ),
        "dl": { "kind": "loss", "stage": "recv", "records": records },
    });
    format!("{loss}\n")
}

/// What records are written to.
struct Dropping {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Dropping {
    /// Says what made the thread end too soon.
    fn check(&mut self) -> Result<()> {
        if self.thread.as_ref().is_some_and(JoinHandle::is_finished) {
            self.join()?;
            return Err(Error::Failed("the output has ended".into()));
        }
        Ok(())
    }

    fn join(&mut self) -> Result<()> {
        let died = |_| Err(Error::Failed("the thread that writes has died".into()));
        let thread = self.thread.take();
        thread.map_or(Ok(()), |thread| thread.join().unwrap_or_else(died))
    }
}

impl Sink for Dropping {
    fn write(&mut self, lines: &[u8]) -> Result<()> {
        self.check()?;
        let mut state = self.shared.state();
        let room = (self.shared.most).saturating_sub(state.waiting.len() + state.writing);
        // Once something is dropped, all is until it has been told, so that it is told in its place.
        let fit = match lines.get(..room) {
            _ if state.untold > 0 => 0,
            None => lines.len(),
            Some(some) => memchr::memrchr(b'\n', some).map_or(0, |end| end + 1),
        };
        state.waiting.extend_from_slice(&lines[..fit]);
        let dropped = memchr::memchr_iter(b'\n', &lines[fit..]).count() as u64;
        state.dropped += dropped;
        state.untold += dropped;
        self.shared.changed.notify_one();
        Ok(())
    }

    fn tick(&mut self) -> Result<()> {
        self.check()
    }

    fn finish(&mut self) -> Result<()> {
        self.shared.state().closed = true;
        self.shared.changed.notify_one();
        let written = self.join();
        let dropped = self.shared.state().dropped;
        if dropped > 0 {
            let were = if dropped == 1 { "was" } else { "were" };
            let words = format!(
                "{} {were} dropped, because the output was too slow",
                plural(dropped, "record")
            );
            say(RecvArgs::NAME, &words);
        }
        written
    }

    fn undelivered(&self) -> u64 {
        let state = self.shared.state();
        state.dropped + state.undelivered
    }

    fn refused(&self) -> Option<(u64, String)> {
        self.shared.state().refused.clone()
    }
}
