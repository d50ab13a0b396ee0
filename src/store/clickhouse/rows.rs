//! Rows as JSONEachRow, an object each, and values as literals of ClickHouse.

use std::{fmt, io::Write};

use crate::{
    record::Instant,
    store::{Hash, Row},
};

/// The first second that a time of the server with nanoseconds has: 1900.
const EARLIEST: Instant = Instant(-2_208_988_800_000_000_000);

/// The rows of a batch; the memory is used again.
#[derive(Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    hash: String,
}

impl Lines {
    /// Begins anew with these rows, which are numbered from `first`.
    pub(super) fn write(&mut self, rows: &[Row<'_>], first: u64) {
        self.bytes.clear();
        for (row, number) in rows.iter().zip(first..) {
            self.row(row, number);
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn row(&mut self, row: &Row<'_>, number: u64) {
        self.hash.clear();
        uuid(&row.hash, &mut self.hash);
        let out = &mut self.bytes;
        // Writing to memory cannot fail.
        let _ = write!(
            out,
            "{{\"hash\":\"{}\",\"time\":\"{}\",\"seq\":{number},\"level\":{}",
            self.hash,
            time(row.time.unwrap_or(Instant(0))),
            row.level.map_or(0, |level| level.0)
        );
        for (name, text) in [
            ("logger", &row.logger),
            ("service", &row.service),
            ("host", &row.host),
            ("tree", &row.tree),
        ] {
            if let Some(text) = text {
                let _ = write!(out, ",\"{name}\":");
                string(text.as_bytes(), out);
            }
        }
        out.extend_from_slice(b",\"record\":");
        string(row.line, out);
        out.extend_from_slice(b"}\n");
    }
}

/// A string of JSON. Bytes that are no UTF-8 go as they are, which the server takes.
fn string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text;
    let is_special = |&byte: &u8| byte < b' ' || matches!(byte, b'"' | b'\\');
    while let Some(at) = rest.iter().position(is_special) {
        out.extend_from_slice(&rest[..at]);
        let _ = match rest[at] {
            byte @ (b'"' | b'\\') => out.write_all(&[b'\\', byte]),
            byte => write!(out, "\\u{byte:04x}"),
        };
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// A time as the server has it; one that is too early for it is its first.
pub(super) fn time(time: Instant) -> String {
    time.max(EARLIEST).format(' ', 9)
}

/// A hash as the server writes it.
pub(super) fn uuid(hash: &Hash, out: &mut impl fmt::Write) {
    for (at, byte) in hash.iter().enumerate() {
        let dash = if matches!(at, 4 | 6 | 8 | 10) {
            "-"
        } else {
            ""
        };
        let _ = write!(out, "{dash}{byte:02x}");
    }
}

/// A text as a literal, in which a backslash means something.
pub(super) fn quote(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\'', "\\'");
    format!("'{}'", text.replace('\0', "\\0"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Rows;

    #[test]
    fn rows_are_written_as_the_server_reads_them() {
        let check = |line: &[u8], expect: &[u8]| {
            let row = Row {
                hash: [0xAB; 16],
                ..Rows::default().row(line)
            };
            let mut lines = Lines::default();
            lines.write(&[row], 7);
            assert_eq!(
                String::from_utf8_lossy(lines.bytes()),
                String::from_utf8_lossy(expect)
            );
            assert_eq!(lines.bytes(), expect);
        };
        check(
            b"{\"name\":\"a\\tb\",\"levelno\":40,\"created\":1.5}",
            b"{\"hash\":\"abababab-abab-abab-abab-abababababab\",\
              \"time\":\"1970-01-01 00:00:01.500000000\",\"seq\":7,\"level\":17,\
              \"logger\":\"a\\u0009b\",\
              \"record\":\"{\\\"name\\\":\\\"a\\\\tb\\\",\\\"levelno\\\":40,\\\"created\\\":1.5}\"}\n",
        );
        check(
            b"no\x00 record \xff",
            b"{\"hash\":\"abababab-abab-abab-abab-abababababab\",\
              \"time\":\"1970-01-01 00:00:00.000000000\",\"seq\":7,\"level\":0,\
              \"record\":\"no\\u0000 record \xff\"}\n",
        );
    }

    #[test]
    fn values_become_literals() {
        assert_eq!(time(Instant(i64::MIN)), "1900-01-01 00:00:00.000000000");
        assert_eq!(time(Instant(i64::MAX)), "2262-04-11 23:47:16.854775807");
        assert_eq!(quote("a'b\\' or 1\0"), "'a\\'b\\\\\\' or 1\\0'");
    }
}
