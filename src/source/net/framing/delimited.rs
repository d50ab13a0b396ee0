//! Messages that end with a byte: a newline, or NUL.

use std::ops::Range;

use super::{Cut, Framing};
use crate::source::net::Refusal;

/// Messages that end with `end`, at most `limit` bytes long.
#[derive(Debug)]
pub(in crate::source::net) struct Delimited {
    end: u8,
    limit: usize,
    /// So many bytes of the input are known to have no end in them.
    searched: usize,
}

impl Delimited {
    /// A message is a line.
    pub(in crate::source::net) fn by_newline(limit: usize) -> Self {
        Self {
            end: b'\n',
            limit,
            searched: 0,
        }
    }

    /// A message ends with NUL.
    pub(in crate::source::net) fn by_nul(limit: usize) -> Self {
        Self {
            end: 0,
            ..Self::by_newline(limit)
        }
    }
}

/// The message in `input`, or nothing if that is blank.
pub(super) fn message(input: &[u8], end: usize) -> Option<Range<usize>> {
    (!input[..end].trim_ascii().is_empty()).then_some(0..end)
}

impl Framing for Delimited {
    fn next(&mut self, input: &[u8]) -> Result<Cut, Refusal> {
        let found = memchr::memchr(self.end, &input[self.searched..]);
        let end = found.map(|at| self.searched + at);
        if end.unwrap_or(input.len()) > self.limit {
            return Err(Refusal::TooLong { limit: self.limit });
        }
        let Some(end) = end else {
            self.searched = input.len();
            return Ok(Cut::More {
                wanted: input.len() + 1,
            });
        };
        self.searched = 0;
        let consumed = end + 1;
        Ok(match message(input, end) {
            Some(at) => Cut::Message { at, consumed },
            None => Cut::Nothing { consumed },
        })
    }

    fn rest(&self, input: &[u8]) -> Option<Range<usize>> {
        // A last line without its newline is processed, as one of a file.
        message(input, input.len())
    }
}
