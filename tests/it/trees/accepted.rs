//! Scopes of distlog that were called from spans: one tree with them.

use serde_json::{Value, json};

use super::values;
use crate::support::program;

pub(super) const TREE: &str = "b3a6943e-c7b0-f60f-fcb5-d0ab2a96908f";
pub(super) const TRACE: &str = "b3a6943ec7b0f60ffcb5d0ab2a96908f";
const GATEWAY: &str = "da28bb91107cf809";
const SERVE: &str = "f3ac335037649ea4";
const SCOPE: &str = "7c20e555-95d5-48e2-9eee-c91c8a8c2730";

/// A record of a scope, as the package for Python writes it; `scope` comes behind the tree's id.
pub(super) fn record(scope: &str, seq: u8, message: &str, event: Option<&str>) -> Value {
    let mut record = json!({
        "name": "app", "levelname": "INFO", "levelno": 20, "message": message,
        "created": 1_795_979_532.1 + f64::from(seq) / 100.0, "process": 7, "hostname": "vm",
        "context": {"key": format!("{seq}@{TREE}{scope}")},
    });
    if let Some(event) = event {
        record["dl"] = json!({"event": event});
        if event == "end" {
            record["dl"]["status"] = "succeeded".into();
        }
    }
    record
}

fn with_traceparent(mut record: Value, span: &str) -> Value {
    record["context"]["traceparent"] = format!("00-{TRACE}-{span}-01").into();
    record
}

pub(super) fn span(name: &str, id: &str, parent: &str, failed: bool) -> Value {
    json!({
        "traceId": TRACE, "spanId": id, "parentSpanId": parent, "name": name,
        "startTimeUnixNano": "1795979532085396855", "endTimeUnixNano": "1795979532987797219",
        "status": {"code": if failed { 2 } else { 0 }},
    })
}

/// The scope that was called from the span `SERVE`, and one below it.
fn accepted() -> Vec<Value> {
    let own = format!("/{SERVE}/{SCOPE}");
    let below = format!("{own}/1");
    vec![
        with_traceparent(record(&own, 0, "answer", Some("start")), SERVE),
        record(&below, 0, "ask the database", Some("start")),
        record(&below, 1, "a row", None),
        record(&below, 2, "ask the database", Some("end")),
        with_traceparent(record(&own, 2, "answer", Some("end")), SERVE),
    ]
}

/// What dl-tree makes of the records, whatever their order: of each tree its id, scheme and status,
/// whether it is complete, and its nodes.
pub(super) fn check(records: &[Value], expect: &Value) {
    let forward: Vec<_> = records.iter().map(|record| format!("{record}\n")).collect();
    let backward: String = forward.iter().rev().map(String::as_str).collect();
    for lines in [forward.concat(), backward] {
        let trees = program("dl-tree").stdin(lines).output();
        let trees: Vec<_> = values(&trees).iter().map(outline).collect();
        assert_eq!(Value::from(trees), *expect);
    }
}

fn outline(tree: &Value) -> Value {
    json!([
        tree["tree"],
        tree["scheme"],
        tree["status"],
        tree["complete"],
        node(&tree["root"])
    ])
}

fn node(node: &Value) -> Value {
    let below = node["children"].as_array().into_iter().flatten();
    let below: Vec<_> = below.map(self::node).collect();
    let name = if node["name"].is_null() {
        &node["node"]
    } else {
        &node["name"]
    };
    json!([name, node["edge"], below])
}

#[test]
fn a_scope_stands_below_the_span_that_called_it() {
    let answer = json!(["answer", "join", [["ask the database", null, []]]]);
    for failed in [false, true] {
        let status = if failed { "failed" } else { "succeeded" };
        let spans = [
            span("gateway", GATEWAY, "", failed),
            span("serve", SERVE, GATEWAY, false),
        ];
        check(
            &[&accepted()[..], &spans].concat(),
            &json!([[
                TRACE,
                "trace",
                status,
                true,
                ["gateway", null, [["serve", null, [answer]]]]
            ]]),
        );
    }
}

/// Whatever record of it is left says which span it was.
#[test]
fn a_record_below_is_enough() {
    let records = [accepted().swap_remove(2), span("serve", SERVE, "", false)];
    let inner = format!("{TREE}/{SERVE}/{SCOPE}");
    let below = format!("{inner}/1");
    check(
        &records,
        &json!([[
            TRACE,
            "trace",
            "succeeded",
            false,
            ["serve", null, [[inner, "join", [[below, null, []]]]]]
        ]]),
    );
}

#[test]
fn a_span_that_was_lost_keeps_what_is_below_it_together() {
    let records = [
        &accepted()[..],
        &[
            span("gateway", GATEWAY, "", true),
            span("beside", "1111111111111111", SERVE, false),
        ],
    ]
    .concat();
    let below = json!([
        ["beside", null, []],
        ["answer", "join", [["ask the database", null, []]]]
    ]);
    check(
        &records,
        &json!([[
            TRACE,
            "trace",
            "failed",
            false,
            ["gateway", null, [[SERVE, "tree", below]]]
        ]]),
    );
}

/// Nobody is known to be above it.
#[test]
fn a_scope_whose_caller_is_not_seen_is_the_root() {
    check(
        &accepted(),
        &json!([[
            TREE,
            "distlog",
            "succeeded",
            true,
            ["answer", null, [["ask the database", null, []]]]
        ]]),
    );
}

#[test]
fn a_trace_that_came_from_distlog_goes_back_to_it() {
    let call = "7023754094957103";
    let mut records = accepted();
    records.extend([
        record("", 0, "order", Some("start")),
        record("/1", 0, "call", Some("start")),
        with_traceparent(record("/1", 1, "call", Some("end")), call),
        record("", 1, "order", Some("end")),
        span("serve", SERVE, call, false),
    ]);
    let answer = json!(["answer", "join", [["ask the database", null, []]]]);
    check(
        &records,
        &json!([[
            TREE,
            "distlog",
            "succeeded",
            true,
            [
                "order",
                null,
                [["call", null, [["serve", "join", [answer]]]]]
            ]
        ]]),
    );
}
