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
