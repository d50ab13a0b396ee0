//! Documents of real producers, and broken ones.

use expect_test::expect;

use super::*;
use crate::decode::format::tests::{PASSED_OVER, decode};

fn read(input: &str) -> String {
    decode("json", &Settings::default(), input.as_bytes())
}

fn values(ndjson: &str) -> Vec<serde_json::Value> {
    let value = |line| serde_json::from_str(line).expect("JSON");
    ndjson.lines().map(value).collect()
}

#[test]
fn journalctl_json_pretty() {
    let pretty = include_str!("../../../tests/data/samples/journald-json-pretty.txt");
    let plain = include_str!("../../../tests/data/samples/journald-json.ndjson");
    assert_eq!(values(&read(pretty)), values(&read(plain)));
}

#[test]
fn journalctl_json_seq() {
    let sequence = include_bytes!("../../../tests/data/samples/journald-json-seq.txt");
    let plain = include_str!("../../../tests/data/samples/journald-json.ndjson");
    let read = decode("json-seq", &Settings::default(), sequence);
    assert_eq!(values(&read), values(&self::read(plain)));
}

#[test]
fn eliot_behind_twisted() {
    let sequence = include_bytes!("../../../tests/data/samples/eliot-twisted-jsonobserver.bin");
    let read = decode("json-seq", &Settings::default(), sequence);
    let texts = sequence.split(|byte| *byte == SEPARATOR).skip(1);
    assert_eq!(values(&read).len(), texts.count());
}

#[test]
fn opentelemetry_console() {
    let pretty = include_str!("../../../tests/data/samples/otel-console-spans.txt");
    let plain = include_str!("../../../tests/data/samples/otel-console-spans-oneline.ndjson");
    assert_eq!(values(&read(pretty)).len(), values(plain).len());
}

#[test]
fn a_document_that_lacks_a_line_is_rejected() {
    let text = format!(
        "{{\"a\": 1,\n{PASSED_OVER}\n \"c\": {{}},\n {{\"d\": 4}}\n}}\n{{\"b\": 1}}\n{PASSED_OVER}\n{{\"c\": 1}}\n"
    );
    expect![[r#"
        rejected (a line longer than --max-record is missing): {"a": 1,
        rejected (no JSON document: expected '{' or '[' in front):  "c": {},
        rejected (no JSON document: expected '{' or '[' in front):  {"d": 4}
        rejected (no JSON document: expected '{' or '[' in front): }
        {"b": 1}
        {"c": 1}
    "#]]
    .assert_eq(&read(&text));
}

#[test]
fn documents_of_several_records_are_taken_apart() {
    expect![[r#"
        {"id": 1}
        {"id": 2}
        {"body": {"stringValue": "a"}}
        {"body": {"stringValue": "b"}}
    "#]]
    .assert_eq(&read(
        r#"[
  {"id": 1},
  {"id": 2}
]
{"resourceLogs": [{"scopeLogs": [{"logRecords": [
  {"body": {"stringValue": "a"}},
  {"body": {"stringValue": "b"}}
]}]}]}
"#,
    ));
}

#[test]
fn only_line_ends_change() {
    let check = |input: &str, expect: &str| assert_eq!(read(input), format!("{expect}\n"));
    check(
        "{ \"a\" :\r\n\t1.50,\n\n \"b\": [1\n, 2\n]}",
        r#"{ "a" :1.50,"b": [1, 2]}"#,
    );
    check(
        r#"{"a":"} \" {"} {"b":[]}{"c":1}"#,
        "{\"a\":\"} \\\" {\"}\n{\"b\":[]}\n{\"c\":1}",
    );
    check("\u{feff}{}", "{}");
    // What was two numbers does not become one.
    check(
        "{\"a\":1\n2}",
        "rejected (a document of 2 lines that ends here: not a JSON object: expected ',' or '}' in column 8): {\"a\":1\n2}",
    );
}

#[test]
fn a_line_that_is_cut_off_takes_no_others_with_it() {
    expect![[r#"
        rejected (a document of 2 lines that ends here: the next begins before it has ended): {"a": 1,
        {"b": 2}
        rejected (a document of 2 lines that ends here: the next begins before it has ended): {"c": 
        {"d": 4}
        {"e": 5}
        rejected (not JSON in column 2): {oops
        rejected (not JSON in column 10): {"f": [1 {}]}
        {"g": 7}
    "#]].assert_eq(&read(
        "{\"a\": 1,\n{\"b\": 2}\n{\"c\": \n{\"d\": 4}\n{\"e\": 5}\n{oops\n{\"f\": [1 {}]}\n{\"g\": 7}\n",
    ));
}

#[test]
fn reading_goes_on_behind_what_is_broken() {
    expect![[r#"
        rejected (no JSON document: expected '{' or '[' in front): oops {
        rejected (a document of 2 lines that ends here: a string without an end): {
          "a": "no end,
        rejected (no JSON document: expected '{' or '[' in front):   {"b": 1}
        rejected (no JSON document: expected '{' or '[' in front): }
        {"c": 1}
        rejected (not a JSON object: expected a value in column 7): {"d": }
        {"e": 1}
        rejected (a list of something else than objects): [1]
        rejected (a list of something else than objects): []
        rejected (it is cut off): [{},
    "#]].assert_eq(&read(
        "oops {\n{\n  \"a\": \"no end,\n  {\"b\": 1}\n}\n{\"c\": 1}\n{\"d\": }\n{\n\"e\": 1\n}\n[1]\n[]\n[{},\n",
    ));
    let settings = Settings {
        longest: 10,
        ..Settings::default()
    };
    let read = decode(
        "json-seq",
        &settings,
        b"\x1e{\"a\":1\n\x1e{\"b\":2}\n\x1e{\"c\":\n[1,2,3,4\n\x1e{}\x1e{}",
    );
    expect![[r#"
        rejected (a document of 2 lines that ends here: the next begins before it has ended): {"a":1

        {"b":2}
        rejected (a document of 2 lines that ends here: longer than --max-record): {"c":
        [1,2,3,4
        {}
        {}
    "#]]
    .assert_eq(&read);
}
