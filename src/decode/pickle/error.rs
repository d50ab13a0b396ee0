//! Why a pickle was refused.
//!
//! The messages say what and where in the pickle; the file or the peer it came from is known to
//! the caller alone.

/// The reason that a pickle has no JSON text. Positions are bytes from the start of the pickle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PickleError {
    /// The pickle is larger than [`Limits::input`](super::Limits::input).
    #[error("pickle of {len} bytes is over the limit of {limit}")]
    Input {
        /// Its size in bytes.
        len: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The pickle ends before its STOP opcode, or inside an operand.
    #[error("pickle is cut short: byte {at} wants {wanted} more")]
    Truncated {
        /// Where the missing bytes should begin.
        at: usize,
        /// How many bytes were announced or needed.
        wanted: u64,
    },
    /// Bytes follow the STOP opcode.
    #[error("bytes after the end of the pickle, at byte {at}")]
    Trailing {
        /// The first byte too many.
        at: usize,
    },
    /// No protocol has this opcode.
    #[error("unknown pickle opcode 0x{opcode:02x} at byte {at}")]
    Opcode {
        /// The opcode.
        opcode: u8,
        /// Where it stands.
        at: usize,
    },
    /// The PROTO opcode names a protocol above 5.
    #[error("pickle protocol {version} is not known")]
    Protocol {
        /// The protocol named.
        version: u8,
    },
    /// An opcode of the extension registry (EXT1, EXT2, EXT4): its codes mean something only
    /// inside the process that registered them.
    #[error("pickle extension code at byte {at} has no meaning outside its program")]
    Extension {
        /// Where the opcode stands.
        at: usize,
    },
    /// An out-of-band buffer of protocol 5: the bytes travelled elsewhere.
    #[error("pickle refers to an out-of-band buffer at byte {at}")]
    Buffer {
        /// Where the opcode stands.
        at: usize,
    },
    /// An opcode wants a value, or a mark, that the stack does not have.
    #[error("pickle stack is empty at byte {at}")]
    Underflow {
        /// Where the opcode stands.
        at: usize,
    },
    /// An opcode was applied to a value of the wrong kind.
    #[error("{opcode} at byte {at} is applied to the wrong kind of value")]
    Kind {
        /// The opcode's name in Python's pickletools.
        opcode: &'static str,
        /// Where it stands.
        at: usize,
    },
    /// An operand cannot be read: a number, an escape, a negative length.
    #[error("bad {what} at byte {at}")]
    Operand {
        /// What should stand there.
        what: &'static str,
        /// Where the operand begins.
        at: usize,
    },
    /// A text is not UTF-8, lone surrogates aside.
    #[error("text at byte {at} is not UTF-8")]
    Text {
        /// Where the text begins.
        at: usize,
    },
    /// A memo entry is read that was never written.
    #[error("memo entry {index} is read at byte {at} but was never written")]
    MemoMissing {
        /// Its number.
        index: u64,
        /// Where the opcode stands.
        at: usize,
    },
    /// More than [`Limits::memo`](super::Limits::memo) entries.
    #[error("more than {limit} memo entries")]
    MemoFull {
        /// The limit.
        limit: usize,
    },
    /// More than [`Limits::values`](super::Limits::values) values.
    #[error("more than {limit} values")]
    Values {
        /// The limit.
        limit: usize,
    },
    /// An integer of more than [`Limits::digits`](super::Limits::digits) digits.
    #[error("integer at byte {at} has more than {limit} digits")]
    Digits {
        /// Where the operand begins.
        at: usize,
        /// The limit.
        limit: usize,
    },
    /// Nested deeper than [`Limits::depth`](super::Limits::depth).
    #[error("nested more than {limit} deep")]
    Depth {
        /// The limit.
        limit: usize,
    },
    /// The JSON text would be larger than [`Limits::output`](super::Limits::output).
    #[error("JSON text would be over the limit of {limit} bytes")]
    Output {
        /// The limit in bytes.
        limit: usize,
    },
}

/// What the parts of this module return.
pub(super) type Result<T> = std::result::Result<T, PickleError>;
