//! Spans of services that a scope of distlog has called: by their `tracestate` they stand below it.

use serde_json::{Value, json};

use super::{
    accepted::{TRACE, TREE, check, record, span},
    values,
};
use crate::support::program;

/// The span id of the scope `/1`, as the package for Python makes it of the scope's.
const CALL: &str = "414a1cf0cd2e803b";
const SERVE: &str = "f3ac335037649ea4";
const SELECT: &str = "da28bb91107cf809";

/// An order with a scope that called, of which no record names a trace.
fn scopes() -> Vec<Value> {
    vec![
        record("", 0, "order", Some("start")),
        record("/1", 0, "call", Some("start")),
        record("/1", 1, "call", Some("end")),
        record("", 1, "order", Some("end")),
    ]
}

/// The span with the `tracestate` of a call from the scope `/1`, as OTLP has it.
fn called(name: &str, id: &str, parent: &str) -> Value {
    let mut span = span(name, id, parent, false);
    span["traceState"] = format!("distlog={TREE}/1/1").into();
    span
}

fn served() -> [Value; 2] {
    [
        called("serve", SERVE, CALL),
        called("select", SELECT, SERVE),
    ]
}

#[test]
fn a_span_stands_below_the_scope_that_called_it() {
    let serve = json!(["serve", "join", [["select", null, []]]]);
    let order = json!(["order", null, [["call", null, [serve]]]]);
    check(
        &[&scopes()[..], &served()].concat(),
        &json!([[TREE, "distlog", "succeeded", true, order]]),
    );
}

/// Also beside members of others, as the console exporters have it, and in capitals.
#[test]
fn a_tracestate_is_known_in_all_spellings() {
    let state = format!("{TREE}/1/1");
    let of_python = format!("['{{key=rojo, value=00f0}}', '{{key=distlog, value={state}}}']");
    for (context, state) in [
        (
            json!("traceState"),
            format!("rojo=00f0, distlog={state} ,congo=t61"),
        ),
        (json!("context"), of_python),
        (json!("SpanContext"), format!("distlog={state}")),
    ] {
        let ids = match context.as_str() {
            Some("context") => json!({"context": {
                "trace_id": format!("0x{TRACE}"), "span_id": format!("0x{SERVE}"), "trace_state": state,
            }, "name": "serve", "parent_id": format!("0x{CALL}")}),
            Some("SpanContext") => json!({"SpanContext": {
                "TraceID": TRACE, "SpanID": SERVE, "TraceState": state,
            }, "Name": "serve", "Parent": {"TraceID": TRACE, "SpanID": CALL}}),
            _ => {
                let mut span = span("serve", SERVE, CALL, false);
                span["traceState"] = state.into();
                span
            }
        };
        let lines: Vec<_> = scopes()
            .iter()
            .chain([&ids])
            .map(|record| format!("{record}\n"))
            .collect();
        let trees = values(&program("dl-tree").stdin(lines.concat()).output());
        let call = &trees[0]["root"]["children"][0];
        assert_eq!(call["name"], "call", "{ids}");
        assert_eq!(call["children"][0]["name"], "serve", "{ids}");
        assert_eq!(call["children"][0]["edge"], "join", "{ids}");
    }
}

/// What is lost between the scope and a span is not passed over.
#[test]
fn a_lost_span_is_not_the_call() {
    let below = json!([SERVE, "tree", [["select", null, []]]]);
    let order = json!(["order", null, [["call", null, []], below]]);
    check(
        &[&scopes()[..], &served()[1..]].concat(),
        &json!([[TREE, "distlog", "succeeded", false, order]]),
    );
}

/// A service called with it may have called others, which have it from there.
#[test]
fn a_span_stays_below_the_span_that_called_it() {
    let lost = called("lost", "1111111111111111", "2222222222222222");
    let serve = json!(["serve", "join", [["select", null, []]]]);
    let above = json!(["2222222222222222", "tree", [["lost", null, []]]]);
    let order = json!(["order", null, [["call", null, [serve]], above]]);
    check(
        &[&scopes()[..], &served(), &[lost]].concat(),
        &json!([[TREE, "distlog", "succeeded", false, order]]),
    );
}

/// Who writes no spans may log the headers of the request.
#[test]
fn a_tracestate_beside_a_traceparent_names_the_scope_too() {
    let order = json!(["order", null, [["call", null, [[CALL, "join", []]]]]]);
    let traceparent = format!("00-{TRACE}-{CALL}-01");
    let state = format!("distlog={TREE}/1/1");
    for headers in [
        json!({"traceparent": traceparent, "tracestate": state}),
        json!({"req": {"headers": {"traceparent": traceparent, "tracestate": state}}}),
        json!({"request": {"headers": {"traceparent": traceparent, "tracestate": state}}}),
    ] {
        let mut log = headers;
        log["time"] = "2026-11-20T12:00:00Z".into();
        log["message"] = "served".into();
        check(
            &[&scopes()[..], &[log]].concat(),
            &json!([[TREE, "distlog", "succeeded", true, order]]),
        );
    }
}

/// Without records of the scope, only the request is known.
#[test]
fn a_scope_that_is_not_there_is_not_made_up() {
    let [start, _, _, end] = &scopes()[..] else {
        panic!("four records");
    };
    let call = json!([CALL, "tree", [["serve", null, [["select", null, []]]]]]);
    check(
        &[&[start.clone(), end.clone()][..], &served()].concat(),
        &json!([[TREE, "distlog", "succeeded", false, ["order", null, [call]]]]),
    );
    // Nor is its request.
    let alone = json!([
        "/",
        null,
        [[CALL, "tree", [["serve", null, [["select", null, []]]]]]]
    ]);
    check(
        &served(),
        &json!([[TRACE, "trace", "unknown", false, alone]]),
    );
}

/// Once a span of it has told that the trace is ours, others are known without.
#[test]
fn a_span_without_a_tracestate_stands_below_its_scope_too() {
    const ROOT: &str = "746136ef69676b4b";
    let other = span("mail", "1111111111111111", ROOT, false);
    let serve = json!(["serve", "join", [["select", null, []]]]);
    let below = json!([["call", null, [serve]], ["mail", "join", []]]);
    let order = json!(["order", null, below]);
    check(
        &[&scopes()[..], &served(), &[other]].concat(),
        &json!([[TREE, "distlog", "succeeded", true, order]]),
    );
}

/// What the callee logs may tell of the call by other ids: once the trees are one, the span is the scope.
#[test]
fn a_task_that_was_called_stands_below_the_scope() {
    let id = "3e9a5083fdea551a653f3e46a70e69a4";
    let mut scopes = scopes();
    scopes[3]["context"]["request_id"] = id.into();
    let task = json!({
        "task_uuid": "t", "task_level": [1], "action_type": "reserve", "action_status": "started",
        "timestamp": 1_795_979_532.105, "request_id": id, "traceparent": format!("00-{TRACE}-{CALL}-01"),
    });
    let proxy = json!({"time": "2026-11-20T12:00:00Z", "status": 500, "request_id": id});
    // What has the id alone is of the outermost scope that names it.
    let call = json!(["call", null, [["reserve", "join", []]]]);
    let order = json!(["order", null, [call, [id, "join", []]]]);
    check(
        &[&scopes[..], &[task, proxy]].concat(),
        &json!([[TREE, "distlog", "succeeded", false, order]]),
    );
}

/// Anybody may send any text.
#[test]
fn a_tracestate_of_another_trace_says_nothing() {
    let mut span = span("serve", SERVE, CALL, false);
    for state in [
        "distlog=40be6df2-c2c4-4a1f-a1b4-b8d5b5b0f8b2/1/1".to_owned(),
        format!("distlog={TREE}"),
        "distlog=".to_owned(),
        format!("other={TREE}/1/1"),
        format!("distlog={TREE}/1/1/"),
    ] {
        span["traceState"] = state.clone().into();
        let lines: Vec<_> = scopes()
            .iter()
            .chain([&span])
            .map(|record| format!("{record}\n"))
            .collect();
        let trees = values(&program("dl-tree").stdin(lines.concat()).output());
        let ids: Vec<_> = trees.iter().map(|tree| &tree["tree"]).collect();
        assert_eq!(ids, [TREE, TRACE], "{state}");
    }
    // That of the header counts, where it stands beside one.
    let log = json!({
        "traceparent": "00-40be6df2c2c44a1fa1b4b8d5b5b0f8b2-414a1cf0cd2e803b-01",
        "tracestate": format!("distlog={TREE}/1/1"), "message": "served",
    });
    let lines: Vec<_> = scopes()
        .iter()
        .chain([&log])
        .map(|record| format!("{record}\n"))
        .collect();
    let trees = values(&program("dl-tree").stdin(lines.concat()).output());
    assert_eq!(trees.len(), 2);
}
