//! A message of syslog taken apart: RFC 5424, RFC 3164, and a priority with a text.

use super::year::clock;
use crate::{
    decode::{
        cut::word,
        object::{Object, quote},
    },
    record::{FACILITIES, Instant, Level, without_mark},
};

/// A message taken apart.
#[derive(Debug, Default)]
pub(super) struct Message<'a> {
    pub(super) priority: Option<u8>,
    pub(super) time: Time<'a>,
    pub(super) host: Option<&'a [u8]>,
    pub(super) app: Option<&'a [u8]>,
    pub(super) process: Option<&'a [u8]>,
    pub(super) msgid: Option<&'a [u8]>,
    /// Elements in JSON.
    pub(super) data: Option<Vec<u8>>,
    /// True if a value in `data` was not UTF-8.
    pub(super) damaged: bool,
    pub(super) text: &'a [u8],
}

/// When it was sent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Time<'a> {
    #[default]
    None,
    /// As it stands there.
    Written(&'a [u8]),
    /// Month, day and time of day.
    NoYear(&'a [u8]),
}

/// The fields of a header by the names that records have for them.
pub(super) type Fields<'f> = [(&'static [u8], Option<&'f [u8]>); 6];

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

impl<'a> Message<'a> {
    /// Takes it apart.
    pub(super) fn read(text: &'a [u8]) -> Result<Self, &'static str> {
        let text = without_mark(text);
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
            message.ident(rest);
        } else {
            return Err("neither a priority such as <13> nor a time in front");
        }
        Ok(message)
    }

    /// What the header says, at this time.
    pub(super) fn fields<'f>(&'f self, time: Option<&'f [u8]>) -> Fields<'f> {
        let severity = self
            .priority
            .map(|priority| SEVERITIES[usize::from(priority % 8)]);
        [
            (b"time", time),
            (
                b"level",
                severity.map(str::as_bytes).or_else(|| self.level_of_text()),
            ),
            (b"host", self.host),
            (b"service", self.app),
            (b"process", self.process),
            (b"msgid", self.msgid),
        ]
    }

    /// The level that the text begins with, as of Postfix and sshd: files have no priority.
    fn level_of_text(&self) -> Option<&'a [u8]> {
        const LEVELS: [&str; 7] = [
            "panic", "fatal", "error", "warning", "notice", "info", "debug",
        ];
        let (word, _) = word(self.text.trim_ascii_start())?;
        let level = word.strip_suffix(b":")?;
        let is_level = |known: &&str| level.eq_ignore_ascii_case(known.as_bytes());
        LEVELS.iter().any(is_level).then_some(level)
    }

    /// Adds what only the wire knew.
    pub(super) fn wire(&self, object: &mut Object<'_>) {
        if let Some(priority) = self.priority {
            let facility = FACILITIES[usize::from(priority / 8)];
            object.json(b"priority", priority.to_string().as_bytes());
            object.text(b"facility", facility.as_bytes());
        }
        if let Time::NoYear(time) = self.time {
            object.text(b"timestamp", time);
        }
    }

    /// Adds the elements of structured data.
    pub(super) fn structured(&self, object: &mut Object<'_>) {
        if let Some(data) = &self.data {
            object.json(b"structured_data", data);
            object.damaged(self.damaged);
        }
    }

    /// What follows the version in RFC 5424.
    fn header(&mut self, text: &'a [u8]) -> Result<(), &'static str> {
        let mut rest = text;
        let mut next = || {
            let (word, after) = word(rest)?;
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
        self.text = without_mark(text);
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
        let (first, after) = word(rest).unwrap_or((rest, &[]));
        let text = if is_tag(first) {
            rest
        } else {
            self.host = Some(first).filter(|host| !host.is_empty());
            after
        };
        let (word, after) = word(text).unwrap_or((text, &[]));
        self.text = if is_tag(word) { after } else { text };
        if let Some(tag) = word.strip_suffix(b":").filter(|_| is_tag(word)) {
            self.named(tag);
        }
    }

    /// A tag and text right behind the priority, as Python's `SysLogHandler` sends what its `ident` or
    /// its formatter puts in front. Few texts of people's begin like one.
    fn ident(&mut self, text: &'a [u8]) {
        let (word, after) = word(text).unwrap_or((text, &[]));
        match word.strip_suffix(b":").filter(|tag| is_ident(tag)) {
            Some(tag) => {
                self.named(tag);
                self.text = after;
            }
            None => self.text = text,
        }
    }

    /// Takes the service, and the process that stands in brackets.
    fn named(&mut self, tag: &'a [u8]) {
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

/// `app:` or `app[42]:`.
pub(super) fn is_tag(word: &[u8]) -> bool {
    word.len() > 1 && word.ends_with(b":") && word.first() != Some(&b'[')
}

/// True for `app` or `app[42]` where nothing but the priority shows that a name is to come: not for a level,
/// nor for the name of an exception, which texts begin with too.
fn is_ident(tag: &[u8]) -> bool {
    /// RFC 3164 has 32, and many names of services are longer.
    const LONGEST: usize = 64;
    let (name, is_process) = match tag.strip_suffix(b"]") {
        None => (tag, true),
        Some(inner) => {
            let open = inner.iter().position(|&byte| byte == b'[');
            let (name, process) = inner.split_at(open.unwrap_or(inner.len()));
            let digits = process.get(1..).unwrap_or_default();
            let is_process = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
            (name, is_process)
        }
    };
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-/".contains(byte);
    let is_name = name.first().is_some_and(u8::is_ascii_alphabetic) && name.iter().all(is_part);
    let ends = |end: &&[u8]| name.ends_with(end);
    let is_raised = [&b"Error"[..], b"Exception", b"Warning", b"Interrupt"]
        .iter()
        .any(ends);
    let is_level = || str::from_utf8(name).is_ok_and(|word| Level::from_word(word).is_some());
    is_process && is_name && name.len() <= LONGEST && !is_raised && !is_level()
}

/// A message without the count of its octets in front.
pub(super) fn without_count(text: &[u8]) -> &[u8] {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match text.get(digits..) {
        Some([b' ', message @ ..]) if digits > 0 && message.first() == Some(&b'<') => message,
        _ => text,
    }
}

/// `<13>`.
pub(super) fn priority(text: &[u8]) -> Option<(u8, &[u8])> {
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
pub(super) fn time(text: &[u8]) -> Option<(Time<'_>, &[u8])> {
    const MONTHS: [&[u8]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    let is_letter = text.first().is_some_and(u8::is_ascii_uppercase);
    if is_letter && MONTHS.iter().any(|month| text.starts_with(month)) {
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
    // Few lines have a date in this form, and to look for the end of the word costs more.
    let is_date = text.get(4) == Some(&b'-') && text.get(10) == Some(&b'T');
    let (word, rest) = is_date.then(|| word(text).unwrap_or((text, &[])))?;
    (word.len() > 10 && Instant::from_text(word).is_some()).then_some((Time::Written(word), rest))
}
