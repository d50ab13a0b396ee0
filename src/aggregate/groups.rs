//! Groups and what is known of each.

use hashbrown::HashMap;

use super::{plan::Plan, spark::Spark, stats::Stats};
use crate::record::Instant;

/// The most groups that are told apart: a field with another value in each record must not
/// take all memory.
pub(super) const MOST: usize = 100_000;

/// All groups so far.
#[derive(Clone, Default)]
pub struct Groups {
    pub(super) known: HashMap<Vec<u8>, Group, foldhash::fast::RandomState>,
    /// Those that were too many.
    pub(super) others: Option<Group>,
}

/// What is known of the records of one group.
#[derive(Clone)]
pub(super) struct Group {
    pub(super) records: u64,
    /// The times of the first and the last of those that have one.
    pub(super) span: Option<(Instant, Instant)>,
    pub(super) spark: Spark,
    /// By field.
    pub(super) stats: Vec<Stats>,
}

impl Group {
    fn new(plan: &Plan) -> Self {
        let fields = 0..plan.fields.len();
        Self {
            records: 0,
            span: None,
            spark: Spark::default(),
            stats: fields
                .map(|field| Stats::new(plan.needs_sketch(field)))
                .collect(),
        }
    }

    /// Takes the time of a record.
    pub(super) fn at(&mut self, time: Instant) {
        self.cover(time, time);
        self.spark.add(time);
    }

    fn cover(&mut self, from: Instant, to: Instant) {
        let (first, last) = self.span.unwrap_or((from, to));
        self.span = Some((first.min(from), last.max(to)));
    }

    fn merge(&mut self, other: &Self) {
        self.records += other.records;
        if let Some((from, to)) = other.span {
            self.cover(from, to);
        }
        self.spark.merge(&other.spark);
        for (stats, other) in self.stats.iter_mut().zip(&other.stats) {
            stats.merge(other);
        }
    }
}

impl Groups {
    /// The group of that key.
    pub(super) fn group(&mut self, key: &[u8], plan: &Plan) -> &mut Group {
        if self.known.len() >= MOST && !self.known.contains_key(key) {
            return self.others.get_or_insert_with(|| Group::new(plan));
        }
        self.known
            .entry_ref(key)
            .or_insert_with(|| Group::new(plan))
    }

    /// Adds others that were made by the same plan.
    pub fn merge(&mut self, other: &Self, plan: &Plan) {
        for (key, group) in &other.known {
            self.group(key, plan).merge(group);
        }
        if let Some(others) = &other.others {
            self.others
                .get_or_insert_with(|| Group::new(plan))
                .merge(others);
        }
    }

    /// The number of records in all of them.
    pub fn records(&self) -> u64 {
        let groups = self.known.values().chain(&self.others);
        groups.map(|group| group.records).sum()
    }
}
