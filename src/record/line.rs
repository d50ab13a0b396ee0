//! Lines: how a chunk of bytes falls into records.

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

/// The JSON text of a line: without a byte order mark, a record separator (RFC 7464), the
/// CR of CR LF, and blanks around it.
pub fn trim(line: &[u8]) -> &[u8] {
    let mut line = line.trim_ascii();
    // In any order and number, as the scanner takes them.
    while let Some(rest) = line
        .strip_prefix(b"\xEF\xBB\xBF")
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
    fn framing_is_trimmed_from_text_that_goes_elsewhere() {
        assert_eq!(trim(b"\xEF\xBB\xBF\x1E {\"a\":1} \r"), b"{\"a\":1}");
        assert_eq!(trim(b" \x1E\t\xEF\xBB\xBF\x1E{}"), b"{}");
    }
}
