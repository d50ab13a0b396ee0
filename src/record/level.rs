//! Severity on one scale: OpenTelemetry's severity number, 1 to 24 (REFERENCE.md §11).

use std::fmt;

use super::value::{Kind, Value};

/// A severity. Greater is more severe; the numbers are OpenTelemetry's `severity_number`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(pub u8);

impl Level {
    /// Finer than debug.
    pub const TRACE: Self = Self(1);
    /// For developers.
    pub const DEBUG: Self = Self(5);
    /// Normal work.
    pub const INFO: Self = Self(9);
    /// Normal but worth a note.
    pub const NOTICE: Self = Self(10);
    /// Something unexpected that did not stop the work.
    pub const WARNING: Self = Self(13);
    /// The work failed.
    pub const ERROR: Self = Self(17);
    /// The process or system is in danger.
    pub const CRITICAL: Self = Self(18);
    /// Somebody must act at once.
    pub const ALERT: Self = Self(19);
    /// The end of the process or system.
    pub const FATAL: Self = Self(21);

    /// The canonical name of the band that the level falls in.
    pub fn name(self) -> &'static str {
        match self.0 {
            0..=4 => "trace",
            5..=8 => "debug",
            9 => "info",
            10..=12 => "notice",
            13..=16 => "warning",
            17 => "error",
            18..=20 => "critical",
            _ => "fatal",
        }
    }

    /// Reads a word such as `WARN`, `Information`, `DEBUG-4` or `Level 25`; any case.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = strip_ansi(word.trim());
        let mut lower = [0_u8; 16];
        let lower = lower.get_mut(..word.len())?;
        lower.copy_from_slice(word.as_bytes());
        lower.make_ascii_lowercase();
        named(lower).or_else(|| unnamed(std::str::from_utf8(lower).ok()?))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The fast path: a known word as almost everybody writes it, with nothing around it.
fn plain_word(word: &[u8]) -> Option<Level> {
    let mut lower = [0_u8; LONGEST];
    let lower = lower.get_mut(..word.len())?;
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    named(lower)
}

/// What stands in front of the names of OpenTelemetry's severity numbers.
const SEVERITY: &[u8] = b"SEVERITY_NUMBER_";

/// The length of the longest name.
const LONGEST: usize = "informational".len();

/// True for what no level is written with but a plain word: there is nothing around it and
/// no number in it.
fn is_plain(word: &[u8]) -> bool {
    word.iter()
        .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'.' | b'_'))
}

fn named(lower: &[u8]) -> Option<Level> {
    Some(match lower {
        b"trace" | b"trce" | b"trc" | b"t" | b"finest" | b"silly" => Level::TRACE,
        b"debug" | b"debg" | b"dbug" | b"dbg" | b"d" | b"finer" => Level::DEBUG,
        b"fine" => Level(6),
        b"verbose" | b"config" => Level(7),
        b"http" => Level(8),
        // LOG is PostgreSQL's and NestJS's.
        b"info" | b"information" | b"informational" | b"inf" | b"i" | b"log" => Level::INFO,
        b"notice" | b"success" => Level::NOTICE,
        b"warning" | b"warn" | b"wrn" | b"w" => Level::WARNING,
        b"error" | b"err" | b"erro" | b"e" | b"severe" | b"fail" => Level::ERROR,
        b"critical" | b"crit" | b"dpanic" | b"c" => Level::CRITICAL,
        b"alert" => Level::ALERT,
        b"fatal" | b"panic" | b"emerg" | b"emergency" | b"f" => Level::FATAL,
        _ => return None,
    })
}

/// Names made of a number: Python's `Level 25`, Go slog's `ERROR+4`.
fn unnamed(lower: &str) -> Option<Level> {
    if let Some(number) = lower.strip_prefix("level ") {
        return Scale::Python.level(number.trim().parse().ok()?);
    }
    let at = lower.find(['+', '-'])?;
    let Level(base) = named(&lower.as_bytes()[..at])?;
    let offset: i64 = lower[at..].parse().ok()?;
    let level = i64::from(base).checked_add(offset)?.clamp(1, 24);
    u8::try_from(level).ok().map(Level)
}

/// The severity number of that name, `WARN2`: each of six words is the first of four.
fn severity(name: &[u8]) -> Option<Level> {
    let (word, step) = match name.split_last()? {
        (digit @ b'2'..=b'4', word) => (word, digit - b'1'),
        _ => (name, 0),
    };
    let words: [&[u8]; 6] = [b"TRACE", b"DEBUG", b"INFO", b"WARN", b"ERROR", b"FATAL"];
    let Level(base) = words.contains(&word).then(|| plain_word(word)).flatten()?;
    Some(Level(base + step))
}

/// Removes one pair of ANSI colour sequences around a word, as winston and zap write them.
fn strip_ansi(word: &str) -> &str {
    let Some(rest) = word.strip_prefix('\u{1b}') else {
        return word;
    };
    let inner = rest.split_once('m').map_or("", |(_, inner)| inner);
    inner.split('\u{1b}').next().unwrap_or(inner)
}

/// How a producer's numbers are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// 10 debug, 20 info, 30 warning, 40 error, 50 critical; also our guess for a bare number.
    Python,
    /// 10 trace, 20 debug, 30 info, 40 warning, 50 error, 60 fatal: pino, bunyan.
    Pino,
    /// OpenTelemetry's severity number itself.
    Otel,
    /// 7 debug down to 0 emergency: syslog, journald, GELF.
    Syslog,
    /// 9 trace, 10 debug, 11 info, 12 notice, 13 warning, 14 error, 15 critical: Logbook.
    Logbook,
    /// 5000 trace, 10000 debug, 20000 info, 30000 warning, 40000 error: Logback.
    Logback,
    /// 100 debug, 200 info, 300 notice and so on to 800 emergency, 0 for none: Google. Other numbers
    /// are Python's.
    Google,
}

impl Scale {
    /// The level that `number` means on this scale.
    pub fn level(self, number: i64) -> Option<Level> {
        match self {
            Self::Python => python(number),
            Self::Pino => python(number.checked_sub(10)?).map(|level| match number {
                60.. => Level::FATAL,
                _ => level,
            }),
            Self::Otel => u8::try_from(number)
                .ok()
                .filter(|n| (1..=24).contains(n))
                .map(Level),
            Self::Syslog => [21, 19, 18, 17, 13, 10, 9, 5]
                .get(usize::try_from(number).ok()?)
                .copied()
                .map(Level),
            Self::Logbook => Some(match number {
                9 => Level::TRACE,
                10 => Level::DEBUG,
                11 => Level::INFO,
                12 => Level::NOTICE,
                13 => Level::WARNING,
                14 => Level::ERROR,
                15 => Level::CRITICAL,
                _ => return None,
            }),
            Self::Logback => Some(match number {
                5_000 => Level::TRACE,
                10_000 => Level::DEBUG,
                20_000 => Level::INFO,
                30_000 => Level::WARNING,
                40_000 => Level::ERROR,
                _ => return None,
            }),
            Self::Google => match number {
                0 => None,
                100 => Some(Level::DEBUG),
                200 => Some(Level::INFO),
                300 => Some(Level::NOTICE),
                400 => Some(Level::WARNING),
                500 => Some(Level::ERROR),
                600 => Some(Level::CRITICAL),
                700 => Some(Level::ALERT),
                800 => Some(Level::FATAL),
                _ => python(number),
            },
        }
    }

    /// Reads a field that holds a word or a number.
    pub fn read(self, value: Value<'_>) -> Option<Level> {
        if let Some(number) = value.as_i128() {
            self.level(i64::try_from(number).ok()?)
        } else if let (Kind::Plain, Some(level)) = (value.kind, plain_word(value.raw)) {
            Some(level)
        } else if let (Self::Otel, Some(word)) = (self, value.raw.strip_prefix(SEVERITY)) {
            // The name of the number, as protobuf's JSON has it where numbers are not wanted.
            severity(word)
        } else if value.kind == Kind::Plain && is_plain(value.raw) {
            None
        } else {
            let text = value.as_str()?;
            Level::from_word(&text).or_else(|| self.level(text.trim().parse().ok()?))
        }
    }
}

/// Python's numbers: named ones to their names, those between keep their order.
fn python(number: i64) -> Option<Level> {
    Some(match number {
        ..0 => return None,
        0..5 => Level::TRACE,
        5..10 => Level(2),
        10..20 => step(Level::DEBUG, 3, number - 10),
        20 => Level::INFO,
        21..30 => step(Level::NOTICE, 2, number - 21),
        30..40 => step(Level::WARNING, 3, number - 30),
        40..50 => Level::ERROR,
        50 => Level::CRITICAL,
        _ => Level(22),
    })
}

/// Climbs from `base` by at most `room` levels over the nine numbers up to the next name.
fn step(Level(base): Level, room: u8, above: i64) -> Level {
    let climbed = above * i64::from(room) / 9;
    Level(base + u8::try_from(climbed).unwrap_or(room).min(room))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_real_producers() {
        let check = |word: &str, expect: Option<&str>| {
            assert_eq!(Level::from_word(word).map(Level::name), expect, "{word}");
            let value = Value {
                kind: Kind::Plain,
                raw: word.as_bytes(),
            };
            let read = Scale::Python.read(value);
            assert_eq!(read.map(Level::name), expect, "{word} as a value");
        };
        check("WARNING", Some("warning"));
        check("warn", Some("warning"));
        check(" Information ", Some("info"));
        check("ERRO", Some("error"));
        check("\u{1b}[31mERROR\u{1b}[0m", Some("error"));
        check("Level 25", Some("notice"));
        check("level 51", Some("fatal"));
        check("DEBUG-4", Some("trace"));
        check("ERROR+4", Some("fatal"));
        check("INFO+2", Some("notice"));
        check("Informational", Some("info"));
        check("LOG", Some("info"));
        check("EMERGENCY", Some("fatal"));
        check("unknown", None);
        check("worker.level", None);
        check("", None);
        check("a word that is far too long", None);
    }

    #[test]
    fn numbers_mean_what_their_scale_says() {
        let check = |scale: Scale, number: i64, expect: Option<&str>| {
            assert_eq!(
                scale.level(number).map(Level::name),
                expect,
                "{scale:?} {number}"
            );
        };
        check(Scale::Python, 10, Some("debug"));
        check(Scale::Python, 25, Some("notice"));
        check(Scale::Python, 30, Some("warning"));
        check(Scale::Python, 50, Some("critical"));
        check(Scale::Pino, 10, Some("trace"));
        check(Scale::Pino, 30, Some("info"));
        check(Scale::Pino, 50, Some("error"));
        check(Scale::Pino, 60, Some("fatal"));
        check(Scale::Syslog, 3, Some("error"));
        check(Scale::Syslog, 8, None);
        check(Scale::Otel, 17, Some("error"));
        check(Scale::Otel, 0, None);
        check(Scale::Logbook, 9, Some("trace"));
        check(Scale::Logbook, 13, Some("warning"));
        check(Scale::Logbook, 16, None);
        check(Scale::Logback, 5_000, Some("trace"));
        check(Scale::Logback, 40_000, Some("error"));
        check(Scale::Logback, 40, None);
        check(Scale::Google, 0, None);
        check(Scale::Google, 200, Some("info"));
        check(Scale::Google, 500, Some("error"));
        check(Scale::Google, 800, Some("fatal"));
        check(Scale::Google, 40, Some("error"));
        check(Scale::Python, i64::MIN, None);
        check(Scale::Pino, i64::MIN, None);
    }

    #[test]
    fn severity_numbers_have_names() {
        let check = |word: &str, expect: Option<u8>| {
            let value = Value {
                kind: Kind::Plain,
                raw: word.as_bytes(),
            };
            assert_eq!(Scale::Otel.read(value), expect.map(Level), "{word}");
        };
        check("SEVERITY_NUMBER_TRACE", Some(1));
        check("SEVERITY_NUMBER_INFO", Some(9));
        check("SEVERITY_NUMBER_WARN2", Some(14));
        check("SEVERITY_NUMBER_FATAL4", Some(24));
        check("SEVERITY_NUMBER_UNSPECIFIED", None);
        check("SEVERITY_NUMBER_", None);
        check("SEVERITY_NUMBER_WARN5", None);
        check("SEVERITY_NUMBER_NOTICE", None);
    }

    #[test]
    fn greater_python_numbers_are_never_less_severe() {
        let levels: Vec<_> = (0..60).filter_map(|n| Scale::Python.level(n)).collect();
        assert!(levels.is_sorted(), "{levels:?}");
    }
}
