//! OTLP/JSON: scopes as spans, records as log records; a document a line (REFERENCE.md §6, §10).
//!
//! A tree is a document of spans, and one of the records inside of them if there are any. A line is
//! what an exporter would send in one request.

mod requests;
mod runs;

pub use self::requests::OtlpRequests;
use self::runs::Runs;
use super::{
    Export, FactReader, Facts,
    facts::{Field, Scalar},
    json::{self, Object, elements, list},
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
        document(LOGS, out, |out| {
            let mut runs = Runs::default();
            runs.add(facts, out);
            runs.end(out);
        });
    }

    fn tree(&mut self, tree: &Tree<'_>, reader: &mut FactReader, out: &mut Vec<u8>) {
        let parts = Parts::of(tree, reader);
        document(SPANS, out, |out| parts.spans(out));
        document(LOGS, out, |out| parts.logs(out));
    }
}

/// What the list of a document is called.
const LOGS: &str = "resourceLogs";
const SPANS: &str = "resourceSpans";

/// Appends a document on a line of its own, if `write` writes elements of its list.
fn document(list: &str, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(format!("{{\"{list}\":[").as_bytes());
    let empty = out.len();
    write(out);
    if out.len() == empty {
        out.truncate(start);
    } else {
        out.extend_from_slice(b"]}\n");
    }
}

/// A tree as elements of both lists.
struct Parts<'t, 'a> {
    tree: &'t Tree<'a>,
    traced: Traced<'a>,
    extents: Vec<Extent>,
    resources: Vec<Resource<'t>>,
    /// The number of that of each node.
    of: Vec<usize>,
}

impl<'t, 'a> Parts<'t, 'a> {
    fn of(tree: &'t Tree<'a>, reader: &mut FactReader) -> Self {
        let (resources, of) = Resource::of_tree(tree);
        Self {
            tree,
            traced: Traced::new(tree, reader),
            extents: extents(tree),
            resources,
            of,
        }
    }

    /// Each resource with those of its nodes that are wanted, if there are any.
    fn resources(
        &self,
        is_wanted: impl Fn(usize) -> bool,
    ) -> impl Iterator<Item = (&Resource<'t>, Vec<usize>)> {
        let resources = self.resources.iter().enumerate();
        let with_nodes = resources.map(move |(number, resource)| {
            let nodes = (0..self.of.len()).filter(|&node| self.of[node] == number);
            (
                resource,
                nodes.filter(|&node| is_wanted(node)).collect::<Vec<_>>(),
            )
        });
        with_nodes.filter(|(_, nodes)| !nodes.is_empty())
    }

    fn spans(&self, out: &mut Vec<u8>) {
        let all = self.resources(|node| self.traced.is_span(node));
        elements(out, all, |out, (of, nodes)| {
            let mut resource = resource(out, of);
            let scopes = resource.key("scopeSpans");
            scopes.extend_from_slice(format!("[{{\"scope\":{SCOPE},\"spans\":").as_bytes());
            list(scopes, nodes, |out, number| {
                let node = &self.tree.nodes[number];
                span(&self.traced, number, node, self.extents[number], out);
            });
            scopes.extend_from_slice(b"}]");
            resource.end();
        });
    }

    fn logs(&self, out: &mut Vec<u8>) {
        let traced = &self.traced;
        let all = self.resources(|node| !traced.records(node).is_empty());
        elements(out, all, |out, (of, nodes)| {
            let mut resource = resource(out, of);
            list(resource.key("scopeLogs"), nodes, |out, number| {
                let span = Some(traced.span_id(number)).filter(|_| traced.is_named(number));
                logs(traced.records(number), Some(&traced.trace), span, out);
            });
            resource.end();
        });
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
    elements(out, runs, |out, run| {
        begin_scope(&run[0], out);
        elements(out, run, |out, facts| log(facts, trace, span, out));
        out.extend_from_slice(END_SCOPE);
    });
}

/// What stands before the records of a logger, and behind them.
fn begin_scope(facts: &Facts<'_>, out: &mut Vec<u8>) {
    let mut scope = Object::begin(out);
    let mut named = Object::begin(scope.key("scope"));
    named.some("name", facts.logger.as_deref());
    named.end();
    scope.key("logRecords").push(b'[');
}

const END_SCOPE: &[u8] = b"]}";

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
