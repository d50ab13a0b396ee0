//! Time that several intervals cover together.

use crate::record::Instant;

/// The seconds within `start..end` that none of `intervals` covers.
pub(super) fn uncovered(start: Instant, end: Instant, intervals: &mut [(Instant, Instant)]) -> f64 {
    intervals.sort_unstable();
    let mut covered = 0.0;
    let mut reached = start;
    for &(from, to) in &*intervals {
        let (from, to) = (from.max(reached), to.min(end));
        if to > from {
            covered += to.seconds_since(from);
            reached = to;
        }
    }
    (end.seconds_since(start) - covered).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_count_once_and_what_lies_outside_not_at_all() {
        let check = |intervals: &[(i64, i64)], expect: f64| {
            let second = |s: i64| Instant(s * 1_000_000_000);
            let mut intervals: Vec<_> = intervals
                .iter()
                .map(|&(a, b)| (second(a), second(b)))
                .collect();
            let own = uncovered(second(10), second(20), &mut intervals);
            assert!((own - expect).abs() < 1e-9, "{intervals:?}: {own}");
        };
        check(&[], 10.0);
        check(&[(12, 14), (13, 15)], 7.0);
        check(&[(12, 18), (13, 14)], 4.0);
        check(&[(5, 11), (19, 30)], 8.0);
        check(&[(0, 100)], 0.0);
        check(&[(15, 12)], 10.0);
    }
}
