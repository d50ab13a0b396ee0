//! Python's literals, as `repr()` writes them, made JSON: dicts, lists, tuples, strings, numbers,
//! `True`, `False` and `None`.
//!
//! It is all or nothing: a text with anything else in it, such as `<object at 0x…>`, is no literal.

use super::object::quote;

/// Dicts and lists within each other; what is deeper is no literal.
const DEEPEST: usize = 32;

/// Appends the JSON of a literal; false, and nothing of use is there, if the text is none.
pub(super) fn literal(text: &[u8], out: &mut Vec<u8>) -> bool {
    let mut reader = Literal { rest: text, out };
    reader.value(DEEPEST).is_some() && reader.rest.trim_ascii().is_empty()
}

struct Literal<'t, 'o> {
    rest: &'t [u8],
    out: &'o mut Vec<u8>,
}

impl Literal<'_, '_> {
    fn value(&mut self, levels: usize) -> Option<()> {
        self.rest = self.rest.trim_ascii_start();
        match self.rest.first()? {
            b'{' => self.items(b'}', levels, |reader, levels| {
                reader.key()?;
                reader.take(b":")?;
                reader.out.push(b':');
                reader.value(levels)
            }),
            b'[' => self.items(b']', levels, Self::value),
            b'(' => self.items(b')', levels, Self::value),
            b'\'' | b'"' => self.string(),
            _ => self.word(),
        }
    }

    /// The items between a bracket and its counterpart, of which the last may have a comma behind it.
    fn items(
        &mut self,
        end: u8,
        levels: usize,
        item: fn(&mut Self, usize) -> Option<()>,
    ) -> Option<()> {
        let levels = levels.checked_sub(1)?;
        self.rest = &self.rest[1..];
        let is_dict = end == b'}';
        self.out.push(if is_dict { b'{' } else { b'[' });
        let mut begun = false;
        while self.take(&[end]).is_none() {
            if begun {
                self.take(b",")?;
                if self.take(&[end]).is_some() {
                    break;
                }
                self.out.push(b',');
            }
            begun = true;
            item(self, levels)?;
        }
        self.out.push(if is_dict { b'}' } else { b']' });
        Some(())
    }

    /// A key that JSON has: a string, or a number as text.
    fn key(&mut self) -> Option<()> {
        self.rest = self.rest.trim_ascii_start();
        if matches!(self.rest.first()?, b'\'' | b'"') {
            return self.string();
        }
        let start = self.out.len();
        self.word()?;
        self.out.insert(start, b'"');
        self.out.push(b'"');
        Some(())
    }

    fn take(&mut self, sign: &[u8]) -> Option<()> {
        self.rest = self.rest.trim_ascii_start().strip_prefix(sign)?;
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        let (&end, mut rest) = self.rest.split_first()?;
        let mut text = Vec::new();
        loop {
            let (&byte, after) = rest.split_first()?;
            rest = after;
            match byte {
                b'\\' => {
                    let (character, after) = escaped(rest)?;
                    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                    rest = after;
                }
                byte if byte == end => break,
                byte => text.push(byte),
            }
        }
        self.rest = rest;
        quote(&text, self.out);
        Some(())
    }

    /// A number or a name.
    fn word(&mut self) -> Option<()> {
        let is_part =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let length = self.rest.iter().take_while(|byte| is_part(byte)).count();
        let (word, rest) = self.rest.split_at(length);
        let json = match word {
            b"None" => "null",
            b"True" => "true",
            b"False" => "false",
            _ => {
                let text = std::str::from_utf8(word).ok()?;
                // What both languages write alike; NaN and the infinities are none of it.
                serde_json::from_str::<serde_json::Number>(text).ok()?;
                text
            }
        };
        self.out.extend_from_slice(json.as_bytes());
        self.rest = rest;
        Some(())
    }
}

/// The character that stands behind a backslash, and what follows it.
fn escaped(rest: &[u8]) -> Option<(char, &[u8])> {
    let (&kind, rest) = rest.split_first()?;
    let digits = match kind {
        b'n' => return Some(('\n', rest)),
        b'r' => return Some(('\r', rest)),
        b't' => return Some(('\t', rest)),
        b'\\' | b'\'' | b'"' => return Some((char::from(kind), rest)),
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        _ => return None,
    };
    let (code, rest) = rest.split_at_checked(digits)?;
    let code = u32::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok()?;
    // Half of a pair is no character by itself.
    Some((
        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
        rest,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_become_json() {
        let check = |text: &str, expect: Option<&str>| {
            let mut out = Vec::new();
            let is_literal = literal(text.as_bytes(), &mut out);
            let json = is_literal.then(|| String::from_utf8_lossy(&out).into_owned());
            assert_eq!(json.as_deref(), expect, "{text}");
        };
        // What CPython 3.11 writes.
        check(
            r#"{'key': '1@40be/2', 'order': 7, 'who': "it's", 'tags': ['a', ('b',), ()], 'x': None, 'on': True}"#,
            Some(
                r#"{"key":"1@40be/2","order":7,"who":"it's","tags":["a",["b"],[]],"x":null,"on":true}"#,
            ),
        );
        check(
            r"{1: 1.5e-07, 'é\n\'\\\x00\u200b\U0001f600': {}}",
            Some("{\"1\":1.5e-07,\"é\\n'\\\\\\u0000\u{200b}😀\":{}}"),
        );
        check("{}", Some("{}"));
        check(r"['\ud800']", Some("[\"\u{fffd}\"]"));
        for none in [
            "",
            "{",
            "{'a'}",
            "{'a': }",
            "{'a': <A object at 0x7f>}",
            "[1 2]",
            "nan",
            "'a",
            r"'\q'",
            "{'a': 1} b",
            "[,]",
        ] {
            check(none, None);
        }
        check(&format!("{}{}", "[".repeat(40), "]".repeat(40)), None);
    }
}
