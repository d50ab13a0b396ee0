//! `--sorted=TIME`: what is out of order by no more than that is put right while it is read.
//!
//! Each input by itself: a record waits until one has come that is so much later that none can come any more which
//! goes before it.

use std::collections::BTreeMap;

use super::{piece::UNKNOWN, zipper::Sheaf};

/// What a record that waits takes beside its bytes, about.
const OVERHEAD: usize = 96;

/// The order that the records of an input have, and those that are out of it.
#[derive(Debug)]
pub(super) struct Order {
    /// By how much a record may be earlier than one before it.
    tolerance: i64,
    /// The latest time so far, that of the record before, and the one that it was given.
    latest: i64,
    before: i64,
    given: i64,
    /// Nothing that comes goes before that.
    floor: i64,
    records: u64,
    /// How many records come too late to be put right, and the number of the first such one.
    pub(super) late: u64,
    pub(super) first_late: u64,
}

impl Order {
    pub(super) fn new(tolerance: i64) -> Self {
        Self {
            tolerance,
            latest: UNKNOWN,
            before: UNKNOWN,
            given: UNKNOWN,
            floor: UNKNOWN,
            records: 0,
            late: 0,
            first_late: 0,
        }
    }

    /// The time that the next record goes by. One that comes too late goes first of what still can, and one that has
    /// no time with the one before it.
    pub(super) fn give(&mut self, time: i64) -> i64 {
        self.records += 1;
        if time == UNKNOWN {
            return self.given;
        }
        self.latest = self.latest.max(time);
        self.raise(self.latest.saturating_sub(self.tolerance));
        if time < self.floor && time < self.before {
            if self.late == 0 {
                self.first_late = self.records;
            }
            self.late += 1;
        }
        self.before = time;
        self.given = time.max(self.floor);
        self.given
    }

    fn raise(&mut self, floor: i64) {
        self.floor = self.floor.max(floor);
    }
}

/// Records of an input that wait for earlier ones.
#[derive(Debug)]
pub(super) struct Slack {
    /// By time, and by number among those of one time.
    waiting: BTreeMap<(i64, u64), Box<[u8]>>,
    number: u64,
    used: usize,
    memory: usize,
    /// True if some had to go on because they were too much to be held.
    pub(super) was_full: bool,
}

impl Slack {
    pub(super) fn new(memory: usize) -> Self {
        Self {
            waiting: BTreeMap::new(),
            number: 0,
            used: 0,
            memory,
            was_full: false,
        }
    }

    /// Takes the records of a sheaf, and leaves in it what goes on.
    pub(super) fn pass(&mut self, order: &mut Order, sheaf: &mut Sheaf) {
        let came = std::mem::take(sheaf);
        let mut rest = came.text.as_slice();
        for (time, length) in came.times.into_iter().zip(came.lengths) {
            let (line, behind) = rest.split_at(rest.len().min(length as usize));
            rest = behind;
            self.number += 1;
            self.used += line.len() + OVERHEAD;
            let key = (order.give(time), self.number);
            self.waiting.insert(key, line.into());
            while self.used > self.memory
                && let Some((time, _)) = self.next(i64::MAX, sheaf)
            {
                self.was_full = true;
                order.raise(time);
            }
        }
        while self.next(order.floor, sheaf).is_some() {}
    }

    /// Lets all go on.
    pub(super) fn empty(&mut self, sheaf: &mut Sheaf) {
        while self.next(i64::MAX, sheaf).is_some() {}
    }

    /// Lets the first go on, if it is not behind `floor`.
    fn next(&mut self, floor: i64, sheaf: &mut Sheaf) -> Option<(i64, u64)> {
        let first = self.waiting.first_entry()?;
        let key = *first.key();
        if key.0 > floor {
            return None;
        }
        let line = first.remove();
        self.used -= line.len() + OVERHEAD;
        sheaf.push(key.0, &line);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What comes out of records that are their own numbers, some at a time; how many were late, and the most memory.
    fn arrange(
        times: &[Option<i64>],
        tolerance: i64,
        memory: usize,
        chunk: usize,
    ) -> (Vec<usize>, u64, usize) {
        let (mut order, mut slack) = (Order::new(tolerance), Slack::new(memory));
        let (mut out, mut before, mut used) = (Vec::new(), UNKNOWN, 0);
        let mut number = 0_usize;
        let chunks = times.chunks(chunk).map(Some).chain([None]);
        for chunk in chunks {
            let mut sheaf = Sheaf::default();
            for time in chunk.unwrap_or_default() {
                sheaf.push(time.unwrap_or(UNKNOWN), format!("{number}\n").as_bytes());
                number += 1;
            }
            slack.pass(&mut order, &mut sheaf);
            used = used.max(slack.used);
            if chunk.is_none() {
                slack.empty(&mut sheaf);
            }
            let text = std::str::from_utf8(&sheaf.text).expect("text");
            out.extend(
                text.lines()
                    .map(|line| line.parse::<usize>().expect("a number")),
            );
            for time in sheaf.times {
                assert!(before <= time, "they are in order");
                before = time;
            }
        }
        (out, order.late, used)
    }

    /// The order of a stable sort, where what has no time has that of the one before.
    fn sorted(times: &[Option<i64>]) -> Vec<usize> {
        let mut before = UNKNOWN;
        let mut all: Vec<_> = times
            .iter()
            .enumerate()
            .map(|(number, time)| {
                before = time.unwrap_or(before);
                (before, number)
            })
            .collect();
        all.sort_by_key(|(time, _)| *time);
        all.into_iter().map(|(_, number)| number).collect()
    }

    proptest! {
        #[test]
        fn what_is_within_the_tolerance_comes_out_as_a_stable_sort_has_it(
            mut times in prop::collection::vec((0..1_000_i64, 0..=50_i64), 0..200),
            without in prop::collection::vec(prop::bool::weighted(0.2), 200),
            chunk in 1..50_usize,
        ) {
            // What is put off by so much at most is out of order by no more.
            times.sort_by_key(|(time, off)| time + off);
            let times: Vec<_> = times
                .iter()
                .zip(without)
                .map(|((time, _), without)| (!without).then_some(*time))
                .collect();
            let (out, late, _) = arrange(&times, 50, usize::MAX, chunk);
            prop_assert_eq!(out, sorted(&times));
            prop_assert_eq!(late, 0);
        }

        #[test]
        fn nothing_is_lost_and_memory_is_bounded(
            times in prop::collection::vec(prop::option::of(0..1_000_i64), 0..200),
            tolerance in 0..500_i64,
            memory in 0..3_000_usize,
            chunk in 1..50_usize,
        ) {
            let (mut out, _, used) = arrange(&times, tolerance, memory, chunk);
            out.sort_unstable();
            prop_assert_eq!(out, (0..times.len()).collect::<Vec<_>>());
            prop_assert!(used <= memory);
        }
    }

    #[test]
    fn what_comes_too_late_goes_first_of_what_still_can() {
        let times = [10, 30, 25, 12, 13, 40, 31].map(Some);
        let (out, late, _) = arrange(&times, 10, usize::MAX, 1);
        // 12 goes where 20 would, and 13 stays behind it, which is not counted again.
        assert_eq!((out, late), (vec![0, 3, 4, 2, 1, 6, 5], 1));
        let (out, late, _) = arrange(&times, 0, usize::MAX, 1);
        assert_eq!((out, late), (vec![0, 1, 2, 3, 4, 5, 6], 3));
    }
}
