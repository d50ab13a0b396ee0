//! Syslog of RFC 5424, a message a record: the header tells who and when, and the text is the
//! record itself behind `@cee:`, so that nothing of it is lost.
//!
//! `@cee:` is what rsyslog's mmjsonparse, syslog-ng's json-parser and dl-recv know JSON by in
//! messages. Structured data would keep neither types nor nested values.

use crate::record::{Canonical, Found, Level, Reader, Record};

/// The longest fields of a header, section 6.
const HOST: usize = 255;
const APP: usize = 48;
const PROCESS: usize = 128;
const MSGID: usize = 32;

/// What a message without a level is, as with logger(1).
const SEVERITY: u8 = 5;

/// Writes messages of syslog.
pub struct Syslog {
    facility: u8,
    reader: Reader,
    found: Found,
}

impl Syslog {
    /// Messages of this facility, by its number.
    pub fn new(facility: u8) -> Self {
        let mut reader = Reader::default();
        for canonical in [
            Canonical::Time,
            Canonical::Level,
            Canonical::Host,
            Canonical::Service,
            Canonical::Logger,
            Canonical::Process,
            Canonical::Type,
        ] {
            reader.canonical(canonical);
        }
        Self {
            facility,
            reader,
            found: Found::default(),
        }
    }

    /// Appends the message of a line; one that is no record is the text as it is.
    pub fn message(&mut self, line: &[u8], out: &mut Vec<u8>) {
        match self.reader.read(line, &mut self.found) {
            Ok(record) => {
                header(self.facility, &record, out);
                out.extend_from_slice(b"@cee: ");
            }
            Err(_) => out.extend_from_slice(
                format!("<{}>1 - - - - - - ", self.facility * 8 + SEVERITY).as_bytes(),
            ),
        }
        out.extend_from_slice(line);
    }
}

fn header(facility: u8, record: &Record<'_, '_>, out: &mut Vec<u8>) {
    let severity = record.level().map_or(SEVERITY, Level::severity);
    out.extend_from_slice(format!("<{}>1 ", facility * 8 + severity).as_bytes());
    match record.time() {
        Some(time) => {
            // Six digits are the most that a time may have there.
            time.write(b'T', 6, out);
            out.push(b'Z');
        }
        None => out.push(b'-'),
    }
    let mut app = [Canonical::Service, Canonical::Logger].into_iter();
    let app = app.find_map(|canonical| record.text(canonical).filter(|text| !text.is_empty()));
    for (text, longest) in [
        (record.text(Canonical::Host), HOST),
        (app, APP),
        (record.text(Canonical::Process), PROCESS),
        (record.text(Canonical::Type), MSGID),
    ] {
        out.push(b' ');
        word(text.as_deref().unwrap_or_default(), longest, out);
    }
    out.extend_from_slice(b" - ");
}

/// A field of the header: printable ASCII without blanks, and `-` for nothing.
fn word(text: &str, longest: usize, out: &mut Vec<u8>) {
    let start = out.len();
    let bytes = text.chars().take(longest).map(|c| match u8::try_from(c) {
        Ok(byte) if byte.is_ascii_graphic() => byte,
        _ => b'_',
    });
    out.extend(bytes);
    if out.len() == start {
        out.push(b'-');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_those_of_rfc_5424() {
        let check = |line: &str, header: &str| {
            let mut out = Vec::new();
            Syslog::new(16).message(line.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), format!("{header}{line}"));
        };
        check(
            r#"{"time":"2026-11-20T12:54:20.123456789Z","level":"error","host":"web 1","service":"shöp","process":42}"#,
            "<131>1 2026-11-20T12:54:20.123456Z web_1 sh_p 42 - - @cee: ",
        );
        check(
            r#"{"timestamp":1795179260.5,"task_uuid":"a","task_level":[1],"action_type":"shop:pay","action_status":"started"}"#,
            "<134>1 2026-11-20T12:54:20.500000Z - - - shop:pay - @cee: ",
        );
        check(r#"{"logger":"db.pool"}"#, "<133>1 - - db.pool - - - @cee: ");
        check("no record", "<133>1 - - - - - - ");
        let long = "x".repeat(60);
        check(
            &format!("{{\"level\":\"debug\",\"service\":\"{long}\"}}"),
            &format!("<135>1 - - {} - - - @cee: ", &long[..APP]),
        );
    }
}
