//! What waits to be written to one peer: whole frames, taken off as the system takes them.

/// Once so much at the front has been written it is given back, if that is most of it.
const WRITTEN: usize = 256 << 10;

/// Bytes on their way.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    bytes: Vec<u8>,
    /// Bytes before this one are written.
    written: usize,
}

impl Outgoing {
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.written
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is still to be written.
    pub(super) fn unwritten(&self) -> &[u8] {
        &self.bytes[self.written..]
    }

    /// Where more is appended.
    pub(super) fn tail(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// So many bytes were written.
    pub(super) fn advance(&mut self, count: usize) {
        self.written += count;
        if self.is_empty() {
            self.bytes.clear();
            // A burst leaves no memory behind.
            self.bytes.shrink_to(WRITTEN);
            self.written = 0;
        } else if self.written >= WRITTEN && self.written >= self.len() {
            self.bytes.drain(..self.written);
            self.written = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    proptest! {
        #[test]
        fn what_goes_in_comes_out(steps in vec((0..400_000_usize, 0..400_000_usize), 0..12)) {
            let (mut outgoing, mut expect, mut came) = (Outgoing::default(), Vec::new(), Vec::new());
            for (number, (more, written)) in steps.into_iter().enumerate() {
                let bytes = vec![number.to_le_bytes()[0]; more];
                outgoing.tail().extend_from_slice(&bytes);
                expect.extend_from_slice(&bytes);
                let written = written.min(outgoing.len());
                came.extend_from_slice(&outgoing.unwritten()[..written]);
                outgoing.advance(written);
                prop_assert_eq!(outgoing.len(), expect.len() - came.len());
                prop_assert!(outgoing.bytes.len() <= 2 * outgoing.len() + WRITTEN);
            }
            came.extend_from_slice(outgoing.unwritten());
            prop_assert!(came == expect);
        }
    }
}
