//! Framings: where messages end in a stream. One file each, behind one small trait.

mod counted;
mod delimited;
mod length;
mod syslog;

use std::{fmt::Debug, ops::Range};

use super::Refusal;
use crate::endpoint::Protocol;

pub(super) use self::{delimited::Delimited, length::Length, syslog::Syslog};

/// What stands at the start of a peer's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Nothing complete. The next look is worth it when there are `wanted` bytes.
    More {
        /// More than there are now.
        wanted: usize,
    },
    /// A message.
    Message {
        /// Where it stands.
        at: Range<usize>,
        /// How many bytes it takes with its framing.
        consumed: usize,
    },
    /// So many bytes are none, such as a blank line.
    Nothing {
        /// How many.
        consumed: usize,
    },
}

/// Finds messages in the bytes of one peer.
///
/// `input` begins with the first byte that is not consumed, and is the same as at the last
/// look save that it may be longer, unless that one consumed something.
pub trait Framing: Debug + Send {
    /// Looks at `input` once.
    fn next(&mut self, input: &[u8]) -> Result<Cut, Refusal>;

    /// The peer has ended in order and `input`, which is not empty, is left: where in it the last message
    /// stands, or `None` if that is cut off. One that is empty is none.
    fn rest(&self, input: &[u8]) -> Option<Range<usize>>;
}

/// The framing of a protocol on streams, with messages of at most `limit` bytes.
pub(super) fn framing(protocol: Protocol, limit: usize) -> Box<dyn Framing> {
    match protocol {
        Protocol::Pylog => Box::new(Length::new(limit)),
        Protocol::Syslog => Box::new(Syslog::new(limit)),
        Protocol::Gelf => Box::new(Delimited::by_nul(limit)),
        Protocol::Ndjson | Protocol::PylogHttp | Protocol::Otlp | Protocol::Metrics => {
            Box::new(Delimited::by_newline(limit))
        }
    }
}

/// Shows arbitrary bytes to the framing of a protocol, in pieces of the given sizes, and
/// returns the messages and, if the framing refused the rest, why. For fuzz targets and
/// properties: the pieces must make no difference, save for syslog.
///
/// # Panics
///
/// If the framing wants what it has, or consumes nothing: never.
pub fn fuzz_framing(
    protocol: Protocol,
    bytes: &[u8],
    pieces: &[usize],
    limit: usize,
) -> (Vec<Vec<u8>>, Option<Refusal>) {
    let mut framing = framing(protocol, limit);
    let (mut messages, mut start, mut end) = (Vec::new(), 0, 0);
    let mut pieces = pieces.iter().copied();
    while end < bytes.len() {
        let piece = pieces.next().unwrap_or(bytes.len()).max(1);
        end = end.saturating_add(piece).min(bytes.len());
        while start < end {
            match framing.next(&bytes[start..end]) {
                Ok(Cut::More { wanted }) => {
                    assert!(wanted > end - start, "nothing more is wanted");
                    break;
                }
                Ok(Cut::Message { at, consumed }) => {
                    messages.push(bytes[start..end][at].to_vec());
                    start += consumed;
                }
                Ok(Cut::Nothing { consumed }) => {
                    assert!(consumed > 0, "no progress");
                    start += consumed;
                }
                Err(refusal) => return (messages, Some(refusal)),
            }
        }
    }
    if start < end
        && let Some(at) = framing.rest(&bytes[start..end])
    {
        messages.push(bytes[start..end][at].to_vec());
    }
    (messages, None)
}

#[cfg(test)]
mod tests;
