//! Cuts texts at what stands in them.

/// What stands in front of the first `at`, and behind it.
pub(super) fn around<'a>(text: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    // To make a searcher for a text costs more than to look at each place where it may begin.
    let mut starts = memchr::memchr_iter(*at.first()?, text);
    let start = starts.find(|&start| text[start..].starts_with(at))?;
    Some((&text[..start], &text[start + at.len()..]))
}

/// The word up to the first blank, and what stands behind that.
pub(super) fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b' ', text)?;
    Some((&text[..end], &text[end + 1..]))
}

/// What stands in front of the last `at`, and behind it.
pub(super) fn last_around(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    // Mostly it is looked for in a word.
    let start = text.iter().rposition(|&byte| byte == at)?;
    Some((&text[..start], &text[start + 1..]))
}

/// What stands in front of the first brackets and a blank, within them, and behind them and another blank.
pub(super) fn in_brackets(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    // Searches for a byte, because one for a text costs more.
    let start = memchr::memchr(b'[', text)?;
    let front = text[..start].strip_suffix(b" ")?;
    let inner = &text[start + 1..];
    let end = memchr::memchr(b']', inner)?;
    Some((front, &inner[..end], inner[end + 1..].strip_prefix(b" ")?))
}

/// What stands within the brackets that a text begins with and `open` opens, and behind them; pairs may stand in it.
pub(super) fn within(text: &[u8], open: u8) -> Option<(&[u8], &[u8])> {
    let close = match open {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    };
    if text.first() != Some(&open) {
        return None;
    }
    let mut depth = 0_usize;
    let end = memchr::memchr2_iter(open, close, text).find(|&at| {
        if text[at] == open {
            depth += 1;
        } else {
            depth -= 1;
        }
        depth == 0
    })?;
    Some((&text[1..end], &text[end + 1..]))
}

/// The digits that a text begins with, at least one, and what follows them.
pub(super) fn digits(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count > 0).then(|| text.split_at(count))
}

/// True for digits alone, at least one.
pub(super) fn is_number(text: &[u8]) -> bool {
    digits(text).is_some_and(|(_, rest)| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut() {
        assert_eq!(around(b"a: b: c", b": "), Some((&b"a"[..], &b"b: c"[..])));
        assert_eq!(around(b"a:", b": "), None);
        assert_eq!(last_around(b"a:b:c", b':'), Some((&b"a:b"[..], &b"c"[..])));
        assert_eq!(last_around(b"a", b':'), None);
        let parts = (&b"a"[..], &b"b"[..], &b"c [d] "[..]);
        assert_eq!(in_brackets(b"a [b] c [d] "), Some(parts));
        for text in [&b"a[b] c"[..], b"a [b]c", b"a [b", b"a b"] {
            assert_eq!(in_brackets(text), None);
        }
        assert_eq!(digits(b"17#1"), Some((&b"17"[..], &b"#1"[..])));
        assert_eq!(digits(b"#1"), None);
        assert!(is_number(b"17") && !is_number(b"17#") && !is_number(b""));
    }
}
