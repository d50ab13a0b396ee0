//! Members that are written as pairs, an object of a name and a value: attributes of OTLP,
//! tags of Jaeger, headers of HTTP, dictionaries of .NET.
//!
//! `{"key":"password","value":"x"}` says what `{"password":"x"}` says. The name may come behind
//! the value, so pairs are looked for before anything is replaced, in one walk, whatever the
//! depth. It deliberately does not know what is to be hidden.

use std::ops::Range;

use super::{
    paths::Paths,
    text::Decoded,
    walk::{Token, Walk, What},
};

/// What the name of a member is called in a pair.
const NAMES: [&[u8]; 2] = [b"key", b"k"];
/// What else it is called in the elements of a list; other objects have a name of their own.
const NAME_IN_LIST: &[u8] = b"name";
/// What its value is called; those of Jaeger tell their types.
const VALUES: [&[u8]; 7] = [
    b"value",
    b"v",
    b"vStr",
    b"vBool",
    b"vInt64",
    b"vFloat64",
    b"vBinary",
];

/// The types of OTLP, one of which is the only member of a value.
const TYPES: [&[u8]; 7] = [
    b"stringValue",
    b"boolValue",
    b"intValue",
    b"doubleValue",
    b"arrayValue",
    b"kvlistValue",
    b"bytesValue",
];

/// The pairs of a line.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// Where the keys of values begin that are to be hidden, in order.
    hidden: Vec<usize>,
    /// The depths of the open objects and lists that are elements of lists.
    elements: Vec<usize>,
    seen: Vec<Seen>,
}

/// What was seen of an object that is open.
#[derive(Debug)]
struct Seen {
    depth: usize,
    what: Part,
}

#[derive(Debug)]
enum Part {
    /// It names what is to be hidden.
    Named,
    /// Where the key of its value begins.
    Value(usize),
}

impl Pairs {
    /// Finds the pairs behind `start` whose values are to be hidden: those that `is_named`, or to
    /// which `paths` lead, as if the name were a key of the object or list around the pair.
    pub(super) fn find(
        &mut self,
        line: &[u8],
        start: usize,
        paths: &mut Paths,
        decoded: &mut Decoded,
        mut is_named: impl FnMut(&[u8]) -> bool,
    ) {
        self.hidden.clear();
        self.elements.clear();
        self.seen.clear();
        if !may_have_any(line) {
            return;
        }
        let mut walk = Walk::new(line, start);
        paths.restart();
        // True if the text that comes is the name of a pair.
        let mut is_name = false;
        while let Some(token) = walk.next() {
            if token.element && !paths.is_empty() {
                paths.element();
            }
            let names = std::mem::take(&mut is_name);
            match token.what {
                What::Open => {
                    paths.open();
                    if token.element {
                        self.elements.push(walk.depth());
                    }
                }
                What::Close => {
                    paths.close();
                    self.close(walk.depth());
                }
                What::Key { escaped } => {
                    let key = text(line, &token, escaped, decoded);
                    if !paths.is_empty() {
                        paths.key(key);
                    }
                    let is = |known: &&[u8]| key.eq_ignore_ascii_case(known);
                    if NAMES.iter().any(is) {
                        is_name = true;
                    } else if is(&NAME_IN_LIST) {
                        is_name = self.elements.last() == Some(&walk.depth());
                    } else if VALUES.iter().any(is) {
                        self.see(walk.depth(), Part::Value(token.range.start));
                    }
                }
                What::Text { escaped } if names => {
                    let name = text(line, &token, escaped, decoded);
                    if is_named(name) || paths.lead_to(name) {
                        self.see(walk.depth(), Part::Named);
                    }
                }
                What::Text { .. } | What::Scalar => {}
            }
        }
        self.hidden.sort_unstable();
    }

    /// True if the value of the key that begins at a place is to be hidden.
    pub(super) fn hide(&self, key: usize) -> bool {
        !self.hidden.is_empty() && self.hidden.binary_search(&key).is_ok()
    }

    fn see(&mut self, depth: usize, what: Part) {
        self.seen.push(Seen { depth, what });
    }

    /// An object has ended; so many are open.
    fn close(&mut self, depth: usize) {
        while self.elements.last().is_some_and(|&at| at > depth) {
            self.elements.pop();
        }
        let inside = |seen: &Seen| seen.depth > depth;
        let of_it = self.seen.iter().rev().take_while(|seen| inside(seen));
        let from = self.seen.len() - of_it.count();
        let is_named = |seen: &Seen| matches!(seen.what, Part::Named);
        if self.seen[from..].iter().any(is_named) {
            let values = self.seen[from..].iter().filter_map(|seen| match seen.what {
                Part::Value(at) => Some(at),
                Part::Named => None,
            });
            self.hidden.extend(values);
        }
        self.seen.truncate(from);
    }
}

/// The one member of a value of OTLP: its type, and what stands behind it.
pub(super) fn typed(line: &[u8], value: &Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let object = &line[..value.end];
    let mut walk = Walk::new(object, value.start);
    let is_object = walk.next()?.what == What::Open && line[value.start] == b'{';
    let key = walk.next().filter(|_| is_object)?;
    let known = matches!(key.what, What::Key { .. }) && TYPES.contains(&&line[key.range.clone()]);
    let inner = walk.value().filter(|_| known)?;
    let is_all = walk.next()?.what == What::Close && walk.depth() == 0;
    is_all.then_some((key.range, inner))
}

fn text<'t>(line: &'t [u8], token: &Token, escaped: bool, decoded: &'t mut Decoded) -> &'t [u8] {
    let raw = &line[token.range.clone()];
    if escaped { decoded.read(raw) } else { raw }
}

/// False if there is no pair for certain: each has a key that begins with a `v`.
fn may_have_any(line: &[u8]) -> bool {
    memchr::memchr2_iter(b'v', b'V', line).any(|at| at > 0 && line[at - 1] == b'"')
        || memchr::memmem::find(line, br"\u00").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_otlp_have_one_member() {
        let check = |text: &str, expect: Option<&str>| {
            let line = format!("[{text}]");
            let found = typed(line.as_bytes(), &(1..line.len() - 1));
            assert_eq!(found.map(|(_, inner)| &line[inner]), expect, "{text}");
        };
        check(r#"{"stringValue":"a"}"#, Some("\"a\""));
        check(
            r#"{ "kvlistValue" : {"values":[]} }"#,
            Some("{\"values\":[]}"),
        );
        check(r#"{"stringValue":"a","b":1}"#, None);
        check(r#"{"string":"a"}"#, None);
        check("{}", None);
        check(r#"["stringValue"]"#, None);
        check("7", None);
    }
}
