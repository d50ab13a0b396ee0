//! Scopes as other programs draw them: with a beginning, an end and attributes.

use std::borrow::Cow;

use super::{
    FactReader, Facts,
    facts::{Field, Scalar, unique},
};
use crate::{
    record::Instant,
    tree::{Node, Roll, Status, Tree},
};

/// Where a scope stands on the clock. What is not known is put where it cannot be wrong by much,
/// and marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::render) struct Extent {
    /// Nanoseconds since the epoch.
    pub(in crate::render) start: i64,
    /// No less than `start`.
    pub(in crate::render) end: i64,
    /// False if nothing tells when it began.
    pub(in crate::render) has_start: bool,
    /// False if nothing tells when it ended.
    pub(in crate::render) has_end: bool,
}

impl Extent {
    /// Nanoseconds from start to end.
    pub(super) fn length(self) -> u64 {
        self.end.abs_diff(self.start)
    }
}

/// The extents of a tree's nodes.
///
/// A scope without a start begins with the one above it. One without an end ends with the last
/// below it, and one that is running with the last that is known of the request.
pub(in crate::render) fn extents(tree: &Tree<'_>) -> Vec<Extent> {
    let nanos = |instant: Instant| instant.0;
    let known_end = |node: &Node<'_>| {
        let measured = || Some(node.start?.after(node.duration?));
        node.end.or_else(measured).map(nanos)
    };
    let starts = || tree.nodes.iter().filter_map(|node| node.start.map(nanos));
    let first = tree
        .start
        .map(nanos)
        .or_else(|| starts().min())
        .unwrap_or(0);
    let last = tree.nodes.iter().filter_map(known_end).chain(starts());
    let last = last.chain(tree.end.map(nanos)).max().unwrap_or(first);
    let parents = tree.parents();
    let mut extents: Vec<Extent> = Vec::with_capacity(tree.nodes.len());
    for (number, node) in tree.nodes.iter().enumerate() {
        let above = extents
            .get(parents[number])
            .map_or(first, |above| above.start);
        let start = node.start.map_or(above, nanos);
        let end = known_end(node);
        let guess = if node.status == Status::Running {
            last
        } else {
            start
        };
        extents.push(Extent {
            start,
            end: end.unwrap_or(guess).max(start),
            has_start: node.start.is_some(),
            has_end: end.is_some(),
        });
    }
    // Children come behind their parents, so what is below is final when it is asked for.
    for number in (1..extents.len()).rev() {
        let end = extents[number].end;
        let above = &mut extents[parents[number]];
        if !above.has_end && parents[number] != number {
            above.end = above.end.max(end);
        }
    }
    extents
}

/// What records of spans tell that the tree has told in its own words.
const TOLD: [&str; 14] = [
    "duration",
    "end_time",
    "endTimeUnixNano",
    "flags",
    "localEndpoint",
    "parent_id",
    "processID",
    "scope",
    "shared",
    "startTimeMillis",
    "status.code",
    "status.description",
    "status.message",
    "status.status_code",
];

/// What a scope consists of.
pub(super) struct Scope<'a> {
    /// What the tree and the records that begin and end it tell of it.
    pub(super) attributes: Vec<Field<'a>>,
    /// All other records.
    pub(super) records: Vec<Facts<'a>>,
    /// True if a record tells it as a whole.
    pub(super) is_span: bool,
}

impl<'a> Scope<'a> {
    /// Reads the records of a node.
    pub(super) fn read(tree: &Tree<'a>, node: &Node<'a>, reader: &mut FactReader) -> Self {
        let mut scope = Self {
            attributes: attributes(node),
            records: Vec::new(),
            is_span: false,
        };
        scope.attributes.insert(
            0,
            Field {
                name: "dl.tree".to_owned(),
                value: Scalar::Text(tree.id.clone()),
            },
        );
        for record in tree.records_of(node) {
            // A record of a tree was one when the tree was read.
            let Ok(facts) = reader.read(record) else {
                continue;
            };
            if facts.is_boundary() {
                let is_span = facts.is_span();
                scope.is_span |= is_span;
                let told = |field: &Field<'_>| is_span && TOLD.contains(&field.name.as_str());
                let fields = facts.fields.into_iter().filter(|field| !told(field));
                scope.attributes.extend(fields);
            } else {
                scope.records.push(facts);
            }
        }
        scope.attributes = unique(scope.attributes);
        scope
    }
}

/// What the tree tells of a node, beyond what each format has a place for.
fn attributes<'a>(node: &Node<'a>) -> Vec<Field<'a>> {
    let mut attributes = Vec::new();
    let mut add = |name: &str, value| {
        let name = format!("dl.{name}");
        attributes.push(Field { name, value });
    };
    add("node", Scalar::Text(node.id.clone()));
    add("status", Scalar::Text(node.status.name().into()));
    if !node.flags.is_empty() {
        let flags: Vec<_> = node.flags.iter().map(|flag| flag.name()).collect();
        add("flags", Scalar::Text(flags.join(",").into()));
    }
    if let Some(edge) = node.edge {
        add("edge", Scalar::Text(edge.name().into()));
    }
    if let Some(scheme) = &node.scheme {
        add("scheme", Scalar::Text(scheme.clone()));
    }
    for (name, seconds) in [
        ("self", node.own),
        ("critical", node.critical),
        ("adjusted", node.adjusted),
    ] {
        if let Some(seconds) = seconds.filter(|seconds| seconds.is_finite()) {
            // With a point or an exponent, so that it is no integer.
            add(name, Scalar::Number(format!("{seconds:?}").into()));
        }
    }
    attributes
}

/// What is not known of a scope's time.
pub(super) fn unknown<'a>(extent: Extent) -> impl Iterator<Item = Field<'a>> {
    let known = [("dl.start", extent.has_start), ("dl.end", extent.has_end)];
    known
        .into_iter()
        .filter(|(_, is_known)| !is_known)
        .map(|(name, _)| Field {
            name: name.to_owned(),
            value: Scalar::Text("unknown".into()),
        })
}

/// What a scope without a name is called.
pub(in crate::render) fn name<'n>(node: &'n Node<'_>) -> Cow<'n, str> {
    match node.name.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => name.into(),
        None => format!("scope {}", node.id).into(),
    }
}

/// Where a scope ran. Two hosts may have processes of one name: containers all have process 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::render) struct Place<'t> {
    pub(in crate::render) process: Option<&'t str>,
    pub(in crate::render) host: Option<&'t str>,
}

impl<'t> Place<'t> {
    /// The process, if it is another one than that of the scope `above`; with its host where that
    /// alone tells it.
    fn arrival(self, above: Option<Self>) -> Option<Cow<'t, str>> {
        let process = self.process?;
        let above = above.unwrap_or_default();
        if Some(process) != above.process {
            return Some(process.into());
        }
        let host = self.host.filter(|_| self.host != above.host)?;
        Some(format!("{process} on {host}").into())
    }
}

/// Where each node ran: what it does not tell is that of the one above.
pub(in crate::render) fn places<'t>(tree: &'t Tree<'_>) -> Vec<Place<'t>> {
    let mut roll = Roll::default();
    let mut numbers: Vec<Option<usize>> = Vec::with_capacity(tree.nodes.len());
    for (node, parent) in tree.nodes.iter().zip(tree.parents()) {
        let above = numbers.get(parent).copied().flatten();
        let own = node.process.as_deref();
        let own = own.map(|process| roll.call(&process, node.host.as_deref().as_ref()));
        numbers.push(own.or(above));
    }
    let places = numbers.into_iter().map(|number| {
        let (process, host) = roll.processes[number?];
        Some(Place {
            process: Some(process),
            host,
        })
    });
    places.map(Option::unwrap_or_default).collect()
}

/// The process of each node where it is another one than that of the node above.
pub(in crate::render) fn arrivals<'t>(tree: &'t Tree<'_>) -> Vec<Option<Cow<'t, str>>> {
    let places = places(tree);
    let nodes = tree.parents().into_iter().enumerate();
    nodes
        .map(|(number, above)| places[number].arrival((number != above).then(|| places[above])))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(line: &str) -> Tree<'_> {
        crate::tree::read(line.as_bytes()).expect("a tree")
    }

    #[test]
    fn what_is_not_known_is_put_beside_what_is() {
        let line = r#"{"root":{"start":"1970-01-01T00:00:01Z","status":"running","records":[],"children":[
            {"node":"a","records":[],"children":[{"node":"b","start":"1970-01-01T00:00:03Z","duration":2,"records":[],"children":[]}]},
            {"node":"c","start":"1970-01-01T00:00:04Z","end":"1970-01-01T00:00:02Z","records":[],"children":[]}]}}"#;
        let line = line.replace('\n', "");
        let tree = tree(&line);
        let found: Vec<_> = extents(&tree)
            .iter()
            .map(|e| {
                (
                    e.start / 1_000_000_000,
                    e.end / 1_000_000_000,
                    e.has_start,
                    e.has_end,
                )
            })
            .collect();
        let expect = [
            (1, 5, true, false),
            (1, 5, false, false),
            (3, 5, true, true),
            (4, 4, true, true),
        ];
        assert_eq!(found, expect);
    }

    #[test]
    fn a_process_is_told_by_its_host_where_its_name_does_not() {
        let line = r#"{"root":{"process":"shop:1","host":"web-1","records":[],"children":[
            {"node":"a","process":"shop:1","host":"web-2","records":[],"children":[
            {"node":"b","records":[],"children":[]},
            {"node":"c","process":"shop:1","host":"web-1","records":[],"children":[]}]},
            {"node":"d","process":"shop:1","host":null,"records":[],"children":[]},
            {"node":"e","process":"db:7","records":[],"children":[]}]}}"#;
        let line = line.replace('\n', "");
        let tree = tree(&line);
        let places = places(&tree);
        let arrivals = arrivals(&tree).into_iter().map(Option::unwrap_or_default);
        let expect = [
            "shop:1",
            "shop:1 on web-2",
            "",
            "shop:1 on web-1",
            "",
            "db:7",
        ];
        assert_eq!(arrivals.collect::<Vec<_>>(), expect);
        assert_eq!(places[4], places[0]);
        assert_eq!(places[5].host, Some("web-1"));
    }
}
