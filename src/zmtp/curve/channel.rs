//! What is said after the handshake: each frame a MESSAGE in a box of its own.
//!
//! On the wire a MESSAGE is a frame without MORE; whether more frames of the same message follow,
//! and whether it is a command, is told inside the box.

use crypto_box::SalsaBox;

use super::{
    boxes::{TAG, nonce, open_in_place, seal, seal_in_place},
    server::array,
};
use crate::zmtp::{
    Limits, Message, Refusal,
    decoder::COMMAND_BYTES,
    frame::{self, HEADER, write_command, write_header},
};

/// `MESSAGE` behind its length, a nonce, a tag, and the octet of flags.
pub(in crate::zmtp) const OVERHEAD: usize = NAME.len() + 8 + TAG + 1;

const NAME: &[u8] = b"\x07MESSAGE";

/// Flags inside a box.
const MORE: u8 = 1;
const COMMAND: u8 = 2;

/// Memory that is kept from one message to the next.
const KEPT: usize = 16 << 10;

/// Which end we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Server,
    Client,
}

/// What was in a MESSAGE.
#[derive(Debug)]
pub(in crate::zmtp) enum Opened {
    /// A frame of a message of which more will come.
    Part,
    /// The last frame of a message, which [`Channel::message`] has.
    Message,
    /// A command.
    Command(Vec<u8>),
}

/// Both directions of a connection after its handshake.
pub(in crate::zmtp) struct Channel {
    shared: SalsaBox,
    side: Side,
    sent: u64,
    received: u64,
    /// Frames of the message under way, as they would be on the wire without boxes.
    wire: Vec<u8>,
    parts: usize,
    /// What is in `wire` was handed out.
    taken: bool,
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel")
            .field("side", &self.side)
            .finish_non_exhaustive()
    }
}

impl Channel {
    /// `sent` and `received` are the last nonces of the handshake.
    pub(super) fn new(shared: SalsaBox, side: Side, sent: u64, received: u64) -> Self {
        Self {
            shared,
            side,
            sent,
            received,
            wire: Vec::new(),
            parts: 0,
            taken: false,
        }
    }

    /// Bytes of memory that hold what has come.
    pub(in crate::zmtp) fn held(&self) -> usize {
        self.wire.capacity()
    }

    /// Bytes that have come of a message that is not complete.
    pub(in crate::zmtp) fn unfinished(&self) -> usize {
        if self.taken { 0 } else { self.wire.len() }
    }

    /// Appends the READY that ends a server's handshake.
    pub(in crate::zmtp) fn ready(
        &mut self,
        metadata: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        let count = self.count()?;
        let mut data = count.to_vec();
        let nonce = nonce(b"CurveZMQREADY---", &count);
        seal(&self.shared, &nonce, metadata, &mut data);
        write_command(out, b"READY", &data);
        Ok(())
    }

    /// Appends a frame of a message.
    pub(in crate::zmtp) fn seal(
        &mut self,
        body: &[u8],
        more: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        self.seal_as(if more { MORE } else { 0 }, body, out)
    }

    /// Appends a command, whose body is a length, a name and data.
    pub(in crate::zmtp) fn seal_command(
        &mut self,
        body: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        self.seal_as(COMMAND, body, out)
    }

    fn seal_as(&mut self, flags: u8, body: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        let count = self.count()?;
        write_header(out, OVERHEAD + body.len(), 0);
        out.extend_from_slice(NAME);
        out.extend_from_slice(&count);
        let start = out.len();
        out.resize(start + TAG, 0);
        out.push(flags);
        out.extend_from_slice(body);
        let kind = match self.side {
            Side::Server => b"CurveZMQMESSAGES",
            Side::Client => b"CurveZMQMESSAGEC",
        };
        seal_in_place(&self.shared, &nonce(kind, &count), &mut out[start..]);
        Ok(())
    }

    /// The next nonce of ours.
    fn count(&mut self) -> Result<[u8; 8], Refusal> {
        let next = self.sent.checked_add(1);
        self.sent = next.ok_or(Refusal::Curve("all nonces are used"))?;
        Ok(self.sent.to_be_bytes())
    }

    /// Opens a MESSAGE. Its limits are those of what is in it, checked before memory is taken.
    pub(in crate::zmtp) fn open(
        &mut self,
        body: &[u8],
        limits: &Limits,
    ) -> Result<Opened, Refusal> {
        if std::mem::take(&mut self.taken) {
            self.wire.clear();
            self.parts = 0;
            if self.wire.capacity() > KEPT {
                self.wire = Vec::new();
            }
        }
        let Some(rest) = body.strip_prefix(NAME) else {
            return Err(Refusal::Curve("a frame that is no MESSAGE"));
        };
        let (count, rest) = array::<8>(rest)?;
        let (tag, boxed) = array::<TAG>(rest)?;
        let length = boxed.len().checked_sub(1);
        let length = length.ok_or(Refusal::Curve("an empty MESSAGE"))?;
        let header = if length > 255 { HEADER } else { 2 };
        self.check(header + length, length, limits)?;
        let received = u64::from_be_bytes(count);
        if received <= self.received {
            return Err(Refusal::Curve("a nonce that was used"));
        }
        // The octet of flags goes where the last one of a frame's header will stand.
        let start = self.wire.len();
        self.wire.resize(start + header - 1, 0);
        self.wire.extend_from_slice(boxed);
        let text = &mut self.wire[start + header - 1..];
        let kind = match self.side {
            Side::Server => b"CurveZMQMESSAGEC",
            Side::Client => b"CurveZMQMESSAGES",
        };
        if !open_in_place(&self.shared, &nonce(kind, &count), &tag, text) {
            return Err(Refusal::Curve("a MESSAGE that is not of these keys"));
        }
        self.received = received;
        let flags = text[0];
        if flags & COMMAND != 0 {
            if flags != COMMAND {
                return Err(Refusal::Flags(flags));
            }
            let command = text[1..].to_vec();
            self.wire.truncate(start);
            if command.len() > COMMAND_BYTES {
                return Err(Refusal::Command("too long"));
            }
            return Ok(Opened::Command(command));
        }
        if flags & !MORE != 0 {
            return Err(Refusal::Flags(flags));
        }
        let (head, _) = frame::header(length, flags);
        self.wire[start..start + header].copy_from_slice(&head[..header]);
        self.parts += 1;
        if flags & MORE != 0 {
            return Ok(Opened::Part);
        }
        self.taken = true;
        Ok(Opened::Message)
    }

    /// The message whose last frame was opened.
    pub(in crate::zmtp) fn message(&self) -> Message<'_> {
        Message::new(&self.wire, self.parts)
    }

    fn check(&self, frame: usize, length: usize, limits: &Limits) -> Result<(), Refusal> {
        if length > limits.frame_bytes {
            return Err(Refusal::FrameBytes {
                bytes: length as u64,
                limit: limits.frame_bytes,
            });
        }
        if self.parts >= limits.parts {
            let limit = limits.parts;
            return Err(Refusal::Parts { limit });
        }
        if self.wire.len() + frame > limits.message_bytes {
            let limit = limits.message_bytes;
            return Err(Refusal::MessageBytes { limit });
        }
        Ok(())
    }
}
