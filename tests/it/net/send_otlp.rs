//! dl-send to OTLP/HTTP: read by opentelemetry-proto's own types, by those of Python and by dl-recv, and receivers that
//! are busy, refuse, or take a part.

use std::{
    fs,
    time::{Duration, Instant},
};

use opentelemetry_proto::tonic::{
    collector::{logs::v1::ExportLogsServiceRequest, trace::v1::ExportTraceServiceRequest},
    common::v1::any_value,
};
use prost::Message;
use serde_json::Value;

use super::{
    certificates::Certificates,
    receiver::{Answer, Post, Receiver},
    send_streams::{records, send},
    support::Collector,
};
use crate::{
    cut::Cut,
    exports::returned::{edges, trees},
    support::{Dir, python, root},
};

const TAKEN: Answer = (200, "Content-Type: application/json\r\n", String::new());

/// The texts of all log records of a request in JSON.
fn bodies(post: &Post) -> Vec<String> {
    let request: Value = serde_json::from_slice(&post.body).expect("JSON");
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut bodies = Vec::new();
    for resource in list(&request["resourceLogs"]) {
        for scope in list(&resource["scopeLogs"]) {
            let texts = list(&scope["logRecords"]).into_iter();
            bodies.extend(texts.map(|log| log["body"]["stringValue"].as_str().map(str::to_owned)));
        }
    }
    bodies.into_iter().flatten().collect()
}

/// A line with all kinds of values, others like it and unlike it, and a tree.
fn mixed() -> Vec<u8> {
    let mut text = String::from(
        r#"{"time":"2026-11-20T12:54:20.123456789Z","level":"error","host":"web-1","service":"shop","process":42,"logger":"pay","message":"über","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","int":-5,"big":123456789012345678901234567890,"half":0.5,"yes":true,"none":null,"list":[1,"x"]}
{"time":"2026-11-20T12:54:21Z","level":"info","host":"web-1","service":"shop","process":42,"logger":"pay","message":"same"}
{"time":"2026-11-20T12:54:22Z","level":"info","host":"web-1","service":"shop","process":42,"logger":"db","message":"other logger"}
{"time":"2026-11-20T12:54:23Z","host":"web-2","message":"other host"}
"#,
    )
    .into_bytes();
    let shop = fs::read(root().join("tests/data/shop.ndjson")).expect("a sample");
    text.extend(trees(&shop));
    text.extend_from_slice(b"{\"message\":\"last\"}\n");
    text
}

#[test]
fn both_encodings_say_the_same_to_opentelemetry() {
    let text = mixed();
    let mut logs = Vec::new();
    let mut spans = Vec::new();
    for (encoding, compress) in [("protobuf", "gzip"), ("json", "gzip"), ("json", "none")] {
        let receiver = Receiver::new(|_, _| TAKEN);
        let ran = send(&(receiver.endpoint() + "/base/"))
            .args(&["--encoding", encoding, "--compress", compress])
            .stdin(&text)
            .run();
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        let posts = receiver.posts();
        let paths: Vec<_> = posts.iter().map(|post| post.path.as_str()).collect();
        assert_eq!(paths, ["/base/v1/traces", "/base/v1/logs"]);
        for post in &posts {
            assert_eq!(post.is_compressed, compress == "gzip");
            assert_eq!(post.content_type.ends_with("json"), encoding == "json");
        }
        let (trace, log) = (&posts[0].body[..], &posts[1].body[..]);
        if encoding == "json" {
            spans.push(serde_json::from_slice(trace).expect("spans"));
            logs.push(serde_json::from_slice(log).expect("log records"));
        } else {
            spans.push(ExportTraceServiceRequest::decode(trace).expect("spans"));
            logs.push(ExportLogsServiceRequest::decode(log).expect("log records"));
        }
    }
    let spans: [ExportTraceServiceRequest; 3] = spans.try_into().expect("three");
    let logs: [ExportLogsServiceRequest; 3] = logs.try_into().expect("three");
    assert!(spans.iter().all(|one| *one == spans[0]));
    assert!(logs.iter().all(|one| *one == logs[0]));
    let spans = spans[0]
        .resource_spans
        .iter()
        .flat_map(|of| &of.scope_spans);
    let names: Vec<_> = spans
        .flat_map(|of| &of.spans)
        .map(|span| &span.name)
        .collect();
    assert!(
        names.len() > 5 && names.iter().any(|name| name.starts_with("order")),
        "{names:?}"
    );
    // What is of one process and one logger is said once.
    let resources = &logs[0].resource_logs;
    let first: Vec<_> = resources[0]
        .scope_logs
        .iter()
        .map(|of| of.log_records.len())
        .collect();
    assert_eq!(first, [2, 1]);
    let full = &resources[0].scope_logs[0].log_records[0];
    assert_eq!(full.time_unix_nano, 1_795_179_260_123_456_789);
    assert_eq!(full.severity_number, 17);
    assert_eq!(full.trace_id[..4], [0x4b, 0xf9, 0x2f, 0x35]);
    assert_eq!(full.span_id[7], 0xb7);
    let attribute = |name: &str| {
        let found = full.attributes.iter().find(|pair| pair.key == name);
        let value = found.and_then(|pair| pair.value.as_ref());
        format!("{:?}", value.and_then(|value| value.value.clone()))
    };
    assert_eq!(attribute("int"), "Some(IntValue(-5))");
    assert_eq!(attribute("half"), "Some(DoubleValue(0.5))");
    assert_eq!(attribute("yes"), "Some(BoolValue(true))");
    assert_eq!(attribute("list"), "Some(StringValue(\"[1,\\\"x\\\"]\"))");
    let last = resources.last().and_then(|of| of.scope_logs.last());
    let last = last
        .and_then(|of| of.log_records.last())
        .expect("a log record");
    assert!(format!("{:?}", last.body).contains("\"last\""), "{last:?}");
}

#[test]
fn opentelemetry_for_python_reads_the_same() {
    let receiver = Receiver::new(|_, _| TAKEN);
    let ran = send(&receiver.endpoint()).stdin(mixed()).run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let posts = receiver.posts();
    let dir = Dir::new();
    let read = |what: &str, post: &Post| -> Vec<Value> {
        let file = dir.path(what);
        fs::write(&file, &post.body).expect("a file");
        let out = python(
            "tests/py/otlp_read.py",
            &[what, &file.display().to_string()],
        );
        let lines = std::str::from_utf8(&out).expect("text").lines();
        lines
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    };
    let hex = |id: &[u8]| -> String {
        let digits = id.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect()
    };
    let spans = ExportTraceServiceRequest::decode(&posts[0].body[..]).expect("spans");
    let of = spans.resource_spans.iter().flat_map(|of| &of.scope_spans);
    let spans = of.flat_map(|of| &of.spans).map(|span| {
        let ids = [&span.trace_id, &span.span_id, &span.parent_span_id].map(|id| hex(id));
        let [trace, id, parent] = ids;
        let (start, end) = (span.start_time_unix_nano, span.end_time_unix_nano);
        let status = span.status.as_ref().map_or(0, |status| status.code);
        serde_json::json!([span.name, trace, id, parent, start, end, status])
    });
    let spans: Vec<_> = spans.collect();
    assert!(spans.len() > 5);
    assert_eq!(read("traces", &posts[0]), spans);
    let logs = read("logs", &posts[1]);
    assert_eq!(
        logs[0],
        serde_json::json!([
            1_795_179_260_123_456_789_u64,
            17,
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "00f067aa0ba902b7",
            "über"
        ])
    );
    let sent = ExportLogsServiceRequest::decode(&posts[1].body[..]).expect("log records");
    let of = sent.resource_logs.iter().flat_map(|of| &of.scope_logs);
    let sent = of.flat_map(|of| &of.log_records).map(|log| {
        let (trace, id) = (hex(&log.trace_id), hex(&log.span_id));
        let text = log.body.as_ref().and_then(|body| body.value.clone());
        let Some(any_value::Value::StringValue(text)) = text else {
            panic!("{text:?}");
        };
        serde_json::json!([log.time_unix_nano, log.severity_number, trace, id, text])
    });
    assert_eq!(logs, sent.collect::<Vec<_>>());
    assert!(logs.len() > 50);
}

#[test]
fn a_busy_receiver_is_left_alone_for_as_long_as_it_says() {
    let receiver = Receiver::new(|number, _| match number {
        0 => (
            503,
            "Retry-After: 1\r\nContent-Type: text/plain\r\n",
            "busy".into(),
        ),
        1 => (429, "", String::new()),
        _ => TAKEN,
    });
    let began = Instant::now();
    let endpoint = receiver.endpoint();
    send(&endpoint).stdin(records(10)).check(
        "",
        &format!(
            "dl-send: {endpoint}: answered with 503: busy; trying again\n\
             dl-send: {endpoint}: there again\n\
             dl-send: 10 read, 10 written, 0 filtered, 0 rejected\n"
        ),
        0,
    );
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!(receiver.posts().len(), 3);
}

#[test]
fn a_record_that_is_refused_does_not_hold_up_the_others() {
    let receiver = Receiver::new(|_, post| {
        if bodies(post).iter().any(|body| body == "m7") {
            let body = r#"{"code":3,"message":"no sevens"}"#;
            (400, "Content-Type: application/json\r\n", body.into())
        } else {
            TAKEN
        }
    });
    let dir = Dir::new();
    let endpoint = receiver.endpoint();
    let text = records(20);
    send(&endpoint)
        .args(&["--encoding", "json", "--rejects"])
        .arg(dir.path("rejects"))
        .stdin(&text)
        .check(
            "",
            &format!(
                "dl-send: 20 read, 19 written, 0 filtered, 1 rejected\n\
                 dl-send: 1 line rejected, the first at {endpoint}: answered with 400: no sevens\n"
            ),
            0,
        );
    let rejects = fs::read_to_string(dir.path("rejects")).expect("a file");
    assert_eq!(
        rejects,
        text.lines().nth(7).expect("a line").to_owned() + "\n"
    );
    let posts = receiver.posts();
    let good = posts
        .iter()
        .map(bodies)
        .filter(|bodies| !bodies.contains(&"m7".to_owned()));
    let mut good: Vec<_> = good.flatten().collect();
    good.sort_unstable();
    good.dedup();
    assert_eq!(good.len(), 19);
}

#[test]
fn what_is_taken_in_part_is_counted_and_kept() {
    let receiver = Receiver::new(|_, _| {
        let body = r#"{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"too old"}}"#;
        (200, "Content-Type: application/json\r\n", body.into())
    });
    let dir = Dir::new();
    let endpoint = receiver.endpoint();
    let text = records(5);
    send(&endpoint)
        .arg("--rejects")
        .arg(dir.path("rejects"))
        .stdin(&text)
        .check(
            "",
            &format!(
                "dl-send: 5 read, 3 written, 0 filtered, 2 rejected\n\
                 dl-send: 2 lines rejected, the first at {endpoint}: too old\n"
            ),
            0,
        );
    assert_eq!(
        fs::read_to_string(dir.path("rejects")).expect("a file"),
        text
    );
    assert_eq!(receiver.posts().len(), 1);
}

#[test]
fn what_is_wrong_for_good_ends_it() {
    let receiver = Receiver::new(|_, _| (404, "", String::new()));
    let endpoint = receiver.endpoint();
    send(&endpoint).stdin(records(3)).check(
        "",
        &format!(
            "dl-send: 3 read, 0 written, 0 filtered, 0 rejected, 3 undelivered\n\
             dl-send: {endpoint}: answered with 404 Not Found\n"
        ),
        2,
    );
}

#[test]
fn trees_come_back_from_dl_recv() {
    let certificates = Certificates::new();
    let collector = certificates.open_collector(&["otlp+http://:0", "otlp+https://:0/x"]);
    let shop = fs::read(root().join("tests/data/shop.ndjson")).expect("a sample");
    let shop = trees(&shop);
    let expect = edges(&shop);
    assert!(expect.len() > 5, "{expect:?}");
    let ca = certificates.arg("ca.pem");
    let plain = collector.address(0).port();
    let secure = collector.address(1).port();
    for sent in [
        send(&format!("otlp+http://127.0.0.1:{plain}")),
        send(&format!("otlp+https://localhost:{secure}/x")).args(&["--tls-ca", &ca]),
    ] {
        let ran = sent.stdin(&shop).run();
        assert_eq!(ran.status, 0, "{}", ran.stderr);
    }
    let records = collector.end().rest;
    let is_of = |line: &&[u8], scheme: &str| {
        let record: Value = serde_json::from_slice(line).expect("a record");
        let endpoint = record["dl"]["recv"]["endpoint"].as_str().expect("a stamp");
        endpoint.starts_with(scheme)
    };
    for scheme in ["otlp+http:", "otlp+https:"] {
        let lines = records.split_inclusive(|&byte| byte == b'\n');
        let came: Vec<u8> = lines
            .filter(|line| is_of(line, scheme))
            .flatten()
            .copied()
            .collect();
        assert_eq!(edges(&trees(&came)), expect, "{scheme}");
    }
}

#[test]
fn nothing_is_lost_when_the_network_is_cut() {
    let collector = Collector::start(&["otlp+http://:0", "--no-stamp"]);
    let cut = Cut::new(collector.address(0), 6, 30_000);
    let ran = send(&format!("otlp+http://{}", cut.address))
        .args(&["--batch", "200", "--compress", "none"])
        .stdin(records(4_000))
        .run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(cut.is_done());
    let rest = String::from_utf8(collector.end().rest).expect("text");
    let mut came: Vec<u64> = rest
        .lines()
        .filter_map(|line| {
            let record: Value = serde_json::from_str(line).expect("a record");
            let body = record["body"]["stringValue"].as_str()?;
            body.strip_prefix('m')?.parse().ok()
        })
        .collect();
    came.sort_unstable();
    came.dedup();
    assert_eq!(came, (0..4_000).collect::<Vec<_>>());
}
