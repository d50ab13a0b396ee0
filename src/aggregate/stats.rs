//! The values of one field in one group.

use sketches_ddsketch::{Config, DDSketch};

/// How far a quantile may be from the true one, as a part of it.
pub(super) const ERROR: f64 = 0.005;
/// The most bins of a sketch: values from one to ten to the tenth of each sign keep the error.
const BINS: u32 = 4096;
/// What is nearer to nothing counts as nothing.
const LEAST: f64 = 1e-9;

/// What is known of a field's values.
#[derive(Clone)]
pub(super) struct Stats {
    pub(super) values: u64,
    sum: f64,
    /// What the sum would have more, if it had as many digits as it takes.
    rest: f64,
    pub(super) min: f64,
    pub(super) max: f64,
    /// For quantiles, if they are wanted.
    sketch: Option<DDSketch>,
}

impl Stats {
    pub(super) fn new(sketched: bool) -> Self {
        Self {
            values: 0,
            sum: 0.0,
            rest: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            sketch: sketched.then(|| DDSketch::new(Config::new(ERROR, BINS, LEAST))),
        }
    }

    /// Takes a value; what is no finite number has no place among others.
    pub(super) fn add(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.values += 1;
        self.add_to_sum(value);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        if let Some(sketch) = &mut self.sketch {
            sketch.add(value);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.values += other.values;
        self.add_to_sum(other.sum);
        self.rest += other.rest;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        if let (Some(sketch), Some(other)) = (&mut self.sketch, &other.sketch) {
            // It fails where two sketches are made differently, and all are made here.
            let _ = sketch.merge(other);
        }
    }

    /// What is rounded off is kept (Neumaier's sum), so that a sum does not tell the order of its terms.
    fn add_to_sum(&mut self, value: f64) {
        let sum = self.sum + value;
        self.rest += if self.sum.abs() >= value.abs() {
            (self.sum - sum) + value
        } else {
            (value - sum) + self.sum
        };
        self.sum = sum;
    }

    pub(super) fn sum(&self) -> f64 {
        let sum = self.sum + self.rest;
        // Beyond the largest number there is no rest.
        if sum.is_nan() { self.sum } else { sum }
    }

    pub(super) fn mean(&self) -> Option<f64> {
        #[allow(clippy::cast_precision_loss)] // A mean needs no more than 53 bits of the count.
        let values = self.values as f64;
        (self.values > 0).then(|| self.sum() / values)
    }

    /// The least value that so large a part of the values is not above.
    pub(super) fn quantile(&self, part: f64) -> Option<f64> {
        #[allow(clippy::cast_precision_loss)] // The rank of a quantile needs no more than 53 bits.
        let values = self.values as f64;
        // 7 % of 100 are 7, though the product says a little more.
        let rank = ((part * values - 1e-9).ceil() - 1.0).max(0.0);
        // The sketch takes a part of the last rank, and rounds down.
        let part = ((rank + 0.5) / (values - 1.0).max(1.0)).min(1.0);
        let found = self.sketch.as_ref()?.quantile(part).ok()??;
        // The bins at both ends are wider than what is in them.
        Some(found.clamp(self.min, self.max))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_sum_does_not_tell_the_order_of_its_terms() {
        let mut values: Vec<f64> = (1..5_000_u32)
            .map(|n| f64::from(n).powi(-3) * 1e9)
            .collect();
        values.extend([1e17, 0.1, -1e17, 1_767_268_820.999_123]);
        let of = |values: &[f64]| {
            let mut stats = Stats::new(false);
            for &value in values {
                stats.add(value);
            }
            stats
        };
        let forth = of(&values);
        values.reverse();
        let (one, two) = values.split_at(77);
        let mut back = of(two);
        back.merge(&of(one));
        let text = |stats: &Stats| format!("{:.14e}", stats.sum());
        assert_eq!(text(&forth), text(&back));
        assert!(of(&[f64::MAX, f64::MAX]).sum().is_infinite());
    }

    proptest! {
        /// Against all values in order, whatever the parts that were added up.
        #[test]
        fn a_quantile_is_as_near_as_it_says(
            values in proptest::collection::vec(prop_oneof![-1e6..1e6, 1e-6..1e-3, Just(0.0)], 1..300),
            at in 0..300_usize,
            permille in 0..=1000_usize,
        ) {
            let of = |values: &[f64]| {
                let mut stats = Stats::new(true);
                for &value in values {
                    stats.add(value);
                }
                stats
            };
            let (one, two) = values.split_at(at.min(values.len()));
            let mut stats = of(one);
            stats.merge(&of(two));
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            prop_assert_eq!((stats.min, stats.max), (sorted[0], sorted[sorted.len() - 1]));
            prop_assert_eq!(stats.values, values.len() as u64);
            let rank = (permille * values.len()).div_ceil(1000).max(1) - 1;
            let part = f64::from(u32::try_from(permille).expect("small")) / 1000.0;
            let (found, truth) = (stats.quantile(part).expect("one"), sorted[rank]);
            prop_assert!((found - truth).abs() <= truth.abs() * ERROR * 1.01 + LEAST, "{found} {truth}");
        }
    }
}
