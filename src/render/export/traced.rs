//! A tree as a trace: which scopes are spans, and by which ids they belong together.

use super::{FactReader, Facts, facts::Field, ids, scopes::Scope};
use crate::tree::{Edge, Tree};

/// A tree as a trace.
pub(super) struct Traced<'a> {
    /// The id of the trace.
    pub(super) trace: String,
    spans: Vec<String>,
    parents: Vec<Option<usize>>,
    scopes: Vec<Scope<'a>>,
    is_span: Vec<bool>,
    is_named: Vec<bool>,
}

/// The kinds of spans, by their numbers in OTLP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Internal = 1,
    Server = 2,
    Client = 3,
    Producer = 4,
    Consumer = 5,
}

impl Kind {
    /// The word that Zipkin and OpenTelemetry have for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Internal => "INTERNAL",
            Self::Server => "SERVER",
            Self::Client => "CLIENT",
            Self::Producer => "PRODUCER",
            Self::Consumer => "CONSUMER",
        }
    }
}

/// The kind of span that a scope's records tell of it.
pub(super) fn kind(attributes: &[Field<'_>]) -> Option<Kind> {
    let kind = attributes.iter().find(|field| field.name == "kind")?;
    let text = kind.value.text();
    let word = text.rsplit(['.', '_']).next().unwrap_or_default();
    let kinds = [
        Kind::Internal,
        Kind::Server,
        Kind::Client,
        Kind::Producer,
        Kind::Consumer,
    ];
    kinds
        .into_iter()
        .find(|kind| word.eq_ignore_ascii_case(kind.name()) || word == (*kind as u8).to_string())
}

impl<'a> Traced<'a> {
    /// Reads all records of a tree.
    ///
    /// Where ids are those of OpenTelemetry, a scope of which no record tells as a whole is not a
    /// span: it may be one in another program's hands, and two of one id are none. What is below
    /// it names it all the same. Of other schemes all scopes are spans, also those that were only
    /// inferred.
    pub(super) fn new(tree: &Tree<'a>, reader: &mut FactReader) -> Self {
        let scopes: Vec<_> = tree
            .nodes
            .iter()
            .map(|node| Scope::read(tree, node, reader))
            .collect();
        let is_trace = |number: usize| {
            let scheme = tree.nodes[number].scheme.as_ref().unwrap_or(&tree.scheme);
            scheme == "trace"
        };
        let numbers = 0..tree.nodes.len();
        let is_span: Vec<_> = numbers
            .clone()
            .map(|at| scopes[at].is_span || !is_trace(at))
            .collect();
        // What only holds the parts of a trace together has no id of its own.
        let is_named: Vec<_> = numbers
            .map(|at| is_span[at] || ids::is_span(&tree.nodes[at].id))
            .collect();
        let parents = tree.parents().into_iter().zip(&tree.nodes).enumerate();
        let parents = parents.map(|(number, (parent, node))| {
            // Its own record says that nothing is above it. Who has none, and is drawn all the same,
            // would be a root that nobody knows of.
            let is_root = node.edge == Some(Edge::Tree) && is_trace(number) && is_span[number];
            (number != parent && !is_root && is_named[parent]).then_some(parent)
        });
        Self {
            trace: ids::trace(&tree.id),
            spans: ids::spans(tree),
            parents: parents.collect(),
            scopes,
            is_span,
            is_named,
        }
    }

    /// True if a node is a span.
    pub(super) fn is_span(&self, number: usize) -> bool {
        self.is_span[number]
    }

    /// True if a node is a span, or would have to be one for its records to be anywhere.
    pub(super) fn is_drawn(&self, number: usize) -> bool {
        self.is_span[number] || !self.scopes[number].records.is_empty()
    }

    /// True if a node has an id, be it a span or not.
    pub(super) fn is_named(&self, number: usize) -> bool {
        self.is_named[number]
    }

    /// The id of a node.
    pub(super) fn span_id(&self, number: usize) -> &str {
        &self.spans[number]
    }

    /// The id of the node above, if its records tell it.
    pub(super) fn parent_id(&self, number: usize) -> Option<&str> {
        self.parents[number].map(|parent| self.spans[parent].as_str())
    }

    /// What is known of a node.
    pub(super) fn attributes(&self, number: usize) -> &[Field<'a>] {
        &self.scopes[number].attributes
    }

    /// The records of a node that do not tell of it as a whole.
    pub(super) fn records(&self, number: usize) -> &[Facts<'a>] {
        &self.scopes[number].records
    }
}
