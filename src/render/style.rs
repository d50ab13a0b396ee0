//! The surroundings of a view: colours, characters, width.

use std::io::Write;

use anstyle::{AnsiColor, Style as Paint};

use crate::{record::Level, tree::Status};

/// How a view is to look.
#[derive(Clone, Debug)]
pub struct Style {
    /// The colours; all plain if there are none.
    pub palette: Palette,
    /// True if only ASCII may be drawn with.
    pub ascii: bool,
    /// The columns that a line should fit in.
    pub width: usize,
}

/// A colour for each meaning.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    /// What is there but should not catch the eye.
    pub dim: Paint,
    /// What should.
    pub strong: Paint,
    /// Names of fields.
    pub key: Paint,
    /// Names of loggers and processes.
    pub name: Paint,
    /// Success.
    pub good: Paint,
    /// Warnings, and what is not finished.
    pub caution: Paint,
    /// Errors and failures.
    pub bad: Paint,
    /// Where the time went.
    pub slow: Paint,
}

impl Palette {
    /// Colours from the terminal's own sixteen, which the user has made readable.
    pub fn colored() -> Self {
        let color = |color: AnsiColor| Paint::new().fg_color(Some(color.into()));
        Self {
            dim: Paint::new().dimmed(),
            strong: Paint::new().bold(),
            key: color(AnsiColor::Cyan),
            name: color(AnsiColor::Blue),
            good: color(AnsiColor::Green),
            caution: color(AnsiColor::Yellow),
            bad: color(AnsiColor::Red).bold(),
            slow: color(AnsiColor::Yellow).bold(),
        }
    }

    /// The colour of a level.
    pub fn level(&self, level: Option<Level>) -> Paint {
        match level {
            Some(level) if level >= Level::ERROR => self.bad,
            Some(level) if level >= Level::WARNING => self.caution,
            Some(level) if level >= Level::INFO => self.good,
            _ => self.dim,
        }
    }

    /// The colour of a status.
    pub fn status(&self, status: Status) -> Paint {
        match status {
            Status::Succeeded => self.good,
            Status::Failed => self.bad,
            Status::Running => self.caution,
            Status::Unknown => self.dim,
        }
    }
}

impl Style {
    /// Appends `text` in a colour.
    pub fn paint(&self, out: &mut Vec<u8>, paint: Paint, text: &str) {
        // The colour of nothing would make an empty line look like one that is not.
        if text.is_empty() {
            return;
        }
        // Writing to memory cannot fail.
        let _ = write!(out, "{}{text}{}", paint.render(), paint.render_reset());
    }

    /// The sign of a status.
    pub fn mark(&self, status: Status) -> &'static str {
        match (status, self.ascii) {
            (Status::Succeeded, false) => "✓",
            (Status::Failed, false) => "✗",
            (Status::Running, false) => "▷",
            (Status::Unknown, false) => "·",
            (Status::Succeeded, true) => "+",
            (Status::Failed, true) => "x",
            (Status::Running, true) => ">",
            (Status::Unknown, true) => ".",
        }
    }
}
