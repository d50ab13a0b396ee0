//! RabbitMQ's log: a time, a level, a process of Erlang, and a message, of which each line has the same in front of it.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::{
    below::{Line, Open, Reader},
    cut::{digits, in_brackets},
    format::{Format, Server},
    object::Object,
    prefix::time,
    wall,
};
use crate::record::{Zone, without_mark};

pub(super) const FORMAT: Format = Format::server(
    "rabbitmq",
    "the log of RabbitMQ",
    Server {
        looks,
        reader: |settings| Box::new(Rabbitmq(settings.zone)),
        goes_on: true,
    },
);

/// True for a line of an entry.
fn looks(line: &[u8]) -> bool {
    Entry::read(line).is_some()
}

/// Reads entries, of which those that tell no zone are of that one.
struct Rabbitmq(Option<Zone>);

impl Reader for Rabbitmq {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let entry =
            Entry::read(line).ok_or("no log of RabbitMQ: expected TIME [LEVEL] <PID> MESSAGE")?;
        object.text(b"time", &wall::told(entry.time, self.0));
        object.text(b"level", entry.level);
        object.text(b"process", entry.process);
        // A message may begin with an empty line.
        if !entry.message.is_empty() {
            object.text(b"message", entry.message);
        }
        // Before 3.9 the further lines of a message had nothing in front.
        Ok(Line::Open(Open {
            by: FORMAT.name,
            head: entry.head(),
            is_dated: true,
            is_begun: false,
        }))
    }

    fn begins(&self, line: &[u8], _is_apart: bool) -> bool {
        looks(line)
    }

    fn awaits(&self, line: &[u8], above: Line) -> bool {
        // No process writes twice within a microsecond.
        above.open(FORMAT.name).is_some_and(|open| {
            Entry::read(line).is_some_and(|entry| entry.is_precise() && entry.head() == open.head)
        })
    }

    fn join(&mut self, line: &[u8], above: Line, object: &mut Object<'_>) -> Line {
        let message = Entry::read(line).map(|entry| entry.message);
        if let Some(message) = message.filter(|message| !message.is_empty()) {
            object.line(message);
        }
        above
    }
}

/// What a line tells.
struct Entry<'a> {
    time: &'a [u8],
    level: &'a [u8],
    process: &'a [u8],
    message: &'a [u8],
}

impl<'a> Entry<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        const LEVELS: [&[u8]; 9] = [
            b"debug",
            b"info",
            b"notice",
            b"warning",
            b"warn",
            b"error",
            b"critical",
            b"alert",
            b"emergency",
        ];
        let line = without_mark(line).trim_ascii_end();
        // Before all else, what few other lines have.
        if line.get(4) != Some(&b'-') {
            return None;
        }
        let (front, level, rest) = in_brackets(line)?;
        let process = &rest[..pid(rest)?];
        if !LEVELS.contains(&level) {
            return None;
        }
        let (time, behind) = time(front);
        let message = &rest[process.len()..];
        behind.is_empty().then_some(Self {
            time: time?,
            level,
            process,
            message: message.strip_prefix(b" ").unwrap_or(message),
        })
    }

    /// True if its time has microseconds.
    fn is_precise(&self) -> bool {
        let fraction = memchr::memchr(b'.', self.time).map(|at| &self.time[at + 1..]);
        fraction
            .and_then(digits)
            .is_some_and(|(digits, _)| digits.len() >= 6)
    }

    /// What stands in front of each line of the same message, as a number.
    fn head(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.time, self.level, self.process).hash(&mut hasher);
        hasher.finish()
    }
}

/// Where a process of Erlang ends, `<0.222.0>`, which a text begins with and a blank follows.
fn pid(text: &[u8]) -> Option<usize> {
    let (_, rest) = digits(text.strip_prefix(b"<")?)?;
    let (_, rest) = digits(rest.strip_prefix(b".")?)?;
    let (_, rest) = digits(rest.strip_prefix(b".")?)?;
    let rest = rest.strip_prefix(b">")?;
    let is_end = rest.first().is_none_or(|byte| *byte == b' ');
    is_end.then_some(text.len() - rest.len())
}

#[cfg(test)]
mod tests;
