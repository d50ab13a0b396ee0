//! What stands on each line of a picture, and the guides in front of it.

use std::{iter::Peekable, vec::IntoIter};

use super::{
    TreeView,
    runs::{Run, likeness, run},
};
use crate::{
    render::style::Style,
    tree::{Node, Status, Tree},
};

/// A line of the picture before the columns are known: guides and what stands behind them.
pub(super) struct Row<'t, 'a> {
    pub(super) guides: String,
    pub(super) content: Content<'t, 'a>,
}

pub(super) enum Content<'t, 'a> {
    Scope(Scope<'t, 'a>),
    /// Why the node above failed.
    Exception(&'t str),
    /// A record of a node above, and the process of that.
    Record {
        line: &'a [u8],
        process: Option<&'t str>,
    },
    /// What is below the node above and too deep.
    Left {
        scopes: usize,
        failed: usize,
    },
}

/// A node, or several that are alike.
pub(super) struct Scope<'t, 'a> {
    pub(super) node: &'t Node<'a>,
    /// True if its process is another than that of the one above.
    pub(super) hop: bool,
    /// True if its host is.
    pub(super) far: bool,
    pub(super) run: Option<Run>,
}

/// What the guides are made of.
#[derive(Clone, Copy)]
struct Signs {
    bar: &'static str,
    corner: &'static str,
    tee: &'static str,
    blank: &'static str,
}

impl Signs {
    fn of(style: &Style) -> Self {
        let [bar, corner, tee] = if style.ascii {
            ["|  ", "`- ", "|- "]
        } else {
            ["│  ", "└─ ", "├─ "]
        };
        Self {
            bar,
            corner,
            tee,
            blank: "   ",
        }
    }
}

/// How many levels are shown by guides; of deeper ones those that are nearest.
const LEVELS: usize = 100;
/// Stands for the guides of the others.
const FURTHER: &str = "...";

/// The guides one level below those of `above`.
fn deeper(above: &str, sign: &str) -> String {
    let mut levels = above.char_indices().step_by(FURTHER.len());
    let (third, is_full) = (levels.nth(2), levels.count() + 3 >= LEVELS);
    match third {
        Some((third, _)) if is_full => [FURTHER, &above[third..], sign].concat(),
        _ => [above, sign].concat(),
    }
}

/// A node whose children are being laid out.
struct Open<'t, 'a> {
    /// What stands in front of the branches to its children.
    below: String,
    /// The process that it runs in, as far as that is known.
    process: Option<&'t str>,
    host: Option<&'t str>,
    /// The number of the node behind all that are below it.
    end: usize,
    has_children: bool,
    /// The records to show that are still to come, with their numbers.
    records: Peekable<IntoIter<(usize, &'a [u8])>>,
}

impl<'t, 'a> Open<'t, 'a> {
    /// Lays out the records that come before `limit`, behind a sign of their own.
    fn records_before(&mut self, limit: usize, sign: &str, rows: &mut Vec<Row<'t, 'a>>) {
        while let Some((_, line)) = self.records.next_if(|(at, _)| *at < limit) {
            rows.push(Row {
                guides: deeper(&self.below, sign),
                content: Content::Record {
                    line,
                    process: self.process,
                },
            });
        }
    }
}

impl TreeView {
    /// Lays out all nodes; however deep they stand, there is no recursion.
    pub(super) fn lay_out<'t, 'a>(&mut self, tree: &'t Tree<'a>) -> Vec<Row<'t, 'a>> {
        let signs = Signs::of(&self.style);
        let alike = if self.options.unfolded {
            Vec::new()
        } else {
            likeness(tree)
        };
        let mut rows = Vec::new();
        let mut open: Vec<Open<'t, 'a>> = Vec::new();
        let mut number = 0;
        while let Some(node) = tree.nodes.get(number) {
            while open.len() > node.depth
                && let Some(mut over) = open.pop()
            {
                over.records_before(usize::MAX, signs.blank, &mut rows);
            }
            let parent_end = open.last().map_or(tree.nodes.len(), |parent| parent.end);
            let run = self.run(tree, &alike, number, parent_end);
            let end = run.map_or(number + node.size, |(end, _)| end);
            let (guides, below) = open.last_mut().map_or_else(Default::default, |parent| {
                let inner = if parent.has_children {
                    signs.bar
                } else {
                    signs.blank
                };
                parent.records_before(node.after, inner, &mut rows);
                let (branch, under) = if end == parent.end {
                    (signs.corner, signs.blank)
                } else {
                    (signs.tee, signs.bar)
                };
                (deeper(&parent.below, branch), deeper(&parent.below, under))
            });
            let above = open.last();
            let process = above.and_then(|above| above.process);
            let host = above.and_then(|above| above.host);
            rows.push(Row {
                guides,
                content: Content::Scope(Scope {
                    node,
                    hop: node.process.is_some() && node.process.as_deref() != process,
                    far: node.host.is_some() && node.host.as_deref() != host,
                    run: run.map(|(_, run)| run),
                }),
            });
            if run.is_some() {
                number = end;
                continue;
            }
            let too_deep = self.options.depth.is_some_and(|depth| node.depth >= depth);
            let has_children = node.size > 1 && !too_deep;
            // A failure that came up from a child is told there.
            let told_below = |exception: &&str| {
                has_children
                    && tree
                        .children(number)
                        .any(|child| tree.nodes[child].exception.as_deref() == Some(*exception))
            };
            if let Some(exception) = node.exception.as_deref().filter(|e| !told_below(e)) {
                let inner = if node.size > 1 {
                    signs.bar
                } else {
                    signs.blank
                };
                rows.push(Row {
                    guides: deeper(&below, inner),
                    content: Content::Exception(exception),
                });
            }
            if too_deep && node.size > 1 {
                rows.push(left(tree, number, deeper(&below, signs.corner)));
            }
            let records = (0..).zip(tree.records_of(node).iter().copied());
            let records: Vec<_> = records
                .filter(|(_, record)| self.is_shown(node, record))
                .collect();
            open.push(Open {
                below,
                process: node.process.as_deref().or(process),
                host: node.host.as_deref().or(host),
                end: number + node.size,
                has_children,
                records: records.into_iter().peekable(),
            });
            number = if has_children { number + 1 } else { end };
        }
        while let Some(mut over) = open.pop() {
            over.records_before(usize::MAX, signs.blank, &mut rows);
        }
        rows
    }

    /// The run that begins with a node, if one does: where it ends and what it is.
    fn run(
        &mut self,
        tree: &Tree<'_>,
        alike: &[u64],
        first: usize,
        end: usize,
    ) -> Option<(usize, Run)> {
        if alike.is_empty() || first == 0 {
            return None;
        }
        let mut is_quiet = |number: usize| {
            let node = &tree.nodes[number];
            let mut records = tree.records_of(node).iter();
            !records.any(|record| self.is_shown(node, record))
        };
        run(tree, alike, first, end, &mut is_quiet)
    }
}

/// The line in the place of all that is below a node.
fn left<'t, 'a>(tree: &Tree<'_>, number: usize, guides: String) -> Row<'t, 'a> {
    let below = &tree.nodes[number + 1..number + tree.nodes[number].size];
    let failed = below.iter().filter(|node| node.status == Status::Failed);
    Row {
        guides,
        content: Content::Left {
            scopes: below.len(),
            failed: failed.count(),
        },
    }
}
