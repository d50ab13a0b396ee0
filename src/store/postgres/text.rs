//! Rows as COPY wants them: tabs between columns, and what could be taken for something else
//! behind a backslash.

use std::io::Write;

use crate::{record::Instant, store::Row};

/// The rows of a batch; the memory is used again.
#[derive(Default)]
pub(super) struct Lines(Vec<u8>);

impl Lines {
    /// Begins anew with these rows, with their JSON as such or only as text.
    pub(super) fn write(&mut self, rows: &[Row<'_>], json: bool) {
        self.0.clear();
        for row in rows {
            self.row(row, json);
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn row(&mut self, row: &Row<'_>, json: bool) {
        let out = &mut self.0;
        out.extend_from_slice(b"\\\\x");
        for byte in row.hash {
            // Writing to memory cannot fail.
            let _ = write!(out, "{byte:02x}");
        }
        let _ = match row.time {
            Some(instant) => write!(out, "\t{}", time(instant)),
            // A partition wants some time of each row.
            None => write!(out, "\t-infinity"),
        };
        match row.level {
            Some(level) => drop(write!(out, "\t{}", level.0)),
            None => out.extend_from_slice(b"\t\\N"),
        }
        for text in [&row.logger, &row.service, &row.host, &row.tree] {
            out.push(b'\t');
            match text {
                // There is no NUL in a text of PostgreSQL, only in the record's own.
                Some(text) => escaped(text.replace('\0', "").as_bytes(), out),
                None => out.extend_from_slice(b"\\N"),
            }
        }
        out.push(b'\t');
        if json {
            escaped(row.line, out);
        } else {
            out.extend_from_slice(b"\\N");
        }
        out.push(b'\t');
        escaped(row.line, out);
        out.push(b'\n');
    }
}

/// A time in UTC, cut to the microseconds that PostgreSQL has.
pub(super) fn time(time: Instant) -> String {
    time.format(' ', 6) + "+00"
}

fn escaped(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    let is_special = |&byte: &u8| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r');
    while let Some(at) = rest.iter().position(is_special) {
        out.extend_from_slice(&rest[..at]);
        out.push(b'\\');
        out.push(match rest[at] {
            b'\t' => b't',
            b'\n' => b'n',
            b'\r' => b'r',
            other => other,
        });
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{record::Level, store::Rows};

    #[test]
    fn rows_are_written_as_copy_reads_them() {
        let line = b"{\"name\":\"a\tb\\\\c\",\"levelno\":40,\"created\":1.5}";
        let row = Row {
            hash: [0xAB; 16],
            ..Rows::default().row(line)
        };
        assert_eq!(row.level, Some(Level::ERROR));
        let mut lines = Lines::default();
        lines.write(&[row], false);
        assert_eq!(
            String::from_utf8_lossy(lines.bytes()),
            "\\\\xabababababababababababababababab\t1970-01-01 00:00:01.500000+00\t17\ta\\tb\\\\c\t\\N\t\\N\t\\N\t\\N\t{\"name\":\"a\\tb\\\\\\\\c\",\"levelno\":40,\"created\":1.5}\n"
        );
    }
}
