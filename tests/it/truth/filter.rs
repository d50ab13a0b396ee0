//! dl-filter selects by request what dl-tree puts into a tree, in every scheme.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    chance,
    record::Pen,
    write::{self, Scheme},
};
use crate::support::{Dir, program};

/// A task has the id of the trace that it was called in, in another spelling.
const ONE: &str = "distlog called from a span";
/// Requests of each scheme.
const REQUESTS: usize = 3;

#[test]
fn the_records_of_a_tree_are_those_of_its_id() {
    let only = std::env::var("DISTLOG_TRUTH_ONLY").unwrap_or_default();
    let schemes = write::SCHEMES.iter();
    // What the user has to name, and what joins or takes apart, is not told record by record.
    let by_record = |scheme: &&&Scheme| {
        let words = [
            "document", "inside", "called", "and a", "arrays", "export", "OTLP", "segments",
        ];
        let is_told = scheme.name == ONE || !words.iter().any(|word| scheme.name.contains(word));
        scheme.args.is_empty() && is_told
    };
    let schemes: Vec<_> = schemes
        .filter(by_record)
        .filter(|scheme| scheme.name.contains(&only))
        .collect();
    assert!(schemes.len() > 12 || !only.is_empty(), "{}", schemes.len());
    let dir = Dir::new();
    for scheme in schemes {
        let mut pen = Pen::new();
        for request in &chance::requests(7, REQUESTS) {
            (scheme.write)(request, &mut pen);
        }
        let lines: String = pen.lines.iter().map(|line| line.text.as_str()).collect();
        check(scheme.name, &lines, &dir);
    }
}

fn check(name: &str, lines: &str, dir: &Dir) {
    let log = dir.file("log", lines);
    let trees = program("dl-tree").arg(&log).output();
    let trees: Vec<_> = trees
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice::<Value>(line).expect("a tree"))
        .collect();
    assert!(!trees.is_empty(), "{name}");
    for tree in &trees {
        let id = tree["tree"].as_str().expect("an id");
        let one = dir.file("tree", format!("{tree}\n"));
        let expect = numbers(&program("dl-tree").arg("--flatten").arg(one).output());
        assert!(!expect.is_empty(), "{name}: {id}");
        let selected = program("dl-filter").args(&["-t", id]).arg(&log).output();
        assert_eq!(numbers(&selected), expect, "{name}: -t {id}");
        let first = format!(".rec == {}", expect.first().expect("a record"));
        for (how, input) in [("a file", None), ("a stream", Some(lines))] {
            let whole = program("dl-filter").args(&["--whole-tree", &first]);
            let whole = match input {
                None => whole.arg(&log),
                Some(lines) => whole.stdin(lines),
            };
            let whole = whole.run();
            assert_eq!(whole.stderr, "", "{name}: {id} in {how}");
            assert_eq!(numbers(&whole.stdout), expect, "{name}: {id} in {how}");
        }
    }
}

/// The numbers of records.
fn numbers(lines: &[u8]) -> BTreeSet<u64> {
    let lines = lines.split(|&byte| byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let record: Value = serde_json::from_slice(line).expect("a record");
            record["rec"].as_u64().expect("a number")
        })
        .collect()
}
