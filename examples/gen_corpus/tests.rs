//! Checks of the corpus itself: the benchmarks are only as good as it.

use std::collections::HashMap;

use serde_json::Value;

use crate::{Arguments, Kind, generate, size};

fn corpus(kind: Kind, size: u64, seed: u64, shuffle: usize) -> String {
    let mut bytes = vec![];
    let arguments = Arguments {
        kind,
        size,
        seed,
        open: 200,
        shuffle,
    };
    generate(&arguments, &mut bytes).expect("memory takes everything");
    String::from_utf8(bytes).expect("the corpus is UTF-8")
}

fn records(corpus: &str) -> Vec<Value> {
    corpus
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

#[test]
fn every_line_is_an_object_and_the_size_is_near() {
    for kind in [Kind::Eliot, Kind::Distlog, Kind::Generic] {
        let corpus = corpus(kind, 5_000_000, 1, 0);
        assert!(records(&corpus).iter().all(Value::is_object));
        assert!(
            (4_900_000..5_100_000).contains(&corpus.len()),
            "{}",
            corpus.len()
        );
    }
}

#[test]
fn the_seed_decides_every_byte() {
    for kind in [Kind::Eliot, Kind::Distlog, Kind::Generic] {
        assert_eq!(corpus(kind, 100_000, 7, 0), corpus(kind, 100_000, 7, 0));
        assert_ne!(corpus(kind, 100_000, 7, 0), corpus(kind, 100_000, 8, 0));
    }
}

#[test]
fn shuffling_keeps_every_line() {
    let sorted = |text: &str| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let (plain, shuffled) = (
        corpus(Kind::Eliot, 300_000, 1, 0),
        corpus(Kind::Eliot, 300_000, 1, 500),
    );
    assert_ne!(plain, shuffled);
    assert_eq!(sorted(&plain), sorted(&shuffled));
}

/// The last number of an end's level is the number of records and children of its action.
#[test]
fn nearly_all_eliot_actions_are_complete() {
    let mut inside: HashMap<String, Vec<u64>> = HashMap::new();
    let mut ends = HashMap::new();
    for record in records(&corpus(Kind::Eliot, 3_000_000, 1, 0)) {
        let level: Vec<u64> = serde_json::from_value(record["task_level"].clone()).expect("levels");
        let (last, path) = level.split_last().expect("a level is never empty");
        let action = format!("{}{path:?}", record["task_uuid"]);
        inside.entry(action.clone()).or_default().push(*last);
        if *last == 1
            && let Some((place, above)) = path.split_last()
        {
            let parent = format!("{}{above:?}", record["task_uuid"]);
            inside.entry(parent).or_default().push(*place);
        }
        if ["succeeded", "failed"]
            .iter()
            .any(|status| record["action_status"] == *status)
        {
            ends.insert(action, *last);
        }
    }
    let whole = |(action, places): (&String, &mut Vec<u64>)| {
        places.sort_unstable();
        let count = places.len() as u64;
        *places == (1..=count).collect::<Vec<_>>() && ends.get(action) == Some(&count)
    };
    let all = inside.len();
    let complete = inside.iter_mut().map(whole).filter(|whole| *whole).count();
    assert!(complete < all, "some process was killed");
    assert!(complete * 100 > all * 98, "{complete} of {all}");
}

#[test]
fn distlog_scopes_count_their_records_from_zero() {
    let mut inside: HashMap<String, Vec<u64>> = HashMap::new();
    for record in records(&corpus(Kind::Distlog, 3_000_000, 1, 0)) {
        let key = record["context"]["key"].as_str().expect("a key");
        let (sequence, scope) = key.split_once('@').expect("SEQ@ID");
        let sequence = sequence.parse().expect("a number");
        inside.entry(scope.to_owned()).or_default().push(sequence);
    }
    for (scope, sequence) in inside {
        let count = sequence.len() as u64;
        assert_eq!(sequence, (0..count).collect::<Vec<_>>(), "{scope}");
    }
}

#[test]
fn sizes_have_units() {
    assert_eq!(size::parse("1GB"), Ok(1_000_000_000));
    assert_eq!(size::parse("2KiB"), Ok(2048));
    assert_eq!(size::parse("12"), Ok(12));
    assert!(size::parse("1 parsec").is_err());
}
