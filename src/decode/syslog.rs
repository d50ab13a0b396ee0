//! Syslog: RFC 5424, RFC 3164, what rsyslog writes to files, and Python's `SysLogHandler`, which
//! sends a priority and a text (REFERENCE.md §8).
//!
//! A line is a message, or several with NUL between them, each with its priority; a datagram is one, whatever
//! it has in it. The count of octets that some transports put in front is passed over.

mod ends;
mod message;
mod year;

pub use self::year::Year;
use self::{
    ends::{next, without_end},
    message::{Fields, Message, Time, is_tag, priority, time, without_count},
};
use super::{
    format::{By, Decode, Format, Settings, Take},
    haproxy,
    inner::Inner,
    object::Object,
};
use crate::record::{Kind, Level, Stamper, Value, Zone};

pub(super) const FORMAT: Format = Format {
    name: "syslog",
    summary: "RFC 5424 and RFC 3164, with <PRI> in front or without, as rsyslog writes files",
    joins: false,
    wraps: false,
    by: By::Decoder(|settings| Box::new(Syslog::new(settings))),
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
                .is_some_and(|host| is_host(host) && !is_tag(host))
                && words.next().is_some_and(is_tag)
        }
        _ => false,
    }
}

/// True for what a host may be called: what other formatters put behind a time is in brackets or a level, and a name may
/// stand behind that too.
fn is_host(word: &[u8]) -> bool {
    const LEVELS: [&str; 8] = [
        "trace", "debug", "info", "notice", "warn", "warning", "error", "critical",
    ];
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-:".contains(byte);
    let is_level = |word: &str| {
        let is_shouted = !word.bytes().any(|byte| byte.is_ascii_lowercase());
        is_shouted && Level::from_word(word).is_some() || LEVELS.contains(&word)
    };
    !word.is_empty()
        && word.iter().all(is_part)
        && str::from_utf8(word).is_ok_and(|word| word.len() == 1 || !is_level(word))
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
    /// Where the header goes if the text is a record; `None` leaves it out.
    stamper: Option<Stamper>,
}

impl Syslog {
    fn new(settings: &Settings) -> Self {
        Self {
            year: settings.year,
            zone: settings.zone.unwrap_or_default(),
            whole: false,
            inner: Inner::default(),
            out: Vec::new(),
            wire: Vec::new(),
            stamper: settings.stamp.then(|| Stamper::new("recv")),
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
        let text = message.text.trim_ascii();
        // HAProxy tells by a clock without a zone when a request came, but with the year.
        let has_zone = matches!(message.time, Time::Written(_));
        let is_haproxy = message.app.is_some_and(|app| app.starts_with(b"haproxy"));
        let zone = Some(self.zone).filter(|_| !has_zone);
        let entry = is_haproxy.then(|| haproxy::Entry::read(text)).flatten();
        let accepted = entry
            .as_ref()
            .map(|entry| entry.accepted(zone).into_bytes());
        let (time, accepted) = match accepted {
            Some(_) if !has_zone => (accepted, None),
            _ => (self.time(message, take), accepted),
        };
        let fields = message.fields(time.as_deref());
        if let Some(record) = self.inner.record(text) {
            return self.open(record, message, fields, take);
        }
        let cee = text.strip_prefix(b"@cee:");
        // What the JSON text has under a name of the header's goes first; the header's is kept
        // with what only the wire knew.
        let json = cee.and_then(|text| self.inner.members(text));
        let has = |key: &[u8]| {
            let mut keys = json.iter().flat_map(|(_, keys)| keys);
            keys.any(|known| known == key)
        };
        let mut object = Object::begin(&mut self.out);
        let mut wire = Object::begin(&mut self.wire);
        message.wire(&mut wire);
        for (key, value) in fields {
            if has(key) {
                field(&mut wire, key, value);
            } else {
                field(&mut object, key, value);
            }
        }
        match (&json, &entry) {
            (Some((members, _)), _) => object.members(members),
            (None, Some(entry)) => {
                field(&mut object, b"accept_date", accepted.as_deref());
                entry.write(&mut object);
            }
            (None, None) => object.message(message.text),
        }
        message.structured(&mut object);
        if !wire.is_empty() {
            let damaged = wire.close();
            object.json(b"syslog", &self.wire);
            object.damaged(damaged);
        }
        object.end();
        take.record(&self.out);
    }

    /// The time of a message, if it has one that is known.
    fn time(&self, message: &Message<'_>, take: &mut dyn Take) -> Option<Vec<u8>> {
        match message.time {
            Time::None => None,
            Time::Written(time) => Some(time.to_vec()),
            Time::NoYear(time) => {
                if self.year.is_none() {
                    take.note(NO_YEAR);
                }
                let instant = self.year?.instant(time, self.zone)?;
                Some(instant.to_rfc3339().into_bytes())
            }
        }
    }

    /// Hands out a record that is the text of a message, with the header in `dl.recv.syslog`. What it has in
    /// `dl.recv` already is not ours, and goes inside.
    fn open(
        &mut self,
        record: &[u8],
        message: &Message<'_>,
        fields: Fields<'_>,
        take: &mut dyn Take,
    ) {
        let Some(stamper) = &mut self.stamper else {
            return take.record(record);
        };
        let mut wire = Object::begin(&mut self.wire);
        for (key, value) in fields {
            field(&mut wire, key, value);
        }
        message.wire(&mut wire);
        message.structured(&mut wire);
        let damaged = wire.close();
        let value = |before: Option<Value<'_>>| {
            let mut value = b"{\"format\":\"syslog\",\"syslog\":".to_vec();
            value.extend_from_slice(&self.wire);
            if damaged {
                value.extend_from_slice(b",\"invalid_utf8\":true");
            }
            if let Some(before) = before.filter(|before| before.kind == Kind::Object) {
                value.extend_from_slice(b",\"recv\":");
                value.extend_from_slice(before.raw);
            }
            value.push(b'}');
            value
        };
        self.out.clear();
        match stamper.update(record, value, &mut self.out) {
            Ok(_) => take.record(&self.out),
            Err(bad) => take.reject(record, &bad.to_string()),
        }
    }
}

/// Only a process has a name that may be a number.
fn field(object: &mut Object<'_>, key: &[u8], value: Option<&[u8]>) {
    match (key, value) {
        (_, None) => {}
        (b"process", Some(value)) => object.bare(key, value),
        (_, Some(value)) => object.text(key, value),
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

#[cfg(test)]
mod tests;
