//! Trees and records as a table, one row each.

mod columns;

use std::borrow::Cow;

use serde_json::Value;

pub use self::columns::Columns;
use super::{
    grid::{Datum, Entry, Format, Grid},
    style::Style,
    text::{SHOWN_OF_ID, duration, sanitize},
};
use crate::{
    expr::Asked,
    record::{Canonical, Found, Instant, Malformed, Reader},
    tree::{Summary, Tree},
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
    /// What stands in the columns, if the user has said it.
    chosen: Option<Vec<Asked>>,
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
    /// An empty table in that style and format, of these columns, or of those that suit most.
    pub fn new(style: Style, format: Format, columns: Option<&Columns>) -> Self {
        let mut reader = Reader::default();
        let chosen = columns.map(|columns| columns.ask(&mut reader));
        let records = if let Some(columns) = columns {
            let heads: Vec<_> = columns.heads().collect();
            // Which of them are long is not known, so that all may take several lines.
            Rows::new(format, &heads, &[], heads.len())
        } else {
            for canonical in [
                Canonical::Time,
                Canonical::Level,
                Canonical::Logger,
                Canonical::Message,
            ] {
                reader.canonical(canonical);
            }
            Rows::new(format, &RECORD_HEAD, &[], TEXTS)
        };
        Self {
            style,
            reader,
            found: Found::default(),
            chosen,
            trees: Rows::new(format, &TREE_HEAD, &[3, 4, 5], TEXTS),
            records,
        }
    }

    /// Adds a tree.
    pub fn tree(&mut self, tree: &Tree<'_>, out: &mut Vec<u8>) {
        self.whole(tree, tree.records.len(), out);
    }

    /// Adds a tree whose nodes are not there.
    pub fn summary(&mut self, summary: &Summary<'_>, out: &mut Vec<u8>) {
        self.whole(&summary.tree, summary.records, out);
    }

    fn whole(&mut self, tree: &Tree<'_>, records: usize, out: &mut Vec<u8>) {
        let name = self.name(tree);
        let is_named = |exception: &str| {
            let rest = exception.strip_prefix(&*name);
            rest.is_some_and(|rest| rest.starts_with(':'))
        };
        let what = match &tree.exception {
            // Who says that a scope has failed often names it.
            Some(exception) if is_named(exception) => exception.to_string(),
            Some(exception) => format!("{name}: {exception}"),
            None => name.into_owned(),
        };
        self.trees.waiting.push(vec![
            id(&tree.id),
            status(tree),
            instant(tree.start, &self.style),
            tree.duration.map_or_else(nothing, seconds),
            count(records),
            count(tree.processes.len()),
            text(&what),
        ]);
        if self.trees.waiting.len() == ROWS {
            self.finish(out);
        }
    }

    /// What a tree is about: the name of its outermost scope that has one, or else the message of its first record.
    fn name<'t>(&mut self, tree: &'t Tree<'_>) -> Cow<'t, str> {
        let named = tree.nodes.iter().find_map(|node| node.name.as_deref());
        let name = named.map(Cow::Borrowed).or_else(|| {
            let first = self.message(tree.records.first()?)?;
            first.lines().next().map(|line| line.to_owned().into())
        });
        name.unwrap_or(Cow::Borrowed("-"))
    }

    /// The message of a record.
    fn message<'l>(&mut self, line: &'l [u8]) -> Option<Cow<'l, str>> {
        let record = self.reader.read(line, &mut self.found);
        record.ok()?.message()
    }

    /// Adds a record; false if the line is a tree, and a row of it is made by other means.
    pub fn record(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<bool, Malformed> {
        let record = self.reader.read(line, &mut self.found)?;
        let row = if let Some(chosen) = &self.chosen {
            let entry = |field| columns::entry(field, &record, &self.style);
            chosen.iter().map(entry).collect()
        } else if record.schema() == Some("tree") {
            return Ok(false);
        } else {
            let level = record.level().map(|level| text(level.name()));
            let given = |canonical| record.text(canonical).map(|given| text(&given));
            vec![
                instant(record.time(), &self.style),
                level.unwrap_or_else(nothing),
                given(Canonical::Logger).unwrap_or_else(nothing),
                record
                    .message()
                    .map_or_else(nothing, |message| text(&message)),
            ]
        };
        self.records.waiting.push(row);
        if self.records.waiting.len() == ROWS {
            self.finish(out);
        }
        Ok(true)
    }

    /// Appends the rows so far.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if self.chosen.is_some() {
            self.records.align();
        }
        for rows in [&mut self.trees, &mut self.records] {
            if !rows.waiting.is_empty() {
                rows.grid.write(&rows.waiting, &self.style, out);
                rows.waiting.clear();
            }
        }
    }
}

impl Rows {
    fn new(format: Format, head: &[&str], right: &[usize], texts: usize) -> Self {
        Self {
            grid: Grid {
                format,
                head: head
                    .iter()
                    .map(|head| sanitize(head).into_owned())
                    .collect(),
                right: right.to_vec(),
                texts,
                begun: false,
            },
            waiting: Vec::new(),
        }
    }

    /// Has columns of numbers stand at the right.
    fn align(&mut self) {
        let is_right = |&column: &usize| {
            let values = self.waiting.iter().map(|row| &row[column].value);
            let mut values = values.filter(|value| **value != Datum::Made(Value::Null));
            let has_some = values.clone().next().is_some();
            has_some && values.all(Datum::is_number)
        };
        self.grid.right = (0..self.grid.head.len()).filter(is_right).collect();
    }
}

fn text(text: &str) -> Entry {
    Entry {
        text: sanitize(text).into_owned(),
        value: text.into(),
    }
}

/// The id of a tree, of which as much is shown as tells trees apart.
fn id(id: &str) -> Entry {
    Entry {
        text: sanitize(&id.chars().take(SHOWN_OF_ID).collect::<String>()).into_owned(),
        value: id.into(),
    }
}

/// How a tree ended; who looks at it is told that a later row takes the place of this one.
fn status(tree: &Tree<'_>) -> Entry {
    let name = tree.status.name();
    Entry {
        text: match tree.snapshot {
            Some(revision) => format!("{name}, snapshot {revision}"),
            None => name.to_owned(),
        },
        value: name.into(),
    }
}

fn seconds(seconds: f64) -> Entry {
    Entry {
        text: duration(seconds),
        value: seconds.into(),
    }
}

fn nothing() -> Entry {
    Entry {
        text: String::new(),
        value: Value::Null.into(),
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
