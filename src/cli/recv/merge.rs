//! `dl-recv --merge`: files in the order of time, whatever their size.
//!
//! All input is read once, on all cores, and becomes runs: sequences of records in order. A file
//! that is in order is a run where it stands, and only times and lengths of its lines are written
//! down; what is out of order is sorted piece by piece and goes to a temporary file. Then the
//! runs are woven into one, again on all cores, a stretch of time at a time. Where the user says
//! that all files are in order, their records go on while they are read.

mod collect;
mod piece;
mod plan;
mod runs;
mod slack;
mod sorter;
mod weave;
mod zipper;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use clap::Args;

use self::{collect::Collector, piece::Piece, plan::Plan, weave::Woven, zipper::Allowed};
use super::{
    Out, lock,
    text::{self, Text},
};
use crate::{
    cli::{
        common::{parse_duration, parse_size},
        feed::{Feed, Run},
    },
    error::{Error, Result},
    pump::{self, Delivery, Event, Flow},
    shutdown::Shutdown,
    sink::Sink,
};

/// How records are put in order.
#[derive(Args, Clone, Debug)]
pub(super) struct MergeArgs {
    /// Put the records of all files in the order of time
    ///
    /// Equal times keep the order of the files and of the lines in them, and a record without a
    /// time stays behind the one before it in its file. Files that are in order already are
    /// read where they stand; others, and those that are compressed or in another format, go
    /// through temporary files in TMPDIR.
    #[arg(long, conflicts_with = "spool")]
    pub(super) merge: bool,

    /// Take it that each file is in the order of time already
    ///
    /// Records go on while they are read, as with sort -m: nothing goes to temporary files, and
    /// pipes need not end first. What is earlier than a record before it in its file goes on with that
    /// one, and is told as an error at the end.
    ///
    /// With =TIME records may be that much earlier than one before them, as those of several peers are
    /// in a capture: they are held back for that and put right, within --memory.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "0s")]
    #[arg(requires = "merge", hide_short_help = true)]
    pub(super) sorted: Option<Duration>,

    /// Hold each record back for TIME, and let those that are older go first
    ///
    /// For sockets, pipes and files that grow. A record that comes after a later one has gone
    /// on is passed on at once, and counted.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    #[arg(conflicts_with_all = ["merge", "spool"])]
    pub(super) merge_window: Option<Duration>,

    /// The memory to put records in order with
    ///
    /// With --merge what is more goes to temporary files, with --merge-window the oldest
    /// records go on early.
    #[arg(
        long,
        value_name = "BYTES",
        default_value = "256MiB",
        hide_short_help = true
    )]
    #[arg(value_parser = parse_size)]
    pub(super) memory: usize,
}

impl MergeArgs {
    /// True if records are to be put in order.
    pub(super) fn is_asked(&self) -> bool {
        self.merge || self.merge_window.is_some()
    }

    /// Refuses to wait for the end of what has none, and to read more files at once than there is memory for.
    pub(super) fn check(&self, has_sockets: bool, inputs: usize) -> Result<()> {
        if self.merge && has_sockets {
            return Err(Error::Misused {
                reason: "--merge is about files, and a socket has no end".into(),
                hint: "use --merge-window TIME to put records of sockets in order",
            });
        }
        let each = match self.sorted {
            Some(tolerance) if !tolerance.is_zero() => 2 * EACH,
            _ => EACH,
        };
        let wanted = inputs.saturating_mul(each);
        if self.sorted.is_some() && wanted > self.memory {
            return Err(Error::Misused {
                reason: format!(
                    "--sorted reads {inputs} files at once, which takes {} MiB, and --memory is less",
                    wanted >> 20
                ),
                hint: "use --memory BYTES to allow more, or leave out --sorted",
            });
        }
        Ok(())
    }
}

/// What --sorted takes for each file, if records are not larger.
const EACH: usize = 1 << 20;

/// Reads all inputs and writes their records in the order of time.
pub(super) fn read(
    feed: Feed,
    text: Text<'_>,
    args: &MergeArgs,
    shutdown: &Shutdown,
    sink: &Mutex<Box<dyn Sink>>,
) -> Result<Run> {
    if let Some(tolerance) = args.sorted {
        let allowed = Allowed {
            tolerance,
            memory: args.memory,
        };
        return zipper::read(feed, text, allowed, sink);
    }
    let jobs = feed.jobs();
    let held = Arc::new(AtomicU64::new(0));
    let feed = feed.holding(&held);
    let (run, runs) = thread::scope(|scope| {
        let mut collector = Collector::new(scope, args.memory).map_err(temporary)?;
        let take = |out: Out<'_, Piece>| match out {
            Out::Made(chunk, made) => {
                held.fetch_add(made.times.len() as u64, Ordering::Relaxed);
                collector.take(chunk, made).map_err(temporary)
            }
            Out::Idle => lock(sink).tick(),
        };
        let run = pieces(feed, text, false, take)?;
        Ok::<_, Error>((run, collector.finish().map_err(temporary)?))
    })?;
    if shutdown.is_asked() {
        return Err(Error::Failed(
            "asked to end before all was read; nothing was written".into(),
        ));
    }
    write(
        run,
        Plan::new(runs, shutdown.clone()).map_err(temporary)?,
        jobs,
        sink,
    )
}

/// Weaves the runs together.
fn write(mut run: Run, plan: Plan, jobs: usize, sink: &Mutex<Box<dyn Sink>>) -> Result<Run> {
    let mut left = run.ledger.written();
    let written = pump::run(
        plan,
        jobs,
        Delivery::ByWorkers,
        weave::worker,
        |event: Event<'_, plan::Stretch, Woven>| {
            if let Event::Done(stretch, woven) = event {
                if let Some(error) = woven.error.take() {
                    return Err(error);
                }
                let mut sink = lock(sink);
                sink.write(&woven.text)?;
                left = left.saturating_sub(stretch.records());
            }
            Ok(Flow::Continue)
        },
    );
    run.ledger.undeliver(left);
    match written {
        Ok(()) => Ok(run),
        Err(error) => Err(failed(run, error)),
    }
}

/// Reads all inputs and finds when each record was. Who keeps pieces gets the memory that they stand in.
fn pieces(
    feed: Feed,
    text: Text<'_>,
    keeps: bool,
    take: impl FnMut(Out<'_, Piece>) -> Result<()> + Send,
) -> Result<Run> {
    let zone = text.settings.zone;
    match text.format {
        None => piece::read(feed, zone, keeps, take),
        Some(format) => {
            let finder = || piece::finder(zone);
            text::read(feed, format, text, None, finder, take)
        }
    }
}

/// The end because of that error: what was rejected is said even so, but to nobody who has left.
fn failed(run: Run, error: Error) -> Error {
    if !matches!(error, Error::ReaderLeft) {
        run.ledger.finish();
    }
    error
}

/// The error of a temporary file.
fn temporary(source: std::io::Error) -> Error {
    Error::Temporary {
        folder: std::env::temp_dir(),
        source,
    }
}
