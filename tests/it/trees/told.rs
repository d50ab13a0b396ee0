//! What single records tell: where they stand and how their scopes ended, in forms that producers
//! write and that had been overlooked.

use serde_json::{Value, json};

use super::{eliot, values};
use crate::support::program;

const TRACE: &str = "6b003e24000000007fd21e1e22f804ac";
const A: &str = "00000000000000aa";
const B: &str = "00000000000000bb";
const C: &str = "00000000000000cc";

/// The one tree of these records.
#[track_caller]
fn tree(lines: &[Value], args: &[&str]) -> Value {
    let input: Vec<_> = lines.iter().map(|line| format!("{line}\n")).collect();
    let trees = program("dl-tree").args(args).stdin(input.concat()).output();
    let mut trees = values(&trees);
    assert_eq!(trees.len(), 1, "{trees:?}");
    trees.remove(0)
}

/// The nodes in their order: id, the one above, how many records, status.
fn outline(tree: &Value) -> Vec<(String, String, usize, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut nodes = Vec::new();
    let mut left = vec![(&tree["root"], String::new())];
    while let Some((node, above)) = left.pop() {
        let id = text(&node["node"]);
        let records = node["records"].as_array().map_or(0, Vec::len);
        nodes.push((id.clone(), above, records, text(&node["status"])));
        let children = node["children"].as_array().into_iter().flatten().rev();
        left.extend(children.map(|child| (child, id.clone())));
    }
    nodes
}

fn expect(nodes: &[(&str, &str, usize, &str)]) -> Vec<(String, String, usize, String)> {
    nodes
        .iter()
        .map(|(id, above, records, status)| {
            (
                (*id).to_owned(),
                (*above).to_owned(),
                *records,
                (*status).to_owned(),
            )
        })
        .collect()
}

#[test]
fn a_span_of_zipkin_needs_no_more_than_its_ids() {
    let whole = json!({"traceId": TRACE, "id": A, "name": "get", "timestamp": 1_795_176_000_100_000_u64,
        "duration": 900_000, "localEndpoint": {"serviceName": "shop"}});
    let timed = json!({"traceId": TRACE, "id": B, "parentId": A, "name": "ask", "timestamp": 1_795_176_000_200_000_u64});
    let bare = json!({"traceId": TRACE, "id": C, "parentId": B, "name": "answer"});
    let tree = self::tree(&[whole.clone(), timed, bare], &[]);
    assert_eq!(
        outline(&tree),
        expect(&[
            (A, "", 1, "succeeded"),
            (B, A, 1, "running"),
            (C, B, 1, "running")
        ])
    );
    // Logs have ids of their own, which are no spans.
    let logs = [
        json!({"traceId": TRACE, "id": 17, "message": "m", "timestamp": 1_795_176_000_200_u64}),
        json!({"traceId": TRACE, "id": "65f0a1b2c3d4e5f6", "message": "m", "timestamp": 1_795_176_000_200_u64}),
        json!({"traceId": TRACE, "id": "c", "parentId": "b", "message": "m"}),
        json!({"traceId": TRACE, "id": B, "parentId": A, "spanId": A, "message": "m"}),
    ];
    let tree = self::tree(&[&[whole][..], &logs].concat(), &[]);
    assert_eq!(outline(&tree), expect(&[(A, "", 5, "succeeded")]));
}

#[test]
fn an_error_of_elastic_apm_stands_in_the_span_that_it_names() {
    let transaction = json!({"processor": {"event": "transaction"}, "trace": {"id": TRACE},
        "@timestamp": "2026-11-20T12:00:00Z", "event": {"outcome": "failure"},
        "transaction": {"id": A, "name": "GET /", "duration": {"us": 1_000_000}}});
    let span = json!({"processor": {"event": "span"}, "trace": {"id": TRACE}, "transaction": {"id": A},
        "@timestamp": "2026-11-20T12:00:00.1Z", "parent": {"id": A}, "event": {"outcome": "failure"},
        "span": {"id": B, "name": "SELECT", "duration": {"us": 500_000}}});
    let error = |parent: Value| {
        json!({"processor": {"event": "error"}, "trace": {"id": TRACE}, "transaction": {"id": A},
            "@timestamp": "2026-11-20T12:00:00.2Z", "parent": parent,
            "error": {"id": "0123456789abcdef0123456789abcdef", "exception": [{"message": "no such table"}]}})
    };
    let tree = self::tree(
        &[
            error(json!({"id": B})),
            span,
            error(json!({"id": A})),
            transaction,
            error(json!(null)),
        ],
        &[],
    );
    assert_eq!(
        outline(&tree),
        expect(&[(A, "", 3, "failed"), (B, A, 2, "failed")])
    );
    // Without the span it is known from the error.
    let tree = self::tree(&[error(json!({"id": C}))], &[]);
    assert_eq!(
        outline(&tree),
        expect(&[("/", "", 0, "unknown"), (C, "/", 1, "unknown")])
    );
}

#[test]
fn equal_numbers_are_duplicates() {
    let flags = |first: Value, second: Value, args: &[&str]| {
        let record = |number: Value, message: &str| json!({"job": "a", "in": "t", "n": number, "m": message});
        let tree = self::tree(&[record(first, "x"), record(second, "y")], args);
        let root = &tree["root"];
        let node = root["children"].get(0).unwrap_or(root);
        node["flags"].clone()
    };
    let position: &[&str] = &["--id", "job", "--tree", "in", "--position", "n"];
    let own: &[&str] = &["--map", "node=job", "--map", "tree=in", "--map", "seq=n"];
    for args in [position, own] {
        assert_eq!(
            flags(json!(1), json!(1), args),
            json!(["duplicate"]),
            "{args:?}"
        );
        assert_eq!(flags(json!(1), json!(2), args), json!(null), "{args:?}");
        // Who has no number claims no place.
        assert_eq!(
            flags(json!(null), json!(null), args),
            json!(null),
            "{args:?}"
        );
        assert_eq!(flags(json!("x"), json!("y"), args), json!(null), "{args:?}");
    }
}

#[test]
fn a_scope_of_ones_own_ended_as_its_last_record_says() {
    for (status, level, expect) in [
        (json!("failed"), "info", "failed"),
        (json!("succeeded"), "error", "succeeded"),
        // That of an answer is no word for how the scope ended.
        (json!(200), "info", "succeeded"),
        (json!("ok"), "error", "failed"),
        (json!(null), "error", "failed"),
    ] {
        let lines = [
            json!({"job": "a", "m": "start"}),
            json!({"job": "a", "m": "end", "level": level, "status": status}),
        ];
        let tree = self::tree(
            &lines,
            &[
                "--id",
                "job",
                "--parent",
                "by",
                "--start",
                ".m == start",
                "--end",
                ".m == end",
            ],
        );
        assert_eq!(tree["status"], json!(expect), "{status} {level}");
    }
}

/// By the clocks a scope further down may have begun before the one above it.
#[test]
fn an_inferred_scope_begins_with_the_earliest_below() {
    let at = |level: &str, time: &str| eliot(level, "").replace("1795177294.5", time);
    let input = at("2,1,2", "1795177295") + &at("2,1,3,1", "1795177293");
    for args in [&[][..], &["--live-window", "1h"]] {
        let trees = program("dl-tree").args(args).stdin(&input).output();
        let root = &values(&trees)[0]["root"];
        assert_eq!(root["start"], json!("2026-11-20T12:21:33Z"), "{args:?}");
        assert_eq!(root["children"][0]["start"], json!("2026-11-20T12:21:33Z"));
        let lowest = &root["children"][0]["children"][0];
        assert_eq!(lowest["start"], json!("2026-11-20T12:21:35Z"));
    }
}

#[test]
fn trees_in_the_input_have_no_other_order() {
    let trees = program("dl-tree").stdin(eliot("1", "")).output();
    let refused = "dl-tree: <stdin>: --order sorts no trees that are there already\n\
        dl-tree: take them apart with dl-tree --flatten, and sort what is put together again\n";
    for order in ["start", "end", "duration"] {
        program("dl-tree")
            .args(&["--order", order])
            .stdin(&trees)
            .check("", refused, 2);
    }
    program("dl-tree")
        .args(&["--order", "input"])
        .stdin(&trees)
        .check(&trees, "", 0);
    let flat = program("dl-tree")
        .args(&["--flatten", "--no-stamp"])
        .stdin(&trees)
        .output();
    program("dl-tree")
        .args(&["--order", "start"])
        .stdin(flat)
        .check(&trees, "", 0);
}

/// structlog's `dict_tracebacks` and python-json-logger write lists.
#[test]
fn why_a_scope_failed_may_stand_in_a_list() {
    let structlog = json!([
        {"exc_type": "OSError", "exc_value": "disk full", "is_cause": false, "frames": [{"filename": "a.py", "lineno": 1, "name": "f"}]},
        {"exc_type": "KeyError", "exc_value": "'k'", "is_cause": true, "frames": []},
    ]);
    let lines = json!([
        "Traceback (most recent call last):",
        "  File \"a.py\", line 1, in f",
        "OSError: disk full"
    ]);
    for exception in [structlog, lines] {
        let end = json!({"request": "r", "step": "a", "state": "failed", "level": "error", "exception": exception});
        let args = [
            "--tree",
            "request",
            "--id",
            "step",
            "--end",
            "state == 'failed'",
        ];
        let tree = tree(&[end], &args);
        assert_eq!(
            tree["root"]["children"][0]["exception"], "OSError: disk full",
            "{tree}"
        );
    }
}
