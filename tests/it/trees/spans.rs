//! What is said of a span by itself and in its tree: whether it failed, and how long it took.
//! dl-filter asks the record and dl-tree the tree, and they mean the same.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::values;
use crate::support::program;

/// Status and seconds, by the id of the span.
type Told = BTreeMap<String, (String, Option<f64>)>;

fn told(id: &Value, status: &Value, seconds: &Value, told: &mut Told) {
    let id = id.as_str().expect("an id").trim_start_matches("0x");
    let status = status.as_str().unwrap_or("none").to_owned();
    told.insert(id.to_owned(), (status, seconds.as_f64()));
}

/// What the records of a document say, and what their trees do.
fn check(document: &str, expect: &[(&str, &str, Option<f64>)]) {
    let records = program("dl-recv").args(&["--format", "json", "--no-stamp", "-"]);
    let records = records.stdin(document).run();
    assert_eq!((records.stderr.as_str(), records.status), ("", 0));

    let mut of_records = Told::new();
    let rows = program("dl-fmt").args(&["--to", "json", "--columns", "node,status,duration"]);
    for row in values(&rows.stdin(&records.stdout).run().stdout) {
        told(
            &row["node"],
            &row["status"],
            &row["duration"],
            &mut of_records,
        );
    }
    let expect: Told = expect
        .iter()
        .map(|(id, status, seconds)| ((*id).to_owned(), ((*status).to_owned(), *seconds)))
        .collect();
    assert_eq!(of_records, expect, "{document}");

    let mut of_trees = Told::new();
    let trees = program("dl-tree").stdin(&records.stdout).run();
    let trees = values(&trees.stdout);
    let mut left: Vec<_> = trees.iter().map(|tree| &tree["root"]).collect();
    while let Some(node) = left.pop() {
        // A trace whose root is not there has a node for it.
        if expect.contains_key(node["node"].as_str().unwrap_or_default()) {
            told(
                &node["node"],
                &node["status"],
                &node["duration"],
                &mut of_trees,
            );
        }
        left.extend(node["children"].as_array().into_iter().flatten());
    }
    assert_eq!(of_trees, expect, "{document}");

    // The sieve holds nothing back.
    for (expr, count) in [
        (
            "status == failed or duration > 2s",
            expect
                .values()
                .filter(|(status, seconds)| status == "failed" || seconds.is_some_and(|s| s > 2.0))
                .count(),
        ),
        (
            "status == running",
            expect
                .values()
                .filter(|(status, _)| status == "running")
                .count(),
        ),
    ] {
        let selected = program("dl-filter").arg(expr).stdin(&records.stdout).run();
        assert_eq!(values(&selected.stdout).len(), count, "{expr}: {document}");
    }
}

const TRACE: &str = "6b003e24000000007fd21e1e22f804ac";
const A: &str = "00000000000000aa";
const B: &str = "00000000000000bb";
const C: &str = "00000000000000cc";

#[test]
fn of_opentelemetry() {
    let span = |id: &str, end: &str, status: Value| {
        json!({"traceId": TRACE, "spanId": id, "parentSpanId": if id == A { "" } else { A }, "name": "n",
            "startTimeUnixNano": "1795178340000000000", "endTimeUnixNano": end, "status": status})
    };
    let spans = [
        span(A, "1795178345250000000", json!({})),
        span(
            B,
            "1795178340000001000",
            json!({"code": 2, "message": "no"}),
        ),
        span(C, "0", json!({"code": 2})),
        span(
            "00000000000000dd",
            "1795178343000000000",
            json!({"code": "STATUS_CODE_OK"}),
        ),
    ];
    let document = json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]});
    check(
        &document.to_string(),
        &[
            (A, "succeeded", Some(5.25)),
            (B, "failed", Some(1e-6)),
            (C, "running", None),
            ("00000000000000dd", "succeeded", Some(3.0)),
        ],
    );
    check(
        include_str!("../../data/samples/otel-console-spans-oneline.ndjson"),
        &[
            ("bf61689d9e221c97", "succeeded", Some(0.000_281)),
            ("b35ad6a047669e48", "failed", Some(0.002_152)),
            ("92e2ac2a355aa46a", "failed", Some(0.008_617)),
            ("8c6f0071059f878e", "succeeded", Some(0.000_193)),
            ("0ee61ad9a897df26", "succeeded", Some(0.000_094)),
        ],
    );
    let go = |id: &str, end: &str, code: &str| {
        json!({"Name": "n", "SpanContext": {"TraceID": TRACE, "SpanID": id},
            "Parent": {"TraceID": TRACE, "SpanID": if id == A { "0000000000000000" } else { A }},
            "StartTime": "2026-11-20T12:39:00+01:00", "EndTime": end,
            "Status": {"Code": code, "Description": ""}})
    };
    let spans = [
        go(A, "2026-11-20T11:39:04.5Z", "Unset"),
        go(B, "2026-11-20T12:39:01+01:00", "Error"),
        go(C, "2026-11-20T12:39:01+01:00", "Ok"),
    ];
    check(
        &spans.map(|span| span.to_string()).join("\n"),
        &[
            (A, "succeeded", Some(4.5)),
            (B, "failed", Some(1.0)),
            (C, "succeeded", Some(1.0)),
        ],
    );
}

#[test]
fn of_zipkin_and_jaeger() {
    let zipkin = |id: &str, more: Value| {
        let mut span = json!({"traceId": TRACE, "id": id, "name": "n", "timestamp": 1_795_178_340_000_000_u64,
            "localEndpoint": {"serviceName": "shop"}});
        let span = span.as_object_mut().expect("an object");
        span.extend(more.as_object().expect("an object").clone());
        json!(span)
    };
    let spans = json!([
        zipkin(A, json!({"duration": 5_000_000})),
        zipkin(
            B,
            json!({"parentId": A, "duration": 1500, "tags": {"error": ""}})
        ),
        zipkin(C, json!({"parentId": A, "tags": {"error": "not over"}})),
    ]);
    let expect = [
        (A, "succeeded", Some(5.0)),
        (B, "failed", Some(0.0015)),
        (C, "running", None),
    ];
    check(&spans.to_string(), &expect);
    let jaeger = |id: &str, more: Value| {
        let mut span = json!({"traceID": TRACE, "spanID": id, "operationName": "n",
            "startTime": 1_795_178_340_000_000_u64, "processID": "p1"});
        let span = span.as_object_mut().expect("an object");
        span.extend(more.as_object().expect("an object").clone());
        json!(span)
    };
    let error = |value: Value| json!([{"key": "x", "value": 1}, {"key": "error", "type": "bool", "value": value}]);
    let above = json!([{"refType": "CHILD_OF", "traceID": TRACE, "spanID": A}]);
    let spans = [
        jaeger(
            A,
            json!({"duration": 5_000_000, "tags": error(json!(false))}),
        ),
        jaeger(
            B,
            json!({"references": above, "duration": 1500, "tags": error(json!(true))}),
        ),
        jaeger(C, json!({"references": above, "tags": error(json!(true))})),
    ];
    let processes = json!({"p1": {"serviceName": "shop"}});
    let document = json!({"data": [{"traceID": TRACE, "spans": spans, "processes": processes}]});
    check(&document.to_string(), &expect);
}

#[test]
fn of_x_ray() {
    let document = json!({"trace_id": "1-6b003e24-000000007fd21e1e22f804ac", "id": A, "name": "shop",
    "start_time": 1_795_178_340.25, "end_time": 1_795_178_345.5, "subsegments": [
        {"id": B, "name": "n", "start_time": 1_795_178_341.0, "end_time": 1_795_178_341.5, "fault": true},
        {"id": C, "name": "n", "start_time": 1_795_178_341.0, "in_progress": true, "error": true},
        {"id": "00000000000000dd", "name": "n", "start_time": 1_795_178_341.0, "end_time": 1_795_178_342.0,
            "error": false, "throttle": true},
    ]});
    check(
        &document.to_string(),
        &[
            (A, "succeeded", Some(5.25)),
            (B, "failed", Some(0.5)),
            (C, "running", None),
            ("00000000000000dd", "failed", Some(1.0)),
        ],
    );
}
