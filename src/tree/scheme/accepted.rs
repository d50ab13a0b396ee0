//! The span that a scope of distlog was called from: a caller that has only a `traceparent` gets a
//! tree with the id of its trace, and the callee's scopes have the caller's span as the first step of
//! their way, `SEQ@UUID/SPAN/…` (REFERENCE.md §3.3).

use std::borrow::Cow;

use super::{
    Keyed, Parent, Place, Placement, Scheme, TreeId,
    span::{TRACE, inside},
    trace_id::{Form, SPAN, span_of, trace_of},
};
use crate::record::{ContextKey, Field, Path, Reader, Record};

/// The scheme of spans in distlog's keys.
pub(super) struct Accepted;

impl Scheme for Accepted {
    fn name(&self) -> &'static str {
        TRACE
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        Box::new(Key(reader.raw(&Path::dotted("context.key"))))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        Box::new(Key(reader.raw(&Path::dotted("context.key"))))
    }
}

struct Key(Field);

impl Key {
    /// The ids of the trace, as a UUID, and of the span.
    fn ids<'a>(&self, record: &Record<'a, '_>) -> Option<(Cow<'a, str>, Cow<'a, str>)> {
        match record.raw(&self.0)?.as_str()? {
            Cow::Borrowed(key) => {
                let (tree, span) = ids(key)?;
                Some((tree.into(), span.into()))
            }
            Cow::Owned(key) => {
                let (tree, span) = ids(&key)?;
                Some((tree.to_owned().into(), span.to_owned().into()))
            }
        }
    }
}

/// Digits and dashes of a UUID.
pub(super) const UUID: usize = 36;

/// The ids in a key of which the way begins with a span.
fn ids(key: &str) -> Option<(&str, &str)> {
    let scope = ContextKey::parse(key)?.scope;
    // Most keys have other lengths there.
    let is_step = |at: usize| scope.as_bytes().get(at) == Some(&b'/');
    if !is_step(UUID) || !is_step(UUID + 1 + SPAN) {
        return None;
    }
    let (tree, span) = (scope.get(..UUID)?, scope.get(UUID + 1..UUID + 1 + SPAN)?);
    (is_uuid(tree) && span.bytes().all(is_hex)).then_some((tree, span))
}

/// True for a text of that length that is a UUID in lower case.
pub(super) fn is_uuid(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => is_hex(byte),
    })
}

fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

impl Keyed for Key {
    fn fields(&self) -> Vec<Field> {
        vec![self.0.clone()]
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        let (tree, _) = self.ids(record)?;
        trace_of(tree.replace('-', "").into(), Form::Any)
    }
}

impl Place for Key {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let (_, span) = self.ids(record)?;
        Some(inside(span_of(span, Form::Any), Parent::Unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_step_is_a_span() {
        let check = |key: &str, expect: Option<&str>| {
            let tree = "b3a6943e-c7b0-f60f-fcb5-d0ab2a96908f";
            let expect = expect.map(|span| (tree, span));
            assert_eq!(ids(&key.replace("UUID", tree)), expect, "{key}");
        };
        let span = Some("f3ac335037649ea4");
        check("0@UUID/f3ac335037649ea4/7c20e555", span);
        check("12@UUID/f3ac335037649ea4/7c20e555/1/2", span);
        check("0@UUID/1234567890123456/7c20e555", Some("1234567890123456"));
        check("0@UUID", None);
        check("0@UUID/1/2", None);
        check("0@UUID/f3ac335037649ea4", None);
        check("0@UUID/1/f3ac335037649ea4/7c20e555", None);
        check("0@UUID/F3AC335037649EA4/7c20e555", None);
        check(
            "0@b3a6943e_c7b0_f60f_fcb5_d0ab2a96908f/f3ac335037649ea4/1",
            None,
        );
        check("0@4010a3b7/f3ac335037649ea4/7c20e555", None);
        check("f3ac335037649ea4", None);
    }
}
