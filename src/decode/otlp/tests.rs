//! Requests of the real exporters, and what is none.

use std::{fs, path::Path};

use super::{
    Encoding::{Json, Protobuf},
    *,
};
use crate::decode::format::tests::Taken;

const BOUNDS: Bounds = Bounds {
    bytes: 1 << 20,
    ratio: 100,
};

fn take(signal: Signal, encoding: Encoding, body: &[u8]) -> (Vec<String>, Answer) {
    let mut taken = Taken::default();
    let answer = Otlp::new(BOUNDS, 4096).take(signal, encoding, "", body, &mut taken);
    (taken.0, answer)
}

/// A request of the sample, which has the length of each in front.
fn sample(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/samples");
    fs::read(folder.join(name)).expect("a sample")
}

#[test]
fn protobuf_and_json_of_a_span_are_the_same() {
    // ResourceSpans { resource { service.name = "a" } ScopeSpans { Span {…} } }
    let attribute = b"\x0a\x0cservice.name\x12\x03\x0a\x01a";
    let resource = field(1, attribute);
    let mut span = field(1, &[0xab; 16]);
    span.extend(field(2, &[1; 8]));
    span.extend(field(5, b"GET \"/\""));
    span.extend([0x30, 2]);
    span.push(0x39);
    span.extend(1_795_177_628_000_000_001_u64.to_le_bytes());
    for value in [
        &b"\x10\x01"[..],
        b"\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x21\0\0\0\0\0\0\xf8\x7f",
        b"\x21\0\0\0\0\0\0\xf8\x3f",
        b"\x2a\x05\x0a\x03\x0a\x01x",
        b"\x3a\x02\xff\0",
        b"",
    ] {
        span.extend(field(9, &[field(1, b"k"), field(2, value)].concat()));
    }
    // A field that nobody knows, and a status.
    span.extend([0xf8, 0x07, 0x05]);
    span.extend(field(15, &[0x18, 2]));
    let scope = field(2, &field(2, &span));
    let body = field(1, &[field(1, &resource), scope].concat());
    let (records, answer) = take(Signal::Traces, Encoding::Protobuf, &body);
    assert_eq!(answer, Answer::Done);
    assert_eq!(
        records,
        [concat!(
            r#"{"service.name":"a","resource":{"attributes":{"service.name":"a"}},"#,
            r#""traceId":"abababababababababababababababab","#,
            r#""spanId":"0101010101010101","name":"GET \"/\"","kind":2,"#,
            r#""startTimeUnixNano":"1795177628000000001","attributes":{"#,
            r#""k":true,"k":-1,"k":"NaN","k":1.5,"k":["x"],"k":"/wA=","k":null},"#,
            r#""status":{"code":2}}"#
        )]
    );
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length > 0x7f {
        out.push(u8::try_from(length & 0x7f).expect("seven bits") | 0x80);
        length >>= 7;
    }
    out.push(u8::try_from(length).expect("seven bits"));
    out.extend_from_slice(bytes);
    out
}

#[test]
fn real_requests() {
    for (name, signal, expect) in [
        ("otlp-http-logs.protobuf.bin", Signal::Logs, r#""body":{"#),
        (
            "otlp-http-traces.protobuf.bin",
            Signal::Traces,
            r#""startTimeUnixNano":""#,
        ),
    ] {
        let (records, answer) = take(signal, Encoding::Protobuf, &sample(name));
        assert_eq!(answer, Answer::Done, "{name}");
        assert!(records.len() > 1, "{name}: {}", records.len());
        for record in records {
            assert!(record.contains(expect), "{name}: {record}");
            let value: serde_json::Value = serde_json::from_str(&record).expect("JSON");
            assert!(value["resource"]["attributes"].is_object(), "{record}");
        }
    }
}

#[test]
fn what_is_no_request_is_bad_and_rejected_once() {
    let check = |signal, encoding, body: &[u8], expect: &str| {
        let (taken, answer) = take(signal, encoding, body);
        if expect.is_empty() {
            assert_eq!((taken, answer), (Vec::new(), Answer::Done));
        } else {
            assert_eq!(taken, [format!("rejected: {expect}")]);
            assert_eq!(answer, Answer::Bad(expect.into()));
        }
    };
    check(Signal::Logs, Protobuf, b"", "");
    check(Signal::Logs, Json, b"{ }", "");
    check(Signal::Logs, Json, b"{\"resourceLogs\":[]}", "");
    check(
        Signal::Logs,
        Json,
        b"{\"resourceSpans\":[]}",
        "no resourceLogs in the request",
    );
    check(
        Signal::Logs,
        Protobuf,
        b"\x0a\x05a",
        "protobuf: cut off within a field",
    );
    check(
        Signal::Logs,
        Protobuf,
        b"\x08\x05",
        "protobuf: field resourceLogs is of the wrong type",
    );
    check(
        Signal::Logs,
        Protobuf,
        &field(1, &field(3, b"\xff")),
        "protobuf: the text of schemaUrl is not UTF-8",
    );
    let mut deep = Vec::new();
    for _ in 0..100 {
        deep = field(5, &field(1, &deep));
    }
    let deep = field(1, &field(2, &field(2, &field(5, &deep))));
    check(
        Signal::Logs,
        Protobuf,
        &deep,
        "protobuf: values are nested more than 60 deep",
    );
    let (_, answer) = take(Signal::Logs, Json, b"{\"resourceLogs\":[");
    assert!(matches!(answer, Answer::Bad(_)), "{answer:?}");
}

#[test]
fn a_record_that_is_too_long_is_told_as_partial_success() {
    let long = "x".repeat(5000);
    let body = format!(
        r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"a":1}},{{"a":"{long}"}}]}}]}}]}}"#
    );
    let (taken, answer) = take(Signal::Logs, Encoding::Json, body.as_bytes());
    assert_eq!(
        taken,
        [r#"{"a":1}"#, "rejected: a record longer than --max-record"]
    );
    let json = String::from_utf8(answer.body(Signal::Logs, Encoding::Json)).expect("UTF-8");
    assert_eq!(
        json,
        r#"{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"longer than 4096 bytes"}}"#
    );
    assert_eq!(
        answer.body(Signal::Logs, Encoding::Protobuf),
        b"\x0a\x1a\x08\x01\x12\x16longer than 4096 bytes"
    );
    assert_eq!(answer.status(), 200);
    let bad = Answer::Bad("no".into());
    assert_eq!(bad.status(), 400);
    assert_eq!(
        bad.body(Signal::Logs, Encoding::Protobuf),
        b"\x08\x03\x12\x02no"
    );
}
