//! What lines of several formats are taken for.

use std::fs;

use expect_test::expect;
use proptest::prelude::*;

use super::{Auto, Decode, forms, is_bare_date};
use crate::{
    decode::format::{
        Settings,
        tests::{PASSED_OVER, Taken, data, decode, pieces},
    },
    record::Lines,
};

fn sample(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/samples/");
    fs::read(format!("{folder}{name}")).expect("a sample")
}

#[test]
fn files_of_one_format_are_read_as_that_format() {
    for (name, format) in [
        ("go-slog-text.txt", "logfmt"),
        ("go-logrus-text.txt", "logfmt"),
        ("java-logback-pattern.txt", "logfmt"),
        ("winston-text.txt", "logfmt"),
        ("monolog-text.txt", "logfmt"),
        ("php-error.txt", "logfmt"),
        ("bind.txt", "logfmt"),
        ("rsyslog-5424.txt", "syslog"),
        ("rsyslog-traditional.txt", "syslog"),
        ("journald-short-iso-precise.txt", "syslog"),
        ("docker-json-file.ndjson", "docker"),
        ("journald-export.txt", "journald-export"),
        ("journald-json-pretty.txt", "json"),
        ("journald-json-seq.txt", "json-seq"),
        ("otel-console-spans.txt", "json"),
    ] {
        let sample = sample(name);
        let settings = Settings::default();
        let (auto, named) = (
            decode("auto", &settings, &sample),
            decode(format, &settings, &sample),
        );
        let records = |text: &str| {
            text.lines()
                .filter(|line| line.starts_with('{'))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(records(&auto), records(&named), "{name}");
    }
}

/// The names of the formats that are not asked about some line, but would take it.
fn passed_over(text: &[u8]) -> Vec<&'static str> {
    let mut formats = Vec::new();
    for line in Lines::new(text).filter(|line| is_bare_date(line)) {
        let others = forms().into_iter().filter(|form| !form.bare_dates);
        let taken = others.filter(|form| (form.looks)(line));
        formats.extend(taken.map(|form| form.format.name));
    }
    formats
}

#[test]
fn whoever_is_not_asked_about_a_sample_would_not_take_it() {
    for (name, bytes) in data() {
        assert!(passed_over(&bytes).is_empty(), "{name}");
    }
}

proptest! {
    #[test]
    fn whoever_is_not_asked_about_a_line_would_not_take_it(
        date in prop::sample::select(vec!["2026-11-20", "2026/11/20", "2026-11-2", "2026-11-20T12:00:00.5Z"]),
        pieces in prop::collection::vec(pieces(), 0..6),
    ) {
        let mut text = pieces.concat();
        text.retain(|byte| *byte != b'[');
        let text = text.split(|byte| *byte == b'\n');
        let lines: Vec<_> = text.map(|line| [date.as_bytes(), line].concat()).collect();
        prop_assert_eq!(passed_over(&lines.join(&b'\n')), Vec::<&str>::new());
    }
}

/// Holds that what is noted of other decoders is what they say.
fn check_others(auto: &Auto) -> Result<(), TestCaseError> {
    let holding = auto.decoders.iter().filter(|decoder| decoder.is_holding());
    let holding = holding.count();
    let holds_last = auto.decoders[auto.last].holds_last_line() && holding < 2;
    prop_assert_eq!(auto.is_holding(), holding > 0);
    prop_assert_eq!(auto.holds_last_line(), holds_last);
    Ok(())
}

proptest! {
    #[test]
    fn what_others_hold_is_known_after_each_line(
        pieces in prop::collection::vec(pieces(), 0..12),
        lines in prop::collection::vec(prop::sample::select(vec![
            "2026-11-20T12:00:00Z stdout P a\n",
            "{\"log\":\"a\",\"stream\":\"stderr\"}\n",
            "2026-11-20 12:00:00 INFO a\n",
            "web-1  | Traceback (most recent call last):\n",
            "a line that is passed over\n",
            "{\n",
        ]), 0..12),
    ) {
        let mut auto = Auto::new(&Settings::default());
        let mut taken = Taken::default();
        let mut pieces = pieces.into_iter();
        let lines = lines.into_iter().flat_map(|line| [line.as_bytes().to_vec(), pieces.next().unwrap_or_default()]);
        for line in Lines::new(&lines.collect::<Vec<_>>().concat()) {
            if line == PASSED_OVER.as_bytes() {
                auto.passed_over(&mut taken);
            } else if line.trim_ascii().is_empty() {
                auto.blank(line, &mut taken);
            } else {
                auto.line(line, &mut taken);
            }
            check_others(&auto)?;
            auto.pause(&mut taken);
            check_others(&auto)?;
        }
        auto.finish(&mut taken);
        check_others(&auto)?;
    }
}

#[test]
fn records_stay_as_they_are() {
    for name in [
        "pino.ndjson",
        "eliot.ndjson",
        "structlog.ndjson",
        "distlog-json-bodies.ndjson",
    ] {
        let sample = String::from_utf8(sample(name)).expect("UTF-8");
        assert_eq!(
            decode("auto", &Settings::default(), sample.as_bytes()),
            sample,
            "{name}"
        );
    }
}

#[test]
fn what_is_printed_with_other_quotes_is_no_json() {
    let text = "2026-11-20 12:00:00,125 DEBUG app.orders found order=7
{'id': 7,
 'total': 12}
[{'id': 8}]
{ \"id\": 9 }
{'id': 10}
";
    expect![[r#"
        {"time":"2026-11-20 12:00:00,125","level":"DEBUG","logger":"app.orders","message":"found\n{'id': 7,\n 'total': 12}\n[{'id': 8}]","order":7}
        { "id": 9 }
        rejected (no key=value pair, and no time or level in front): {'id': 10}
    "#]]
    .assert_eq(&decode("auto", &Settings::default(), text.as_bytes()));
}

#[test]
fn formats_may_be_mixed() {
    expect![[r#"
        {"level":30,"msg":"up"}
        {"time":"2026-11-20T12:54:20Z","level":"info","host":"vm","service":"app","process":7,"message":"hello","syslog":{"priority":14,"facility":"user"}}
        {"level":"info","msg":"hi"}
        {"time":"2026-11-20T12:00:01Z","stream":"stderr","message":"a line that is cut in two"}
        {"a":1,"dl":{"recv":{"format":"compose","service":"web-1"}}}
        {"a": [{"b": 2}]}
        {"time":"2026-11-25 12:00:00,123","level":"INFO","logger":"app.db","message":"slow query","dur_ms":12}
        note: syslog times without a year are only in syslog.timestamp; --year YEAR, or --year now, makes times of them
        {"host":"vm","service":"app","process":42,"message":"3164 message","syslog":{"timestamp":"Nov 20 12:54:20"}}
        {"MESSAGE":"x"}
        {"__CURSOR":"1","MESSAGE":"entry"}
        {"time":"2026-11-20T12:00:00Z","stream":"stdout","message":"plain"}
        rejected (no key=value pair, and no time or level in front): what is this
    "#]].assert_eq(&decode(
        "auto",
        &Settings::default(),
        b"{\"level\":30,\"msg\":\"up\"}
2026-11-20T12:00:01Z stderr P a line that is
<14>1 2026-11-20T12:54:20Z vm app 7 - - hello
level=info msg=\"hi\"
2026-11-20T12:00:03Z stderr F  cut in two
web-1  | {\"a\":1}
{
  \"a\": [

    {\"b\": 2}
  ]
}
2026-11-25 12:00:00,123 INFO app.db slow query dur_ms=12
Nov 20 12:54:20 vm app[42]: 3164 message
MESSAGE=x
__CURSOR=1
MESSAGE=entry

{\"log\":\"plain\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-20T12:00:00Z\"}
what is this
",
    ));
}

#[test]
fn what_stands_behind_a_time_is_a_host_only_if_it_may_be_one() {
    let lines = "2026-11-20T12:00:00Z ERROR app: boom
2026-11-20T12:00:00Z error app: boom
2026-11-20T12:00:00Z [app] error: boom
2026-11-20T12:00:00Z <app> error: boom
2026-11-20T12:00:00Z web-1.example app: boom
2026-11-20T12:00:00Z log app[7]: boom
2026-11-20T12:00:00Z C app: boom
";
    expect![[r#"
        {"time":"2026-11-20T12:00:00Z","level":"ERROR","logger":"app","message":"boom"}
        {"time":"2026-11-20T12:00:00Z","message":"error app: boom"}
        {"time":"2026-11-20T12:00:00Z","level":"error","logger":"app","message":"boom"}
        {"time":"2026-11-20T12:00:00Z","message":"<app> error: boom"}
        {"time":"2026-11-20T12:00:00Z","host":"web-1.example","service":"app","message":"boom"}
        {"time":"2026-11-20T12:00:00Z","host":"log","service":"app","process":7,"message":"boom"}
        {"time":"2026-11-20T12:00:00Z","host":"C","service":"app","message":"boom"}
    "#]]
    .assert_eq(&decode("auto", &Settings::default(), lines.as_bytes()));
}
