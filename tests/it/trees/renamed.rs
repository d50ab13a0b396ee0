//! Trees that have another id than before, because another has joined them: who reads them as they grow
//! is told.

use serde_json::{Value, json};

use super::joined::{TRACE, in_span, span, start};
use crate::support::{Running, program};

/// The next tree on the way out, which has to be a snapshot or not.
#[track_caller]
fn next(running: &Running, is_snapshot: bool) -> Value {
    let line = running.line();
    let tree: Value = serde_json::from_str(&line).expect("a tree");
    assert_eq!(tree["snapshot"] == json!(true), is_snapshot, "{line}");
    tree
}

#[test]
fn snapshots_say_which_others_they_replace() {
    let mut running = program("dl-tree")
        .args(&["--live-window", "1h", "--progress-every", "10ms"])
        .start();
    let said = |tree: &Value| {
        [
            tree["tree"].clone(),
            tree["replaces"].clone(),
            tree["revision"].clone(),
        ]
    };
    running.write(start("t", "2,1", ""));
    assert_eq!(
        said(&next(&running, true)),
        [json!("t"), json!(null), json!(1)]
    );
    // What begins in a span is of its trace, and the span is above it.
    running.write(start("t", "1", &in_span()) + &span());
    assert_eq!(
        said(&next(&running, true)),
        [json!(TRACE), json!(["t"]), json!(2)]
    );
    // It is told once.
    running.write(start("t", "3,1", ""));
    assert_eq!(
        said(&next(&running, true)),
        [json!(TRACE), json!(null), json!(3)]
    );
    drop(running.stdin.take());
    assert_eq!(
        said(&next(&running, false)),
        [json!(TRACE), json!(null), json!(null)]
    );
    assert_eq!(running.end().status, 0);
}

/// A trace is known by a part of its id, and called by all of it as soon as somebody writes it.
#[test]
fn a_trace_that_gets_its_full_id_replaces_its_snapshot() {
    let mut running = program("dl-tree")
        .args(&["--live-window", "1h", "--progress-every", "10ms"])
        .start();
    let log = |trace: &str| format!("{{\"trace_id\":\"{trace}\",\"message\":\"m\"}}\n");
    running.write(log(&TRACE[16..]));
    assert_eq!(next(&running, true)["tree"], json!(&TRACE[16..]));
    running.write(log(TRACE));
    let tree = next(&running, true);
    assert_eq!(tree["tree"], json!(TRACE));
    assert_eq!(tree["replaces"], json!([&TRACE[16..]]));
    assert_eq!(tree["revision"], json!(2));
}

/// The last object of a tree may be the first one of its new id.
#[test]
fn a_tree_that_is_over_says_which_snapshots_it_replaces() {
    let mut running = program("dl-tree")
        .args(&["--live-window", "1h", "--progress-every", "10ms"])
        .start();
    running.write(start("t", "2,1", "") + &start("u", "2,1", ""));
    for tree in ["t", "u"] {
        assert_eq!(next(&running, true)["tree"], json!(tree));
    }
    // Whether there is another snapshot before the end or not, both are replaced once.
    let more = [
        start("t", "1", &in_span()),
        start("u", "1", &in_span()),
        span(),
    ];
    running.write(more.concat());
    drop(running.stdin.take());
    let mut replaced = Vec::new();
    loop {
        let line = running.line();
        let tree: Value = serde_json::from_str(&line).expect("a tree");
        assert_eq!(tree["tree"], json!(TRACE));
        replaced.extend(tree["replaces"].as_array().cloned().unwrap_or_default());
        if tree["snapshot"].is_null() {
            break;
        }
    }
    assert_eq!(replaced, [json!("t"), json!("u")]);
    assert_eq!(running.end().status, 0);
}

#[test]
fn what_continues_a_tree_of_another_id_names_it() {
    let mut running = program("dl-tree")
        .args(&["--live-window", "1h", "--grace", "10ms"])
        .start();
    running.write(span());
    let over = next(&running, false);
    assert_eq!(
        (&over["tree"], &over["continues"]),
        (&json!(TRACE), &json!(null))
    );
    // The span is gone, so what was called from it is the root.
    running.write(start("t", "1", &in_span()));
    drop(running.stdin.take());
    let line = running.line();
    let late: Value = serde_json::from_str(&line).expect("a tree");
    assert_eq!(late["tree"], json!("t"));
    assert_eq!(late["continuation"], json!(true));
    assert_eq!(late["continues"], json!([TRACE]));
    // What is known of a tree that was read is what is written again.
    let again = program("dl-tree")
        .arg("--adjust-clocks")
        .stdin(&line)
        .output();
    assert_eq!(String::from_utf8_lossy(&again), line);
    let shown = program("dl-fmt").stdin(&line).output();
    let head = format!("continues {TRACE}");
    assert!(String::from_utf8_lossy(&shown).contains(&head));
}
