//! A tree as a picture: goals and sub-goals, how they ended, how long they took, and where
//! the request went from one process to another.

use std::{iter::Peekable, vec::IntoIter};

use unicode_width::UnicodeWidthStr;

use super::{
    line::{LineOptions, LineView},
    style::Style,
    text::{duration, fit, sanitize},
};
use crate::{
    record::{Canonical, Found, Level, Reader},
    tree::{Edge, Flag, Node, Skew, Status, Tree},
};

/// Which records are shown inside the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordsShown {
    /// None.
    None,
    /// Warnings and errors.
    Errors,
    /// All but those that start and end scopes, which the tree itself shows.
    All,
}

/// Shows trees.
pub struct TreeView {
    style: Style,
    shown: RecordsShown,
    reader: Reader,
    found: Found,
    lines: LineView,
}

/// A line of the picture before the columns are known: guides and what stands behind them.
struct Row<'t, 'a> {
    guides: String,
    content: Content<'t, 'a>,
}

enum Content<'t, 'a> {
    /// A node, and whether its process is another than that of the one above.
    Node(&'t Node<'a>, bool),
    /// Why the node above failed.
    Exception(String),
    /// A record of a node above.
    Record(&'a [u8]),
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

/// A node whose children are being laid out.
struct Open<'t, 'a> {
    /// What stands in front of the branches to its children.
    below: String,
    /// The process that it runs in, as far as that is known.
    process: Option<&'t str>,
    /// The number of the node behind all that are below it.
    end: usize,
    has_children: bool,
    /// The records to show that are still to come, with their numbers.
    records: Peekable<IntoIter<(usize, &'a [u8])>>,
}

impl<'a> Open<'_, 'a> {
    /// Lays out the records that come before `limit`, behind a sign of their own.
    fn records_before(&mut self, limit: usize, sign: &str, rows: &mut Vec<Row<'_, 'a>>) {
        while let Some((_, record)) = self.records.next_if(|(at, _)| *at < limit) {
            rows.push(Row {
                guides: format!("{}{sign}", self.below),
                content: Content::Record(record),
            });
        }
    }
}

impl TreeView {
    /// A view in that style.
    pub fn new(style: Style, shown: RecordsShown) -> Self {
        let mut reader = Reader::default();
        for canonical in [Canonical::Level, Canonical::Event, Canonical::Tree] {
            reader.canonical(canonical);
        }
        Self {
            lines: LineView::new(style.clone(), &LineOptions::default()),
            style,
            shown,
            reader,
            found: Found::default(),
        }
    }

    /// Appends the picture of `tree` and a blank line.
    pub fn show(&mut self, tree: &Tree<'_>, out: &mut Vec<u8>) {
        self.head(tree, out);
        let mut rows = Vec::new();
        self.collect(tree, &mut rows);
        let width = |row: &Row<'_, '_>| match row.content {
            Content::Node(node, _) => row.guides.width() + 2 + self.name(node).width(),
            _ => 0,
        };
        let widest = rows.iter().map(width).max().unwrap_or(0);
        // Right of the names there must be room for a duration and a process.
        let column = widest.clamp(20, self.style.width.saturating_sub(30).max(20));
        for row in &rows {
            match &row.content {
                Content::Node(node, hop) => self.row(row, node, *hop, tree, column, out),
                note => self.note(&row.guides, note, out),
            }
        }
        out.push(b'\n');
    }

    /// Appends the line above the picture: which request, when, how large.
    fn head(&self, tree: &Tree<'_>, out: &mut Vec<u8>) {
        let style = &self.style;
        let palette = &style.palette;
        style.paint(out, palette.status(tree.status), tree.status.name());
        let took = tree
            .duration
            .map(|seconds| format!(" {}", duration(seconds)))
            .unwrap_or_default();
        style.paint(out, palette.strong, &took);
        let dot = if style.ascii { "-" } else { "·" };
        let mut facts = vec![
            sanitize(&tree.id).into_owned(),
            style.times.text(tree.start).into_owned(),
            count(tree.records.len(), "record"),
        ];
        if tree.processes.len() > 1 {
            facts.push(format!("{} processes", tree.processes.len()));
        }
        if tree.errors > 0 {
            facts.push(count(tree.errors, "failed scope"));
        }
        if !tree.complete {
            facts.push("incomplete".to_owned());
        }
        if tree.continuation {
            facts.push("continues an earlier tree".to_owned());
        }
        if let Some(revision) = tree.snapshot {
            facts.push(format!("snapshot {revision}"));
        }
        if let Some(selected) = tree.selected {
            facts.push(format!("{} selected", count(selected, "scope")));
        }
        for fact in facts {
            style.paint(out, palette.dim, &format!(" {dot} {fact}"));
        }
        out.push(b'\n');
        for skew in tree.skew.iter().filter(|skew| skew.violations > 0) {
            style.paint(out, palette.caution, &disagreement(skew));
            out.push(b'\n');
        }
    }

    /// Lays out all nodes; however deep they stand, there is no recursion.
    fn collect<'t, 'a>(&mut self, tree: &'t Tree<'a>, rows: &mut Vec<Row<'t, 'a>>) {
        let signs = Signs::of(&self.style);
        let mut open: Vec<Open<'t, 'a>> = Vec::new();
        for (number, node) in tree.nodes.iter().enumerate() {
            while open.len() > node.depth
                && let Some(mut over) = open.pop()
            {
                over.records_before(usize::MAX, signs.blank, rows);
            }
            let (guides, below, process) = match open.last_mut() {
                None => (String::new(), String::new(), None),
                Some(parent) => {
                    let inner = if parent.has_children {
                        signs.bar
                    } else {
                        signs.blank
                    };
                    parent.records_before(node.after, inner, rows);
                    let is_last = number + node.size == parent.end;
                    let (branch, under) = if is_last {
                        (signs.corner, signs.blank)
                    } else {
                        (signs.tee, signs.bar)
                    };
                    (
                        format!("{}{branch}", parent.below),
                        format!("{}{under}", parent.below),
                        parent.process,
                    )
                }
            };
            let hop = node.process.is_some() && node.process.as_deref() != process;
            rows.push(Row {
                guides,
                content: Content::Node(node, hop),
            });
            let has_children = node.size > 1;
            // A failure that came up from a child is told there.
            let told_below = |exception: &&str| {
                tree.children(number)
                    .any(|child| tree.nodes[child].exception.as_deref() == Some(*exception))
            };
            if let Some(exception) = node.exception.as_deref().filter(|e| !told_below(e)) {
                let inner = if has_children { signs.bar } else { signs.blank };
                rows.push(Row {
                    guides: format!("{below}{inner}"),
                    content: Content::Exception(sanitize(exception).into_owned()),
                });
            }
            let records = (0..).zip(tree.records_of(node).iter().copied());
            let records: Vec<_> = records
                .filter(|(_, record)| self.is_shown(record))
                .collect();
            open.push(Open {
                below,
                process: node.process.as_deref().or(process),
                end: number + node.size,
                has_children,
                records: records.into_iter().peekable(),
            });
        }
        while let Some(mut over) = open.pop() {
            over.records_before(usize::MAX, signs.blank, rows);
        }
    }

    fn is_shown(&mut self, line: &[u8]) -> bool {
        if self.shown == RecordsShown::None {
            return false;
        }
        let Ok(record) = self.reader.read(line, &mut self.found) else {
            return true;
        };
        let boundary = record.text(Canonical::Event).is_some();
        !boundary && (self.shown == RecordsShown::All || record.level() >= Some(Level::WARNING))
    }

    fn row(
        &self,
        row: &Row<'_, '_>,
        node: &Node<'_>,
        hop: bool,
        tree: &Tree<'_>,
        column: usize,
        out: &mut Vec<u8>,
    ) {
        let style = &self.style;
        let palette = &style.palette;
        let guides = &row.guides;
        style.paint(out, palette.dim, guides);
        style.paint(out, palette.status(node.status), style.mark(node.status));
        out.push(b' ');
        let room = column.saturating_sub(guides.width() + 2).max(8);
        let full = self.name(node);
        let name = fit(&full, room);
        let paint = if node.status == Status::Failed {
            palette.bad
        } else {
            palette.strong
        };
        style.paint(out, paint, &name);
        out.extend(std::iter::repeat_n(b' ', room.saturating_sub(name.width())));
        let took = match node.duration {
            Some(seconds) => duration(seconds),
            None if node.status == Status::Running => "running".into(),
            None => "-".into(),
        };
        let pad = 8_usize.saturating_sub(took.width());
        out.extend(std::iter::repeat_n(b' ', pad));
        style.paint(out, self.weight(node, tree), &took);
        if hop && let Some(process) = &node.process {
            let arrow = if style.ascii { "  @ " } else { "  ⇢ " };
            style.paint(out, palette.dim, arrow);
            style.paint(out, palette.name, &sanitize(process));
        }
        let flags: Vec<_> = remarks(node).collect();
        if node.critical.is_some() {
            style.paint(out, palette.slow, "  critical");
        }
        if !flags.is_empty() {
            style.paint(out, palette.caution, &format!("  ({})", flags.join(", ")));
        }
        out.push(b'\n');
    }

    /// Appends what belongs to the node above, behind the guides of its children.
    fn note(&mut self, guides: &str, note: &Content<'_, '_>, out: &mut Vec<u8>) {
        let mut text = Vec::new();
        match note {
            Content::Exception(exception) => {
                self.style
                    .paint(&mut text, self.style.palette.bad, exception);
            }
            // A record of a tree was a record when the tree was read.
            Content::Record(record) => drop(self.lines.show_inside(record, &mut text)),
            Content::Node(..) => {}
        }
        for line in text.split(|&b| b == b'\n').filter(|line| !line.is_empty()) {
            self.style.paint(out, self.style.palette.dim, guides);
            out.extend_from_slice(b"  ");
            out.extend_from_slice(line);
            out.push(b'\n');
        }
    }

    fn name(&self, node: &Node<'_>) -> String {
        match &node.name {
            Some(name) => sanitize(name).into_owned(),
            None => format!(
                "{} {}",
                if self.style.ascii { "scope" } else { "…" },
                sanitize(&node.id)
            ),
        }
    }

    /// Where the time went should stand out, and what took hardly any should not.
    fn weight(&self, node: &Node<'_>, tree: &Tree<'_>) -> anstyle::Style {
        let palette = &self.style.palette;
        let total = tree.duration.unwrap_or(0.0);
        match (node.duration, node.own) {
            (None, _) => palette.caution,
            (_, Some(own)) if own > total * 0.3 => palette.slow,
            (Some(took), _) if took < total * 0.05 => palette.dim,
            _ => anstyle::Style::new(),
        }
    }
}

/// What is to be remarked about a node: how it came to stand there, and what is odd.
fn remarks<'n>(node: &'n Node<'_>) -> impl Iterator<Item = &'static str> + use<'n> {
    let edge = node.edge.map(|edge| match edge {
        Edge::Join => "joined",
        Edge::Tree => "place unknown",
    });
    let adjusted = node.adjusted.map(|_| "clock adjusted");
    let flags = node.flags.iter().map(|flag| words(*flag));
    edge.into_iter().chain(flags).chain(adjusted)
}

fn words(flag: Flag) -> &'static str {
    match flag {
        Flag::StartMissing => "start missing",
        Flag::Inferred => "never seen itself",
        Flag::Duplicate => "duplicate records",
        Flag::Late => "records after its end",
        Flag::Cycle => "below itself",
    }
}

/// What is proven about two clocks that disagree.
fn disagreement(skew: &Skew<'_>) -> String {
    let (from, to) = (sanitize(&skew.from), sanitize(&skew.to));
    let (ahead, behind, [least, most]) = match skew.min {
        Some(min) if min > 0.0 => (to, from, [skew.min, skew.max]),
        _ => (
            from,
            to,
            [skew.max, skew.min].map(|bound| bound.map(|bound| -bound)),
        ),
    };
    let least = duration(least.unwrap_or(0.0).max(0.0));
    let most = most.map(|most| format!(", at most {}", duration(most)));
    format!(
        "the clock of {ahead} is at least {least} ahead of that of {behind}{}",
        most.unwrap_or_default()
    )
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
