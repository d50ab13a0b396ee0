//! Texts that must stand in a line, as they are, if a field of it is to pass a test.

use regex_syntax::hir::{Hir, HirKind};

/// Beyond so many alternatives a text that is looked for finds too much.
const MOST: usize = 16;

/// The longest piece of `text` that can stand in JSON in one way only, but for `\uXXXX`.
///
/// Quotes, backslashes, slashes and control characters have short escapes, and U+FFFD also
/// stands for bytes that are no UTF-8.
pub(super) fn piece(text: &str) -> Option<&str> {
    text.split(has_spellings)
        .max_by_key(|piece| piece.len())
        .filter(|piece| !piece.is_empty())
}

/// The last of such pieces, if the text ends with one.
pub(super) fn tail(text: &str) -> Option<&str> {
    text.rsplit(has_spellings)
        .next()
        .filter(|piece| !piece.is_empty())
}

fn has_spellings(c: char) -> bool {
    matches!(c, '"' | '\\' | '/' | char::REPLACEMENT_CHARACTER) || c.is_ascii_control()
}

/// Texts of which every match of a regular expression contains at least one.
pub(super) fn required(pattern: &str, any_case: bool) -> Option<Vec<String>> {
    let hir = regex_syntax::ParserBuilder::new()
        .case_insensitive(any_case)
        // As `regex::bytes` has it, which is what matches.
        .utf8(false)
        .build()
        .parse(pattern)
        .ok()?;
    of(&hir)
}

fn of(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            Some(vec![piece(text)?.to_owned()])
        }
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => of(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(of).max_by_key(|texts| worth(texts)),
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(of(part)?);
            }
            all.sort_unstable();
            all.dedup();
            (all.len() <= MOST).then_some(all)
        }
        HirKind::Repetition(_) | HirKind::Class(_) | HirKind::Look(_) | HirKind::Empty => None,
    }
}

/// How well texts tell lines apart: by the shortest of them.
fn worth(texts: &[String]) -> usize {
    texts.iter().map(String::len).min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_have_one_spelling() {
        let check = |text: &str, expect: Option<&str>| assert_eq!(piece(text), expect, "{text:?}");
        check("timeout", Some("timeout"));
        check("/api/v1/users", Some("users"));
        check("a\tbc\"d", Some("bc"));
        check("caf\u{e9}", Some("caf\u{e9}"));
        check("x\u{fffd}yz", Some("yz"));
        check("\"/\\", None);
        check("", None);
    }

    #[test]
    fn the_end_of_a_key_is_enough() {
        assert_eq!(tail("level"), Some("level"));
        assert_eq!(tail("logging.googleapis.com/trace"), Some("trace"));
        assert_eq!(tail("a/"), None);
    }

    #[test]
    fn patterns_require_texts() {
        let check = |pattern: &str, expect: Option<&[&str]>| {
            let found = required(pattern, false);
            let found = found.map(|texts| texts.join("|"));
            assert_eq!(found, expect.map(|texts| texts.join("|")), "{pattern}");
        };
        check("timeout", Some(&["timeout"]));
        check("^time.?out$", Some(&["time"]));
        check("timeout|refused", Some(&["refused", "timeout"]));
        check("conn(ection)? reset", Some(&[" reset"]));
        check("(ab)+c", Some(&["ab"]));
        check("(ab)*", None);
        check("[0-9]+", None);
        check("a|.", None);
        check("^GET /api/v[0-9]+/users", Some(&["users"]));
        check("(?i)abc", None);
        check("(?-u:\\xff)[0-9]abc", Some(&["abc"]));
        check("x{0}abc|def", Some(&["abc", "def"]));
        assert_eq!(required("abc", true), None);
        assert_eq!(required("abc1234", true), Some(vec!["1234".to_owned()]));
    }
}
