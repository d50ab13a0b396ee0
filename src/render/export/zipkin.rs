//! Zipkin's JSON, version 2: a list of spans (REFERENCE.md §10).

use super::{
    Export, FactReader,
    facts::{Field, Scalar, unique},
    json::{Object, list, text},
    logfmt,
    resource::Resource,
    scopes::{Extent, extents, name, unknown},
    traced::{Kind, Traced, kind},
};
use crate::tree::{Node, Status, Tree};

/// Writes spans for Zipkin.
#[derive(Debug, Default)]
pub struct Zipkin;

impl Export for Zipkin {
    fn head(&self) -> &'static str {
        "[\n"
    }

    fn separator(&self) -> &'static str {
        ",\n"
    }

    fn tail(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\n]\n");
    }

    fn takes_records(&self) -> bool {
        false
    }

    fn tree(&mut self, tree: &Tree<'_>, reader: &mut FactReader, out: &mut Vec<u8>) {
        let traced = Traced::new(tree, reader);
        let extents = extents(tree);
        let (resources, of) = Resource::of_tree(tree);
        for (number, node) in tree.nodes.iter().enumerate() {
            if traced.is_drawn(number) {
                out.extend_from_slice(self.separator().as_bytes());
                let resource = &resources[of[number]];
                span(&traced, number, node, extents[number], resource, out);
            }
        }
    }
}

fn span(
    traced: &Traced<'_>,
    number: usize,
    node: &Node<'_>,
    extent: Extent,
    resource: &Resource<'_>,
    out: &mut Vec<u8>,
) {
    let attributes = traced.attributes(number);
    let mut span = Object::begin(out);
    span.text("traceId", &traced.trace);
    span.text("id", traced.span_id(number));
    span.some("parentId", traced.parent_id(number));
    span.text("name", &name(node));
    let kind = kind(attributes).filter(|kind| *kind != Kind::Internal);
    span.some("kind", kind.map(Kind::name));
    // A span that is not over has no duration; no other is as short as 0.
    let (start, end) = (extent.start / 1_000, extent.end / 1_000);
    if start > 0 {
        span.plain("timestamp", start);
        if extent.has_end {
            span.plain("duration", (end - start).max(1));
        }
    }
    let mut endpoint = Object::begin(span.key("localEndpoint"));
    endpoint.text("serviceName", resource.name());
    endpoint.end();
    if !traced.records(number).is_empty() {
        list(
            span.key("annotations"),
            traced.records(number),
            |out, facts| {
                let mut annotation = Object::begin(out);
                let time = facts.time.map_or(start, |time| time.0 / 1_000);
                annotation.plain("timestamp", time.max(1));
                let mut line = Vec::new();
                logfmt::untimed(facts, &mut line);
                annotation.text("value", &String::from_utf8_lossy(&line));
                annotation.end();
            },
        );
    }
    let mut tags = Object::begin(span.key("tags"));
    for field in all(node, attributes, extent, resource) {
        text(tags.key(&field.name), &field.value.text());
    }
    tags.end();
    span.end();
}

/// All attributes of a span. A tag called error says that it failed, so no other has that name.
fn all<'a>(
    node: &'a Node<'_>,
    attributes: &'a [Field<'_>],
    extent: Extent,
    resource: &'a Resource<'_>,
) -> Vec<Field<'a>> {
    let mut all: Vec<Field<'a>> = Vec::with_capacity(attributes.len() + 3);
    if node.status == Status::Failed {
        all.push(Field {
            name: "error".to_owned(),
            value: Scalar::Text(node.exception.as_deref().unwrap_or("true").into()),
        });
    }
    let named = resource.attributes().into_iter();
    all.extend(named.filter(|field| field.name != "service.name"));
    for field in attributes.iter().filter(|field| field.name != "kind") {
        let mut field = Field {
            name: field.name.clone(),
            value: Scalar::Text(field.value.text()),
        };
        if field.name == "error" {
            field.name.push_str(".value");
        }
        all.push(field);
    }
    all.extend(unknown(extent));
    unique(all)
}
