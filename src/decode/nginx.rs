//! nginx's log of errors: a time, a level, who writes it, a message, and of what request that is.

use super::{
    below::{Line, Open, Reader},
    cut::{around, digits},
    format::{Format, Server},
    object::Object,
    wall,
};
use crate::record::{Zone, without_mark};

pub(super) const FORMAT: Format = Format::server(
    "nginx",
    "the log of errors that nginx writes",
    Server {
        looks,
        reader: |settings| Box::new(Nginx(settings.zone)),
        goes_on: true,
    },
);

/// True for a line that is an entry.
fn looks(line: &[u8]) -> bool {
    Entry::read(line).is_some()
}

/// Reads entries, whose times are of that zone.
struct Nginx(Option<Zone>);

impl Reader for Nginx {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let entry = Entry::read(line).ok_or(
            "no log of nginx's errors: expected YYYY/MM/DD HH:MM:SS [LEVEL] PID#TID: MESSAGE",
        )?;
        entry.write(self.0, object);
        // What an application tells in FastCGI may have lines.
        Ok(if entry.is_open() {
            Line::Open(Open {
                by: FORMAT.name,
                head: 0,
                is_dated: true,
                is_begun: true,
            })
        } else {
            Line::Dated
        })
    }

    fn begins(&self, line: &[u8], _is_apart: bool) -> bool {
        looks(line)
    }

    fn awaits(&self, line: &[u8], above: Line) -> bool {
        above.open(FORMAT.name).is_some() && behind_told(line).is_some() && !looks(line)
    }

    fn join(&mut self, line: &[u8], above: Line, object: &mut Object<'_>) -> Line {
        let line = line.trim_ascii_end();
        let Some(at) = behind_told(line) else {
            return above;
        };
        let (message, request) = line.split_at(at);
        object.line(message);
        write_request(request, object);
        Line::Dated
    }
}

/// What stands in front of that which an application tells; nginx does not escape quotes in it.
const TOLD: &[u8] = b"FastCGI sent in stderr: \"";

/// Where it is told of what request that is, behind the end of what an application tells.
fn behind_told(text: &[u8]) -> Option<usize> {
    let end = memchr::memmem::find(text, b"\" while ")?;
    let at = memchr::memmem::find(&text[end..], b", client: ")?;
    Some(end + at)
}

/// What an entry tells.
#[derive(Debug, Default)]
struct Entry<'a> {
    time: Option<chrono::NaiveDateTime>,
    level: &'a [u8],
    process: Option<&'a [u8]>,
    thread: Option<&'a [u8]>,
    connection: Option<&'a [u8]>,
    message: &'a [u8],
}

impl<'a> Entry<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        const TIME: usize = "2026/11/20 12:00:00".len();
        let line = without_mark(line).trim_ascii_end();
        // What stands on the terminal before there is a log.
        if let Some(rest) = line.strip_prefix(b"nginx: ") {
            let (level, message) = level(rest)?;
            return Some(Self {
                level,
                message,
                ..Self::default()
            });
        }
        // Before all else, what few other lines have.
        if line.get(4) != Some(&b'/') {
            return None;
        }
        let (time, rest) = line.split_at_checked(TIME)?;
        let time = wall::wall(time, "%Y/%m/%d %H:%M:%S")?;
        let (level, rest) = level(rest.strip_prefix(b" ")?)?;
        let (process, rest) = digits(rest)?;
        let (thread, rest) = digits(rest.strip_prefix(b"#")?)?;
        let text = rest.strip_prefix(b": ")?;
        let connection = text.strip_prefix(b"*").and_then(digits);
        let connection =
            connection.and_then(|(number, rest)| Some((number, rest.strip_prefix(b" ")?)));
        Some(Self {
            time: Some(time),
            level,
            process: Some(process),
            thread: Some(thread),
            connection: connection.map(|(number, _)| number),
            message: connection.map_or(text, |(_, rest)| rest),
        })
    }

    /// Where the message tells of what request it is.
    fn request(&self) -> Option<usize> {
        if self.message.starts_with(TOLD) {
            behind_told(self.message)
        } else {
            memchr::memmem::find(self.message, b", client: ")
        }
    }

    /// True if further lines tell what an application has told.
    fn is_open(&self) -> bool {
        self.message.starts_with(TOLD) && self.request().is_none()
    }

    fn write(&self, zone: Option<Zone>, object: &mut Object<'_>) {
        if let Some(time) = self.time {
            object.text(b"time", wall::shown(time, zone).as_bytes());
        }
        object.text(b"level", self.level);
        let numbers = [
            (&b"process"[..], self.process),
            (b"thread", self.thread),
            (b"connection", self.connection),
        ];
        for (key, number) in numbers {
            if let Some(number) = number {
                object.bare(key, number);
            }
        }
        let Some(at) = self.request() else {
            return object.text(b"message", self.message);
        };
        let (message, request) = self.message.split_at(at);
        object.text(b"message", message);
        write_request(request, object);
    }
}

/// `[error] ` in front of a text.
fn level(text: &[u8]) -> Option<(&[u8], &[u8])> {
    const LEVELS: [&[u8]; 8] = [
        b"emerg", b"alert", b"crit", b"error", b"warn", b"notice", b"info", b"debug",
    ];
    let (level, rest) = around(text.strip_prefix(b"[")?, b"] ")?;
    LEVELS.contains(&level).then_some((level, rest))
}

/// What nginx tells of a request, in its order, and the names in records. `host` is a machine there.
const PARTS: [(&[u8], &[u8]); 8] = [
    (b", client: ", b"client"),
    (b", server: ", b"server"),
    (b", login: ", b"login"),
    (b", request: ", b"request"),
    (b", subrequest: ", b"subrequest"),
    (b", upstream: ", b"upstream"),
    (b", host: ", b"http_host"),
    (b", referrer: ", b"referer"),
];

fn write_request(mut rest: &[u8], object: &mut Object<'_>) {
    for (at, (mark, key)) in PARTS.iter().enumerate() {
        let Some(text) = rest.strip_prefix(*mark) else {
            continue;
        };
        let value;
        (value, rest) = if let Some(inner) = text.strip_prefix(b"\"") {
            quoted(inner, &PARTS[at + 1..])
        } else {
            let end = memchr::memmem::find(text, b", ").unwrap_or(text.len());
            text.split_at(end)
        };
        object.text(key, value);
    }
    let rest = rest.strip_prefix(b", ").unwrap_or(rest);
    if !rest.is_empty() {
        object.text(b"rest", rest);
    }
}

/// What stands in front of the quote that is the last or has one of those parts behind it, and what follows. nginx
/// does not escape quotes, and cuts lines off.
fn quoted<'a>(inner: &'a [u8], parts: &[(&[u8], &[u8])]) -> (&'a [u8], &'a [u8]) {
    let ends = |at: &usize| {
        let behind = &inner[at + 1..];
        let mut behind = parts
            .iter()
            .filter_map(|(mark, _)| behind.strip_prefix(*mark));
        behind.any(|value| value.starts_with(b"\""))
    };
    let end = memchr::memchr_iter(b'"', inner)
        .find(ends)
        .or_else(|| memchr::memrchr(b'"', inner));
    match end {
        Some(end) => (&inner[..end], &inner[end + 1..]),
        None => (inner, &[]),
    }
}

#[cfg(test)]
mod tests;
