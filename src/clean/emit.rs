//! What comes out of a stage that thins out.

/// A line that comes out, without its newline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emit<'a> {
    /// A record of the input: as it came, or with a count in its `dl`.
    Pass(&'a [u8]),
    /// A record of our own that counts what was taken away; it is no record of the input.
    Add(&'a [u8]),
}
