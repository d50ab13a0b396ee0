//! Whole trees: every record of a tree in which any record matches.
//!
//! Files are read twice: the first pass finds the trees, the second their records. On a
//! stream records are held back in a window until their tree is decided.

use std::time::{Duration, Instant};

use clap::Args;

use super::{
    gather::{Gather, Keyed},
    stage::Next,
};
use crate::{
    cli::{
        common::{Foreign, InputArgs, LineArgs, parse_duration},
        failures::Failures,
        feed::{Batch, Feed, Stray, each_line},
        ledger::plural,
        say,
    },
    error::{Error, Result},
    expr::Filter,
    pump::{Event, Flow},
    record::{Found, Reader},
    shutdown::Shutdown,
    source::{Chunk, Extent},
    tree::{self, Ids, Late, Window},
};

/// Whether whole trees are wanted.
#[derive(Args, Debug)]
pub(super) struct WholeTreeArgs {
    /// Select all records of a tree in which any record matches
    ///
    /// The records come in the order of the input. A record without a tree is selected by
    /// itself. With -v, the trees are selected in which no record matches. Files are read twice,
    /// as far as they go at the start. If an input is a pipe or a socket, records are held
    /// back until one of their tree matches, and dropped at the end of the input.
    #[arg(
        long,
        conflicts_with_all = ["after_context", "before_context", "context"]
    )]
    pub(super) whole_tree: bool,

    /// With --whole-tree on a stream, drop trees that are silent for TIME
    ///
    /// Records that come later are dropped too, until one matches: it and all that follow are
    /// selected, and at the end it is said how many had been dropped. The units are ms, s, m
    /// and h.
    #[arg(long, value_name = "TIME", value_parser = parse_duration, requires = "whole_tree")]
    pub(super) live_window: Option<Duration>,
}

impl WholeTreeArgs {
    /// How often the window has to be looked at while nothing comes.
    pub(super) fn tick(&self) -> Option<Duration> {
        self.live_window
            .map(|window| (window / 4).clamp(Duration::from_millis(10), Duration::from_secs(1)))
    }
}

/// What the first pass over files has found.
pub(super) struct FirstPass {
    /// The trees in which a record matches.
    pub(super) trees: Ids,
    pub(super) extents: Vec<Extent>,
    pub(super) failures: Failures,
}

/// Reads files for the first time. `None` if they can be read only once.
pub(super) fn first_pass(
    program: &'static str,
    input: &InputArgs,
    memory: usize,
    reader: &Reader,
    filter: &Filter,
    shutdown: &Shutdown,
) -> Result<Option<FirstPass>> {
    let Some(extents) = Extent::all(&input.endpoints()?) else {
        return Ok(None);
    };
    let mut trees = Ids::default();
    if shutdown.is_asked() {
        // Nothing is wanted, so nothing needs to be found.
        let failures = Failures::new(program);
        return Ok(Some(FirstPass {
            trees,
            extents,
            failures,
        }));
    }
    // Lines are counted and kept in the second pass only.
    let once = InputArgs {
        files: input.files.clone(),
        lines: LineArgs {
            rejects: None,
            stats: false,
            strict: false,
            foreign: Some(Foreign::Drop),
            ..input.lines.clone()
        },
    };
    let feed = Feed::new(program, &once, Foreign::Drop, shutdown.clone())?.within(extents.clone());
    let worker = |screen: crate::cli::feed::Screen| {
        let filter = filter.clone();
        let mut found = Found::default();
        move |chunk: &mut Chunk, batch: &mut Batch<Matched>| {
            let Batch { tally, data } = batch;
            data.clear();
            each_line(chunk.bytes(), tally, |line, tally| {
                match reader.read(line, &mut found) {
                    Ok(record) if filter.matches(&record) => {
                        data.add(tree::request(&record).as_deref());
                    }
                    Ok(_) => {}
                    Err(bad) => match screen.stray(line, bad, tally) {
                        Stray::Gone | Stray::Pass | Stray::Wrapped(_) => {}
                    },
                }
            });
        }
    };
    let run = feed.run(worker, |event, _| {
        if let Event::Done(_, data) = event {
            for id in data.ids() {
                trees.insert(id);
            }
            if trees.memory() > memory {
                return Err(too_many(&trees));
            }
        }
        Ok(Flow::Continue)
    })?;
    if shutdown.is_asked() {
        let words = "asked to end in the first of two passes: nothing is written";
        return Err(Error::Failed(words.into()));
    }
    Ok(Some(FirstPass {
        trees,
        extents,
        failures: run.failures,
    }))
}

fn too_many(trees: &Ids) -> Error {
    Error::Memory {
        what: format!("the ids of {}", plural(trees.len() as u64, "tree")),
    }
}

/// The trees of the records of a chunk that match.
#[derive(Debug, Default)]
struct Matched {
    ids: String,
    ends: Vec<usize>,
}

impl Matched {
    fn clear(&mut self) {
        self.ids.clear();
        self.ends.clear();
    }

    fn add(&mut self, id: Option<&str>) {
        if let Some(id) = id {
            self.ids.push_str(id);
            self.ends.push(self.ids.len());
        }
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends
            .iter()
            .map(move |&end| &self.ids[std::mem::replace(&mut start, end)..end])
    }
}

/// Holds records of a stream back until their tree is decided.
pub(super) struct WholeTrees {
    invert: bool,
    window: Window,
    /// In milliseconds.
    silence: Option<u64>,
    began: Instant,
    now: u64,
}

impl WholeTrees {
    pub(super) fn new(invert: bool, memory: usize, silence: Option<Duration>) -> Self {
        Self {
            invert,
            window: Window::new(invert, memory),
            silence: silence.map(millis),
            began: Instant::now(),
            now: 0,
        }
    }
}

impl Gather for WholeTrees {
    fn record(&mut self, record: Keyed<'_>, next: &mut dyn Next) -> Result<()> {
        let Keyed {
            line,
            selected,
            key,
        } = record;
        match key {
            Some(id) => self
                .window
                .record(id, line, selected, self.now, &mut |line| next.pass(line)),
            None if selected != self.invert => next.pass(line),
            None => Ok(()),
        }
    }

    fn time(&mut self, next: &mut dyn Next) -> Result<()> {
        self.now = millis(self.began.elapsed());
        match self.silence {
            Some(silence) => {
                let limit = self.now.saturating_sub(silence);
                self.window.close_before(limit, &mut |line| next.pass(line))
            }
            None => Ok(()),
        }
    }

    fn finish(&mut self, next: &mut dyn Next) -> Result<()> {
        self.window.finish(&mut |line| next.pass(line))?;
        let Late { trees, records } = self.window.late();
        if trees > 0 {
            let was = if records == 1 { "was" } else { "were" };
            let done = if self.invert { "written" } else { "dropped" };
            let words = format!(
                "{} of {} {was} {done} before one of their tree matched",
                plural(records, "record"),
                plural(trees, "tree"),
            );
            say("dl-filter", &words);
            say(
                "dl-filter",
                "use --memory BYTES or a longer --live-window to hold more back",
            );
        }
        Ok(())
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
