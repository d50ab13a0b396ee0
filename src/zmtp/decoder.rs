//! Finds messages and commands in a stream of bytes (RFC 23, "Traffic").
//!
//! It does no input and keeps no bytes: the caller shows it the unconsumed part of the
//! stream again when more has come, and it remembers how far it has looked, so that a
//! message in many pieces is scanned once.

use super::{
    Limits, Message, Refusal,
    frame::{HEADER, Header},
};

/// Bytes of a command. Ours and libzmq's are below 100; READY may carry metadata, for which
/// 16 KiB is plenty.
pub(super) const COMMAND_BYTES: usize = 16 << 10;

/// Bytes that the longest command takes on the wire.
pub(super) const LONGEST_COMMAND: usize = HEADER + COMMAND_BYTES;

/// What the decoder found.
#[derive(Debug)]
pub enum Found<'a> {
    /// Nothing complete: at least [`Decoder::wanted`] bytes have to be there.
    More,
    /// A complete message.
    Message(Message<'a>),
    /// A command's body: an octet of length, the name, the data. It may stand between the
    /// frames of a message, and then consumes nothing yet.
    Command(&'a [u8]),
}

/// Finds the next message or command in the bytes of one peer, after the handshake.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    /// Bytes of the message under way that have been looked at: the next header's place.
    scanned: usize,
    /// Frames of the message under way that are complete.
    parts: usize,
    /// Bytes that have to be there before it makes sense to look again.
    wanted: usize,
}

impl Decoder {
    /// A decoder that keeps to `limits` (of which it uses frame bytes, message bytes, parts).
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            scanned: 0,
            parts: 0,
            wanted: 0,
        }
    }

    /// How many unconsumed bytes there must be before anything can be found. A bound from
    /// below, and never over the limits.
    pub fn wanted(&self) -> usize {
        self.wanted
    }

    /// Looks at `input`, the stream from the first byte that is not consumed, and returns
    /// what it found and how many bytes that consumed. After a refusal it must not be used.
    #[inline]
    pub fn next<'a>(&mut self, input: &'a [u8]) -> Result<(Found<'a>, usize), Refusal> {
        loop {
            let Some(rest) = input.get(self.scanned..) else {
                return Ok((Found::More, 0));
            };
            let Some(header) = Header::read(rest)? else {
                self.wanted = self.scanned + rest.len() + 1;
                return Ok((Found::More, 0));
            };
            let end = self.end_of(&header)?;
            if input.len() < end {
                self.wanted = end;
                return Ok((Found::More, 0));
            }
            let body = self.scanned + header.len;
            self.scanned = end;
            if header.command {
                // Between messages it is consumed; inside one the message's bytes stay in
                // place, and the command goes with them.
                let consumed = if self.parts == 0 {
                    std::mem::take(&mut self.scanned)
                } else {
                    0
                };
                self.wanted = 0;
                return Ok((Found::Command(&input[body..end]), consumed));
            }
            self.parts += 1;
            if !header.more {
                let message = Message::new(&input[..end], self.parts);
                (self.scanned, self.parts, self.wanted) = (0, 0, 0);
                return Ok((Found::Message(message), end));
            }
        }
    }

    /// Where the frame ends, counted from the start of its message; checks every limit.
    #[inline]
    fn end_of(&self, header: &Header) -> Result<usize, Refusal> {
        let limits = &self.limits;
        let body = usize::try_from(header.body).unwrap_or(usize::MAX);
        if header.command && body > COMMAND_BYTES {
            return Err(Refusal::Command("too long"));
        }
        if body > limits.frame_bytes {
            return Err(Refusal::FrameBytes {
                bytes: header.body,
                limit: limits.frame_bytes,
            });
        }
        if !header.command && self.parts >= limits.parts {
            return Err(Refusal::Parts {
                limit: limits.parts,
            });
        }
        // No overflow: the body is not over the frame limit, the rest not over the message's.
        let end = self.scanned.saturating_add(header.len).saturating_add(body);
        if end > limits.message_bytes {
            return Err(Refusal::MessageBytes {
                limit: limits.message_bytes,
            });
        }
        Ok(end)
    }
}
