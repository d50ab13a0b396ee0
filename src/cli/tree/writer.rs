//! How a tree is written: all that flags say of it, in one place for trees that are finished
//! together and for those that are written as they come.

use super::{Assembler, Result, Sink, Stdout, Tree, TreeArgs, tree};
use crate::tree::Flattener;

/// What the flags say; shared by all workers.
#[derive(Debug)]
pub(super) struct Writer {
    flatten: bool,
    stamp: bool,
}

impl Writer {
    /// The writer that the flags ask for.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "flags with an expression can be wrong"
    )]
    pub(super) fn new(args: &TreeArgs) -> Result<Self> {
        Ok(Self {
            flatten: args.flatten,
            stamp: !args.no_stamp,
        })
    }

    /// True if trees are written as they are, so that those in the input need not be read.
    pub(super) fn is_plain(&self) -> bool {
        !self.flatten
    }

    /// A pen for one worker.
    pub(super) fn pen(&self) -> Pen<'_> {
        Pen {
            writer: self,
            flattener: Flattener::default(),
        }
    }
}

/// Writes trees with memory that is reused; one per worker.
pub(super) struct Pen<'w> {
    writer: &'w Writer,
    flattener: Flattener,
}

impl Pen<'_> {
    /// Appends the tree of `lines` to `out`; false if it is not wanted.
    pub(super) fn gathered(
        &mut self,
        assembler: &mut Assembler,
        lines: &[&[u8]],
        out: &mut Vec<u8>,
    ) -> bool {
        self.render(&mut assembler.assemble(lines), out)
    }

    /// Appends a tree to `out`, which may change it for that; false if it is not wanted.
    pub(super) fn render(&mut self, tree: &mut Tree<'_>, out: &mut Vec<u8>) -> bool {
        if self.writer.flatten && self.writer.stamp {
            self.flattener.write(tree, out);
        } else if self.writer.flatten {
            tree::flatten(tree, |_, record| {
                out.extend_from_slice(record);
                out.push(b'\n');
            });
        } else {
            tree::write(tree, out);
            out.push(b'\n');
        }
        true
    }
}

/// Writes lines to standard output, if there are any.
pub(super) fn put(stdout: &mut Stdout, lines: &[u8]) -> Result<()> {
    if lines.is_empty() {
        Ok(())
    } else {
        stdout.write(lines)
    }
}
