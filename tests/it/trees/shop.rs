//! The example shop knows how each of its orders ended: its report is the truth.

use std::collections::BTreeMap;

use serde_json::Value;

use super::values;
use crate::support::{Dir, program, python};

#[test]
fn the_trees_of_the_shop_tell_what_its_report_says() {
    let dir = Dir::new();
    let (logs, report) = (dir.path("logs"), dir.path("report"));
    let text = |path: &std::path::Path| path.to_str().expect("text").to_owned();
    python(
        "examples/shop/run.py",
        &[
            "--requests",
            "40",
            "--out",
            &text(&logs),
            "--report",
            &text(&report),
        ],
    );
    let mut files: Vec<_> = std::fs::read_dir(&logs)
        .expect("logs")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    assert_eq!(files.len(), 4);
    let ran = program("dl-tree").files(&files).run();
    // Start, stop and heartbeat of a service belong to no order.
    assert!(
        ran.stderr
            .ends_with("belong to no tree (--loose pass writes them)\n"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.status, 0);
    let trees = values(&ran.stdout);
    let by_id: BTreeMap<_, _> = trees
        .iter()
        .map(|tree| (tree["tree"].as_str(), tree))
        .collect();
    let report = values(&std::fs::read(report).expect("a report"));
    assert_eq!((report.len(), trees.len(), by_id.len()), (40, 40, 40));
    for order in &report {
        check(order, by_id[&order["task"].as_str()]);
    }
}

fn check(order: &Value, tree: &Value) {
    let status = if order["status"].as_u64() < Some(400) {
        "succeeded"
    } else {
        "failed"
    };
    let shown = format!("{order}\n{tree}");
    assert_eq!(tree["status"], status, "{shown}");
    assert_eq!(tree["complete"], true, "{shown}");
    assert_eq!(tree["scheme"], "distlog", "{shown}");
    // Each service is one process, and so is in the tree at most once.
    let processes = tree["processes"].as_array().expect("processes");
    let mut services: Vec<_> = processes
        .iter()
        .filter_map(|process| process.as_str()?.split(':').next())
        .collect();
    assert_eq!(services.first(), Some(&"gateway"), "{shown}");
    services.sort_unstable();
    let mut seen = Vec::new();
    services_of(&tree["root"], &mut seen);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(services, seen, "{shown}");
    let took = order["seconds"].as_f64().expect("seconds");
    let duration = tree["duration"].as_f64().expect("a duration");
    assert!(
        duration <= took,
        "the customer waits for the whole request: {shown}"
    );
}

/// The services that the records themselves name.
fn services_of(node: &Value, seen: &mut Vec<String>) {
    for record in node["records"].as_array().expect("records") {
        seen.extend(record["service"].as_str().map(str::to_owned));
    }
    for child in node["children"].as_array().expect("children") {
        services_of(child, seen);
    }
}
