//! dl-tree: rebuild the trees of requests.

mod batch;
mod head;
mod live;
mod live_args;
mod order;
mod partitions;
mod schemes;
mod selector;
mod tape;
mod work;
mod write_args;
mod writer;

use clap::{Parser, ValueEnum};
use foldhash::fast::RandomState;

use super::{
    Outcome, Program,
    common::{Foreign, InputArgs, default_memory, parse_size},
    feed::{Batch, Feed},
    ledger::{Ledger, plural},
    report, say,
};
use crate::{
    error::{Error, Result},
    pump::{Event, Flow},
    shutdown::Shutdown,
    sink::{Sink, Stdout},
    source::Chunk,
    tree::{self, Assembler, Claimer, Tree, Watch},
};
use work::{Claimed, Worker};
use writer::{Writer, put};

/// Rebuild the tree of each request from the records of all processes
#[derive(Debug, Parser)]
#[command(name = "dl-tree", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct TreeArgs {
    #[command(flatten)]
    write: write_args::WriteArgs,

    #[command(flatten)]
    live: live_args::LiveArgs,

    /// The order of the trees
    ///
    /// With --live-window trees come as they are complete. Trees in the input are refused where another
    /// order than theirs is asked for.
    #[arg(
        long,
        value_enum,
        default_value = "input",
        conflicts_with = "live_window"
    )]
    order: order::Order,

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
        for idle in self.input.lines.own.tell_of_trees()? {
            report(Self::NAME, &idle);
        }
        let feed = Feed::new(Self::NAME, &self.input, Foreign::Drop, shutdown)?
            .with_tick(self.live.tick());
        let hasher = RandomState::default();
        let schemes = self.schemes.schemes()?;
        let jobs = feed.jobs();
        let watch = match self.live.live_window {
            Some(_) => Watch::Roots,
            None => Watch::Places,
        };
        let writer = Writer::new(&self.write)?;
        let worker = |screen| {
            let claimer = Claimer::new(&schemes, hasher.clone(), watch);
            let mut worker = Worker::new(claimer, screen, &self, &writer);
            move |chunk: &mut Chunk, batch: &mut Batch<Claimed>| worker.claim(chunk, batch)
        };
        let stdout = Stdout::open()?;
        let mut loose = 0;
        let mut claimed = 0;
        let mut run = if let Some(idle) = self.live.idle() {
            let mut live =
                live::Live::new(&writer, stdout, idle, &self.live, self.memory(), &schemes);
            let run = feed.run(worker, |event, ledger| {
                count(&event, &mut claimed, ledger);
                live.take(event, &mut loose)?;
                Ok(Flow::Continue)
            })?;
            live.finish()?;
            run
        } else {
            let job = batch::Job {
                writer: &writer,
                stdout,
                order: self.order,
                maker: batch::Maker {
                    schemes: &schemes,
                    jobs,
                },
            };
            let mut all = batch::Collected::new(job, self.memory());
            let run = feed.run(worker, |event, ledger| {
                self.refuse_trees(&event)?;
                count(&event, &mut claimed, ledger);
                all.take(event, &mut loose)?;
                Ok(Flow::Continue)
            })?;
            all.finish()?;
            run
        };
        // Where a document has become several records no tree knows which of them stem from one: no
        // more are counted than there were.
        run.ledger.withhold(claimed - writer.written().min(claimed));
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

/// Counts the records that trees are made of as written; those of trees that are left out are taken
/// back when that is known.
fn count(event: &Event<'_, Chunk, Claimed>, claimed: &mut u64, ledger: &mut Ledger) {
    if let Event::Done(_, data) = event {
        *claimed += data.written();
        ledger.add_written(data.written());
    }
}

impl TreeArgs {
    /// Trees in the input pass as they come. Who wants an order would not see that they have another.
    fn refuse_trees(&self, event: &Event<'_, Chunk, Claimed>) -> Result<()> {
        match event {
            Event::Done(chunk, data) if data.has_tree && self.order != order::Order::Input => {
                Err(Error::Misused {
                    reason: format!(
                        "{}: --order sorts no trees that are there already",
                        chunk.place()
                    ),
                    hint: "take them apart with dl-tree --flatten, and sort what is put together again",
                })
            }
            _ => Ok(()),
        }
    }

    /// The memory to use, in bytes.
    fn memory(&self) -> usize {
        self.memory.unwrap_or_else(default_memory)
    }
}
