//! What stands in front of pairs in a line: time, level, logger and more, as the formatters of
//! Python's logging and its frameworks, of Logback, Spring, Rust's tracing and others write them.
//!
//! Only what is plain to see is taken for more than the message: a date with a time, a level
//! in capitals or set off by brackets, colons or dashes, a name with a dot or set off likewise.
//! What else a form has is taken only where its level stands, so that a sentence in brackets
//! stays one.

mod behind;
mod clock;
mod context;
mod cut;
mod forms;
mod python;
mod spans;
mod start;
mod zap;

pub(super) use clock::{behind_time, has_time, time, time_of_day};

use super::{logfmt::Pair, object::Object};
use crate::record::Zone;
use context::Context;
use cut::separated;
use forms::FORMS;
use spans::Spans;
use start::{Form, Start};

/// The parts of a prefix, each as it stands there.
#[derive(Clone, Debug, Default)]
pub(super) struct Prefix<'a> {
    time: Option<&'a [u8]>,
    /// The time as a number of seconds.
    seconds: Option<&'a [u8]>,
    /// The time of a day that is not told.
    time_of_day: Option<&'a [u8]>,
    pub(super) level: Option<&'a [u8]>,
    logger: Option<&'a [u8]>,
    /// What not all producers have, under the names of Python's `LogRecord` where it has one.
    more: Vec<(&'static [u8], &'a [u8])>,
    message: &'a [u8],
    /// What the program keeps in its context.
    context: Vec<Pair<'a>>,
    spans: Option<Box<Spans<'a>>>,
    /// True if the logger and the level stand as Monolog writes them.
    has_channel: bool,
    /// True if it is known that a name stands behind the level.
    is_named: bool,
}

impl<'a> Prefix<'a> {
    /// Reads a prefix. If it `is_named`, any word behind the level is a name.
    pub(super) fn read(text: &'a [u8], is_named: bool) -> Self {
        let (time, rest) = match time(text) {
            (None, _) => match clock::spelt_time(text) {
                (None, _) => clock::epoch(text),
                found => found,
            },
            found => found,
        };
        let start = Start::behind(rest);
        let mut plain = Self {
            time,
            message: start.text,
            is_named,
            ..Self::default()
        };
        if time.is_none()
            && let Some((clock, rest)) = clock::time_of_day(text)
        {
            // It tells too little to stand before any text, but it may stand before a level.
            plain.time_of_day = Some(clock);
            let found = Form::read(&FORMS, &plain, &Start::behind(rest))
                .filter(|found| found.level.is_some() || !found.context.is_empty());
            plain.time_of_day = None;
            return found.unwrap_or(plain);
        }
        if time.is_none()
            && let Some(found) = python::joined(text).or_else(|| zap::seconds(text))
        {
            return found;
        }
        let found = Form::read(&FORMS, &plain, &start);
        found.unwrap_or(plain).without_file()
    }

    /// Without a place in a file at the end of the message.
    fn without_file(self) -> Self {
        match python::in_file(self.message) {
            Some((message, path, line)) if self.level.is_some() => {
                let found = self.with("pathname", path).with("lineno", line);
                found.with_message(message)
            }
            _ => self,
        }
    }

    /// True if a time stands in front.
    pub(super) fn is_timed(&self) -> bool {
        self.time.is_some() || self.seconds.is_some() || self.time_of_day.is_some()
    }

    /// True if the logger and the level stand as Monolog writes them.
    pub(super) fn has_channel(&self) -> bool {
        self.has_channel
    }

    /// What stands behind all else.
    pub(super) fn message(&self) -> &'a [u8] {
        self.message
    }

    /// Adds what was found to a record. If it is `bare`, no pairs stand behind it but those that tracing itself
    /// writes at the end of a span.
    pub(super) fn write(&self, zone: Option<Zone>, bare: bool, object: &mut Object<'_>) {
        if let Some(time) = self.time {
            object.text(b"time", &clock::told(time, zone));
        }
        if let Some(seconds) = self.seconds {
            object.json(b"time", seconds);
        }
        for (key, value) in [
            (&b"time_of_day"[..], self.time_of_day),
            (b"level", self.level),
            (b"logger", self.logger),
        ] {
            if let Some(value) = value {
                object.text(key, value);
            }
        }
        for &(key, value) in &self.more {
            match key {
                b"process" | b"lineno" => object.bare(key, value),
                _ => object.text(key, value),
            }
        }
        if !self.message.is_empty() {
            object.text(b"message", self.message);
        }
        for pair in &self.context {
            pair.write(None, object);
        }
        if let Some(spans) = &self.spans {
            let of_innermost = bare && matches!(self.message, b"new" | b"close");
            spans.write(of_innermost, object);
        }
    }

    fn with_level(self, level: &'a [u8]) -> Self {
        Self {
            level: Some(level),
            ..self
        }
    }

    fn with_logger(self, name: &'a [u8]) -> Self {
        Self {
            logger: Some(name),
            ..self
        }
    }

    fn with(mut self, key: &'static str, value: &'a [u8]) -> Self {
        self.more.push((key.as_bytes(), value));
        self
    }

    fn with_context(mut self, context: Context<'a>) -> Self {
        self.context.extend(context.pairs);
        self.more.extend(context.named);
        self.with_message(separated(context.rest))
    }

    /// With where in the program it was logged.
    fn with_place(self, file: &'a [u8], line: &'a [u8]) -> Self {
        self.with("filename", file).with("lineno", line)
    }

    pub(super) fn with_message(self, message: &'a [u8]) -> Self {
        Self { message, ..self }
    }
}

#[cfg(test)]
mod tests;
