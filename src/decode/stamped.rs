//! A time in front of what programs write, as `kubectl logs --timestamps` and `docker logs -t` print it.

use std::borrow::Cow;

use super::{
    below::is_head,
    envelope::Envelope,
    format::{By, Format, is_of_server},
    parts::{Joiner, Part},
    prefix::{behind_time, time},
};

pub(super) const FORMAT: Format = Format {
    name: "timestamps",
    summary: "a time in front of each line, as kubectl --timestamps and docker logs -t print",
    joins: true,
    wraps: true,
    by: By::Decoder(|settings| Box::new(Joiner::new("timestamps", read, settings))),
};

/// True for a time with something behind it that has a beginning of its own: an object, another time, or a traceback;
/// and what servers write, if the time is as exact as those of runtimes are and of servers hardly any.
pub(super) fn looks(line: &[u8]) -> bool {
    may_look(line) && has_look(line)
}

fn has_look(line: &[u8]) -> bool {
    let is_object = |text: &[u8]| matches!(text, [b'{', b'"' | b'}' | b' ' | b'\t', ..]);
    let has_own = |text: &[u8]| is_object(text) || is_head(text) || time(text).0.is_some();
    split(line).is_some_and(|(time, text)| {
        let text = text.trim_ascii_start();
        let is_exact = time.len() >= EXACT && time.ends_with(b"Z");
        has_own(text) || is_exact && is_of_server(text)
    })
}

/// The length of a time that is as exact as those of runtimes.
const EXACT: usize = "2026-11-20T12:00:00.1234567Z".len();

/// False for most lines of which `looks` need not read the time, which costs more than a look at what stands behind it.
fn may_look(line: &[u8]) -> bool {
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b']' | b':');
    let may_be_own = |text: &[u8]| {
        let first = text.iter().find(|byte| !is_between(byte));
        matches!(first, Some(b'{' | b'[' | b'T' | b'0'..=b'9'))
    };
    matches!(line, [b'0'..=b'9' | b'[', ..])
        && behind_time(line).any(|text| line.len() - text.len() >= EXACT || may_be_own(text))
}

/// True for a line that has a time of the same form in front, whatever stands behind that.
pub(super) fn goes_on(line: &[u8]) -> bool {
    split(line).is_some_and(|(time, _)| time.contains(&b'T'))
}

/// The time and what stands behind it and a blank.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (time, rest) = time(line);
    // Blanks in front of a text are its own.
    let time = time?.trim_ascii_end();
    let text = line.strip_prefix(time).unwrap_or(rest);
    Some((time, text.strip_prefix(b" ").unwrap_or(text)))
}

fn read(line: &[u8]) -> Result<Part<'_>, Cow<'static, str>> {
    let text = line.strip_suffix(b"\r").unwrap_or(line);
    let (time, text) = split(text).ok_or("no time in front: expected TIME TEXT")?;
    let envelope = Envelope {
        time: Some(time.to_vec()),
        ..Envelope::default()
    };
    Ok(Part {
        envelope,
        text: text.into(),
        is_last: true,
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use proptest::prelude::*;

    use super::{has_look, may_look};
    use crate::{
        decode::format::{
            Settings,
            tests::{decode, pieces},
        },
        record::Zone,
    };

    /// What is looked for behind the first time, and what is like that.
    fn line() -> impl Strategy<Value = Vec<u8>> {
        let time = prop::sample::select(vec![
            "2026-11-20T12:00:00Z",
            "2026-11-20T12:00:00.123456789Z",
            "2026-11-20T12:00:00.123456789Z: ",
            "[2026-11-20 12:00:00]",
            "2026-11-20 12:00:00,123",
            "2026-11-20T12:00:00 +01:00",
            "2026-11-20 12:00:00 UTC:",
            "2026/11/20 12:00:00 :",
            "2026-11-20",
        ]);
        let text = prop::sample::select(vec![
            "",
            " ",
            "  {\"a\":1}",
            ": {}",
            " 2026-11-20 12:00:00 a",
            " [2026-11-20 12:00:00] a",
            "] 2026/11/20 12:00:00",
            " Traceback (most recent call last):",
            "   + Exception Group Traceback (most recent call last):",
            " 7:M 20 Nov 2026 12:00:00.1 * a",
            "\t{ ",
            "|{ ",
        ]);
        (time, text, prop::collection::vec(pieces(), 0..3)).prop_map(|(time, text, pieces)| {
            [time.as_bytes(), text.as_bytes(), &pieces.concat()].concat()
        })
    }

    proptest! {
        #[test]
        fn what_may_not_look_so_does_not(line in line()) {
            prop_assert!(may_look(&line) || !has_look(&line));
        }
    }

    #[test]
    fn what_stands_behind_a_time_is_the_record() {
        let settings = Settings {
            zone: Zone::read("Europe/Berlin"),
            ..Settings::default()
        };
        let lines = br#"2026-11-20T12:00:00.5Z {"level":"error", "msg": "x"}
2026-11-20T12:00:00+01:00   {"n":1}
2026-11-20 12:00:00,123 {"n":2}
[2026-11-20 12:00:00] {"n":3}
2026-11-20T12:00:00Z {"n":4
2026-11-20T12:00:00Z ERROR no {"n":5}
2026-11-20T12:00:00Z {a=7} b=8
"#;
        expect![[r#"
            {"level":"error", "msg": "x","dl":{"recv":{"format":"timestamps","time":"2026-11-20T12:00:00.5Z"}}}
            {"n":1,"dl":{"recv":{"format":"timestamps","time":"2026-11-20T12:00:00+01:00"}}}
            {"n":2,"dl":{"recv":{"format":"timestamps","time":"2026-11-20T11:00:00.123Z"}}}
            {"n":3,"dl":{"recv":{"format":"timestamps","time":"2026-11-20T11:00:00Z"}}}
            {"time":"2026-11-20T12:00:00Z","message":"{\"n\":4"}
            {"time":"2026-11-20T12:00:00Z","level":"ERROR","message":"no {\"n\":5}"}
            {"time":"2026-11-20T12:00:00Z","message":"{a=7}","b":8}
        "#]]
        .assert_eq(&decode("auto", &settings, lines));
        let settings = Settings {
            stamp: false,
            ..Settings::default()
        };
        let read = decode("auto", &settings, b"2026-11-20T12:00:00Z {\"n\": 1}");
        assert_eq!(read, "{\"n\": 1}\n");
    }

    #[test]
    fn texts_are_read_further() {
        let text = "2026-11-20T12:00:00.123456789Z 2026-11-20 12:00:00,100 ERROR app failed order=7
2026-11-20T12:00:00.123456790Z Traceback (most recent call last):
2026-11-20T12:00:00.123456791Z   File \"a.py\", line 1
2026-11-20T12:00:00.123456792Z KeyError: 'x'
2026-11-20T12:00:00.223456792Z {\"n\":1}
2026-11-20T12:00:00.323456792Z listening
2026-11-20T12:00:00.423456792Z
2026-11-20T12:00:00.523456792Z level=info msg=up
";
        let check = |format| decode(format, &Settings::default(), text.as_bytes());
        expect![[r#"
            {"time":"2026-11-20 12:00:00,100","level":"ERROR","message":"app failed","order":7,"exception":"Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'","dl":{"recv":{"format":"timestamps","time":"2026-11-20T12:00:00.123456789Z"}}}
            {"n":1,"dl":{"recv":{"format":"timestamps","time":"2026-11-20T12:00:00.223456792Z"}}}
            {"time":"2026-11-20T12:00:00.323456792Z","message":"listening"}
            {"time":"2026-11-20T12:00:00.423456792Z","message":""}
            {"time":"2026-11-20T12:00:00.523456792Z","level":"info","msg":"up"}
        "#]].assert_eq(&check("timestamps"));
        assert_eq!(check("auto"), check("timestamps"));
        let others = "no time\n2026-11-20 12:00:01,000 INFO app two\nlines\n";
        expect![[r#"
            rejected (no time in front: expected TIME TEXT): no time
            rejected (no time in front: expected TIME TEXT): lines
            {"time":"2026-11-20 12:00:01,000","level":"INFO","message":"app two"}
        "#]]
        .assert_eq(&decode(
            "timestamps",
            &Settings::default(),
            others.as_bytes(),
        ));
        let first = text.split_inclusive('\n').next().expect("a line");
        let mixed = [first, others].concat();
        expect![[r#"
            {"time":"2026-11-20 12:00:00,100","level":"ERROR","message":"app failed","order":7,"dl":{"recv":{"format":"timestamps","time":"2026-11-20T12:00:00.123456789Z"}}}
            rejected (no key=value pair, and no time or level in front): no time
            {"time":"2026-11-20 12:00:01,000","level":"INFO","message":"app two\nlines"}
        "#]].assert_eq(&decode("auto", &Settings::default(), mixed.as_bytes()));
    }

    #[test]
    fn logs_of_servers_are_known_behind_the_time_of_a_runtime() {
        let text = "2026-11-20T12:00:00.100000000Z 1:M 20 Nov 2026 12:00:00.100 * Ready to accept connections
2026-11-20T12:00:00.2Z 1:M 20 Nov 2026 12:00:00.200 # Server initialized
2026-11-20T12:00:00.300000000Z 127.0.0.1 - - [20/Nov/2026:12:00:00 +0000] \"GET / HTTP/1.1\" 200 2
2026-11-20T12:00:00.400000000Z I1120 12:00:00.400000 7 main.go:3] up
2026-11-20T12:00:00.500000000Z plain
";
        let check = |format| decode(format, &Settings::default(), text.as_bytes());
        expect![[r#"
            {"time":"2026-11-20 12:00:00.100","level":"notice","process":1,"role":"master","message":"Ready to accept connections","dl":{"recv":{"format":"timestamps","time":"2026-11-20T12:00:00.100000000Z"}}}
            {"time":"2026-11-20 12:00:00.200","level":"warning","process":1,"role":"master","message":"Server initialized","dl":{"recv":{"format":"timestamps","time":"2026-11-20T12:00:00.2Z"}}}
            {"time":"2026-11-20T12:00:00+00:00","client":"127.0.0.1","method":"GET","path":"/","protocol":"HTTP/1.1","status":200,"bytes":2,"dl":{"recv":{"format":"timestamps","time":"2026-11-20T12:00:00.300000000Z"}}}
            note: glog times without a year are only in glog.timestamp; --year YEAR, or --year now, makes times of them
            {"time":"2026-11-20T12:00:00.400000000Z","level":"INFO","thread":7,"filename":"main.go","lineno":3,"message":"up","glog":{"timestamp":"1120 12:00:00.400000"}}
            {"time":"2026-11-20T12:00:00.500000000Z","message":"plain"}
        "#]].assert_eq(&check("timestamps"));
        assert_eq!(check("auto"), check("timestamps"));
        // A program's own time is no runtime's.
        let own = "2026-11-20T12:00:00.100Z 7:M 20 Nov 2026 12:00:00.100 * copied\n";
        expect![[r#"
            {"time":"2026-11-20T12:00:00.100Z","message":"7:M 20 Nov 2026 12:00:00.100 * copied"}
        "#]]
        .assert_eq(&decode("auto", &Settings::default(), own.as_bytes()));
    }
}
