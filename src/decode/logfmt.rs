//! logfmt and other text of `key=value` pairs, with or without words in front of the pairs.
//!
//! A line that begins with a pair is all pairs, and a key by itself is true. In any other line
//! the pairs are the ones that it ends with; what stands in front of them is read by `prefix`.
//! No pair is lost: equal keys all stand in the record, in order, and values are text as it
//! was written save for quotes and their escapes. Tracebacks go to the record above them.

mod data;
mod escapes;

use std::borrow::Cow;

use super::{
    below::{Line, Reader},
    colour::without_colours,
    format::{By, Format, Settings},
    inner::Inner,
    object::Object,
    prefix::{Prefix, has_time},
};
use crate::record::{Zone, without_mark};
use data::Data;
use escapes::unescape;

pub(super) const FORMAT: Format = Format {
    name: "logfmt",
    summary: "key=value pairs, words in front of them too",
    joins: true,
    wraps: false,
    by: By::Reader(|settings| Box::new(Logfmt::new(settings))),
};

pub(super) struct Logfmt {
    zone: Option<Zone>,
    inner: Inner,
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
            inner: Inner::default(),
        }
    }

    /// Reads a line that ends with JSON, in the forms that have some behind the message.
    fn with_data<'a>(&mut self, line: &'a [u8]) -> Option<(Prefix<'a>, Data<'a>)> {
        if let [b'0'..=b'9', .., b'}'] = line {
            // zap's.
            let start = memchr::memmem::rfind(line, b"\t{\"")?;
            let (prefix, data) = (Prefix::read(&line[..start], false), &line[start + 1..]);
            let data = Data::all(prefix.message(), data, &mut self.inner)?;
            return (prefix.is_timed() && prefix.level.is_some()).then_some((prefix, data));
        }
        if !matches!(line, [b'[' | b'a'..=b'z', .., b'}' | b']']) {
            return None;
        }
        let prefix = Prefix::read(line, false);
        let text = prefix.message();
        let data = if prefix.has_channel() {
            Data::context(text, &mut self.inner)
        } else if !prefix.is_timed() && prefix.level.is_some() && !line.starts_with(b"[") {
            // winston's: of a program that writes a time the JSON may be a part of what it says.
            Data::members(text, &mut self.inner)
        } else {
            None
        }?;
        Some((prefix.with_message(data.message), data))
    }
}

impl Reader for Logfmt {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let line = without_colours(line);
        let line = without_mark(&line).trim_ascii();
        if let Some((prefix, data)) = self.with_data(line) {
            prefix.write(self.zone, true, object);
            data.write(object);
            return Ok(shown(&prefix));
        }
        let mut pairs = Vec::new();
        let words = Pairs::of(line, &mut pairs);
        let named = |name: &[u8]| pairs.iter().any(|pair| pair.bare_key() == Some(name));
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
        Ok(shown(&prefix))
    }

    fn begins(&self, line: &[u8], _is_apart: bool) -> bool {
        begins(line)
    }
}

/// What a line shows that begins so.
fn shown(prefix: &Prefix<'_>) -> Line {
    if prefix.is_timed() {
        Line::Dated
    } else {
        Line::Marked
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
    if words.is_empty() {
        return true;
    }
    let prefix = Prefix::read(words, false);
    prefix.level.is_some() || prefix.is_timed()
}

impl<'a> Pair<'a> {
    /// The key, if it is written without quotes.
    pub(super) fn bare_key(&self) -> Option<&'a [u8]> {
        match self.key {
            Text::Bare(key) => Some(key),
            Text::Quoted(_) => None,
        }
    }

    /// Takes the comma off that its value ends with; false if there is none.
    fn without_comma(&mut self) -> bool {
        match &mut self.value {
            Some(Text::Bare([shown @ .., b','])) => self.value = Some(Text::Bare(shown)),
            // One behind quotes has not been taken for a part of the value.
            Some(Text::Quoted(_)) => {}
            Some(Text::Bare(_)) | None => return false,
        }
        true
    }

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
            without_commas(pairs, false);
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
        without_commas(pairs, false);
        line[..start].trim_ascii()
    }

    /// Finds the pairs that a line begins with; what is behind them is returned.
    pub(super) fn leading(line: &'a [u8], pairs: &mut Vec<Pair<'a>>) -> &'a [u8] {
        let mut walk = Self {
            line,
            at: 0,
            brackets: true,
        };
        while walk.skip_blanks() {
            let Some(pair) = walk.pair(is_usual_key) else {
                break;
            };
            pairs.push(pair);
        }
        without_commas(pairs, true);
        walk.rest()
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
        let has_comma = |at: usize| rest.get(at) == Some(&b',') && ends(at + 1);
        if let [quote @ (b'"' | b'\''), inner @ ..] = rest {
            match closing(*quote, inner) {
                Some(end) if ends(end + 2) => {
                    self.at += end + 2;
                    return Text::Quoted(&inner[..end]);
                }
                Some(end) if has_comma(end + 2) => {
                    self.at += end + 3;
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

/// Takes the commas off that stand between the last pairs; one behind the last of all is one too if more `follows`.
fn without_commas(pairs: &mut [Pair<'_>], follows: bool) {
    let Some((last, before)) = pairs.split_last_mut() else {
        return;
    };
    if follows {
        last.without_comma();
    }
    for pair in before.iter_mut().rev() {
        if !pair.without_comma() {
            break;
        }
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

#[cfg(test)]
mod tests;
