//! Records of producers, which schema knows them, and what their canonical fields say.

use std::borrow::Cow;

use super::super::{Canonical, Found, Instant, Reader};

/// Checks the schema of a record and what its canonical fields say; of those that are named, with
/// what they are as text.
fn check(line: &str, schema: &str, expect: &[(&str, &str)]) {
    let mut reader = Reader::default();
    for canonical in Canonical::ALL {
        reader.canonical(canonical);
    }
    let mut found = Found::default();
    // The first time nothing is known of such lines, the last time all is.
    for _ in 0..4 {
        let record = reader.read(line.as_bytes(), &mut found).expect("a record");
        assert_eq!(record.schema(), Some(schema), "{line}");
        for &(name, expect) in expect {
            let canonical = Canonical::from_name(name).expect("a canonical field");
            let text = match canonical {
                Canonical::Time => record.time().map(Instant::to_rfc3339),
                Canonical::Level => record.level().map(|level| level.name().to_owned()),
                Canonical::Duration => record.number(canonical).map(|number| number.to_string()),
                _ => record.text(canonical).map(Cow::into_owned),
            };
            assert_eq!(
                text.as_deref().unwrap_or("none"),
                expect,
                "{name} of {line}"
            );
        }
    }
}

/// Checks the levels of the records of a sample.
fn check_levels(sample: &str, schema: &str, expect: &[&str]) {
    assert_eq!(sample.lines().count(), expect.len());
    for (line, level) in sample.lines().zip(expect) {
        check(line, schema, &[("level", level)]);
    }
}

#[test]
fn logbook_counts_from_nine_and_keeps_templates_in_msg() {
    let sample = include_str!("../../../tests/data/samples/logbook-zeromq-bodies.ndjson");
    let levels = [
        "debug", "info", "notice", "warning", "error", "critical", "error",
    ];
    check_levels(sample, "logbook", &[levels, levels].concat());
    let second = sample.lines().nth(1).expect("a line");
    check(
        second,
        "logbook",
        &[
            ("time", "2026-11-20T12:30:01.421493Z"),
            ("logger", "lb.app"),
            ("message", "hello x 3"),
            ("process", "7241"),
            ("thread", "MainThread"),
            ("exception", "none"),
        ],
    );
    let line =
        r#"{"channel":"c","level":9,"msg":"{}","message":"1","time":"2026-11-20T12:30:01Z"}"#;
    check(line, "logbook", &[("level", "trace"), ("message", "1")]);
}

#[test]
fn pino_is_known_by_pid_and_hostname_too() {
    let sample = include_str!("../../../tests/data/samples/pino-variants.ndjson");
    let last = sample.lines().last().expect("a line");
    let expect = [("time", "none"), ("level", "info"), ("message", "no time")];
    check(last, "pino-renamed", &expect);
    check(
        r#"{"level":50,"time":1795178340123,"pid":1,"hostname":"h","message":"x"}"#,
        "pino-renamed",
        &[
            ("time", "2026-11-20T12:39:00.123Z"),
            ("level", "error"),
            ("message", "x"),
            ("host", "h"),
            ("process", "1"),
        ],
    );
    check(
        r#"{"level":30,"timestamp":1795178340123,"pid":1,"hostname":"h","msg":"x"}"#,
        "pino-renamed",
        &[("time", "2026-11-20T12:39:00.123Z"), ("level", "info")],
    );
    check(
        r#"{"name":"n","hostname":"h","pid":1,"level":30,"msg":"x","time":"2026-11-20T12:39:00Z","v":0}"#,
        "bunyan",
        &[("level", "info"), ("logger", "n")],
    );
    // Levels in words need no scale.
    let line = r#"{"level":"warn","pid":1,"hostname":"h","msg":"x"}"#;
    check(line, "generic", &[("level", "warning")]);
    let line = r#"{"level":30,"msg":"x"}"#;
    check(line, "generic", &[("level", "warning")]);
}

#[test]
fn a_request_that_pino_http_tells_of_has_a_duration() {
    check(
        r#"{"level":30,"time":1795178340123,"pid":1,"hostname":"h","service":"shop","req":{"id":"req-0000007"},"res":{"statusCode":200},"responseTime":218,"msg":"request completed"}"#,
        "pino",
        &[
            ("duration", "0.218"),
            ("service", "shop"),
            ("tree", "req-0000007"),
        ],
    );
}

#[test]
fn monolog_has_numbers_of_levels_of_its_own() {
    let sample = include_str!("../../../tests/data/samples/monolog.ndjson");
    let levels = [
        "debug", "info", "notice", "warning", "error", "critical", "critical", "fatal",
    ];
    check_levels(sample, "monolog", &levels);
    let fifth = sample.lines().nth(4).expect("a line");
    check(
        fifth,
        "monolog",
        &[
            ("time", "2026-11-30T23:03:24.574289Z"),
            ("message", "order failed"),
            ("logger", "shop"),
            ("tree", "req-12345678"),
            (
                "exception",
                r#"{"class":"RuntimeException","message":"no stock for 7","code":4,"file":"/srv/shop/mono.php:12","previous":{"class":"InvalidArgumentException","message":"deep","code":0,"file":"/srv/shop/mono.php:12"}}"#,
            ),
        ],
    );
}

#[test]
fn serilog_leaves_out_what_is_information() {
    let check = |line: &str, level: &str| check(line, "generic", &[("level", level)]);
    check(
        r#"{"@t":"2026-11-20T12:39:00Z","@mt":"hello {N}","N":1}"#,
        "info",
    );
    check(r#"{"@t":"2026-11-20T12:39:00Z","@m":"error"}"#, "info");
    check(
        r#"{"@t":"2026-11-20T12:39:00Z","@mt":"x","@l":"Error"}"#,
        "error",
    );
    check(r#"{"@t":"2026-11-20T12:39:00Z","@mt":null}"#, "none");
}

#[test]
fn numbers_of_levels_have_the_scale_of_their_name() {
    let check = |line: &str, level: &str| check(line, "generic", &[("level", level)]);
    check(r#"{"level_value":40000,"message":"x"}"#, "error");
    check(r#"{"level_value":5000,"message":"x"}"#, "trace");
    check(r#"{"level":"WARN","level_value":30000}"#, "warning");
    check(r#"{"level_number":40,"event":"x"}"#, "error");
    check(r#"{"severity":200,"message":"x"}"#, "info");
    check(r#"{"severity":500,"message":"x"}"#, "error");
    check(r#"{"severity":"500","message":"x"}"#, "error");
    check(r#"{"severity":0,"message":"x"}"#, "none");
    check(r#"{"severity":"WARNING","message":"x"}"#, "warning");
}

#[test]
fn times_of_several_numbers() {
    let check = |line: &str, time: &str| check(line, "generic", &[("time", time)]);
    check(
        r#"{"instant":{"epochSecond":1795178340,"nanoOfSecond":123456789},"level":"INFO","message":"x"}"#,
        "2026-11-20T12:39:00.123456789Z",
    );
    check(
        r#"{"severity":"INFO","timestamp":{"seconds":1795178340,"nanos":5},"message":"x"}"#,
        "2026-11-20T12:39:00.000000005Z",
    );
    check(
        r#"{"timestampSeconds":1795178340,"timestampNanos":500000000,"message":"x"}"#,
        "2026-11-20T12:39:00.500Z",
    );
    check(r#"{"timestampSeconds":1795178340}"#, "2026-11-20T12:39:00Z");
    check(
        r#"{"timestampNanos":null,"timestampSeconds":"1795178340"}"#,
        "2026-11-20T12:39:00Z",
    );
    check(
        r#"{"timestamp":{"when":"noon"},"time":"2026-11-20T12:39:00Z"}"#,
        "2026-11-20T12:39:00Z",
    );
}

#[test]
fn a_log_of_otlp_is_one_in_all_its_spellings() {
    let ids = r#""traceId":"6b003e24000000007fd21e1e22f804ac","spanId":"00f067aa0ba902b7""#;
    let log = |rest: &str| {
        format!(
            r#"{{"service.name":"shop","resource":{{}},"scope":{{"name":"shop.cart"}},{ids},"observedTimeUnixNano":"1795178341000000000"{rest}}}"#
        )
    };
    let expect = |level, message| {
        [
            ("time", "2026-11-20T12:39:00Z"),
            ("level", level),
            ("message", message),
            ("logger", "shop.cart"),
            ("service", "shop"),
            ("tree", "6b003e24000000007fd21e1e22f804ac"),
            ("node", "00f067aa0ba902b7"),
        ]
    };
    let at = r#","timeUnixNano":"1795178340000000000""#;
    for (rest, level, message) in [
        (
            r#","severityNumber":13,"body":{"stringValue":"sold"}"#,
            "warning",
            "sold",
        ),
        (
            r#","severityNumber":"SEVERITY_NUMBER_WARN2","body":"sold""#,
            "warning",
            "sold",
        ),
        (
            r#","severityNumber":"SEVERITY_NUMBER_UNSPECIFIED","severityText":"Error","body":"sold""#,
            "error",
            "sold",
        ),
        (r#","severityText":"INFO","body":"sold""#, "info", "sold"),
    ] {
        check(
            &log(&format!("{at}{rest}")),
            "otlp-log",
            &expect(level, message),
        );
    }
    check(
        &log(
            r#","attributes":{"exception.stacktrace":"Traceback (most recent call last):\nE: x"}"#,
        ),
        "otlp-log",
        &[
            ("time", "2026-11-20T12:39:01Z"),
            ("exception", "Traceback (most recent call last):\nE: x"),
        ],
    );
}

#[test]
fn what_postgresql_says() {
    for (severity, level) in [("LOG", "info"), ("DEBUG3", "debug"), ("PANIC", "fatal")] {
        check(
            &format!(
                r#"{{"timestamp":"2026-11-20 12:39:00.250 UTC","user":"ada","pid":17,"session_id":"6b0d5cca.5ef8","error_severity":"{severity}","message":"done","backend_type":"client backend"}}"#
            ),
            "postgres",
            &[
                ("time", "2026-11-20T12:39:00.250Z"),
                ("level", level),
                ("message", "done"),
                ("logger", "client backend"),
                ("process", "17"),
            ],
        );
    }
}

#[test]
fn a_span_is_known_to_have_failed_and_how_long_it_took() {
    let ended = |status, duration| [("status", status), ("duration", duration)];
    let otlp = |rest: &str| {
        format!(r#"{{"traceId":"1","spanId":"2","startTimeUnixNano":"1795178340000000000"{rest}}}"#)
    };
    for (rest, status, duration) in [
        (
            r#","endTimeUnixNano":"1795178345000000000","status":{"code":2}"#,
            "failed",
            "5",
        ),
        (
            r#","endTimeUnixNano":"1795178345250000000","status":{}"#,
            "succeeded",
            "5.25",
        ),
        (
            r#","endTimeUnixNano":"0","status":{"code":2}"#,
            "running",
            "none",
        ),
        (r#","status":{"code":2}"#, "running", "none"),
    ] {
        check(&otlp(rest), "otlp-span", &ended(status, duration));
    }
    check(
        r#"{"SpanContext":{"TraceID":"1","SpanID":"2"},"Name":"n","StartTime":"2026-11-20T12:39:00+01:00","EndTime":"2026-11-20T12:39:00.5+01:00","Status":{"Code":"Error","Description":"d"}}"#,
        "otel-go-span",
        &[
            ("status", "failed"),
            ("duration", "0.5"),
            ("exception", "d"),
            ("message", "n"),
        ],
    );
}

#[test]
fn a_span_of_zipkin_need_not_name_its_service() {
    let span = |rest: &str| {
        format!(
            r#"{{"traceId":"6b003e24000000007fd21e1e22f804ac","id":"00f067aa0ba902b7","name":"get"{rest}}}"#
        )
    };
    check(
        &span(r#","timestamp":1795178340000000,"duration":250000,"tags":{"error":"no funds"}"#),
        "zipkin",
        &[
            ("time", "2026-11-20T12:39:00Z"),
            ("message", "get"),
            ("service", "none"),
            ("exception", "no funds"),
            ("status", "failed"),
            ("duration", "0.25"),
        ],
    );
    // Logs with ids of their own have milliseconds, texts, or tell how long nothing took.
    for rest in [
        r#","timestamp":1795178340000,"duration":250"#,
        r#","timestamp":"2026-11-20T12:39:00Z","duration":250"#,
        r#","timestamp":1795178340000000,"duration":"250ms""#,
        r#","timestamp":1795178340000000"#,
    ] {
        check(
            &span(rest),
            "generic",
            &[("tree", "6b003e24000000007fd21e1e22f804ac")],
        );
    }
}

/// So they can be compared with what others write, and with what trees are called.
#[test]
fn ids_of_traces_and_spans_have_no_prefix() {
    let sample = include_str!("../../../tests/data/samples/otel-console-spans-oneline.ndjson");
    let first = sample.lines().next().expect("a line");
    let bare = first.replace("\"0x", "\"");
    assert_ne!(first, bare);
    let ids = |line: &str| {
        let id = |key: &str| {
            let (_, rest) = line.split_once(&format!("\"{key}\": \"")).expect("an id");
            rest.split('"').next().expect("an id").to_owned()
        };
        [id("trace_id"), id("span_id"), id("parent_id")]
    };
    let [tree, node, parent] = ids(&bare);
    let expect = [("tree", &*tree), ("node", &*node), ("parent", &*parent)];
    check(first, "otel-span", &expect);
    check(&bare, "otel-span", &expect);
    let log =
        r#"{"severity_number":9,"body":"m","resource":{},"trace_id":"0X6B00","span_id":"0xf0"}"#;
    check(log, "otel-log", &[("tree", "6B00"), ("node", "f0")]);
    // These are no numbers.
    for id in ["0x", "0xylene", "x0x1"] {
        let line = format!(r#"{{"trace_id":"{id}"}}"#);
        let expect = if id == "0x" { "none" } else { id };
        check(&line, "generic", &[("tree", expect)]);
    }
}
