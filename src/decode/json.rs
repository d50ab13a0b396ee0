//! JSON documents that stretch over lines, several on a line or behind record separators
//! (RFC 7464), and documents and lists that hold many records.
//!
//! A record is written as one line; nothing but line ends and the blanks around them changes.
//! Where a document is broken, the next one begins behind a separator, or on the next line that
//! has a bracket in its first column.

use super::{
    entry::Entries,
    explode::Exploded,
    format::{By, Decode, Format, Settings, Take},
};
use crate::record::{Lines, without_mark};

pub(super) const FORMAT: Format = Format {
    name: "json",
    summary: "JSON objects over several lines, and lists and exports of many",
    joins: true,
    wraps: false,
    by: By::Decoder(|settings| Box::new(Documents::new(settings))),
};

pub(super) const SEQUENCE: Format = Format {
    name: "json-seq",
    summary: "RFC 7464: JSON objects behind record separators",
    ..FORMAT
};

/// True for an object, a list of objects, and what stands behind a separator; not for what programs print with
/// other quotes.
pub(super) fn looks(line: &[u8]) -> bool {
    let is_object = |text: &[u8]| match text {
        [b'{', rest @ ..] => matches!(rest.trim_ascii_start(), [] | [b'"' | b'}', ..]),
        _ => false,
    };
    match line.trim_ascii() {
        [SEPARATOR, ..] | [b'['] => true,
        [b'[', rest @ ..] => is_object(rest.trim_ascii_start()),
        text => is_object(text),
    }
}

struct Documents {
    /// The document so far, as it came.
    document: Vec<u8>,
    lines: u64,
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// The byte before, blanks and the insides of strings left out.
    before: u8,
    /// True behind what could not be read: only a bracket in the first column begins anew.
    lost: bool,
    longest: usize,
    text: Vec<u8>,
    entries: Entries,
    exploded: Exploded,
}

/// How far a document goes.
enum Walk {
    /// It ends in front of this byte.
    Ended(usize),
    /// It goes on in the next line.
    More,
    /// What stands at this byte can be no part of it.
    Broken(usize),
}

/// Stands in front of each text of a sequence, and nowhere within JSON.
const SEPARATOR: u8 = 0x1E;

impl Documents {
    fn new(settings: &Settings) -> Self {
        Self {
            document: Vec::new(),
            lines: 0,
            depth: 0,
            in_string: false,
            escaped: false,
            before: b',',
            lost: false,
            longest: settings.longest,
            text: Vec::new(),
            entries: Entries::new(settings),
            exploded: Exploded::default(),
        }
    }

    /// Takes a line or the piece of one up to a separator.
    fn piece(&mut self, piece: &[u8], take: &mut dyn Take) {
        let mut rest = piece;
        if self.depth > 0 {
            self.document.push(b'\n');
            self.lines += 1;
        }
        loop {
            if self.depth == 0 {
                let start = rest.trim_ascii_start();
                let start = without_mark(start);
                if start.is_empty() {
                    return;
                }
                let begins = matches!(start[0], b'{' | b'[');
                if !begins || (self.lost && start.len() < piece.len()) {
                    self.lost = true;
                    let place = rest.trim_ascii_end();
                    return take.reject(place, "no JSON document: expected '{' or '[' in front");
                }
                self.lost = false;
                self.lines = 1;
                self.before = b',';
                rest = start;
            }
            match self.walk(rest) {
                Walk::Ended(end) => {
                    self.document.extend_from_slice(&rest[..end]);
                    self.end(take);
                    rest = &rest[end..];
                }
                Walk::Broken(0) if self.lines > 1 && looks(rest) && rest.len() == piece.len() => {
                    self.document.pop();
                    self.lines -= 1;
                    self.reject("the next begins before it has ended", take);
                    self.lost = false;
                }
                Walk::Broken(at) => {
                    self.document.extend_from_slice(rest);
                    self.in_string = false;
                    return self.reject(&format!("not JSON in column {}", at + 1), take);
                }
                Walk::More => {
                    self.document.extend_from_slice(rest);
                    if self.in_string {
                        self.reject("a string without an end", take);
                    } else if self.document.len() > self.longest {
                        self.reject("longer than --max-record", take);
                    }
                    return;
                }
            }
        }
    }

    /// Goes on to the end of the document, if it is in `bytes`.
    ///
    /// Where a value stands that cannot, it is broken: without that, a line that was cut off
    /// would take all that follow with it.
    fn walk(&mut self, bytes: &[u8]) -> Walk {
        for (at, &byte) in bytes.iter().enumerate() {
            if self.in_string {
                self.in_string = byte != b'"' || self.escaped;
                self.escaped = byte == b'\\' && !self.escaped;
                continue;
            }
            let in_place = match byte {
                b' ' | b'\t' | b'\r' => continue,
                b'"' => b"{[,:".contains(&self.before),
                b'{' | b'[' => b"[,:".contains(&self.before),
                b'}' => true,
                _ => self.before != b'{',
            };
            if !in_place {
                return Walk::Broken(at);
            }
            self.before = byte;
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Walk::Ended(at + 1);
                    }
                }
                _ => {}
            }
        }
        Walk::More
    }

    /// Hands out the records of a complete document.
    fn end(&mut self, take: &mut dyn Take) {
        self.text.clear();
        for line in Lines::new(&self.document) {
            let line = line.trim_ascii();
            let ended = self.text.last().is_none_or(|byte| b"{[,:".contains(byte));
            let begins = line.first().is_none_or(|byte| b"}],:".contains(byte));
            if !ended && !begins {
                self.text.push(b' ');
            }
            self.text.extend_from_slice(line);
        }
        if self.exploded.read(&self.text) {
            for place in self.exploded.records() {
                let record = &self.exploded.bytes()[place.clone()];
                take.record(record);
            }
        } else if self.text.first() == Some(&b'[') {
            return self.reject("a list of something else than objects", take);
        } else if let Err(bad) = self.entries.take(&self.text, take) {
            return self.reject(&bad.to_string(), take);
        }
        self.document.clear();
    }

    fn reject(&mut self, reason: &str, take: &mut dyn Take) {
        let reason = match self.lines {
            1 => reason.to_owned(),
            lines => format!("a document of {lines} lines that ends here: {reason}"),
        };
        take.reject(&self.document, &reason);
        self.document.clear();
        self.depth = 0;
        self.in_string = false;
        self.escaped = false;
        self.lost = true;
    }
}

impl Decode for Documents {
    fn line(&mut self, line: &[u8], take: &mut dyn Take) {
        let mut pieces = line.split(|&byte| byte == SEPARATOR);
        if let Some(first) = pieces.next() {
            self.piece(first, take);
        }
        for piece in pieces {
            if self.depth > 0 {
                self.reject("the next begins before it has ended", take);
            }
            self.lost = false;
            self.piece(piece, take);
        }
    }

    fn blank(&mut self, _line: &[u8], _take: &mut dyn Take) {
        if self.depth > 0 {
            self.document.push(b'\n');
            self.lines += 1;
        }
    }

    fn passed_over(&mut self, take: &mut dyn Take) {
        if self.depth > 0 {
            self.reject("a line longer than --max-record is missing", take);
        }
        // What follows may still be part of it.
        self.lost = true;
    }

    fn is_within(&self) -> bool {
        self.depth > 0
    }

    fn finish(&mut self, take: &mut dyn Take) {
        if self.depth > 0 {
            self.reject("it is cut off", take);
        }
        self.lost = false;
    }
}

#[cfg(test)]
mod tests;
