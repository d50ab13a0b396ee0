//! OTLP/JSON: records as what they are, spans or log records, and the scopes of trees as spans; a
//! document a line (REFERENCE.md §6, §10).
//!
//! A tree is a document of spans, and one of the records inside of them if there are any. A line is
//! what an exporter would send in one request. What OpenTelemetry has written, and what others have
//! written of spans, goes out whole ([`Origin`]); of all other records a log record is made of what
//! the canonical fields tell.

mod any;
mod console;
mod groups;
mod jaeger;
mod log;
mod members;
mod origin;
mod requests;
mod span;
mod wire;
mod zipkin;

pub use self::requests::OtlpRequests;
use self::{groups::Groups, log::Log, origin::Origin, span::Span};
use super::{
    Export, FactReader, Facts,
    facts::{Field, Scalar},
    ids,
    json::{self, Object, list},
    resource::Resource,
    scopes::{Extent, extents, name, unknown},
    traced::{Traced, kind},
};
use crate::tree::{Node, Status, Tree};

/// Writes OTLP/JSON.
#[derive(Debug, Default)]
pub struct Otlp;

/// Who made the spans: this is not what has instrumented the program.
const SCOPE: &str = r#"{"name":"distlog"}"#;

impl Export for Otlp {
    fn record(&mut self, facts: &Facts<'_>, out: &mut Vec<u8>) {
        let mut open = Open::default();
        open.add_record(facts);
        open.end(out);
    }

    fn tree(&mut self, tree: &Tree<'_>, reader: &mut FactReader, out: &mut Vec<u8>) {
        let mut open = Open::default();
        open.add_tree(tree, reader);
        open.end(out);
    }
}

/// What the list of a document is called.
const LOGS: &str = "resourceLogs";
const SPANS: &str = "resourceSpans";

/// A document of each kind that is being made.
#[derive(Debug, Default)]
struct Open {
    spans: Groups,
    logs: Groups,
}

impl Open {
    /// Adds a record: a span, if it is one, or else a log record.
    fn add_record(&mut self, facts: &Facts<'_>) {
        match Origin::of(facts) {
            Origin::Span(mut span) => {
                span.around.or_of(facts);
                self.add_span(&span);
            }
            Origin::Log(mut log) => {
                log.around.or_of(facts);
                self.add_log(&log);
            }
            Origin::Other => {
                let resource = resource(&Resource::of_record(facts), LOG_SCOPES);
                let trace = facts.tree.as_deref().map(ids::trace);
                let span = facts.node.as_deref().filter(|node| ids::is_span(node));
                let span = trace.as_ref().and(span).map(str::to_ascii_lowercase);
                self.logs.add(resource, logger(facts), |out| {
                    log(facts, trace.as_deref(), span.as_deref(), out);
                });
            }
        }
    }

    fn add_span(&mut self, span: &Span<'_>) {
        let resource = span.around.head("scopeSpans");
        let scope = span.around.scope_head("spans");
        self.spans.add(resource, scope, |out| span.write(out));
    }

    fn add_log(&mut self, log: &Log<'_>) {
        let resource = log.around.head(LOG_SCOPES);
        let scope = log.around.scope_head(LOG_RECORDS);
        self.logs.add(resource, scope, |out| log.write(out));
    }

    /// Adds the scopes of a tree, and the records in them.
    fn add_tree(&mut self, tree: &Tree<'_>, reader: &mut FactReader) {
        let traced = Traced::new(tree, reader);
        let extents = extents(tree);
        let (resources, of) = Resource::of_tree(tree);
        for (number, node) in tree.nodes.iter().enumerate() {
            let of = &resources[of[number]];
            if let Some(mut own) = own_span(tree, node, reader) {
                own.trace.clone_from(&traced.trace);
                traced.span_id(number).clone_into(&mut own.id);
                let parent = traced.parent_id(number).map(str::to_owned);
                own.parent = parent.or(own.parent);
                own.attributes.extend(told(&traced, number, &own));
                self.add_span(&own);
            } else if traced.is_span(number) {
                let scope = format!("{{\"scope\":{SCOPE},\"spans\":[").into_bytes();
                self.spans.add(resource(of, "scopeSpans"), scope, |out| {
                    span(&traced, number, node, extents[number], out);
                });
            }
            let id = Some(traced.span_id(number)).filter(|_| traced.is_named(number));
            for facts in traced.records(number) {
                if let Origin::Log(mut own) = Origin::of(facts) {
                    own.around.or_of(facts);
                    own.trace = Some(traced.trace.clone());
                    own.span = id.map(str::to_owned);
                    self.add_log(&own);
                    continue;
                }
                self.logs
                    .add(resource(of, LOG_SCOPES), logger(facts), |out| {
                        log(facts, Some(&traced.trace), id, out);
                    });
            }
        }
    }

    /// How long the documents are so far, in bytes.
    fn size(&self) -> usize {
        self.spans.size() + self.logs.size()
    }

    /// Appends the documents, a line each, if there is anything in them.
    fn end(&self, out: &mut Vec<u8>) {
        document(SPANS, &self.spans, out);
        document(LOGS, &self.logs, out);
    }
}

/// Appends a document on a line of its own, if it has elements.
fn document(list: &str, elements: &Groups, out: &mut Vec<u8>) {
    if elements.size() > 0 {
        out.extend_from_slice(format!("{{\"{list}\":[").as_bytes());
        elements.write(out);
        out.extend_from_slice(b"]}\n");
    }
}

/// The one record of a node that tells a span as a whole, with all that it says.
fn own_span<'a>(
    tree: &Tree<'a>,
    node: &Node<'a>,
    reader: &mut FactReader,
) -> Option<Box<Span<'a>>> {
    let mut own = None;
    for record in tree.records_of(node) {
        let Ok(facts) = reader.read(record) else {
            continue;
        };
        if !facts.is_boundary() {
            continue;
        }
        // Where several tell of it, what is made of all says more than one of them.
        match Origin::of(&facts) {
            Origin::Span(mut span) if own.is_none() => {
                span.around.or_of(&facts);
                own = Some(span);
            }
            _ => return None,
        }
    }
    own
}

/// What the tree tells of a span beyond what the span says itself.
fn told<'a>(traced: &Traced<'a>, number: usize, span: &Span<'_>) -> Vec<Field<'a>> {
    let is_new = |name: &str| span.attributes.0.iter().all(|(known, _)| known != name);
    let all = traced.attributes(number).iter();
    let told = all.filter(|field| field.name.starts_with("dl.") && is_new(&field.name));
    told.cloned().collect()
}

fn span(traced: &Traced<'_>, number: usize, node: &Node<'_>, extent: Extent, out: &mut Vec<u8>) {
    let mut span = Object::begin(out);
    span.text("traceId", &traced.trace);
    span.text("spanId", traced.span_id(number));
    span.some("parentSpanId", traced.parent_id(number));
    span.text("name", &name(node));
    let attributes = traced.attributes(number);
    span.plain("kind", kind(attributes).map_or(1, |kind| kind as u8));
    // The epoch is as early as it can be said.
    span.quoted("startTimeUnixNano", extent.start.max(0));
    span.quoted("endTimeUnixNano", extent.end.max(0));
    let mut all: Vec<_> = attributes
        .iter()
        .filter(|field| field.name != "kind")
        .cloned()
        .collect();
    all.extend(unknown(extent));
    self::attributes(span.key("attributes"), &all);
    let mut status = Object::begin(span.key("status"));
    match node.status {
        Status::Succeeded => status.plain("code", 1),
        Status::Failed => status.plain("code", 2),
        Status::Running | Status::Unknown => {}
    }
    if node.status == Status::Failed {
        status.some("message", node.exception.as_deref());
    }
    status.end();
    span.end();
}

/// What lists of log records are called.
const LOG_SCOPES: &str = "scopeLogs";
const LOG_RECORDS: &str = "logRecords";

/// What stands before the records of a logger, which is what OTLP calls a scope.
fn logger(facts: &Facts<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut scope = Object::begin(&mut out);
    let mut named = Object::begin(scope.key("scope"));
    named.some("name", facts.logger.as_deref());
    named.end();
    scope.key(LOG_RECORDS).push(b'[');
    out
}

fn log(facts: &Facts<'_>, trace: Option<&str>, span: Option<&str>, out: &mut Vec<u8>) {
    let mut log = Object::begin(out);
    if let Some(time) = facts.time.filter(|time| time.0 > 0) {
        log.quoted("timeUnixNano", time.0);
    }
    if let Some(level) = facts.level {
        log.plain("severityNumber", level.0.clamp(1, 24));
        log.text("severityText", level.name());
    }
    if let Some(message) = &facts.message {
        scalar(log.key("body"), &Scalar::Text(message.as_ref().into()));
    }
    let kind = facts
        .kind
        .as_deref()
        .filter(|kind| Some(*kind) != facts.message.as_deref());
    log.some("eventName", kind);
    let early = facts.time.filter(|time| time.0 <= 0);
    let node = facts.node.as_deref().filter(|_| span.is_none());
    let mut all = Vec::with_capacity(facts.fields.len() + 3);
    for (name, value) in [
        (
            "exception.stacktrace",
            facts.exception.as_deref().map(str::to_owned),
        ),
        ("thread.name", facts.thread.as_deref().map(str::to_owned)),
        ("dl.time", early.map(crate::record::Instant::to_rfc3339)),
        (
            "dl.tree",
            facts
                .tree
                .as_deref()
                .filter(|tree| trace != Some(tree))
                .map(str::to_owned),
        ),
        ("dl.node", node.map(str::to_owned)),
    ] {
        all.extend(value.map(|value| Field {
            name: name.to_owned(),
            value: Scalar::Text(value.into()),
        }));
    }
    all.extend(facts.fields.iter().cloned());
    attributes(log.key("attributes"), &super::facts::unique(all));
    log.some("traceId", trace);
    log.some("spanId", span);
    log.end();
}

/// What stands before the scopes of a process, whose list has this name.
fn resource(of: &Resource<'_>, scopes: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut resource = Object::begin(&mut out);
    let mut inner = Object::begin(resource.key("resource"));
    attributes(inner.key("attributes"), &of.attributes());
    inner.end();
    resource.key(scopes).push(b'[');
    out
}

fn attributes(out: &mut Vec<u8>, fields: &[Field<'_>]) {
    list(out, fields, |out, field| {
        let mut attribute = Object::begin(out);
        attribute.text("key", &field.name);
        scalar(attribute.key("value"), &field.value);
        attribute.end();
    });
}

/// A value with its type around it.
fn scalar(out: &mut Vec<u8>, value: &Scalar<'_>) {
    let mut any = Object::begin(out);
    match value {
        Scalar::Null => {}
        Scalar::Bool(value) => any.plain("boolValue", value),
        // Readers of JSON would round it.
        Scalar::Int(value) => any.quoted("intValue", value),
        Scalar::Number(number) if number.contains(['.', 'e', 'E']) => {
            any.plain("doubleValue", number);
        }
        other => json::text(any.key("stringValue"), &other.text()),
    }
    any.end();
}
