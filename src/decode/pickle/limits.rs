//! How much one pickle may cost.
//!
//! A pickle of a few dozen bytes can describe gigabytes, so every resource has a limit that
//! is checked before the resource is taken. This file knows only the numbers; where each is
//! enforced is said beside it.

/// The bounds of one call; all are inclusive.
///
/// The memory of a call is bounded by about `150 × values + 16 × memo + 3 × input + 2 × output`
/// bytes (the sizes of the structs, and vectors that double), whatever the input says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the pickle, checked before the first opcode. Values above 1 GiB count as 1 GiB,
    /// so that positions fit in 32 bits.
    pub input: usize,
    /// Brackets open at once in the JSON text, checked as it is written.
    pub depth: usize,
    /// Values that the pickle's memo may hold.
    pub memo: usize,
    /// Values on the stack, containers made, values inside containers, and containers written
    /// (a shared one at each place that refers to it): each counted alone.
    pub values: usize,
    /// Decimal digits of one integer.
    pub digits: usize,
    /// Bytes of JSON text. A shared value is written again at each place that refers to it, so
    /// this and `values` are what stops a memo bomb.
    pub output: usize,
}

impl Limits {
    /// What `input` is clamped to: a position in the input or in the decoded text behind it
    /// (at most twice the input and a half) then fits in a `u32`.
    pub(super) const MAX_INPUT: usize = 1 << 30;
}

impl Default for Limits {
    /// Limits that no log record of real life reaches.
    ///
    /// 16 MiB is a hundred times the largest traceback we have seen; depth 127 is the most that
    /// `serde_json` reads back; 4,300 digits is where Python itself refuses to print an integer
    /// (`sys.int_info.default_max_str_digits`); a million values keep a call under 300 MB at its worst.
    fn default() -> Self {
        Self {
            input: 16 << 20,
            depth: 127,
            memo: 1 << 20,
            values: 1 << 20,
            digits: 4300,
            output: 32 << 20,
        }
    }
}
