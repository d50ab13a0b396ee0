//! The two ways in which protocol 0 writes text in a line.
//!
//! Sources: `codecs.escape_decode` for STRING, the raw-unicode-escape codec for UNICODE
//! (`CPython`'s Objects/bytesobject.c and Objects/unicodeobject.c). Both append what they decode
//! and give `None` where Python raises.

/// Decodes a quoted Python 2 `str`; the quotes are part of the line.
pub(super) fn string(line: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (quote, body) = match line {
        [first @ (b'\'' | b'"'), body @ .., last] if first == last => (first, body),
        _ => return None,
    };
    let _ = quote;
    let mut rest = body;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        let [escape, tail @ ..] = rest else {
            return None;
        };
        rest = tail;
        match escape {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => out.push(*escape),
            b'a' => out.push(0x07),
            b'b' => out.push(0x08),
            b'f' => out.push(0x0c),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(0x0b),
            b'x' => {
                let (n, tail) = hex(rest, 2)?;
                out.push(n.to_le_bytes()[0]);
                rest = tail;
            }
            b'0'..=b'7' => {
                let more = rest.iter().take(2);
                let more = more.take_while(|b| (b'0'..=b'7').contains(b)).count();
                let digits = rest[..more].iter();
                let n = digits.fold(u16::from(escape - b'0'), |n, b| n * 8 + u16::from(b - b'0'));
                // Python keeps the low eight bits of \400 to \777.
                out.push(n.to_le_bytes()[0]);
                rest = &rest[more..];
            }
            _ => out.extend_from_slice(&[b'\\', *escape]),
        }
    }
    Some(())
}

/// Decodes `\uXXXX` and `\UXXXXXXXX`; any other byte is a Latin-1 character. Surrogates are
/// encoded like other code points, as in the binary opcodes.
pub(super) fn unicode(line: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = line;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        let width = match (byte, rest.first()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            (b'\\', Some(next)) => {
                // The codec takes the two together, so that `\\u0041` stays as it is.
                push(u32::from(b'\\'), out)?;
                push(u32::from(*next), out)?;
                rest = &rest[1..];
                continue;
            }
            _ => {
                push(u32::from(*byte), out)?;
                continue;
            }
        };
        let (n, tail) = hex(&rest[1..], width)?;
        push(n, out)?;
        rest = tail;
    }
    Some(())
}

/// Reads `width` hexadecimal digits.
fn hex(text: &[u8], width: usize) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(width)?;
    let n = digits.iter().try_fold(0, |n, &b| {
        let digit = char::from(b).to_digit(16)?;
        Some(n << 4 | digit)
    })?;
    Some((n, rest))
}

/// Appends a code point, a surrogate too.
fn push(code: u32, out: &mut Vec<u8>) -> Option<()> {
    match char::from_u32(code) {
        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None if code > 0x10_ffff => return None,
        None => {
            let [low, high, ..] = code.to_le_bytes();
            // 1110wwww 10xxxxyy 10yyzzzz, of which wwww is always 0xd.
            let middle = (high & 0x0f) << 2 | low >> 6;
            out.extend_from_slice(&[0xed, 0x80 | middle, 0x80 | (low & 0x3f)]);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn string_escapes() {
        for (line, expect) in [
            (r"'a\n\t\x41\101\0\\\'\z'", Some(&b"a\n\tAA\0\\'\\z"[..])),
            (r#""it's""#, Some(b"it's")),
            (r"'\777'", Some(b"\xff")),
            (r"'\x4'", None),
            (r"'\'", None),
            ("'", None),
            ("'a\"", None),
            ("", None),
        ] {
            let mut out = Vec::new();
            let done = string(line.as_bytes(), &mut out).map(|()| &out[..]);
            assert_eq!(done, expect, "{line}");
        }
    }

    #[test]
    fn unicode_escapes() {
        for (line, expect) in [
            (&b"a\xe9\\u20ac\\U0001f600"[..], Some("aé€😀".as_bytes())),
            (b"\\\\u0041\\n\\", Some(b"\\\\u0041\\n\\")),
            (b"\\udce9", Some(b"\xed\xb3\xa9")),
            (b"\\u12", None),
            (b"\\U00110000", None),
        ] {
            let mut out = Vec::new();
            let done = unicode(line, &mut out).map(|()| &out[..]);
            assert_eq!(done, expect, "{line:?}");
        }
    }
}
