//! The picture of an error: the line, and carets under what was not understood.

use std::fmt;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{cursor::Fail, error::Problem};

/// Characters of a line that are shown, so that a picture fits a terminal of 80 columns.
const SHOWN: usize = 72;
/// Characters before the carets that are shown of a long line.
const BEFORE: usize = 40;

/// A line of an expression with carets under a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    pub(super) problem: Problem,
    pub(super) hint: Option<String>,
    /// From 1.
    pub(super) line: usize,
    /// From 1, in characters.
    pub(super) column: usize,
    many_lines: bool,
    shown: String,
    pad: usize,
    carets: usize,
}

impl Excerpt {
    pub(super) fn new(text: &str, fail: Fail) -> Self {
        let start = fail.span.start;
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let before = text[line_start..start].chars().count();
        let marked = text[start..fail.span.end]
            .lines()
            .next()
            .unwrap_or_default();
        let window = Window::new(line, before);
        let room = SHOWN.saturating_sub(before - window.skipped).max(1);
        Self {
            problem: fail.problem,
            hint: fail.hint,
            line: text[..start].matches('\n').count() + 1,
            column: before + 1,
            many_lines: text.trim_end().contains('\n'),
            pad: window.width_before(before),
            carets: UnicodeWidthStr::width(marked).clamp(1, room),
            shown: window.shown,
        }
    }
}

/// The part of a line that is shown.
struct Window {
    shown: String,
    /// Characters left out at its start.
    skipped: usize,
    /// Columns that the mark of the cut takes.
    mark: usize,
}

impl Window {
    fn new(line: &str, before: usize) -> Self {
        let length = line.chars().count();
        let skipped = if length <= SHOWN {
            0
        } else {
            before.saturating_sub(BEFORE)
        };
        let part: String = line
            .chars()
            .skip(skipped)
            .take(SHOWN)
            .map(printable)
            .collect();
        let cut_before = if skipped > 0 { "…" } else { "" };
        let cut_after = if length > skipped + SHOWN { "…" } else { "" };
        Self {
            shown: format!("{cut_before}{part}{cut_after}"),
            skipped,
            mark: cut_before.width(),
        }
    }

    /// The columns before the carets: their line may hold wide characters.
    fn width_before(&self, before: usize) -> usize {
        let marks = usize::from(self.mark > 0);
        self.shown
            .chars()
            .take(marks + before - self.skipped)
            .filter_map(char::width)
            .sum()
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.many_lines {
            write!(f, "line {}, ", self.line)?;
        }
        write!(f, "column {}: {}", self.column, self.picture())
    }
}

impl Excerpt {
    /// The reason, the line and the carets, without the place.
    pub(super) fn picture(&self) -> String {
        let carets = "^".repeat(self.carets);
        let hint = self.hint.as_deref().map(one_line).unwrap_or_default();
        let picture = format!(
            "{}\n    {}\n    {:pad$}{carets}",
            one_line(&self.problem.to_string()),
            self.shown.trim_end(),
            "",
            pad = self.pad,
        );
        if hint.is_empty() {
            picture
        } else {
            picture + " " + &hint
        }
    }
}

/// A sentence that may quote the expression, without what a terminal would act upon and no
/// longer than anybody reads.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 160;
    let cut = if text.chars().nth(LONGEST).is_some() {
        "…"
    } else {
        ""
    };
    let shown = text.chars().take(LONGEST).map(printable);
    shown.chain(cut.chars()).collect()
}

/// White space and control characters become one blank each: a tab would move the carets,
/// and an escape sequence must not reach a terminal.
fn printable(c: char) -> char {
    if c.is_whitespace() || c.width().is_none() {
        ' '
    } else {
        c
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        expr::{Expr, error::tests::check},
        record::Instant,
    };

    #[test]
    fn pictures_of_odd_texts() {
        check(
            "a == 1 and\n  b = 2",
            "line 2, column 5: no operator '='\n  b = 2\n    ^ did you mean '=='?",
        );
        check(
            "名前 == 'é' and\tx = 2",
            "column 17: no operator '='\n名前 == 'é' and x = 2\n                  ^ did you mean '=='?",
        );
        let long = format!(
            "{} and b = 2 and {}",
            ["a == 1"; 20].join(" and "),
            "c == 1"
        );
        check(
            &long,
            "column 223: no operator '='\n… and a == 1 and a == 1 and a == 1 and b = 2 and c == 1\n                                         ^ did you mean '=='?",
        );
        check(
            "level == '\u{1b}[31m'",
            "column 10: no level ' [31m'\nlevel == ' [31m'\n         ^^^^^^^ trace < debug < info < notice < warning < error < critical < fatal",
        );
        let endless = Expr::parse(&"x".repeat(100_000), Instant(0)).expect_err("a field alone");
        assert!(endless.to_string().len() < 600, "{endless}");
    }
}
