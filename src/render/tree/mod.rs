//! A tree as a picture: goals and sub-goals, how they ended, how long they took, and where
//! the request went from one process to another.

mod bar;
mod head;
mod layout;
mod remarks;
mod row;
mod runs;

use self::{
    layout::{Content, Row, Scope},
    row::Columns,
};
use super::{
    line::{LineOptions, LineView},
    style::Style,
};
use crate::{
    record::{Canonical, Found, Level, Reader, Record},
    tree::{self, Boundaries, Node, Summary, Tree},
    words::plural,
};

/// Which records are shown inside the tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordsShown {
    /// None.
    None,
    /// Warnings and errors, and those of scopes without a name, of which nothing else tells what they are.
    #[default]
    Auto,
    /// Warnings and errors.
    Errors,
    /// All but those that start and end scopes, which the tree itself shows.
    All,
}

/// How much of a tree is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct TreeOptions {
    /// Which records.
    pub records: RecordsShown,
    /// How many levels below the root; all, if none is said.
    pub depth: Option<usize>,
    /// True if scopes that are alike have a line each.
    pub unfolded: bool,
}

/// Where the records begin that are shown, in order, if they have been looked at.
type Shown = Option<Vec<*const u8>>;

/// A tree, and which of its records are shown.
pub struct ReadTree<'a> {
    /// The tree.
    pub tree: Tree<'a>,
    shown: Shown,
}

impl<'a> From<Tree<'a>> for ReadTree<'a> {
    fn from(tree: Tree<'a>) -> Self {
        Self { tree, shown: None }
    }
}

/// Shows trees.
pub struct TreeView {
    style: Style,
    options: TreeOptions,
    reader: Reader,
    boundaries: Boundaries,
    found: Found,
    /// Of the tree that is being shown.
    shown: Shown,
    lines: LineView,
}

impl TreeView {
    /// A view in that style, with records as `lines` says.
    pub fn new(style: Style, options: TreeOptions, lines: &LineOptions) -> Self {
        let mut reader = Reader::default();
        for canonical in [Canonical::Level, Canonical::Event, Canonical::Tree] {
            reader.canonical(canonical);
        }
        Self {
            lines: LineView::new(style.clone(), lines),
            style,
            options,
            boundaries: Boundaries::ask(&mut reader),
            reader,
            found: Found::default(),
            shown: None,
        }
    }

    /// Reads the tree on a line that begins as such, if it is one, and looks at its records in
    /// the same pass.
    pub fn read<'a>(&mut self, line: &'a [u8]) -> Option<ReadTree<'a>> {
        if !tree::is_written(line) {
            return None;
        }
        let mut shown = Vec::new();
        let Self {
            reader,
            boundaries,
            found,
            options,
            ..
        } = self;
        let tree = match options.records {
            RecordsShown::None => tree::read(line),
            wanted => tree::read_with(line, &mut |cursor| {
                let record = cursor.record(reader, found)?;
                if is_shown(&record, wanted, boundaries) {
                    shown.push(record.line().as_ptr());
                }
                Ok(record.line())
            }),
        };
        Some(ReadTree {
            tree: tree.ok()?,
            shown: Some(shown),
        })
    }

    /// Appends what is known of a tree whose nodes are not there.
    pub fn show_summary(&self, summary: &Summary<'_>, out: &mut Vec<u8>) {
        head::summary(summary, &self.style, out);
    }

    /// Appends the picture of a tree that has been read, and a blank line.
    pub fn show_read(&mut self, tree: ReadTree<'_>, out: &mut Vec<u8>) {
        self.shown = tree.shown;
        self.show(&tree.tree, out);
        self.shown = None;
    }

    /// Appends the picture of `tree` and a blank line.
    pub fn show(&mut self, tree: &Tree<'_>, out: &mut Vec<u8>) {
        head::write(tree, &self.style, out);
        let rows = self.lay_out(tree);
        let Self { style, lines, .. } = self;
        let columns = Columns::new(&rows, tree, style);
        for row in &rows {
            match &row.content {
                Content::Scope(scope) => columns.write(&row.guides, scope, out),
                note => write_note(&row.guides, note, style, lines, out),
            }
        }
        out.push(b'\n');
    }

    /// Whether a record of a scope is shown.
    fn is_shown(&mut self, scope: &Node<'_>, line: &[u8]) -> bool {
        let wanted = match self.options.records {
            RecordsShown::None => return false,
            RecordsShown::Auto if scope.name.is_none() => RecordsShown::All,
            wanted => wanted,
        };
        if let Some(shown) = &self.shown
            && wanted == self.options.records
        {
            return shown.binary_search(&line.as_ptr()).is_ok();
        }
        match self.reader.read(line, &mut self.found) {
            Ok(record) => is_shown(&record, wanted, &self.boundaries),
            Err(_) => true,
        }
    }
}

/// Whether a record is one of those.
fn is_shown(record: &Record<'_, '_>, wanted: RecordsShown, boundaries: &Boundaries) -> bool {
    let is_wanted = wanted == RecordsShown::All || record.level() >= Some(Level::WARNING);
    let is_boundary =
        || record.bytes(Canonical::Event).is_some() || boundaries.event(record).is_some();
    is_wanted && !is_boundary()
}

/// Appends what belongs to the node above, behind the guides of its children.
fn write_note(
    guides: &str,
    note: &Content<'_, '_>,
    style: &Style,
    lines: &mut LineView,
    out: &mut Vec<u8>,
) {
    let palette = &style.palette;
    let mut text = Vec::new();
    match note {
        Content::Exception(exception) => {
            for line in exception.lines() {
                style.paint(&mut text, palette.bad, &super::sanitize(line));
                text.push(b'\n');
            }
        }
        // A record of a tree was a record when the tree was read.
        Content::Record { line, process } => {
            let _ = lines.show_inside(line, *process, &mut text);
        }
        Content::Left { scopes, failed } => {
            let ellipsis = if style.ascii { "..." } else { "…" };
            let more = format!("{ellipsis} {} more", plural(*scopes as u64, "scope"));
            style.paint(&mut text, palette.dim, &more);
            if *failed > 0 {
                style.paint(&mut text, palette.bad, &format!(", {failed} failed"));
            }
        }
        Content::Scope(_) => {}
    }
    let indent: &[u8] = match note {
        Content::Left { .. } => b"",
        _ => b"  ",
    };
    for line in text.split(|&b| b == b'\n').filter(|line| !line.is_empty()) {
        style.paint(out, palette.dim, guides);
        out.extend_from_slice(indent);
        out.extend_from_slice(line);
        out.push(b'\n');
    }
}
