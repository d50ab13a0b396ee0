//! Rows: what a record has in columns of its own.

use std::borrow::Cow;

use super::identity::{Hash, Identities};
use crate::{
    record::{Canonical, Found, Instant, Level, Reader},
    tree::request,
};

/// A record as a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row<'a> {
    /// What it is known by.
    pub hash: Hash,
    /// When it happened.
    pub time: Option<Instant>,
    /// How severe it is.
    pub level: Option<Level>,
    /// The logger.
    pub logger: Option<Cow<'a, str>>,
    /// The program or service.
    pub service: Option<Cow<'a, str>>,
    /// The host.
    pub host: Option<Cow<'a, str>>,
    /// The request.
    pub tree: Option<Cow<'a, str>>,
    /// The record itself.
    pub line: &'a [u8],
}

/// Makes rows of records.
#[derive(Debug)]
pub struct Rows {
    reader: Reader,
    found: Found,
    identities: Identities,
}

impl Default for Rows {
    fn default() -> Self {
        let mut reader = Reader::default();
        for canonical in [
            Canonical::Time,
            Canonical::Level,
            Canonical::Logger,
            Canonical::Service,
            Canonical::Host,
            Canonical::Tree,
        ] {
            reader.canonical(canonical);
        }
        Self {
            reader,
            found: Found::default(),
            identities: Identities::default(),
        }
    }
}

impl Rows {
    /// The row of a line; what is no record has nothing but its text.
    pub fn row<'a>(&mut self, line: &'a [u8]) -> Row<'a> {
        let bare = Row {
            hash: self.identities.of(line),
            line,
            ..Row::default()
        };
        let Ok(record) = self.reader.read(line, &mut self.found) else {
            return bare;
        };
        Row {
            time: record.time(),
            level: record.level(),
            logger: record.text(Canonical::Logger),
            service: record.text(Canonical::Service),
            host: record.text(Canonical::Host),
            tree: request(&record),
            ..bare
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_what_every_producer_tells() {
        let line = br#"{"logger":"db","level":"error","time":1.5,"trace_id":"4BF92F3577B34DA6A3CE929D0E0E4736"}"#;
        let mut rows = Rows::default();
        let row = rows.row(line);
        assert_eq!(row.time, Some(Instant(1_500_000_000)));
        assert_eq!(row.level, Some(Level::ERROR));
        assert_eq!(row.logger.as_deref(), Some("db"));
        // However an id is spelt, it is the one that dl-tree shows.
        assert_eq!(
            row.tree.as_deref(),
            Some("4bf92f3577b34da6a3ce929d0e0e4736")
        );
        assert_eq!(row.line, line);
        assert_ne!(row.hash, rows.row(b"no record").hash);
        assert_eq!(rows.row(b"no record").time, None);
    }
}
