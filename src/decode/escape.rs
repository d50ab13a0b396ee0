//! Text as the inside of a JSON string.
//!
//! Writes what Python's `json.dumps(ensure_ascii=False)` writes, and a lone surrogate, which
//! has no UTF-8, as its escape `\udXXX`. No newline ever comes out.

use std::str::from_utf8;

/// Why text was not written to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decode) enum Stop {
    /// It is not UTF-8, lone surrogates aside.
    Invalid,
    /// `out` would grow past its limit.
    Full,
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends the text to `out`, which may reach `max` bytes.
#[inline]
pub(in crate::decode) fn write(text: &[u8], out: &mut Vec<u8>, max: usize) -> Result<(), Stop> {
    if text.len() > max.saturating_sub(out.len()) {
        return Err(Stop::Full);
    }
    if is_plain(text) {
        out.extend_from_slice(text);
        return Ok(());
    }
    write_rest(text, out, max)
}

/// Appends text that is UTF-8 throughout.
pub(in crate::decode) fn write_text(text: &str, out: &mut Vec<u8>) {
    let done = write(text.as_bytes(), out, usize::MAX);
    debug_assert_eq!(done, Ok(()), "{text:?}");
}

/// The same as `write` for text that is not plain throughout.
fn write_rest(mut text: &[u8], out: &mut Vec<u8>, max: usize) -> Result<(), Stop> {
    let plain = plain_prefix(text);
    out.extend_from_slice(&text[..plain]);
    text = &text[plain..];
    while let Some(&byte) = text.first() {
        if byte < 0x80 {
            escape(byte, out);
            text = &text[1..];
        } else {
            let end = text.iter().position(|&b| must_escape(b));
            let (foreign, rest) = text.split_at(end.unwrap_or(text.len()));
            write_utf8(foreign, out)?;
            text = rest;
        }
        let plain = plain_prefix(text);
        out.extend_from_slice(&text[..plain]);
        text = &text[plain..];
        // Escapes are up to six times as long as what they stand for.
        if out.len() > max {
            return Err(Stop::Full);
        }
    }
    Ok(())
}

/// Appends text without bytes to escape, after checking that it is UTF-8.
fn write_utf8(mut text: &[u8], out: &mut Vec<u8>) -> Result<(), Stop> {
    loop {
        let valid = match from_utf8(text) {
            Ok(_) => {
                out.extend_from_slice(text);
                return Ok(());
            }
            Err(error) => error.valid_up_to(),
        };
        out.extend_from_slice(&text[..valid]);
        // A surrogate in the encoding of pickle ("surrogatepass"): 1110 1101, 10 1xxxxx, 10 yyyyyy.
        let [0xed, middle @ 0xa0..=0xbf, low @ 0x80..=0xbf, rest @ ..] = &text[valid..] else {
            return Err(Stop::Invalid);
        };
        let nibbles = [
            (middle >> 2) & 0x0f,
            (middle & 3) << 2 | (low >> 4) & 3,
            low & 0x0f,
        ];
        out.extend_from_slice(b"\\ud");
        out.extend(nibbles.map(|n| HEX[usize::from(n)]));
        text = rest;
    }
}

#[cold]
fn escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            let (high, low) = (HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]);
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Whether a byte cannot stand in a JSON string.
#[inline]
fn must_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Whether all bytes are ASCII that needs no escape: the first question about every text, asked
/// eight bytes at a time. The last eight overlap those before them, so that no text of eight
/// bytes or more is looked at byte by byte.
#[inline]
pub(in crate::decode) fn is_plain(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk::<8>() else {
        return is_plain_short(text);
    };
    let (blocks, _) = text.as_chunks::<8>();
    let blocks = blocks.iter().chain([last]);
    let special = blocks.fold(0, |any, block| any | special(u64::from_le_bytes(*block)));
    special == 0
}

/// The same for less than eight bytes.
#[inline]
fn is_plain_short(text: &[u8]) -> bool {
    if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        let word = u64::from(u32::from_le_bytes(*last)) << 32;
        return special(word | u64::from(u32::from_le_bytes(*first))) == 0;
    }
    text.iter().all(|&b| b < 0x80 && !must_escape(b))
}

/// A word that is zero if and only if none of the eight bytes is above 0x7f, below 0x20, a
/// quote or a backslash. The subtractions borrow from the next byte only where the answer is
/// "not zero" already (Hacker's Delight, section 6-1).
#[inline]
fn special(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    let quote = word ^ (ONES * 0x22);
    let backslash = word ^ (ONES * 0x5c);
    let below = word.wrapping_sub(ONES * 0x20);
    let zero = quote.wrapping_sub(ONES) | backslash.wrapping_sub(ONES);
    // A byte above 0x7f needs no test of its own but this one.
    (word | below | zero) & HIGH
}

/// How many bytes at the start are ASCII that needs no escape.
#[inline]
fn plain_prefix(text: &[u8]) -> usize {
    let special = |&b: &u8| b >= 0x80 || must_escape(b);
    let mut plain = 0;
    // Sixteen at a time without an early exit, so that the compiler uses vector instructions.
    for block in text.chunks_exact(16) {
        if block.iter().fold(false, |any, b| any | special(b)) {
            break;
        }
        plain += 16;
    }
    let rest = &text[plain..];
    plain + rest.iter().position(special).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &[u8], expect: Result<&str, Stop>) {
        let mut out = Vec::new();
        let done = write(text, &mut out, 1000);
        let out = String::from_utf8_lossy(&out);
        assert_eq!(done.map(|()| &*out), expect, "{text:?}");
    }

    #[test]
    fn escapes_are_those_of_python() {
        check(b"", Ok(""));
        check(
            b"plain, and long enough for two blocks of 16",
            Ok("plain, and long enough for two blocks of 16"),
        );
        check(
            b"\"\\/\x08\x0c\n\r\t\x00\x1f\x7f",
            Ok("\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f"),
        );
        check("é\"€😀\u{2028}".as_bytes(), Ok("é\\\"€😀\u{2028}"));
        check(b"a\xed\xb3\xa9b", Ok("a\\udce9b"));
        check(b"\xed\xa0\xbd\xed\xb8\x80", Ok("\\ud83d\\ude00"));
        check(b"\xed\xaf\xbf", Ok("\\udbff"));
    }

    #[test]
    fn other_bytes_are_refused() {
        for bad in [
            &b"\xff"[..],
            b"a\x80",
            b"\xc3",
            b"\xc3\"",
            b"\xed\xa0",
            b"\xf4\x90\x80\x80",
        ] {
            let mut out = Vec::new();
            assert_eq!(write(bad, &mut out, 1000), Err(Stop::Invalid), "{bad:?}");
        }
    }

    #[test]
    fn the_limit_holds_for_what_escapes_become() {
        let mut out = Vec::new();
        assert_eq!(write(&[0; 500], &mut out, 1000), Err(Stop::Full));
        assert!(out.len() < 1010);
    }
}
