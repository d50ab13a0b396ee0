//! Ids of traces and spans, however they are spelt (REFERENCE.md §9).
//!
//! What is compared of a trace's id is its lower half: B3 may have only that, and Datadog
//! writes it as a decimal number. What is shown is all of it.

use std::borrow::Cow;

use wide::u8x16;

use super::TreeId;
use crate::record::{Kind, Value, is_no_trace, without_prefix};

/// How a producer writes ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As hexadecimal digits, or as any text.
    Any,
    /// As hexadecimal digits, of which those in front may be missing.
    Short,
    /// As a decimal number, or as 32 hexadecimal digits.
    Decimal,
}

/// Digits of a span's id.
pub(super) const SPAN: usize = 16;
/// Digits of a trace's id.
const TRACE: usize = 32;

/// The id of a trace, if one stands there.
pub(super) fn trace(value: Value<'_>, form: Form) -> Option<TreeId<'_>> {
    let text = super::fields::scalar(value)?;
    trace_of(text, form)
}

/// True if the id of a trace stands there, for who does not need it.
pub(super) fn is_trace(value: Value<'_>, form: Form) -> bool {
    if value.kind == Kind::Plain && is_plain_in(value.raw, form) {
        return !is_nil(value.raw);
    }
    trace(value, form).is_some()
}

/// The id of a trace in a text.
pub(super) fn trace_of(text: Cow<'_, str>, form: Form) -> Option<TreeId<'_>> {
    let is_plain = is_plain_in(text.as_bytes(), form);
    let full = if is_plain {
        Some(text).filter(|text| !is_nil(text.as_bytes()))?
    } else {
        id(xray(&text).map_or_else(|| bare(text), Cow::Owned), form)?
    };
    let low = full.len().wrapping_sub(SPAN);
    if full.len() != TRACE || !(is_plain || is_hex(&full)) || is_nil(full[low..].as_bytes()) {
        return Some(full.into());
    }
    Some(TreeId {
        id: part(full.clone(), low, TRACE).into(),
        shown: Some(full),
    })
}

/// The id of a span, if one stands there.
pub(super) fn span(value: Value<'_>, form: Form) -> Option<Cow<'_, str>> {
    id(super::fields::scalar(value)?, form)
}

/// The id of a span in a text.
pub(super) fn span_of(text: Cow<'_, str>, form: Form) -> Option<Cow<'_, str>> {
    id(text, form)
}

/// An id in lower case, without `0x`, and as long as it is meant to be.
fn id(text: Cow<'_, str>, form: Form) -> Option<Cow<'_, str>> {
    // Most are so already, and need not be looked at in all other ways.
    if is_plain_in(text.as_bytes(), form) {
        return Some(text).filter(|text| !is_nil(text.as_bytes()));
    }
    let text = without_prefix(text);
    if is_no_trace(&text) {
        return None;
    }
    let is_decimal = form == Form::Decimal && text.len() <= 20;
    if is_decimal && let Ok(number) = text.parse::<u64>() {
        return Some(Cow::Owned(format!("{number:016x}")));
    }
    if !is_hex(&text) {
        return Some(text);
    }
    let text = match (form, text.len()) {
        (_, SPAN | TRACE) => text,
        (Form::Short, ..SPAN) => Cow::Owned(format!("{text:0>16}")),
        (Form::Short, ..TRACE) => Cow::Owned(format!("{text:0>32}")),
        _ => return Some(text),
    };
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Some(Cow::Owned(text.to_ascii_lowercase()));
    }
    Some(text)
}

/// True for an id as it is compared already: 16 or 32 hexadecimal digits in lower case, which are no decimal
/// number in that form.
fn is_plain_in(id: &[u8], form: Form) -> bool {
    match id.as_chunks() {
        ([only], []) => form != Form::Decimal && are_digits(*only),
        ([first, second], []) => are_digits(*first) && are_digits(*second),
        _ => false,
    }
}

/// True for hexadecimal digits in lower case, which is told of all at once.
fn are_digits(bytes: [u8; SPAN]) -> bool {
    let bytes = u8x16::new(bytes);
    let among = |first: u8, count: u8| {
        let places = bytes - u8x16::splat(first);
        places.min(u8x16::splat(count - 1)).simd_eq(places)
    };
    (among(b'0', 10) | among(b'a', 6)).to_bitmask() == 0xFFFF
}

/// True for what means that there is no trace: nothing but zeros.
fn is_nil(id: &[u8]) -> bool {
    id.iter().all(|byte| matches!(byte, b'0' | b'-'))
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The id without what Google puts in front: `projects/P/traces/ID`.
fn bare(text: Cow<'_, str>) -> Cow<'_, str> {
    let start = match text.split_once("/traces/") {
        Some((project, id)) if project.starts_with("projects/") => text.len() - id.len(),
        _ => 0,
    };
    let length = text.len();
    part(text, start, length)
}

/// The 32 digits of `1-5759e988-bd862e3fe1be46a994272793`, also in
/// `Root=1-…;Parent=…;Sampled=1`.
fn xray(text: &str) -> Option<String> {
    let root = match xray_field(text, "Root") {
        Some(root) => root,
        None => text,
    };
    let (time, rest) = root.strip_prefix("1-")?.split_once('-')?;
    let fits = time.len() == 8 && rest.len() == 24 && is_hex(time) && is_hex(rest);
    fits.then(|| format!("{time}{rest}"))
}

/// A field of Amazon's header, such as `Parent`.
pub(super) fn xray_field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let mut fields = text.split(';').filter_map(|field| field.split_once('='));
    fields
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim())
}

/// True for a trace's id in the form of X-Ray.
pub(super) fn is_xray(text: &str) -> bool {
    xray(text).is_some()
}

/// True for an id that is 16 or 32 hexadecimal digits, with or without `0x`.
pub(super) fn is_usual(text: &str) -> bool {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    matches!(digits.len(), SPAN | TRACE) && is_hex(digits)
}

/// A part of a text, borrowed if the text is.
fn part(text: Cow<'_, str>, start: usize, end: usize) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[start..end]),
        Cow::Owned(text) if start == 0 && end == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text[start..end].to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ids_in_lower_case_are_read_as_all_are(
            text in "[0-9a-f]{16}|[0-9]{16}|[0-9a-f]{32}|[0-9]{32}|0{16}|0{32}|0{16}[0-9a-f]{16}|[0-9a-f]{16}0{16}",
        ) {
            for form in [Form::Any, Form::Short, Form::Decimal] {
                // With that in front it goes the long way.
                let all = format!("0x{text}");
                prop_assert_eq!(span_of((&*text).into(), form), span_of((&*all).into(), form), "{} {:?}", text, form);
                prop_assert_eq!(trace_of((&*text).into(), form), trace_of(all.into(), form), "{} {:?}", text, form);
            }
        }
    }

    #[test]
    fn traces_are_compared_by_their_lower_half() {
        let check = |form, text: &str, expect: Option<(&str, &str)>| {
            let found = trace_of(text.into(), form);
            let found = found.map(|tree| {
                let shown = tree.shown.clone().unwrap_or_else(|| tree.id.text());
                (tree.id.text().into_owned(), shown.into_owned())
            });
            let expect = expect.map(|(id, shown)| (id.to_owned(), shown.to_owned()));
            assert_eq!(found, expect, "{text}");
        };
        let (low, full) = ("7fd21e1e22f804ac", "6b003e24000000007fd21e1e22f804ac");
        check(Form::Any, full, Some((low, full)));
        check(Form::Any, &full.to_uppercase(), Some((low, full)));
        check(Form::Any, &format!("0x{full}"), Some((low, full)));
        check(Form::Any, low, Some((low, low)));
        check(
            Form::Any,
            "1-6b003e24-000000007fd21e1e22f804ac",
            Some((low, full)),
        );
        let header = "Root=1-6b003e24-000000007fd21e1e22f804ac;Parent=05c48cf0ce2119a4;Sampled=1";
        check(Form::Any, header, Some((low, full)));
        let google = format!("projects/shop-1/traces/{full}");
        check(Form::Any, &google, Some((low, full)));
        check(Form::Decimal, "9210457302710617260", Some((low, low)));
        check(Form::Decimal, full, Some((low, full)));
        check(
            Form::Short,
            "1e22f804ac",
            Some(("0000001e22f804ac", "0000001e22f804ac")),
        );
        // Digits of the lower half alone would be nothing.
        let high = "6b003e240000000000000000000000ff";
        check(Form::Any, high, Some(("00000000000000ff", high)));
        let zeros = "6b003e24000000000000000000000000";
        check(Form::Any, zeros, Some((zeros, zeros)));
        for nil in [
            "",
            "0",
            "0x0",
            "0x00000000000000000000000000000000",
            "00000000-0000",
        ] {
            check(Form::Any, nil, None);
            check(Form::Decimal, nil, None);
        }
        // Any other text is as it is.
        check(Form::Any, "Order-17", Some(("Order-17", "Order-17")));
        check(Form::Any, "ABC", Some(("ABC", "ABC")));
        check(Form::Any, "7", Some(("7", "7")));
    }

    #[test]
    fn spans_have_16_digits() {
        let check = |form, text: &str, expect: Option<&str>| {
            assert_eq!(span_of(text.into(), form).as_deref(), expect, "{text}");
        };
        check(Form::Any, "0xBF61689D9E221C97", Some("bf61689d9e221c97"));
        check(
            Form::Decimal,
            "415612031503243684",
            Some("05c48cf0ce2119a4"),
        );
        check(
            Form::Decimal,
            "18446744073709551616",
            Some("18446744073709551616"),
        );
        check(Form::Short, "a4", Some("00000000000000a4"));
        check(Form::Any, "0x0000000000000000", None);
        check(Form::Decimal, "0", None);
        assert_eq!(xray_field("Root=1-2-3;Parent=ab", "Parent"), Some("ab"));
        assert!(is_xray("1-6b003e24-000000007fd21e1e22f804ac"));
        assert!(!is_xray("1-2-3") && !is_usual("aeb355"));
    }
}
