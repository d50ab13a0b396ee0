//! A cursor over the pickle that never reads past its end.
//!
//! Knows operands (numbers, counted bytes, lines), not what opcodes mean by them. A length is
//! compared with what is left before anything is done with it.

use super::{
    error::{PickleError, Result},
    value::Span,
};

/// The pickle and how far it has been read.
pub(super) struct Reader<'a> {
    input: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(input: &'a [u8]) -> Self {
        Self { input, at: 0 }
    }

    /// The position of the next byte.
    #[inline]
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// All bytes of the pickle.
    pub(super) fn input(&self) -> &'a [u8] {
        self.input
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8> {
        let byte = *self.input.get(self.at).ok_or_else(|| self.truncated(1))?;
        self.at += 1;
        Ok(byte)
    }

    /// The next `N` bytes.
    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let bytes = self.input[self.at..].first_chunk::<N>();
        let bytes = *bytes.ok_or_else(|| self.truncated(N as u64))?;
        self.at += N;
        Ok(bytes)
    }

    /// A stretch of `len` bytes.
    #[inline]
    pub(super) fn take(&mut self, len: u64) -> Result<Span> {
        let left = self.input.len() - self.at;
        let len = match usize::try_from(len) {
            Ok(len) if len <= left => len,
            _ => return Err(self.truncated(len)),
        };
        let span = Span::new(self.at, len);
        self.at += len;
        Ok(span)
    }

    /// A stretch whose length stands before it in one byte.
    #[inline]
    pub(super) fn counted1(&mut self) -> Result<Span> {
        let len = self.byte()?;
        self.take(u64::from(len))
    }

    /// A stretch whose length stands before it in four bytes.
    #[inline]
    pub(super) fn counted4(&mut self) -> Result<Span> {
        let len = u32::from_le_bytes(self.array()?);
        self.take(u64::from(len))
    }

    /// A stretch whose length stands before it in four bytes that have a sign: BINSTRING and
    /// LONG4 were defined with one, and a negative length is an error (pickletools).
    pub(super) fn counted4_signed(&mut self, what: &'static str) -> Result<Span> {
        let at = self.at;
        let len = i32::from_le_bytes(self.array()?);
        let len = u64::try_from(len).map_err(|_| PickleError::Operand { what, at })?;
        self.take(len)
    }

    /// A stretch whose length stands before it in eight bytes.
    pub(super) fn counted8(&mut self) -> Result<Span> {
        let len = u64::from_le_bytes(self.array()?);
        self.take(len)
    }

    /// The bytes up to the next newline, which is read but not part of them.
    pub(super) fn line(&mut self) -> Result<(Span, &'a [u8])> {
        let rest = &self.input[self.at..];
        let len = rest.iter().position(|&b| b == b'\n');
        let len = len.ok_or(PickleError::Truncated {
            at: self.input.len(),
            wanted: 1,
        })?;
        let span = self.take(len as u64)?;
        self.at += 1;
        Ok((span, &rest[..len]))
    }

    #[cold]
    fn truncated(&self, wanted: u64) -> PickleError {
        PickleError::Truncated {
            at: self.at,
            wanted,
        }
    }
}
