//! Messages that end with a byte: a newline, or NUL.

use std::ops::Range;

use super::{Cut, Framing};
use crate::source::net::Refusal;

/// Messages that end with `end`, at most `limit` bytes long.
#[derive(Debug)]
pub(in crate::source::net) struct Delimited {
    end: u8,
    search: Search,
}

impl Delimited {
    /// A message is a line.
    pub(in crate::source::net) fn by_newline(limit: usize) -> Self {
        Self {
            end: b'\n',
            search: Search::new(limit),
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

impl Framing for Delimited {
    fn next(&mut self, input: &[u8]) -> Result<Cut, Refusal> {
        let end = self.end;
        self.search.next(input, |bytes| memchr::memchr(end, bytes))
    }

    fn rest(&self, input: &[u8]) -> Option<Range<usize>> {
        // A last line without its newline is processed, as one of a file.
        message(input, input.len())
    }
}

/// Looks for the end of a message, at each byte once.
#[derive(Debug)]
pub(super) struct Search {
    limit: usize,
    /// So many bytes of the input are known to have no end in them.
    searched: usize,
}

impl Search {
    /// For messages of at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, searched: 0 }
    }

    /// The message up to where `find` finds its end.
    pub(super) fn next(
        &mut self,
        input: &[u8],
        find: impl Fn(&[u8]) -> Option<usize>,
    ) -> Result<Cut, Refusal> {
        let end = find(&input[self.searched..]).map(|at| self.searched + at);
        let Some(end) = end.filter(|&end| end <= self.limit) else {
            self.searched = input.len();
            return self.more(input);
        };
        self.searched = 0;
        let consumed = end + 1;
        Ok(match message(input, end) {
            Some(at) => Cut::Message { at, consumed },
            None => Cut::Nothing { consumed },
        })
    }

    /// Wants more of a message that has no end yet.
    pub(super) fn more(&self, input: &[u8]) -> Result<Cut, Refusal> {
        if input.len() > self.limit {
            return Err(Refusal::TooLong { limit: self.limit });
        }
        Ok(Cut::More {
            wanted: input.len() + 1,
        })
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }
}

/// The message in `input`, or nothing if that is blank.
pub(super) fn message(input: &[u8], end: usize) -> Option<Range<usize>> {
    (!input[..end].trim_ascii().is_empty()).then_some(0..end)
}
