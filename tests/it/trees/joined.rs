//! Trees that have become one: what their scopes are called.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::values;
use crate::support::program;

pub(super) const TRACE: &str = "6b003e24000000007fd21e1e22f804ac";
pub(super) const SPAN: &str = "05c48cf0ce2119a4";

pub(super) fn span() -> String {
    format!(
        "{{\"traceId\":\"{TRACE}\",\"spanId\":\"{SPAN}\",\"name\":\"serve\",\"startTimeUnixNano\":\"1795176000000000000\",\"endTimeUnixNano\":\"1795176002000000000\"}}\n"
    )
}

/// The start of an action, and with `more` what else its record has.
pub(super) fn start(task: &str, level: &str, more: &str) -> String {
    format!(
        "{{\"task_uuid\":\"{task}\",\"task_level\":[{level}],\"action_type\":\"a\",\"action_status\":\"started\",\"timestamp\":1795176001{more}}}\n"
    )
}

pub(super) fn in_span() -> String {
    format!(",\"trace_id\":\"{TRACE}\",\"span_id\":\"{SPAN}\"")
}

/// The nodes of a tree and how many there are of each.
fn nodes(tree: &Value) -> BTreeMap<String, usize> {
    let mut nodes = BTreeMap::new();
    let mut left = vec![&tree["root"]];
    while let Some(node) = left.pop() {
        let id = node["node"].as_str().expect("an id");
        *nodes.entry(id.to_owned()).or_default() += 1;
        left.extend(node["children"].as_array().expect("children"));
    }
    nodes
}

#[track_caller]
fn check(lines: &[String], args: &[&str], expect: &[&str]) {
    let mut lines = lines.to_vec();
    for _ in 0..lines.len() {
        lines.rotate_left(1);
        let trees = program("dl-tree").args(args).stdin(lines.concat()).output();
        let [tree] = &values(&trees)[..] else {
            panic!("{}", String::from_utf8_lossy(&trees));
        };
        let expect = expect.iter().map(|id| ((*id).to_owned(), 1)).collect();
        assert_eq!(nodes(tree), expect, "{lines:?}");
    }
}

/// A worker takes from a queue what a request has put there: the request is below the worker's scope, and began before it.
#[test]
fn a_request_that_a_record_names_proves_nothing_of_clocks() {
    let key = "6b003e24-0000-4000-8fd2-1e1e22f804ac";
    let scope = |number: u8, second: u8, more: &str| {
        format!(
            "{{\"levelno\":20,\"created\":{},\"hostname\":\"b\",\"context\":{{\"key\":\"{number}@{key}\"{more}}},\"dl\":{{\"event\":\"{}\"}}}}\n",
            1_795_176_000 + u64::from(second),
            if number == 0 { "start" } else { "detail" }
        )
    };
    let lines = [
        scope(0, 4, ""),
        scope(1, 5, ",\"request_id\":\"b1946ac9-2c4f\""),
        "{\"request_id\":\"b1946ac9-2c4f\",\"host\":\"a\",\"time\":1795176001}\n".to_owned(),
    ];
    let tree = program("dl-tree").stdin(lines.concat()).output();
    let [tree] = &values(&tree)[..] else {
        panic!("{}", String::from_utf8_lossy(&tree));
    };
    assert_eq!(tree["root"]["children"][0]["edge"], "join");
    assert_eq!(tree.get("skew"), None);
    // What begins within it does.
    let lines = [span().replace("serve\"", "serve\",\"host.name\":\"a\""), {
        let more = in_span() + ",\"hostname\":\"b\"";
        start("t", "1", &more).replace("1795176001", "1795175999.0")
    }];
    let tree = program("dl-tree").stdin(lines.concat()).output();
    let tree = &values(&tree)[0];
    assert_eq!(tree["root"]["children"][0]["edge"], "join");
    assert_eq!(tree["skew"][0]["max"], json!(-1));
}

#[test]
fn no_two_scopes_have_one_name() {
    let two = [
        span(),
        start("t", "1", &in_span()),
        start("t", "2,1", ""),
        start("u", "1", &in_span()),
        start("u", "2,1", ""),
    ];
    check(&two, &[], &[SPAN, "t", "t/2", "u", "u/2"]);
    // The root counts from itself, and what it joins does not.
    let below = [
        start("t", "1", ""),
        start("t", "2,1", ",\"order\":7"),
        "{\"order\":7,\"message\":\"paid\"}\n".to_owned(),
    ];
    check(&below, &["--join", "order"], &["/", "/2", "order=7"]);
    // Of two without anything above them, none is the root.
    let equal = [
        start("t", "1", ",\"order\":7"),
        start("u", "1", ",\"order\":7"),
        start("u", "2,1", ""),
    ];
    check(&equal, &["--join", "order"], &["order=7", "t", "u", "u/2"]);
}

#[test]
fn equal_ids_of_several_schemes_are_told_apart() {
    let lines = [
        span(),
        start(
            "order-17",
            "1",
            &format!("{},\"request_id\":\"order-17\"", in_span()),
        ),
        "{\"request_id\":\"order-17\",\"message\":\"paid\"}\n".to_owned(),
    ];
    check(&lines, &[], &[SPAN, "order-17", "flat:order-17"]);
    // A scope of one's own may be called as a span is.
    let lines = [
        span(),
        format!(
            "{{\"id\":\"{SPAN}\",\"job\":\"j\",\"trace_id\":\"{TRACE}\",\"span_id\":\"{SPAN}\"}}\n"
        ),
    ];
    let trees = program("dl-tree")
        .args(&["--id", "id", "--tree", "job"])
        .stdin(lines.concat())
        .output();
    let ids = nodes(&values(&trees)[0]);
    assert!(ids.values().all(|&count| count == 1), "{ids:?}");
}

/// Who groups records by what they are stamped with has one group for each scope.
#[test]
fn records_are_stamped_with_names_of_their_own() {
    let lines = [
        span(),
        start("t", "1", &in_span()),
        start("u", "1", &in_span()),
        start("u", "2,1", ""),
    ];
    let flat = program("dl-tree")
        .arg("--flatten")
        .stdin(lines.concat())
        .output();
    let stamps: Vec<_> = values(&flat)
        .iter()
        .map(|record| {
            let stamp = &record["dl"]["tree"];
            [stamp["node"].clone(), stamp["parent"].clone()]
        })
        .collect();
    assert_eq!(
        stamps,
        [
            [json!(SPAN), json!(null)],
            [json!("t"), json!(SPAN)],
            [json!("u"), json!(SPAN)],
            [json!("u/2"), json!("u")],
        ]
    );
}

/// Two scopes that claim one place are called the same, and say so.
#[test]
fn scopes_of_one_place_are_flagged() {
    let record = |process: u8, name: &str| {
        format!(
            "{{\"levelno\":20,\"created\":1,\"message\":\"{name}\",\"process\":{process},\"hostname\":\"h\",\"funcName\":\"__enter__\",\"context\":{{\"key\":\"0@u/1\"}}}}\n"
        )
    };
    let trees = program("dl-tree")
        .stdin(record(1, "a") + &record(2, "b"))
        .output();
    let tree = &values(&trees)[0];
    let children = tree["root"]["children"].as_array().expect("children");
    assert_eq!(children.len(), 2);
    for child in children {
        assert_eq!(child["node"], json!("/1"));
        assert_eq!(child["flags"], json!(["duplicate"]));
    }
}
