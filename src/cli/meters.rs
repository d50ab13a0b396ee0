//! What has come from each source, counted where it comes and read from outside.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use super::{ledger::Tally, reasons::Reasons};
use crate::{pump::lock, source::Chunk};

/// The counts of all sources; copies share them.
#[derive(Clone, Debug)]
pub(super) struct Meters {
    sources: Arc<Mutex<BTreeMap<String, Counts>>>,
    began: Instant,
}

/// What has come from one source.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    /// Records that were passed on.
    pub(super) records: u64,
    /// The bytes of the messages or lines, without what frames them.
    pub(super) bytes: u64,
    pub(super) rejected: Reasons,
    /// How long before it was received the last record was made that has a time. It is negative
    /// if the clocks differ by more than it took.
    pub(super) lag: Option<f64>,
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            sources: Arc::default(),
            began: Instant::now(),
        }
    }
}

impl Meters {
    /// Says that there is a source, though nothing may have come from it yet.
    pub(super) fn know(&self, source: &str) {
        self.add(source, &Counts::default());
    }

    /// Adds to the counts of a source.
    pub(super) fn add(&self, source: &str, counts: &Counts) {
        let mut sources = lock(&self.sources);
        if !sources.contains_key(source) {
            sources.insert(source.to_owned(), Counts::default());
        }
        if let Some(sum) = sources.get_mut(source) {
            sum.records += counts.records;
            sum.bytes += counts.bytes;
            sum.rejected.merge(&counts.rejected);
            sum.lag = counts.lag.or(sum.lag);
        }
    }

    /// Adds what became of a chunk of a file.
    pub(super) fn add_chunk(&self, chunk: &Chunk, tally: &Tally) {
        let mut counts = Counts {
            records: tally.written,
            bytes: chunk.bytes().len() as u64,
            rejected: tally.reasons.clone().unwrap_or_default(),
            lag: None,
        };
        for _ in 0..chunk.oversized() {
            counts.rejected.count("a line longer than --max-record");
        }
        self.add(chunk.place(), &counts);
    }

    /// The counts of all sources as they are now, by name.
    pub(super) fn now(&self) -> BTreeMap<String, Counts> {
        lock(&self.sources).clone()
    }

    /// For how long they have counted.
    pub(super) fn age(&self) -> Duration {
        self.began.elapsed()
    }
}
