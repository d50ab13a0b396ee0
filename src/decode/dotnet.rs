//! What .NET's console logger writes by itself, as programs of ASP.NET Core do: a level and a category with the number
//! of an event, and below it, set in, scopes, the message and what was thrown.

use super::{
    below::{Line, Open, Reader},
    cut::{around, is_number, word},
    format::{Format, Server},
    object::Object,
    prefix::{time, time_of_day},
    wall,
};
use crate::record::{Zone, without_mark};

pub(super) const FORMAT: Format = Format::server(
    "dotnet",
    "what .NET's console logger writes by itself, a line and those that are set in below it",
    Server {
        looks,
        reader: |settings| Box::new(Dotnet(settings.zone)),
        goes_on: false,
    },
);

/// True for the first line of an entry.
fn looks(line: &[u8]) -> bool {
    Head::read(line).is_some()
}

/// Reads entries, whose times are of that zone.
struct Dotnet(Option<Zone>);

/// What has been read of an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Head,
    Message,
    Exception,
}

impl Stage {
    fn shown(self) -> Line {
        Line::Open(Open {
            by: FORMAT.name,
            head: self as u64,
            is_dated: false,
            is_begun: self == Self::Head,
        })
    }

    /// What a line has shown of an entry of ours.
    fn of(above: Line) -> Option<Self> {
        let Open { head, .. } = above.open(FORMAT.name)?;
        let mut all = [Self::Head, Self::Message, Self::Exception].into_iter();
        all.find(|stage| *stage as u64 == head)
    }
}

impl Reader for Dotnet {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let head = Head::read(line)
            .ok_or("no log of .NET's console: expected trce, dbug, info, warn, fail or crit, and : CATEGORY[NUMBER]")?;
        if let Some(time) = head.time {
            object.text(b"time", &wall::told(time, self.0));
        }
        if let Some(clock) = head.time_of_day {
            object.text(b"time_of_day", clock);
        }
        object.text(b"level", head.level);
        object.text(b"logger", head.category);
        object.bare(b"event_id", head.event);
        if head.message.is_empty() {
            return Ok(Stage::Head.shown());
        }
        object.text(b"message", head.message);
        Ok(Stage::Message.shown())
    }

    fn begins(&self, line: &[u8], _is_apart: bool) -> bool {
        looks(line)
    }

    fn awaits(&self, line: &[u8], above: Line) -> bool {
        Stage::of(above).is_some() && line.starts_with(SET_IN)
    }

    fn join(&mut self, line: &[u8], above: Line, object: &mut Object<'_>) -> Line {
        let text = line.strip_prefix(SET_IN).unwrap_or(line).trim_ascii_end();
        let stage = Stage::of(above).unwrap_or(Stage::Head);
        let next = match stage {
            Stage::Head if text.starts_with(SCOPE) => {
                write_scopes(text, object);
                Stage::Head
            }
            Stage::Head | Stage::Message if is_thrown(text) => {
                object.open_text(b"exception", text);
                Stage::Exception
            }
            Stage::Head => {
                object.text(b"message", text);
                Stage::Message
            }
            Stage::Message | Stage::Exception => {
                object.line(text);
                stage
            }
        };
        next.shown()
    }
}

/// What stands in front of all lines below the first.
const SET_IN: &[u8] = b"      ";

/// What stands in front of each scope.
const SCOPE: &[u8] = b"=> ";

/// The first line of an entry.
struct Head<'a> {
    time: Option<&'a [u8]>,
    /// Where the program has been told to write no more of the time.
    time_of_day: Option<&'a [u8]>,
    level: &'a [u8],
    category: &'a [u8],
    event: &'a [u8],
    /// Nothing, unless all is on one line.
    message: &'a [u8],
}

impl<'a> Head<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        let line = without_mark(line).trim_ascii_end();
        // The level first: there is none in most lines, and reading a time of each would cost more.
        let (front, rest) = around(line, b": ")?;
        let (front, level) = front.split_at_checked(front.len().checked_sub(b"info".len())?)?;
        if !matches!(
            level,
            b"trce" | b"dbug" | b"info" | b"warn" | b"fail" | b"crit"
        ) {
            return None;
        }
        let (time, time_of_day, before) = match (time(front), time_of_day(front)) {
            ((time @ Some(_), rest), _) => (time, None, rest),
            (_, Some((clock, rest))) => (None, Some(clock), rest),
            _ => (None, None, front),
        };
        if !before.trim_ascii().is_empty() {
            return None;
        }
        let (named, message) = word(rest).unwrap_or((rest, b""));
        let (category, event) = around(named.strip_suffix(b"]")?, b"[")?;
        let is_category = !category.is_empty() && !category.contains(&b']');
        let is_event = is_number(event.strip_prefix(b"-").unwrap_or(event));
        (is_category && is_event).then_some(Self {
            time,
            time_of_day,
            level,
            category,
            event,
            message: message.trim_ascii_start(),
        })
    }
}

/// True for the type and the message of what was thrown.
fn is_thrown(text: &[u8]) -> bool {
    let end = memchr::memchr2(b':', b' ', text).unwrap_or(text.len());
    let is_set_off = text.get(end).is_none_or(|byte| *byte == b':');
    is_set_off
        && text[..end].ends_with(b"Exception")
        && memchr::memchr(b'.', &text[..end]).is_some()
}

/// Writes `=> SpanId:1f, TraceId:2e => a text`: what they name, and else a text.
fn write_scopes(text: &[u8], object: &mut Object<'_>) {
    let mut rest = text.strip_prefix(SCOPE);
    while let Some(scopes) = rest {
        let (scope, more) = match around(scopes, b" => ") {
            Some((scope, more)) => (scope, Some(more)),
            None => (scopes, None),
        };
        rest = more;
        let pairs: Option<Vec<_>> = scope
            .split(|&byte| byte == b' ')
            .map(|pair| pair.strip_suffix(b",").unwrap_or(pair))
            .map(|pair| around(pair, b":").filter(|(key, _)| is_key(key)))
            .collect();
        match pairs {
            Some(pairs) => pairs
                .into_iter()
                .for_each(|(key, value)| object.text(key, value)),
            None => object.text(b"scope", scope),
        }
    }
}

/// True for the name of a property.
fn is_key(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_uppercase) && text.iter().all(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests;
