//! OTLP/JSON: scopes as spans, records as log records; a document a line (REFERENCE.md §6, §10).
//!
//! A tree is a document of spans, and one of the records inside of them if there are any. A line is
//! what an exporter would send in one request.

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
        let trace = facts.tree.as_deref().map(ids::trace);
        let span = facts.node.as_deref().filter(|node| ids::is_span(node));
        let span = trace.as_ref().and(span).map(str::to_ascii_lowercase);
        let mut document = Object::begin(out);
        let mut resource =
            begin_resource(&mut document, "resourceLogs", &Resource::of_record(facts));
        let scopes = resource.key("scopeLogs");
        scopes.push(b'[');
        logs(
            std::slice::from_ref(facts),
            trace.as_deref(),
            span.as_deref(),
            scopes,
        );
        scopes.push(b']');
        end_resource(resource);
        document.end();
        out.push(b'\n');
    }

    fn tree(&mut self, tree: &Tree<'_>, reader: &mut FactReader, out: &mut Vec<u8>) {
        let traced = Traced::new(tree, reader);
        let extents = extents(tree);
        let (resources, of) = Resource::of_tree(tree);
        let nodes = |resource: usize| {
            let is_of = move |&(_, &of): &(usize, &usize)| of == resource;
            of.iter()
                .enumerate()
                .filter(is_of)
                .map(|(number, _)| number)
        };
        let spans = |resource: usize| nodes(resource).filter(|&number| traced.is_span(number));
        let with_logs =
            |resource: usize| nodes(resource).filter(|&number| !traced.records(number).is_empty());
        if (0..resources.len()).any(|resource| spans(resource).next().is_some()) {
            let mut document = Object::begin(out);
            let all = document.key("resourceSpans");
            let used = (0..resources.len()).filter(|&at| spans(at).next().is_some());
            list(all, used, |out, at| {
                let mut resource = resource(out, &resources[at]);
                let scopes = resource.key("scopeSpans");
                scopes.extend_from_slice(format!("[{{\"scope\":{SCOPE},\"spans\":").as_bytes());
                list(scopes, spans(at), |out, number| {
                    span(&traced, number, &tree.nodes[number], extents[number], out);
                });
                scopes.extend_from_slice(b"}]");
                resource.end();
            });
            document.end();
            out.push(b'\n');
        }
        if (0..resources.len()).any(|resource| with_logs(resource).next().is_some()) {
            let mut document = Object::begin(out);
            let all = document.key("resourceLogs");
            let used = (0..resources.len()).filter(|&at| with_logs(at).next().is_some());
            list(all, used, |out, at| {
                let mut resource = resource(out, &resources[at]);
                let scopes = resource.key("scopeLogs");
                list(scopes, with_logs(at), |out, number| {
                    let span = Some(traced.span_id(number)).filter(|_| traced.is_named(number));
                    logs(traced.records(number), Some(&traced.trace), span, out);
                });
                resource.end();
            });
            document.end();
            out.push(b'\n');
        }
    }
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

/// Records in runs of one logger, which is what OTLP calls a scope.
fn logs(records: &[Facts<'_>], trace: Option<&str>, span: Option<&str>, out: &mut Vec<u8>) {
    let runs = records.chunk_by(|one, next| one.logger == next.logger);
    for (at, run) in runs.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        let mut scope = Object::begin(out);
        let mut named = Object::begin(scope.key("scope"));
        named.some("name", run[0].logger.as_deref());
        named.end();
        list(scope.key("logRecords"), run, |out, facts| {
            log(facts, trace, span, out);
        });
        scope.end();
    }
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
        any(log.key("body"), &Scalar::Text(message.as_ref().into()));
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

fn begin_resource<'o>(document: &'o mut Object<'_>, key: &str, of: &Resource<'_>) -> Object<'o> {
    let all = document.key(key);
    all.push(b'[');
    resource(all, of)
}

fn end_resource(resource: Object<'_>) {
    let out = resource.end();
    out.push(b']');
}

/// What belongs to a process, to be ended.
fn resource<'o>(out: &'o mut Vec<u8>, of: &Resource<'_>) -> Object<'o> {
    let mut resource = Object::begin(out);
    let mut inner = Object::begin(resource.key("resource"));
    attributes(inner.key("attributes"), &of.attributes());
    inner.end();
    resource
}

fn attributes(out: &mut Vec<u8>, fields: &[Field<'_>]) {
    list(out, fields, |out, field| {
        let mut attribute = Object::begin(out);
        attribute.text("key", &field.name);
        any(attribute.key("value"), &field.value);
        attribute.end();
    });
}

/// A value with its type around it.
fn any(out: &mut Vec<u8>, value: &Scalar<'_>) {
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
