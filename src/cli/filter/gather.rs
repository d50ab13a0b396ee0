//! Gathering: what is done with records beside each other, before anything is done to each:
//! whole trees and context.
//!
//! Who gathers sees all records, selected or not, in the order of the input, each with the
//! key that a worker has found in it. At most one thing gathers.

use clap::Args;

use super::{
    context::{Context, ContextArgs},
    key::Key,
    stage::Next,
    whole_tree::{WholeTreeArgs, WholeTrees},
};
use crate::{
    cli::common::{default_memory, parse_size},
    error::Result,
    record::Reader,
};

/// What of other records is wanted beside those that match.
#[derive(Args, Debug)]
pub(super) struct GatherArgs {
    #[command(flatten)]
    pub(super) whole: WholeTreeArgs,

    #[command(flatten)]
    pub(super) context: ContextArgs,

    /// Memory for whole trees and context [default: a quarter, at least 256MiB]
    ///
    /// When it is full, it is decided about the trees that have been silent for longest, as
    /// with --live-window. When files are read it bounds the ids of the trees that match, some
    /// 60 bytes each, or 100 for tasks of distlog and traces; if they need more, nothing is written and the exit status is 2. With -B,
    /// what is remembered of the processes that have been silent for longest is let go. The
    /// units are B, kB, KiB, MB, MiB, GB and GiB.
    #[arg(long, value_name = "BYTES", value_parser = parse_size, hide_short_help = true)]
    pub(super) memory: Option<usize>,
}

impl GatherArgs {
    /// The memory to use, in bytes.
    pub(super) fn memory(&self) -> usize {
        self.memory.unwrap_or_else(default_memory)
    }

    /// What gathers records on their way, if anything does, and the key that it asks for.
    ///
    /// Trees whose ids are known beforehand need no gathering, nor does counting need context.
    pub(super) fn gather(
        &self,
        flags: Flags,
        reader: &mut Reader,
    ) -> Option<(Box<dyn Gather>, Key)> {
        if self.whole.whole_tree && !flags.known_trees {
            let trees = WholeTrees::new(flags.invert, self.memory(), self.whole.live_window);
            return Some((Box::new(trees), Key::tree(reader)));
        }
        if self.context.is_wanted() && !flags.count {
            let context = Context::new(&self.context, flags.max_count, self.memory());
            return Some((Box::new(context), self.context.key(reader)));
        }
        None
    }
}

/// The other flags that matter to gathering.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flags {
    pub(super) invert: bool,
    pub(super) count: bool,
    pub(super) max_count: Option<u64>,
    /// True if a first pass has found the trees that match.
    pub(super) known_trees: bool,
}

/// A record with its key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keyed<'l> {
    pub(super) line: &'l [u8],
    pub(super) selected: bool,
    /// `None` if the record does not tell.
    pub(super) key: Option<&'l str>,
    /// Another key that belongs to the same, of a record that is selected.
    pub(super) twin: Option<&'l str>,
}

/// Something that sees all records with their keys, in the order of the input. What it does
/// not pass on counts as filtered.
pub(super) trait Gather: Send {
    /// Takes a record.
    fn record(&mut self, record: Keyed<'_>, next: &mut dyn Next) -> Result<()>;

    /// Is called before records come in, and now and then while none do.
    fn time(&mut self, next: &mut dyn Next) -> Result<()> {
        let _ = next;
        Ok(())
    }

    /// True if no more records are wanted.
    fn is_full(&self) -> bool {
        false
    }

    /// The input has ended: passes on what is held back.
    fn finish(&mut self, next: &mut dyn Next) -> Result<()> {
        let _ = next;
        Ok(())
    }
}
