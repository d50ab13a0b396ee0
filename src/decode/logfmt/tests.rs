//! Lines of real producers, and lines that nobody writes.

use expect_test::{Expect, expect};

use super::*;

fn read(line: &[u8]) -> Option<String> {
    let mut decoder = Logfmt::new(&Settings::default());
    let mut record = Vec::new();
    let mut object = Object::begin(&mut record);
    decoder.record(line, &mut object).ok()?;
    object.end();
    Some(String::from_utf8(record).expect("UTF-8"))
}

fn check(line: &str, expect: &str) {
    assert_eq!(read(line.as_bytes()).as_deref(), Some(expect), "{line}");
}

fn check_sample(sample: &str, expect: &Expect) {
    let records: Vec<_> = sample
        .lines()
        .map(|line| read(line.as_bytes()).unwrap_or_else(|| format!("rejected: {line}")))
        .collect();
    expect.assert_eq(&(records.join("\n") + "\n"));
}

#[test]
fn go_slog() {
    let sample = include_str!("../../../tests/data/samples/go-slog-text.txt");
    check_sample(
        sample,
        &expect![[r#"
        {"time":"2026-11-20T12:38:17.075Z","level":"DEBUG","msg":"dbg","a":1,"x.y":2}
        {"time":"2026-11-20T12:38:17.075Z","level":"INFO","msg":"info"}
        {"time":"2026-11-20T12:38:17.075Z","level":"WARN","msg":"w\nx é","req_id":"r1","nested.a":1,"nested.deep.b":true,"dur":"1.5s","t":"1970-01-01T00:00:00.123Z","err":"bad","f":1.5,"u64":18446744073709551615,"bytes":"�\u0000","struct":"{A:1 B:x}","nil":"<nil>","dl":{"recv":{"invalid_utf8":true}}}
        {"time":"2026-11-20T12:38:17.075Z","level":"ERROR","msg":"nan","nan":"NaN","inf":"+Inf"}
        {"time":"2026-11-20T12:38:17.075Z","level":"DEBUG-4","msg":"trace-ish"}
        {"time":"2026-11-20T12:38:17.075Z","level":"INFO+2","msg":"info+2"}
        {"time":"2026-11-20T12:38:17.075Z","level":"ERROR+4","msg":"err+4"}
        {"time":"2026-11-20T12:38:17.075Z","level":"INFO","msg":"dup","a":1,"a":2,"level":"mine","time":"mine","msg":"mine"}
        {"time":"2026-11-20T12:38:17.075Z","level":"INFO","msg":"in group","k":"v","g.a":1}
        {"time":"2026-11-20T12:38:17.075Z","level":"INFO","msg":"odd","!BADKEY":"only-key"}
        {"time":"2026-11-20T12:38:17.075Z","level":"INFO","msg":"badkey","!BADKEY":42,"!BADKEY":"v"}
        {"time":"2026-11-20T12:38:17.075Z","level":"INFO","msg":"invalid utf8 �","k�":"v�","dl":{"recv":{"invalid_utf8":true}}}
    "#]],
    );
}

#[test]
fn go_logrus() {
    let sample = include_str!("../../../tests/data/samples/go-logrus-text.txt");
    check_sample(
        sample,
        &expect![[r#"
        {"time":"2026-11-20T12:39:00Z","level":"warning","msg":"text q\"","k":"v w"}
    "#]],
    );
}

#[test]
fn logback() {
    let sample = include_str!("../../../tests/data/samples/java-logback-pattern.txt");
    check_sample(
        sample,
        &expect![[r#"
        {"time":"2026-11-20 12:38:20.518","level":"TRACE","logger":"com.ex.App","thread":"main","message":"tr"}
        {"time":"2026-11-20 12:38:20.526","level":"DEBUG","logger":"com.ex.App","thread":"main","message":"dbg 1"}
        {"time":"2026-11-20 12:38:20.528","level":"INFO","logger":"com.ex.App","thread":"main","message":"info","a":1}
        {"time":"2026-11-20 12:38:20.529","level":"WARN","logger":"com.ex.App","thread":"main","message":"w"}
        rejected: x é
        {"time":"2026-11-20 12:38:20.535","level":"ERROR","logger":"com.ex.App","thread":"main","message":"boom"}
        rejected: java.lang.RuntimeException: outer
        rejected: line
        rejected: 	at M.main(M.java:3)
        rejected: Caused by: java.lang.IllegalStateException: inner
        rejected: 	... 1 common frames omitted
        {"time":"2026-11-20 12:38:20.536","level":"INFO","logger":"com.ex.App","thread":"main","message":"big 9223372036854775807"}
        {"time":"2026-11-20 12:38:20.536","level":"INFO","logger":"com.ex.App","thread":"main","message":"dup","message":"mine","level":"mine"}
        {"time":"2026-11-20 12:38:20.537","level":"INFO","logger":"com.ex.App","thread":"main","message":"marked"}
        {"time":"2026-11-20 12:38:20.537","level":"INFO","logger":"com.ex.App","thread":"main","message":"nan NaN"}
        {"time":"2026-11-20 12:38:20.539","level":"INFO","logger":"com.ex.App","thread":"worker-1","message":"other thread (no MDC)"}
    "#]],
    );
}

#[test]
fn scopes_of_bqnt() {
    check_sample(
        "test - INFO - trace_id=aeb355 event=started op=[some-op]
2026-11-25 12:00:00,123 INFO test trace_id=aeb355 event=detail info_key=[info_val] dict_key=[a=1 c=[d=0] b=[1 2]]
2026-11-25 12:00:00,124 DEBUG test begins now trace_id=aeb355.73 event=started op=[nested op]
test - DEBUG - trace_id=aeb355.73 event=finished dur_ms=0 success=False
",
        &expect![[r#"
            {"level":"INFO","logger":"test","trace_id":"aeb355","event":"started","op":"[some-op]"}
            {"time":"2026-11-25 12:00:00,123","level":"INFO","logger":"test","trace_id":"aeb355","event":"detail","info_key":"[info_val]","dict_key":"[a=1 c=[d=0] b=[1 2]]"}
            {"time":"2026-11-25 12:00:00,124","level":"DEBUG","logger":"test","message":"begins now","trace_id":"aeb355.73","event":"started","op":"[nested op]"}
            {"level":"DEBUG","logger":"test","trace_id":"aeb355.73","event":"finished","dur_ms":0,"success":"False"}
        "#]],
    );
}

#[test]
fn pairs_are_kept_whatever_they_are() {
    check("a=1", r#"{"a":1}"#);
    check("a=1 a=2 a=1", r#"{"a":1,"a":2,"a":1}"#);
    check("a= b c=true", r#"{"a":"","b":true,"c":true}"#);
    check("q=a=b==", r#"{"q":"a=b=="}"#);
    check(
        "id=007 hex=12e4 big=18446744073709551616",
        r#"{"id":"007","hex":"12e4","big":"18446744073709551616"}"#,
    );
    check(
        r#"a="x \"y\"\t\u00e9" "b c"=d"#,
        r#"{"a":"x \"y\"\té","b c":"d"}"#,
    );
    check(r#"a="not closed b=c"#, r#"{"a":"\"not closed b=c"}"#);
    check(r#"a="x"y b=1"#, r#"{"a":"\"x\"y","b":1}"#);
    check("a=[1 b=2", r#"{"a":"[1","b":2}"#);
    check("a=[1 2]x b=2", r#"{"a":"[1","2]x":true,"b":2}"#);
    check(
        "k8s.io/app=x user:id=5",
        r#"{"k8s.io/app":"x","user:id":5}"#,
    );
    check("a=1 =2", r#"{"a":1,"=2":true}"#);
}

#[test]
fn only_the_pairs_at_the_end_are_pairs_behind_a_text() {
    check(
        "x has a=1 not b c=2",
        r#"{"message":"x has a=1 not b","c":2}"#,
    );
    check(
        "GET /?a=1 status=200",
        r#"{"message":"GET /?a=1","status":200}"#,
    );
    check("WARN lost", r#"{"level":"WARN","message":"lost"}"#);
    assert_eq!(read(b"nothing to see"), None);
    assert_eq!(read(b"  File \"/srv/app.py\", line 8, in emit"), None);
}

#[test]
fn what_is_not_utf_8_is_told() {
    assert_eq!(
        read(b"a=\xff b=1").as_deref(),
        Some("{\"a\":\"\u{fffd}\",\"b\":1,\"dl\":{\"recv\":{\"invalid_utf8\":true}}}")
    );
}

#[test]
fn colours_and_single_quotes_are_those_of_terminals() {
    check(
        "\x1b[2m2026-11-30 13:49:07\x1b[0m [\x1b[31m\x1b[1merror    \x1b[0m] \x1b[1mfailed                \x1b[0m [\x1b[0m\x1b[1m\x1b[34mapp.db\x1b[0m]\x1b[0m \x1b[36mn\x1b[0m=\x1b[35m'a b'\x1b[0m \x1b[36morder\x1b[0m=\x1b[35m7\x1b[0m",
        r#"{"time":"2026-11-30 13:49:07","level":"error","logger":"app.db","message":"failed","n":"a b","order":7}"#,
    );
    check(
        "a='it\\'s' b=' c=it's d='x'y",
        r#"{"a":"it's","b":"'","c":"it's","d":"'x'y"}"#,
    );
    check("a=1 b=\x1b", r#"{"a":1,"b":"\u001b"}"#);
}

#[test]
fn long_lines_take_time_in_proportion() {
    // Seconds if each bracket or quote were looked for to the end of the line.
    for piece in ["a=[ ", "a=\" ", "a=' ", "a=\"x\"y ", "\"a ", "[ ", "a "] {
        let line = piece.repeat(200_000);
        let record = read(line.as_bytes());
        assert!(record.is_none_or(|record| record.len() > 1_000), "{piece}");
    }
}
