//! What Python's `HTTPHandler` sends: a log record as a form, every attribute as the text that
//! `str()` gives (REFERENCE.md §4).
//!
//! What is a number in a log record becomes one again if it is written as one, and `None` is
//! null where a log record can have none. Where the scope of a record stands, as the package distlog gives it,
//! there is a dict. All else stays text, because nothing tells what it was.

use super::{
    format::{Decode, Take},
    literal::literal,
    object::Object,
};

/// Attributes of a log record that are numbers.
const NUMBERS: [&[u8]; 7] = [
    b"levelno",
    b"lineno",
    b"created",
    b"msecs",
    b"relativeCreated",
    b"thread",
    b"process",
];

/// Attributes of a log record that may be None.
const NULLABLE: [&[u8]; 9] = [
    b"args",
    b"exc_info",
    b"exc_text",
    b"stack_info",
    b"taskName",
    b"thread",
    b"threadName",
    b"process",
    b"processName",
];

/// Attributes that are dicts.
const SCOPES: [&[u8]; 2] = [b"context", b"dl"];

/// Makes records of forms.
#[derive(Default)]
pub struct Form {
    out: Vec<u8>,
    key: Vec<u8>,
    value: Vec<u8>,
    json: Vec<u8>,
}

impl Decode for Form {
    fn line(&mut self, form: &[u8], take: &mut dyn Take) {
        let mut object = Object::begin(&mut self.out);
        for field in form.split(|&byte| byte == b'&') {
            if field.is_empty() {
                continue;
            }
            let at = memchr::memchr(b'=', field);
            let (key, value) = match at {
                Some(at) => (&field[..at], &field[at + 1..]),
                None => (field, &[][..]),
            };
            unescape(key, &mut self.key);
            unescape(value, &mut self.value);
            let (key, value) = (self.key.as_slice(), self.value.as_slice());
            self.json.clear();
            if SCOPES.contains(&key) && literal(value, &mut self.json) {
                object.json(key, &self.json);
            } else if value == b"None" && NULLABLE.contains(&key) {
                object.json(key, b"null");
            } else if NUMBERS.contains(&key) {
                object.bare(key, value);
            } else {
                object.text(key, value);
            }
        }
        if object.is_empty() {
            return take.reject(form, "a form without fields");
        }
        object.end();
        take.record(&self.out);
    }
}

/// Writes what `application/x-www-form-urlencoded` text stands for. A percent sign without two
/// digits behind it is one.
fn unescape(text: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'+', _) => out.push(b' '),
            (b'%', [high, low, behind @ ..]) => match digit(high).zip(digit(low)) {
                Some((high, low)) => {
                    out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                    rest = behind;
                }
                None => out.push(byte),
            },
            _ => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::format::tests::Taken;

    #[test]
    fn forms_become_records() {
        let check = |form: &str, expect: &str| {
            let mut taken = Taken::default();
            Form::default().line(form.as_bytes(), &mut taken);
            assert_eq!(taken.0.join("|"), expect);
        };
        check(
            "name=a.b&msg=args+%25s%0A&args=%28%27x%27%2C+3%29&levelno=20&created=1795177628.68",
            r#"{"name":"a.b","msg":"args %s\n","args":"('x', 3)","levelno":20,"created":1795177628.68}"#,
        );
        check(
            "exc_text=None&msg=None&process=None&levelno=x&&flag&=%zz%4",
            r#"{"exc_text":null,"msg":"None","process":null,"levelno":"x","flag":"","":"%zz%4"}"#,
        );
        check(
            "msg=%ff",
            "{\"msg\":\"\u{fffd}\",\"dl\":{\"recv\":{\"invalid_utf8\":true}}}",
        );
        check(
            "context=%7B%27key%27%3A+%270%4040be%2F1%27%2C+%27n%27%3A+7%7D&dl=None&args=%7B%27a%27%3A+1%7D",
            r#"{"context":{"key":"0@40be/1","n":7},"dl":null,"args":"{'a': 1}"}"#,
        );
        check(
            "context=%7B%27a%27%3A+%3CA%3E%7D",
            r#"{"context":"{'a': <A>}"}"#,
        );
        check("", "rejected: a form without fields");
        check("&&", "rejected: a form without fields");
    }
}
