//! W3C's `traceparent`, where it was logged as it came or went: the span that it names is
//! the caller's, and the record was written within it.

use std::borrow::Cow;

use super::{
    Keyed, Parent, Place, Placement, Scheme, TreeId,
    fields::OneOf,
    span::{TRACE, inside},
    trace_id::{Form, span_of, trace_of},
};
use crate::record::{Field, Reader, Record};

/// The scheme of `traceparent`.
pub(super) struct W3c;

/// Where it stands: also in the context of our own client's scopes, where the headers of a
/// request are logged, and in .NET's ids.
const NAMES: &[&str] = &[
    "traceparent",
    "context.traceparent",
    "headers.traceparent",
    "http.headers.traceparent",
    "http.request.headers.traceparent",
    "request.headers.traceparent",
    "req.headers.traceparent",
    "activity_id",
    "ActivityId",
];

impl Scheme for W3c {
    fn name(&self) -> &'static str {
        TRACE
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        Box::new(Header::ask(reader))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        Box::new(Header::ask(reader))
    }
}

/// Where the header stands in records.
pub(super) struct Header(OneOf);

impl Header {
    pub(super) fn ask(reader: &mut Reader) -> Self {
        Self(OneOf::ask(reader, NAMES))
    }
}

impl Keyed for Header {
    fn fields(&self) -> Vec<Field> {
        self.0.fields()
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        let text = self.0.text(record)?;
        let (trace, _) = ids(&text)?;
        trace_of(Cow::Owned(trace.to_owned()), Form::Any)
    }
}

impl Place for Header {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let text = self.0.text(record)?;
        let (_, span) = ids(&text)?;
        let span = span_of(Cow::Owned(span.to_owned()), Form::Any)?;
        Some(inside(Some(span), Parent::Unsaid))
    }
}

/// The ids of the trace and the span: `00-TRACE-SPAN-FLAGS`; a later version may go on.
fn ids(header: &str) -> Option<(&str, &str)> {
    let mut parts = header.split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let fits = is_hex(version, 2)
        && !version.eq_ignore_ascii_case("ff")
        && is_hex(trace, 32)
        && is_hex(span, 16)
        && is_hex(flags, 2)
        && (version != "00" || parts.next().is_none());
    let is_nil = |id: &str| id.bytes().all(|byte| byte == b'0');
    (fits && !is_nil(trace) && !is_nil(span)).then_some((trace, span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_as_its_specification_says() {
        let check = |header: &str, expect: bool| {
            let found = ids(header);
            assert_eq!(found.is_some(), expect, "{header}");
            if let Some((trace, span)) = found {
                assert_eq!(trace, "6b003e24000000007fd21e1e22f804ac");
                assert_eq!(span, "05c48cf0ce2119a4");
            }
        };
        check(
            "00-6b003e24000000007fd21e1e22f804ac-05c48cf0ce2119a4-01",
            true,
        );
        check(
            "00-6b003e24000000007fd21e1e22f804ac-05c48cf0ce2119a4-03",
            true,
        );
        check(
            "00-6b003e24000000007fd21e1e22f804ac-05c48cf0ce2119a4-01-x",
            false,
        );
        check(
            "cc-6b003e24000000007fd21e1e22f804ac-05c48cf0ce2119a4-01-x",
            true,
        );
        check(
            "ff-6b003e24000000007fd21e1e22f804ac-05c48cf0ce2119a4-01",
            false,
        );
        check(
            "00-00000000000000000000000000000000-05c48cf0ce2119a4-01",
            false,
        );
        check(
            "00-6b003e24000000007fd21e1e22f804ac-0000000000000000-01",
            false,
        );
        check("00-6b003e24-05c48cf0ce2119a4-01", false);
        check("|root.1.2_", false);
        check("", false);
    }
}
