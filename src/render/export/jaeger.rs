//! The JSON that Jaeger's UI exports and takes (REFERENCE.md §10).

use super::{
    Export, FactReader, Facts,
    facts::{Field, Scalar},
    json::{Object, list, text},
    resource::Resource,
    scopes::{Extent, extents, name, unknown},
    traced::{Kind, Traced, kind},
};
use crate::tree::{Node, Status, Tree};

/// Writes traces for Jaeger's UI.
#[derive(Debug, Default)]
pub struct Jaeger;

/// JavaScript has doubles for numbers, which are exact up to here.
const EXACT: u64 = 1 << 53;

impl Export for Jaeger {
    fn head(&self) -> &'static str {
        "{\"data\":[\n"
    }

    fn separator(&self) -> &'static str {
        ",\n"
    }

    fn tail(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\n]}\n");
    }

    fn takes_records(&self) -> bool {
        false
    }

    fn tree(&mut self, tree: &Tree<'_>, reader: &mut FactReader, out: &mut Vec<u8>) {
        let traced = Traced::new(tree, reader);
        let extents = extents(tree);
        let (resources, of) = Resource::of_tree(tree);
        let drawn = (0..tree.nodes.len()).filter(|&number| traced.is_drawn(number));
        let drawn: Vec<_> = drawn.collect();
        if drawn.is_empty() {
            return;
        }
        out.extend_from_slice(self.separator().as_bytes());
        let mut trace = Object::begin(out);
        trace.text("traceID", &traced.trace);
        list(trace.key("spans"), &drawn, |out, &number| {
            let node = &tree.nodes[number];
            span(&traced, number, node, extents[number], of[number], out);
        });
        let mut processes = Object::begin(trace.key("processes"));
        for (number, resource) in resources.iter().enumerate() {
            let mut process = Object::begin(processes.key(&key(number)));
            process.text("serviceName", resource.name());
            let mut attributes = resource.attributes();
            attributes.retain(|field| field.name != "service.name");
            tags(process.key("tags"), &attributes);
            process.end();
        }
        processes.end();
        trace.end();
    }
}

/// What spans call a process by.
fn key(process: usize) -> String {
    format!("p{}", process + 1)
}

fn span(
    traced: &Traced<'_>,
    number: usize,
    node: &Node<'_>,
    extent: Extent,
    process: usize,
    out: &mut Vec<u8>,
) {
    let (start, end) = (micros(extent.start), micros(extent.end));
    let mut span = Object::begin(out);
    span.text("traceID", &traced.trace);
    span.text("spanID", traced.span_id(number));
    span.plain("flags", 1);
    span.text("operationName", &name(node));
    list(
        span.key("references"),
        traced.parent_id(number),
        |out, parent| {
            let mut reference = Object::begin(out);
            reference.text("refType", "CHILD_OF");
            reference.text("traceID", &traced.trace);
            reference.text("spanID", parent);
            reference.end();
        },
    );
    span.plain("startTime", start);
    span.plain("duration", end - start);
    let all = self::all(traced, number, node, extent);
    tags(span.key("tags"), &all);
    list(span.key("logs"), traced.records(number), |out, facts| {
        let mut log = Object::begin(out);
        log.plain("timestamp", facts.time.map_or(start, |time| micros(time.0)));
        tags(log.key("fields"), &fields(facts));
        log.end();
    });
    span.text("processID", &key(process));
    span.end();
}

/// All attributes of a span, those that Jaeger knows by their names among them.
fn all<'a>(traced: &Traced<'a>, number: usize, node: &Node<'a>, extent: Extent) -> Vec<Field<'a>> {
    let attributes = traced.attributes(number);
    let mut all = Vec::with_capacity(attributes.len() + 4);
    let mut add = |name: &str, value| {
        let name = name.to_owned();
        all.push(Field { name, value });
    };
    if let Some(kind) = kind(attributes).filter(|kind| *kind != Kind::Internal) {
        add("span.kind", Scalar::Text(kind.name().to_lowercase().into()));
    }
    if node.status == Status::Failed {
        add("error", Scalar::Bool(true));
        if let Some(exception) = &node.exception {
            add("otel.status_description", Scalar::Text(exception.clone()));
        }
    }
    let rest = attributes.iter().filter(|field| field.name != "kind");
    all.extend(rest.cloned());
    all.extend(unknown(extent));
    super::facts::unique(all)
}

/// What a record says, by the names that logs of spans have.
fn fields<'a>(facts: &Facts<'a>) -> Vec<Field<'a>> {
    let level = facts.level.map(|level| level.name().into());
    let mut fields = Vec::with_capacity(facts.fields.len() + 5);
    for (name, value) in [
        ("level", level),
        ("logger", facts.logger.clone()),
        ("message", facts.message.clone().or(facts.kind.clone())),
        ("thread.name", facts.thread.clone()),
        ("stack", facts.exception.clone()),
    ] {
        fields.extend(value.map(|value| Field {
            name: name.to_owned(),
            value: Scalar::Text(value),
        }));
    }
    fields.extend(facts.fields.iter().cloned());
    super::facts::unique(fields)
}

fn tags(out: &mut Vec<u8>, fields: &[Field<'_>]) {
    list(out, fields, |out, field| {
        let kind = match &field.value {
            Scalar::Bool(_) => "bool",
            Scalar::Int(value) if value.unsigned_abs() <= EXACT => "int64",
            Scalar::Number(number) if number.contains(['.', 'e', 'E']) => "float64",
            _ => "string",
        };
        let mut tag = Object::begin(out);
        tag.text("key", &field.name);
        tag.text("type", kind);
        let out = tag.key("value");
        match kind {
            "string" => text(out, &field.value.text()),
            _ => field.value.json(out),
        }
        tag.end();
    });
}

/// Microseconds since the epoch; it is as early as it can be said.
fn micros(nanos: i64) -> i64 {
    nanos.max(0) / 1_000
}
