//! Spans of Jaeger as spans of OpenTelemetry, by the rules of its specification ("Jaeger").

use std::borrow::Cow;

use super::{
    super::facts::{Scalar, flat},
    any::{Any, Attributes},
    members::{Members, word},
    span::{Around, CODES, Event, KINDS, Link, Scope, Span, Status},
};

/// The span of a record, if all is there that a span needs.
pub(super) fn span<'a>(of: &Members<'a>) -> Option<Span<'a>> {
    let start: u64 = of.number("startTime")?;
    let duration: u64 = of.number("duration")?;
    let mut attributes = tags(of, "tags");
    let (status, scope, state, kind) = (
        status(&mut attributes),
        scope(&mut attributes),
        attributes.take("w3c.tracestate").map(|state| state.text()),
        attributes.take("span.kind"),
    );
    let trace = of.trace("traceID")?;
    let (parent, links) = references(of, &trace);
    let process = of.object("process");
    let known = [
        "process",
        "processID",
        "traceID",
        "spanID",
        "parentSpanID",
        "flags",
        "operationName",
        "references",
        "startTime",
        "duration",
        "tags",
        "logs",
    ];
    let is_known = |name: &str| name != "processID" || process.is_some();
    let known: Vec<_> = known.into_iter().filter(|name| is_known(name)).collect();
    attributes.extend(flat(of.rest(&known)));
    Some(Span {
        trace,
        id: of.span("spanID")?,
        parent: parent.or_else(|| of.span("parentSpanID")),
        state,
        // Of Jaeger's flags this one means the same: it is sampled.
        flags: of.number::<u32>("flags").unwrap_or_default() & 1,
        name: of.text("operationName")?,
        kind: kind.map_or(0, |kind| word(&kind.text(), &KINDS)),
        start: start.checked_mul(1_000).filter(|start| *start > 0)?,
        end: start.checked_add(duration)?.checked_mul(1_000)?,
        attributes,
        events: of.list("logs").iter().map(event).collect(),
        links,
        status: Some(status),
        around: Around {
            resource: process.map(|process| {
                let mut resource = tags(&process, "tags");
                if let Some(service) = process.text("serviceName") {
                    let service = (
                        Cow::Borrowed("service.name"),
                        Any::Scalar(Scalar::Text(service)),
                    );
                    resource.0.insert(0, service);
                }
                resource
            }),
            scope,
            ..Around::default()
        },
        ..Span::default()
    })
}

/// Tags: pairs of a key and a value, with its type beside it.
fn tags<'a>(of: &Members<'a>, name: &str) -> Attributes<'a> {
    let mut tags = Attributes::default();
    for tag in of.list(name) {
        let Some((key, value)) = tag.get("key").zip(tag.get("value")) else {
            continue;
        };
        let value = match tag.text("type").as_deref() {
            Some("int64") => Any::Typed("intValue", value),
            Some("float64") => Any::Typed("doubleValue", value),
            Some("bool") => Any::Typed("boolValue", value),
            Some("binary") => Any::Typed("bytesValue", value),
            _ => Any::Value(value),
        };
        tags.add(key.text(), value);
    }
    tags
}

/// How it ended, by tags that say nothing else.
fn status<'a>(tags: &mut Attributes<'a>) -> Status<'a> {
    let code = tags.take("otel.status_code");
    let message = tags.take("otel.status_description");
    let failed = tags.take("error");
    let code = match (code, &failed) {
        (Some(code), _) => word(&code.text(), &CODES),
        (None, Some(failed)) if failed.text() != "false" => 2,
        (None, _) => 0,
    };
    if let Some(failed) = failed.filter(|failed| failed.text() != "true") {
        tags.add("error", failed);
    }
    Status {
        code,
        message: message.map(|message| message.text()),
    }
}

/// What has instrumented the program, by the names of now and of before.
fn scope<'a>(tags: &mut Attributes<'a>) -> Option<Scope<'a>> {
    let mut one = |name: &str| {
        let now = tags.take(&format!("otel.scope.{name}"));
        let before = tags.take(&format!("otel.library.{name}"));
        now.or(before).map(|value| value.text())
    };
    let (name, version) = (one("name"), one("version"));
    (name.is_some() || version.is_some()).then(|| Scope {
        name,
        version,
        ..Scope::default()
    })
}

/// The span above, which is the first of this trace that it is called a child of, or else that it
/// follows; and all others.
fn references<'a>(of: &Members<'a>, trace: &str) -> (Option<String>, Vec<Link<'a>>) {
    let mut all: Vec<(bool, Link<'a>)> = Vec::new();
    for reference in of.list("references") {
        let Some((trace, id)) = reference.trace("traceID").zip(reference.span("spanID")) else {
            continue;
        };
        let is_child = reference.text("refType").as_deref() != Some("FOLLOWS_FROM");
        let mut attributes = Attributes::default();
        let kind = if is_child { "child_of" } else { "follows_from" };
        attributes.add(
            "opentracing.ref_type",
            Any::Scalar(Scalar::Text(kind.into())),
        );
        let link = Link {
            trace,
            id,
            attributes,
            ..Link::default()
        };
        all.push((is_child, link));
    }
    let is_above = |link: &Link<'_>| link.trace == trace;
    let child = all
        .iter()
        .position(|(is_child, link)| *is_child && is_above(link));
    let above = child.or_else(|| all.iter().position(|(_, link)| is_above(link)));
    let parent = above.map(|at| all.remove(at).1.id);
    (parent, all.into_iter().map(|(_, link)| link).collect())
}

fn event<'a>(of: &Members<'a>) -> Event<'a> {
    let time: u64 = of.number("timestamp").unwrap_or_default();
    let mut attributes = tags(of, "fields");
    let name = attributes.take("event").map(|name| name.text());
    Event {
        time: time.saturating_mul(1_000),
        name: name.unwrap_or(Cow::Borrowed("log")),
        attributes,
        dropped: 0,
    }
}
