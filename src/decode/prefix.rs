//! What stands in front of pairs in a line: time, level, logger and message, as the formatters
//! of Python's logging, Logback and others write them.
//!
//! Only what is plain to see is taken for more than the message: a date with a time, a level
//! in capitals or set off by brackets, colons or dashes, a name with a dot or set off likewise.

use super::object::Object;
use crate::record::{Instant, Level, Zone};

/// The parts of a prefix, each as it stands there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Prefix<'a> {
    pub(super) time: Option<&'a [u8]>,
    pub(super) level: Option<&'a [u8]>,
    pub(super) logger: Option<&'a [u8]>,
    pub(super) thread: Option<&'a [u8]>,
    pub(super) message: &'a [u8],
}

impl<'a> Prefix<'a> {
    /// Reads a prefix. If it is known that a name stands behind the level, any word there is
    /// one.
    pub(super) fn read(text: &'a [u8], has_name: bool) -> Self {
        let (time, rest) = time(text);
        let mut prefix = Self {
            time,
            ..Self::default()
        };
        let rest = prefix.thread(separated(rest));
        prefix.message = prefix
            .colons(rest)
            .or_else(|| prefix.dashes(rest))
            .unwrap_or_else(|| prefix.words(rest, has_name));
        prefix
    }

    /// Adds what was found to a record.
    pub(super) fn write(&self, zone: Option<Zone>, object: &mut Object<'_>) {
        if let Some(time) = self.time {
            match zone.and_then(|zone| zone.instant_of(time)) {
                Some(instant) => object.text(b"time", instant.to_rfc3339().as_bytes()),
                None => object.text(b"time", time),
            }
        }
        for (key, value) in [
            (&b"level"[..], self.level),
            (b"logger", self.logger),
            (b"thread", self.thread),
            (
                b"message",
                Some(self.message).filter(|text| !text.is_empty()),
            ),
        ] {
            if let Some(value) = value {
                object.text(key, value);
            }
        }
    }

    /// `[main]`, behind the time.
    fn thread(&mut self, text: &'a [u8]) -> &'a [u8] {
        if let [b'[', inner @ ..] = text
            && self.time.is_some()
            && let Some(end) = inner.iter().position(|&byte| byte == b']')
            && end > 0
            && level(&inner[..end]).is_none()
            && follows_level(&inner[end + 1..])
        {
            self.thread = Some(&inner[..end]);
            return separated(&inner[end + 1..]);
        }
        text
    }

    /// `LEVEL:name:message`, as `logging.basicConfig` writes.
    fn colons(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        let (first, rest) = split(text, b":")?;
        let (name, message) = split(rest, b":")?;
        level(first)?;
        if !is_name(name) {
            return None;
        }
        self.level = Some(first);
        self.logger = Some(name);
        Some(message.trim_ascii())
    }

    /// `name - LEVEL - message` or `LEVEL - name - message`.
    fn dashes(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        let (first, rest) = split_dash(text)?;
        if let Some(shown) = level(first) {
            self.level = Some(shown);
            let Some((name, message)) = split_dash(rest).filter(|(name, _)| is_name(name)) else {
                return Some(rest);
            };
            self.logger = Some(name);
            return Some(message);
        }
        let (second, message) = split_dash(rest)?;
        self.level = Some(level(second)?);
        if is_name(first) {
            self.logger = Some(first);
        } else {
            self.level = None;
            return None;
        }
        Some(message)
    }

    /// `LEVEL name message`, `[level] message`, `level: message`.
    fn words(&mut self, text: &'a [u8], has_name: bool) -> &'a [u8] {
        let (first, rest) = word(text);
        let Some(shown) = shown_level(first) else {
            return text;
        };
        self.level = Some(shown);
        let rest = separated(rest);
        let (name, after) = word(rest);
        let bare = name.strip_suffix(b":").unwrap_or(name);
        let set_off = bare.len() < name.len() || after.trim_ascii_start().starts_with(b"- ");
        if is_name(bare) && (has_name || set_off || is_dotted(bare)) {
            self.logger = Some(bare);
            return separated(after);
        }
        rest
    }
}

/// True if a level comes next.
fn follows_level(text: &[u8]) -> bool {
    let (word, _) = word(separated(text));
    shown_level(word).is_some()
}

/// Takes the time that a text begins with, brackets around it or not.
pub(super) fn time(text: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let (inner, bracket) = match text {
        [b'[', inner @ ..] => (inner, true),
        _ => (text, false),
    };
    // No other text begins like that, and reading a time of each line would cost more.
    if inner.len() < 19 || inner[4] != b'-' || !inner[..4].iter().all(u8::is_ascii_digit) {
        return (None, text);
    }
    let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b']';
    let from = |start: usize| {
        let rest = inner.get(start..)?;
        Some(start + rest.iter().position(ends).unwrap_or(rest.len()))
    };
    // The date and the time of day are one word or two; a zone may be a third.
    let Some(one) = from(0) else {
        return (None, text);
    };
    let two = from(one + 1).filter(|_| inner.get(one) == Some(&b' '));
    let is_zone = |text: &[u8]| matches!(text, [b' ', b'+' | b'-' | b'Z' | b'U', ..]);
    let three = two
        .and_then(|two| from(two + 1).filter(|_| is_zone(&inner[two..])))
        .or_else(|| two.filter(|_| one > 10));
    for end in [three, two, Some(one)].into_iter().flatten() {
        let shown = &inner[..end];
        if Instant::from_text(shown).is_none() {
            continue;
        }
        let rest = &inner[end..];
        return match (bracket, rest.first()) {
            (true, Some(b']')) => (Some(shown), &rest[1..]),
            (true, _) => (None, text),
            (false, _) => (Some(shown), rest),
        };
    }
    (None, text)
}

/// A text without blanks and a lone dash or bar in front.
fn separated(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_start();
    match text {
        [b'-' | b'|', rest @ ..] if rest.first().is_none_or(u8::is_ascii_whitespace) => {
            rest.trim_ascii_start()
        }
        _ => text,
    }
}

fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(u8::is_ascii_whitespace);
    text.split_at(end.unwrap_or(text.len()))
}

fn split<'a>(text: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let start = memchr::memmem::find(text, at)?;
    Some((&text[..start], &text[start + at.len()..]))
}

/// Splits at the first dash that has blanks around it; nothing need follow the second blank.
fn split_dash(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if let Some(first) = text.strip_suffix(b" -")
        && memchr::memmem::find(first, b" - ").is_none()
    {
        return Some((first, &[]));
    }
    let (first, rest) = split(text, b" - ")?;
    Some((first, rest.trim_ascii_start()))
}

/// The word, if it means a level. A single letter means too much else, with a number too.
fn level(word: &[u8]) -> Option<&[u8]> {
    let word = word.trim_ascii();
    let text = std::str::from_utf8(word).ok()?;
    let letters = word.get(..2)?.iter().all(u8::is_ascii_alphabetic);
    (letters && Level::from_word(text).is_some()).then_some(word)
}

/// The level that a word shows: in capitals, in brackets, or with a colon behind it.
fn shown_level(word: &[u8]) -> Option<&[u8]> {
    let bare = match word {
        [b'[', inner @ .., b']'] | [inner @ .., b':'] => inner,
        _ if word.iter().any(u8::is_ascii_lowercase) => return None,
        _ => word,
    };
    level(bare)
}

/// True for what may be the name of a logger.
fn is_name(word: &[u8]) -> bool {
    !word.is_empty()
        && word[0] != b'-'
        && word
            .iter()
            .all(|&byte| byte.is_ascii_alphanumeric() || byte >= 0x80 || b"._-$/:".contains(&byte))
}

/// True for a name that no word of a sentence looks like: a dot within it.
fn is_dotted(name: &[u8]) -> bool {
    let inner = &name[1..name.len().max(2) - 1];
    inner.contains(&b'.') && !name.starts_with(b"/") || name == b"root" || name == b"__main__"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_real_formatters() {
        let check = |text: &str, parts: [&str; 5]| {
            let prefix = Prefix::read(text.as_bytes(), false);
            let shown = [
                prefix.time,
                prefix.level,
                prefix.logger,
                prefix.thread,
                Some(prefix.message),
            ];
            let shown =
                shown.map(|part| part.map_or("", |part| std::str::from_utf8(part).expect("UTF-8")));
            assert_eq!(shown, parts, "{text}");
        };
        let asctime = "2018-04-18 23:03:19,148";
        let check_after = |time: &str, rest: &str, [level, logger, thread, message]: [&str; 4]| {
            check(
                &format!("{time} {rest}"),
                [time, level, logger, thread, message],
            );
        };
        check_after(
            asctime,
            "INFO app.db it works",
            ["INFO", "app.db", "", "it works"],
        );
        check_after(asctime, "INFO it works", ["INFO", "", "", "it works"]);
        check_after(
            asctime,
            "- app - ERROR - no - way",
            ["ERROR", "app", "", "no - way"],
        );
        check_after(asctime, "| WARNING | slow", ["WARNING", "", "", "slow"]);
        check_after(asctime, "[warn] slow", ["warn", "", "", "slow"]);
        check_after(asctime, "error: slow", ["error", "", "", "slow"]);
        check_after(
            asctime,
            "error is no level here",
            ["", "", "", "error is no level here"],
        );
        check_after(
            "2026-11-20 12:38:20.518",
            "[main] TRACE com.ex.App - tr",
            ["TRACE", "com.ex.App", "main", "tr"],
        );
        check_after(
            "2026-11-20T12:38:20.518Z",
            "INFO  app: up",
            ["INFO", "app", "", "up"],
        );
        check_after("2026-11-20 12:38:20+00:00", "up", ["", "", "", "up"]);
        check_after(
            "2026-11-20 12:38:20.518 UTC",
            "[7] LOG:  database system is ready",
            ["LOG", "", "7", "database system is ready"],
        );
        check(
            "[2026-11-20 12:38:20] up",
            ["2026-11-20 12:38:20", "", "", "", "up"],
        );
        check("INFO:root:it: works", ["", "INFO", "root", "", "it: works"]);
        check("test - INFO -", ["", "INFO", "test", "", ""]);
        check("test - INFO - a - b", ["", "INFO", "test", "", "a - b"]);
        check("a - b - c", ["", "", "", "", "a - b - c"]);
        check("E-10 is no level", ["", "", "", "", "E-10 is no level"]);
        check("", ["", "", "", "", ""]);
        check(
            "2026-11-20 is a day, not a time",
            ["", "", "", "", "2026-11-20 is a day, not a time"],
        );
    }
}
