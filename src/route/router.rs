//! Which rules take a record.

use crate::{expr::Filter, record::Record};

/// The compiled rules of a file. A clone for each worker decides in the same way.
#[derive(Clone, Debug)]
pub struct Router {
    rules: Vec<(Filter, bool)>,
}

impl Router {
    pub(super) fn new(rules: Vec<(Filter, bool)>) -> Self {
        Self { rules }
    }

    /// Calls `take` with the number of each rule that matches, from the top, up to the first
    /// one that does not say `continue`. False if there is none of that kind, so that the
    /// record goes to the default route too.
    pub fn route(&self, record: &Record<'_, '_>, mut take: impl FnMut(usize)) -> bool {
        for (number, (filter, goes_on)) in self.rules.iter().enumerate() {
            if filter.matches(record) {
                take(number);
                if !goes_on {
                    return true;
                }
            }
        }
        false
    }
}
