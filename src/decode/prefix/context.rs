//! What a formatter puts between the level and the message: the ids of a trace or a request, and what else a program keeps in
//! its context (MDC of Logback and log4j2).

use super::cut::is_name;
use crate::decode::{
    cut::{last_around, within},
    logfmt::{Pair, Pairs},
};

/// A piece of a context.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) pairs: Vec<Pair<'a>>,
    /// What stands there without a key.
    pub(super) named: Vec<(&'static [u8], &'a [u8])>,
    /// What stands behind.
    pub(super) rest: &'a [u8],
}

/// Keys that tell to which trace or request a line belongs: pairs without brackets around them are taken from in front of
/// a message if one of these is among them.
const IDS: [&[u8]; 11] = [
    b"trace_id",
    b"traceId",
    b"trace.id",
    b"TraceId",
    b"dd.trace_id",
    b"otelTraceID",
    b"request_id",
    b"requestId",
    b"correlation_id",
    b"correlationId",
    b"traceparent",
];

impl<'a> Context<'a> {
    /// Reads `[a=1 b=2]`, `{a=1, b=2}`, pairs without brackets that tell of a trace, `[TRACE,SPAN]` and
    /// `[service,TRACE,SPAN]`.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        let open = *text.first()?;
        if !matches!(open, b'[' | b'{') {
            return Self::bare(text);
        }
        let (inner, rest) = within(text, open)?;
        if !rest.first().is_none_or(u8::is_ascii_whitespace) {
            return None;
        }
        let pairs = pairs(inner.trim_ascii()).map(|pairs| Self {
            pairs,
            named: Vec::new(),
            rest,
        });
        pairs.or_else(|| {
            let named = named(inner).filter(|_| open == b'[')?;
            Some(Self {
                pairs: Vec::new(),
                named,
                rest,
            })
        })
    }

    /// Reads pairs in front of a text.
    pub(super) fn bare(text: &'a [u8]) -> Option<Self> {
        // Before all else, what few texts have in their first word.
        let is_either = |byte: &&u8| **byte == b'=' || byte.is_ascii_whitespace();
        if text.iter().find(is_either) != Some(&b'=') {
            return None;
        }
        let mut pairs = Vec::new();
        let rest = Pairs::leading(text, &mut pairs);
        let is_id = |pair: &Pair<'_>| pair.bare_key().is_some_and(|key| IDS.contains(&key));
        pairs.iter().any(is_id).then(|| Self {
            pairs,
            named: Vec::new(),
            rest,
        })
    }
}

/// What stands behind brackets that a formatter has had nothing to put between, as `[,]` and `{}` in front of a dash.
pub(super) fn behind_empty(text: &[u8]) -> Option<&[u8]> {
    let open = text.first().filter(|first| b"[{(".contains(first))?;
    let (inner, rest) = within(text, *open)?;
    let rest = rest.trim_ascii_start();
    let is_empty = !inner.iter().any(u8::is_ascii_alphanumeric);
    (is_empty && matches!(rest, [b'-'] | [b'-', b' ', ..])).then_some(rest)
}

/// The ids of `TRACE-SPAN`, with a comma or a slash in place of the dash, or with the name of a service in front.
pub(super) fn trace_ids(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_id = |id: &[u8], digits| id.len() == digits && id.iter().all(u8::is_ascii_hexdigit);
    b"-,/".iter().find_map(|&between| {
        let (front, span) = last_around(text, between)?;
        let trace = last_around(front, between).map_or(front, |(_, trace)| trace);
        (is_id(trace, 32) && is_id(span, 16)).then_some((trace, span))
    })
}

/// The pairs of a text that is nothing else.
fn pairs(text: &[u8]) -> Option<Vec<Pair<'_>>> {
    if !text.contains(&b'=') {
        return None;
    }
    let mut pairs = Vec::new();
    let is_all = Pairs::of(text, &mut pairs).is_empty();
    let is_pair = |pair: &Pair<'_>| pair.lone().is_none();
    (is_all && !pairs.is_empty() && pairs.iter().all(is_pair)).then_some(pairs)
}

/// What Spring Cloud Sleuth and Micrometer put in brackets, `shop,TRACE,SPAN`, and others without the name. Without a
/// trace the name and the commas are there.
fn named(text: &[u8]) -> Option<Vec<(&'static [u8], &[u8])>> {
    let service = text.split(|&byte| byte == b',').next()?;
    let has_name = is_name(service) && memchr::memchr_iter(b',', text).count() == 2;
    let mut named: Vec<(&'static [u8], &[u8])> = Vec::new();
    if has_name {
        named.push((b"service", service));
    }
    match trace_ids(text) {
        Some((trace, span)) => named.extend([(&b"traceId"[..], trace), (&b"spanId"[..], span)]),
        None if has_name && text.ends_with(b",,") => {}
        None => return None,
    }
    Some(named)
}

#[cfg(test)]
mod tests;
