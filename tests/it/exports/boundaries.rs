//! The records that begin and end the scopes of BQNT and of Rust's tracing are told as what they are,
//! and none of them is lost where nothing tells how its scope ended.

use serde_json::Value;

use crate::support::program;

const BQNT: [&str; 5] = [
    r#"{"asctime":"2026-11-20 12:00:00,000","trace_id":"aeb355","event":"started","op":"[work]"}"#,
    r#"{"asctime":"2026-11-20 12:00:00,100","trace_id":"aeb355.73","event":"started","op":"[step]"}"#,
    r#"{"asctime":"2026-11-20 12:00:00,200","trace_id":"aeb355.73","event":"error","message":"inside"}"#,
    r#"{"asctime":"2026-11-20 12:00:00,300","trace_id":"aeb355.73","event":"finished","dur_ms":200,"success":false,"exc_info":"ValueError: boom"}"#,
    r#"{"asctime":"2026-11-20 12:00:00,400","trace_id":"aeb355","event":"finished","dur_ms":400,"success":true}"#,
];

const TRACING: [&str; 3] = [
    r#"{"timestamp":"2026-11-20T12:35:55.1Z","level":"INFO","fields":{"message":"new"},"target":"app","span":{"name":"work"},"spans":[]}"#,
    r#"{"timestamp":"2026-11-20T12:35:55.2Z","level":"INFO","fields":{"message":"inside"},"target":"app","span":{"name":"work"},"spans":[{"name":"work"}]}"#,
    r#"{"timestamp":"2026-11-20T12:35:55.3Z","level":"INFO","fields":{"message":"close","time.busy":"67.5µs","time.idle":"9µs"},"target":"app","span":{"name":"work"},"spans":[]}"#,
];

fn trees(lines: &[&str]) -> Vec<u8> {
    program("dl-tree").stdin(lines.join("\n")).output()
}

fn exported(lines: &[&str], args: &[&str]) -> String {
    let out = program("dl-fmt").args(args).stdin(trees(lines)).output();
    String::from_utf8(out).expect("text")
}

fn count(text: &str, word: &str) -> usize {
    text.matches(word).count()
}

#[test]
fn they_are_no_messages() {
    for lines in [&BQNT[..], &TRACING] {
        let shown = exported(lines, &["--records", "all"]);
        assert_eq!(count(&shown, "inside"), 1, "{shown}");
        for word in ["started", "finished", "new", "close"] {
            assert!(!shown.contains(word), "{word}: {shown}");
        }
        let otlp = exported(lines, &["--to", "otlp"]);
        let logs: Vec<Value> = otlp
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let logs = logs
            .iter()
            .flat_map(|document| document["resourceLogs"].as_array().into_iter().flatten())
            .flat_map(|resource| resource["scopeLogs"].as_array().expect("scopes"))
            .flat_map(|scope| scope["logRecords"].as_array().expect("records"));
        let bodies: Vec<_> = logs.map(|log| &log["body"]["stringValue"]).collect();
        assert_eq!(bodies, ["inside"]);
        // What else they say is an attribute of the span.
        let said = if lines.len() == BQNT.len() {
            ["\"op\"", "\"success\""]
        } else {
            ["\"fields.time.busy\"", "\"fields.time.idle\""]
        };
        assert!(said.iter().all(|said| otlp.contains(said)), "{otlp}");
    }
}

/// A message of the same words means what it says.
#[test]
fn others_of_these_words_are_messages() {
    let lines = [
        r#"{"trace_id":"6b003e24000000007fd21e1e22f804ac","span_id":"05c48cf0ce2119a4","event":"started","time":"2026-11-20T12:00:00Z"}"#,
        r#"{"request_id":"b1946ac9-2c4f","message":"new","target":"app","time":"2026-11-20T12:00:00Z"}"#,
    ];
    let shown = exported(&lines, &["--records", "all"]);
    assert_eq!(count(&shown, "started"), 1, "{shown}");
    assert_eq!(count(&shown, "new"), 1, "{shown}");
}

#[test]
fn no_record_is_lost() {
    for format in ["distlog", "eliot"] {
        let out = exported(&TRACING, &["--to", format]);
        assert_eq!(count(&out, "67.5µs"), 1, "{out}");
        let out = exported(&BQNT, &["--to", format]);
        assert_eq!(count(&out, "\"success\":"), 2, "{out}");
        assert_eq!(count(&out, "boom"), 1, "{out}");
    }
    // By itself a record keeps what it says was raised.
    let out = program("dl-fmt")
        .args(&["--to", "distlog"])
        .stdin(BQNT[3])
        .output();
    let out = String::from_utf8(out).expect("text");
    assert_eq!(count(&out, "boom"), 1, "{out}");
}

/// A scope that is drawn though no span tells of it stands where the tree has it; a span that says that
/// it is a root stays one.
#[test]
fn what_only_its_trace_places_stands_below_the_root() {
    const ROOT: &str = "aaaaaaaaaaaaaaaa";
    const LOGS: &str = "dddddddddddddddd";
    let span = |id: &str, start: u8| {
        format!(
            "{{\"traceId\":\"6b003e24000000007fd21e1e22f804ac\",\"spanId\":\"{id}\",\"name\":\"n\",\"startTimeUnixNano\":\"179517600000000000{start}\",\"endTimeUnixNano\":\"1795176002000000000\"}}"
        )
    };
    let log = format!(
        "{{\"time\":\"2026-11-20T12:00:00Z\",\"trace_id\":\"6b003e24000000007fd21e1e22f804ac\",\"span_id\":\"{LOGS}\",\"message\":\"m\"}}"
    );
    let zipkin = |lines: &[&str]| -> Vec<(String, Value)> {
        let spans: Value =
            serde_json::from_str(&exported(lines, &["--to", "zipkin"])).expect("JSON");
        let spans = spans.as_array().expect("a list").iter();
        let id = |span: &Value| span["id"].as_str().expect("an id").to_owned();
        spans
            .map(|span| (id(span), span["parentId"].clone()))
            .collect()
    };
    let root = span(ROOT, 0);
    let lines = [root.as_str(), log.as_str()];
    let expect = [
        (ROOT.to_owned(), Value::Null),
        (LOGS.to_owned(), ROOT.into()),
    ];
    assert_eq!(zipkin(&lines), expect);
    let jaeger: Value = serde_json::from_str(&exported(&lines, &["--to", "jaeger"])).expect("JSON");
    let spans = &jaeger["data"][0]["spans"];
    assert_eq!(spans[0]["references"].as_array().map(Vec::len), Some(0));
    assert_eq!(spans[1]["references"][0]["spanID"], Value::from(ROOT));
    let other = span("bbbbbbbbbbbbbbbb", 1);
    let parents = zipkin(&[root.as_str(), other.as_str()]);
    assert!(
        parents.iter().all(|(_, parent)| parent.is_null()),
        "{parents:?}"
    );
}
