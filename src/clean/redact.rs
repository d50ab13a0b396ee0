//! Redaction: values that must not be seen are replaced, and not one other byte changes.

use std::{ops::Range, sync::Arc};

use super::{
    Replacement, Wrong,
    hash::is_hash,
    names::Names,
    number,
    pairs::{self, Pairs},
    paths::Paths,
    pattern::{Hit, Pattern, settle},
    rules::Rules,
    text::Decoded,
    walk::{Token, Walk, What},
    weight::count,
};
use crate::record::{Canonical, Found, Malformed, Reader, Stamper, place_in};

/// Fields whose values are no card and no account, whatever their digits: without them
/// there are no trees.
const IDS: [Canonical; 5] = [
    Canonical::Tree,
    Canonical::Node,
    Canonical::Parent,
    Canonical::Seq,
    Canonical::Time,
];

/// Replaces what rules say. A clone does the same.
#[derive(Debug)]
pub struct Redactor {
    names: Names,
    paths: Paths,
    patterns: Vec<Pattern>,
    with: Replacement,
    /// The replacement as it stands in a string of JSON, if it is a text.
    marker: Vec<u8>,
    reader: Arc<Reader>,
    stamper: Stamper,
    scratch: Scratch,
}

/// What is reused from line to line.
#[derive(Debug, Default)]
struct Scratch {
    found: Found,
    /// The places of ids in the line.
    ids: Vec<Range<usize>>,
    decoded: Decoded,
    pairs: Pairs,
    hits: Vec<Hit>,
    line: Vec<u8>,
}

impl Redactor {
    /// Reads what to redact; each text is a list that commas part:
    ///
    /// - `password`, `*token*`: the values of keys of that name at any depth, in upper or
    ///   lower case, or of pairs such as `{"key":"password","value":"x"}`; objects and arrays
    ///   whole
    /// - `.http.headers.cookie`: the value at this path, in each element of arrays on the way
    /// - `card`, `email`, `ipv4`, `ipv6`, `iban`, `jwt`, `bearer`, `aws-key`: what looks like
    ///   one in any text, key or number, and the values of keys of that name;
    ///   `pattern:card` is only the one, `key:card` only the other
    /// - `/REGEX/`: what matches in any text, key or number; if it has groups, only the first
    ///   one that took part
    pub fn parse<S: AsRef<str>>(what: &[S], with: Replacement) -> Result<Self, Wrong> {
        let rules = Rules::parse(what)?;
        let mut reader = Reader::default();
        if rules.patterns.iter().any(Pattern::is_chancy) {
            for field in IDS {
                reader.canonical(field);
            }
        }
        Ok(Self {
            names: Names::new(&rules.names)?,
            paths: Paths::new(&rules.paths),
            patterns: rules.patterns,
            marker: marker(&with),
            with,
            reader: Arc::new(reader),
            stamper: Stamper::new("redacted"),
            scratch: Scratch::default(),
        })
    }

    /// Appends `line` to `out` with the values replaced, and returns how many were; if any,
    /// the record says so: `"dl":{"redacted":2}`, added to what stands there.
    ///
    /// Values that were replaced already, by this text or by a hash, stay as they are. The
    /// top-level `dl` is not replaced as a whole, nor are the counts in it that are made here;
    /// what else is in it is treated as anything.
    pub fn redact(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<usize, Malformed> {
        let record = self.reader.read(line, &mut self.scratch.found)?;
        self.scratch.ids.clear();
        if self.patterns.iter().any(Pattern::is_chancy) {
            let values = IDS.into_iter().filter_map(|field| record.value(field));
            let places = values.filter_map(|value| place_in(line, value.raw));
            self.scratch.ids.extend(places);
        }
        let mut copy = Copy::begin(line, std::mem::take(&mut self.scratch.line));
        let start = memchr::memchr(b'{', line).unwrap_or(line.len());
        self.walk(&mut copy, start);
        let replaced = copy.count;
        if replaced == 0 {
            out.extend_from_slice(line);
        } else {
            copy.up_to(line.len());
            let sum = |before| (replaced as u64).saturating_add(before);
            self.stamper.update(
                &copy.out,
                |before| sum(before.and_then(count).unwrap_or(0)).to_string(),
                out,
            )?;
        }
        self.scratch.line = copy.out;
        Ok(replaced)
    }

    /// Appends a line of JSON that is no object, such as a text by itself, to `out` with the
    /// values replaced, and returns how many were; there is no room in it to say so.
    pub fn redact_value(&mut self, line: &[u8], out: &mut Vec<u8>) -> usize {
        self.scratch.ids.clear();
        let mut copy = Copy::begin(line, std::mem::take(&mut self.scratch.line));
        self.walk(&mut copy, 0);
        copy.up_to(line.len());
        out.extend_from_slice(&copy.out);
        self.scratch.line = copy.out;
        copy.count
    }

    /// Walks through the value that begins at a place.
    fn walk(&mut self, copy: &mut Copy<'_>, start: usize) {
        self.find_pairs(copy.line, start);
        let mut walk = Walk::new(copy.line, start);
        self.paths.restart();
        let mut in_dl = false;
        while let Some(token) = walk.next() {
            if token.element && !self.paths.is_empty() && self.paths.element() {
                let value = walk.rest_of(&token);
                self.whole(copy, value);
                continue;
            }
            match token.what {
                What::Open => self.paths.open(),
                What::Close => self.paths.close(),
                What::Key { escaped } => {
                    let raw = &copy.line[token.range.clone()];
                    let ours = is_ours(raw, walk.depth(), &mut in_dl);
                    let named = self.is_named(raw, escaped) && !ours;
                    self.part(copy, &token, escaped);
                    if named && let Some(value) = walk.value() {
                        self.whole(copy, value);
                    } else if self.scratch.pairs.hide(token.range.start)
                        && let Some(value) = walk.value()
                    {
                        self.other_half(copy, value);
                    }
                }
                What::Text { escaped } => self.part(copy, &token, escaped),
                What::Scalar => self.number(copy, token.range),
            }
        }
    }

    /// Finds the members to be replaced that are written as pairs.
    fn find_pairs(&mut self, line: &[u8], start: usize) {
        let Scratch { pairs, decoded, .. } = &mut self.scratch;
        let names = &mut self.names;
        pairs.find(line, start, &mut self.paths, decoded, |name| {
            names.contain(name)
        });
    }

    /// True if the value of this key is to be replaced whole.
    fn is_named(&mut self, raw: &[u8], escaped: bool) -> bool {
        let key = if escaped {
            self.scratch.decoded.read(raw)
        } else {
            raw
        };
        let on_path = !self.paths.is_empty() && self.paths.key(key);
        on_path || self.names.contain(key)
    }

    /// Replaces the value of a pair; one of OTLP stays one.
    fn other_half(&mut self, copy: &mut Copy<'_>, value: Range<usize>) {
        let Some((kind, inner)) = pairs::typed(copy.line, &value) else {
            return self.whole(copy, value);
        };
        copy.up_to(kind.start);
        copy.out.extend_from_slice(b"stringValue");
        copy.copied = kind.end;
        self.whole(copy, inner);
    }

    /// Replaces a value whole.
    fn whole(&mut self, copy: &mut Copy<'_>, value: Range<usize>) {
        let raw = &copy.line[value.clone()];
        let inner = raw
            .strip_prefix(b"\"")
            .and_then(|raw| raw.strip_suffix(b"\""));
        if inner.is_some_and(|inner| inner == self.marker || is_hash(inner)) {
            return;
        }
        copy.up_to(value.start);
        copy.out.push(b'"');
        match &self.with {
            Replacement::Text(_) => copy.out.extend_from_slice(&self.marker),
            Replacement::Hash(key) => {
                let digits;
                let text = if let Some(inner) = inner {
                    self.scratch.decoded.read(inner)
                } else {
                    digits = number::written_out(raw);
                    digits.as_deref().unwrap_or(raw)
                };
                let hits = &mut self.scratch.hits;
                key.print(
                    &plain(text, hits).unwrap_or_else(|| text.into()),
                    &mut copy.out,
                );
            }
        }
        copy.out.push(b'"');
        copy.replaced(value.end);
    }

    /// Replaces the parts of a text, or of a key, that patterns find.
    fn part(&mut self, copy: &mut Copy<'_>, token: &Token, escaped: bool) {
        if self.patterns.is_empty() {
            return;
        }
        let raw = &copy.line[token.range.clone()];
        if escaped {
            self.scratch.decoded.read(raw);
        }
        let decoded = &self.scratch.decoded;
        let text = if escaped { decoded.bytes() } else { raw };
        let is_id = self.scratch.ids.contains(&token.range);
        find(&self.patterns, is_id, text, &mut self.scratch.hits);
        for hit in &self.scratch.hits {
            let place = if escaped {
                decoded.place(&hit.range)
            } else {
                hit.range.clone()
            };
            let found = &text[hit.range.clone()];
            // Of an escape that was hit in several bytes, nothing is left after the first.
            let gone = token.range.start + place.start < copy.copied;
            if gone || found == self.marker {
                continue;
            }
            copy.up_to(token.range.start + place.start);
            match &self.with {
                Replacement::Text(_) => copy.out.extend_from_slice(&self.marker),
                Replacement::Hash(key) => {
                    key.print(hit.plain.as_deref().unwrap_or(found), &mut copy.out);
                }
            }
            copy.replaced(token.range.start + place.end);
        }
    }

    /// Replaces a number in which patterns find something.
    fn number(&mut self, copy: &mut Copy<'_>, range: Range<usize>) {
        let raw = &copy.line[range.clone()];
        if self.patterns.is_empty() || !raw.iter().any(u8::is_ascii_digit) {
            return;
        }
        let is_id = self.scratch.ids.contains(&range);
        find(&self.patterns, is_id, raw, &mut self.scratch.hits);
        let written_out = number::written_out(raw);
        if self.scratch.hits.is_empty()
            && let Some(digits) = &written_out
        {
            find(&self.patterns, is_id, digits, &mut self.scratch.hits);
        }
        let Some(hit) = self.scratch.hits.first() else {
            return;
        };
        copy.up_to(range.start);
        copy.out.push(b'"');
        match &self.with {
            Replacement::Text(_) => copy.out.extend_from_slice(&self.marker),
            Replacement::Hash(key) => {
                let whole = written_out.as_deref().unwrap_or(raw);
                key.print(hit.plain.as_deref().unwrap_or(whole), &mut copy.out);
            }
        }
        copy.out.push(b'"');
        copy.replaced(range.end);
    }
}

impl Clone for Redactor {
    fn clone(&self) -> Self {
        Self {
            names: self.names.clone(),
            paths: self.paths.clone(),
            // A regex has a cache of its own, which workers should not fight for.
            patterns: self.patterns.clone(),
            with: self.with.clone(),
            marker: self.marker.clone(),
            reader: Arc::clone(&self.reader),
            stamper: Stamper::new("redacted"),
            scratch: Scratch::default(),
        }
    }
}

/// True for the key `dl` at the top, and for our own counts in it.
fn is_ours(key: &[u8], depth: usize, in_dl: &mut bool) -> bool {
    if depth == 1 {
        *in_dl = key == b"dl";
        return *in_dl;
    }
    let count: &[&[u8]] = &[b"redacted", b"repeats", b"sample", b"throttled"];
    *in_dl && depth == 2 && count.contains(&key)
}

/// What patterns find in a text, in order and without overlap.
fn find(patterns: &[Pattern], is_id: bool, text: &[u8], hits: &mut Vec<Hit>) {
    hits.clear();
    for pattern in patterns {
        if !(is_id && pattern.is_chancy()) {
            pattern.find(text, hits);
        }
    }
    settle(hits);
}

/// A card or an account without what parts its groups, if the whole text is one: it has the
/// hash that it has wherever a pattern finds it.
fn plain(text: &[u8], hits: &mut Vec<Hit>) -> Option<Vec<u8>> {
    /// Longer texts are neither, also with a separator behind each sign.
    const LONGEST: usize = 80;
    let text = text.trim_ascii();
    if text.len() > LONGEST {
        return None;
    }
    find(&[Pattern::Card, Pattern::Iban], false, text, hits);
    let hit = hits.pop().filter(|hit| hit.range == (0..text.len()))?;
    hit.plain
}

/// The text of a replacement as it is written in a string of JSON.
fn marker(with: &Replacement) -> Vec<u8> {
    let Replacement::Text(text) = with else {
        return Vec::new();
    };
    let quoted = serde_json::Value::from(text.as_str()).to_string();
    quoted.as_bytes()[1..quoted.len() - 1].to_owned()
}

/// A copy of a line in which parts are replaced.
struct Copy<'a> {
    line: &'a [u8],
    copied: usize,
    out: Vec<u8>,
    count: usize,
}

impl<'a> Copy<'a> {
    /// Nothing is copied; the memory of `out` is used again.
    fn begin(line: &'a [u8], mut out: Vec<u8>) -> Self {
        out.clear();
        Self {
            line,
            copied: 0,
            out,
            count: 0,
        }
    }

    /// Copies what stands before `place`.
    fn up_to(&mut self, place: usize) {
        self.out.extend_from_slice(&self.line[self.copied..place]);
        self.copied = place;
    }

    /// What stands before `place` was replaced.
    fn replaced(&mut self, place: usize) {
        self.copied = place;
        self.count += 1;
    }
}

#[cfg(test)]
mod tests;
