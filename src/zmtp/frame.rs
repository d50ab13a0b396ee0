//! Frame headers (RFC 23, "Framing"): one flags octet, then one or eight octets of length.

use super::Refusal;

const MORE: u8 = 0b001;
const LONG: u8 = 0b010;
const COMMAND: u8 = 0b100;

/// The longest header: flags and eight octets of length.
pub(super) const HEADER: usize = 9;

/// What a frame's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Another frame of the same message follows.
    pub(super) more: bool,
    /// The frame is a command, not a part of a message.
    pub(super) command: bool,
    /// Bytes of the header itself: 2 or 9.
    pub(super) len: usize,
    /// Bytes of the body, as announced; nothing is known to be there yet.
    pub(super) body: u64,
}

impl Header {
    /// Reads the header at the start of `input`; `None` while bytes of it are missing.
    #[inline]
    pub(super) fn read(input: &[u8]) -> Result<Option<Self>, Refusal> {
        let Some(&flags) = input.first() else {
            return Ok(None);
        };
        // The five high bits are reserved, and "bit 0 SHALL be zero" in a command.
        if flags & !(MORE | LONG | COMMAND) != 0 || flags & (MORE | COMMAND) == MORE | COMMAND {
            return Err(Refusal::Flags(flags));
        }
        let (len, body) = if flags & LONG == 0 {
            match input.get(1) {
                Some(&octet) => (2, u64::from(octet)),
                None => return Ok(None),
            }
        } else {
            match input.get(1..).and_then(<[u8]>::first_chunk) {
                Some(octets) => (HEADER, u64::from_be_bytes(*octets)),
                None => return Ok(None),
            }
        };
        let (more, command) = (flags & MORE != 0, flags & COMMAND != 0);
        Ok(Some(Self {
            more,
            command,
            len,
            body,
        }))
    }
}

/// Appends a frame of a message to `out`.
#[inline]
pub(super) fn write_frame(out: &mut Vec<u8>, body: &[u8], more: bool) {
    write_header(out, body.len(), if more { MORE } else { 0 });
    out.extend_from_slice(body);
}

/// Appends a command to `out`: its name behind an octet of length, then its data.
pub(super) fn write_command(out: &mut Vec<u8>, name: &[u8], data: &[u8]) {
    write_command_body(out, &command_body(name, data));
}

/// Appends a command of which the body is known.
pub(super) fn write_command_body(out: &mut Vec<u8>, body: &[u8]) {
    write_header(out, body.len(), COMMAND);
    out.extend_from_slice(body);
}

/// The body of a command: its name behind an octet of length, then its data.
pub(super) fn command_body(name: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u8::try_from(name.len()).unwrap_or(u8::MAX);
    [&[length], name, data].concat()
}

/// Bytes that a frame with a body of `body` bytes takes on the wire.
pub(super) fn frame_len(body: usize) -> usize {
    body + if body > 255 { HEADER } else { 2 }
}

#[inline]
pub(super) fn write_header(out: &mut Vec<u8>, body: usize, flags: u8) {
    let (header, length) = header(body, flags);
    out.extend_from_slice(&header[..length]);
}

/// The header of a frame, and how many bytes of it count.
#[inline]
pub(super) fn header(body: usize, flags: u8) -> ([u8; HEADER], usize) {
    if let Ok(octet) = u8::try_from(body) {
        let mut header = [0; HEADER];
        header[..2].copy_from_slice(&[flags, octet]);
        (header, 2)
    } else {
        let mut header = [flags | LONG; HEADER];
        header[1..].copy_from_slice(&(body as u64).to_be_bytes());
        (header, HEADER)
    }
}
