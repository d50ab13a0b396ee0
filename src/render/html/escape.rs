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
    // Most lines hold nothing to escape, and this loop has no branch that depends on them.
    let odd = bytes.iter().fold(false, |odd, &byte| odd | is_odd(byte));
    if !odd && memchr::memmem::find(bytes, b"\xE2\x80").is_none() {
        out.extend_from_slice(bytes);
        return;
    }
    let mut quoted = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            // An escape that stands for the character itself is none that HTML knows.
            '\\' => match characters.next() {
                Some(next) if is_special(next) => {
                    special(next, out);
                    continue;
                }
                Some(next) => {
                    out.push(b'\\');
                    push(next, out);
                    continue;
                }
                None => {}
            },
            character if is_special(character) && quoted => {
                special(character, out);
                continue;
            }
            character if is_special(character) => {
                out.push(b' ');
                continue;
            }
            _ => {}
        }
        push(character, out);
    }
}

/// What an escape is for, or the first byte of it.
fn is_odd(byte: u8) -> bool {
    byte < b' ' || matches!(byte, b'<' | b'>' | b'&' | 0x7F)
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

fn push(character: char, out: &mut Vec<u8>) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
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
    fn a_backslash_in_front_does_not_change_what_is_escaped() {
        // Our readers take \< for <, and so does the page.
        assert_eq!(
            escaped(br#"{"a":"\<\\<\"<"}"#),
            r#"{"a":"\u003c\\\u003c\"\u003c"}"#
        );
    }
}
