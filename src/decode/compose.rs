//! What `docker compose logs` and `kubectl logs --prefix` print: a name in front of each line.
//!
//! `web-1  | text`, in colour or not, with the time in front of the text or not; and
//! `[pod/web/app] text`.

use std::borrow::Cow;

use super::{
    colour::without_colour,
    envelope::Envelope,
    format::{By, Format},
    parts::{Joiner, Part},
};
use crate::record::{Instant, Level, without_mark};

pub(super) const FORMAT: Format = Format {
    name: "compose",
    summary: "a name in front of each line, as docker compose and kubectl --prefix print",
    joins: true,
    wraps: true,
    by: By::Decoder(|settings| Box::new(Joiner::new("compose", read, settings))),
};

/// True for a line with a name in front.
pub(super) fn looks(line: &[u8]) -> bool {
    let named = piped(line).filter(|(name, _)| !is_level(name));
    named.or_else(|| bracketed(line)).is_some()
}

/// True for a level in capitals, which nobody calls a service.
fn is_level(name: &[u8]) -> bool {
    let text = str::from_utf8(name).unwrap_or_default();
    name.iter().all(u8::is_ascii_uppercase) && Level::from_word(text).is_some()
}

fn read(line: &[u8]) -> Result<Part<'_>, Cow<'static, str>> {
    let text = line.strip_suffix(b"\r").unwrap_or(line);
    let named = piped(text).or_else(|| bracketed(text));
    let (name, text) = named.ok_or("no name in front: expected NAME | TEXT or [NAME] TEXT")?;
    let end = text
        .iter()
        .position(|&byte| byte == b' ')
        .unwrap_or(text.len());
    let time = &text[..end];
    let has_time = time.contains(&b'T') && Instant::from_text(time).is_some();
    let text = if has_time {
        text[end..].strip_prefix(b" ").unwrap_or_default()
    } else {
        text
    };
    let envelope = Envelope {
        time: has_time.then(|| time.to_vec()),
        service: Some(name.to_vec()),
        ..Envelope::default()
    };
    Ok(Part {
        envelope,
        text: text.into(),
        is_last: true,
    })
}

/// `web-1  | text`; sequences for colour may stand before the name and behind the bar, or its blank.
fn piped(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = without_colour(without_mark(line)).trim_ascii_start();
    let is_other =
        |byte: &u8| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'.' | b'-' | b'/');
    let (name, rest) = line.split_at(line.iter().position(is_other)?);
    let rest = without_colour(rest.trim_ascii_start().strip_prefix(b"|")?);
    let text = if rest.is_empty() {
        rest
    } else {
        without_colour(rest.strip_prefix(b" ")?)
    };
    (!name.is_empty()).then_some((name, text))
}

/// `[pod/web/app] text`.
fn bracketed(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = line.strip_prefix(b"[")?;
    let end = memchr::memchr(b']', inner)?;
    let name = &inner[..end];
    let text = inner[end + 1..].strip_prefix(b" ")?;
    (name.starts_with(b"pod/") && !name.contains(&b' ')).then_some((name, text))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::decode::format::{Settings, tests::decode};

    #[test]
    fn names_are_taken_off() {
        let input = b"web-1  | {\"level\":30,\"msg\":\"up\"}
\x1b[36mdb-1   |\x1b[0m 2026-11-20T12:00:00.5Z plain | text
db-1   | 
db-1   |
[pod/web-7d9/app] listening
[pod/web-7d9/app] {\"a\":1}
\x1b[33mweb-1  | \x1b[0m{\"b\":1}
\x1b[33mweb-1  | \x1b[0m2026-11-20T12:00:00.5Z {\"c\":1}
";
        expect![[r#"
            {"level":30,"msg":"up","dl":{"recv":{"format":"compose","service":"web-1"}}}
            {"time":"2026-11-20T12:00:00.5Z","service":"db-1","message":"plain | text"}
            {"service":"db-1","message":""}
            {"service":"db-1","message":""}
            {"service":"pod/web-7d9/app","message":"listening"}
            {"a":1,"dl":{"recv":{"format":"compose","service":"pod/web-7d9/app"}}}
            {"b":1,"dl":{"recv":{"format":"compose","service":"web-1"}}}
            {"c":1,"dl":{"recv":{"format":"compose","time":"2026-11-20T12:00:00.5Z","service":"web-1"}}}
        "#]]
        .assert_eq(&decode("compose", &Settings::default(), input));
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_name() {
        let input = b"\xEF\xBB\xBFweb-1  | {\"a\":1}\n";
        expect![[r#"
            {"a":1,"dl":{"recv":{"format":"compose","service":"web-1"}}}
        "#]]
        .assert_eq(&decode("compose", &Settings::default(), input));
    }

    #[test]
    fn lines_without_a_name_are_rejected() {
        for line in [
            "oops", "| x", "a b | x", "web-1 |x", "[main] x", "[pod/a] ", "\x1b[36",
        ] {
            let read = decode("compose", &Settings::default(), line.as_bytes());
            let rejected = read.starts_with("rejected (no name in front");
            assert_eq!(rejected, line != "[pod/a] ", "{read}");
        }
    }
}
