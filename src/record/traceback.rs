//! Tracebacks as their producers write them.

/// The lines of an exception's text.
///
/// The original distlog writes each newline of a traceback as the two characters `\n`; only
/// there, where no real one is left, do they end a line (REFERENCE.md §3.2).
pub fn exception_lines(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    let escaped = text.starts_with("Traceback") && !text.contains('\n');
    let ends = move |c: char, rest: &str| c == '\n' || (escaped && rest.starts_with("\\n"));
    let mut lines = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        if ends(c, &text[at..]) {
            lines.push(&text[start..at]);
            start = at + if c == '\n' { 1 } else { 2 };
            at = start;
        } else {
            at += c.len_utf8();
        }
    }
    lines.push(&text[start..]);
    lines.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_escaped_traceback_is_split_at_two_characters() {
        let check = |text: &str, expect: &[&str]| {
            assert_eq!(exception_lines(text).collect::<Vec<_>>(), expect);
        };
        check(
            "Traceback\\n  File\\nValueError: x",
            &["Traceback", "  File", "ValueError: x"],
        );
        check(
            "Traceback\n  File\nE: C:\\new",
            &["Traceback", "  File", "E: C:\\new"],
        );
        check(
            "FileNotFoundError: C:\\new\\note.txt",
            &["FileNotFoundError: C:\\new\\note.txt"],
        );
        check("", &[""]);
    }
}
