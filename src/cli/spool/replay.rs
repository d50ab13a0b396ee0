//! Records that an earlier run may have delivered already.

use super::plural;
use crate::record::{Lines, Stamper};

/// What is done with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Replay {
    /// They are marked with "replayed":true in `dl.recv`.
    Marked,
    /// They stay as they are, because that is how who takes them knows them again.
    AsTheyAre,
}

/// Marks lines, and counts them.
pub(super) struct Marker {
    replay: Replay,
    stamper: Stamper,
    out: Vec<u8>,
    records: u64,
    damaged: u64,
}

impl Marker {
    pub(super) fn new(replay: Replay) -> Self {
        Self {
            replay,
            stamper: Stamper::new("recv"),
            out: Vec::new(),
            records: 0,
            damaged: 0,
        }
    }

    /// The lines, with marks if they are to have them. What is no record stays as it is, but for a last line that a crash has
    /// cut and that had not been synced: it is left out.
    pub(super) fn mark(&mut self, lines: &[u8]) -> &[u8] {
        self.out.clear();
        for line in Lines::new(lines) {
            let start = self.out.len();
            let mark = |recv: Option<crate::record::Value<'_>>| match recv {
                Some(recv) if recv.raw.starts_with(b"{") && recv.raw.ends_with(b"}") => {
                    let text = String::from_utf8_lossy(recv.raw);
                    let inner = text[..text.len() - 1].trim_end();
                    let comma = if inner.ends_with('{') { "" } else { "," };
                    format!("{inner}{comma}\"replayed\":true}}")
                }
                Some(recv) => String::from_utf8_lossy(recv.raw).into_owned(),
                None => "{\"replayed\":true}".to_owned(),
            };
            if self.stamper.update(line, mark, &mut self.out).is_ok() {
                if self.replay == Replay::AsTheyAre {
                    self.out.truncate(start);
                    self.out.extend_from_slice(line);
                }
                self.out.push(b'\n');
                self.records += 1;
            } else if line.as_ptr_range().end < lines.as_ptr_range().end {
                // There is a newline behind it.
                self.out.truncate(start);
                self.out.extend_from_slice(line);
                self.out.push(b'\n');
                self.records += 1;
            } else {
                self.out.truncate(start);
                self.damaged += 1;
            }
        }
        &self.out
    }

    /// What there is to say.
    pub(super) fn words(&self) -> Option<String> {
        let mut words = match self.records {
            0 => String::new(),
            count => format!("{} of the last run sent again", plural(count, "record")),
        };
        if self.damaged > 0 {
            if !words.is_empty() {
                words += ", ";
            }
            words += &plural(self.damaged, "line");
            words += " of it damaged and left out";
        }
        (!words.is_empty()).then_some(words)
    }
}
