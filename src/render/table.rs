//! Trees and records as a table, one row each.

use serde_json::Value;

use super::{
    grid::{Entry, Format, Grid},
    style::Style,
    text::{SHOWN_OF_ID, duration, sanitize},
};
use crate::{
    record::{Canonical, Found, Instant, Malformed, Reader},
    tree::Tree,
};

/// How many rows make a table. A longer list comes out as several tables, so that neither
/// memory nor the wait for the first row grows with the input.
const ROWS: usize = 1_000;

/// How many columns at the end may hold long texts: logger and message.
const TEXTS: usize = 2;

/// Collects rows.
pub struct Table {
    style: Style,
    reader: Reader,
    found: Found,
    trees: Rows,
    records: Rows,
}

/// Rows that wait, and how they are written.
struct Rows {
    grid: Grid,
    waiting: Vec<Vec<Entry>>,
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
    /// An empty table in that style and format.
    pub fn new(style: Style, format: Format) -> Self {
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
            trees: Rows::new(format, &TREE_HEAD, &[3, 4, 5]),
            records: Rows::new(format, &RECORD_HEAD, &[]),
        }
    }

    /// Adds a tree.
    pub fn tree(&mut self, tree: &Tree<'_>, out: &mut Vec<u8>) {
        let name = tree.root().name.as_deref().unwrap_or("-");
        let what = match &tree.exception {
            Some(exception) => format!("{name}: {exception}"),
            None => name.to_owned(),
        };
        self.trees.waiting.push(vec![
            Entry {
                text: sanitize(&tree.id.chars().take(SHOWN_OF_ID).collect::<String>()).into_owned(),
                value: tree.id.as_ref().into(),
            },
            text(tree.status.name()),
            instant(tree.start, &self.style),
            Entry {
                text: tree.duration.map(duration).unwrap_or_default(),
                value: tree.duration.into(),
            },
            count(tree.records.len()),
            count(tree.processes.len()),
            text(&what),
        ]);
        if self.trees.waiting.len() == ROWS {
            self.finish(out);
        }
    }

    /// Adds a record; false if the line is a tree.
    pub fn record(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<bool, Malformed> {
        let record = self.reader.read(line, &mut self.found)?;
        if record.schema() == Some("tree") {
            return Ok(false);
        }
        let level = record.level().map(|level| text(level.name()));
        let given = |canonical| record.text(canonical).map(|given| text(&given));
        self.records.waiting.push(vec![
            instant(record.time(), &self.style),
            level.unwrap_or_else(nothing),
            given(Canonical::Logger).unwrap_or_else(nothing),
            given(Canonical::Message).unwrap_or_else(nothing),
        ]);
        if self.records.waiting.len() == ROWS {
            self.finish(out);
        }
        Ok(true)
    }

    /// Appends the rows so far.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        for rows in [&mut self.trees, &mut self.records] {
            if !rows.waiting.is_empty() {
                rows.grid.write(&rows.waiting, &self.style, out);
                rows.waiting.clear();
            }
        }
    }
}

impl Rows {
    fn new(format: Format, head: &[&str], right: &[usize]) -> Self {
        Self {
            grid: Grid {
                format,
                head: head.iter().map(|&head| head.to_owned()).collect(),
                right: right.to_vec(),
                texts: TEXTS,
                begun: false,
            },
            waiting: Vec::new(),
        }
    }
}

fn text(text: &str) -> Entry {
    Entry {
        text: sanitize(text).into_owned(),
        value: text.into(),
    }
}

fn nothing() -> Entry {
    Entry {
        text: String::new(),
        value: Value::Null,
    }
}

fn count(count: usize) -> Entry {
    Entry {
        text: count.to_string(),
        value: count.into(),
    }
}

fn instant(at: Option<Instant>, style: &Style) -> Entry {
    Entry {
        text: style.times.text(at).into_owned(),
        value: at.map(Instant::to_rfc3339).into(),
    }
}
