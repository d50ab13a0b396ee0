//! Lines that are no records, and what is made of them.

use std::borrow::Cow;

use super::{super::ledger::Tally, Foreign};
use crate::{error::Result, record};

/// What is to be done about a line that is no record.
#[derive(Debug)]
pub(in crate::cli) enum Stray {
    /// Nothing more: it is blank, or counted as rejected.
    Gone,
    /// Write it as it is.
    Pass,
    /// Treat this record in its place.
    Wrapped(Vec<u8>),
}

/// What is said of a line that opens an object and no more: so printers indent, and a user who has their
/// output has to know who reads it.
const OPENED: &str = "it looks like JSON over several lines, which dl-recv --format json reads";

/// A record whose message is `line`: all of it, because the blanks in front of the lines of
/// a traceback are part of it; only the CR of CR LF belongs to the file.
pub(in crate::cli) fn wrap(line: &[u8]) -> Vec<u8> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = String::from_utf8_lossy(record::without_mark(line));
    format!("{{\"message\":{}}}", serde_json::Value::from(text)).into_bytes()
}

/// Which lines a worker keeps beside its records, and how it counts the others.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Screen {
    pub(in crate::cli) foreign: Foreign,
    pub(in crate::cli) keep: bool,
    pub(in crate::cli) strict: bool,
}

impl Screen {
    /// True if the user cares about each line that is no record, also about those that could
    /// not be selected anyway.
    pub(in crate::cli) fn checks_all(self) -> bool {
        self.strict || self.keep || self.foreign != Foreign::Drop
    }

    /// True if rejected lines are kept.
    pub(in crate::cli) fn keeps(self) -> bool {
        self.keep
    }

    /// The same for who can show nothing but records: what others pass is wrapped.
    pub(in crate::cli) fn wrapping(self) -> Self {
        let foreign = match self.foreign {
            Foreign::Pass => Foreign::Wrap,
            foreign => foreign,
        };
        Self { foreign, ..self }
    }

    /// What stands for a line that was looked at: the line itself if it is a record, or what is
    /// wanted of a stray; `None` if it is gone.
    pub(in crate::cli) fn keep<'l, B: ToString>(
        self,
        line: &'l [u8],
        looked: Result<(), B>,
        tally: &mut Tally,
    ) -> Option<Cow<'l, [u8]>> {
        let Err(bad) = looked else {
            return Some(line.into());
        };
        match self.stray(line, &bad, tally) {
            Stray::Gone => None,
            Stray::Pass => Some(line.into()),
            Stray::Wrapped(record) => Some(record.into()),
        }
    }

    /// Decides about a line that should be a record and is none, and counts it.
    pub(in crate::cli) fn stray(
        self,
        line: &[u8],
        bad: &impl ToString,
        tally: &mut Tally,
    ) -> Stray {
        let is_text = !record::trim(line).starts_with(b"{");
        self.decide(line, bad, is_text, tally)
    }

    /// Decides about a line in which a format finds no record, and counts it.
    pub(in crate::cli) fn unread(
        self,
        line: &[u8],
        bad: &impl ToString,
        tally: &mut Tally,
    ) -> Stray {
        self.decide(line, bad, false, tally)
    }

    fn decide(self, line: &[u8], bad: &impl ToString, is_text: bool, tally: &mut Tally) -> Stray {
        let text = record::trim(line);
        if text.is_empty() {
            tally.read -= 1;
            return Stray::Gone;
        }
        match self.foreign {
            Foreign::Pass => Stray::Pass,
            Foreign::Wrap => Stray::Wrapped(wrap(line)),
            // Its writer has not made a mistake: it was not asked for the rest.
            Foreign::Drop | Foreign::Fail if tally.unfinished => {
                tally.leave_out(line);
                Stray::Gone
            }
            Foreign::Drop | Foreign::Fail => {
                if matches!(text, b"{" | b"[") {
                    tally.reject_foreign(line, self.keep, &OPENED);
                } else {
                    tally.reject_foreign(line, self.keep, bad);
                }
                tally.text += u64::from(is_text);
                tally.stop = self.foreign == Foreign::Fail;
                Stray::Gone
            }
        }
    }
}
