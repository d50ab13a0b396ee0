//! The ids that records of whole trees name beside that of their own tree, and that records which are left out name
//! too: dl-tree makes one tree of both.

use std::{
    collections::HashSet,
    hash::BuildHasher,
    sync::{Mutex, PoisonError},
};

use foldhash::fast::RandomState;

use crate::{
    cli::{ledger::plural, say},
    record::Record,
    tree::{Ids, Known, Requests},
};

/// Hashes of ids: an equal one of another id only makes one id more that is told.
type Hashes = HashSet<u64, RandomState>;

/// So many ids of what is left out are remembered, some 16 MiB. If there are more, it is not known whether they have an
/// id, and it is told.
const MOST: usize = 1 << 20;

/// What all workers have found.
#[derive(Debug, Default)]
pub(super) struct Torn {
    hasher: RandomState,
    seen: Mutex<Seen>,
}

/// What has been found.
#[derive(Debug, Default)]
struct Seen {
    /// By records that are written, beside their own.
    named: Hashes,
    /// By records that are left out.
    left: Hashes,
}

/// What a worker has found, for all when it ends.
#[derive(Debug)]
pub(super) struct Finds<'t> {
    torn: &'t Torn,
    seen: Seen,
}

impl Torn {
    /// For a worker.
    pub(super) fn finds(&self) -> Finds<'_> {
        Finds {
            torn: self,
            seen: Seen::default(),
        }
    }

    /// Says how many ids both have.
    pub(super) fn tell(&self) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Seen { named, left } = &*seen;
        let is_shared = |id: &&u64| left.len() >= MOST || left.contains(*id);
        let shared = named.iter().filter(is_shared).count();
        if shared > 0 {
            say(
                "dl-filter",
                &format!(
                    "{} in common with records that were left out: dl-tree makes one tree of both, see WHOLE TREES in dl-filter(1)",
                    plural(shared as u64, "id")
                ),
            );
        }
    }
}

impl Finds<'_> {
    /// True if a record is of one of these trees, `None` if it is of none at all.
    pub(super) fn judge(
        &mut self,
        record: &Record<'_, '_>,
        known: &mut Known,
        (trees, requests): (&Ids, &Requests),
    ) -> Option<bool> {
        let Seen { named, left } = &mut self.seen;
        let is_wanted = |id: &str| trees.contains(id);
        requests.judge(record, known, is_wanted, |is_written, id| {
            let hash = self.torn.hasher.hash_one(id);
            if is_written {
                named.insert(hash);
            } else if left.len() < MOST {
                left.insert(hash);
            }
        })
    }
}

impl Drop for Finds<'_> {
    fn drop(&mut self) {
        let Seen { named, left } = &mut self.seen;
        let all = &mut self.torn.seen.lock();
        let all = all.as_mut().unwrap_or_else(|poisoned| poisoned.get_mut());
        all.named.extend(named.drain());
        all.left.extend(left.drain());
    }
}
