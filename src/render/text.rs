//! Text that is safe to show, and the short forms of numbers.

use std::{borrow::Cow, fmt::Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many characters of a tree's id are shown in lines and tables: enough to tell neighbours apart.
pub const SHOWN_OF_ID: usize = 8;

/// Replaces control characters by visible escapes, so that no text of a record can command
/// a terminal. Characters that reorder what is beside them count as control characters.
pub fn sanitize(text: &str) -> Cow<'_, str> {
    if is_printable(text.as_bytes()) || !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_unsafe(c) && u32::from(c) < 0x100 => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c if is_unsafe(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// True if text has nothing but the printable characters of ASCII.
#[inline]
pub(super) fn is_printable(text: &[u8]) -> bool {
    // Without a branch for each byte, so that it takes many at a time.
    let is_plain = |plain: bool, byte: &u8| plain & (byte.wrapping_sub(0x20) < 0x5F);
    text.iter().fold(true, is_plain)
}

/// Appends text as [`sanitize`] gives it.
#[inline]
pub(super) fn write_clean(text: &[u8], out: &mut Vec<u8>) {
    if is_printable(text) {
        out.extend_from_slice(text);
    } else {
        out.extend_from_slice(sanitize(&String::from_utf8_lossy(text)).as_bytes());
    }
}

/// Where text ends that is longer than `limit` characters, and how many are left out. With
/// `escaped` a backslash and what it escapes stay together.
pub(super) fn fold(text: &str, limit: usize, escaped: bool) -> Option<(usize, usize)> {
    // There are no more characters than bytes.
    if text.len() <= limit {
        return None;
    }
    let (mut at, mut shown) = (0, 0);
    while shown < limit {
        let unit = match &text.as_bytes()[at..] {
            [] => return None,
            [b'\\', b'u', ..] if escaped => 6.min(text.len() - at),
            [b'\\', ..] if escaped => 2.min(text.len() - at),
            _ => text[at..].chars().next().map_or(1, char::len_utf8),
        };
        // An escape that is none may have a character in it that is cut.
        let unit = (at + unit..=text.len())
            .find(|&end| text.is_char_boundary(end))
            .map_or(unit, |end| end - at);
        shown += text[at..at + unit].chars().count();
        at += unit;
    }
    let left = text[at..].chars().count();
    (left > 0).then_some((at, left))
}

/// Seconds in the unit that reads best: `1.24s`, `45ms`, `3m12s`.
pub fn duration(seconds: f64) -> String {
    let size = seconds.abs();
    let sign = if seconds < 0.0 { "-" } else { "" };
    match size {
        s if s < 0.000_999_5 => format!("{sign}{:.0}µs", s * 1e6),
        s if s < 0.009_995 => format!("{sign}{:.1}ms", s * 1e3),
        s if s < 0.999_5 => format!("{sign}{:.0}ms", s * 1e3),
        s if s < 59.995 => format!("{sign}{s:.2}s"),
        s if s < 3_599.5 => {
            let whole = s.round();
            format!("{sign}{:.0}m{:02.0}s", (whole / 60.0).floor(), whole % 60.0)
        }
        s => {
            let minutes = (s / 60.0).round();
            format!(
                "{sign}{:.0}h{:02.0}m",
                (minutes / 60.0).floor(),
                minutes % 60.0
            )
        }
    }
}

/// The columns that text takes.
pub(super) fn width(text: &str) -> usize {
    if is_printable(text.as_bytes()) {
        text.len()
    } else {
        UnicodeWidthStr::width(text)
    }
}

/// Cuts text to `columns` of display, with an ellipsis if something is cut off.
pub(super) fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut used = 0;
    let mut out = String::new();
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used >= columns {
            break;
        }
        out.push(character);
    }
    out.push('…');
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_command_a_terminal() {
        let check = |text: &str, expect: &str| assert_eq!(sanitize(text), expect);
        check("plain é 🎉", "plain é 🎉");
        check("\u{1b}[31mred\u{7}", "\\x1b[31mred\\x07");
        check("a\nb\u{9b}c\u{7f}", "a\\nb\\x9bc\\x7f");
        check("ab\u{202e}cd\u{61c}", "ab\\u{202e}cd\\u{61c}");
    }

    #[test]
    fn durations_in_the_unit_that_reads_best() {
        let check = |seconds: f64, expect: &str| assert_eq!(duration(seconds), expect);
        check(0.0, "0µs");
        check(0.000_053, "53µs");
        check(0.000_999_9, "1.0ms");
        check(0.002_14, "2.1ms");
        check(0.045, "45ms");
        check(0.999_9, "1.00s");
        check(1.238, "1.24s");
        check(59.999, "1m00s");
        check(192.4, "3m12s");
        check(7_384.0, "2h03m");
        check(-0.5, "-500ms");
    }

    #[test]
    fn long_text_is_folded_between_characters() {
        let check = |text: &str, limit, escaped, expect| {
            assert_eq!(fold(text, limit, escaped), expect, "{text}");
        };
        check("abcdef", 6, false, None);
        check("abcdef", 4, false, Some((4, 2)));
        check("ééééé", 5, false, None);
        check("ééééé", 4, false, Some((8, 1)));
        check(r"ab\ncd", 3, true, Some((4, 2)));
        check(r"ab\u00e9cd", 3, true, Some((8, 2)));
        check(r"ab\u00", 3, true, None);
        check(r"ab\", 3, true, None);
        check(r"\u日本語日本語", 1, true, Some((8, 4)));
    }

    #[test]
    fn text_is_cut_by_columns_not_bytes() {
        assert_eq!(fit("abcdef", 6), "abcdef");
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(fit("日本語", 4), "日…");
    }
}
