//! Colours in text: what programs write for terminals, and some always.

use std::borrow::Cow;

/// What a sequence for a terminal begins with.
const ESCAPE: u8 = 0x1b;

/// A text without the sequences for colour in it.
pub(super) fn without_colours(line: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(ESCAPE, line).is_none() {
        return line.into();
    }
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = memchr::memchr(ESCAPE, rest) {
        out.extend_from_slice(&rest[..at]);
        let after = without_colour(&rest[at..]);
        // Any other sequence stays.
        let stays = after.len() == rest.len() - at;
        rest = if stays { &rest[at + 1..] } else { after };
        if stays {
            out.push(ESCAPE);
        }
    }
    out.extend_from_slice(rest);
    out.into()
}

/// A text without the sequences for colour that it begins with.
pub(super) fn without_colour(mut text: &[u8]) -> &[u8] {
    while let Some(rest) = text.strip_prefix(b"\x1b[") {
        let digits = rest
            .iter()
            .take_while(|byte| byte.is_ascii_digit() || **byte == b';');
        match rest[digits.count()..].strip_prefix(b"m") {
            Some(rest) => text = rest,
            None => break,
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_colours_are_left_out() {
        let check = |text: &str, expect: &str| {
            let plain = without_colours(text.as_bytes());
            assert_eq!(String::from_utf8_lossy(&plain), expect, "{text:?}");
        };
        check("plain", "plain");
        check("\x1b[2ma\x1b[0m [\x1b[31;1mb\x1b[m]\x1b[0m", "a [b]");
        check("a\x1b[2Kb\x1b", "a\x1b[2Kb\x1b");
        assert_eq!(&*without_colours(b"\x1b[1m\xff\x00"), b"\xff\x00");
        assert_eq!(without_colour(b"\x1b[1;2m\x1b[0ma\x1b[0m"), b"a\x1b[0m");
    }
}
