//! PostgreSQL's log as text, with what mostly stands in front of its lines (`log_line_prefix`): `%m [%p] ` and what Debian,
//! RDS and pgBadger have. Names are those of its log in JSON.
//!
//! An entry is a line with a severity and lines about it, each with the same in front of it, and lines within those
//! begin with a tab.

mod prefix;

use self::prefix::Prefix;
use super::{
    below::{Line, Open, Reader},
    cut::{around, is_number},
    format::{Format, Server},
    object::Object,
};
use crate::record::{Zone, without_mark};

pub(super) const FORMAT: Format = Format::server(
    "postgres",
    "PostgreSQL's log on stderr, with the usual log_line_prefix",
    Server {
        looks,
        reader: |settings| Box::new(Postgres(settings.zone)),
        goes_on: true,
    },
);

/// True for a line with a severity, or about the one above it.
fn looks(line: &[u8]) -> bool {
    Entry::read(line).is_some()
}

/// Reads entries, whose times are of that zone.
struct Postgres(Option<Zone>);

impl Reader for Postgres {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let entry = Entry::read(line)
            .ok_or("no log of PostgreSQL: expected TIME [PID] SEVERITY:  MESSAGE")?;
        entry.prefix.write(entry.level(), self.0, object);
        entry.write(object);
        Ok(Line::Open(Open {
            by: FORMAT.name,
            head: entry.prefix.process.into(),
            is_dated: false,
            is_begun: false,
        }))
    }

    fn begins(&self, line: &[u8], _is_apart: bool) -> bool {
        looks(line)
    }

    fn awaits(&self, line: &[u8], above: Line) -> bool {
        let Some(Open { head, .. }) = above.open(FORMAT.name) else {
            return false;
        };
        let is_about =
            |entry: Entry<'_>| u64::from(entry.prefix.process) == head && entry.level().is_none();
        line.starts_with(b"\t") || Entry::read(line).is_some_and(is_about)
    }

    fn join(&mut self, line: &[u8], above: Line, object: &mut Object<'_>) -> Line {
        match line.strip_prefix(b"\t") {
            Some(line) => object.line(line.trim_ascii_end()),
            None => Entry::read(line)
                .iter()
                .for_each(|entry| entry.write(object)),
        }
        above
    }
}

/// What a line tells.
#[derive(Debug)]
struct Entry<'a> {
    prefix: Prefix<'a>,
    severity: &'a [u8],
    text: &'a [u8],
}

/// The severities of messages, with the words that are levels.
const SEVERITIES: [(&[u8], &[u8]); 13] = [
    (b"LOG", b"LOG"),
    (b"ERROR", b"ERROR"),
    (b"FATAL", b"FATAL"),
    (b"PANIC", b"PANIC"),
    (b"WARNING", b"WARNING"),
    (b"NOTICE", b"NOTICE"),
    (b"INFO", b"INFO"),
    (b"DEBUG", b"DEBUG"),
    (b"DEBUG1", b"DEBUG"),
    (b"DEBUG2", b"DEBUG"),
    (b"DEBUG3", b"DEBUG"),
    (b"DEBUG4", b"DEBUG"),
    (b"DEBUG5", b"DEBUG"),
];

/// What lines about a message begin with, and the names in records.
const ABOUT: [(&[u8], &[u8]); 7] = [
    (b"DETAIL", b"detail"),
    (b"HINT", b"hint"),
    (b"QUERY", b"internal_query"),
    (b"CONTEXT", b"context"),
    (b"LOCATION", b"location"),
    (b"BACKTRACE", b"backtrace"),
    (b"STATEMENT", b"statement"),
];

fn named(names: &[(&[u8], &'static [u8])], word: &[u8]) -> Option<&'static [u8]> {
    let mut names = names.iter();
    names.find_map(|(name, meant)| (*name == word).then_some(*meant))
}

impl<'a> Entry<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        let line = without_mark(line).trim_ascii_end();
        // Before all else, what few other lines have.
        if line.get(4) != Some(&b'-') {
            return None;
        }
        let end = severity_end(line)?;
        let head = &line[..end];
        let start = head.iter().rposition(|byte| b" :".contains(byte))? + 1;
        let severity = &head[start..];
        let is_known = named(&SEVERITIES, severity).or_else(|| named(&ABOUT, severity));
        is_known?;
        Some(Self {
            prefix: Prefix::read(&head[..start])?,
            severity,
            text: line.get(end + 3..).unwrap_or_default(),
        })
    }

    /// The level of a message; a line about one has none.
    fn level(&self) -> Option<&'static [u8]> {
        named(&SEVERITIES, self.severity)
    }

    /// Writes what it tells but for what stands in front.
    fn write(&self, object: &mut Object<'_>) {
        let Some(key) = named(&ABOUT, self.severity) else {
            if self.level() != Some(self.severity) {
                object.text(b"error_severity", self.severity);
            }
            return object.text(b"message", self.text);
        };
        let place = around(self.text, b", ").filter(|_| key == b"location");
        let place = place.and_then(|(name, place)| Some((name, around(place, b":")?)));
        match place.filter(|(_, (_, line))| is_number(line)) {
            Some((name, (file, line))) => {
                object.text(b"func_name", name);
                object.text(b"file_name", file);
                object.bare(b"file_line_num", line);
            }
            None => object.open_text(key, self.text),
        }
    }
}

/// Where the colon behind a severity stands: two blanks follow it, or the end where there is no text.
fn severity_end(line: &[u8]) -> Option<usize> {
    // A search for the text would cost more, and each line of other logs that has a time comes here too.
    let end = memchr::memchr_iter(b':', line).find(|at| line[at + 1..].starts_with(b"  "));
    end.or_else(|| line.len().checked_sub(1).filter(|_| line.ends_with(b":")))
}

#[cfg(test)]
mod tests;
