//! A received message: its bytes on the wire, and its frames as slices of them.

use super::frame::Header;

/// A complete message, borrowed from the receive buffer.
///
/// It is kept as it was on the wire and its frames are found again when they are asked for,
/// so that handing out a message allocates nothing, whatever the number of its parts.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    wire: &'a [u8],
    parts: usize,
}

impl<'a> Message<'a> {
    /// `wire` has been checked by the decoder: whole frames, the last without MORE.
    pub(super) fn new(wire: &'a [u8], parts: usize) -> Self {
        Self { wire, parts }
    }

    /// The number of frames, at least one.
    pub fn parts(&self) -> usize {
        self.parts
    }

    /// The bodies of the frames, in order.
    pub fn frames(&self) -> Frames<'a> {
        Frames { wire: self.wire }
    }

    /// The bytes that the message took on the wire, frame headers included.
    pub fn wire_len(&self) -> usize {
        self.wire.len()
    }
}

impl std::fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let frames = self.frames().map(<[u8]>::escape_ascii);
        f.debug_list()
            .entries(frames.map(|frame| frame.to_string()))
            .finish()
    }
}

/// The bodies of a message's frames, in order.
#[derive(Debug, Clone)]
pub struct Frames<'a> {
    wire: &'a [u8],
}

impl<'a> Iterator for Frames<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let header = Header::read(self.wire).ok()??;
            let body = usize::try_from(header.body).ok()?;
            let (frame, rest) = self.wire.get(header.len..)?.split_at_checked(body)?;
            self.wire = rest;
            // libzmq puts a PING between the frames of a message when its timer says so.
            if !header.command {
                return Some(frame);
            }
        }
    }
}
