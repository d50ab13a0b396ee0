//! Apache's log of errors: a time, a module and a level, who writes it, for which client, and a message.

mod wsgi;

use std::borrow::Cow;

use chrono::NaiveDateTime;

use self::wsgi::Part;
use super::{
    address::{is_address, with_port},
    below::{Line, Reader},
    cut::{around, digits, is_number},
    format::{Format, Server},
    logfmt::Text,
    object::Object,
    wall,
};
use crate::record::{Zone, without_mark};

pub(super) const FORMAT: Format = Format::server(
    "apache",
    "the log of errors that Apache's httpd writes",
    Server {
        looks,
        reader: |settings| Box::new(Apache(settings.zone)),
        goes_on: true,
    },
);

/// True for a line that is an entry.
fn looks(line: &[u8]) -> bool {
    Entry::read(line).is_some()
}

/// Reads entries, whose times are of that zone.
struct Apache(Option<Zone>);

impl Reader for Apache {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let entry = Entry::read(line)
            .ok_or("no log of Apache's errors: expected [TIME] [MODULE:LEVEL] [pid PID] MESSAGE")?;
        entry.write(self.0, object);
        // What a program of CGI writes has nothing in front.
        Ok(wsgi::shown(&entry).unwrap_or(Line::Dated))
    }

    fn begins(&self, line: &[u8], _is_apart: bool) -> bool {
        looks(line)
    }

    fn awaits(&self, line: &[u8], above: Line) -> bool {
        above.open(FORMAT.name).is_some_and(|open| {
            Entry::read(line).is_some_and(|entry| wsgi::goes_on(&entry, open).is_some())
        })
    }

    fn join(&mut self, line: &[u8], above: Line, object: &mut Object<'_>) -> Line {
        let (Some(open), Some(entry)) = (above.open(FORMAT.name), Entry::read(line)) else {
            return above;
        };
        let Some((part, shown)) = wsgi::goes_on(&entry, open) else {
            return above;
        };
        let text = unescaped(entry.message);
        if part == Part::Before {
            object.open_text(b"exception", &text);
        } else {
            object.line(&text);
        }
        shown
    }
}

/// What an entry tells.
#[derive(Debug, Default)]
struct Entry<'a> {
    time: Option<NaiveDateTime>,
    level: Option<&'a [u8]>,
    verbosity: Option<&'a [u8]>,
    module: Option<&'a [u8]>,
    process: Option<&'a [u8]>,
    thread: Option<&'a [u8]>,
    place: Option<(&'a [u8], &'a [u8])>,
    error: Option<(&'a [u8], &'a [u8])>,
    client: Option<&'a [u8]>,
    port: Option<&'a [u8]>,
    msgid: Option<&'a [u8]>,
    message: &'a [u8],
    referer: Option<&'a [u8]>,
}

impl<'a> Entry<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        let line = without_mark(line).trim_ascii_end();
        let mut entry = Self::default();
        // What stands on the terminal before there is a log.
        if line.starts_with(b"AH") {
            entry.message(line);
            return entry.msgid.is_some().then_some(entry);
        }
        let (time, rest) = bracketed(line)?;
        entry.time = Some(wall::wall(time, "%a %b %e %H:%M:%S%.f %Y")?);
        let (level, rest) = bracketed(rest.strip_prefix(b" ")?)?;
        entry.level(level)?;
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let rest = entry.process(rest).unwrap_or(rest);
        let rest = entry.place(rest).unwrap_or(rest);
        let rest = entry.error(rest).unwrap_or(rest);
        let rest = entry.client(rest).unwrap_or(rest);
        entry.message(rest);
        Some(entry)
    }

    /// `core:error`, `error`, or `-:notice` of what is no module.
    fn level(&mut self, text: &'a [u8]) -> Option<()> {
        const LEVELS: [&[u8]; 9] = [
            b"emerg", b"alert", b"crit", b"error", b"warn", b"notice", b"info", b"debug", b"trace",
        ];
        let (module, level) = match around(text, b":") {
            Some((module, level)) => (Some(module), level),
            None => (None, text),
        };
        self.module = module.filter(|module| !matches!(*module, b"-" | b""));
        self.level = Some(level);
        if let Some((digit @ b'1'..=b'8', word)) = level.split_last()
            && word == b"trace"
        {
            self.level = Some(word);
            self.verbosity = Some(std::slice::from_ref(digit));
        }
        LEVELS.contains(&self.level?).then_some(())
    }

    /// `[pid 7:tid 8] ` or `[pid 7] `.
    fn process(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        let (inner, rest) = bracketed(text)?;
        let (process, behind) = digits(inner.strip_prefix(b"pid ")?)?;
        self.process = Some(process);
        self.thread = behind.strip_prefix(b":tid ").filter(|id| is_number(id));
        Some(rest.strip_prefix(b" ").unwrap_or(rest))
    }

    /// `mod_proxy.c(848): `, which is written at the levels for developers.
    fn place(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        let (place, rest) = around(text, b"): ")?;
        let (file, line) = around(place, b"(")?;
        let is_place = file.ends_with(b".c") && !file.contains(&b' ') && is_number(line);
        self.place = is_place.then_some((file, line));
        is_place.then_some(rest)
    }

    /// `(111)Connection refused: `.
    fn error(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        let (number, rest) = around(text.strip_prefix(b"(")?, b")")?;
        let (reason, rest) = around(rest, b": ")?;
        self.error = is_number(number).then_some((number, reason));
        self.error.is_some().then_some(rest)
    }

    /// `[client 10.0.0.9:51234] `, or `[remote …] ` where there is no request yet.
    fn client(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        let (inner, rest) = bracketed(text)?;
        let client = inner
            .strip_prefix(b"client ")
            .or_else(|| inner.strip_prefix(b"remote "))?;
        if let Some((client, port)) = with_port(client) {
            (self.client, self.port) = (Some(client), Some(port));
        } else {
            self.client = Some(client).filter(|client| is_address(client));
        }
        self.client.is_some().then_some(())?;
        Some(rest.strip_prefix(b" ").unwrap_or(rest))
    }

    /// `AH00128: ` and a text, with the page that the client has come from at its end.
    fn message(&mut self, text: &'a [u8]) {
        let id = around(text, b": ").filter(|(id, _)| {
            let number = id.strip_prefix(b"AH");
            number.is_some_and(|number| number.len() == 5 && is_number(number))
        });
        self.msgid = id.map(|(id, _)| id);
        self.message = id.map_or(text, |(_, rest)| rest);
        // It can only be there for a client.
        if let Some((message, referer)) =
            around(self.message, b", referer: ").filter(|_| self.client.is_some())
        {
            (self.message, self.referer) = (message, Some(referer));
        }
    }

    fn write(&self, zone: Option<Zone>, object: &mut Object<'_>) {
        if let Some(time) = self.time {
            object.text(b"time", wall::shown(time, zone).as_bytes());
        }
        let members = [
            (&b"level"[..], self.level),
            (b"verbosity", self.verbosity),
            (b"logger", self.module),
            (b"process", self.process),
            (b"thread", self.thread),
            (b"filename", self.place.map(|(file, _)| file)),
            (b"lineno", self.place.map(|(_, line)| line)),
            (b"client", self.client),
            (b"port", self.port),
            (b"msgid", self.msgid),
            (b"errno", self.error.map(|(number, _)| number)),
            (b"strerror", self.error.map(|(_, reason)| reason)),
        ];
        for (key, value) in members {
            match value {
                Some(value) if is_number(value) => object.bare(key, value),
                Some(value) => object.text(key, value),
                None => {}
            }
        }
        if wsgi::begins(self) {
            object.open_text(b"exception", &unescaped(self.message));
        } else {
            object.text(b"message", &unescaped(self.message));
        }
        if let Some(referer) = self.referer {
            object.text(b"referer", &unescaped(referer));
        }
    }
}

/// What stands in brackets, and what follows.
fn bracketed(text: &[u8]) -> Option<(&[u8], &[u8])> {
    around(text.strip_prefix(b"[")?, b"]")
}

/// A text as it was before Apache has escaped what clients may have sent.
fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    Text::Quoted(text).bytes()
}

#[cfg(test)]
mod tests;
