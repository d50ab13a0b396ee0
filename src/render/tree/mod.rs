//! A tree as a picture: goals and sub-goals, how they ended, how long they took, and where
//! the request went from one process to another.

mod bar;
mod head;
mod layout;
mod remarks;
mod row;
mod runs;

use unicode_width::UnicodeWidthStr;

use self::{
    layout::{Content, Row, Scope},
    row::Columns,
};
use super::{
    line::{LineOptions, LineView},
    style::Style,
};
use crate::{
    record::{Canonical, Found, Level, Reader},
    tree::Tree,
};

/// Which records are shown inside the tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordsShown {
    /// None.
    None,
    /// Warnings and errors.
    #[default]
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

/// Shows trees.
pub struct TreeView {
    style: Style,
    options: TreeOptions,
    reader: Reader,
    found: Found,
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
            reader,
            found: Found::default(),
        }
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

    fn is_shown(&mut self, line: &[u8]) -> bool {
        let shown = self.options.records;
        if shown == RecordsShown::None {
            return false;
        }
        let Ok(record) = self.reader.read(line, &mut self.found) else {
            return true;
        };
        let boundary = record.text(Canonical::Event).is_some();
        !boundary && (shown == RecordsShown::All || record.level() >= Some(Level::WARNING))
    }
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
        Content::Record(record) => drop(lines.show_inside(record, &mut text)),
        Content::Left { scopes, failed } => {
            let ellipsis = if style.ascii { "..." } else { "…" };
            let more = format!("{ellipsis} {} more", head::count(*scopes, "scope"));
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

/// The columns that guides take.
fn width(guides: &str) -> usize {
    guides.width()
}
