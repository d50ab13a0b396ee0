//! The text view: lines for records, pictures for trees, each in its own way.

use super::pager::Outlet;
use crate::{
    cli::{
        Outcome,
        feed::{Batch, Feed, Screen, Stray, each_bare_line},
        ledger::Tally,
    },
    error::Result,
    pump::{Event, Flow},
    record::{Line, Malformed},
    render::{LineOptions, LineView, ReadTree, Style, TreeOptions, TreeView, write_foreign},
    source::Chunk,
    tree,
};

/// How it is to be.
pub(super) struct TextView {
    pub(super) style: Style,
    pub(super) lines: LineOptions,
    pub(super) trees: TreeOptions,
    /// True if only trees with failures are shown, and of those only what failed.
    pub(super) only_failed: bool,
    /// True if somebody looks at it, now or later.
    pub(super) looked_at: bool,
}

impl TextView {
    /// Shows everything.
    pub(super) fn run(&self, feed: Feed, mut outlet: Outlet) -> Result<Outcome> {
        let relative = self.lines.is_relative() || self.style.times.is_relative();
        let feed = if relative { feed.in_order() } else { feed };
        let run = feed.run(
            |screen| self.worker(screen),
            |event, _| {
                if let Event::Done(_, out) = event {
                    outlet.write(out)?;
                }
                Ok(Flow::Continue)
            },
        );
        outlet.close()?;
        Ok(run?.finish())
    }

    fn worker(&self, screen: Screen) -> impl FnMut(&mut Chunk, &mut Batch<Vec<u8>>) + use<'_> {
        let mut lines = LineView::new(self.style.clone(), &self.lines);
        let mut trees = TreeView::new(self.style.clone(), self.trees, &self.lines);
        let mut failures = tree::Failures::default();
        move |chunk: &mut Chunk, batch: &mut Batch<Vec<u8>>| {
            let Batch { tally, data: out } = batch;
            out.clear();
            let each = |line: Line<'_>, tally: &mut Tally| {
                // False if it is left out.
                let mut draw = |trees: &mut TreeView, mut tree: ReadTree<'_>, out: &mut Vec<u8>| {
                    let is_shown = !self.only_failed || failures.keep(&mut tree.tree);
                    if is_shown {
                        trees.show_read(tree, out);
                    }
                    is_shown
                };
                let mut show = |line: Line<'_>, out: &mut Vec<u8>| -> Result<bool, Malformed> {
                    let bytes = line.bytes();
                    if let Some(tree) = trees.read(bytes) {
                        return Ok(draw(&mut trees, tree, out));
                    }
                    if lines.show(line, out)? {
                        return Ok(true);
                    }
                    let bad = match tree::read(bytes) {
                        Ok(tree) => return Ok(draw(&mut trees, tree.into(), out)),
                        Err(bad) => bad,
                    };
                    let summary = tree::read_summary(bytes).ok_or(bad)?;
                    if self.only_failed && !summary.has_failed() {
                        return Ok(false);
                    }
                    if self.lines.are_chosen() {
                        lines.show_any(bytes, out)?;
                    } else {
                        trees.show_summary(&summary, out);
                    }
                    Ok(true)
                };
                let bad = match show(line, out) {
                    Ok(true) => return tally.written += 1,
                    Ok(false) => return tally.filtered += 1,
                    Err(bad) => bad,
                };
                let line = line.bytes();
                match screen.stray(line, &bad, tally) {
                    Stray::Gone => return,
                    Stray::Pass if self.looked_at => write_foreign(line, &self.style, out),
                    Stray::Pass => {
                        out.extend_from_slice(line);
                        out.push(b'\n');
                    }
                    Stray::Wrapped(record) => drop(show(record[..].into(), out)),
                }
                tally.written += 1;
            };
            // A tree is read in one pass that needs no index, and records have keys that are known.
            each_bare_line(chunk.bytes(), tally, each);
        }
    }
}
