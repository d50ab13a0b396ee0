//! What a server answers a question with: rows, and behind the last one what says that there are
//! no more.
//!
//! A query that fails when its first rows are on the way has a status of 200 all the same. What
//! comes then is no row, and nothing says that it was the end.

use std::{
    io::{self, Read},
    ops::ControlFlow,
};

/// How much is read at a time.
const PIECE: usize = 64 << 10;

/// How much of what is no row is kept: an error, which has its reason in front.
const WORDS: usize = 16 << 10;

/// The longest row. Nobody has such a record, and memory has an end.
const LONGEST: usize = 1 << 30;

/// How an answer ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With its last row.
    Whole,
    /// Who got the rows has enough.
    Enough,
    /// With something else, which may be words.
    Broken(String),
}

/// Hands out rows, until there are no more.
pub(super) fn each_row(
    mut from: impl Read,
    hand_out: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> io::Result<End> {
    let mut buffer = Vec::new();
    let mut row = Vec::new();
    // Up to where there is no end of a row.
    let mut seen = 0;
    loop {
        let mut start = 0;
        // A row is whole if another follows it, or the end: what is cut off is none.
        while let Some(end) = memchr::memchr(b'\n', &buffer[seen..]).map(|at| seen + at)
            && buffer[start] == b'r'
            && end + 1 < buffer.len()
            && matches!(buffer[end + 1], b'r' | b'e')
        {
            unescape(&buffer[start + 1..end], &mut row);
            start = end + 1;
            seen = start;
            if hand_out(&row).is_break() {
                return Ok(End::Enough);
            }
        }
        buffer.drain(..start);
        let is_row = buffer.first().is_none_or(|&byte| byte == b'r');
        seen = match memchr::memchr(b'\n', &buffer[seen - start..]) {
            Some(at) => seen - start + at,
            None => buffer.len(),
        };
        // A row that is followed by something else is no row either.
        if !is_row || seen + 1 < buffer.len() {
            return broken_or_whole(from, buffer);
        }
        if buffer.len() > LONGEST {
            return Err(io::Error::other("a record of more than 1 GiB"));
        }
        let held = buffer.len();
        buffer.resize(held + PIECE, 0);
        let count = from.read(&mut buffer[held..]);
        buffer.truncate(held + *count.as_ref().unwrap_or(&0));
        match count {
            Ok(0) => return broken_or_whole(from, buffer),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
            Ok(_) => {}
        }
    }
}

/// What stands behind the rows is the end, or words of the server.
fn broken_or_whole(from: impl Read, mut rest: Vec<u8>) -> io::Result<End> {
    // If the connection ends badly now, what is there tells more than that.
    let more = from.take(WORDS as u64).read_to_end(&mut rest);
    if rest == b"e\n" {
        return more.map(|_| End::Whole);
    }
    rest.truncate(2 * WORDS);
    if rest.is_empty() {
        more?;
    }
    Ok(End::Broken(String::from_utf8_lossy(&rest).into_owned()))
}

/// What is meant by a text of a row.
fn unescape(text: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let Some(&code) = rest.get(at + 1) else {
            out.push(b'\\');
            return;
        };
        out.push(match code {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'0' => 0,
            b'b' => 8,
            b'f' => 12,
            b'a' => 7,
            b'v' => 11,
            other => other,
        });
        rest = &rest[at + 2..];
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    #[test]
    fn only_the_end_is_the_end() {
        let check = |text: &str, expect: &[&str], end: End| {
            for size in 1..=text.len().max(1) {
                let mut rows = Vec::new();
                let ended = each_row(Slow(text.as_bytes(), size), &mut |row| {
                    rows.push(String::from_utf8_lossy(row).into_owned());
                    ControlFlow::Continue(())
                });
                assert_eq!(rows, expect, "{text} {size}");
                assert_eq!(ended.expect("no failure"), end, "{text} {size}");
            }
        };
        let broken = |words: &str| End::Broken(words.into());
        check("e\n", &[], End::Whole);
        check(
            "ra\nr\\\\b\\n\\tc\\'\nr\nre\ne\n",
            &["a", "\\b\n\tc'", "", "e"],
            End::Whole,
        );
        check("", &[], broken(""));
        check("ra\n", &[], broken("ra\n"));
        check("ra\nrb", &["a"], broken("rb"));
        check("ra\nrb\ne", &["a", "b"], broken("e"));
        check("ra\ne\nx", &["a"], broken("e\nx"));
        check("ra\nCode: 1.\nx", &[], broken("ra\nCode: 1.\nx"));
        check("ra\nrb\nCode: 1.", &["a"], broken("rb\nCode: 1."));
        check("Code: 1. No", &[], broken("Code: 1. No"));
        check("\r\nCode: 1. No", &[], broken("\r\nCode: 1. No"));
    }

    #[test]
    fn who_has_enough_gets_no_more() {
        let mut count = 0;
        let ended = each_row(&b"ra\nrb\nrc\ne\n"[..], &mut |_| {
            count += 1;
            if count == 2 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert_eq!((ended.expect("no failure"), count), (End::Enough, 2));
    }
}
