//! The picture of an error in an expression: the line, and carets under what was not
//! understood. Which language the expression is in is not known here.

use std::{fmt, ops::Range};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Characters of a line that are shown, so that a picture fits a terminal of 80 columns.
const SHOWN: usize = 72;
/// Characters before the carets that are shown of a long line.
const BEFORE: usize = 40;

/// A line of an expression with carets under a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    problem: String,
    hint: Option<String>,
    /// From 1.
    pub(crate) line: usize,
    /// From 1, in characters.
    pub(crate) column: usize,
    many_lines: bool,
    shown: String,
    pad: usize,
    carets: usize,
}

impl Excerpt {
    /// A picture of `text` with carets under `span`; `hint` stands behind the carets.
    pub(crate) fn new(text: &str, span: Range<usize>, problem: &str, hint: Option<&str>) -> Self {
        let start = span.start;
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let before = text[line_start..start].chars().count();
        let marked = text[span].lines().next().unwrap_or_default();
        let window = Window::new(line, before);
        let room = SHOWN.saturating_sub(before - window.skipped).max(1);
        Self {
            problem: one_line(problem),
            hint: hint.map(one_line),
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
    pub(crate) fn picture(&self) -> String {
        let carets = "^".repeat(self.carets);
        let picture = format!(
            "{}\n    {}\n    {:pad$}{carets}",
            self.problem,
            self.shown.trim_end(),
            "",
            pad = self.pad,
        );
        match &self.hint {
            Some(hint) => picture + " " + hint,
            None => picture,
        }
    }
}

/// A sentence that may quote the expression, without what a terminal would act upon and no
/// longer than anybody reads.
pub(crate) fn one_line(text: &str) -> String {
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
