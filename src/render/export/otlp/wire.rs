//! Spans and log records of OTLP, as they are in a document that was taken apart: whole.

use super::{
    super::facts::flat,
    any::{Any, Attributes},
    log::{Log, SEVERITIES},
    members::Members,
    span::{Around, CODES, Event, KINDS, Link, Span, Status, dropped},
};
use crate::record::{Kind, Value};

/// The span of a record, if all is there that a span needs.
pub(super) fn span<'a>(of: &Members<'a>) -> Option<Span<'a>> {
    let mut span = Span {
        trace: of.trace("traceId")?,
        id: of.span("spanId")?,
        parent: of.span("parentSpanId"),
        state: of.text("traceState"),
        flags: of.number("flags").unwrap_or_default(),
        name: of.text("name")?,
        kind: of.word("kind", &KINDS),
        start: of.number("startTimeUnixNano").filter(|time| *time > 0)?,
        end: of.number("endTimeUnixNano").filter(|time| *time > 0)?,
        attributes: Attributes::of(of, "attributes"),
        events: of.list("events").iter().map(event).collect(),
        links: of.list("links").iter().filter_map(link).collect(),
        status: of.object("status").map(|of| Status {
            code: of.word("code", &CODES),
            message: of.text("message"),
        }),
        dropped: [
            dropped(of),
            of.number("droppedEventsCount").unwrap_or_default(),
            of.number("droppedLinksCount").unwrap_or_default(),
        ],
        around: Around::read(of),
    };
    let known = [
        "traceId",
        "spanId",
        "parentSpanId",
        "traceState",
        "flags",
        "name",
        "kind",
        "startTimeUnixNano",
        "endTimeUnixNano",
        "droppedEventsCount",
        "droppedLinksCount",
    ];
    span.attributes.extend(flat(rest(of, &known)));
    Some(span)
}

fn event<'a>(of: &Members<'a>) -> Event<'a> {
    Event {
        time: of.number("timeUnixNano").unwrap_or_default(),
        name: of.text("name").unwrap_or_default(),
        attributes: Attributes::of(of, "attributes"),
        dropped: dropped(of),
    }
}

fn link<'a>(of: &Members<'a>) -> Option<Link<'a>> {
    Some(Link {
        trace: of.trace("traceId")?,
        id: of.span("spanId")?,
        state: of.text("traceState"),
        attributes: Attributes::of(of, "attributes"),
        dropped: dropped(of),
        flags: of.number("flags").unwrap_or_default(),
    })
}

/// The log record of a record, if it is one of OTLP.
pub(super) fn log<'a>(of: &Members<'a>) -> Option<Log<'a>> {
    let time = |name| of.number::<u64>(name);
    let (at, observed) = (time("timeUnixNano"), time("observedTimeUnixNano"));
    let is_bare = || of.get("body").is_some() && of.object("resource").is_some();
    if at.is_none() && observed.is_none() && !is_bare() {
        return None;
    }
    let mut log = Log {
        time: at.filter(|time| *time > 0),
        observed: observed.filter(|time| *time > 0),
        severity: of.word("severityNumber", &SEVERITIES),
        severity_text: of.text("severityText"),
        event: of.text("eventName"),
        body: of.get("body").map(Any::Value),
        attributes: Attributes::of(of, "attributes"),
        dropped: dropped(of),
        flags: of.number("flags").unwrap_or_default(),
        trace: of.trace("traceId"),
        span: of.span("spanId"),
        around: Around::read(of),
    };
    let known = [
        "timeUnixNano",
        "observedTimeUnixNano",
        "severityNumber",
        "severityText",
        "eventName",
        "body",
        "flags",
        "traceId",
        "spanId",
    ];
    log.attributes.extend(flat(rest(of, &known)));
    Some(log)
}

/// What stands beside the members of a span or log record. The names of the process are those of
/// its resource once more.
fn rest<'a>(of: &Members<'a>, known: &[&str]) -> Vec<(String, Value<'a>)> {
    let is_read = |name: &str, value: Value<'a>| match name {
        "attributes" => Attributes::read(value).is_some(),
        "events" | "links" => value.kind == Kind::Array,
        "resource" | "scope" | "status" => value.kind == Kind::Object,
        "droppedAttributesCount" | "service.name" | "host.name" | "process.pid" => true,
        name => known.contains(&name),
    };
    let all = of
        .all()
        .iter()
        .filter(|(_, value)| value.kind != Kind::Null);
    all.filter(|(name, value)| !is_read(name, *value))
        .cloned()
        .collect()
}
