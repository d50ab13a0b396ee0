//! The spans that Rust's tracing writes in front of a target, `request{method="GET" id=7}:handler{user=3}: app::db: …`.
//! They become what its formatter for JSON writes of them, so that the same program has the same trees.
//!
//! Only what has that form from end to end is taken: braces around pairs and nothing else, once at least, and a target.
//! What stands in quotes is a text; that a program has put these quotes there itself does not show.

use std::collections::BTreeMap;

use super::cut::is_name;
use crate::decode::{
    cut::{around, digits},
    logfmt::{Text, closing_quote},
    object::Object,
};

/// What stands between a level and a target.
#[derive(Clone, Debug)]
pub(super) struct Spans<'a> {
    thread: Option<Thread<'a>>,
    /// From the outermost one.
    list: Vec<Span<'a>>,
}

#[derive(Clone, Copy, Debug)]
struct Thread<'a> {
    name: &'a [u8],
    /// Without the zeros in front that make it two digits.
    number: &'a [u8],
}

/// A span with its fields as they stand there. A field that was recorded again stands there twice, and its
/// last value counts.
#[derive(Clone, Debug)]
struct Span<'a> {
    name: &'a [u8],
    fields: BTreeMap<&'a [u8], Text<'a>>,
}

impl<'a> Spans<'a> {
    /// Reads them, the target, and what is left.
    pub(super) fn read(text: &'a [u8]) -> Option<(Self, &'a [u8], &'a [u8])> {
        // Names alone may be words of a message.
        memchr::memchr(b'{', text)?;
        let (thread, mut rest) = match Thread::read(text) {
            Some((thread, rest)) => (Some(thread), rest),
            None => (None, text),
        };
        let mut list = Vec::new();
        loop {
            let (span, after) = Span::read(rest, thread.is_some())?;
            list.push(span);
            rest = after.strip_prefix(b":")?;
            if let Some(after) = rest.strip_prefix(b" ") {
                rest = after;
                break;
            }
        }
        list.iter()
            .any(|span| !span.fields.is_empty())
            .then_some(())?;
        // Nothing need follow where the event has fields only.
        let at_end = || Some((rest.strip_suffix(b":")?, &[][..]));
        let (target, rest) = around(rest, b": ").or_else(at_end)?;
        is_name(target).then_some((Self { thread, list }, target, rest))
    }

    /// Adds them to a record. If the event is that the innermost span begins or ends, that is not among `spans`.
    pub(super) fn write(&self, of_innermost: bool, object: &mut Object<'_>) {
        if let Some(Thread { name, number }) = self.thread {
            if !name.is_empty() {
                object.text(b"threadName", name);
            }
            object.text(b"threadId", &[b"ThreadId(", number, b")"].concat());
        }
        let Some((own, above)) = self.list.split_last() else {
            return;
        };
        let own = own.json(object);
        let mut all = above
            .iter()
            .map(|span| span.json(object))
            .collect::<Vec<_>>();
        object.json(b"span", &own);
        if !of_innermost {
            all.push(own);
        }
        let mut list = vec![b'['];
        list.extend(all.join(&b','));
        list.push(b']');
        object.json(b"spans", &list);
    }
}

impl<'a> Thread<'a> {
    /// `ThreadId(01) `, with a name in front or not.
    fn read(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (name, rest) = around(text, b"ThreadId(")?;
        let (number, rest) = digits(rest)?;
        let rest = rest.strip_prefix(b") ")?;
        let is_name = !name.iter().any(|byte| b"{}:=\"".contains(byte))
            && (name.is_empty() || name.ends_with(b" "));
        let zeros = number.iter().take_while(|&&digit| digit == b'0').count();
        let thread = Self {
            name: name.trim_ascii(),
            number: &number[zeros.min(number.len() - 1)..],
        };
        is_name.then_some((thread, rest))
    }
}

impl<'a> Span<'a> {
    /// Reads one, up to the colon behind it. A name of several words is only one if it is known where it begins:
    /// a thread's may stand in front of it.
    fn read(text: &'a [u8], of_words: bool) -> Option<(Self, &'a [u8])> {
        let end = memchr::memchr2(b'{', b':', text)?;
        let (name, rest) = text.split_at(end);
        let mut words = name.split(|&byte| byte == b' ');
        let fits = is_name(name) || of_words && words.all(is_name);
        let mut fields = BTreeMap::new();
        let rest = match rest.strip_prefix(b"{") {
            Some(inner) => read_fields(inner, &mut fields)?,
            None => rest,
        };
        fits.then_some((Self { name, fields }, rest))
    }

    /// Its object, in which the name comes last.
    fn json(&self, object: &mut Object<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        let mut span = Object::begin(&mut out);
        for (key, &value) in &self.fields {
            match value {
                Text::Bare(value) => span.bare(key, value),
                Text::Quoted(_) => span.text(key, &value.bytes()),
            }
        }
        span.text(b"name", self.name);
        let damaged = span.close();
        object.damaged(damaged);
        out
    }
}

/// Reads the fields of a span up to its closing brace, and tells what follows that.
fn read_fields<'a>(
    mut text: &'a [u8],
    fields: &mut BTreeMap<&'a [u8], Text<'a>>,
) -> Option<&'a [u8]> {
    loop {
        let (key, rest) = key(text)?;
        let length = length(rest)?;
        let (value, behind) = rest.split_at(length);
        let inner = value
            .strip_prefix(b"\"")
            .and_then(|inner| inner.strip_suffix(b"\""));
        fields.insert(key, inner.map_or(Text::Bare(value), Text::Quoted));
        match behind {
            [b'}', behind @ ..] => return Some(behind),
            [b' ', behind @ ..] => text = behind,
            _ => return None,
        }
    }
}

/// The key that a text begins with, and what stands behind the sign.
fn key(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    let end = text.iter().position(|byte| !is_part(byte))?;
    let rest = text[end..].strip_prefix(b"=")?;
    (end > 0).then_some((&text[..end], rest))
}

/// How long the value is that a text begins with: a text in quotes, or up to the next pair or the span's brace. Brackets
/// nest, and within them texts in quotes are passed over.
fn length(text: &[u8]) -> Option<usize> {
    if let Some(inner) = text.strip_prefix(b"\"") {
        return Some(closing_quote(inner)? + 2);
    }
    let mut open = Vec::new();
    let mut at = 0;
    loop {
        match *text.get(at)? {
            b'"' if !open.is_empty() => at += closing_quote(&text[at + 1..])? + 1,
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'(' => open.push(b')'),
            byte @ (b'}' | b']' | b')') => match open.pop() {
                Some(close) => (byte == close).then_some(())?,
                None if byte == b'}' => return Some(at),
                None => {}
            },
            b' ' if open.is_empty() && key(&text[at + 1..]).is_some() => return Some(at),
            _ => {}
        }
        at += 1;
    }
}
