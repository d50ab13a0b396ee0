//! Syslog: RFC 5424, RFC 3164, what rsyslog writes to files, and Python's `SysLogHandler`, which
//! sends a priority and a text (REFERENCE.md §8).
//!
//! A line is a message, or several with NUL between them, each with its priority; a datagram is one, whatever
//! it has in it. The count of octets that some transports put in front is passed over.

mod ends;
mod year;

pub use self::year::Year;
use self::{
    ends::{next, without_end},
    year::clock,
};
use super::{
    format::{Decode, Format, Settings, Take},
    inner::Inner,
    object::{Object, quote},
};
use crate::record::{FACILITIES, Instant, Zone};

pub(super) const FORMAT: Format = Format {
    name: "syslog",
    summary: "RFC 5424 and RFC 3164, with <PRI> in front or without, as rsyslog writes files",
    joins: false,
    decoder: |settings| Box::new(Syslog::new(settings)),
};

/// True for a priority, a time of RFC 3164, or a time with a host and a tag behind it.
pub(super) fn looks(line: &[u8]) -> bool {
    if priority(without_count(line)).is_some() {
        return true;
    }
    match time(line) {
        Some((Time::NoYear(_), _)) => true,
        Some((Time::Written(_), rest)) => {
            let mut words = rest.splitn(3, |&byte| byte == b' ');
            words
                .next()
                .is_some_and(|host| !host.is_empty() && !is_tag(host))
                && words.next().is_some_and(is_tag)
        }
        _ => false,
    }
}

/// What is said when a time was left out because nobody has told its year.
const NO_YEAR: &str = "syslog times without a year are only in syslog.timestamp; \
                       --year YEAR, or --year now, makes times of them";

pub(crate) struct Syslog {
    year: Option<Year>,
    zone: Zone,
    /// True if what is read are datagrams.
    whole: bool,
    inner: Inner,
    out: Vec<u8>,
    /// What only the wire knew.
    wire: Vec<u8>,
}

/// A message taken apart.
#[derive(Debug, Default)]
struct Message<'a> {
    priority: Option<u8>,
    time: Time<'a>,
    host: Option<&'a [u8]>,
    app: Option<&'a [u8]>,
    process: Option<&'a [u8]>,
    msgid: Option<&'a [u8]>,
    /// Elements in JSON.
    data: Option<Vec<u8>>,
    /// True if a value in `data` was not UTF-8.
    damaged: bool,
    text: &'a [u8],
}

#[derive(Clone, Copy, Debug, Default)]
enum Time<'a> {
    #[default]
    None,
    /// As it stands there.
    Written(&'a [u8]),
    /// Month, day and time of day.
    NoYear(&'a [u8]),
}

/// Severities by their numbers, in words that are levels.
const SEVERITIES: [&str; 8] = [
    "emergency",
    "alert",
    "critical",
    "error",
    "warning",
    "notice",
    "info",
    "debug",
];

impl Syslog {
    fn new(settings: &Settings) -> Self {
        Self {
            year: settings.year,
            zone: settings.zone.unwrap_or_default(),
            whole: false,
            inner: Inner::default(),
            out: Vec::new(),
            wire: Vec::new(),
        }
    }

    /// Reads datagrams, each of which is a message.
    pub(crate) fn datagram(settings: &Settings) -> Self {
        Self {
            whole: true,
            ..Self::new(settings)
        }
    }

    fn write(&mut self, message: &Message<'_>, take: &mut dyn Take) {
        let cee = message.text.trim_ascii_start().strip_prefix(b"@cee:");
        // What the JSON text has under a name of the header's goes first; the header's is kept
        // with what only the wire knew.
        let json = cee.and_then(|text| self.inner.members(text));
        let has = |key: &[u8]| {
            let mut keys = json.iter().flat_map(|(_, keys)| keys);
            keys.any(|known| known == key)
        };
        let mut object = Object::begin(&mut self.out);
        let mut wire = Object::begin(&mut self.wire);
        if let Some(priority) = message.priority {
            let facility = FACILITIES[usize::from(priority / 8)];
            wire.json(b"priority", priority.to_string().as_bytes());
            wire.text(b"facility", facility.as_bytes());
        }
        let time = match message.time {
            Time::None => None,
            Time::Written(time) => Some(time.to_vec()),
            Time::NoYear(time) => {
                wire.text(b"timestamp", time);
                if self.year.is_none() {
                    take.note(NO_YEAR);
                }
                let instant = self.year.and_then(|year| year.instant(time, self.zone));
                instant.map(|instant| instant.to_rfc3339().into_bytes())
            }
        };
        let severity = message
            .priority
            .map(|priority| SEVERITIES[usize::from(priority % 8)]);
        for (key, value) in [
            (&b"time"[..], time.as_deref()),
            (b"level", severity.map(str::as_bytes)),
            (b"host", message.host),
            (b"service", message.app),
            (b"process", message.process),
            (b"msgid", message.msgid),
        ] {
            let Some(value) = value else { continue };
            // Only a process has a name that may be a number.
            match (has(key), key) {
                (true, b"process") => wire.bare(key, value),
                (true, _) => wire.text(key, value),
                (false, b"process") => object.bare(key, value),
                (false, _) => object.text(key, value),
            }
        }
        match &json {
            Some((members, _)) => object.members(members),
            None => object.text(b"message", message.text),
        }
        if let Some(data) = &message.data {
            object.json(b"structured_data", data);
            object.damaged(message.damaged);
        }
        if !wire.is_empty() {
            let damaged = wire.close();
            object.json(b"syslog", &self.wire);
            object.damaged(damaged);
        }
        object.end();
        take.record(&self.out);
    }
}

impl Decode for Syslog {
    fn line(&mut self, line: &[u8], take: &mut dyn Take) {
        let mut left = line;
        while !left.is_empty() {
            let end = if self.whole { None } else { next(left) };
            let (message, rest) = left.split_at(end.unwrap_or(left.len()));
            left = rest.get(1..).unwrap_or_default();
            let message = without_end(message);
            if message.trim_ascii().is_empty() {
                continue;
            }
            match Message::read(message) {
                Ok(read) => self.write(&read, take),
                Err(reason) => take.reject(message, reason),
            }
        }
    }
}

impl<'a> Message<'a> {
    fn read(text: &'a [u8]) -> Result<Self, &'static str> {
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let (priority, rest) = match priority(without_count(text)) {
            Some((priority, rest)) => (Some(priority), rest),
            None => (None, text),
        };
        let mut message = Self {
            priority,
            ..Self::default()
        };
        if let Some(rest) = rest.strip_prefix(b"1 ").filter(|_| priority.is_some()) {
            message.header(rest)?;
            return Ok(message);
        }
        if let Some((time, rest)) = time(rest) {
            message.time = time;
            message.tag(rest);
        } else if priority.is_some() {
            message.text = rest;
        } else {
            return Err("neither a priority such as <13> nor a time in front");
        }
        Ok(message)
    }

    /// What follows the version in RFC 5424.
    fn header(&mut self, text: &'a [u8]) -> Result<(), &'static str> {
        let mut rest = text;
        let mut next = || {
            let (word, after) = split(rest)?;
            rest = after;
            Some(Some(word).filter(|word| *word != b"-"))
        };
        let short = "RFC 5424: fewer than six fields in front of the message";
        self.time = next().ok_or(short)?.map_or(Time::None, Time::Written);
        self.host = next().ok_or(short)?;
        self.app = next().ok_or(short)?;
        self.process = next().ok_or(short)?;
        self.msgid = next().ok_or(short)?;
        let rest = if let Some(rest) = rest.strip_prefix(b"-") {
            rest
        } else {
            self.data(rest)
                .ok_or("RFC 5424: structured data is neither - nor well-formed")?
        };
        let text = match rest {
            [] => rest,
            [b' ', text @ ..] => text,
            _ => return Err("RFC 5424: no blank behind the structured data"),
        };
        // rsyslog keeps the blank that stands behind the colon of a tag.
        let text = text.strip_prefix(b" ").unwrap_or(text);
        self.text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        Ok(())
    }

    /// Reads `[id key="value"]`, as often as it stands there; returns what follows.
    fn data(&mut self, mut rest: &'a [u8]) -> Option<&'a [u8]> {
        let mut json = vec![b'{'];
        while let Some(element) = rest.strip_prefix(b"[") {
            if json.len() > 1 {
                json.push(b',');
            }
            let end = element.iter().position(|byte| b" ]=\"".contains(byte))?;
            self.damaged |= quote(&element[..end], &mut json);
            json.extend_from_slice(b":{");
            rest = &element[end..];
            let mut first = true;
            while let Some(parameter) = rest.strip_prefix(b" ") {
                let end = parameter.iter().position(|byte| b" ]=\"".contains(byte))?;
                let inner = parameter[end..].strip_prefix(b"=\"")?;
                let mut value = Vec::new();
                let mut at = 0;
                loop {
                    match inner.get(at..)? {
                        [b'"', ..] => break,
                        [b'\\', escaped @ (b'"' | b'\\' | b']'), ..] => {
                            value.push(*escaped);
                            at += 2;
                        }
                        [byte, ..] => {
                            value.push(*byte);
                            at += 1;
                        }
                        [] => return None,
                    }
                }
                if !std::mem::take(&mut first) {
                    json.push(b',');
                }
                self.damaged |= quote(&parameter[..end], &mut json);
                json.push(b':');
                self.damaged |= quote(&value, &mut json);
                rest = &inner[at + 1..];
            }
            rest = rest.strip_prefix(b"]")?;
            json.push(b'}');
        }
        json.push(b'}');
        (json.len() > 2).then(|| {
            self.data = Some(json);
            rest
        })
    }

    /// Host, tag and text of RFC 3164. A word is a tag only if a colon shows it: without, it
    /// is part of the message.
    fn tag(&mut self, text: &'a [u8]) {
        let rest = text.trim_ascii_start();
        let (first, after) = split(rest).unwrap_or((rest, &[]));
        let text = if is_tag(first) {
            rest
        } else {
            self.host = Some(first).filter(|host| !host.is_empty());
            after
        };
        let (word, after) = split(text).unwrap_or((text, &[]));
        self.text = if is_tag(word) { after } else { text };
        if let Some(tag) = word.strip_suffix(b":").filter(|_| is_tag(word)) {
            let open = tag.iter().position(|&byte| byte == b'[');
            match open.filter(|_| tag.ends_with(b"]")) {
                Some(at) => {
                    self.app = Some(&tag[..at]);
                    self.process = Some(&tag[at + 1..tag.len() - 1]);
                }
                None => self.app = Some(tag),
            }
        }
    }
}

/// `app:` or `app[42]:`.
fn is_tag(word: &[u8]) -> bool {
    word.len() > 1 && word.ends_with(b":") && word.first() != Some(&b'[')
}

/// The word up to the next blank, and what stands behind the blank.
fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|&byte| byte == b' ')?;
    Some((&text[..at], &text[at + 1..]))
}

/// A message without the count of its octets in front.
fn without_count(text: &[u8]) -> &[u8] {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match text.get(digits..) {
        Some([b' ', message @ ..]) if digits > 0 && message.first() == Some(&b'<') => message,
        _ => text,
    }
}

/// `<13>`.
fn priority(text: &[u8]) -> Option<(u8, &[u8])> {
    let inner = text.strip_prefix(b"<")?;
    let digits = inner
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if !(1..=3).contains(&digits) || inner.get(digits) != Some(&b'>') {
        return None;
    }
    let number: u8 = std::str::from_utf8(&inner[..digits]).ok()?.parse().ok()?;
    (number < 192).then(|| (number, &inner[digits + 1..]))
}

/// The time that a header begins with, and what follows it.
fn time(text: &[u8]) -> Option<(Time<'_>, &[u8])> {
    const MONTHS: [&[u8]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    if MONTHS.iter().any(|month| text.starts_with(month)) {
        let length = "Nov 20 12:54:20".len();
        let rest = text.get(length..)?;
        // Any year will do: this one has a 29th of February.
        clock(&text[..length], 2000)?;
        let fraction = match rest {
            [b'.', digits @ ..] => 1 + digits.iter().take_while(|d| d.is_ascii_digit()).count(),
            _ => 0,
        };
        let (time, rest) = text.split_at(length + fraction);
        let rest = rest.strip_prefix(b":").unwrap_or(rest);
        return rest
            .first()
            .is_none_or(|&byte| byte == b' ')
            .then_some((Time::NoYear(time), rest));
    }
    let (word, rest) = split(text).unwrap_or((text, &[]));
    let is_date = word.len() > 10 && word[4] == b'-' && word[10] == b'T';
    (is_date && Instant::from_text(word).is_some()).then_some((Time::Written(word), rest))
}

#[cfg(test)]
mod tests;
