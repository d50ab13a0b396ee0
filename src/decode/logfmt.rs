//! logfmt and other text of `key=value` pairs, with or without words in front of the pairs.
//!
//! A line that begins with a pair is all pairs, and a key by itself is true. In any other line
//! the pairs are the ones that it ends with; what stands in front of them is read by `prefix`.
//! No pair is lost: equal keys all stand in the record, in order, and values are text as it
//! was written save for quotes and their escapes. Tracebacks go to the record above them.

mod data;
mod escapes;
mod pair;
mod pairs;

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
pub(super) use {
    pair::{Pair, Text},
    pairs::{Pairs, closing_quote},
};

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

#[cfg(test)]
mod tests;
