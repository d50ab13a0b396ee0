//! Messages with their length in front: four bytes, the highest first, as Python's
//! `SocketHandler` writes them.

use std::ops::Range;

use super::{Cut, Framing};
use crate::source::net::Refusal;

/// Bytes of the length.
const HEAD: usize = 4;

/// Messages with their length in front, at most `limit` bytes long.
#[derive(Debug)]
pub(in crate::source::net) struct Length {
    limit: usize,
}

impl Length {
    pub(in crate::source::net) fn new(limit: usize) -> Self {
        Self { limit }
    }
}

impl Framing for Length {
    fn next(&mut self, input: &[u8]) -> Result<Cut, Refusal> {
        let Some(head) = input.first_chunk::<HEAD>() else {
            return Ok(Cut::More { wanted: HEAD });
        };
        let length = u32::from_be_bytes(*head);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > self.limit {
            return Err(Refusal::TooLong { limit: self.limit });
        }
        let end = HEAD + length;
        Ok(if input.len() < end {
            Cut::More { wanted: end }
        } else {
            Cut::Message {
                at: HEAD..end,
                consumed: end,
            }
        })
    }

    fn rest(&self, _input: &[u8]) -> Option<Range<usize>> {
        None
    }
}
