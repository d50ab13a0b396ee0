//! Round trips: what other programs would read is read again, and the trees are the same.

use std::{borrow::Cow, collections::BTreeSet};

use distlog::{
    record::Lines,
    tree::{self, Edge, Tree},
};

use crate::support::{program, root, samples};

/// The scopes of all trees: what each is called, and what is above it.
pub(crate) fn edges(trees: &[u8]) -> Vec<(String, String)> {
    let mut edges = Vec::new();
    for line in Lines::new(trees) {
        let tree = tree::read(line).expect("a tree");
        let parents = tree.parents();
        for (number, &parent) in parents.iter().enumerate() {
            let above = if number == parent {
                String::new()
            } else {
                name(&tree, parent)
            };
            edges.push((name(&tree, number), above));
        }
    }
    edges.sort();
    edges
}

fn name(tree: &Tree<'_>, number: usize) -> String {
    let node = &tree.nodes[number];
    let name = node.name.as_deref().filter(|name| !name.is_empty());
    name.map_or_else(|| format!("scope {}", node.id), str::to_owned)
}

pub(crate) fn trees(lines: &[u8]) -> Vec<u8> {
    program("dl-tree")
        .args(&["--foreign", "drop"])
        .stdin(lines)
        .run()
        .stdout
}

/// What dl-fmt makes of records or trees for another program.
fn shown(view: &str, lines: &[u8]) -> Vec<u8> {
    program("dl-fmt")
        .args(&["--to", view])
        .stdin(lines)
        .output()
}

/// The records that dl-recv reads from what another program would read.
fn round_trip(view: &str, format: &str, lines: &[u8]) -> Vec<u8> {
    program("dl-recv")
        .args(&["--format", format, "-"])
        .stdin(shown(view, lines))
        .output()
}

/// The trees of each sample that has some.
fn sampled() -> Vec<(String, Vec<u8>)> {
    let mut files = samples();
    files.push(root().join("tests/data/shop.ndjson"));
    let trees = files
        .iter()
        .filter(|path| path.extension().is_some_and(|ext| ext == "ndjson"))
        .map(|path| {
            let lines = std::fs::read(path).expect("a sample");
            (path.display().to_string(), trees(&lines))
        });
    let found: Vec<_> = trees.filter(|(_, trees)| !trees.is_empty()).collect();
    assert!(found.len() > 25, "only {} samples", found.len());
    found
}

/// True if all scopes are told by records of their own, or are none of a trace's: those of which
/// nothing but logs is known are no spans.
fn has_only_spans(trees: &[u8]) -> bool {
    Lines::new(trees).all(|line| {
        let tree = tree::read(line).expect("a tree");
        let is_span = |node: &tree::Node<'_>| node.name.is_some() && node.edge != Some(Edge::Tree);
        tree.scheme != "trace" || tree.nodes.iter().all(is_span)
    })
}

#[test]
fn otlp_comes_back() {
    for (file, trees) in sampled() {
        let returned = self::trees(&round_trip("otlp", "json", &trees));
        assert_eq!(edges(&returned), edges(&trees), "{file}");
        // Ids of OpenTelemetry are what they were.
        let ids = |trees: &[u8]| -> BTreeSet<String> {
            let id = |line| tree::read(line).expect("a tree").id.replace('-', "");
            Lines::new(trees)
                .map(id)
                .filter(|id| id.len() == 32)
                .collect()
        };
        assert!(ids(&trees).is_subset(&ids(&returned)), "{file}");
    }
}

#[test]
fn spans_come_back_from_jaeger_and_zipkin() {
    for view in ["jaeger", "zipkin"] {
        let mut compared = 0;
        for (file, trees) in sampled() {
            if !has_only_spans(&trees) {
                continue;
            }
            let returned = self::trees(&round_trip(view, "json", &trees));
            assert_eq!(edges(&returned), edges(&trees), "{view} of {file}");
            compared += 1;
        }
        assert!(compared > 20, "only {compared}");
    }
}

#[test]
fn what_a_producer_wrote_comes_out_as_it_was() {
    for (view, sample) in [
        ("eliot", "samples/eliot.ndjson"),
        ("eliot", "samples/eliot-1.0.0.ndjson"),
        ("distlog", "shop.ndjson"),
        ("distlog", "samples/distlog-json-bodies.ndjson"),
    ] {
        let lines = std::fs::read(root().join("tests/data").join(sample)).expect("a sample");
        let trees = trees(&lines);
        let told = shown(view, &trees);
        let given: BTreeSet<_> = Lines::new(&lines).collect();
        let flat = program("dl-tree")
            .args(&["--flatten", "--foreign", "drop"])
            .stdin(&lines)
            .run();
        assert_eq!(
            Lines::new(&told).count(),
            Lines::new(&flat.stdout).count(),
            "{sample}"
        );
        assert!(
            Lines::new(&told).all(|line| given.contains(line)),
            "{sample}"
        );
        assert_eq!(self::trees(&told), trees, "{sample}");
    }
}

#[test]
fn what_others_wrote_is_told_anew() {
    for view in ["eliot", "distlog"] {
        for (file, trees) in sampled() {
            // A scope that is only known from outside is called by its place, which is another one.
            let named: Vec<_> = edges(&trees)
                .into_iter()
                .filter(|(name, above)| is_named(name) && is_named(above))
                .collect();
            let again = edges(&self::trees(&shown(view, &trees)));
            let again: Vec<_> = again
                .into_iter()
                .filter(|(name, above)| is_named(name) && is_named(above))
                .collect();
            assert_eq!(again, named, "{view} of {file}");
        }
    }
}

fn is_named(name: &str) -> bool {
    !name.starts_with("scope ")
}

#[test]
fn pairs_come_back() {
    let mut files = samples();
    files.retain(|path| path.extension().is_some_and(|ext| ext == "ndjson"));
    for file in files {
        let lines = std::fs::read(&file).expect("a sample");
        let lines = program("dl-filter")
            .args(&["true", "--foreign", "drop"])
            .stdin(&lines)
            .run()
            .stdout;
        let records = round_trip("logfmt", "logfmt", &lines);
        assert_eq!(
            Lines::new(&records).count(),
            Lines::new(&lines).count(),
            "{}",
            file.display()
        );
        let messages = |lines: &[u8]| {
            let mut reader = distlog::record::Reader::default();
            let mut found = distlog::record::Found::default();
            reader.canonical(distlog::record::Canonical::Message);
            reader.canonical(distlog::record::Canonical::Time);
            let mut said = Vec::new();
            for line in Lines::new(lines) {
                let record = reader.read(line, &mut found).expect("a record");
                let message = record.message();
                said.push((record.time(), message.map(Cow::into_owned)));
            }
            said
        };
        assert_eq!(messages(&records), messages(&lines), "{}", file.display());
    }
}
