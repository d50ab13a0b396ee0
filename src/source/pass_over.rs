//! What is left of an input can be passed over once enough of it is known.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Tells a reader, from wherever chunks end up, that nothing more of an input is wanted.
#[derive(Clone, Debug, Default)]
pub struct PassOver(Arc<AtomicU64>);

impl PassOver {
    /// Has the rest of the input of that number, and of all before it, passed over. The
    /// reader notices before its next read, and at its next tick if it waits.
    pub fn input(&self, number: u64) {
        self.0.fetch_max(number, Ordering::Relaxed);
    }

    pub(super) fn is_asked(&self, number: u64) -> bool {
        self.0.load(Ordering::Relaxed) >= number
    }
}
