//! The ledger of a run that has failed, for who knows later what has become of its records.

use std::sync::{Arc, Mutex};

use crate::{cli::ledger::Ledger, pump::lock};

/// Where such a ledger is left, with the number of records that certainly were not delivered.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Left(Arc<Mutex<Option<(Ledger, u64)>>>);

impl Left {
    pub(super) fn leave(&self, ledger: Ledger, failed: u64) {
        *lock(&self.0) = Some((ledger, failed));
    }

    pub(in crate::cli) fn take(&self) -> Option<(Ledger, u64)> {
        lock(&self.0).take()
    }
}
