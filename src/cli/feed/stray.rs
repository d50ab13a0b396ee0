//! Lines that are no records, and what is made of them.

use std::borrow::Cow;

use super::{super::ledger::Tally, Foreign};
use crate::{error::Result, record, tree::Status};

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

/// What is said of a line that looks like one of ours for people: who has put dl-fmt in front of another program
/// will not be helped by reading it as text.
pub(in crate::cli) const SHOWN: &str = "it looks like what dl-fmt shows, which comes last in a pipeline; dl-recv --format auto makes records of other text";

/// True for the first line of a tree as dl-fmt shows it, and for a record with time and level.
fn is_shown(text: &[u8]) -> bool {
    /// Where the level stands, behind a time with milliseconds.
    const LEVEL: std::ops::Range<usize> = 24..33;
    let first = text.split(|byte| *byte == b' ').next();
    let first = first.and_then(|word| std::str::from_utf8(word).ok());
    if first.and_then(Status::from_name).is_some() {
        return memchr::memmem::find(text, " · ".as_bytes()).is_some();
    }
    let Some((time, level)) = text.get(..LEVEL.start).zip(text.get(LEVEL)) else {
        return false;
    };
    let is_level = |level: &[u8]| {
        let level = std::str::from_utf8(level.trim_ascii_end());
        level.is_ok_and(|word| word == "-" || record::Level::from_word(word).is_some())
    };
    let signs = [4, 7, 10, 13, 16, 19, 23].map(|at| time[at]);
    signs == *b"-- ::. " && level.ends_with(b" ") && is_level(level)
}

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
                } else if is_text && is_shown(text) {
                    tally.reject_foreign(line, self.keep, &SHOWN);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_dl_fmt_shows_is_known() {
        let check = |text: &str, expect| assert_eq!(is_shown(text.as_bytes()), expect, "{text}");
        check("succeeded 2.00s · t · 2026-11-20 12:00:00.000", true);
        check("failed · t", true);
        check("failed to open t", false);
        check("2026-11-20 12:00:00.500 -        s-1 sell rc=1", true);
        check("2026-11-20 12:00:00.500 INFO     s-1 sell rc=1", true);
        check("2026-11-20 12:00:00.500 CRITICAL s-1 sell rc=1", true);
        // Other loggers.
        check("2026-11-20 12:00:00.500  INFO 7 --- [main] a.B : up", false);
        check("2026-11-20 12:00:00.500 INFO  [main] a.B - up", false);
        check("2026-11-20 12:00:00.500 | INFO     | a:b:1 - up", false);
        check("2026-11-20 12:00:00,500 INFO     a.b: up", false);
        check("2026-11-20 12:00:00.500 INFO", false);
        check("", false);
    }
}
