//! Trees that are written while the input goes on: in time, as snapshots, and in parts.

use serde_json::{Value, json};

use super::{
    FAILED, STARTED, SUCCEEDED, eliot,
    joined::{TRACE, in_span, span, start},
    values,
};
use crate::support::{Running, newlines, program, python};

/// Closes the input; what still comes.
fn rest(mut running: Running) -> Vec<u8> {
    drop(running.stdin.take());
    let ran = running.end();
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    ran.stdout
}

#[test]
fn trees_come_in_time_under_load() {
    // The limit is for a busy machine; by itself the script runs for ten minutes with 50 ms.
    let words = python(
        "scripts/soak-tree",
        &[
            "--seconds",
            "4",
            "--rate",
            "4000",
            "--open",
            "400",
            "--grace",
            "500",
            "--limit",
            "1500",
            "--program",
            env!("CARGO_BIN_EXE_dl-tree"),
        ],
    );
    let words = String::from_utf8_lossy(&words);
    assert!(words.contains(", 0 incomplete"), "{words}");
}

#[test]
fn what_comes_late_for_a_selected_tree_passes() {
    let step = |level: &str| eliot(level, ",\"message_type\":\"m\"");
    let wanted = eliot("2", ",\"message_type\":\"wanted\"");
    for (first, late) in [(wanted.clone(), true), (step("2"), false)] {
        let mut running = program("dl-tree")
            .args(&["--live-window", "1h", "--select", ".message_type == wanted"])
            .start();
        let input = [eliot("1", STARTED), first, eliot("3", SUCCEEDED)].concat();
        running.write(&input);
        if late {
            running.line();
        }
        // Of this nothing is selected by itself.
        running.write(step("4"));
        let rest = values(&rest(running));
        assert_eq!(rest.len(), usize::from(late));
        for tree in rest {
            assert_eq!(tree["continuation"], json!(true));
            assert_eq!(tree["records"], json!(1));
        }
    }
}

/// A task tells how many records it has, and not what the trace has that it was called from.
#[test]
fn what_names_another_tree_waits_for_it() {
    let mut running = program("dl-tree")
        .args(&["--live-window", "1h", "--grace", "1h"])
        .start();
    let task = |id: &str, more: &str| {
        let start = start(id, "1", more);
        let end = start.replace("[1]", "[2]").replace("started", "succeeded");
        start + &end
    };
    running.write(task("t", &in_span()));
    // One that names none is there at once.
    running.write(task("u", ""));
    let first = values(running.line().as_bytes());
    assert_eq!(first[0]["tree"], json!("u"));
    running.write(span());
    let rest = values(&rest(running));
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0]["tree"], json!(TRACE));
    assert_eq!(rest[0]["records"], json!(3));
}

#[test]
fn snapshots_count_up_and_the_tree_itself_is_whole() {
    let mut running = program("dl-tree")
        .args(&["--live-window", "1h", "--progress-every", "10ms"])
        .start();
    running.write(eliot("1", STARTED));
    for revision in 1..4 {
        let line = running.line();
        let [tree] = &values(line.as_bytes())[..] else {
            panic!("{line}");
        };
        assert_eq!(tree["snapshot"], json!(true));
        assert_eq!(tree["revision"], json!(revision));
        assert_eq!(tree["records"], json!(revision));
        assert_eq!(tree["status"], json!("running"));
        running.write(eliot(
            &(revision + 1).to_string(),
            if revision == 3 { SUCCEEDED } else { "" },
        ));
    }
    let [tree] = &values(&rest(running))[..] else {
        panic!("one tree");
    };
    assert_eq!(tree["snapshot"], json!(null));
    assert_eq!(tree["complete"], json!(true));
    assert_eq!(tree["records"], json!(4));
}

/// Who keeps the snapshots that were selected has to be told what has become of them.
#[test]
fn what_was_shown_is_told_to_its_end() {
    let mut running = program("dl-tree")
        .args(&["--live-window", "1h", "--progress-every", "10ms"])
        .args(&["--select", r#".node == "/2" and .status == running"#])
        .start();
    let mut next = |records: String| {
        running.write(records);
        let line = running.line();
        let [tree] = &values(line.as_bytes())[..] else {
            panic!("{line}");
        };
        ["snapshot", "revision", "selected", "records"].map(|name| tree[name].clone())
    };
    assert_eq!(
        next([eliot("1", STARTED), eliot("2,1", STARTED)].concat()),
        [json!(true), json!(1), json!(1), json!(2)]
    );
    // As a whole, because nothing of it is selected any more.
    assert_eq!(
        next(eliot("2,2", SUCCEEDED)),
        [json!(true), json!(2), json!(null), json!(3)]
    );
    assert_eq!(
        next(eliot("3", SUCCEEDED)),
        [json!(null), json!(null), json!(null), json!(4)]
    );
    running.write(eliot("4", ""));
    let late = values(&rest(running));
    assert_eq!(late[0]["continuation"], json!(true));
    assert_eq!(late.len(), 1);
}

/// What comes late for a request that failed is told with how it failed, so that a filter of trees
/// lets it through.
#[test]
fn what_comes_late_has_the_verdict_of_what_came_before() {
    let mut running = program("dl-tree").args(&["--live-window", "1h"]).start();
    running.write([eliot("1", STARTED), eliot("2", FAILED)].concat());
    let first = values(running.line().as_bytes());
    assert_eq!(first[0]["status"], json!("failed"));
    assert_eq!(first[0]["before"], json!(null));
    running.write(eliot("3", ",\"message_type\":\"late\""));
    let late = rest(running);
    let [tree] = &values(&late)[..] else {
        panic!("one tree");
    };
    assert_eq!(tree["continuation"], json!(true));
    assert_eq!(tree["before"], json!("failed"));
    assert_eq!(tree["status"], json!("failed"));
    assert_eq!(tree["root"]["status"], json!("unknown"));
    let filtered = program("dl-filter")
        .arg("status == failed")
        .stdin(&late)
        .output();
    let flat = program("dl-tree")
        .args(&["--flatten", "--no-stamp"])
        .stdin(&filtered)
        .output();
    assert_eq!(
        String::from_utf8_lossy(&flat),
        eliot("3", ",\"message_type\":\"late\"")
    );
}

#[test]
fn a_tree_comes_out_when_its_last_record_is_there() {
    // The root has ended long before, and so many records later it is not looked at each time.
    for late in [0, 3, 200] {
        let mut running = program("dl-tree").args(&["--live-window", "1h"]).start();
        let end = format!("{}", late + 4);
        running.write(eliot("1", STARTED) + &eliot(&end, SUCCEEDED));
        for number in 0..late {
            running.write(eliot(&format!("{}", number + 4), ""));
        }
        running.write(eliot("2", ""));
        running.wait_until_read();
        running.write(eliot("3", ""));
        let tree: Value = serde_json::from_str(&running.line()).expect("JSON");
        assert_eq!(
            (&tree["complete"], &tree["records"]),
            (&json!(true), &json!(late + 4))
        );
        // What comes now is marked as what it is.
        running.write(eliot("9999", ""));
        drop(running.stdin.take());
        let rest: Value = serde_json::from_str(&running.line()).expect("JSON");
        assert_eq!(
            (&rest["continuation"], &rest["records"]),
            (&json!(true), &json!(1))
        );
        assert_eq!(running.end().status, 0);
    }
}

#[test]
fn a_tree_that_stays_incomplete_costs_no_more_with_each_record() {
    // [2] never comes. Between its later records are others, so that no two are neighbours.
    let mut input = eliot("1", STARTED) + &eliot("3", SUCCEEDED);
    for number in 4..20_000 {
        input += &eliot(&number.to_string(), "");
        input += &eliot("1", "").replace("\"t\"", &format!("\"lone {number}\""));
    }
    let out = program("dl-tree")
        .args(&["--live-window", "1h"])
        .stdin(input)
        .output();
    assert_eq!(newlines(&out), 19_997);
}

#[test]
fn a_tree_that_falls_silent_comes_out_as_it_is() {
    let mut running = program("dl-tree").args(&["--live-window", "50ms"]).start();
    running.write(eliot("1", STARTED));
    let tree: Value = serde_json::from_str(&running.line()).expect("JSON");
    assert_eq!(
        (&tree["complete"], &tree["status"]),
        (&json!(false), &json!("running"))
    );
    drop(running.stdin.take());
    assert_eq!(running.end().status, 0);
}
