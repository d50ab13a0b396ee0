//! Retention: how long records are kept, by what they are.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Fault, Hash, Identities, Store};
use crate::{
    expr::{Condition, Expr, Filter},
    record::{Canonical, Found, Instant, Reader},
};

/// How many hashes one walk through a table removes: they are in memory meanwhile.
const MOST: usize = 1_000_000;

/// Rules, of which the first that selects a record says how long it is kept. A record that none
/// selects, or that has no time, is kept for ever.
#[derive(Clone, Debug)]
pub struct Retention {
    rules: Vec<(Expr, Duration)>,
}

impl Retention {
    /// Rules in their order.
    pub fn new(rules: Vec<(Expr, Duration)>) -> Self {
        Self { rules }
    }

    /// Removes what is too old by now; returns how many records that were.
    pub fn sweep(&self, store: &mut dyn Store, now: SystemTime) -> Result<u64, Fault> {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = Instant(i64::try_from(now.as_nanos()).unwrap_or(i64::MAX));
        let mut reader = Reader::default();
        reader.canonical(Canonical::Time);
        let filters: Vec<_> = self
            .rules
            .iter()
            .map(|(expr, age)| (expr.compile(&mut reader), before(now, *age)))
            .collect();
        let mut removed = 0;
        for (number, (expr, age)) in self.rules.iter().enumerate() {
            let old = Condition::Time(None, Some(before(now, *age)));
            let condition = Condition::All(vec![old, expr.condition()]);
            loop {
                let (gone, count) = too_old(store, &condition, number, &reader, &filters)?;
                for piece in gone.chunks(store.removes()) {
                    store.remove(piece)?;
                }
                removed += count;
                if gone.len() < MOST {
                    break;
                }
            }
        }
        Ok(removed)
    }
}

/// The time of that long ago.
fn before(now: Instant, age: Duration) -> Instant {
    let age = i64::try_from(age.as_nanos()).unwrap_or(i64::MAX);
    Instant(now.0.saturating_sub(age))
}

/// What the records are known by, among those of a condition, for which a rule is the first, and that
/// it says are too old; and how many they are.
fn too_old(
    store: &mut dyn Store,
    condition: &Condition,
    number: usize,
    reader: &Reader,
    filters: &[(Filter, Instant)],
) -> Result<(Vec<Hash>, u64), Fault> {
    let mut found = Found::default();
    let mut identities = Identities::default();
    let (mut gone, mut count) = (Vec::new(), 0);
    store.read(condition, &mut |line| {
        if let Ok(record) = reader.read(line, &mut found)
            && let Some(time) = record.time()
            && let first = filters
                .iter()
                .position(|(filter, _)| filter.matches(&record))
            && first == Some(number)
            && time < filters[number].1
        {
            gone.extend(identities.all(line));
            count += 1;
        }
        if gone.len() < MOST {
            std::ops::ControlFlow::Continue(())
        } else {
            std::ops::ControlFlow::Break(())
        }
    })?;
    Ok((gone, count))
}
