//! How many records there were over time, in a bounded number of buckets that widen as needed.

use std::collections::BTreeMap;

use crate::record::Instant;

/// The most buckets.
const MOST: usize = 64;

/// Counts by time. Buckets begin at multiples of their width, so that those of two workers fit.
#[derive(Clone, Debug, Default)]
pub(super) struct Spark {
    /// The width is two to this power, in nanoseconds.
    shift: u32,
    buckets: BTreeMap<i64, u64>,
}

impl Spark {
    pub(super) fn add(&mut self, time: Instant) {
        *self.buckets.entry(time.0 >> self.shift).or_default() += 1;
        self.widen(self.shift);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.widen(other.shift);
        let more = self.shift - other.shift;
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(bucket >> more).or_default() += count;
        }
        self.widen(self.shift);
    }

    /// Makes buckets at least so wide, and so wide that there are not too many.
    fn widen(&mut self, least: u32) {
        while self.shift < least || self.span() > MOST {
            self.shift += 1;
            let narrow = std::mem::take(&mut self.buckets);
            for (bucket, count) in narrow {
                *self.buckets.entry(bucket >> 1).or_default() += count;
            }
        }
    }

    fn span(&self) -> usize {
        match (
            self.buckets.first_key_value(),
            self.buckets.last_key_value(),
        ) {
            (Some((first, _)), Some((last, _))) => usize::try_from(last.abs_diff(*first))
                .unwrap_or(usize::MAX)
                .saturating_add(1),
            _ => 0,
        }
    }

    /// The counts of `columns` spans of time between two instants.
    pub(super) fn counts(&self, from: Instant, to: Instant, columns: usize) -> Vec<u64> {
        let mut counts = vec![0; columns];
        let length = (i128::from(to.0) - i128::from(from.0) + 1).max(1);
        for (bucket, count) in &self.buckets {
            // Told by its middle.
            let middle = (i128::from(*bucket) << self.shift) + (1_i128 << self.shift) / 2;
            let at = (middle - i128::from(from.0)).clamp(0, length - 1);
            let column = usize::try_from(at * columns as i128 / length).unwrap_or(0);
            counts[column.min(columns - 1)] += count;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn halves_make_the_whole(times in proptest::collection::vec(any::<i64>(), 0..200), at in 0..200_usize) {
            let of = |times: &[i64]| {
                let mut spark = Spark::default();
                for &time in times {
                    spark.add(Instant(time));
                }
                spark
            };
            let whole = of(&times);
            let (one, two) = times.split_at(at.min(times.len()));
            let mut merged = of(one);
            merged.merge(&of(two));
            prop_assert_eq!(&merged.buckets, &whole.buckets);
            prop_assert!(whole.span() <= MOST);
            let counts = whole.counts(Instant(i64::MIN), Instant(i64::MAX), 12);
            prop_assert_eq!(counts.iter().sum::<u64>(), times.len() as u64);
        }
    }
}
