//! dl-tree: rebuild the trees of requests.

mod batch;
mod live;
mod schemes;
mod work;

use std::time::Duration;

use clap::{Parser, ValueEnum};
use foldhash::fast::RandomState;

use super::{
    Outcome, Program,
    common::{Foreign, InputArgs, default_memory, parse_duration, parse_size},
    feed::{Batch, Feed},
    ledger::{Ledger, plural},
    say,
};
use crate::{
    error::Result,
    pump::{Event, Flow},
    shutdown::Shutdown,
    sink::{Sink, Stdout},
    source::Chunk,
    tree::{self, Assembler, Claimer, Tree},
};
use work::{Claimed, Worker};

/// Rebuild the tree of each request from the records of all processes
#[derive(Debug, Parser)]
#[command(name = "dl-tree", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct TreeArgs {
    /// Write the records again, in the order of their trees; takes trees apart
    ///
    /// Within a scope records and sub-scopes come in the order of their positions. Records are
    /// written byte for byte, without blanks or framing around them.
    #[arg(long)]
    flatten: bool,

    /// Write each tree when it is complete, others when silent for TIME
    ///
    /// Without this flag all trees are written when the input has ended. The units are ms,
    /// s, m and h.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    live_window: Option<Duration>,

    /// With --live-window, wait this long for records that no id announces
    ///
    /// Eliot's ids tell how many records there are, so that its trees need no grace. Others
    /// are written when the root and all scopes seen have ended and this time has passed
    /// without a record.
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "1s")]
    grace: Duration,

    /// What to do with records that belong to no tree
    #[arg(long, value_name = "WHAT", value_enum, default_value = "drop")]
    loose: Loose,

    /// Use files beyond this much memory [default: a quarter, at least 256MiB]
    ///
    /// With --live-window no files are used: the oldest trees are written, complete or not.
    #[arg(long, value_name = "BYTES", value_parser = parse_size)]
    memory: Option<usize>,

    #[command(flatten)]
    schemes: schemes::SchemeArgs,

    #[command(flatten)]
    input: InputArgs,
}

const EXAMPLES: &str = "Examples:
  dl-tree *.ndjson | dl-fmt
  dl-tree capture.ndjson | dl-filter 'status == failed' | dl-fmt
  dl-recv tcp://127.0.0.1:5010 | dl-tree --live-window 30s | dl-fmt";

/// What happens to a record that belongs to no tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Loose {
    /// Count it
    Drop,
    /// Write it as it is
    Pass,
}

impl Program for TreeArgs {
    const NAME: &'static str = "dl-tree";

    fn run(self, shutdown: Shutdown) -> Result<Outcome> {
        let tick = self.live_window.map(|window| {
            (window.min(self.grace) / 4).clamp(Duration::from_millis(10), Duration::from_secs(1))
        });
        let feed = Feed::new(Self::NAME, &self.input, Foreign::Drop, shutdown)?.with_tick(tick);
        let hasher = RandomState::default();
        let schemes = self.schemes.schemes()?;
        let jobs = feed.jobs();
        let live = self.live_window.is_some();
        let worker = |screen| {
            let claimer = Claimer::new(&schemes, hasher.clone(), live);
            let mut worker = Worker::new(claimer, screen, self.loose, self.flatten);
            move |chunk: &mut Chunk, batch: &mut Batch<Claimed>| worker.claim(chunk, batch)
        };
        let writer = Writer {
            flatten: self.flatten,
            stdout: Stdout::open()?,
        };
        let mut loose = 0;
        let run = if let Some(window) = self.live_window {
            let mut live = live::Live::new(writer, window, self.grace, self.memory(), &schemes);
            let run = feed.run(worker, |event, ledger| {
                live.take(event, &mut loose, ledger)?;
                Ok(Flow::Continue)
            })?;
            live.finish()?;
            run
        } else {
            let mut all = batch::Collected::new(writer, self.memory(), jobs, &schemes);
            let run = feed.run(worker, |event, ledger| {
                all.take(event, &mut loose, ledger)?;
                Ok(Flow::Continue)
            })?;
            all.finish()?;
            run
        };
        if loose > 0 && self.loose == Loose::Drop {
            let verb = if loose == 1 { "belongs" } else { "belong" };
            say(
                Self::NAME,
                &format!(
                    "{} {verb} to no tree (--loose pass writes them)",
                    plural(loose, "record")
                ),
            );
        }
        Ok(run.finish())
    }
}

impl TreeArgs {
    /// The memory to use, in bytes.
    fn memory(&self) -> usize {
        self.memory.unwrap_or_else(default_memory)
    }
}

/// Writes trees in the form that was asked for.
#[derive(Debug)]
struct Writer {
    flatten: bool,
    stdout: Stdout,
}

impl Writer {
    /// Appends a tree to `out`.
    fn render(flatten: bool, tree: &Tree<'_>, out: &mut Vec<u8>) {
        if flatten {
            tree::flatten(tree, |_, record| {
                out.extend_from_slice(record);
                out.push(b'\n');
            });
        } else {
            tree::write(tree, out);
            out.push(b'\n');
        }
    }

    fn write(&mut self, lines: &[u8]) -> Result<()> {
        if lines.is_empty() {
            Ok(())
        } else {
            self.stdout.write(lines)
        }
    }
}
