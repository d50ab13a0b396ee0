//! Lines: how a chunk of bytes falls into records.

use std::ops::Range;

use super::index::Line;

/// The lines of a chunk, each without its newline; an unterminated last line counts too.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Lines<'a> {
    /// The lines of `chunk`.
    pub fn new(chunk: &'a [u8]) -> Self {
        Self { rest: chunk }
    }

    /// The next line, with what comes behind it.
    #[inline]
    pub fn next_line(&mut self) -> Option<Line<'a>> {
        let ahead = self.rest;
        self.next().map(|bytes| Line {
            bytes,
            ahead,
            marks: None,
        })
    }

    /// What comes after the lines that have been handed out.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = match memchr::memchr(b'\n', self.rest) {
            Some(at) => (&self.rest[..at], &self.rest[at + 1..]),
            None => (self.rest, &self.rest[self.rest.len()..]),
        };
        self.rest = rest;
        Some(line)
    }
}

/// The number of lines in `chunk`, if each of them begins with an opening brace, ends with a
/// closing one, and has a newline behind it.
///
pub fn count_framed(chunk: &[u8]) -> Option<u64> {
    let [b'{', .., b'}', b'\n'] = chunk else {
        return None;
    };
    let inner = &chunk[..chunk.len() - 1];
    let mut lines = 1;
    for at in memchr::memchr_iter(b'\n', inner) {
        if inner[at - 1] != b'}' || chunk[at + 1] != b'{' {
            return None;
        }
        lines += 1;
    }
    Some(lines)
}

/// True if a line begins and ends as an object does, a CR at its end not counted.
pub fn is_framed(line: &[u8]) -> bool {
    matches!(line, [b'{', .., b'}'] | [b'{', .., b'}', b'\r'])
}

/// The byte order mark of UTF-8, which some programs write in front of all text.
pub(super) const MARK: &[u8] = b"\xEF\xBB\xBF";

/// A text without the byte order mark that may stand in front of it.
pub fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(MARK).unwrap_or(text)
}

/// Where a part of a line stands in it; nothing if it is none.
pub fn place_in(line: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(line.as_ptr().addr())?;
    let end = start + part.len();
    (end <= line.len()).then_some(start..end)
}

/// The JSON text of a line: without a byte order mark, a record separator (RFC 7464), the
/// CR of CR LF, and blanks around it.
pub fn trim(line: &[u8]) -> &[u8] {
    let mut line = line.trim_ascii();
    // In any order and number, as the scanner takes them.
    while let Some(rest) = line
        .strip_prefix(MARK)
        .or_else(|| line.strip_prefix(b"\x1E"))
    {
        line = rest.trim_ascii_start();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_newlines_and_at_the_end() {
        let check = |chunk: &str, expect: &[&str]| {
            let lines: Vec<_> = Lines::new(chunk.as_bytes())
                .map(|l| std::str::from_utf8(l).expect("text"))
                .collect();
            assert_eq!(lines, expect, "{chunk:?}");
        };
        check("", &[]);
        check("a\nb", &["a", "b"]);
        check("a\r\n\nb\n", &["a\r", "", "b"]);
    }

    #[test]
    fn framed_lines_are_counted() {
        let check = |chunk: &str, expect: Option<u64>| {
            assert_eq!(count_framed(chunk.as_bytes()), expect, "{chunk:?}");
            // Anywhere in a block, and over the end of one.
            for length in [200, 251, 252, 253, 254, 255, 256, 510, 600] {
                let more = format!("{{{}}}\n{chunk}", "x".repeat(length));
                let expect = expect.map(|lines| lines + 1);
                assert_eq!(count_framed(more.as_bytes()), expect, "{length} {chunk:?}");
            }
        };
        check("{}\n", Some(1));
        check("{a}\n{b}\n{}\n", Some(3));
        check("{a}\n{b}\r\n{}\n", None);
        check("{a}\n {b}\n", None);
        check("{a}\nb}\n", None);
        check("{a}\n{b\n", None);
        check("{a}\n\n{b}\n", None);
        check("{a}\n{b}", None);
        check("{a}\n\n", None);
        check("\n", None);
    }

    #[test]
    fn one_byte_order_mark_is_taken_off() {
        assert_eq!(without_mark(b"\xEF\xBB\xBFa"), b"a");
        assert_eq!(without_mark(b"\xEF\xBB\xBF\xEF\xBB\xBF"), MARK);
        assert_eq!(without_mark(b"\xEF\xBBa"), b"\xEF\xBBa");
    }

    #[test]
    fn framing_is_trimmed_from_text_that_goes_elsewhere() {
        assert_eq!(trim(b"\xEF\xBB\xBF\x1E {\"a\":1} \r"), b"{\"a\":1}");
        assert_eq!(trim(b" \x1E\t\xEF\xBB\xBF\x1E{}"), b"{}");
    }
}
