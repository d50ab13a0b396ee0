//! Trees: real samples and clients, Eliot's parser and the shop as judges; random requests in every order and memory.

mod accepted;
mod announced;
mod counts;
mod eliot_parse;
mod forest;
mod jaeger;
mod joined;
mod live;
mod output;
mod peers;
mod renamed;
mod requests;
mod shop;
mod spans;
mod ties;
mod told;

use std::{collections::BTreeMap, fs, path::PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    pipes::stats,
    support::{Dir, newlines, program, python, samples},
    tries::tries,
};
use forest::{forest, shuffled};

/// Trees and the records in them as values; records that `serde_json` cannot read are null.
fn values(trees: &[u8]) -> Vec<Value> {
    let trees = trees.split(|&b| b == b'\n').filter(|line| !line.is_empty());
    trees
        .map(|line| serde_json::from_slice(line).expect("a tree is JSON"))
        .collect()
}

fn sorted_lines(bytes: &[u8]) -> Vec<String> {
    let mut lines: Vec<_> = String::from_utf8_lossy(bytes)
        .lines()
        .map(str::to_owned)
        .collect();
    lines.sort_unstable();
    lines
}

#[test]
fn every_sample_becomes_trees_and_pictures() {
    for sample in samples() {
        let trees = program("dl-tree").arg("--stats").arg(&sample).run();
        let shown = format!("{}: {}", sample.display(), trees.stderr);
        assert_eq!(trees.status, 0, "{shown}");
        let [read, written, filtered, rejected] = stats(&trees.stderr);
        assert_eq!(read, written + filtered + rejected, "{shown}");
        // Each record is in exactly one tree, and the picture has a line for each tree. A
        // document is one record to the ledger, and in its trees are those that it holds.
        let flat = program("dl-tree")
            .arg("--flatten")
            .stdin(&trees.stdout)
            .output();
        let name = sample.file_name().unwrap_or_default().to_string_lossy();
        let flat = sorted_lines(&flat).len() as u64;
        if name.starts_with("otlp-") {
            assert!(flat >= written, "{shown}");
        } else {
            assert_eq!(flat, written, "{shown}");
        }
        for args in [
            &["--records", "all", "--color", "always"][..],
            &["--to", "table", "--ascii"],
        ] {
            let picture = program("dl-fmt").args(args).stdin(&trees.stdout).output();
            let count = newlines(&trees.stdout);
            assert!(sorted_lines(&picture).len() >= count, "{shown}");
        }
    }
}

/// `[name, status, [children]]` for a node of a tree.
fn outline(node: &Value) -> Value {
    let children = node["children"].as_array().expect("children");
    json!([
        node["name"],
        node["status"],
        children.iter().map(outline).collect::<Vec<_>>()
    ])
}

#[test]
fn the_real_eliot_in_two_processes() {
    let dir = Dir::new();
    let files = ["one", "two", "summary"].map(|name| dir.path(name));
    let [one, two, summary] = &files;
    let text = |path: &PathBuf| path.to_str().expect("text").to_owned();
    python(
        "tests/py/client_eliot.py",
        &["--summary", &text(summary), &text(one), &text(two)],
    );
    let summary: Value =
        serde_json::from_slice(&fs::read(summary).expect("a summary")).expect("JSON");
    for files in [[one, two], [two, one]] {
        let trees = values(&program("dl-tree").arg(files[0]).arg(files[1]).output());
        assert_eq!(trees.len(), 3);
        let by_id: BTreeMap<_, _> = trees
            .iter()
            .map(|tree| (tree["tree"].as_str(), tree))
            .collect();
        let records: u64 = trees
            .iter()
            .filter_map(|tree| tree["records"].as_u64())
            .sum();
        assert_eq!(summary["records"], records);
        for (name, task) in summary["tasks"].as_object().expect("tasks") {
            let tree = by_id[&task["uuid"].as_str()];
            assert_eq!(outline(&tree["root"]), task["tree"], "{name}");
            assert_eq!(tree["records"], task["records"], "{name}");
            assert_eq!(tree["complete"], true, "{name}");
            assert_eq!(tree["status"], task["tree"][1], "{name}");
        }
    }
}

/// Runs dl-tree over lines that come as several files.
fn dl_tree(files: &[Vec<String>], args: &[&str]) -> Vec<u8> {
    let dir = Dir::new();
    let files: Vec<_> = (0..)
        .zip(files)
        .map(|(n, lines)| dir.file(&format!("{n}"), lines.concat()))
        .collect();
    program("dl-tree").args(args).files(&files).output()
}

/// Cuts lines into `count` files, each line to the file that `which` says.
fn split(lines: &[String], count: usize, which: impl Fn(usize) -> usize) -> Vec<Vec<String>> {
    let mut files = vec![Vec::new(); count];
    for (at, line) in lines.iter().enumerate() {
        files[which(at)].push(line.clone());
    }
    files
}

proptest! {
    #![proptest_config(tries(16))]

    #[test]
    fn the_same_order_gives_the_same_bytes(forest in forest(), count in 1..9_usize, memory in 0..60_000_usize, jobs in 2..5_u8, flatten in any::<bool>()) {
        let lines = forest.faulty_lines();
        let mode: &[&str] = if flatten { &["--flatten"] } else { &[] };
        let expect = dl_tree(std::slice::from_ref(&lines), &[mode, &["-j", "1"]].concat());
        // Pieces in the order of the input: each is at least a chunk, and so a chance to spill.
        let piece = lines.len().div_ceil(count).max(1);
        let pieces = split(&lines, count, |at| at / piece);
        let (jobs, memory) = (jobs.to_string(), memory.to_string());
        for args in [&["-j", &jobs][..], &["--memory", "0"], &["--memory", "0", "-j", &jobs], &["--memory", &memory]] {
            let got = dl_tree(&pieces, &[mode, args].concat());
            prop_assert!(got == expect, "{:?}\n{}\n{}", args, String::from_utf8_lossy(&got), String::from_utf8_lossy(&expect));
        }
    }

    #[test]
    fn any_order_and_any_split_give_the_same_trees(forest in forest(), (order, count) in (any::<u64>(), 1..6_usize), jobs in 1..5_u8, spill in any::<bool>()) {
        let lines = forest.faulty_lines();
        let expect = sorted_lines(&dl_tree(std::slice::from_ref(&lines), &[]));
        let mixed = shuffled(&lines, order);
        let files = split(&mixed, count, |at| (at * 7 + usize::try_from(order % 5).unwrap_or(0)) % count);
        let jobs = jobs.to_string();
        let memory = if spill { "0" } else { "1GiB" };
        let got = sorted_lines(&dl_tree(&files, &["-j", &jobs, "--memory", memory]));
        prop_assert_eq!(got, expect);
    }

    #[test]
    fn flattened_trees_are_the_records_again(forest in forest(), order in any::<u64>()) {
        let lines = shuffled(&forest.faulty_lines(), order);
        let flat = dl_tree(std::slice::from_ref(&lines), &["--flatten", "--no-stamp"]);
        let stamped = dl_tree(std::slice::from_ref(&lines), &["--flatten"]);
        prop_assert_eq!(sorted_lines(&flat), sorted_lines(lines.concat().as_bytes()));
        let trees = dl_tree(&[lines], &[]);
        prop_assert!(program("dl-tree").args(&["--flatten", "--no-stamp"]).stdin(&trees).output() == flat);
        prop_assert!(program("dl-tree").arg("--flatten").stdin(&trees).output() == stamped);
        // Stamps are replaced by the same ones.
        prop_assert!(program("dl-tree").arg("--flatten").stdin(&stamped).output().len() == stamped.len());
        // A tree that has been written is a tree already.
        prop_assert!(program("dl-tree").stdin(&trees).output() == trees);
        // The records of a flattened tree come in an order that gives the tree again.
        prop_assert_eq!(sorted_lines(&program("dl-tree").stdin(&flat).output()), sorted_lines(&trees));
    }

    #[test]
    fn complete_trees_are_what_was_done(forest in forest(), order in any::<u64>()) {
        let lines = shuffled(&forest.lines(), order);
        let trees = values(&dl_tree(&[lines], &[]));
        let by_id: BTreeMap<_, _> = trees.iter().filter_map(|tree| Some((tree["tree"].as_str()?, tree))).collect();
        prop_assert_eq!(by_id.len(), forest.requests.len());
        for request in &forest.requests {
            let tree = by_id[request.id.as_str()];
            prop_assert_eq!(forest::told(&tree["root"], request.kind), request.expected(), "{}", tree);
            prop_assert_eq!(&tree["complete"], &json!(request.ended()));
            prop_assert_eq!(&tree["errors"], &json!(request.failed()));
            prop_assert_eq!(&tree["records"], &json!(request.lines.len()));
        }
    }

    #[test]
    fn live_trees_are_those_of_the_end(forest in forest(), order in any::<u64>()) {
        // Records that come after their tree was complete make another tree, so only
        // requests without faults in the order of time are the same live.
        let lines = forest.lines();
        let live = program("dl-tree").args(&["--live-window", "1h"]).stdin(lines.concat()).output();
        let batch = program("dl-tree").stdin(lines.concat()).output();
        prop_assert_eq!(sorted_lines(&live), sorted_lines(&batch));
        // Whatever happens, no record is lost.
        let lines = shuffled(&forest.faulty_lines(), order);
        for memory in ["0", "1GiB"] {
            let flat = program("dl-tree").args(&["--live-window", "1h", "--flatten", "--no-stamp", "--memory", memory]).stdin(lines.concat()).output();
            prop_assert_eq!(sorted_lines(&flat), sorted_lines(lines.concat().as_bytes()));
        }
    }
}

/// A record of an Eliot task: its level, and what more it has.
fn eliot(level: &str, more: &str) -> String {
    format!("{{\"task_uuid\":\"t\",\"task_level\":[{level}],\"timestamp\":1795177294.5{more}}}\n")
}

const STARTED: &str = ",\"action_type\":\"a\",\"action_status\":\"started\"";
const FAILED: &str = ",\"action_type\":\"a\",\"action_status\":\"failed\"";
const SUCCEEDED: &str = ",\"action_type\":\"a\",\"action_status\":\"succeeded\"";

#[test]
fn trees_of_many_chunks_survive_the_spill() {
    // The memory holds a fraction of the input, so that every tree is spilled in pieces.
    let mut lines = Vec::new();
    for step in 1..=60 {
        for id in 0..40 {
            lines.push(format!(
                "{{\"task_uuid\":\"tree-{id}\",\"task_level\":[{step}],\"timestamp\":{}.5,\"message_type\":\"{}\"}}\n",
                1_795_177_294 + step,
                "x".repeat(500)
            ));
        }
    }
    let input = lines.concat();
    let expect = program("dl-tree").stdin(&input).output();
    assert_eq!(values(&expect).len(), 40);
    for memory in ["0", "100kB", "600kB"] {
        for jobs in ["1", "3"] {
            let got = program("dl-tree")
                .args(&["--memory", memory, "-j", jobs])
                .stdin(&input)
                .output();
            assert!(got == expect, "--memory {memory} -j {jobs}");
        }
    }
}

#[test]
fn the_deepest_scopes_that_are_believed_are_no_trouble() {
    let level = |depth: usize| vec!["2"; depth].join(",");
    let line = |depth: usize, tail: &str| {
        let comma = if depth > 0 { "," } else { "" };
        format!(
            "{{\"task_uuid\":\"deep\",\"task_level\":[{}{comma}{tail}],\"timestamp\":1795177294.5,\"action_type\":\"a{depth}\",\"action_status\":\"started\"}}\n",
            level(depth)
        )
    };
    let lines: Vec<_> = (0..=1_000).map(|depth| line(depth, "1")).collect();
    let input = lines.concat();
    for jobs in ["1", "2"] {
        for memory in ["0", "1GiB"] {
            let tree = program("dl-tree")
                .args(&["-j", jobs, "--memory", memory])
                .stdin(&input)
                .output();
            assert_eq!(newlines(&tree), 1);
            let flat = program("dl-tree")
                .args(&["-j", jobs, "--flatten", "--no-stamp"])
                .stdin(&tree)
                .output();
            assert_eq!(sorted_lines(&flat), sorted_lines(input.as_bytes()));
            for view in ["text", "table"] {
                let picture = program("dl-fmt")
                    .args(&["-j", jobs, "--to", view])
                    .stdin(&tree)
                    .output();
                assert!(!picture.is_empty());
            }
        }
    }
    // One level more, and a record counts as a stray at the root; none is lost.
    let flat = program("dl-tree")
        .args(&["--flatten", "--no-stamp"])
        .stdin(line(1_001, "1"))
        .output();
    assert_eq!(String::from_utf8_lossy(&flat), line(1_001, "1"));
}

#[test]
fn what_is_odd_in_the_framing_of_a_record_does_not_break_its_tree() {
    let record = "{\"task_uuid\":\"u\",\"task_level\":[1],\"timestamp\":1795177294.5}";
    let expect = program("dl-tree").stdin(record).output();
    for (before, after) in [
        (" ", "\r"),
        ("\x1E", ""),
        (" \x1E", " "),
        ("\u{feff}\t", "\t"),
        ("\t\u{feff} \x1E ", "\r\r"),
    ] {
        let line = format!("{before}{record}{after}\n");
        program("dl-tree").stdin(&line).check(&expect, "", 0);
    }
}

/// Tests on records and on trees.
const EXPRESSIONS: [&str; 6] = [
    "status == failed",
    "duration > 1ms",
    "not exists(action_type)",
    "tree ~ '^[0-8]'",
    "records > 3 or .task_level[1] == 3",
    "level >= warning",
];

#[test]
fn selecting_twice_is_selecting_with_and() {
    let trees = program("dl-tree").files(&samples()).run().stdout;
    let records =
        fs::read(crate::support::root().join("tests/data/samples/eliot.ndjson")).expect("a sample");
    let select = |expr: &str, input: &[u8]| program("dl-filter").arg(expr).stdin(input).output();
    for input in [&trees, &records] {
        for (at, a) in EXPRESSIONS.iter().enumerate() {
            for b in &EXPRESSIONS[at..] {
                let twice = select(b, &select(a, input));
                assert!(
                    twice == select(&format!("({a}) and ({b})"), input),
                    "{a} | {b}"
                );
            }
        }
    }
}
