//! Any other text: patterns with named groups, the first that matches a whole line wins.
//!
//! Each group that takes part becomes a member of its name, in the order of the pattern. What
//! the pattern has outside of groups is the form of the text and not kept. Tracebacks go to the record above them.
//!
//! A line that is not UTF-8 is compared as it is, for patterns that tell of bytes, and then with U+FFFD for what is not.

use std::{borrow::Cow, cell::LazyCell};

use regex::bytes::Regex;

use super::{
    below::{Line, Reader},
    format::{By, Format, Settings},
    object::Object,
    time_format::TimeFormat,
};
use crate::record::Zone;

pub(super) const FORMAT: Format = Format {
    name: "pattern",
    summary: "text in the form of --pattern",
    joins: true,
    wraps: false,
    by: By::Reader(|settings| Box::new(Patterns::new(settings))),
};

/// A pattern that lines are compared with.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

/// Why a text is no pattern to read lines by.
#[derive(Debug, thiserror::Error)]
pub enum PatternError {
    /// It is no regular expression.
    #[error("{0}")]
    Regex(String),
    /// It takes nothing out of a line.
    #[error("no group has a name; write (?<name>...)")]
    NoName,
}

impl Pattern {
    /// Reads a regular expression with named groups. It has to match a line from its beginning
    /// to its end.
    pub fn read(text: &str) -> Result<Self, PatternError> {
        // By itself first, or an error would tell of what is added here.
        let alone = Regex::new(text).map_err(|error| {
            let words = error.to_string();
            let last = words.lines().last().unwrap_or_default();
            let reason = last.strip_prefix("error: ").unwrap_or(last);
            PatternError::Regex(reason.to_owned())
        })?;
        if alone.capture_names().flatten().next().is_none() {
            return Err(PatternError::NoName);
        }
        // In the mode x a comment at the end would take the parenthesis with it, if its line
        // did not end.
        Regex::new(&format!("^(?:{text})$"))
            .or_else(|_| Regex::new(&format!("^(?:{text}\n)$")))
            .map(Self)
            .map_err(|error| PatternError::Regex(error.to_string()))
    }
}

pub(super) struct Patterns {
    all: Vec<Pattern>,
    time_format: Option<TimeFormat>,
    zone: Option<Zone>,
}

impl Patterns {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            all: settings.patterns.clone(),
            time_format: settings.time_format.clone(),
            zone: settings.zone,
        }
    }
}

impl Reader for Patterns {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let text = line.strip_suffix(b"\r").unwrap_or(line);
        let mended = LazyCell::new(|| match String::from_utf8_lossy(text) {
            Cow::Borrowed(_) => None,
            Cow::Owned(mended) => Some(mended),
        });
        let found = self.all.iter().find_map(|Pattern(pattern)| {
            let as_it_is = pattern.captures(text).map(|groups| (groups, false));
            let (groups, damaged) = as_it_is.or_else(|| {
                let mended = mended.as_ref()?;
                Some((pattern.captures(mended.as_bytes())?, true))
            })?;
            Some((pattern, groups, damaged))
        });
        let Some((pattern, groups, damaged)) = found else {
            return Err("no --pattern matches the whole line");
        };
        object.damaged(damaged);
        for (name, group) in pattern.capture_names().zip(groups.iter()) {
            let Some((name, group)) = name.zip(group) else {
                continue;
            };
            let value = group.as_bytes();
            let instant = match (name, &self.time_format) {
                ("time", Some(format)) => {
                    let Some(instant) = format.instant(value, self.zone) else {
                        return Err("the time is not what --time-format says");
                    };
                    Some(instant)
                }
                ("time", None) => self.zone.and_then(|zone| zone.instant_of(value)),
                _ => None,
            };
            match instant {
                Some(instant) => object.text(name.as_bytes(), instant.to_rfc3339().as_bytes()),
                None => object.bare(name.as_bytes(), value),
            }
        }
        Ok(Line::Marked)
    }

    fn begins(&self, line: &[u8], _is_apart: bool) -> bool {
        let text = line.strip_suffix(b"\r").unwrap_or(line);
        let mut patterns = self.all.iter();
        patterns.any(|Pattern(pattern)| pattern.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use chrono::format::StrftimeItems;

    use super::*;
    use crate::decode::format::tests::decode;

    fn codes(text: &str) -> TimeFormat {
        let items = StrftimeItems::new(text).parse_to_owned();
        TimeFormat::new(items.expect("codes")).expect("a format")
    }

    fn read(patterns: &[&str], time_format: Option<&str>, line: &[u8]) -> String {
        let pattern = |text: &&str| Pattern::read(text).expect("a pattern");
        let settings = Settings {
            patterns: patterns.iter().map(pattern).collect(),
            time_format: time_format.map(codes),
            zone: Zone::read("America/New_York"),
            ..Settings::default()
        };
        decode("pattern", &settings, line)
    }

    #[test]
    fn groups_become_members() {
        let check = |patterns: &[&str], line: &str, expect: &str| {
            assert_eq!(read(patterns, None, line.as_bytes()), format!("{expect}\n"));
        };
        let status = r"(?<method>\w+) (?<path>\S+) (?<status>\d+)(?: (?<took>[\d.]+)s)?";
        check(
            &[status],
            "GET /a 200 1.50s",
            r#"{"method":"GET","path":"/a","status":200,"took":1.50}"#,
        );
        check(
            &[status],
            "GET /a 200",
            r#"{"method":"GET","path":"/a","status":200}"#,
        );
        check(
            &["(?<a>x)", "(?<message>.*)"],
            "x y\r",
            r#"{"message":"x y"}"#,
        );
        check(&["(?<a>x)|(?<b>xy)"], "xy", r#"{"b":"xy"}"#);
        check(&["(?sx) (?<a>x) # y"], "x", r#"{"a":"x"}"#);
        check(
            &["(?<time>.*)"],
            "2026-11-20 07:00:00,5",
            r#"{"time":"2026-11-20T12:00:00.500Z"}"#,
        );
        check(&["(?<time>.*)"], "noon", r#"{"time":"noon"}"#);
        check(
            &["(?<a>x)"],
            " x",
            "rejected (no --pattern matches the whole line):  x",
        );
        assert_eq!(
            read(&["(?<a>(?-u:.)+)"], None, b"\xff"),
            "{\"a\":\"\u{fffd}\",\"dl\":{\"recv\":{\"invalid_utf8\":true}}}\n"
        );
        assert_eq!(
            read(&["(?<a>x)", "(?<message>.*)"], None, b"caf\xe9 au lait"),
            "{\"message\":\"caf\u{fffd} au lait\",\"dl\":{\"recv\":{\"invalid_utf8\":true}}}\n"
        );
        // Who asks for bytes gets them.
        assert_eq!(
            read(&[r"(?-u:\xe9)(?<a>.)", "(?<b>.*)"], None, b"\xe9x"),
            "{\"a\":\"x\"}\n"
        );
    }

    #[test]
    fn times_are_read_by_their_format() {
        let check = |format: &str, time: &str, expect: &str| {
            let read = read(&["(?<time>.*)"], Some(format), time.as_bytes());
            assert_eq!(read, format!("{expect}\n"));
        };
        let apache = "%d/%b/%Y:%H:%M:%S %z";
        check(
            apache,
            "10/Oct/2000:13:55:36 -0700",
            r#"{"time":"2000-10-10T20:55:36Z"}"#,
        );
        check(
            "%d.%m.%Y %H:%M:%S",
            "20.11.2026 07:00:00",
            r#"{"time":"2026-11-20T12:00:00Z"}"#,
        );
        // As Python's users know it, with any number of digits.
        for (time, fraction) in [
            ("20261120 070000,1", ".100"),
            ("20261120 070000,123", ".123"),
            ("20261120 070000,000123", ".000123"),
            ("20261120 070000,1234567891", ".123456789"),
        ] {
            check(
                "%Y%m%d %H%M%S,%f",
                time,
                &format!("{{\"time\":\"2026-11-20T12:00:00{fraction}Z\"}}"),
            );
        }
        check(
            "%s.%f s",
            "1795176000.25 s",
            r#"{"time":"2026-11-20T12:00:00.250Z"}"#,
        );
        check(
            "%Y-%m-%dT%H:%M:%S.%f%z",
            "2026-11-20T13:00:00.5+0100",
            r#"{"time":"2026-11-20T12:00:00.500Z"}"#,
        );
        for time in ["20261120 070000,", "20261120 070000", "20261120 070000,5x"] {
            check(
                "%Y%m%d %H%M%S,%f",
                time,
                &format!("rejected (the time is not what --time-format says): {time}"),
            );
        }
        check(
            apache,
            "noon",
            "rejected (the time is not what --time-format says): noon",
        );
    }

    #[test]
    fn patterns_that_cannot_be_say_why() {
        let check = |text: &str, reason: &str| {
            let error = Pattern::read(text).expect_err("no pattern");
            assert_eq!(error.to_string(), reason);
        };
        check("(?<a>", "unclosed group");
        check("a(b)", "no group has a name; write (?<name>...)");
        check(
            "(?<a>.){99999}{99999}",
            "Compiled regex exceeds size limit of 10485760 bytes.",
        );
    }
}
