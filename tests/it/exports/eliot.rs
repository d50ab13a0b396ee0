//! Eliot's own parser, on what is told as Eliot would have told it.

use distlog::record::Lines;
use serde_json::Value;

use crate::support::{Dir, program, python, root};

/// The actions of a task as eliot.parse has them: their types and statuses.
fn actions(node: &Value, all: &mut Vec<(String, String)>) {
    if node["kind"] == "action" {
        let text = |key: &str| node[key].as_str().unwrap_or_default().to_owned();
        all.push((text("type"), text("status")));
    }
    for child in node["children"].as_array().into_iter().flatten() {
        actions(child, all);
    }
}

#[test]
fn eliot_reads_the_trees_of_others() {
    let dir = Dir::new();
    let file = root().join("tests/data/shop.ndjson");
    let trees = program("dl-tree").arg(file).run().stdout;
    let told = program("dl-fmt")
        .args(&["--to", "eliot"])
        .stdin(&trees)
        .output();
    let messages = dir.file("messages", &told);
    let theirs = python(
        "tests/py/eliot_parse_dump.py",
        &[messages.to_str().expect("text")],
    );
    let mut found = Vec::new();
    for line in Lines::new(&theirs) {
        let task: Value = serde_json::from_slice(line).expect("JSON");
        assert_eq!(task["complete"], true, "{task}");
        actions(&task["root"], &mut found);
    }
    let mut ours = Vec::new();
    for line in Lines::new(&trees) {
        let tree = distlog::tree::read(line).expect("a tree");
        let action = |node: &distlog::tree::Node<'_>| {
            let name = node.name.as_deref().unwrap_or_default();
            (name.to_owned(), node.status.name().to_owned())
        };
        ours.extend(tree.nodes.iter().map(action));
    }
    found.sort();
    ours.sort();
    assert!(ours.len() > 60);
    assert_eq!(found, ours);
}
