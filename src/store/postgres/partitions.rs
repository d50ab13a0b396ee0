//! Partitions: made when the first record of their day or month comes, so that old ones can be
//! dropped whole.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta};
use postgres::{Client, Error, error::SqlState};

use crate::{endpoint::Partition, record::Instant, store::Row};

/// How many are made for one batch: records whose clocks are wild must not make thousands. What
/// has none is in the partition for all others.
const MOST: usize = 64;

/// The partitions that are there.
pub(super) struct Partitions {
    by: Partition,
    known: HashSet<NaiveDate>,
}

impl Partitions {
    pub(super) fn new(by: Partition) -> Self {
        Self {
            by,
            known: HashSet::new(),
        }
    }

    /// Makes those that these rows want.
    pub(super) fn make(
        &mut self,
        client: &mut Client,
        table: &str,
        rows: &[Row<'_>],
    ) -> Result<(), Error> {
        let mut wanted: Vec<_> = rows
            .iter()
            .filter_map(|row| self.first_day(row.time?))
            .filter(|day| !self.known.contains(day))
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        for day in wanted.into_iter().take(MOST) {
            let (name, end) = match self.by {
                // Hours are for files.
                Partition::None | Partition::Hour => continue,
                Partition::Day => (day.format("%Y%m%d"), day + TimeDelta::days(1)),
                Partition::Month => (day.format("%Y%m"), day + Months::new(1)),
            };
            let made = client.batch_execute(&format!(
                "BEGIN;
                 SELECT pg_advisory_xact_lock(hashtext('distlog'));
                 CREATE TABLE IF NOT EXISTS {table}_{name} PARTITION OF {table}
                     FOR VALUES FROM ('{day} 00:00+00') TO ('{end} 00:00+00');
                 COMMIT;"
            ));
            if let Err(error) = made {
                if error.is_closed() {
                    return Err(error);
                }
                client.batch_execute("ROLLBACK")?;
                // It is divided in another way, or has records of that time in the partition
                // for all others: so these go there, too.
                let other = [
                    SqlState::INVALID_OBJECT_DEFINITION,
                    SqlState::CHECK_VIOLATION,
                ];
                if !error.code().is_some_and(|code| other.contains(code)) {
                    return Err(error);
                }
            }
            self.known.insert(day);
        }
        Ok(())
    }

    /// The first day of the partition of a time.
    fn first_day(&self, Instant(nanos): Instant) -> Option<NaiveDate> {
        let day = DateTime::from_timestamp_nanos(nanos).date_naive();
        match self.by {
            Partition::None | Partition::Hour => None,
            Partition::Day => Some(day),
            Partition::Month => day.with_day(1),
        }
    }
}
