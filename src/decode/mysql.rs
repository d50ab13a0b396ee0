//! The log of errors of MariaDB and of MySQL: a time, a thread, a level, and a message; MySQL's has a code and a
//! subsystem in front of that.

use chrono::{DateTime, NaiveDateTime};

use super::{
    below::{Line, Reader},
    cut::{around, in_brackets, is_number, last_around},
    format::{Format, Server},
    object::Object,
    wall,
};
use crate::record::{Zone, without_mark};

pub(super) const FORMAT: Format = Format::server(
    "mysql",
    "the log of errors of MariaDB and MySQL",
    Server {
        looks,
        reader: |settings| Box::new(Mysql(settings.zone)),
        goes_on: true,
    },
);

/// True for a line that is an entry.
fn looks(line: &[u8]) -> bool {
    Entry::read(line).is_some()
}

/// Reads entries, of which those that tell no zone are of that one.
struct Mysql(Option<Zone>);

impl Reader for Mysql {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let entry = Entry::read(line)
            .ok_or("no log of MySQL's errors: expected TIME THREAD [LEVEL] MESSAGE")?;
        entry.write(self.0, object);
        // What InnoDB tells of a deadlock has lines, and so has the report of a crash.
        Ok(Line::Dated)
    }

    fn begins(&self, line: &[u8], _is_apart: bool) -> bool {
        looks(line)
    }
}

/// What an entry tells, by the names that the table `error_log` of MySQL's performance schema has.
struct Entry<'a> {
    time: Time<'a>,
    thread: Option<&'a [u8]>,
    level: &'a [u8],
    code: Option<&'a [u8]>,
    subsystem: Option<&'a [u8]>,
    message: &'a [u8],
}

enum Time<'a> {
    /// MariaDB's.
    Wall(NaiveDateTime),
    /// MySQL's, with a zone.
    Zoned(&'a [u8]),
}

impl<'a> Entry<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        const LEVELS: [&[u8]; 5] = [b"Note", b"Warning", b"Warn", b"ERROR", b"System"];
        let line = without_mark(line).trim_ascii_end();
        // Before all else, what few other lines have.
        line.first().filter(|byte| byte.is_ascii_digit())?;
        let (front, level, text) = in_brackets(line)?;
        if !LEVELS.contains(&level) {
            return None;
        }
        let (time, thread) = match last_around(front, b' ') {
            Some((time, thread)) if is_number(thread) => (time, Some(thread)),
            _ => (front, None),
        };
        let entry = Self {
            time: Time::read(time)?,
            thread,
            level,
            code: None,
            subsystem: None,
            message: text,
        };
        // The images of containers tell what they do in front of a server, without a thread.
        if let Some(message) = text.strip_prefix(b"[Entrypoint]: ") {
            return Some(Self {
                subsystem: Some(b"Entrypoint"),
                message,
                ..entry
            });
        }
        let is_old = matches!(entry.time, Time::Wall(_)) && !front.contains(&b'-');
        (entry.thread.is_some() != is_old).then(|| entry.coded())
    }

    /// Takes `[MY-010116] [Server] ` from the front of the message.
    fn coded(self) -> Self {
        let coded = || {
            let (code, rest) = around(self.message.strip_prefix(b"[MY-")?, b"] [")?;
            let (subsystem, message) = around(rest, b"] ")?;
            let code = is_number(code).then(|| &self.message[1..b"[MY-".len() + code.len()]);
            Some((code?, subsystem, message))
        };
        match coded() {
            Some((code, subsystem, message)) => Self {
                code: Some(code),
                subsystem: Some(subsystem),
                message,
                ..self
            },
            None => self,
        }
    }

    fn write(&self, zone: Option<Zone>, object: &mut Object<'_>) {
        match self.time {
            Time::Wall(time) => object.text(b"time", wall::shown(time, zone).as_bytes()),
            Time::Zoned(time) => object.text(b"time", &wall::told(time, zone)),
        }
        // No level is called so elsewhere; to syslog both are its level info.
        if matches!(self.level, b"Note" | b"System") {
            object.text(b"level", b"info");
            object.text(b"label", self.level);
        } else {
            object.text(b"level", self.level);
        }
        if let Some(thread) = self.thread {
            object.bare(b"thread", thread);
        }
        for (key, value) in [
            (&b"error_code"[..], self.code),
            (b"subsystem", self.subsystem),
        ] {
            if let Some(value) = value {
                object.text(key, value);
            }
        }
        object.text(b"message", self.message);
    }
}

impl<'a> Time<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        let codes = match text.get(6)? {
            // What it was before MariaDB 10.1, and still is of a crash.
            b' ' => "%y%m%d %H:%M:%S",
            _ => "%Y-%m-%d %H:%M:%S",
        };
        if let Some(time) = wall::wall(text, codes) {
            return Some(Self::Wall(time));
        }
        let shown = std::str::from_utf8(text).ok()?;
        let is_zoned = DateTime::parse_from_rfc3339(shown).is_ok();
        is_zoned.then_some(Self::Zoned(text))
    }
}

#[cfg(test)]
mod tests;
