//! What a page knows of trees and records before it reads them: what its lists show, search
//! and sort by, and what the table of producers says of records, which the page does not have.

use super::{HtmlPieces, escape};
use crate::{
    record::{Canonical, Found, Instant, Malformed, Reader, Record},
    tree::{self, Boundaries, Flag, Node, Status, Tree},
};

/// A list shows so many characters of a message; the record has all of them.
const MESSAGE: usize = 240;

/// The deepest node that a page shows: its script takes some stack for each level.
const DEEPEST: usize = 1_000;

const EPOCH: Instant = Instant(0);

/// Makes pieces of data of lines; one for each worker.
pub struct HtmlHeads {
    reader: Reader,
    boundaries: Boundaries,
    found: Found,
    scratch: Vec<u8>,
}

impl Default for HtmlHeads {
    fn default() -> Self {
        let mut reader = Reader::default();
        for canonical in [
            Canonical::Time,
            Canonical::Level,
            Canonical::Tree,
            Canonical::Event,
            Canonical::Service,
            Canonical::Host,
            Canonical::Process,
            Canonical::Logger,
            Canonical::Message,
            Canonical::Exception,
        ] {
            reader.canonical(canonical);
        }
        Self {
            boundaries: Boundaries::ask(&mut reader),
            reader,
            found: Found::default(),
            scratch: Vec::new(),
        }
    }
}

impl HtmlHeads {
    /// Adds a line: a tree, the summary of one, or a record.
    pub fn add(&mut self, line: &[u8], pieces: &mut HtmlPieces) -> Result<(), Malformed> {
        let record = self.reader.read(line, &mut self.found)?;
        if record.schema() != Some("tree") || tree::is_summary(line) {
            let mut list = List::begin(&mut self.scratch);
            record_head(&record, &mut list);
            list.end(&mut pieces.text);
            escape::line(line, &mut pieces.text);
            pieces.text.push(b'\n');
            pieces.end(false);
            return Ok(());
        }
        let added = tree::read(line).and_then(|tree| {
            if tree.nodes.iter().any(|node| node.depth > DEEPEST) {
                return Err(Malformed {
                    at: 0,
                    expected: "fewer than 1,000 levels of scopes for a page",
                });
            }
            let mut list = List::begin(&mut self.scratch);
            tree_head(&tree, &mut list);
            list.end(&mut pieces.text);
            self.notes(&tree, &mut pieces.text)?;
            escape::line(line, &mut pieces.text);
            pieces.text.push(b'\n');
            pieces.end(true);
            Ok(())
        });
        if added.is_err() {
            pieces.take_back();
        }
        added
    }

    /// Appends the line between head and tree: the critical path, as stretches of
    /// `[node, from, to]`, and a head for each record, with its process where several wrote those of its scope. Times
    /// are milliseconds behind the start of the tree.
    fn notes(&mut self, tree: &Tree<'_>, out: &mut Vec<u8>) -> Result<(), Malformed> {
        let start = tree.start.unwrap_or(EPOCH);
        let mut list = List::begin(&mut self.scratch);
        list.list(|list| {
            tree::critical_path(tree, |number, from, to| {
                list.list(|list| {
                    list.count(number);
                    list.millis(Some(from), start);
                    list.millis(Some(to), start);
                });
            });
        });
        list.open();
        for node in &tree.nodes {
            for line in tree.records_of(node) {
                let record = self.reader.read(*line, &mut self.found)?;
                list.list(|list| {
                    list.millis(record.time(), start);
                    told(&record, list);
                    let event = record.text(Canonical::Event);
                    list.count(match event.as_deref().or(self.boundaries.event(&record)) {
                        Some("start") => 1,
                        Some("end") => 2,
                        _ => 0,
                    });
                    if !node.writers.is_empty() {
                        list.text(&record.process().unwrap_or_default());
                    }
                });
            }
        }
        list.close();
        list.end(out);
        Ok(())
    }
}

/// `["t", id, name, status, start, seconds, records, nodes, failed nodes, processes, marks,
/// exception, scheme, end]`, times in milliseconds of the epoch.
fn tree_head(tree: &Tree<'_>, list: &mut List<'_>) {
    let root = tree.root();
    list.text("t");
    list.text(&tree.id);
    list.text(root.name.as_deref().unwrap_or_default());
    list.text(tree.status.name());
    list.millis(tree.start, EPOCH);
    list.number(tree.duration);
    list.count(tree.records.len());
    list.count(tree.nodes.len());
    list.count(tree.errors);
    list.list(|list| {
        for process in &tree.processes {
            list.text(process);
        }
    });
    list.list(|list| {
        for mark in marks(tree) {
            list.text(mark);
        }
    });
    list.text(tree.exception.as_deref().unwrap_or_default());
    list.text(&tree.scheme);
    list.millis(tree.end, EPOCH);
}

/// What is odd about a tree, or about some node of it.
fn marks<'t>(tree: &'t Tree<'_>) -> impl Iterator<Item = &'static str> + 't {
    let skewed = tree.skew.iter().any(|skew| skew.violations > 0);
    let any = |test: fn(&Node<'_>) -> bool| tree.nodes.iter().any(test);
    let whole = [
        (!tree.complete, "incomplete"),
        (tree.continuation, "continuation"),
        (tree.snapshot.is_some(), "snapshot"),
        (tree.selected.is_some(), "selected"),
        (skewed, "skew"),
        (any(|node| node.status == Status::Running), "running"),
        (any(|node| node.adjusted.is_some()), "adjusted"),
    ];
    let whole = whole
        .into_iter()
        .filter_map(|(is, mark)| is.then_some(mark));
    let flags = Flag::ALL
        .into_iter()
        .filter(|flag| tree.nodes.iter().any(|node| node.flags.contains(flag)));
    whole.chain(flags.map(Flag::name))
}

/// `["r", time, level, logger, message, tree, process]`, the time in milliseconds of the epoch.
fn record_head(record: &Record<'_, '_>, list: &mut List<'_>) {
    list.text("r");
    list.millis(record.time(), EPOCH);
    told(record, list);
    list.text(&record.text(Canonical::Tree).unwrap_or_default());
    list.text(&record.process().unwrap_or_default());
}

/// Level, logger, and the first line of the message, or if it has none, of the exception.
fn told(record: &Record<'_, '_>, list: &mut List<'_>) {
    let level = record.level().map_or("", |level| level.name());
    list.text(level);
    list.text(&record.text(Canonical::Logger).unwrap_or_default());
    let message = record
        .message()
        .filter(|message| !message.is_empty())
        .or_else(|| record.text(Canonical::Exception))
        .unwrap_or_default();
    let first = message.trim_start().lines().next().unwrap_or_default();
    match first.char_indices().nth(MESSAGE) {
        Some((end, _)) => list.text(&format!("{}…", &first[..end])),
        None => list.text(first),
    }
}

/// A list of JSON that is being written.
struct List<'s> {
    out: &'s mut Vec<u8>,
}

impl<'s> List<'s> {
    fn begin(out: &'s mut Vec<u8>) -> Self {
        out.clear();
        out.push(b'[');
        Self { out }
    }

    /// Ends the list, and appends it as a line.
    fn end(self, to: &mut Vec<u8>) {
        self.out.push(b']');
        escape::escape(&String::from_utf8_lossy(self.out), to);
        to.push(b'\n');
    }

    fn next(&mut self) {
        if self.out.last() != Some(&b'[') {
            self.out.push(b',');
        }
    }

    fn open(&mut self) {
        self.next();
        self.out.push(b'[');
    }

    fn close(&mut self) {
        self.out.push(b']');
    }

    fn list(&mut self, fill: impl FnOnce(&mut Self)) {
        self.open();
        fill(self);
        self.close();
    }

    fn text(&mut self, text: &str) {
        self.next();
        // Writing a string to memory cannot fail.
        let _ = serde_json::to_writer(&mut *self.out, text);
    }

    fn count(&mut self, count: usize) {
        self.next();
        self.out
            .extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
    }

    fn number(&mut self, number: Option<f64>) {
        self.next();
        // What is not finite becomes null.
        let _ = serde_json::to_writer(&mut *self.out, &number);
    }

    /// Milliseconds from `start` on, with as many decimals as are known.
    fn millis(&mut self, time: Option<Instant>, start: Instant) {
        self.next();
        let Some(time) = time else {
            self.out.extend_from_slice(b"null");
            return;
        };
        let nanos = i128::from(time.0) - i128::from(start.0);
        let (whole, part) = (
            nanos.unsigned_abs() / 1_000_000,
            nanos.unsigned_abs() % 1_000_000,
        );
        if nanos < 0 {
            self.out.push(b'-');
        }
        self.out
            .extend_from_slice(itoa::Buffer::new().format(whole).as_bytes());
        if part > 0 {
            let digits = format!(".{part:06}");
            self.out
                .extend_from_slice(digits.trim_end_matches('0').as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_all_their_digits() {
        let check = |nanos: i64, expect: &str| {
            let mut out = Vec::new();
            List::begin(&mut out).millis(Some(Instant(nanos)), Instant(0));
            assert_eq!(String::from_utf8_lossy(&out[1..]), expect);
        };
        check(0, "0");
        check(1_500_000, "1.5");
        check(-1, "-0.000001");
        check(1_795_200_098_413_678_400, "1795200098413.6784");
    }
}
