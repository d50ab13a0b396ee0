//! What stands in front of pairs in a line: time, level, logger and more, as the formatters of
//! Python's logging and its frameworks, of Logback, Spring, Rust's tracing and others write them.
//!
//! Only what is plain to see is taken for more than the message: a date with a time, a level
//! in capitals or set off by brackets, colons or dashes, a name with a dot or set off likewise.
//! What else a form has is taken only where its level stands, so that a sentence in brackets
//! stays one.

mod behind;
mod clock;
mod cut;
mod forms;

pub(super) use clock::{has_time, time};

use super::object::Object;
use crate::record::Zone;
use cut::separated;
use forms::{FORMS, Form};

/// The parts of a prefix, each as it stands there. Those that are not fields of every producer
/// have the names of Python's `LogRecord`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Prefix<'a> {
    pub(super) time: Option<&'a [u8]>,
    /// The time of a day that is not told.
    time_of_day: Option<&'a [u8]>,
    pub(super) level: Option<&'a [u8]>,
    logger: Option<&'a [u8]>,
    service: Option<&'a [u8]>,
    process: Option<&'a [u8]>,
    process_name: Option<&'a [u8]>,
    thread: Option<&'a [u8]>,
    module: Option<&'a [u8]>,
    filename: Option<&'a [u8]>,
    function: Option<&'a [u8]>,
    line: Option<&'a [u8]>,
    /// The ids of the trace and of the span.
    trace: Option<(&'a [u8], &'a [u8])>,
    /// The name and the id of Celery's task.
    task: Option<(&'a [u8], &'a [u8])>,
    message: &'a [u8],
}

impl<'a> Prefix<'a> {
    /// Reads a prefix. If it is known that a name stands behind the level, any word there is
    /// one.
    pub(super) fn read(text: &'a [u8], has_name: bool) -> Self {
        let (time, rest) = time(text);
        let mut plain = Self {
            time,
            message: separated(rest),
            ..Self::default()
        };
        let form = |plain, rest| {
            let mut forms = FORMS.iter();
            forms.find_map(|form: &Form| form(plain, rest, has_name))
        };
        if time.is_none()
            && let Some((clock, rest)) = clock::time_of_day(text)
        {
            // It tells too little to stand before any text, but it may stand before a level.
            plain.time_of_day = Some(clock);
            let found = form(plain, rest).filter(|found| found.level.is_some());
            plain.time_of_day = None;
            return found.unwrap_or(plain);
        }
        form(plain, rest).unwrap_or(plain)
    }

    /// True if a time stands in front.
    pub(super) fn is_timed(&self) -> bool {
        self.time.is_some() || self.time_of_day.is_some()
    }

    /// Adds what was found to a record.
    pub(super) fn write(&self, zone: Option<Zone>, object: &mut Object<'_>) {
        if let Some(time) = self.time {
            match zone.and_then(|zone| zone.instant_of(time)) {
                Some(instant) => object.text(b"time", instant.to_rfc3339().as_bytes()),
                None => object.text(b"time", time),
            }
        }
        let message = Some(self.message).filter(|text| !text.is_empty());
        for (key, value) in [
            (&b"time_of_day"[..], self.time_of_day),
            (b"level", self.level),
            (b"logger", self.logger),
            (b"service", self.service),
            (b"process", self.process),
            (b"processName", self.process_name),
            (b"thread", self.thread),
            (b"module", self.module),
            (b"filename", self.filename),
            (b"lineno", self.line),
            (b"funcName", self.function),
            (b"traceId", self.trace.map(|(trace, _)| trace)),
            (b"spanId", self.trace.map(|(_, span)| span)),
            (b"task", self.task.map(|(name, _)| name)),
            (b"task_id", self.task.map(|(_, id)| id)),
            (b"message", message),
        ] {
            match (key, value) {
                (_, None) => {}
                (b"process" | b"lineno", Some(value)) => object.bare(key, value),
                (_, Some(value)) => object.text(key, value),
            }
        }
    }
}

#[cfg(test)]
mod tests;
