//! Whole trees: every record of a tree in which any record matches.
//!
//! Files are read twice, see `first_pass`. On a stream records are held back in a window
//! until their tree is decided.

use std::time::{Duration, Instant};

use clap::Args;

use super::{
    gather::{Gather, Keyed},
    stage::Next,
};
use crate::{
    cli::{common::parse_duration, ledger::plural, say},
    error::Result,
    tree::{Late, Window},
};

/// Whether whole trees are wanted.
#[derive(Args, Debug)]
pub(super) struct WholeTreeArgs {
    /// Select all records of a tree in which any record matches
    ///
    /// They are written in the order of the input. With -v it is the trees in which no record
    /// matches. A record without a tree is selected by itself. Files are read twice; on a pipe
    /// or a socket the records of a tree are held back until one matches, see WHOLE TREES.
    #[arg(
        long,
        conflicts_with_all = ["after_context", "before_context", "context"]
    )]
    pub(super) whole_tree: bool,

    /// With --whole-tree on a stream, decide about trees silent for TIME
    ///
    /// A tree in which nothing has matched by then is dropped, or with -v written. Without this
    /// flag it is held until the input ends or the memory is full. The units are ms, s, m and
    /// h. Files are read twice and need no window.
    #[arg(long, value_name = "TIME", hide_short_help = true)]
    #[arg(value_parser = parse_duration, requires = "whole_tree")]
    pub(super) live_window: Option<Duration>,
}

impl WholeTreeArgs {
    /// How often the window has to be looked at while nothing comes.
    pub(super) fn tick(&self) -> Option<Duration> {
        self.live_window
            .map(|window| (window / 4).clamp(Duration::from_millis(10), Duration::from_secs(1)))
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
            twin,
        } = record;
        match key {
            Some(id) => {
                let pass = &mut |line: &[u8]| next.pass(line);
                self.window.record(id, line, selected, self.now, pass)?;
                twin.map_or(Ok(()), |twin| self.window.matched(twin, pass))
            }
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
