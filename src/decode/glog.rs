//! What glog writes, and what has its form: klog, Abseil for C++ and for Python. A letter for the level, a time without
//! a year, a thread, a place in the source, and a message.

use chrono::NaiveDateTime;

use super::{
    below::{Line, Reader},
    cut::{around, digits, is_number, last_around},
    format::{Format, Server, Settings, Year},
    logfmt::{Pair, Pairs, Text, closing_quote},
    object::Object,
    wall::{shown, wall},
};
use crate::record::{Instant, Zone, without_mark};

pub(super) const FORMAT: Format = Format::server(
    "glog",
    "what glog, klog and Abseil write, with a letter for the level in front",
    Server {
        looks,
        reader: |settings| Box::new(Glog::new(settings)),
        goes_on: true,
    },
);

/// True for a line with such a header.
fn looks(line: &[u8]) -> bool {
    Entry::read(line).is_some()
}

/// What is said when a time was left out because nobody has told its year.
const NO_YEAR: &str = "glog times without a year are only in glog.timestamp; \
                       --year YEAR, or --year now, makes times of them";

/// Reads entries.
struct Glog {
    year: Option<Year>,
    zone: Option<Zone>,
}

impl Glog {
    fn new(settings: &Settings) -> Self {
        Self {
            year: settings.year,
            zone: settings.zone,
        }
    }

    /// The time of an entry, if its year is known.
    fn time(&self, entry: &Entry<'_>) -> Option<String> {
        let clock = |year: i32| clock(entry.time, year);
        if let Some(year) = entry.year {
            return clock(year).map(|time| shown(time, self.zone));
        }
        let instant = self.year?.of(clock, self.zone.unwrap_or_default());
        instant.map(Instant::to_rfc3339)
    }
}

impl Reader for Glog {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let entry = Entry::read(line)
            .ok_or("no log of glog: expected LMMDD HH:MM:SS.uuuuuu THREAD FILE:LINE] MESSAGE")?;
        let time = self.time(&entry);
        if let Some(time) = &time {
            object.text(b"time", time.as_bytes());
        }
        entry.write(object);
        if time.is_none() {
            let mut wire = Vec::new();
            let mut known = Object::begin(&mut wire);
            known.text(b"timestamp", entry.time);
            known.close();
            object.json(b"glog", &wire);
            if self.year.is_none() {
                object.note(NO_YEAR);
            }
        }
        Ok(Line::Dated)
    }

    fn begins(&self, line: &[u8], _is_apart: bool) -> bool {
        looks(line)
    }
}

/// What an entry tells.
struct Entry<'a> {
    level: &'static [u8],
    year: Option<i32>,
    /// Month, day and time of day.
    time: &'a [u8],
    thread: &'a [u8],
    file: &'a [u8],
    line: &'a [u8],
    message: &'a [u8],
}

impl<'a> Entry<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        let (letter, rest) = without_mark(line).trim_ascii_end().split_first()?;
        let level: &[u8] = match letter {
            b'I' => b"INFO",
            b'W' => b"WARNING",
            b'E' => b"ERROR",
            b'F' => b"FATAL",
            _ => return None,
        };
        let (date, _) = digits(rest)?;
        let (year, time) = rest.split_at_checked(date.len().checked_sub(4)?)?;
        let year = match year.len() {
            0 => None,
            4 => Some(std::str::from_utf8(year).ok()?.parse().ok()?),
            _ => return None,
        };
        let end = memchr::memchr_iter(b' ', time).nth(1)?;
        let (time, rest) = time.split_at(end);
        // Any year will do: this one has a 29th of February.
        clock(time, year.unwrap_or(2000))?;
        let (thread, rest) = digits(rest.trim_ascii_start())?;
        let rest = rest.strip_prefix(b" ")?;
        let (place, message) = around(rest, b"]")?;
        let (file, line) = last_around(place, b':')?;
        (!file.is_empty() && is_number(line)).then_some(Self {
            level,
            year,
            time,
            thread,
            file,
            line,
            message: message.strip_prefix(b" ").unwrap_or(message),
        })
    }

    fn write(&self, object: &mut Object<'_>) {
        object.text(b"level", self.level);
        object.bare(b"thread", self.thread);
        object.text(b"filename", self.file);
        object.bare(b"lineno", self.line);
        let mut pairs = Vec::new();
        match structured(self.message, &mut pairs) {
            Some(message) => object.text(b"message", &Text::Quoted(message).bytes()),
            None => object.text(b"message", self.message),
        }
        for pair in &pairs {
            pair.write(None, object);
        }
    }
}

/// What a clock on the wall shows at `1120 12:00:00.123456` of a year.
fn clock(time: &[u8], year: i32) -> Option<NaiveDateTime> {
    let text = [year.to_string().as_bytes(), b" ", time].concat();
    wall(&text, "%Y %m%d %H:%M:%S%.f")
}

/// The message of klog's structured form, which stands between quotes with pairs behind it.
fn structured<'a>(text: &'a [u8], pairs: &mut Vec<Pair<'a>>) -> Option<&'a [u8]> {
    let inner = text.strip_prefix(b"\"")?;
    let end = closing_quote(inner)?;
    let rest = &inner[end + 1..];
    if rest.is_empty() || rest.starts_with(b" ") && Pairs::of(rest.trim_ascii(), pairs).is_empty() {
        return Some(&inner[..end]);
    }
    pairs.clear();
    None
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::decode::format::tests::decode;

    #[test]
    fn entries_of_abseil_for_python() {
        let sample = include_bytes!("../../tests/data/samples/absl-python.txt");
        let check = |format, year| {
            let settings = Settings {
                year,
                ..Settings::default()
            };
            decode(format, &settings, sample)
        };
        expect![[r#"
            {"time":"2026-11-30T13:55:06.659610Z","level":"INFO","thread":139964737956736,"filename":"app.py","lineno":4,"message":"hello x"}
            {"time":"2026-11-30T13:55:06.659792Z","level":"WARNING","thread":139964737956736,"filename":"app.py","lineno":5,"message":"slow query dur_ms=12"}
            {"time":"2026-11-30T13:55:06.659819Z","level":"INFO","thread":139964737956736,"filename":"app.py","lineno":6,"message":"SELECT *\nFROM orders"}
            {"time":"2026-11-30T13:55:06.659847Z","level":"ERROR","thread":139964737956736,"filename":"app.py","lineno":10,"message":"failed","exception":"Traceback (most recent call last):\n  File \"/srv/app.py\", line 8, in main\n    {}[\"x\"]\n    ~~^^^^^\nKeyError: 'x'"}
            {"time":"2026-11-30T13:55:06.660208Z","level":"INFO","thread":139964737956736,"filename":"app.py","lineno":11,"message":"fine"}
            {"time":"2026-11-30T13:55:06.660239Z","level":"ERROR","thread":139964737956736,"filename":"app.py","lineno":12,"message":"done"}
        "#]].assert_eq(&check("glog", Some(Year::Of(2026))));
        let auto = check("auto", Some(Year::Of(2026)));
        assert_eq!(auto, check("glog", Some(Year::Of(2026))));
        let without = check("glog", None);
        let first: Vec<_> = without.lines().take(2).collect();
        expect![[r#"
            note: glog times without a year are only in glog.timestamp; --year YEAR, or --year now, makes times of them
            {"level":"INFO","thread":139964737956736,"filename":"app.py","lineno":4,"message":"hello x","glog":{"timestamp":"1130 13:55:06.659610"}}"#]].assert_eq(&first.join("\n"));
    }

    #[test]
    fn entries_of_others() {
        let settings = Settings {
            zone: Zone::read("Europe/Berlin"),
            year: Some(Year::Of(2025)),
            ..Settings::default()
        };
        let lines = br#"I1120 12:00:00.123456    4711 main.go:12] hello
W20261120 12:00:00.123456 4711 main.cc:7] with a year
E1120 12:00:00.123456       1 pod.go:12] "Pod failed" err="not \"found\"" pod="kube-system/x" n=7
E1120 12:00:00.123456       1 pod.go:12] "Pod failed"
I1120 12:00:00.123456       1 pod.go:12] "a" is no form of it n=7
F0229 12:00:00.123456       1 a:b.cc:12]
goroutine 1 [running]:
I1120 12:00:00.123456       1 a.cc:12]  blanks
"#;
        let check = |format| decode(format, &settings, lines);
        expect![[r#"
            {"time":"2025-11-20T11:00:00.123456Z","level":"INFO","thread":4711,"filename":"main.go","lineno":12,"message":"hello"}
            {"time":"2026-11-20T11:00:00.123456Z","level":"WARNING","thread":4711,"filename":"main.cc","lineno":7,"message":"with a year"}
            {"time":"2025-11-20T11:00:00.123456Z","level":"ERROR","thread":1,"filename":"pod.go","lineno":12,"message":"Pod failed","err":"not \"found\"","pod":"kube-system/x","n":7}
            {"time":"2025-11-20T11:00:00.123456Z","level":"ERROR","thread":1,"filename":"pod.go","lineno":12,"message":"Pod failed"}
            {"time":"2025-11-20T11:00:00.123456Z","level":"INFO","thread":1,"filename":"pod.go","lineno":12,"message":"\"a\" is no form of it n=7"}
            {"level":"FATAL","thread":1,"filename":"a:b.cc","lineno":12,"message":"\ngoroutine 1 [running]:","glog":{"timestamp":"0229 12:00:00.123456"}}
            {"time":"2025-11-20T11:00:00.123456Z","level":"INFO","thread":1,"filename":"a.cc","lineno":12,"message":" blanks"}
        "#]].assert_eq(&check("glog"));
        assert_eq!(check("auto"), check("glog"));
    }

    #[test]
    fn entries_in_a_container() {
        let lines = "app-1  | I1120 12:00:00.123456    4711 main.go:12] hello
app-1  | I1120 12:00:00.123457    4711 main.go:12] again
";
        expect![[r#"
            note: glog times without a year are only in glog.timestamp; --year YEAR, or --year now, makes times of them
            {"service":"app-1","level":"INFO","thread":4711,"filename":"main.go","lineno":12,"message":"hello","glog":{"timestamp":"1120 12:00:00.123456"}}
            note: glog times without a year are only in glog.timestamp; --year YEAR, or --year now, makes times of them
            {"service":"app-1","level":"INFO","thread":4711,"filename":"main.go","lineno":12,"message":"again","glog":{"timestamp":"1120 12:00:00.123457"}}
        "#]].assert_eq(&decode("compose", &Settings::default(), lines.as_bytes()));
    }

    #[test]
    fn what_is_no_entry_is_rejected() {
        for line in [
            "oops",
            "D1120 12:00:00.123456 4711 main.go:12] hello",
            "I1131 12:00:00.123456 4711 main.go:12] hello",
            "I120 12:00:00.123456 4711 main.go:12] hello",
            "I1120 12:00:00.123456 main main.go:12] hello",
            "I1120 12:00:00.123456 4711 main.go] hello",
            "I1120 12:00:00.123456 4711 main.go:12 hello",
        ] {
            let read = decode("glog", &Settings::default(), line.as_bytes());
            assert!(read.starts_with("rejected (no log of glog"), "{read}");
        }
    }
}
