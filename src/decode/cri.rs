//! The log files of Kubernetes' container runtimes (CRI): time, stream, tags, text.
//!
//! The first tag is `P` for a part of a line and `F` for a full line or the end of one.

use std::borrow::Cow;

use super::{
    cut::word,
    envelope::Envelope,
    format::{By, Format},
    parts::{Joiner, Part},
};
use crate::record::{Instant, without_mark};

pub(super) const FORMAT: Format = Format {
    name: "cri",
    summary: "the files of containerd and CRI-O, as Kubernetes keeps them",
    joins: true,
    wraps: true,
    by: By::Decoder(|settings| Box::new(Joiner::new("cri", read, settings))),
};

/// True for a line of a runtime.
pub(super) fn looks(line: &[u8]) -> bool {
    part(line).is_some()
}

fn read(line: &[u8]) -> Result<Part<'_>, Cow<'static, str>> {
    part(line).ok_or("no line of CRI: expected TIME stdout|stderr P|F TEXT".into())
}

fn part(line: &[u8]) -> Option<Part<'_>> {
    let line = without_mark(line);
    let text = line.strip_suffix(b"\r").unwrap_or(line);
    let (time, rest) = word(text)?;
    // Before all else, what few other lines have.
    let (stream, rest) = rest.split_at_checked(b"stdout".len())?;
    let rest = rest
        .strip_prefix(b" ")
        .filter(|_| matches!(stream, b"stdout" | b"stderr"))?;
    let (tags, text) = word(rest).unwrap_or((rest, &[]));
    let is_last = match tags.split(|&byte| byte == b':').next()? {
        b"F" => true,
        b"P" => false,
        _ => return None,
    };
    Instant::from_text(time)?;
    let envelope = Envelope {
        time: Some(time.to_vec()),
        stream: Some(stream.to_vec()),
        ..Envelope::default()
    };
    Some(Part {
        envelope,
        text: text.into(),
        is_last,
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::decode::format::{
        Settings, find,
        tests::{PASSED_OVER, Taken, decode},
    };

    #[test]
    fn parts_are_joined_for_each_stream() {
        // The form is that of the CRI specification; the texts are ours.
        let input = b"2026-11-20T12:00:00.123456789Z stdout F {\"level\":30,\"msg\":\"up\"}
2026-11-20T12:00:01Z stderr P first
2026-11-20T12:00:02Z stdout F plain
2026-11-20T12:00:03Z stderr F:more  and last
2026-11-20T12:00:04+02:00 stdout F
2026-11-20T12:00:05Z stdout F \xff
2026-11-20T12:00:06Z stderr P {\"cut\":
";
        expect![[r#"
            {"level":30,"msg":"up","dl":{"recv":{"format":"cri","time":"2026-11-20T12:00:00.123456789Z","stream":"stdout"}}}
            {"time":"2026-11-20T12:00:02Z","stream":"stdout","message":"plain"}
            {"time":"2026-11-20T12:00:01Z","stream":"stderr","message":"first and last"}
            {"time":"2026-11-20T12:00:04+02:00","stream":"stdout","message":""}
            {"time":"2026-11-20T12:00:05Z","stream":"stdout","message":"�","dl":{"recv":{"invalid_utf8":true}}}
            {"time":"2026-11-20T12:00:06Z","stream":"stderr","message":"{\"cut\":","dl":{"recv":{"partial":true}}}
        "#]].assert_eq(&decode("cri", &Settings::default(), input));
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_time() {
        let input = b"\xEF\xBB\xBF2026-11-20T12:00:01Z stdout F plain\n";
        expect![[r#"
            {"time":"2026-11-20T12:00:01Z","stream":"stdout","message":"plain"}
        "#]]
        .assert_eq(&decode("cri", &Settings::default(), input));
    }

    #[test]
    fn a_text_of_which_a_part_may_be_missing_says_so() {
        let input = format!(
            "2026-11-20T12:00:01Z stderr P first
{PASSED_OVER}
2026-11-20T12:00:02Z stderr F last
"
        );
        for format in ["cri", "auto"] {
            expect![[r#"
                {"time":"2026-11-20T12:00:01Z","stream":"stderr","message":"first","dl":{"recv":{"partial":true}}}
                {"time":"2026-11-20T12:00:02Z","stream":"stderr","message":"last","dl":{"recv":{"partial":true}}}
            "#]].assert_eq(&decode(format, &Settings::default(), input.as_bytes()));
        }
    }

    #[test]
    fn a_text_whose_first_part_was_passed_over_says_so() {
        let input = format!(
            "{PASSED_OVER}
2026-11-20T12:00:01Z stdout F {{\"n\":1}}
2026-11-20T12:00:02Z stderr P middle
2026-11-20T12:00:03Z stderr F  and last
2026-11-20T12:00:04Z stderr F whole
2026-11-20T12:00:05Z stdout F whole
{PASSED_OVER}
2026-11-20T12:00:06Z stderr P {{\"n\":
2026-11-20T12:00:07Z stdout F last
2026-11-20T12:00:08Z stderr F 2}}
"
        );
        // What is a record by itself has its beginning.
        for format in ["cri", "auto"] {
            expect![[r#"
                {"n":1,"dl":{"recv":{"format":"cri","time":"2026-11-20T12:00:01Z","stream":"stdout"}}}
                {"time":"2026-11-20T12:00:02Z","stream":"stderr","message":"middle and last","dl":{"recv":{"partial":true}}}
                {"time":"2026-11-20T12:00:04Z","stream":"stderr","message":"whole"}
                {"time":"2026-11-20T12:00:05Z","stream":"stdout","message":"whole"}
                {"time":"2026-11-20T12:00:07Z","stream":"stdout","message":"last","dl":{"recv":{"partial":true}}}
                {"n":2,"dl":{"recv":{"format":"cri","time":"2026-11-20T12:00:06Z","stream":"stderr"}}}
            "#]].assert_eq(&decode(format, &Settings::default(), input.as_bytes()));
        }
    }

    #[test]
    fn the_next_input_begins_anew() {
        let mut told = Taken::default();
        let mut decoder = find("cri").expect("a format").decoder(&Settings::default());
        decoder.passed_over(&mut told);
        decoder.finish(&mut told);
        decoder.line(b"2026-11-20T12:00:01Z stdout F whole", &mut told);
        decoder.finish(&mut told);
        let whole =
            "{\"time\":\"2026-11-20T12:00:01Z\",\"stream\":\"stdout\",\"message\":\"whole\"}";
        assert_eq!(told.0, [whole]);
    }

    #[test]
    fn what_is_no_line_of_cri_is_rejected() {
        for line in [
            "oops",
            "2026-11-20T12:00:00Z stdout",
            "2026-11-20T12:00:00Z stdin F x",
            "2026-11-20T12:00:00Z stdout X x",
            "yesterday stdout F x",
        ] {
            let read = decode("cri", &Settings::default(), line.as_bytes());
            let reason = "no line of CRI: expected TIME stdout|stderr P|F TEXT";
            assert_eq!(read, format!("rejected ({reason}): {line}\n"));
        }
    }
}
