//! Spans and log records that OpenTelemetry's console exporters of Python print.

use std::borrow::Cow;

use super::{
    super::facts::flat,
    any::{Any, Attributes},
    log::{Log, SEVERITIES},
    members::Members,
    span::{Around, CODES, Event, KINDS, Link, Span, Status},
};

/// The span of a record, if all is there that a span needs.
pub(super) fn span<'a>(of: &Members<'a>) -> Option<Span<'a>> {
    let context = of.object("context")?;
    let mut span = Span {
        trace: context.trace("trace_id")?,
        id: context.span("span_id")?,
        parent: of.span("parent_id"),
        state: state(&context),
        name: of.text("name")?,
        kind: of.word("kind", &KINDS),
        start: of.time("start_time")?,
        end: of.time("end_time")?,
        attributes: Attributes::of(of, "attributes"),
        events: of.list("events").iter().map(event).collect(),
        links: of.list("links").iter().filter_map(link).collect(),
        status: of.object("status").map(|of| Status {
            code: of.word("status_code", &CODES),
            message: of.text("description"),
        }),
        around: Around::read(of),
        ..Span::default()
    };
    let known = [
        "context",
        "parent_id",
        "name",
        "kind",
        "start_time",
        "end_time",
        "attributes",
        "events",
        "links",
        "status",
        "resource",
    ];
    span.attributes.extend(flat(of.rest(&known)));
    Some(span)
}

fn event<'a>(of: &Members<'a>) -> Event<'a> {
    Event {
        time: of.time("timestamp").unwrap_or_default(),
        name: of.text("name").unwrap_or_default(),
        attributes: Attributes::of(of, "attributes"),
        dropped: 0,
    }
}

fn link<'a>(of: &Members<'a>) -> Option<Link<'a>> {
    let context = of.object("context")?;
    Some(Link {
        trace: context.trace("trace_id")?,
        id: context.span("span_id")?,
        state: state(&context),
        attributes: Attributes::of(of, "attributes"),
        ..Link::default()
    })
}

/// What stands in `['{key=k, value=v}']`, the text of a list of texts: `k=v`.
fn state<'a>(context: &Members<'a>) -> Option<Cow<'a, str>> {
    let text = context.text("trace_state")?;
    let Some(list) = text
        .strip_prefix('[')
        .and_then(|list| list.strip_suffix(']'))
    else {
        return Some(text);
    };
    let entry = |entry: &str| {
        let entry = entry.trim_matches('\'');
        let inner = entry
            .strip_prefix("{key=")
            .and_then(|of| of.strip_suffix('}'));
        inner.map_or(entry.to_owned(), |inner| inner.replacen(", value=", "=", 1))
    };
    let entries: Vec<_> = list.split("', '").map(entry).collect();
    (!list.is_empty()).then(|| entries.join(",").into())
}

/// The log record of a record.
pub(super) fn log<'a>(of: &Members<'a>) -> Log<'a> {
    let mut log = Log {
        time: of.time("timestamp"),
        observed: of.time("observed_timestamp"),
        severity: of.word("severity_number", &SEVERITIES),
        severity_text: of.text("severity_text"),
        event: of.text("event_name"),
        body: of.get("body").map(Any::Value),
        attributes: Attributes::of(of, "attributes"),
        dropped: of.number("dropped_attributes").unwrap_or_default(),
        flags: of.number("trace_flags").unwrap_or_default(),
        trace: of.trace("trace_id"),
        span: of.span("span_id"),
        around: Around::read(of),
    };
    let known = [
        "timestamp",
        "observed_timestamp",
        "severity_number",
        "severity_text",
        "event_name",
        "body",
        "attributes",
        "dropped_attributes",
        "trace_flags",
        "trace_id",
        "span_id",
        "resource",
    ];
    log.attributes.extend(flat(of.rest(&known)));
    log
}
