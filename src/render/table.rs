//! Trees and records as a table, one row each.

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table as Grid, presets,
};

use super::{
    line::time,
    style::Style,
    text::{duration, sanitize},
};
use crate::{
    record::{Canonical, Found, Malformed, Reader},
    tree::Tree,
};

/// How many rows make a table. A longer list comes out as several tables, so that neither
/// memory nor the wait for the first row grows with the input.
const ROWS: usize = 1_000;

/// Columns of the terminal from which short columns keep their width: their sum is 75.
const ROOMY: usize = 90;

/// How many columns at the end may hold long texts: logger and message.
const TEXTS: usize = 2;

/// Collects rows.
pub struct Table {
    style: Style,
    reader: Reader,
    found: Found,
    trees: Vec<[String; 7]>,
    records: Vec<[String; 4]>,
}

const TREE_HEAD: [&str; 7] = [
    "tree",
    "status",
    "start",
    "duration",
    "records",
    "processes",
    "what",
];
const RECORD_HEAD: [&str; 4] = ["time", "level", "logger", "message"];

impl Table {
    /// An empty table in that style.
    pub fn new(style: Style) -> Self {
        let mut reader = Reader::default();
        for canonical in [
            Canonical::Time,
            Canonical::Level,
            Canonical::Logger,
            Canonical::Message,
        ] {
            reader.canonical(canonical);
        }
        Self {
            style,
            reader,
            found: Found::default(),
            trees: Vec::new(),
            records: Vec::new(),
        }
    }

    /// Adds a tree.
    pub fn tree(&mut self, tree: &Tree<'_>, out: &mut Vec<u8>) {
        let name = tree.root().name.as_deref().unwrap_or("-");
        let what = match &tree.exception {
            Some(exception) => format!("{name}: {exception}"),
            None => name.to_owned(),
        };
        self.trees.push([
            sanitize(&tree.id.chars().take(8).collect::<String>()).into_owned(),
            tree.status.name().to_owned(),
            time(tree.start).trim().to_owned(),
            tree.duration.map(duration).unwrap_or_default(),
            tree.records.len().to_string(),
            tree.processes.len().to_string(),
            sanitize(&what).into_owned(),
        ]);
        if self.trees.len() == ROWS {
            self.finish(out);
        }
    }

    /// Adds a record; false if the line is a tree.
    pub fn record(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<bool, Malformed> {
        let record = self.reader.read(line, &mut self.found)?;
        if record.schema() == Some("tree") {
            return Ok(false);
        }
        self.records.push([
            time(record.time()).trim().to_owned(),
            record
                .level()
                .map(|level| level.name().to_owned())
                .unwrap_or_default(),
            sanitize(&record.text(Canonical::Logger).unwrap_or_default()).into_owned(),
            sanitize(&record.text(Canonical::Message).unwrap_or_default()).into_owned(),
        ]);
        if self.records.len() == ROWS {
            self.finish(out);
        }
        Ok(true)
    }

    /// Appends the rows so far as tables.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if !self.trees.is_empty() {
            let grid = self.grid(
                &TREE_HEAD,
                self.trees.iter().map(|row| &row[..]),
                &[3, 4, 5],
            );
            out.extend_from_slice(grid.as_bytes());
            self.trees.clear();
        }
        if !self.records.is_empty() {
            let grid = self.grid(&RECORD_HEAD, self.records.iter().map(|row| &row[..]), &[]);
            out.extend_from_slice(grid.as_bytes());
            self.records.clear();
        }
    }

    fn grid<'r>(
        &self,
        head: &[&str],
        rows: impl Iterator<Item = &'r [String]>,
        right: &[usize],
    ) -> String {
        let mut grid = Grid::new();
        let preset = if self.style.ascii {
            presets::ASCII_MARKDOWN
        } else {
            presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none())
        };
        grid.load_style(preset)
            .set_content_arrangement(ContentArrangement::Dynamic);
        grid.set_width(u16::try_from(self.style.width).unwrap_or(u16::MAX))
            .set_header(head);
        for row in rows {
            let cells = row.iter().enumerate().map(|(column, text)| {
                let cell = Cell::new(text);
                if right.contains(&column) {
                    cell.set_alignment(CellAlignment::Right)
                } else {
                    cell
                }
            });
            grid.add_row(cells);
        }
        // Where there is room, only the last columns are texts that may take several lines.
        if self.style.width >= ROOMY {
            for column in grid.column_iter_mut().take(head.len() - TEXTS) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        format!("{grid}\n")
    }
}
