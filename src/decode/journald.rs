//! systemd's Journal Export Format: `NAME=value` lines, or a name, a length and bytes; a blank
//! line ends an entry.
//!
//! Records are what `journalctl --all -o json` writes of the same entries: values are text, a
//! field that comes several times is a list, and bytes that are no text are a list of numbers.

use std::collections::HashMap;

use super::{
    entry::Entries,
    format::{By, Decode, Format, Settings, Take},
    object::{Object, quote},
};

pub(super) const FORMAT: Format = Format {
    name: "journald-export",
    summary: "what journalctl -o export prints and systemd-journal-remote takes",
    joins: true,
    wraps: false,
    by: By::Decoder(|settings| Box::new(Export::new(settings))),
};

/// True for the field that each entry begins with.
pub(super) fn looks(line: &[u8]) -> bool {
    line.starts_with(b"__CURSOR=") || line.starts_with(b"__REALTIME_TIMESTAMP=")
}

struct Export {
    /// The entry so far, as it came.
    entry: Vec<u8>,
    /// Where the first field begins that is not complete.
    at: usize,
    fields: Vec<Field>,
    /// Why the rest of the entry is not read.
    bad: Option<&'static str>,
    longest: usize,
    out: Vec<u8>,
    entries: Entries,
}

/// Where in the entry a name and its value stand.
#[derive(Clone, Debug)]
struct Field {
    name: std::ops::Range<usize>,
    value: std::ops::Range<usize>,
}

/// What stands at the place that was reached.
enum Next {
    Field(Field, usize),
    End,
    More,
    Bad(&'static str),
}

impl Export {
    fn new(settings: &Settings) -> Self {
        Self {
            entry: Vec::new(),
            at: 0,
            fields: Vec::new(),
            bad: None,
            longest: settings.longest,
            out: Vec::new(),
            entries: Entries::new(settings),
        }
    }

    fn take(&mut self, line: &[u8], take: &mut dyn Take) {
        self.entry.extend_from_slice(line);
        self.entry.push(b'\n');
        if self.bad.is_some() {
            // Whatever it was, a blank line is the place to begin again.
            if line.is_empty() {
                self.end(take);
            }
        } else {
            self.read_on(take);
        }
        if self.entry.len() > self.longest {
            self.bad = Some("an entry longer than --max-record");
            self.reject(take);
        }
    }

    /// Reads the fields that are complete.
    fn read_on(&mut self, take: &mut dyn Take) {
        loop {
            match self.next() {
                Next::Field(field, end) => {
                    self.fields.push(field);
                    self.at = end;
                }
                Next::End => return self.end(take),
                Next::More => return,
                Next::Bad(reason) => return self.bad = Some(reason),
            }
        }
    }

    fn next(&self) -> Next {
        let (at, rest) = (self.at, &self.entry[self.at..]);
        let Some(newline) = memchr::memchr(b'\n', rest) else {
            return Next::More;
        };
        let line = &rest[..newline];
        if line.is_empty() {
            return Next::End;
        }
        let equals = memchr::memchr(b'=', line);
        let name = at..at + equals.unwrap_or(newline);
        if !is_name(&self.entry[name.clone()]) {
            return Next::Bad("not the name of a field: expected letters, digits and _");
        }
        if let Some(equals) = equals {
            let value = at + equals + 1..at + newline;
            return Next::Field(Field { name, value }, at + newline + 1);
        }
        let Some((length, bytes)) = rest[newline + 1..].split_first_chunk() else {
            return Next::More;
        };
        let longest = usize::try_from(u64::from_le_bytes(*length)).ok();
        let Some(length) = longest.filter(|length| *length <= self.longest) else {
            return Next::Bad("a field longer than --max-record");
        };
        match bytes.get(length) {
            None => Next::More,
            Some(b'\n') => {
                let start = at + newline + 1 + 8;
                let value = start..start + length;
                Next::Field(Field { name, value }, start + length + 1)
            }
            Some(_) => Next::Bad("no newline behind the bytes of a field"),
        }
    }

    /// Hands out the entry.
    fn end(&mut self, take: &mut dyn Take) {
        if self.bad.is_some() {
            self.reject(take);
        } else if !self.fields.is_empty() {
            self.write();
            if let Err(bad) = self.entries.take(&self.out, take) {
                take.reject(&self.out, &bad.to_string());
            }
        }
        self.entry.clear();
        self.fields.clear();
        self.at = 0;
        self.bad = None;
    }

    fn reject(&mut self, take: &mut dyn Take) {
        let entry = self.entry.trim_ascii_end();
        if let Some(reason) = self.bad.filter(|_| !entry.is_empty()) {
            take.reject(entry, reason);
        }
        self.entry.clear();
        self.fields.clear();
        self.at = 0;
    }

    fn write(&mut self) {
        // The values of a name, in order, where the name comes first.
        let mut places: HashMap<&[u8], usize> = HashMap::new();
        let mut members: Vec<(&[u8], Vec<&[u8]>)> = Vec::new();
        for field in &self.fields {
            let name = &self.entry[field.name.clone()];
            let value = &self.entry[field.value.clone()];
            let place = *places.entry(name).or_insert_with(|| {
                members.push((name, Vec::new()));
                members.len() - 1
            });
            members[place].1.push(value);
        }
        let mut object = Object::begin(&mut self.out);
        let mut json = Vec::new();
        for (name, values) in members {
            json.clear();
            if values.len() > 1 {
                json.push(b'[');
            }
            for (number, value) in values.iter().enumerate() {
                if number > 0 {
                    json.push(b',');
                }
                write_value(value, &mut json);
            }
            if values.len() > 1 {
                json.push(b']');
            }
            object.json(name, &json);
        }
        object.end();
    }
}

impl Decode for Export {
    fn line(&mut self, line: &[u8], take: &mut dyn Take) {
        self.take(line, take);
    }

    fn blank(&mut self, line: &[u8], take: &mut dyn Take) {
        self.take(line, take);
    }

    fn passed_over(&mut self, _take: &mut dyn Take) {
        self.bad
            .get_or_insert("a line longer than --max-record is missing");
    }

    fn is_within(&self) -> bool {
        !self.entry.is_empty() || self.bad.is_some()
    }

    fn finish(&mut self, take: &mut dyn Take) {
        if self.at < self.entry.len() && self.bad.is_none() {
            self.bad = Some("an entry that is cut off");
        }
        self.end(take);
    }
}

fn is_name(name: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    !name.is_empty() && name.iter().all(is_part)
}

fn write_value(value: &[u8], json: &mut Vec<u8>) {
    if std::str::from_utf8(value).is_ok() {
        quote(value, json);
        return;
    }
    json.push(b'[');
    for (number, byte) in value.iter().enumerate() {
        if number > 0 {
            json.push(b',');
        }
        json.extend_from_slice(itoa::Buffer::new().format(*byte).as_bytes());
    }
    json.push(b']');
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::decode::format::{
        Settings,
        tests::{PASSED_OVER, decode},
    };

    fn read(input: &[u8]) -> String {
        decode("journald-export", &Settings::default(), input)
    }

    fn values(ndjson: &str) -> Vec<Value> {
        let value = |line| serde_json::from_str(line).expect("JSON");
        ndjson.lines().map(value).collect()
    }

    #[test]
    fn records_are_those_of_journalctl() {
        let export = include_bytes!("../../tests/data/samples/journald-export.txt");
        let json = include_str!("../../tests/data/samples/journald-json-all.ndjson");
        let json = decode("json", &Settings::default(), json.as_bytes());
        assert_eq!(values(&read(export)), values(&json));
    }

    #[test]
    fn an_entry_is_there_as_soon_as_it_ends() {
        assert_eq!(
            read(b"A=1\nB=x=y\nA=2\n\n\nC=3"),
            "{\"A\":[\"1\",\"2\"],\"B\":\"x=y\"}\n{\"C\":\"3\"}\n"
        );
        let binary = b"M\n\x04\0\0\0\0\0\0\0a\n\nb\nN=1\n\nO\n\x01\0\0\0\0\0\0\0\xff\n\n";
        assert_eq!(
            read(binary),
            "{\"M\":\"a\\n\\nb\",\"N\":\"1\"}\n{\"O\":[255]}\n"
        );
        // The length may be a newline.
        let binary = b"M\n\x0a\0\0\0\0\0\0\0abcdefghij\n\n";
        assert_eq!(read(binary), "{\"M\":\"abcdefghij\"}\n");
    }

    #[test]
    fn an_entry_that_lacks_a_line_is_rejected_as_a_whole() {
        for lacks in [
            format!("A=1\n{PASSED_OVER}\nC=3"),
            format!("{PASSED_OVER}\nC=3"),
            format!("A=1\n{PASSED_OVER}\n{PASSED_OVER}"),
        ] {
            let read = read(format!("{lacks}\n\nA=1\n").as_bytes());
            let left = lacks.replace(&format!("{PASSED_OVER}\n"), "");
            let left = left
                .strip_suffix(&format!("\n{PASSED_OVER}"))
                .unwrap_or(&left);
            let reason = "a line longer than --max-record is missing";
            assert_eq!(
                read,
                format!("rejected ({reason}): {left}\n{{\"A\":\"1\"}}\n")
            );
        }
        assert_eq!(
            read(format!("{PASSED_OVER}\n\nA=1\n").as_bytes()),
            "{\"A\":\"1\"}\n"
        );
    }

    #[test]
    fn what_is_broken_is_rejected_as_a_whole_and_the_next_entry_read() {
        let check = |entry: &[u8], reason: &str| {
            let read = read(&[entry, b"\n\nA=1\n"].concat());
            let shown = String::from_utf8_lossy(entry);
            assert_eq!(
                read,
                format!("rejected ({reason}): {shown}\n{{\"A\":\"1\"}}\n")
            );
        };
        check(
            b"A=1\nB b=2\nC=3",
            "not the name of a field: expected letters, digits and _",
        );
        check(
            b"=1",
            "not the name of a field: expected letters, digits and _",
        );
        check(
            b"A\n\xff\xff\xff\xff\xff\xff\xff\xff",
            "a field longer than --max-record",
        );
        check(
            b"A\n\x01\0\0\0\0\0\0\0xyz",
            "no newline behind the bytes of a field",
        );
        assert_eq!(
            read(b"A\n\x09\0\0\0\0\0\0\0xyz"),
            "rejected (an entry that is cut off): A\n\t\0\0\0\0\0\0\0xyz\n"
        );
        let settings = Settings {
            longest: 10,
            ..Settings::default()
        };
        let read = decode(
            "journald-export",
            &settings,
            b"A=123456789\nB=1\nC=1\n\nD=1\n",
        );
        assert_eq!(
            read,
            "rejected (an entry longer than --max-record): A=123456789\n\
             rejected (an entry longer than --max-record): B=1\nC=1\n{\"D\":\"1\"}\n"
        );
    }
}
