//! Documents and the records in them.

use super::*;

#[test]
fn documents_become_records() {
    let check = |line: &str, expect: &[&str]| {
        let mut exploded = Exploded::default();
        assert_eq!(exploded.read(line.as_bytes()), !expect.is_empty(), "{line}");
        let records: Vec<_> = exploded
            .records()
            .iter()
            .map(|record| str::from_utf8(&exploded.bytes()[record.clone()]).expect("text"))
            .collect();
        assert_eq!(records, expect, "{line}");
    };
    check(r#"[{"a":1}, {"b" : 2}]"#, &[r#"{"a":1}"#, r#"{"b" : 2}"#]);
    check("[]", &[]);
    check("[1]", &[]);
    check(r#"[{"a":1},2]"#, &[]);
    check(r#"[{"a":1}"#, &[]);
    check(r#"{"a":1}"#, &[]);
    check(
        concat!(
            r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","#,
            r#""value":{"stringValue":"shop"}},{"key":"x","value":{"intValue":7}}]},"#,
            r#""scopeSpans":[{"scope":{"name":"s"},"spans":[{"traceId":"a"},{ "n":1 }]},{}]}]}"#
        ),
        &[
            concat!(
                r#"{"service.name":"shop","resource":{"attributes":{"service.name":"shop","x":7}},"#,
                r#""scope":{"name":"s"},"traceId":"a"}"#
            ),
            concat!(
                r#"{"service.name":"shop","resource":{"attributes":{"service.name":"shop","x":7}},"#,
                r#""scope":{"name":"s"},"n":1 }"#
            ),
        ],
    );
    check(
        r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},{"body":1}]}]}]}"#,
        &["{}", r#"{"body":1}"#],
    );
    check(
        concat!(
            r#"{"data":[{"traceID":"a","spans":[{"spanID":"1","processID":"p1"},"#,
            r#"{"spanID":"2","processID":"p9"}],"processes":{"p1":{"serviceName":"x"}}}]}"#
        ),
        &[
            r#"{"process":{"serviceName":"x"},"spanID":"1","processID":"p1"}"#,
            r#"{"spanID":"2","processID":"p9"}"#,
        ],
    );
    check(
        concat!(
            r#"{"name":"shop","id":"1","trace_id":"t","start_time":1.5,"\u0022\n":0,"subsegments":["#,
            r#"{"name":"a","id":"2","subsegments":[{"name":"b","id":"3"}]},{"id":"4"}]}"#
        ),
        &[
            r#"{"name":"shop","id":"1","trace_id":"t","start_time":1.5,"\"\u000a":0}"#,
            r#"{"trace_id":"t","parent_id":"1","service.name":"shop","name":"a","id":"2"}"#,
            concat!(
                r#"{"trace_id":"t","parent_id":"2","service.name":"shop","#,
                r#""name":"b","id":"3"}"#
            ),
            r#"{"trace_id":"t","parent_id":"1","service.name":"shop","id":"4"}"#,
        ],
    );
    check(r#"{"subsegments":[{"id":"2"}]}"#, &[]);
}

#[test]
fn what_is_around_is_not_copied_without_end() {
    let around = "x".repeat(10_000);
    let spans = vec![r#"{"a":1}"#; 10_000].join(",");
    let document = format!(
        r#"{{"resourceSpans":[{{"resource":{{"x":"{around}"}},"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#
    );
    let mut exploded = Exploded::default();
    assert!(exploded.read(document.as_bytes()));
    assert_eq!(exploded.records().len(), 10_000);
    assert!(exploded.bytes().len() < document.len() * (MOST_AROUND + 2));
}

#[test]
fn a_bound_of_ones_own_is_kept_and_told() {
    let around = r#"{"x":"0123456789"}"#;
    let document = format!(
        r#"{{"resourceSpans":[{{"resource":{around},"scopeSpans":[{{"spans":[{{"a":1}},{{"a":2}}]}}]}}]}}"#
    );
    for (limit, with, short) in [(0, 0, true), (around.len(), 1, true), (1000, 2, false)] {
        let mut exploded = Exploded::bounded(limit);
        assert!(exploded.read(document.as_bytes()));
        let text = String::from_utf8_lossy(exploded.bytes());
        assert_eq!(text.matches(around).count(), with);
        assert_eq!(exploded.is_short(), short);
    }
}
