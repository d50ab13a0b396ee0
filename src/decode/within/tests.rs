//! Texts of several programs, as containers' runtimes keep them.

use expect_test::{Expect, expect};

use crate::decode::format::{
    Pattern, Settings, find,
    tests::{PASSED_OVER, Taken, decode, decode_slowly},
};

fn check(text: &str, expect: &Expect) {
    expect.assert_eq(&decode("compose", &Settings::default(), text.as_bytes()));
}

#[test]
fn what_a_text_says_itself_goes_before_what_stands_around_it() {
    let text = "web-1  | 2026-11-20T12:00:00.5Z level=info msg=up
web-1  | 2026-11-20T12:00:01.5Z ts=2026-11-20T12:00:01Z msg=\"own time\" service=orders stream=main
web-1  | 2026-11-20 12:00:02,100 WARNING app.db slow query dur_ms=12
web-1  | ERROR:app.db:no time
";
    check(
        text,
        &expect![[r#"
            {"time":"2026-11-20T12:00:00.5Z","service":"web-1","level":"info","msg":"up"}
            {"ts":"2026-11-20T12:00:01Z","msg":"own time","service":"orders","stream":"main","dl":{"recv":{"format":"compose","time":"2026-11-20T12:00:01.5Z","service":"web-1"}}}
            {"time":"2026-11-20 12:00:02,100","level":"WARNING","logger":"app.db","message":"slow query","dur_ms":12,"service":"web-1"}
            {"service":"web-1","level":"ERROR","logger":"app.db","message":"no time"}
        "#]],
    );
    let settings = Settings {
        stamp: false,
        ..Settings::default()
    };
    let line = text.lines().nth(1).expect("a line");
    expect![[r#"
        {"ts":"2026-11-20T12:00:01Z","msg":"own time","service":"orders","stream":"main"}
    "#]]
    .assert_eq(&decode("compose", &settings, line.as_bytes()));
}

#[test]
fn tracebacks_of_several_programs_do_not_mix() {
    check(
        "a-1  | Traceback (most recent call last):
b-1  | Traceback (most recent call last):
a-1  |   File \"a.py\", line 1, in f
c-1  | listening
b-1  |   File \"b.py\", line 1, in f
a-1  | KeyError: 'a'
b-1  | ValueError: b
b-1  |
b-1  | During handling of the above exception, another exception occurred:
b-1  |
b-1  | Traceback (most recent call last):
b-1  |   File \"b.py\", line 2, in g
b-1  | OSError: no
b-1  | restarting
",
        &expect![[r#"
            {"service":"c-1","message":"listening"}
            {"service":"a-1","message":"KeyError: 'a'","exception":"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 'a'"}
            {"service":"b-1","message":"OSError: no","exception":"Traceback (most recent call last):\n  File \"b.py\", line 1, in f\nValueError: b\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"b.py\", line 2, in g\nOSError: no"}
            {"service":"b-1","message":"restarting"}
        "#]],
    );
}

#[test]
fn a_reason_goes_on_only_where_records_show_that_they_begin() {
    check(
        "a-1  | INFO:app:up
a-1  | ERROR:app:failed
a-1  | Traceback (most recent call last):
a-1  |   File \"a.py\", line 1, in f
a-1  | OperationalError: no table
a-1  | [SQL: select 1]
a-1  | INFO:app:went on
a-1  | a line
a-1  | Traceback (most recent call last):
a-1  |   File \"a.py\", line 1, in f
a-1  | KeyError: 'a'
a-1  | another line
a-1  |
a-1  | Error: no such file
a-1  |     at open (fs.js:1:2)
a-1  | java.lang.IllegalStateException: no
a-1  |     at com.acme.Pay.charge(Pay.java:12)
a-1  | Caused by: java.io.IOException: gone
a-1  |     ... 2 more
a-1  | the last line
",
        &expect![[r#"
            {"service":"a-1","level":"INFO","logger":"app","message":"up"}
            {"service":"a-1","level":"ERROR","logger":"app","message":"failed","exception":"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nOperationalError: no table\n[SQL: select 1]"}
            {"service":"a-1","level":"INFO","logger":"app","message":"went on"}
            {"service":"a-1","message":"a line"}
            {"service":"a-1","message":"KeyError: 'a'","exception":"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 'a'"}
            {"service":"a-1","message":"another line"}
            {"service":"a-1","message":""}
            {"service":"a-1","level":"Error","message":"no such file","exception":"    at open (fs.js:1:2)"}
            {"service":"a-1","message":"java.lang.IllegalStateException: no","exception":"java.lang.IllegalStateException: no\n    at com.acme.Pay.charge(Pay.java:12)\nCaused by: java.io.IOException: gone\n    ... 2 more"}
            {"service":"a-1","message":"the last line"}
        "#]],
    );
}

#[test]
fn a_record_ends_what_was_begun_but_a_line_of_source_is_none() {
    check(
        "a-1  | Traceback (most recent call last):
a-1  |   File \"a.py\", line 1, in f
a-1  |     {\"a\": 1}
a-1  | KeyError: 'a'
a-1  | {\"level\":\"info\"}
a-1  | Traceback (most recent call last):
a-1  | {\"level\":\"warn\"}
",
        &expect![[r#"
            {"service":"a-1","message":"KeyError: 'a'","exception":"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    {\"a\": 1}\nKeyError: 'a'"}
            {"level":"info","dl":{"recv":{"format":"compose","service":"a-1"}}}
            {"service":"a-1","message":"","exception":"Traceback (most recent call last):"}
            {"level":"warn","dl":{"recv":{"format":"compose","service":"a-1"}}}
        "#]],
    );
}

#[test]
fn patterns_tell_of_texts_and_what_they_do_not_know_is_a_message() {
    let settings = Settings {
        patterns: vec![
            Pattern::read(r"(?<method>[A-Z]+) (?<path>\S+) (?<status>\d+)").expect("one"),
        ],
        ..Settings::default()
    };
    let text = "web-1  | GET /orders 500
web-1  | Traceback (most recent call last):
web-1  |   File \"a.py\", line 1, in f
web-1  | KeyError: 'a'
web-1  | GET /orders 200
web-1  | level=info
";
    expect![[r#"
        {"service":"web-1","method":"GET","path":"/orders","status":500,"exception":"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 'a'"}
        {"service":"web-1","method":"GET","path":"/orders","status":200}
        {"service":"web-1","message":"level=info"}
    "#]]
    .assert_eq(&decode("compose", &settings, text.as_bytes()));
}

#[test]
fn what_lacks_a_line_or_is_not_utf_8_says_so() {
    let text = format!(
        "a-1  | Traceback (most recent call last):
{PASSED_OVER}
a-1  | KeyError: 'a'
"
    );
    check(
        &text,
        &expect![[r#"
            {"service":"a-1","message":"","exception":"Traceback (most recent call last):","dl":{"recv":{"partial":true}}}
            {"service":"a-1","message":"KeyError: 'a'","exception":"KeyError: 'a'"}
        "#]],
    );
    let entry = |log: &[u8]| {
        let rest = b"\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-20T12:00:03Z\"}\n";
        [b"{\"log\":\"", log, rest].concat()
    };
    let input = [
        entry(b"Traceback (most recent call last):"),
        entry(b"KeyError: \xff"),
        entry(b"level=info msg=\xff"),
        entry(b"plain"),
    ];
    expect![[r#"
        {"time":"2026-11-20T12:00:03Z","stream":"stderr","message":"KeyError: �","exception":"Traceback (most recent call last):\nKeyError: �","dl":{"recv":{"invalid_utf8":true}}}
        {"time":"2026-11-20T12:00:03Z","stream":"stderr","level":"info","msg":"�","dl":{"recv":{"invalid_utf8":true}}}
        {"time":"2026-11-20T12:00:03Z","stream":"stderr","message":"plain"}
    "#]]
    .assert_eq(&decode("docker", &Settings::default(), &input.concat()));
}

#[test]
fn what_is_whole_does_not_wait() {
    let text = "a-1  | ERROR:app:failed
a-1  | Traceback (most recent call last):
a-1  |   File \"a.py\", line 1, in f
a-1  | KeyError: 'a'
a-1  | went on
";
    // A record is out at once, and nobody knows then what belongs to it.
    expect![[r#"
        {"service":"a-1","level":"ERROR","logger":"app","message":"failed"}
        {"service":"a-1","message":"KeyError: 'a'","exception":"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 'a'"}
        {"service":"a-1","message":"went on"}
    "#]]
    .assert_eq(&decode_slowly("compose", &Settings::default(), text.as_bytes()));
}

#[test]
fn no_more_is_held_than_is_allowed() {
    let mut taken = Taken::default();
    let settings = Settings {
        longest: 1_000,
        ..Settings::default()
    };
    let mut decoder = find("compose").expect("a format").decoder(&settings);
    for round in 0..10 {
        for name in 0..20 {
            let text = if round == 0 {
                "Traceback (most recent call last):"
            } else {
                "  File \"a.py\", line 1"
            };
            decoder.line(format!("a-{name}  | {text}").as_bytes(), &mut taken);
        }
    }
    let out: usize = taken.0.iter().map(String::len).sum();
    assert!(out > 2_000, "{out}");
    decoder.finish(&mut taken);
    let heads = taken.0.iter().filter(|record| record.contains("Traceback"));
    assert_eq!(heads.count(), 20);
}
