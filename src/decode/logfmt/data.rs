//! JSON that a formatter has put behind the message: what winston's `simple` and Monolog's line format write of the
//! members that a record has beside it.

use super::super::{inner::Inner, object::Object};

/// What stands behind a message.
pub(super) struct Data<'a> {
    /// The message without it.
    pub(super) message: &'a [u8],
    /// Objects, and the names that they get; what has none is members of the record.
    objects: [(&'static [u8], &'a [u8]); 2],
}

/// How many places are looked at where JSON may begin: a text may have any number of braces.
const MOST: usize = 8;

impl<'a> Data<'a> {
    /// Reads `message {"a":1}`, all of which are members of the record.
    pub(super) fn members(text: &'a [u8], inner: &mut Inner) -> Option<Self> {
        let mut starts = memchr::memmem::find_iter(text, b" {\"").take(MOST);
        let start = starts.find(|&start| inner.record(&text[start + 1..]).is_some())?;
        Some(Self {
            message: text[..start].trim_ascii_end(),
            objects: [(b"", &text[start + 1..]), (b"", b"")],
        })
    }

    /// A message, and JSON all of whose members are the record's, if it is an object.
    pub(super) fn all(message: &'a [u8], json: &'a [u8], inner: &mut Inner) -> Option<Self> {
        let object = inner.record(json)?;
        (object.len() == json.len()).then_some(Self {
            message,
            objects: [(b"", json), (b"", b"")],
        })
    }

    /// Reads `message {"a":1} []`: Monolog's context and what its processors add. Where it has been told to leave out
    /// what is empty, a blank stands in place of it.
    pub(super) fn context(text: &'a [u8], inner: &mut Inner) -> Option<Self> {
        let found = |message: &'a [u8], context, extra| Self {
            message: message.trim_ascii_end(),
            objects: [(b"context", context), (b"extra", extra)],
        };
        let mut starts = memchr::memchr_iter(b' ', text)
            .filter(|&start| {
                matches!(
                    text[start + 1..],
                    [b'{' | b'[', b'"' | b'}' | b']' | b'{' | b'[', ..]
                )
            })
            .take(MOST);
        starts.find_map(|start| {
            let (message, rest) = (&text[..start], &text[start + 1..]);
            let mut ends = memchr::memchr_iter(b' ', rest)
                .filter(|&end| matches!(rest[..end], [.., b'}' | b']']))
                .take(MOST);
            let both = ends.find_map(|end| {
                let (context, extra) = (&rest[..end], &rest[end + 1..]);
                (is_value(context, inner) && is_value(extra, inner)).then_some((context, extra))
            });
            if let Some((context, extra)) = both {
                return Some(found(message, context, extra));
            }
            is_value(rest, inner).then(|| match message {
                [message @ .., b' '] => found(message, b"", rest),
                _ => found(message, rest, b""),
            })
        })
    }

    /// Adds it to a record.
    pub(super) fn write(&self, object: &mut Object<'_>) {
        for (name, value) in self.objects {
            match (name, value) {
                (_, b"" | b"[]" | b"{}") => {}
                (b"", _) => object.members(value[1..value.len() - 1].trim_ascii()),
                (name, _) => object.json(name, value),
            }
        }
    }
}

/// True for an object or a list of JSON.
fn is_value(text: &[u8], inner: &mut Inner) -> bool {
    match text {
        b"[]" => true,
        [b'[', ..] => inner.record(&[b"{\"a\":", text, b"}"].concat()).is_some(),
        _ => inner
            .record(text)
            .is_some_and(|record| record.len() == text.len()),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::decode::format::{Settings, tests::decode};

    #[test]
    fn members_stand_behind_a_message() {
        let lines = r#"info: up {"order":7,"requestId":"req-7","stack":"Error: a=b\n    at x","sql":"where a=1"}
error: {"a":{"b":[1,2]}}
warn: a {b} {"c":1}
info: no {"json"}
info: none {"a":1} at all
2026-11-20T12:00:00.123Z info: a dump {"level":"debug"}
[2026-11-20T12:00:00.123456+00:00] shop.INFO: order {n} up {"n":7,"sql":"where a=1"} {"request_id":"req-7"}
[2026-11-20T12:00:00.123456+00:00] shop.INFO: up [] []
[2026-11-20T12:00:00.123456+00:00] shop.INFO: up ["a",1] {"b":"} {"}
[2026-11-20T12:00:00.123456+00:00] shop.INFO: [] {} and {"a":1} []
[2026-11-20 12:00:00] local.ERROR: boom {"n":7} 
[2026-11-20 12:00:00] local.ERROR: boom  {"n":7}
[2026-11-20 12:00:00] local.ERROR: boom  
[2026-11-20 12:00:00] local.ERROR: boom {n}
"#;
        expect![[r#"
            {"level":"info","message":"up","order":7,"requestId":"req-7","stack":"Error: a=b\n    at x","sql":"where a=1"}
            {"level":"error","message":"{\"a\":{\"b\":[1,2]}}"}
            {"level":"warn","message":"a {b}","c":1}
            {"level":"info","message":"no {\"json\"}"}
            {"level":"info","message":"none {\"a\":1} at all"}
            {"time":"2026-11-20T12:00:00.123Z","level":"info","message":"a dump {\"level\":\"debug\"}"}
            {"time":"2026-11-20T12:00:00.123456+00:00","level":"INFO","logger":"shop","message":"order {n} up","context":{"n":7,"sql":"where a=1"},"extra":{"request_id":"req-7"}}
            {"time":"2026-11-20T12:00:00.123456+00:00","level":"INFO","logger":"shop","message":"up"}
            {"time":"2026-11-20T12:00:00.123456+00:00","level":"INFO","logger":"shop","message":"up","context":["a",1],"extra":{"b":"} {"}}
            {"time":"2026-11-20T12:00:00.123456+00:00","level":"INFO","logger":"shop","message":"[] {} and","context":{"a":1}}
            {"time":"2026-11-20 12:00:00","level":"ERROR","logger":"local","message":"boom","context":{"n":7}}
            {"time":"2026-11-20 12:00:00","level":"ERROR","logger":"local","message":"boom","extra":{"n":7}}
            {"time":"2026-11-20 12:00:00","level":"ERROR","logger":"local","message":"boom"}
            {"time":"2026-11-20 12:00:00","level":"ERROR","logger":"local","message":"boom {n}"}
        "#]].assert_eq(&decode("logfmt", &Settings::default(), lines.as_bytes()));
    }
}
