//! What dl-tree writes: the schema of it, parts of trees, and that nothing is told twice or
//! differently.

use std::fs;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{dl_tree, forest::forest, sorted_lines, values};
use crate::{
    support::{program, root, samples},
    tries::tries,
};

/// The schema that is told to users.
fn schema() -> jsonschema::Validator {
    let text = fs::read(root().join("docs/dl-tree.schema.json")).expect("a schema");
    let schema = serde_json::from_slice(&text).expect("JSON");
    jsonschema::validator_for(&schema).expect("a schema")
}

/// Checks each tree against the schema; a record that only we can read counts as one.
fn check(schema: &jsonschema::Validator, trees: &[u8], what: &str) -> usize {
    let mut count = 0;
    for line in trees.split(|&b| b == b'\n').filter(|line| !line.is_empty()) {
        let Ok(tree) = serde_json::from_slice::<Value>(line) else {
            continue;
        };
        let errors: Vec<_> = schema
            .iter_errors(&tree)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{what}: {}", errors.join("\n"));
        count += 1;
    }
    count
}

#[test]
fn real_trees_are_what_the_schema_says() {
    let schema = schema();
    let mut files = samples();
    files.push(root().join("tests/data/shop.ndjson"));
    let modes: [&[&str]; 5] = [
        &[],
        &["--summary"],
        &["--critical-path", "--adjust-clocks"],
        &["--select", "true", "--descendants"],
        &["--live-window", "1h"],
    ];
    let mut count = 0;
    for file in files {
        for mode in modes {
            let trees = program("dl-tree").args(mode).arg(&file).run().stdout;
            count += check(&schema, &trees, &format!("{} {mode:?}", file.display()));
        }
    }
    assert!(count > 50, "only {count} trees");
    // It does not accept anything.
    for wrong in [
        r#"{"dl":{"kind":"tree"}}"#,
        r#"{"dl":{"kind":"tree"},"tree":"t","scheme":"eliot","status":"late","complete":true,"records":0,"processes":[],"errors":0,"nodes":1}"#,
    ] {
        assert!(!schema.is_valid(&serde_json::from_str(wrong).expect("JSON")));
    }
}

proptest! {
    #![proptest_config(tries(12))]

    #[test]
    fn random_trees_are_what_the_schema_says(forest in forest()) {
        let schema = schema();
        let lines = forest.faulty_lines();
        let trees = dl_tree(std::slice::from_ref(&lines), &["--critical-path", "--adjust-clocks"]);
        check(&schema, &trees, "random");
        // What is known of a tree that was read is what is written again.
        prop_assert!(program("dl-tree").args(&["--critical-path"]).stdin(&trees).output() == trees);
        let summaries = dl_tree(std::slice::from_ref(&lines), &["--summary"]);
        check(&schema, &summaries, "summary");
        prop_assert_eq!(sorted_lines(&summaries).len(), sorted_lines(&trees).len());
    }

    #[test]
    fn the_critical_path_is_as_long_as_the_request(forest in forest()) {
        for tree in values(&dl_tree(&[forest.lines()], &["--critical-path"])) {
            let mut sum = 0.0;
            let mut left = vec![&tree["root"]];
            while let Some(node) = left.pop() {
                sum += node["critical"].as_f64().unwrap_or(0.0);
                left.extend(node["children"].as_array().expect("children"));
            }
            let (start, nodes) = (tree["root"].get("start"), tree["root"]["children"].as_array().map_or(0, Vec::len));
            if start.is_some() {
                let duration = tree["root"]["duration"].as_f64();
                let Some(duration) = duration else { continue };
                prop_assert!((sum - duration).abs() < 1e-4, "{} of {}, {} children", sum, duration, nodes);
            }
        }
    }

    #[test]
    fn a_selection_of_everything_is_everything(forest in forest()) {
        let lines = forest.faulty_lines();
        let all = dl_tree(std::slice::from_ref(&lines), &[]);
        let selected = dl_tree(std::slice::from_ref(&lines), &["--select", ".dl.kind == node"]);
        let plain = |trees: &[u8]| values(trees).into_iter().map(|mut tree| {
            if let Some(tree) = tree.as_object_mut() {
                tree.remove("selected");
            }
            tree
        }).collect::<Vec<_>>();
        prop_assert_eq!(plain(&selected), plain(&all));
        let none = dl_tree(std::slice::from_ref(&lines), &["--select", "false"]);
        prop_assert!(none.is_empty());
        // A part of a part, from trees as from records.
        let part = dl_tree(std::slice::from_ref(&lines), &["--select", "status == failed"]);
        prop_assert!(program("dl-tree").args(&["--select", "status == failed"]).stdin(&all).output() == part);
        prop_assert!(program("dl-tree").args(&["--select", "status == failed"]).stdin(&part).output() == part);
    }
}

/// The worst level is told, whether a tree is made of notes on its records or of the records.
#[test]
fn a_tree_has_the_worst_level_of_its_records() {
    let flat = |id: &str, level: &str| {
        format!(
            "{{\"time\":\"2026-11-20T12:00:00Z\",\"level\":\"{level}\",\"request_id\":\"{id}\",\"service\":\"shop\"}}\n"
        )
    };
    let span = |level: &str| {
        format!(
            "{{\"trace_id\":\"6b003e24000000007fd21e1e22f804ac\",\"span_id\":\"05c48cf0ce2119a4\",\"level\":\"{level}\"}}\n"
        )
    };
    let lines = [
        flat("request-1", "info"),
        flat("request-2", "debug"),
        span("info"),
        flat("request-1", "ERROR"),
        flat("request-2", "notice"),
        span("fatal"),
        flat("request-1", "warn"),
        "{\"request_id\":\"request-3\",\"message\":\"of no level\"}\n".to_owned(),
    ]
    .concat();
    let trees = program("dl-tree").stdin(&lines).output();
    let levels: Vec<_> = values(&trees)
        .iter()
        .map(|tree| tree["level"].clone())
        .collect();
    assert_eq!(
        levels,
        [json!("error"), json!("notice"), json!("fatal"), json!(null)]
    );
    let found = program("dl-filter")
        .args(&["level >= error", "-c"])
        .stdin(&trees)
        .output();
    assert_eq!(String::from_utf8_lossy(&found), "2\n");
    // What only records have is hinted at.
    program("dl-filter")
        .arg("level >= error and service == shop")
        .stdin(&trees)
        .check(
            "",
            "dl-filter: nothing selected; a tree has no service: dl-tree --select asks its scopes and records\n",
            0,
        );
}
