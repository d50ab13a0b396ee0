//! A record with a bare time in front, as `kubectl logs --timestamps` and `docker logs -t` print what
//! programs write. It is no format to ask for: without a record behind the time such lines are logfmt's.

use super::{
    below::Reader,
    envelope::{Envelope, Opener},
    format::{Decode, Format, Settings, Take},
    logfmt::Logfmt,
    object::Object,
    prefix::time,
};
use crate::record::Zone;

pub(super) const FORMAT: Format = Format {
    name: "timestamps",
    summary: "a time in front of each record",
    joins: false,
    wraps: false,
    decoder: |settings| Box::new(Stamped::new(settings)),
};

/// True for a time with the beginning of an object behind it.
pub(super) fn looks(line: &[u8]) -> bool {
    split(line).is_some()
}

/// The time and what stands behind it.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    // Reading a time costs more than looking for the brace.
    memchr::memchr(b'{', line)?;
    let (time, rest) = time(line);
    let rest = rest.trim_ascii_start();
    rest.starts_with(b"{")
        .then_some((time?.trim_ascii_end(), rest))
}

struct Stamped {
    opener: Opener,
    others: Logfmt,
    out: Vec<u8>,
    zone: Option<Zone>,
}

impl Stamped {
    fn new(settings: &Settings) -> Self {
        Self {
            opener: Opener::new(FORMAT.name, settings),
            others: Logfmt::new(settings),
            out: Vec::new(),
            zone: settings.zone,
        }
    }
}

impl Decode for Stamped {
    fn line(&mut self, line: &[u8], take: &mut dyn Take) {
        let opened = split(line).is_some_and(|(time, text)| {
            let instant = self.zone.and_then(|zone| zone.instant_of(time));
            let shown = instant.map(|instant| instant.to_rfc3339().into_bytes());
            let envelope = Envelope {
                time: Some(shown.unwrap_or_else(|| time.to_vec())),
                ..Envelope::default()
            };
            self.opener.record(text, &envelope, take)
        });
        if opened {
            return;
        }
        let mut object = Object::begin(&mut self.out);
        match self.others.record(line, &mut object) {
            Ok(_) => {
                object.end();
                take.record(&self.out);
            }
            Err(reason) => take.reject(line, reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::{
        decode::format::{Settings, tests::decode},
        record::Zone,
    };

    #[test]
    fn what_stands_behind_a_time_is_the_record() {
        let settings = Settings {
            zone: Zone::read("Europe/Berlin"),
            ..Settings::default()
        };
        let lines = br#"2026-11-20T12:00:00.5Z {"level":"error", "msg": "x"}
2026-11-20T12:00:00+01:00   {"n":1}
2026-11-20 12:00:00,123 {"n":2}
[2026-11-20 12:00:00] {"n":3}
2026-11-20T12:00:00Z {"n":4
2026-11-20T12:00:00Z ERROR no {"n":5}
2026-11-20T12:00:00Z {a=7} b=8
"#;
        expect![[r#"
            {"level":"error", "msg": "x","dl":{"recv":{"format":"timestamps","time":"2026-11-20T12:00:00.5Z"}}}
            {"n":1,"dl":{"recv":{"format":"timestamps","time":"2026-11-20T12:00:00+01:00"}}}
            {"n":2,"dl":{"recv":{"format":"timestamps","time":"2026-11-20T11:00:00.123Z"}}}
            {"n":3,"dl":{"recv":{"format":"timestamps","time":"2026-11-20T11:00:00Z"}}}
            {"time":"2026-11-20T12:00:00Z","message":"{\"n\":4"}
            {"time":"2026-11-20T12:00:00Z","level":"ERROR","message":"no {\"n\":5}"}
            {"time":"2026-11-20T12:00:00Z","message":"{a=7}","b":8}
        "#]]
        .assert_eq(&decode("auto", &settings, lines));
        let settings = Settings {
            stamp: false,
            ..Settings::default()
        };
        let read = decode("auto", &settings, b"2026-11-20T12:00:00Z {\"n\": 1}");
        assert_eq!(read, "{\"n\": 1}\n");
    }
}
