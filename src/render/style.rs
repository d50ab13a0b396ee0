//! The surroundings of a view: colours, characters, width, how times are written.

use anstyle::Style as Paint;

use super::{text::sanitize, theme::Palette, times::Times};
use crate::tree::Status;

/// How a view is to look.
#[derive(Clone, Debug)]
pub struct Style {
    /// The colours; all plain if there are none.
    pub palette: Palette,
    /// True if only ASCII may be drawn with.
    pub ascii: bool,
    /// The columns that a line should fit in.
    pub width: usize,
    /// How times are written.
    pub times: Times,
}

impl Default for Style {
    /// No colours, 100 columns, UTC.
    fn default() -> Self {
        Self {
            palette: Palette::default(),
            ascii: false,
            width: 100,
            times: Times::default(),
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
        let _ = paint.write_to(out);
        out.extend_from_slice(text.as_bytes());
        let _ = paint.write_reset_to(out);
    }

    /// That a request goes on in another process: texts and their colours.
    pub fn hop(&self, process: &str) -> [(Paint, String); 2] {
        let arrow = if self.ascii { "  @ " } else { "  ⇢ " };
        [
            (self.palette.dim, arrow.to_owned()),
            (self.palette.name, sanitize(process).into_owned()),
        ]
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
