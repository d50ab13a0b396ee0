//! What a record is known by and where it belongs, for who needs no row of it.

use super::{Hash, identity::Identities};
use crate::tree::{Shard, Sharder, shard};

/// Finds the keys of records.
pub struct Keys {
    sharder: Sharder,
    identities: Identities,
    shards: u32,
}

impl Keys {
    /// Finds the keys of records that are parted into so many shards.
    pub fn new(shards: u32) -> Self {
        Self {
            sharder: Sharder::new(shards, &[]),
            identities: Identities::default(),
            shards,
        }
    }

    /// What a line is known by, and its shard, counted from 0.
    pub fn of(&mut self, line: &[u8]) -> (Hash, u32) {
        let shard = match self.sharder.of_record(line) {
            Ok(Shard::Tree { shard, .. } | Shard::Alone(shard)) => shard,
            Ok(Shard::Document) | Err(_) => shard(line, self.shards),
        };
        (self.identities.of(line), shard)
    }
}
