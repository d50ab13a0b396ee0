//! What escapes within quotes stand for.

use crate::decode::cut::around;

/// Resolves the escapes that Go's `strconv.Quote`, JSON and most loggers write; one that is
/// none of them stays as it is.
pub(super) fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some(&escape) = text.get(at) else {
            out.push(byte);
            break;
        };
        at += 1;
        let hex = |digits: usize| {
            let digits = text.get(at..at + digits)?;
            let digits = std::str::from_utf8(digits).ok()?;
            digits
                .bytes()
                .all(|digit| digit.is_ascii_hexdigit())
                .then(|| u32::from_str_radix(digits, 16).ok())?
        };
        match escape {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'v' => out.push(11),
            b'"' | b'\\' | b'\'' | b'/' => out.push(escape),
            b'x' if hex(2).is_some() => {
                out.extend(hex(2).and_then(|code| u8::try_from(code).ok()));
                at += 2;
            }
            // Rust's.
            b'u' if let Some((char, length)) = braced(&text[at..]) => {
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                at += length;
            }
            b'u' | b'U' => {
                let digits = if escape == b'u' { 4 } else { 8 };
                if let Some(char) = hex(digits).and_then(char::from_u32) {
                    out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                    at += digits;
                } else {
                    out.extend_from_slice(&[b'\\', escape]);
                }
            }
            _ => out.extend_from_slice(&[b'\\', escape]),
        }
    }
    out
}

/// The character of `{1f600}`, and how long that is.
fn braced(text: &[u8]) -> Option<(char, usize)> {
    /// More digits than a character has.
    const MOST: usize = 6;
    let (inner, _) = around(text.get(..text.len().min(MOST + 2))?, b"}")?;
    let code = std::str::from_utf8(inner.strip_prefix(b"{")?).ok()?;
    let char = char::from_u32(u32::from_str_radix(code, 16).ok()?)?;
    Some((char, inner.len() + 1))
}
