//! Lines of JSON as they may stand inside of a `script` element.
//!
//! Inside of strings, what HTML or a reader of lines could take for something else becomes an
//! escape of JSON, so that the text stays the same; outside of strings JSON has none of it but
//! blanks. Whatever the line is, what comes out is UTF-8 in one line, without `<`, `>` and `&`.

use std::{borrow::Cow, io::Write};

/// Appends a line, which is an object of JSON, without what frames it.
pub(super) fn line(line: &[u8], out: &mut Vec<u8>) {
    let start = memchr::memchr(b'{', line).unwrap_or(0);
    let text = match std::str::from_utf8(&line[start..]) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(&line[start..]),
    };
    escape(text.trim_ascii_end(), out);
}

/// Appends text of JSON.
pub(super) fn escape(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    // Few lines hold what only a look at each character can tell, and this loop has no branch
    // that depends on them.
    let control = |odd, &byte| odd | u8::from(byte < b' ') | u8::from(byte == 0x7F);
    if bytes.iter().fold(0, control) != 0 || memchr::memmem::find(bytes, b"\xE2\x80").is_some() {
        by_character(text, out);
        return;
    }
    // JSON has the others only inside of strings.
    let mut start = 0;
    for at in memchr::memchr3_iter(b'<', b'>', b'&', bytes) {
        out.extend_from_slice(&bytes[start..at]);
        special(char::from(bytes[at]), out);
        start = at + 1;
    }
    out.extend_from_slice(&bytes[start..]);
}

fn by_character(text: &str, out: &mut Vec<u8>) {
    let mut quoted = false;
    let mut escaped = false;
    for character in text.chars() {
        quoted ^= character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        if !is_special(character) {
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        } else if quoted {
            special(character, out);
        } else {
            out.push(b' ');
        }
    }
}

fn is_special(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{7f}' | '\u{2028}' | '\u{2029}'
    )
}

fn special(character: char, out: &mut Vec<u8>) {
    // Writing to memory cannot fail.
    let _ = write!(out, "\\u{:04x}", u32::from(character));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &[u8]) -> String {
        let mut out = Vec::new();
        line(text, &mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn what_is_harmless_stays_as_it_is() {
        for text in ["{}", r#"{"a": "é 🎉 \u003c\n", "b": NaN}"#] {
            assert_eq!(escaped(text.as_bytes()), text);
        }
    }

    #[test]
    fn markup_and_ends_of_lines_become_escapes() {
        let check = |text: &[u8], expect: &str| assert_eq!(escaped(text), expect);
        check(
            b"{\"a\":\"</script><!-- & \"}",
            r#"{"a":"\u003c/script\u003e\u003c!-- \u0026 "}"#,
        );
        check(
            "{\"a\":\"\u{2028}\u{2029}…\"}".as_bytes(),
            r#"{"a":"\u2028\u2029…"}"#,
        );
        check(b"{\"a\":\"\x00\x1b\r\"}\r", r#"{"a":"\u0000\u001b\u000d"}"#);
        check(b"\xEF\xBB\xBF{\"a\":\r\t1}", r#"{"a":  1}"#);
        check(b"\x1E{\"a\":\"\xFF\"}", "{\"a\":\"\u{fffd}\"}");
    }

    #[test]
    fn quotes_that_are_escaped_end_no_string() {
        let check = |text: &[u8], expect: &str| assert_eq!(escaped(text), expect);
        check(
            b"{\"a\":\"\\\"\t<\\\\\",\t\"b\":\"\t\"}",
            r#"{"a":"\"\u0009\u003c\\", "b":"\u0009"}"#,
        );
    }
}
