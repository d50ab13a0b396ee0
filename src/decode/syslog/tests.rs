//! Messages of real producers, and messages that are broken.

use expect_test::{Expect, expect};

use super::*;
use crate::decode::format::tests::decode;

fn year() -> Settings {
    Settings {
        year: Some(Year::Of(2026)),
        ..Settings::default()
    }
}

fn check(line: &str, expect: &str) {
    assert_eq!(
        decode("syslog", &year(), line.as_bytes()),
        format!("{expect}\n"),
        "{line}"
    );
}

fn check_sample(sample: &[u8], expect: &Expect) {
    expect.assert_eq(&decode("syslog", &year(), sample));
}

/// The messages of a capture, each behind its length, with newlines between them.
fn messages(capture: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), capture);
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = usize::try_from(u32::from_be_bytes(*length)).expect("a length");
        out.extend(
            after[..length]
                .split(|&byte| byte == b'\n')
                .next()
                .expect("a line"),
        );
        out.push(b'\n');
        rest = &after[length..];
    }
    out
}

#[test]
fn rsyslog_writes_files_with_priorities() {
    let sample = include_bytes!("../../../tests/data/samples/rsyslog-5424.txt");
    check_sample(
        sample,
        &expect![[r#"
        {"time":"2026-11-20T12:54:20.637458+00:00","level":"warning","host":"vm","service":"myapp","msgid":"ID47","message":"5424 message é","structured_data":{"timeQuality":{"tzKnown":"1","isSynced":"0"},"req@32473":{"id":"1"}},"syslog":{"priority":132,"facility":"local0"}}
        {"time":"2026-11-20T12:54:20+00:00","level":"error","host":"vm","service":"app","process":42,"message":"3164 message","syslog":{"priority":11,"facility":"user"}}
        {"time":"2026-11-20T12:54:20.769665+00:00","level":"warning","host":"python","service":"default","message":"","syslog":{"priority":12,"facility":"user"}}
        {"time":"2026-11-20T12:54:20.769732+00:00","level":"error","host":"localhost","service":"myapp","process":7,"message":"with ident é#012second line","syslog":{"priority":11,"facility":"user"}}
        {"time":"2026-11-20T12:54:20.769764+00:00","level":"warning","host":"localhost","service":"myapp","process":7,"a":1,"msg":"cee json","syslog":{"priority":12,"facility":"user"}}
    "#]],
    );
}

#[test]
fn rsyslog_writes_files_as_ever() {
    let sample = include_bytes!("../../../tests/data/samples/rsyslog-traditional.txt");
    check_sample(
        sample,
        &expect![[r#"
        {"time":"2026-11-20T12:54:20Z","host":"vm","message":"myapp 5424 message é","syslog":{"timestamp":"Nov 20 12:54:20"}}
        {"time":"2026-11-20T12:54:20Z","host":"vm","service":"app","process":42,"message":"3164 message","syslog":{"timestamp":"Nov 20 12:54:20"}}
        {"time":"2026-11-20T12:54:20Z","host":"python","message":"default","syslog":{"timestamp":"Nov 20 12:54:20"}}
        {"time":"2026-11-20T12:54:20Z","host":"localhost","service":"myapp","process":7,"message":"with ident é#012second line","syslog":{"timestamp":"Nov 20 12:54:20"}}
        {"time":"2026-11-20T12:54:20Z","host":"localhost","service":"myapp","process":7,"a":1,"msg":"cee json","syslog":{"timestamp":"Nov 20 12:54:20"}}
    "#]],
    );
}

#[test]
fn log4j2() {
    let sample = include_bytes!("../../../tests/data/samples/java-log4j2-rfc5424.txt");
    check_sample(
        sample,
        &expect![[r#"
        {"time":"2026-11-20T12:38:21.694Z","level":"debug","host":"vm","service":"app","process":14354,"message":"tr","structured_data":{"mdc@18060":{"traceId":"4bf9"}},"syslog":{"priority":135,"facility":"local0"}}
        {"time":"2026-11-20T12:38:21.742Z","level":"debug","host":"vm","service":"app","process":14354,"message":"d","structured_data":{"mdc@18060":{"traceId":"4bf9"}},"syslog":{"priority":135,"facility":"local0"}}
        {"time":"2026-11-20T12:38:21.743Z","level":"info","host":"vm","service":"app","process":14354,"message":"i 1","structured_data":{"mdc@18060":{"traceId":"4bf9"}},"syslog":{"priority":134,"facility":"local0"}}
        {"time":"2026-11-20T12:38:21.744Z","level":"warning","host":"vm","service":"app","process":14354,"message":"w","structured_data":{"mdc@18060":{"traceId":"4bf9"}},"syslog":{"priority":132,"facility":"local0"}}
        rejected (neither a priority such as <13> nor a time in front): x
        {"time":"2026-11-20T12:38:21.745Z","level":"error","host":"vm","service":"app","process":14354,"message":"boom","structured_data":{"mdc@18060":{"traceId":"4bf9"}},"syslog":{"priority":131,"facility":"local0"}}
        {"time":"2026-11-20T12:38:21.759Z","level":"alert","host":"vm","service":"app","process":14354,"message":"f","structured_data":{"mdc@18060":{"traceId":"4bf9"}},"syslog":{"priority":129,"facility":"local0"}}
        {"time":"2026-11-20T12:38:21.761Z","level":"warning","host":"vm","service":"app","process":14354,"message":"custom","structured_data":{"mdc@18060":{"traceId":"4bf9"}},"syslog":{"priority":132,"facility":"local0"}}
    "#]],
    );
}

#[test]
fn util_linux_logger() {
    let sample = include_bytes!("../../../tests/data/samples/util-linux-logger.bin");
    check_sample(
        &messages(sample),
        &expect![[r#"
        {"time":"2026-11-20T12:54:22Z","level":"notice","host":"vm","service":"myapp","process":27147,"message":"hello é","syslog":{"priority":13,"facility":"user","timestamp":"Nov 20 12:54:22"}}
        {"time":"2026-11-20T12:54:22.766476+00:00","level":"notice","host":"vm","service":"myapp","process":27148,"message":"hello é","structured_data":{"timeQuality":{"tzKnown":"1","isSynced":"0"}},"syslog":{"priority":13,"facility":"user"}}
        {"level":"notice","host":"vm","service":"myapp","process":27149,"message":"hello é","syslog":{"priority":13,"facility":"user"}}
        {"time":"2026-11-20T12:54:22.787895+00:00","level":"notice","host":"vm","service":"myapp","process":27150,"message":"hello é","structured_data":{"timeQuality":{"tzKnown":"1","isSynced":"0"}},"syslog":{"priority":13,"facility":"user"}}
    "#]],
    );
}

#[test]
fn rfc5424_logging_handler() {
    let sample = include_bytes!("../../../tests/data/samples/rfc5424-logging-handler.bin");
    check_sample(
        &messages(sample),
        &expect![[r#"
        {"time":"2026-11-20T12:31:58.826567+00:00","level":"info","host":"vm","service":"rf","process":8938,"message":"plain","syslog":{"priority":14,"facility":"user"}}
        {"time":"2026-11-20T12:31:58.839122+00:00","level":"warning","host":"vm","service":"rf","process":8938,"msgid":"ID47","message":"sd","structured_data":{"sd1@32473":{"k":"v\"]\\"},"req@32473":{"id":"1"}},"syslog":{"priority":12,"facility":"user"}}
        {"time":"2026-11-20T12:31:58.839224+00:00","level":"error","host":"vm","service":"rf","process":8938,"message":"é multi","syslog":{"priority":11,"facility":"user"}}
        {"time":"2026-11-20T12:31:58.839264+00:00","level":"warning","host":"vm","service":"rf","process":8938,"message":"c","syslog":{"priority":12,"facility":"user"}}
        {"time":"2026-11-20T12:31:58.839312+00:00","level":"error","host":"vm","service":"rf","process":8938,"message":"boom","syslog":{"priority":11,"facility":"user"}}
    "#]],
    );
}

#[test]
fn python_syslog_handler() {
    let sample = include_bytes!("../../../tests/data/samples/stdlib-sysloghandler-tcp.bin");
    check_sample(
        sample,
        &expect![[r#"
        {"level":"debug","message":"plain","syslog":{"priority":15,"facility":"user"}}
        {"level":"info","message":"args x 3","syslog":{"priority":14,"facility":"user"}}
        {"level":"warning","message":"extra","syslog":{"priority":12,"facility":"user"}}
        {"level":"error","message":"exc é","syslog":{"priority":11,"facility":"user"}}
        rejected (neither a priority such as <13> nor a time in front): line2
        rejected (neither a priority such as <13> nor a time in front): Traceback (most recent call last):
        rejected (neither a priority such as <13> nor a time in front):   File "/srv/app/backend/py/stdlib_net.py", line 8, in emit_all
        rejected (neither a priority such as <13> nor a time in front):     try: 1/0
        rejected (neither a priority such as <13> nor a time in front):          ~^~
        rejected (neither a priority such as <13> nor a time in front): ZeroDivisionError: division by zero
        {"level":"warning","message":"custom level","syslog":{"priority":12,"facility":"user"}}
        {"level":"error","message":"dict arg v","syslog":{"priority":11,"facility":"user"}}
        {"level":"info","message":"stack","syslog":{"priority":14,"facility":"user"}}
        rejected (neither a priority such as <13> nor a time in front): Stack (most recent call last):
        rejected (neither a priority such as <13> nor a time in front):   File "/srv/app/backend/py/stdlib_net.py", line 65, in <module>
        rejected (neither a priority such as <13> nor a time in front):     h=H.SysLogHandler(srv.getsockname(),**kw); emit_all(mk("net.syslog.tcp",h)); h.close(); t.join()
        rejected (neither a priority such as <13> nor a time in front):   File "/srv/app/backend/py/stdlib_net.py", line 12, in emit_all
        rejected (neither a priority such as <13> nor a time in front):     lg.info("stack", stack_info=True)
        {"level":"info","message":"{'msg': 'is a dict'}","syslog":{"priority":14,"facility":"user"}}
        {"level":"info","message":"unpicklable? <unlocked _thread.lock object at 0x7f54c61cda80>","syslog":{"priority":14,"facility":"user"}}
    "#]],
    );
}

#[test]
fn journalctl() {
    let sample = include_bytes!("../../../tests/data/samples/journald-short-iso-precise.txt");
    check_sample(
        sample,
        &expect![[r#"
            {"time":"2026-11-20T12:40:00.001000+0000","host":"vm","service":"app","process":42,"message":"plain"}
            {"time":"2026-11-20T12:40:00.002000+0000","host":"vm","service":"unknown","process":42,"message":"multi"}
            rejected (neither a priority such as <13> nor a time in front):                                         line
            {"time":"2026-11-20T12:40:00.003000+0000","host":"vm","service":"unknown","message":"[12B blob data]"}
            {"time":"2026-11-20T12:40:00.004000+0000","host":"vm","service":"unknown","message":"unicode é"}
            {"level":"info","msg":"json in message","dl":{"recv":{"format":"syslog","syslog":{"time":"2026-11-20T12:39:59.999000+0000","host":"vm","service":"unknown"}}}}
        "#]],
    );
}

#[test]
fn times_without_a_year_are_read_as_told() {
    let line = b"<13>Jul  4 08:00:00.5 vm app: up";
    let read = |year, zone| {
        let settings = Settings {
            year,
            zone,
            ..Settings::default()
        };
        decode("syslog", &settings, line)
    };
    let common = r#""level":"notice","host":"vm","service":"app","message":"up","syslog":{"priority":13,"facility":"user","timestamp":"Jul  4 08:00:00.5"}}"#;
    assert_eq!(read(None, None), format!("note: {NO_YEAR}\n{{{common}\n"));
    assert_eq!(
        read(Some(Year::Of(2024)), None),
        format!("{{\"time\":\"2024-07-04T08:00:00.500Z\",{common}\n")
    );
    assert_eq!(
        read(Some(Year::Of(2024)), Zone::read("America/New_York")),
        format!("{{\"time\":\"2024-07-04T12:00:00.500Z\",{common}\n")
    );
    // A day that the year does not have.
    let read = decode("syslog", &year(), b"Feb 29 08:00:00 vm app: up");
    assert!(!read.contains("\"time\""), "{read}");
}

#[test]
fn broken_messages_are_rejected_with_the_reason() {
    let six = "rejected (RFC 5424: fewer than six fields in front of the message): ";
    let data = "rejected (RFC 5424: structured data is neither - nor well-formed): ";
    for line in [
        "<13>1 ",
        "<13>1 - - - -",
        "<13>1 2026-11-20T12:54:20Z vm app 1",
    ] {
        check(line, &format!("{six}{line}"));
    }
    for line in [
        "<13>1 - - - - - ",
        "<13>1 - - - - - x",
        "<13>1 - - - - - [",
        "<13>1 - - - - - [a b=\"c\"",
        "<13>1 - - - - - [a b=\"c] x",
        "<13>1 - - - - - [a b=\"\\",
        "<13>1 - - - - - [a b]",
    ] {
        check(line, &format!("{data}{line}"));
    }
    for line in [
        "hello",
        "<192>hello",
        "<>hello",
        "<1234>hello",
        "Nov 31 12:54:20 vm app: x",
    ] {
        check(
            line,
            &format!("rejected (neither a priority such as <13> nor a time in front): {line}"),
        );
    }
}

#[test]
fn json_texts_are_the_record() {
    check(
        r#"<14>1 2026-11-20T12:54:20Z vm app 7 - - @cee: {"host":"mine", "n":1}"#,
        r#"{"time":"2026-11-20T12:54:20Z","level":"info","service":"app","process":7,"host":"mine", "n":1,"syslog":{"priority":14,"facility":"user","host":"vm"}}"#,
    );
    check(
        "<14>@cee: {}",
        r#"{"level":"info","syslog":{"priority":14,"facility":"user"}}"#,
    );
    check(
        r#"<14>@cee: {"a":"#,
        r#"{"level":"info","message":"@cee: {\"a\":","syslog":{"priority":14,"facility":"user"}}"#,
    );
}

#[test]
fn a_text_that_is_an_object_is_the_record_itself() {
    check(
        r#"<14>1 2026-11-20T12:54:20Z vm app 7 ID1 [a b="c"] {"level":"error", "msg":"x"}"#,
        r#"{"level":"error", "msg":"x","dl":{"recv":{"format":"syslog","syslog":{"time":"2026-11-20T12:54:20Z","level":"info","host":"vm","service":"app","process":7,"msgid":"ID1","priority":14,"facility":"user","structured_data":{"a":{"b":"c"}}}}}}"#,
    );
    check(
        r#"<14>Nov 20 12:54:20 vm app[7]: {"n":1}"#,
        r#"{"n":1,"dl":{"recv":{"format":"syslog","syslog":{"time":"2026-11-20T12:54:20Z","level":"info","host":"vm","service":"app","process":7,"priority":14,"facility":"user","timestamp":"Nov 20 12:54:20"}}}}"#,
    );
    check(
        r#"<14>app: {"n":1,"dl":{"id":1}}"#,
        r#"{"n":1,"dl":{"id":1,"recv":{"format":"syslog","syslog":{"level":"info","service":"app","priority":14,"facility":"user"}}}}"#,
    );
    // What others say of how it came is not what we say.
    check(
        r#"<14>{"n":1,"dl":{"recv":{"peer":"p"}}}"#,
        r#"{"n":1,"dl":{"recv":{"format":"syslog","syslog":{"level":"info","priority":14,"facility":"user"},"recv":{"peer":"p"}}}}"#,
    );
    let settings = Settings {
        stamp: false,
        ..year()
    };
    let read = decode("syslog", &settings, br#"<14>app: {"n": 1}"#);
    assert_eq!(read, "{\"n\": 1}\n");
}

#[test]
fn a_tag_may_stand_right_behind_the_priority() {
    let check = |text: &str, expect: &str| {
        check(
            &format!("<14>{text}"),
            &format!(r#"{{"level":"info",{expect},"syslog":{{"priority":14,"facility":"user"}}}}"#),
        );
    };
    check("myapp: up", r#""service":"myapp","message":"up""#);
    check(
        "shop.db[42]: up",
        r#""service":"shop.db","process":42,"message":"up""#,
    );
    for text in [
        "up",
        "all is well: up",
        "ERROR: no",
        "ValueError: bad",
        "root[x]: no",
        "12:30: lunch",
        "a=b: c",
        ": c",
    ] {
        check(text, &format!(r#""message":"{text}""#));
    }
}

#[test]
fn what_is_not_utf_8_is_told() {
    for line in [
        &b"<14>\xff"[..],
        b"<14>1 - - - - - [a b=\"\xff\"] x",
        b"<14>1 - \xff - - - - x",
    ] {
        let read = decode("syslog", &year(), line);
        assert!(read.contains('\u{fffd}'), "{read}");
        assert!(
            read.ends_with(",\"dl\":{\"recv\":{\"invalid_utf8\":true}}}\n"),
            "{read}"
        );
    }
}

#[test]
fn what_ends_a_message_is_none_of_it() {
    let message = |text| {
        format!(
            r#"{{"level":"info","message":"{text}","syslog":{{"priority":14,"facility":"user"}}}}"#
        )
    };
    for end in ["", "\0", "\r", "\0\0", "\r\0"] {
        check(&format!("<14>up{end}"), &message("up"));
    }
    // NUL ends a message only where another one follows.
    check(
        "<14>one\0<14>two\0",
        &(message("one") + "\n" + &message("two")),
    );
    check("<14>one\0two", &message("one\\u0000two"));
}

#[test]
fn a_text_may_tell_its_level_where_there_is_no_priority() {
    check(
        "2026-11-20T12:00:00Z mx postfix/smtpd[7]: warning: up",
        r#"{"time":"2026-11-20T12:00:00Z","level":"warning","host":"mx","service":"postfix/smtpd","process":7,"message":"warning: up"}"#,
    );
    check(
        "2026-11-20T12:00:00Z mx app[7]: http: up",
        r#"{"time":"2026-11-20T12:00:00Z","host":"mx","service":"app","process":7,"message":"http: up"}"#,
    );
    check(
        "<14>warning: up",
        r#"{"level":"info","message":"warning: up","syslog":{"priority":14,"facility":"user"}}"#,
    );
}
