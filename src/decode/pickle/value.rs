//! What stands on the stack, in the memo and inside containers: sixteen bytes, copied freely.
//!
//! Text and bytes are spans, containers and objects are numbers of nodes in the
//! [`Arena`](super::arena::Arena), so that sharing and cycles cost nothing and dropping a
//! value never recurses.

/// A stretch of bytes: in the input, or behind it in the arena's decoded text.
///
/// Start and length are one word on purpose: a value is pushed, and copied to the memo by the
/// next opcode, and a processor cannot forward two narrow stores to one wide load. Together with
/// the wide tag of [`Value`] this nearly doubled the speed of `benches/pickle.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span(u64);

impl Span {
    #[inline]
    pub(super) fn new(start: usize, len: usize) -> Self {
        Self(u64::from(index(start)) << 32 | u64::from(index(len)))
    }

    /// Where it begins; at or past the input's length it lies in the decoded text.
    #[inline]
    pub(super) fn start(self) -> usize {
        (self.0 >> 32) as usize
    }

    /// Its length in bytes.
    #[inline]
    pub(super) fn len(self) -> usize {
        (self.0 & 0xffff_ffff) as usize
    }
}

/// One Python value.
///
/// The tag is as wide as the payload for the same reason as above.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub(super) enum Value {
    /// `None`.
    None,
    /// `bool`.
    Bool(bool),
    /// `int` that fits.
    Int(i64),
    /// Larger `int`: its decimal digits, with the sign.
    Digits(Span),
    /// `float`.
    Float(f64),
    /// `str`: UTF-8, lone surrogates encoded like other code points (`surrogatepass`). Not
    /// validated until it is written.
    Text(Span),
    /// `str` of Python 2: bytes that are text more often than not.
    OldText(Span),
    /// `bytes` or `bytearray`.
    Bytes(Span),
    /// A container or an object.
    Node(u32),
}

/// Turns a length or position into the 32 bits that nodes and spans keep.
///
/// The limits keep every such number far below 2³²; if one ever were not, the saturated value
/// would be out of range and be refused, never wrapped around to something else.
#[inline]
pub(super) fn index(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
