//! dl-tree: rebuild the trees of requests.

mod batch;
mod live;
mod live_args;
mod selector;
mod write_args;
mod writer;

use clap::{Parser, ValueEnum};
use foldhash::fast::RandomState;

use super::{
    Outcome, Program,
    common::{Foreign, InputArgs, default_memory, parse_size},
    feed::{Batch, Feed, Screen, Stray, each_line},
    ledger::{Ledger, Tally, plural},
    say,
};
use crate::{
    error::Result,
    pump::{Event, Flow},
    record::Index,
    shutdown::Shutdown,
    sink::{Sink, Stdout},
    source::Chunk,
    tree::{self, Assembler, Claimer, Claims, Kind, Schemes, Tree},
};
use writer::{Pen, Writer, put};

/// Rebuild the tree of each request from the records of all processes
#[derive(Debug, Parser)]
#[command(name = "dl-tree", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct TreeArgs {
    #[command(flatten)]
    write: write_args::WriteArgs,

    #[command(flatten)]
    live: live_args::LiveArgs,

    /// What to do with records that belong to no tree
    #[arg(long, value_name = "WHAT", value_enum, default_value = "drop")]
    loose: Loose,

    /// Use files beyond this much memory [default: a quarter, at least 256MiB]
    ///
    /// With --live-window no files are used: the oldest trees are written, complete or not.
    #[arg(long, value_name = "BYTES", value_parser = parse_size)]
    memory: Option<usize>,

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

/// What a worker makes of a chunk: claims on records, and lines to pass on at once.
#[derive(Debug, Default)]
struct Claimed {
    claims: Claims,
    bytes: Vec<u8>,
    pass: Vec<u8>,
    loose: u64,
}

impl Program for TreeArgs {
    const NAME: &'static str = "dl-tree";

    fn run(self, shutdown: Shutdown) -> Result<Outcome> {
        let feed = Feed::new(Self::NAME, &self.input, Foreign::Drop, shutdown)?
            .with_tick(self.live.tick());
        let hasher = RandomState::default();
        let schemes = Schemes::default();
        let jobs = feed.jobs();
        let live = self.live.live_window.is_some();
        let writer = Writer::new(&self.write)?;
        let worker = |screen| {
            let mut claimer = Claimer::new(&schemes, hasher.clone(), live);
            let mut index = Index::default();
            let mut pen = writer.pen();
            let (args, plain) = (&self, writer.is_plain());
            move |chunk: &mut Chunk, batch: &mut Batch<Claimed>| {
                let pass = |line: &[u8], data: &mut Claimed, tally: &mut Tally| {
                    if plain {
                        tally.write(line, &mut data.pass);
                    } else {
                        pass_tree(&mut pen, line, data, tally);
                    }
                };
                args.claim(screen, &mut claimer, &mut index, chunk, batch, pass);
            }
        };
        let stdout = Stdout::open()?;
        let mut loose = 0;
        let run = if let Some(idle) = self.live.idle() {
            let mut live = live::Live::new(&writer, stdout, idle, &self.live, self.memory());
            let run = feed.run(worker, |event, ledger| {
                live.take(event, &mut loose, ledger)?;
                Ok(Flow::Continue)
            })?;
            live.finish()?;
            run
        } else {
            let mut all = batch::Collected::new(&writer, stdout, self.memory(), jobs);
            let run = feed.run(worker, |event, ledger| {
                all.take(event, &mut loose, ledger)?;
                Ok(Flow::Continue)
            })?;
            all.finish()?;
            run
        };
        for id in writer.missing() {
            say(
                Self::NAME,
                &format!("no tree has an id that begins with {id}"),
            );
        }
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

    fn claim(
        &self,
        screen: Screen,
        claimer: &mut Claimer,
        index: &mut Index,
        chunk: &mut Chunk,
        batch: &mut Batch<Claimed>,
        mut pass_tree: impl FnMut(&[u8], &mut Claimed, &mut Tally),
    ) {
        let Batch { tally, data } = batch;
        data.claims.clear();
        data.pass.clear();
        data.loose = 0;
        let mut start = 0;
        each_line(chunk.bytes(), index, tally, |line, tally| {
            let kind = claimer.claim(line, start, &mut data.claims);
            let line = line.bytes();
            match kind {
                Ok(Kind::Claimed) => {}
                Ok(Kind::Tree) => pass_tree(line, data, tally),
                Ok(Kind::Loose) => {
                    data.loose += 1;
                    if self.loose == Loose::Pass {
                        tally.write(line, &mut data.pass);
                    } else {
                        tally.filtered += 1;
                    }
                }
                Err(bad) => match screen.stray(line, bad, tally) {
                    Stray::Gone => {}
                    Stray::Pass => tally.write(line, &mut data.pass),
                    Stray::Wrapped(record) => tally.write(&record, &mut data.pass),
                },
            }
            start += line.len() + 1;
        });
        data.bytes = if data.claims.is_empty() {
            Vec::new()
        } else {
            chunk.take()
        };
    }
}

/// Writes a finished tree in the form that is asked for.
fn pass_tree(pen: &mut Pen<'_>, line: &[u8], data: &mut Claimed, tally: &mut Tally) {
    match tree::read(line) {
        Ok(mut tree) => {
            if pen.render(&mut tree, &mut data.pass) {
                tally.written += 1;
            } else {
                tally.filtered += 1;
            }
        }
        Err(_) => tally.write(line, &mut data.pass),
    }
}
