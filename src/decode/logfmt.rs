//! logfmt and other text of `key=value` pairs, with or without words in front of the pairs.
//!
//! A line that begins with a pair is all pairs, and a key by itself is true. In any other line
//! the pairs are the ones that it ends with; what stands in front of them is read by `prefix`.
//! No pair is lost: equal keys all stand in the record, in order, and values are text as it
//! was written save for quotes and their escapes. Tracebacks go to the record above them.

use std::borrow::Cow;

use super::{
    below::{Line, Reader},
    colour::without_colours,
    cut::around,
    format::{By, Format, Settings},
    object::Object,
    prefix::{Prefix, has_time},
};
use crate::record::{Zone, without_mark};

pub(super) const FORMAT: Format = Format {
    name: "logfmt",
    summary: "key=value pairs, words in front of them too",
    joins: true,
    wraps: false,
    by: By::Reader(|settings| Box::new(Logfmt::new(settings))),
};

pub(super) struct Logfmt {
    zone: Option<Zone>,
}

/// A key and its value, as they stand in the line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'a> {
    key: Text<'a>,
    /// `None` for a key by itself.
    value: Option<Text<'a>>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Text<'a> {
    Bare(&'a [u8]),
    /// What stands between quotes, with its escapes.
    Quoted(&'a [u8]),
}

/// The pairs that tell when a record was made.
pub(super) const TIMES: [&[u8]; 5] = [b"time", b"ts", b"timestamp", b"t", b"asctime"];

impl Logfmt {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            zone: settings.zone,
        }
    }
}

impl Reader for Logfmt {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let line = without_colours(line);
        let line = without_mark(&line).trim_ascii();
        let mut pairs = Vec::new();
        let words = Pairs::of(line, &mut pairs);
        let named = |name: &[u8]| {
            let mut keys = pairs.iter().map(|pair| pair.key);
            keys.any(|key| matches!(key, Text::Bare(key) if key == name))
        };
        // What BQNT's scopes write behind `time level logger message`.
        let is_scope = named(b"trace_id") && named(b"event");
        let prefix = Prefix::read(words, is_scope);
        if pairs.is_empty() && !prefix.is_timed() && prefix.level.is_none() {
            return Err("no key=value pair, and no time or level in front");
        }
        let bare = pairs.is_empty() || named(b"time.busy");
        prefix.write(self.zone, bare, object);
        for pair in &pairs {
            pair.write(self.zone, object);
        }
        Ok(if prefix.is_timed() {
            Line::Dated
        } else {
            Line::Marked
        })
    }

    fn begins(&self, line: &[u8], _is_apart: bool) -> bool {
        begins(line)
    }
}

/// True for the beginning of a record: a traceback's text may have pairs in it but not in front.
pub(super) fn begins(line: &[u8]) -> bool {
    let line = without_colours(line);
    let line = line.trim_ascii();
    if has_time(line) {
        return true;
    }
    let words = Pairs::of(line, &mut Vec::new());
    words.is_empty() || Prefix::read(words, false).level.is_some()
}

impl<'a> Pair<'a> {
    /// The key as it is written, if no value stands behind it.
    pub(super) fn lone(&self) -> Option<&'a [u8]> {
        match (self.key, self.value) {
            (Text::Bare(key) | Text::Quoted(key), None) => Some(key),
            (_, Some(_)) => None,
        }
    }

    /// Adds it to a record; a time that tells no zone is one of `zone`.
    pub(super) fn write(&self, zone: Option<Zone>, object: &mut Object<'_>) {
        let key = self.key.bytes();
        let Some(value) = self.value else {
            return object.json(&key, b"true");
        };
        let zone = zone.filter(|_| TIMES.contains(&&*key));
        match (zone.and_then(|zone| zone.instant_of(&value.bytes())), value) {
            (Some(instant), _) => object.text(&key, instant.to_rfc3339().as_bytes()),
            (None, Text::Bare(value)) => object.bare(&key, value),
            (None, value) => object.text(&key, &value.bytes()),
        }
    }
}

/// Walks along a line.
pub(super) struct Pairs<'a> {
    line: &'a [u8],
    at: usize,
    /// False once a bracket was not closed as that of a value: looking for the end of each
    /// would take the square of the line's length.
    brackets: bool,
}

impl<'a> Pairs<'a> {
    /// Finds the pairs of a line; what is in front of them is returned.
    pub(super) fn of(line: &'a [u8], pairs: &mut Vec<Pair<'a>>) -> &'a [u8] {
        let mut walk = Self {
            line,
            at: 0,
            brackets: true,
        };
        if let Some(first) = walk.pair(is_usual_key) {
            pairs.push(first);
            while walk.skip_blanks() {
                let next = walk.pair(is_any_key).unwrap_or_else(|| walk.word());
                pairs.push(next);
            }
            return &[];
        }
        let mut start = line.len();
        while walk.skip_blanks() {
            let at = walk.at;
            if let Some(pair) = walk.pair(is_usual_key) {
                if pairs.is_empty() {
                    start = at;
                }
                pairs.push(pair);
            } else {
                walk.word();
                pairs.clear();
                start = line.len();
            }
        }
        line[..start].trim_ascii()
    }

    /// Goes on to what is no blank; false at the end of the line.
    fn skip_blanks(&mut self) -> bool {
        let blanks = self
            .rest()
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace());
        self.at += blanks.count();
        self.at < self.line.len()
    }

    fn rest(&self) -> &'a [u8] {
        &self.line[self.at..]
    }

    /// Takes a pair, if one stands here.
    fn pair(&mut self, is_key: impl Fn(u8) -> bool) -> Option<Pair<'a>> {
        let rest = self.rest();
        let (key, length) = if let [b'"', inner @ ..] = rest {
            let end = closing_quote(inner)?;
            (Text::Quoted(&inner[..end]), end + 2)
        } else {
            let end = rest.iter().position(|&byte| !is_key(byte))?;
            (Text::Bare(&rest[..end]), end)
        };
        if length == 0 || rest.get(length) != Some(&b'=') {
            return None;
        }
        self.at += length + 1;
        let value = self.value();
        Some(Pair {
            key,
            value: Some(value),
        })
    }

    fn value(&mut self) -> Text<'a> {
        let rest = self.rest();
        let ends = |at: usize| rest.get(at).is_none_or(u8::is_ascii_whitespace);
        if let [quote @ (b'"' | b'\''), inner @ ..] = rest {
            match closing(*quote, inner) {
                Some(end) if ends(end + 2) => {
                    self.at += end + 2;
                    return Text::Quoted(&inner[..end]);
                }
                // A line cut off within quotes: all of it is the value. A lone apostrophe is one.
                None if *quote == b'"' => {
                    self.at = self.line.len();
                    return Text::Bare(rest);
                }
                _ => {}
            }
        }
        if rest.first() == Some(&b'[') && self.brackets {
            match closing_bracket(rest) {
                Some(end) if ends(end + 1) => {
                    self.at += end + 1;
                    return Text::Bare(&rest[..=end]);
                }
                _ => self.brackets = false,
            }
        }
        Text::Bare(self.take_word())
    }

    /// Takes a word as a key by itself.
    fn word(&mut self) -> Pair<'a> {
        Pair {
            key: Text::Bare(self.take_word()),
            value: None,
        }
    }

    fn take_word(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let end = rest.iter().position(u8::is_ascii_whitespace);
        let end = end.unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }
}

/// Bytes of keys in text that may be anything: an URL with a query is no key.
fn is_usual_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte >= 0x80
        || matches!(byte, b'_' | b'-' | b'.' | b'@' | b'!' | b'$' | b'/')
}

/// Bytes of keys where all is pairs.
fn is_any_key(byte: u8) -> bool {
    byte != b'=' && byte != b'"' && !byte.is_ascii_whitespace()
}

/// Where the quote ends that begins in front of `inner`.
pub(super) fn closing_quote(inner: &[u8]) -> Option<usize> {
    closing(b'"', inner)
}

/// The same for quotes of either kind; Python's are single ones.
fn closing(quote: u8, inner: &[u8]) -> Option<usize> {
    let mut escaped = false;
    inner.iter().position(|&byte| {
        let ends = byte == quote && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// Where the bracket ends that `text` begins with; brackets nest.
fn closing_bracket(text: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    text.iter().position(|&byte| {
        match byte {
            b'[' => depth += 1,
            b']' => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}

impl<'a> Text<'a> {
    pub(super) fn bytes(self) -> Cow<'a, [u8]> {
        match self {
            Self::Quoted(text) if text.contains(&b'\\') => unescape(text).into(),
            Self::Quoted(text) | Self::Bare(text) => text.into(),
        }
    }
}

/// Resolves the escapes that Go's `strconv.Quote`, JSON and most loggers write; one that is
/// none of them stays as it is.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some(&escape) = text.get(at) else {
            out.push(byte);
            break;
        };
        at += 1;
        let hex = |digits: usize| {
            let digits = text.get(at..at + digits)?;
            let digits = std::str::from_utf8(digits).ok()?;
            digits
                .bytes()
                .all(|digit| digit.is_ascii_hexdigit())
                .then(|| u32::from_str_radix(digits, 16).ok())?
        };
        match escape {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'v' => out.push(11),
            b'"' | b'\\' | b'\'' | b'/' => out.push(escape),
            b'x' if hex(2).is_some() => {
                out.extend(hex(2).and_then(|code| u8::try_from(code).ok()));
                at += 2;
            }
            // Rust's.
            b'u' if let Some((char, length)) = braced(&text[at..]) => {
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                at += length;
            }
            b'u' | b'U' => {
                let digits = if escape == b'u' { 4 } else { 8 };
                if let Some(char) = hex(digits).and_then(char::from_u32) {
                    out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                    at += digits;
                } else {
                    out.extend_from_slice(&[b'\\', escape]);
                }
            }
            _ => out.extend_from_slice(&[b'\\', escape]),
        }
    }
    out
}

/// The character of `{1f600}`, and how long that is.
fn braced(text: &[u8]) -> Option<(char, usize)> {
    /// More digits than a character has.
    const MOST: usize = 6;
    let (inner, _) = around(text.get(..text.len().min(MOST + 2))?, b"}")?;
    let code = std::str::from_utf8(inner.strip_prefix(b"{")?).ok()?;
    let char = char::from_u32(u32::from_str_radix(code, 16).ok()?)?;
    Some((char, inner.len() + 1))
}

#[cfg(test)]
mod tests;
