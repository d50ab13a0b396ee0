//! Docker's json-file log: a line is an entry with the text, the stream and the time.
//!
//! A text that does not end with a newline goes on in the next entry of its stream, because
//! the daemon cuts lines after 16 KiB. It leaves `log` out where it is empty.

use std::borrow::Cow;

use super::{
    envelope::Envelope,
    format::{By, Format},
    parts::{Joiner, Part},
};
use crate::record::{Cursor, Kind};

pub(super) const FORMAT: Format = Format {
    name: "docker",
    summary: "the files of Docker's json-file driver",
    joins: true,
    wraps: true,
    by: By::Decoder(|settings| Box::new(Joiner::new("docker", read, settings))),
};

/// True for what has the members of an entry and nothing in front of them.
pub(super) fn looks(line: &[u8]) -> bool {
    let begins = line.starts_with(b"{\"log\":\"") || line.starts_with(b"{\"stream\":\"std");
    begins && memchr::memmem::find(line, b"\"stream\":\"std").is_some()
}

fn read(line: &[u8]) -> Result<Part<'_>, Cow<'static, str>> {
    let mut text = None;
    let mended = String::from_utf8_lossy(line);
    let mut envelope = Envelope {
        damaged: matches!(mended, Cow::Owned(_)),
        ..Envelope::default()
    };
    let walked = Cursor::line(mended.as_bytes(), |key, cursor| {
        let value = cursor.value()?;
        let string = value
            .is_string()
            .then(|| value.text().into_owned().into_bytes());
        match key {
            b"log" => text = string,
            b"stream" => envelope.stream = string,
            b"time" => envelope.time = string,
            b"attrs" if value.kind == Kind::Object => {
                envelope.attrs = Some(value.raw.to_vec());
            }
            _ => {}
        }
        Ok(())
    });
    if let Err(bad) = walked {
        return Err(bad.to_string().into());
    }
    if envelope.time.is_none() || (text.is_none() && envelope.stream.is_none()) {
        return Err("no entry of Docker's: log or stream, or time is missing".into());
    }
    let mut text = text.unwrap_or_default();
    let is_last = text.ends_with(b"\n");
    if is_last {
        text.pop();
    }
    Ok(Part {
        envelope,
        text: text.into(),
        is_last,
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::decode::format::{
        Settings,
        tests::{PASSED_OVER, decode},
    };

    #[test]
    fn entries_of_the_daemon() {
        let sample = include_bytes!("../../tests/data/samples/docker-json-file.ndjson");
        expect![[r#"
            {"level":30,"time":1795178019330,"msg":"pino inside docker","dl":{"recv":{"format":"docker","time":"2026-11-20T12:00:00.123456789Z","stream":"stdout"}}}
            {"time":"2026-11-20T12:00:00.12345679Z","stream":"stderr","message":"plain text & <b>\u001b[31mred\u001b[0m","attrs":{"com.ex.label":"v","tag":"x"}}
            {"time":"2026-11-20T12:00:01.123456789Z","stream":"stdout","message":"bad utf8 ��"}
            {"time":"2026-11-20T12:00:00.123456789Z","stream":"stdout","message":"aaaaaaaaaaaaaaaaaaaa(partial: no trailing newline)second half"}
            {"time":"2026-11-20T12:00:00.123456789Z","stream":"stdout","message":"zero-frac"}
            {"time":"2026-11-20T12:00:00.123456789Z","stream":"stdout","message":"line sep  "}
        "#]].assert_eq(&decode("docker", &Settings::default(), sample));
    }

    #[test]
    fn parts_are_joined_for_each_stream() {
        let entry = |stream: &str, log: &str, second: u8| {
            format!(
                "{{\"log\":\"{log}\",\"stream\":\"{stream}\",\"time\":\"2026-11-20T12:00:0{second}Z\"}}\n"
            )
        };
        let input = [
            entry("stdout", "{\\\"a\\\":", 1),
            entry("stderr", "oh ", 2),
            entry("stdout", "1}\\n", 3),
            entry("stdout", "whole\\n", 4),
            entry("stderr", "no", 5),
        ]
        .concat();
        expect![[r#"
            {"a":1,"dl":{"recv":{"format":"docker","time":"2026-11-20T12:00:01Z","stream":"stdout"}}}
            {"time":"2026-11-20T12:00:04Z","stream":"stdout","message":"whole"}
            {"time":"2026-11-20T12:00:02Z","stream":"stderr","message":"oh no","dl":{"recv":{"partial":true}}}
        "#]].assert_eq(&decode("docker", &Settings::default(), input.as_bytes()));
        let settings = Settings {
            stamp: false,
            longest: 4,
            ..Settings::default()
        };
        expect![[r#"
            {"time":"2026-11-20T12:00:01Z","stream":"stdout","message":"{\"a\":","dl":{"recv":{"partial":true}}}
            {"time":"2026-11-20T12:00:03Z","stream":"stdout","message":"1}","dl":{"recv":{"partial":true}}}
            {"time":"2026-11-20T12:00:04Z","stream":"stdout","message":"whole"}
            {"time":"2026-11-20T12:00:02Z","stream":"stderr","message":"oh no","dl":{"recv":{"partial":true}}}
        "#]].assert_eq(&decode("docker", &settings, input.as_bytes()));
    }

    #[test]
    fn a_text_whose_first_part_was_passed_over_says_so() {
        let input = format!(
            "{PASSED_OVER}
{{\"log\":\"and last\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-20T12:00:03Z\"}}
{{\"log\":\"whole\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-20T12:00:04Z\"}}
"
        );
        for format in ["docker", "auto"] {
            expect![[r#"
                {"time":"2026-11-20T12:00:03Z","stream":"stdout","message":"and last","dl":{"recv":{"partial":true}}}
                {"time":"2026-11-20T12:00:04Z","stream":"stdout","message":"whole"}
            "#]].assert_eq(&decode(format, &Settings::default(), input.as_bytes()));
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_told() {
        let check = |format: &str, log: &[u8], end: &str, expect: &str| {
            let entry = |log: &[u8]| {
                let rest = b"\",\"stream\":\"stdout\",\"time\":\"2026-11-20T12:00:03Z\"}\n";
                [b"{\"log\":\"", log, rest].concat()
            };
            let input = [entry(log), entry(end.as_bytes())].concat();
            let read = decode(format, &Settings::default(), &input);
            assert_eq!(read, format!("{expect}\n"));
        };
        for format in ["docker", "auto"] {
            check(
                format,
                b"a\xff",
                "b\\n",
                "{\"time\":\"2026-11-20T12:00:03Z\",\"stream\":\"stdout\",\"message\":\"a\u{fffd}b\",\"dl\":{\"recv\":{\"invalid_utf8\":true}}}",
            );
            check(
                format,
                b"{\\\"a\\\":\\\"\xff\\\"",
                "}\\n",
                "{\"a\":\"\u{fffd}\",\"dl\":{\"recv\":{\"format\":\"docker\",\"time\":\"2026-11-20T12:00:03Z\",\"stream\":\"stdout\",\"invalid_utf8\":true}}}",
            );
        }
    }

    #[test]
    fn what_is_no_entry_is_rejected() {
        let check = |line: &str, reason: &str| {
            let read = decode("docker", &Settings::default(), line.as_bytes());
            assert_eq!(read, format!("rejected ({reason}): {line}\n"));
        };
        let missing = "no entry of Docker's: log or stream, or time is missing";
        check("{}", missing);
        check(r#"{"log":"x\n","stream":"stdout"}"#, missing);
        check(r#"{"log":7,"time":"2026-11-20T12:00:00Z"}"#, missing);
        check("oops", "not a JSON object: expected '{' in column 1");
    }
}
