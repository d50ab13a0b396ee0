//! What java.util.logging writes by itself (`SimpleFormatter`), in English: a time and a place in the source, and on the
//! next line a level and a message, with the stack of what was thrown below.

use chrono::NaiveDateTime;

use super::{
    below::{Line, Open, Reader},
    cut::around,
    format::{Format, Server},
    object::Object,
    wall,
};
use crate::record::{Zone, without_mark};

pub(super) const FORMAT: Format = Format::server(
    "jul",
    "what java.util.logging writes by itself, two lines for each record",
    Server {
        looks,
        reader: |settings| Box::new(Jul(settings.zone)),
        goes_on: true,
    },
);

/// True for the first line of a record.
fn looks(line: &[u8]) -> bool {
    Head::read(line).is_some()
}

/// Reads records, whose times are of that zone.
struct Jul(Option<Zone>);

impl Reader for Jul {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let head = Head::read(line).ok_or(
            "no log of java.util.logging: expected Mon D, YYYY H:MM:SS AM|PM CLASS METHOD",
        )?;
        object.text(b"time", wall::shown(head.time, self.0).as_bytes());
        object.text(b"logger", head.class);
        if let Some(method) = head.method {
            object.text(b"funcName", method);
        }
        Ok(Line::Open(Open {
            by: FORMAT.name,
            head: 0,
            is_dated: false,
            is_begun: true,
        }))
    }

    fn begins(&self, line: &[u8], _is_apart: bool) -> bool {
        looks(line)
    }

    fn awaits(&self, line: &[u8], above: Line) -> bool {
        above.open(FORMAT.name).is_some() && said(line).is_some()
    }

    fn join(&mut self, line: &[u8], _above: Line, object: &mut Object<'_>) -> Line {
        if let Some((level, message)) = said(line) {
            object.text(b"level", level);
            object.text(b"message", message);
        }
        Line::Dated
    }
}

/// The first line of a record.
struct Head<'a> {
    time: NaiveDateTime,
    /// The class that has logged, or the name of the logger where that is not known.
    class: &'a [u8],
    method: Option<&'a [u8]>,
}

impl<'a> Head<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        /// What newer versions write in front of the half of the day.
        const NARROW: &[u8] = "\u{202f}".as_bytes();
        let line = without_mark(line).trim_ascii_end();
        // Before all else, what few other lines have.
        let comma = memchr::memchr(b',', line.get(..b"Nov 20,".len())?)?;
        let clock = line[comma..].strip_prefix(b", ")?;
        let half = clock
            .windows(2)
            .position(|half| matches!(half, b"AM" | b"PM"))?;
        let (clock, rest) = clock.split_at(half);
        let clock = clock
            .strip_suffix(b" ")
            .or_else(|| clock.strip_suffix(NARROW))?;
        let (half, place) = rest.split_at(2);
        let time = [&line[..comma], b", ", clock, b" ", half].concat();
        let time = wall::wall(&time, "%b %e, %Y %I:%M:%S %p")?;
        let place = place.strip_prefix(b" ").filter(|place| !place.is_empty())?;
        let (class, method) = match around(place, b" ") {
            Some((class, method)) => (class, Some(method)),
            None => (place, None),
        };
        Some(Self {
            time,
            class,
            method,
        })
    }
}

/// The level and the message that the second line has.
fn said(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b':', line)?;
    let (level, rest) = (&line[..end], line[end + 1..].trim_ascii_end());
    let is_level = !level.is_empty() && level.iter().all(u8::is_ascii_uppercase);
    let message = rest.strip_prefix(b" ").unwrap_or(rest);
    is_level.then_some((level, message))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::{
        decode::format::{Settings, tests::decode},
        record::Zone,
    };

    #[test]
    fn records_of_two_lines() {
        let sample = include_bytes!("../../tests/data/samples/java-jul-simple.txt");
        let check = |format| decode(format, &Settings::default(), sample);
        expect![[r#"
            {"time":"2026-11-20 12:56:26","logger":"JL","funcName":"main","level":"INFO","message":"hello"}
            {"time":"2026-11-20 12:56:27","logger":"JL","funcName":"main","level":"SEVERE","message":"boom","exception":"java.lang.RuntimeException: x\n\tat JL.main(JL.java:1)"}
        "#]].assert_eq(&check("jul"));
        assert_eq!(check("auto"), check("jul"));
    }

    #[test]
    fn records_of_less_and_of_more() {
        let settings = Settings {
            zone: Zone::read("Europe/Berlin"),
            ..Settings::default()
        };
        let lines = "Nov 2, 2026 1:00:00\u{202f}AM com.example.App lambda$main$0
INFO: 127.0.0.1:7 - \"GET / HTTP/1.1\" 200 OK
Nov 20, 2026 12:00:00 AM named
FINEST:
Nov 20, 2026 12:00:01 PM com.example.App main
Nov 20, 2026 12:00:02 PM com.example.App main
WARNING: select *
from orders
  where x = 1
Nov 20, 2026 12:00:03 PM com.example.App main
SEVERE: failed
java.lang.IllegalStateException: x
\tat com.example.App.main(App.java:1)
Caused by: java.io.IOException: y
\t... 1 more
{\"a\":1}
Nov 20, 2026 12:00:04 PM com.example.App main
{\"a\":2}
";
        expect![[r#"
            {"time":"2026-11-02T00:00:00Z","logger":"com.example.App","funcName":"lambda$main$0","level":"INFO","message":"127.0.0.1:7 - \"GET / HTTP/1.1\" 200 OK"}
            {"time":"2026-11-19T23:00:00Z","logger":"named","level":"FINEST","message":""}
            {"time":"2026-11-20T11:00:01Z","logger":"com.example.App","funcName":"main"}
            {"time":"2026-11-20T11:00:02Z","logger":"com.example.App","funcName":"main","level":"WARNING","message":"select *\nfrom orders\n  where x = 1"}
            {"time":"2026-11-20T11:00:03Z","logger":"com.example.App","funcName":"main","level":"SEVERE","message":"failed","exception":"java.lang.IllegalStateException: x\n\tat com.example.App.main(App.java:1)\nCaused by: java.io.IOException: y\n\t... 1 more"}
            {"a":1}
            {"time":"2026-11-20T11:00:04Z","logger":"com.example.App","funcName":"main"}
            {"a":2}
        "#]].assert_eq(&decode("auto", &settings, lines.as_bytes()));
    }

    #[test]
    fn records_in_a_container() {
        let lines = "app-1  | Nov 20, 2026 12:00:00 PM com.example.App main
db-1   | 2026-11-20 12:00:00.1 UTC [7] LOG:  checkpoint
app-1  | SEVERE: failed
app-1  | java.lang.IllegalStateException: x
app-1  | \tat com.example.App.main(App.java:1)
app-1  | Nov 20, 2026 12:00:01 PM com.example.App main
app-1  | INFO: last
";
        expect![[r#"
            {"time":"2026-11-20 12:00:00","logger":"com.example.App","funcName":"main","service":"app-1","level":"SEVERE","message":"failed","exception":"java.lang.IllegalStateException: x\n\tat com.example.App.main(App.java:1)"}
            {"time":"2026-11-20 12:00:01","logger":"com.example.App","funcName":"main","service":"app-1","level":"INFO","message":"last"}
            {"time":"2026-11-20 12:00:00.1 UTC","level":"LOG","process":7,"message":"checkpoint","service":"db-1"}
        "#]].assert_eq(&decode("compose", &Settings::default(), lines.as_bytes()));
    }

    #[test]
    fn what_is_no_record_is_rejected() {
        for line in [
            "oops",
            "INFO: hello",
            "Nov 20, 2026 12:00:00 PM",
            "Nov 20, 2026 13:00:00 PM com.example.App main",
            "Nov 31, 2026 12:00:00 PM com.example.App main",
            "Nov 20 12:00:00 host app: hello",
        ] {
            let read = decode("jul", &Settings::default(), line.as_bytes());
            assert!(read.starts_with("rejected (no log of java"), "{read}");
        }
    }
}
