//! Spans of Zipkin as spans of OpenTelemetry, by the rules of its specification ("Zipkin").

use super::{
    super::facts::{Scalar, flat},
    any::{Any, Attributes},
    members::{Members, word},
    span::{Around, CODES, Event, KINDS, Scope, Span, Status},
};

/// The span of a record, if all is there that a span needs.
pub(super) fn span<'a>(of: &Members<'a>) -> Option<Span<'a>> {
    let start: u64 = of.number("timestamp")?;
    let duration: u64 = of.number("duration")?;
    let tags = of.object("tags").unwrap_or_default();
    let mut attributes = Attributes::of(of, "tags");
    let status = tags
        .get("otel.status_code")
        .map(|code| word(&code.text(), &CODES));
    let (code, message) = match (status, tags.get("error")) {
        (Some(code), _) => (code, tags.text("otel.status_description")),
        (None, Some(error)) => (2, Some(error.text())),
        (None, None) => (0, None),
    };
    for told in ["otel.status_code", "otel.status_description"] {
        attributes.take(told);
    }
    let mut of_scope = |name: &str| {
        let scope = attributes.take(&format!("otel.scope.{name}"));
        scope.map(|value| value.text())
    };
    let (name, version) = (of_scope("name"), of_scope("version"));
    let scope = (name.is_some() || version.is_some()).then(|| Scope {
        name,
        version,
        ..Scope::default()
    });
    let endpoint = |name, inner| of.object(name)?.text(inner);
    let service = endpoint("localEndpoint", "serviceName");
    let resource = service.map(|service| {
        let mut resource = Attributes::default();
        resource.add("service.name", Any::Scalar(Scalar::Text(service)));
        resource
    });
    if let Some(peer) = endpoint("remoteEndpoint", "serviceName") {
        attributes.add("peer.service", Any::Scalar(Scalar::Text(peer)));
    }
    let known = [
        "traceId",
        "id",
        "parentId",
        "name",
        "kind",
        "timestamp",
        "duration",
        "tags",
        "annotations",
    ];
    let mut fields = flat(of.rest(&known));
    fields.retain(|field| {
        let named = ["localEndpoint.serviceName", "remoteEndpoint.serviceName"];
        !named.contains(&field.name.as_str())
    });
    attributes.extend(fields);
    Some(Span {
        trace: of.trace("traceId")?,
        id: of.span("id")?,
        parent: of.span("parentId"),
        name: of.text("name")?,
        kind: of.word("kind", &KINDS),
        start: start.checked_mul(1_000).filter(|start| *start > 0)?,
        end: start.checked_add(duration)?.checked_mul(1_000)?,
        attributes,
        events: of.list("annotations").iter().filter_map(event).collect(),
        status: Some(Status { code, message }),
        around: Around {
            resource,
            scope,
            ..Around::default()
        },
        ..Span::default()
    })
}

fn event<'a>(of: &Members<'a>) -> Option<Event<'a>> {
    let time: u64 = of.number("timestamp")?;
    Some(Event {
        time: time.checked_mul(1_000)?,
        name: of.get("value")?.text(),
        ..Event::default()
    })
}
