//! The same spans as an OTLP export and as Jaeger's JSON: the trees have the same edges, and
//! they are those that the spans name.
//!
//! Jaeger's JSON is written as its own translation from OTLP writes it: the span above comes
//! first among the references, links follow; an id of 64 bits has 16 digits; a status that is
//! an error is a tag; times are whole microseconds.

mod export;

use std::collections::BTreeMap;

use serde_json::Value;

use super::{dl_tree, values};
use crate::rng::Rng;
use export::{Span, Trace, jaeger, otlp};

/// What is told of a span: the one above, whether it failed, its name and its start.
type Told = BTreeMap<(String, String), (Option<String>, String, Option<String>, Option<String>)>;

/// What the spans themselves say. Who is named as a parent and was lost has a place too.
fn expected(traces: &[Trace]) -> Told {
    let mut told = Told::new();
    for trace in traces {
        for span in &trace.spans {
            let status = if span.is_failed() {
                "failed"
            } else {
                "succeeded"
            };
            let name = Some(span.name.clone());
            told.insert(
                (trace.id(), span.id()),
                (span.parent(), status.to_owned(), name, Some(span.started())),
            );
        }
        let own: Vec<_> = trace.spans.iter().map(Span::id).collect();
        for lost in trace.spans.iter().filter_map(Span::parent) {
            if !own.contains(&lost) {
                told.insert((trace.id(), lost), (None, "unknown".to_owned(), None, None));
            }
        }
    }
    told
}

/// What dl-tree says.
fn told(trees: &[u8]) -> Told {
    let mut told = Told::new();
    for tree in values(trees) {
        let id = tree["tree"].as_str().expect("an id");
        walk(&format!("{id:0>32}"), &tree["root"], None, &mut told);
    }
    told
}

fn walk(trace: &str, node: &Value, above: Option<&str>, told: &mut Told) {
    let text = |key: &str| node[key].as_str().map(str::to_owned);
    let id = node["node"].as_str().expect("an id");
    // The trace itself, where several spans have none above them, is no span; and what hangs
    // somewhere only because it belongs to the trace says so.
    let own = (id != "/").then_some(id);
    let above = above.filter(|_| node["edge"] != "tree");
    if let Some(id) = own {
        let is_known = !node["records"].as_array().expect("records").is_empty();
        // Jaeger has microseconds.
        let start = text("start")
            .map(|start| micros(&start))
            .filter(|_| is_known);
        let status = text("status").expect("a status");
        let before = told.insert(
            (trace.to_owned(), id.to_owned()),
            (above.map(str::to_owned), status, text("name"), start),
        );
        assert_eq!(before, None, "{id} comes twice");
    }
    for child in node["children"].as_array().expect("children") {
        walk(trace, child, own, told);
    }
}

/// A time cut to microseconds, all of them written.
fn micros(time: &str) -> String {
    let (whole, fraction) = time
        .trim_end_matches('Z')
        .split_once('.')
        .unwrap_or((time.trim_end_matches('Z'), ""));
    format!("{whole}.{fraction:0<6.6}Z")
}

#[test]
fn an_otlp_export_and_jaegers_json_have_the_same_edges() {
    let mut rng = Rng::new(4);
    let traces: Vec<_> = (0..300).map(|_| Trace::random(&mut rng)).collect();
    let expect = expected(&traces);
    assert!(expect.len() > 2_000, "only {} spans", expect.len());
    for (name, lines) in [("OTLP", otlp(&traces)), ("Jaeger", jaeger(&traces))] {
        let got = told(&dl_tree(&[lines], &[]));
        let differ: Vec<_> = expect
            .iter()
            .filter(|(span, said)| got.get(*span) != Some(said))
            .map(|(span, said)| format!("{span:?}: {said:?}, got {:?}", got.get(span)))
            .take(5)
            .collect();
        assert!(differ.is_empty(), "{name}: {}", differ.join("\n"));
        assert_eq!(got.len(), expect.len(), "{name}");
    }
}
