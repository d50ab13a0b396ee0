//! Syslog over TCP: octets counted, or messages that end with a newline or NUL (RFC 6587).
//! Nothing announces which, so the first bytes of a connection tell.
//!
//! A digit begins a count. Else the first end decides: NUL, or a newline that a priority
//! follows, or nothing for now. A newline in front of other text is within a message, a
//! traceback of Python's `SysLogHandler` for example, if NUL comes after it.

use std::ops::Range;

use super::{
    Cut, Framing, counted,
    delimited::{Search, message},
};
use crate::source::net::Refusal;

/// What has told nothing within so many bytes is taken for lines: a traceback has a few
/// thousand, and who looks at each byte again and again must not look at many.
const WINDOW: usize = 64 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing has told yet.
    Unknown,
    /// RFC 6587, 3.4.1.
    Counted,
    /// A newline ends a message, and NUL does too.
    Lines,
    /// NUL ends a message, and newlines are part of it.
    Nul,
}

/// Finds out how messages are framed, and finds them.
#[derive(Debug)]
pub(in crate::source::net) struct Syslog {
    kind: Kind,
    search: Search,
}

impl Syslog {
    pub(in crate::source::net) fn new(limit: usize) -> Self {
        Self {
            kind: Kind::Unknown,
            search: Search::new(limit),
        }
    }

    /// What the first bytes tell; `None` if they do not tell yet.
    fn tell(input: &[u8]) -> Option<Kind> {
        if input.first()?.is_ascii_digit()
            && let Ok(count) = counted::count(input)
        {
            // Behind a count stands a priority.
            match count.map(|at| input.get(at.start)) {
                None | Some(None) => return None,
                Some(Some(b'<')) => return Some(Kind::Counted),
                Some(Some(_)) => {}
            }
        }
        let window = &input[..input.len().min(WINDOW)];
        if input.first() != Some(&b'<') {
            let at = memchr::memchr2(b'\n', 0, window);
            return match at.map(|at| window[at]) {
                Some(0) => Some(Kind::Nul),
                Some(_) => Some(Kind::Lines),
                None => (input.len() > WINDOW).then_some(Kind::Lines),
            };
        }
        let nul = memchr::memchr(0, window);
        let mut newlines = memchr::memchr_iter(b'\n', &window[..nul.unwrap_or(window.len())]);
        // Text may have a bracket too: what follows it is no digit then.
        let begins = |rest: &[u8]| matches!(rest, [] | [b'<', b'0'..=b'9', ..]);
        if newlines.any(|at| begins(&input[at + 1..])) {
            Some(Kind::Lines)
        } else if nul.is_some() {
            Some(Kind::Nul)
        } else {
            (input.len() > WINDOW).then_some(Kind::Lines)
        }
    }
}

impl Framing for Syslog {
    fn next(&mut self, input: &[u8]) -> Result<Cut, Refusal> {
        if self.kind == Kind::Unknown {
            let blank = input.iter().take_while(|byte| byte.is_ascii_whitespace());
            let blank = blank.count();
            if blank > 0 {
                return Ok(Cut::Nothing { consumed: blank });
            }
            self.kind = Self::tell(input).unwrap_or(Kind::Unknown);
        }
        match self.kind {
            Kind::Counted => counted::next(input, self.search.limit()),
            Kind::Lines => (self.search).next(input, |bytes| memchr::memchr2(b'\n', 0, bytes)),
            Kind::Nul => self.search.next(input, |bytes| memchr::memchr(0, bytes)),
            Kind::Unknown => self.search.more(input),
        }
    }

    fn rest(&self, input: &[u8]) -> Option<Range<usize>> {
        match self.kind {
            Kind::Counted => None,
            _ => message(input, input.len()),
        }
    }
}
