//! Records that an earlier run may have delivered already.

use super::plural;
use crate::{
    endpoint::Endpoint,
    record::{Additions, Lines, Stamper},
};

/// What is done with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Replay {
    /// They are marked with "replayed":true in `dl.recv`.
    Marked,
    /// They stay as they are, because that is how who takes them knows them again.
    AsTheyAre,
}

impl Replay {
    /// What dl-recv does: stores and streams of NATS know a record by its text, and with a mark it would be another one.
    pub(in crate::cli) fn to(output: &Endpoint) -> Self {
        match output {
            Endpoint::Store(_) | Endpoint::Nats(_) => Self::AsTheyAre,
            _ => Self::Marked,
        }
    }
}

/// Marks lines, and counts them.
pub(super) struct Marker {
    replay: Replay,
    stamper: Stamper,
    mark: Additions,
    out: Vec<u8>,
    records: u64,
    damaged: u64,
}

impl Marker {
    pub(super) fn new(replay: Replay) -> Self {
        Self {
            replay,
            stamper: Stamper::new("recv"),
            mark: Additions::new(vec![("replayed".into(), "true".into())]),
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
            if self.stamper.extend(line, &self.mark, &mut self.out).is_ok() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_leave_the_rest_alone() {
        let mut marker = Marker::new(Replay::Marked);
        let lines = concat!(
            "{\"a\":1}\n",
            "{\"dl\":{\"recv\":{\"peer\":\"p\" }}}\n",
            "{\"dl\":{\"recv\":\"p\"}}\n",
            "oops\n",
            "{\"a\":"
        );
        let text = String::from_utf8_lossy(marker.mark(lines.as_bytes())).into_owned();
        assert_eq!(
            text,
            concat!(
                "{\"a\":1,\"dl\":{\"recv\":{\"replayed\":true}}}\n",
                "{\"dl\":{\"recv\":{\"peer\":\"p\" ,\"replayed\":true}}}\n",
                "{\"dl\":{\"recv\":\"p\"}}\n",
                "oops\n"
            )
        );
        let words = marker.words().expect("words");
        assert_eq!(
            words,
            "4 records of the last run sent again, 1 line of it damaged and left out"
        );
    }
}
