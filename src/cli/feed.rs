//! From flags to a pump that can run: inputs, workers, progress, and lines that are no records.

use std::{
    fs::File,
    io,
    num::NonZero,
    os::fd::AsFd,
    sync::{Arc, atomic::AtomicU64},
    thread,
    time::Duration,
};

mod left;
mod lines;
mod overlap;
mod run;
mod stray;

pub(super) use self::{
    left::Left,
    lines::{each_bare_line, each_line, records},
    overlap::{refuse_overlap, refuse_shared},
    run::{Batch, Run, Step},
    stray::{SHOWN, Screen, Stray, wrap},
};

use super::{
    common::{Foreign, InputArgs, LineArgs},
    failures::Failures,
    ledger::Ledger,
    meters::Meters,
    progress::{counter, progress},
};
use crate::{
    endpoint::Endpoint,
    error::Result,
    shutdown::{Reload, Shutdown},
    source::{Due, Extent, Follow, PassOver, Reader, Turns, Wait},
    store::Where,
};

/// A filter's input side, ready to run.
pub(super) struct Feed {
    reader: Reader,
    jobs: usize,
    foreign: Foreign,
    ledger: Ledger,
    failures: Failures,
    /// True if a bar tells how far it has come.
    is_shown: bool,
    /// Where the ledger is left if delivery fails.
    left: Option<Left>,
    /// How many records have been taken and not been delivered, if who takes them tells.
    held: Option<Arc<AtomicU64>>,
}

impl Feed {
    /// Sets up the input side of `program`; `foreign` is its default for lines that are no records.
    pub(super) fn new(
        program: &'static str,
        args: &InputArgs,
        foreign: Foreign,
        shutdown: Shutdown,
    ) -> Result<Self> {
        let inputs = args.endpoints()?;
        Self::over(
            program,
            inputs,
            &args.lines,
            foreign,
            shutdown,
            &[Endpoint::Standard],
        )
    }

    /// Sets up the input side over these inputs, for records that go to `outputs`.
    pub(super) fn over(
        program: &'static str,
        inputs: Vec<Endpoint>,
        args: &LineArgs,
        foreign: Foreign,
        shutdown: Shutdown,
        outputs: &[Endpoint],
    ) -> Result<Self> {
        refuse_overlap(&inputs, args, outputs)?;
        let failures = Failures::new(program);
        let failure = failures.clone();
        // A reader of standard output that leaves matters only if records go there.
        let output = if outputs.contains(&Endpoint::Standard) {
            io::stdout().as_fd().try_clone_to_owned().ok()
        } else {
            None
        };
        let progress = progress(&inputs, outputs);
        let is_shown = progress.is_some();
        let mut reader = Reader::new(inputs, Wait::new(shutdown, output), move |error| {
            failure.say(&error);
        });
        if let Some(bar) = progress {
            reader = reader.with_progress(move |bytes| bar.inc(bytes));
        }
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Ok(Self {
            reader: reader.with_max_record(args.max_record).draining(true),
            jobs: args.jobs.map_or(cores, usize::from),
            foreign: args.foreign.unwrap_or(foreign),
            ledger: Ledger::new(program, args)?,
            failures,
            is_shown,
            left: None,
            held: None,
        })
    }

    /// Tells how much has been read where nobody knows how much there is.
    pub(super) fn counting(mut self, outputs: &[Endpoint]) -> Self {
        if !self.is_shown
            && let Some(bar) = counter(outputs)
        {
            self.reader = self.reader.with_progress(move |bytes| bar.inc(bytes));
        }
        self
    }

    /// Leaves the ledger there if delivery fails, instead of telling it.
    pub(super) fn leaving(mut self, left: &Left) -> Self {
        self.left = Some(left.clone());
        self
    }

    /// Has what the terminal sends end reading at once, because others end by it too.
    pub(super) fn without_draining(mut self) -> Self {
        self.reader = self.reader.draining(false);
        self
    }

    /// Asks for idle events at this interval.
    pub(super) fn with_tick(mut self, tick: Option<Duration>) -> Self {
        self.reader = self.reader.with_tick(tick);
        self
    }

    /// Asks for idle events at this interval, too, while something is due then.
    pub(super) fn with_tick_while(mut self, due: &Due, interval: Duration) -> Self {
        self.reader = self.reader.with_tick_while(due, interval);
        self
    }

    /// Reads files as they grow instead.
    pub(super) fn following(mut self, follow: Follow) -> Self {
        self.reader = self.reader.following(follow);
        self
    }

    /// Has one worker do all the work, so that it sees the lines in order.
    pub(super) fn in_order(mut self) -> Self {
        self.jobs = 1;
        self
    }

    /// Reads all inputs side by side.
    pub(super) fn abreast(mut self, turns: Turns) -> Self {
        self.reader = self.reader.abreast(turns);
        self
    }

    /// Takes it from there how many records have been taken and not been delivered.
    pub(super) fn holding(mut self, held: &Arc<AtomicU64>) -> Self {
        self.held = Some(Arc::clone(held));
        self
    }

    /// Reads of each input only what its extent says.
    pub(super) fn within(mut self, extents: Vec<Extent>) -> Self {
        self.reader = self.reader.with_extents(extents);
        self
    }

    /// Does not say again what has been said of an earlier pass over the same inputs.
    pub(super) fn after(self, earlier: &Failures) -> Self {
        self.failures.follow(earlier);
        self
    }

    /// What has the rest of an input passed over.
    pub(super) fn pass_over(&self) -> PassOver {
        self.reader.pass_over()
    }

    /// Asks for an idle event when a file is to be read anew while there is no input.
    pub(super) fn with_reload(mut self, reload: Reload) -> Self {
        self.reader = self.reader.with_reload(reload);
        self
    }

    /// True if lines that are no records are written as they are.
    pub(super) fn passes_foreign(&self) -> bool {
        self.foreign == Foreign::Pass
    }

    /// True if rejected lines are kept in a file.
    pub(super) fn keeps_rejects(&self) -> bool {
        self.ledger.keeps_rejects()
    }

    /// The file for rejected lines, for who finds them later.
    pub(super) fn rejects_file(&self) -> Option<io::Result<File>> {
        self.ledger.rejects_file()
    }

    /// Reads of stores only what is wanted.
    pub(super) fn wanting(mut self, wanted: Option<Where>) -> Self {
        if let Some(wanted) = wanted {
            self.reader = self.reader.with_wanted(wanted);
        }
        self
    }

    /// What workers are told about lines that are no records.
    pub(super) fn screen(&self) -> Screen {
        Screen {
            foreign: self.foreign,
            keep: self.ledger.keeps_rejects(),
            strict: self.ledger.is_strict(),
        }
    }

    /// Counts what is read by its source.
    pub(super) fn metered(mut self, meters: Meters) -> Self {
        self.ledger.set_meters(meters);
        self
    }

    /// The number of workers.
    pub(super) fn jobs(&self) -> usize {
        self.jobs
    }
}
