//! Entries of systemd's journal whose `MESSAGE` is a record: services log JSON to their stdout, and the
//! journal puts its own fields around it.
//!
//! The record is handed out, with what the journal knew in `dl.recv`. All other entries, and all other
//! objects, stay as they are.

use super::{
    envelope::{Envelope, Opener},
    format::{Settings, Take},
    object::quote,
};
use crate::record::{Cursor, Field, Found, Instant, Malformed, Path, Reader, Unit};

/// Opens entries.
pub(super) struct Entries {
    reader: Reader,
    found: Found,
    message: Field,
    /// What every entry has.
    time: Field,
    sent: Field,
    service: Field,
    opener: Opener,
}

impl Entries {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut reader = Reader::default();
        let mut raw = |name| reader.raw(&Path::dotted(name));
        Self {
            message: raw("MESSAGE"),
            time: raw("__REALTIME_TIMESTAMP"),
            sent: raw("_SOURCE_REALTIME_TIMESTAMP"),
            service: raw("SYSLOG_IDENTIFIER"),
            reader,
            found: Found::default(),
            opener: Opener::new("journald", settings),
        }
    }

    /// Hands out an object, or the record that it is an entry of.
    pub(super) fn take(&mut self, object: &[u8], take: &mut dyn Take) -> Result<(), Malformed> {
        let record = self.reader.read(object, &mut self.found)?;
        let text = |field: &Field| record.raw(field)?.as_str();
        let Some(message) = text(&self.message).filter(|text| text.trim_start().starts_with('{'))
        else {
            take.record(object);
            return Ok(());
        };
        let Some(time) = text(&self.time) else {
            take.record(object);
            return Ok(());
        };
        let sent = text(&self.sent).unwrap_or(time);
        let instant = Instant::from_number(sent.as_bytes(), Unit::Micros);
        let envelope = Envelope {
            time: instant.map(|instant| instant.to_rfc3339().into_bytes()),
            service: text(&self.service).map(|name| name.into_owned().into_bytes()),
            attrs: others(object),
            ..Envelope::default()
        };
        if !self.opener.record(message.as_bytes(), &envelope, take) {
            take.record(object);
        }
        Ok(())
    }
}

/// An entry without its `MESSAGE`.
fn others(entry: &[u8]) -> Option<Vec<u8>> {
    let mut out = b"{".to_vec();
    Cursor::line(entry, |key, cursor| {
        let value = cursor.value()?;
        if key != b"MESSAGE" {
            if out.len() > 1 {
                out.push(b',');
            }
            quote(key, &mut out);
            out.push(b':');
            let quotes = if value.is_string() { &b"\""[..] } else { b"" };
            for part in [quotes, value.raw, quotes] {
                out.extend_from_slice(part);
            }
        }
        Ok(())
    })
    .ok()?;
    out.push(b'}');
    Some(out)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::decode::format::{Settings, tests::decode};

    #[test]
    fn a_record_in_the_journal_is_the_record() {
        let entries = r#"{"__CURSOR":"c","__REALTIME_TIMESTAMP":"1795178400001000","_SOURCE_REALTIME_TIMESTAMP":"1795178400000500","PRIORITY":"6","SYSLOG_IDENTIFIER":"app","_PID":"42","X":["a","b"],"MESSAGE":"{\"level\":\"error\", \"msg\":\"\u00e9\"}"}
{"MESSAGE":"{\"n\":1}","__REALTIME_TIMESTAMP":"1795178400001000"}
{"MESSAGE":"{\"n\":","__REALTIME_TIMESTAMP":"1795178400001000"}
{"MESSAGE":"{\"n\":1}"}
{"MESSAGE":"plain","__REALTIME_TIMESTAMP":"1795178400001000"}
{"MESSAGE":[123,125],"__REALTIME_TIMESTAMP":"1795178400001000"}
"#;
        let expect = expect![[r#"
            {"level":"error", "msg":"é","dl":{"recv":{"format":"journald","time":"2026-11-20T12:40:00.000500Z","service":"app","attrs":{"__CURSOR":"c","__REALTIME_TIMESTAMP":"1795178400001000","_SOURCE_REALTIME_TIMESTAMP":"1795178400000500","PRIORITY":"6","SYSLOG_IDENTIFIER":"app","_PID":"42","X":["a","b"]}}}}
            {"n":1,"dl":{"recv":{"format":"journald","time":"2026-11-20T12:40:00.001Z","attrs":{"__REALTIME_TIMESTAMP":"1795178400001000"}}}}
            {"MESSAGE":"{\"n\":","__REALTIME_TIMESTAMP":"1795178400001000"}
            {"MESSAGE":"{\"n\":1}"}
            {"MESSAGE":"plain","__REALTIME_TIMESTAMP":"1795178400001000"}
            {"MESSAGE":[123,125],"__REALTIME_TIMESTAMP":"1795178400001000"}
        "#]];
        expect.assert_eq(&decode("json", &Settings::default(), entries.as_bytes()));
        expect.assert_eq(&decode("auto", &Settings::default(), entries.as_bytes()));
        let export =
            "__CURSOR=c\n__REALTIME_TIMESTAMP=1795178400001000\nMESSAGE={\"n\":1}\nPRIORITY=6\n\n";
        expect![[r#"
            {"n":1,"dl":{"recv":{"format":"journald","time":"2026-11-20T12:40:00.001Z","attrs":{"__CURSOR":"c","__REALTIME_TIMESTAMP":"1795178400001000","PRIORITY":"6"}}}}
        "#]]
        .assert_eq(&decode(
            "journald-export",
            &Settings::default(),
            export.as_bytes(),
        ));
        let settings = Settings {
            stamp: false,
            ..Settings::default()
        };
        let read = decode("journald-export", &settings, export.as_bytes());
        assert_eq!(read, "{\"n\":1}\n");
    }
}
