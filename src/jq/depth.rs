//! How deep a value may be.

/// Levels of arrays and objects inside each other that a record or a result may have. The
/// functions of the language go down into a value by recursion; this many levels take a
/// few megabytes of a worker's stack. jq stops at the same number.
pub(super) const DEEPEST: usize = 10_000;

/// What is said of deeper ones.
pub(super) const TOO_DEEP: &str = "deeper than 10,000 levels";
