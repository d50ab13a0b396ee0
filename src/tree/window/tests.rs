//! The window against a naive model.

use std::convert::Infallible;

use proptest::{collection::vec, prelude::*};

use super::*;

/// A window whose output is kept.
struct Tried {
    window: Window,
    out: Vec<String>,
}

impl Tried {
    fn new(invert: bool, memory: usize) -> Self {
        Self {
            window: Window::new(invert, memory),
            out: Vec::new(),
        }
    }

    fn record(&mut self, id: &str, line: &str, matches: bool, now: u64) {
        let Ok(()) =
            self.window
                .record(id, line.as_bytes(), matches, now, &mut keep(&mut self.out));
    }

    fn matched(&mut self, id: &str) {
        let Ok(()) = self.window.matched(id, &mut keep(&mut self.out));
    }

    fn close_before(&mut self, time: u64) {
        let Ok(()) = self.window.close_before(time, &mut keep(&mut self.out));
    }

    fn finish(mut self) -> (Vec<String>, Late) {
        let Ok(()) = self.window.finish(&mut keep(&mut self.out));
        assert_eq!(self.window.used(), 0);
        (self.out, self.window.late())
    }
}

fn keep(out: &mut Vec<String>) -> impl FnMut(&[u8]) -> Result<(), Infallible> {
    |line| {
        out.push(String::from_utf8_lossy(line).into_owned());
        Ok(())
    }
}

/// A tree as the naive model has it: all its records, and how many of them are settled.
#[derive(Default)]
struct Naive {
    records: Vec<String>,
    last: (u64, usize),
    verdict: Option<bool>,
}

/// What comes out by the words of the manual: times, ids and matches go in.
fn naive(events: &[(u64, u8, bool)], invert: bool, silence: u64) -> (Vec<String>, Late) {
    let mut trees: Vec<Naive> = (0..=u8::MAX).map(|_| Naive::default()).collect();
    let (mut out, mut late) = (Vec::new(), Late::default());
    for (at, &(now, id, matches)) in events.iter().enumerate() {
        let mut silent: Vec<_> = trees
            .iter_mut()
            .filter(|tree| tree.verdict.is_none() && !tree.records.is_empty())
            .filter(|tree| tree.last.0 < now.saturating_sub(silence))
            .collect();
        silent.sort_by_key(|tree| tree.last);
        for tree in silent {
            tree.verdict = Some(false);
            if invert {
                out.extend(tree.records.clone());
            }
        }
        let tree = &mut trees[usize::from(id)];
        let line = format!("{id}:{at}");
        if matches && tree.verdict == Some(false) {
            late.trees += 1;
            late.records += tree.records.len() as u64;
        }
        if matches && tree.verdict.is_none() && !invert {
            out.extend(tree.records.clone());
        }
        tree.records.push(line.clone());
        tree.last = (now, at);
        if matches {
            tree.verdict = Some(true);
        }
        if tree.verdict.is_some_and(|matched| matched != invert) {
            out.push(line);
        }
    }
    if invert {
        let left = trees.iter().filter(|tree| tree.verdict.is_none());
        let mut left: Vec<_> = left.filter(|tree| !tree.records.is_empty()).collect();
        left.sort_by_key(|tree| {
            let (_, at) = tree.records[0].split_once(':').expect("as written");
            at.parse::<usize>().expect("as written")
        });
        out.extend(left.into_iter().flat_map(|tree| tree.records.clone()));
    }
    (out, late)
}

proptest! {
    #[test]
    fn it_does_what_the_manual_says(
        steps in vec((0..30_u64, 0..6_u8, prop::bool::weighted(0.15)), 0..80),
        invert: bool,
        silence in prop_oneof![0..100_u64, Just(u64::MAX)],
    ) {
        let mut now = 0;
        let events: Vec<_> = steps
            .into_iter()
            .map(|(wait, id, matches)| {
                now += wait;
                (now, id, matches)
            })
            .collect();
        let mut tried = Tried::new(invert, usize::MAX);
        for (at, &(now, id, matches)) in events.iter().enumerate() {
            tried.close_before(now.saturating_sub(silence));
            tried.record(&id.to_string(), &format!("{id}:{at}"), matches, now);
        }
        prop_assert_eq!(tried.finish(), naive(&events, invert, silence));
    }

    #[test]
    fn its_memory_is_bounded_and_a_tree_loses_only_its_beginning(
        events in vec((0..40_u8, prop::bool::weighted(0.05), 0..300_usize), 0..300),
        memory in 0..6_000_usize,
    ) {
        let mut tried = Tried::new(false, memory);
        let mut all: Vec<Vec<String>> = vec![Vec::new(); 40];
        let mut first_match = [None; 40];
        for (at, &(id, matches, length)) in events.iter().enumerate() {
            let line = format!("{id}:{at}:{}", "x".repeat(length));
            tried.record(&id.to_string(), &line, matches, 0);
            prop_assert!(tried.window.used() <= memory);
            let tree = &mut all[usize::from(id)];
            tree.push(line);
            if matches {
                first_match[usize::from(id)].get_or_insert(tree.len() - 1);
            }
        }
        let (out, late) = tried.finish();
        let mut lost = 0;
        for (id, records) in all.iter().enumerate() {
            let mine = format!("{id}:");
            let kept: Vec<_> = out.iter().filter(|line| line.starts_with(&mine)).collect();
            let missing = records.len() - kept.len();
            prop_assert!(kept.into_iter().eq(&records[missing..]));
            if let Some(first) = first_match[id] {
                // At the latest from its first match on it is whole.
                prop_assert!(missing <= first);
                lost += missing as u64;
            } else {
                prop_assert_eq!(missing, records.len());
            }
        }
        prop_assert_eq!(late.records, lost);
    }
}

#[test]
fn when_the_memory_is_full_the_longest_silent_tree_goes() {
    let mut tried = Tried::new(false, 4 * (OVERHEAD + 20));
    for id in ["a", "b", "c", "a"] {
        tried.record(id, "12345", false, 0);
    }
    tried.record("d", &"x".repeat(OVERHEAD), false, 0);
    for id in ["a", "b", "c", "d"] {
        tried.record(id, "!", true, 0);
    }
    let (out, late) = tried.finish();
    let long = "x".repeat(OVERHEAD);
    assert_eq!(out, ["12345", "12345", "!", "!", "12345", "!", &long, "!"]);
    let expect = Late {
        trees: 1,
        records: 1,
    };
    assert_eq!(late, expect);
}

#[test]
fn verdicts_are_remembered_for_so_many_trees() {
    let mut tried = Tried::new(false, usize::MAX);
    tried.record("kept", "1", true, 0);
    tried.record("lost", "2", true, 0);
    for number in 1..REMEMBERED {
        tried.record(&number.to_string(), "-", true, 0);
        // Whoever is in use is not forgotten.
        tried.record("kept", "3", false, 0);
    }
    tried.out.clear();
    tried.record("kept", "4", false, 0);
    tried.record("lost", "5", false, 0);
    assert_eq!(tried.out, ["4"]);
    assert_eq!(tried.window.verdicts.len(), REMEMBERED);
}

#[test]
fn long_ids_cannot_fill_the_memory() {
    let mut tried = Tried::new(false, 1 << 20);
    for number in 0..20 {
        let id = format!("{number}{}", "x".repeat(1 << 20));
        tried.record(&id, "-", true, 0);
        tried.record(&format!("{id}!"), "-", false, 0);
        assert!(tried.window.id_bytes <= REMEMBERED_BYTES);
        assert!(tried.window.used() <= 1 << 20);
    }
}

#[test]
fn a_tree_may_match_by_what_is_known_of_another() {
    for (invert, expect) in [
        (false, ["a1", "a2", "b2"].as_slice()),
        (true, &["b1", "c1"]),
    ] {
        let mut tried = Tried::new(invert, 10_000);
        tried.record("b", "b1", false, 0);
        tried.close_before(1);
        tried.record("a", "a1", false, 2);
        tried.record("c", "c1", false, 2);
        for id in ["a", "b", "none"] {
            tried.matched(id);
            tried.matched(id);
        }
        tried.record("a", "a2", false, 3);
        tried.record("b", "b2", false, 3);
        let (out, late) = tried.finish();
        let one = Late {
            trees: 1,
            records: 1,
        };
        assert_eq!(
            (out, late),
            (expect.iter().map(ToString::to_string).collect(), one)
        );
    }
}
