//! What `--stats` counts: each record that was read is in what was written, was left out, or was
//! rejected, whatever part of the trees is asked for.

use serde_json::Value;

use super::{FAILED, STARTED, SUCCEEDED, eliot, values};
use crate::{pipes::stats, support::program};

/// Two requests of four records: the second has a scope below that failed.
fn requests() -> String {
    let first = [
        eliot("1", STARTED),
        eliot("2,1", STARTED),
        eliot("2,2", SUCCEEDED),
        eliot("3", SUCCEEDED),
    ];
    let second = [
        eliot("1", STARTED),
        eliot("2,1", STARTED),
        eliot("2,2", FAILED),
        eliot("3", SUCCEEDED),
    ];
    first.concat() + &second.concat().replace("\"t\"", "\"u\"")
}

/// How many records there are in what has been written: trees, summaries or records.
fn records(output: &[u8]) -> u64 {
    let of_line = |line: &Value| line["records"].as_u64().unwrap_or(1);
    values(output).iter().map(of_line).sum()
}

#[test]
fn what_is_left_out_of_trees_is_not_written() {
    let input = requests();
    for (args, expect) in [
        (&[][..], 8),
        (&["--select", "status == failed"], 4),
        (&["--select", "status == failed and .node == \"/\""], 0),
        (&["--select", ".node == \"/\""], 4),
        (&["--select", "status == failed", "--summary"], 4),
        (&["--select", ".node == \"/\"", "--flatten"], 4),
        (&["--select", ".node == \"/\"", "--live-window", "1h"], 4),
        (&["--select", ".node == \"/\"", "--memory", "0"], 4),
        (&["--select", ".node == \"/\"", "--order", "start"], 4),
    ] {
        let ran = program("dl-tree")
            .args(&["--stats"])
            .args(args)
            .stdin(&input)
            .run();
        assert_eq!(records(&ran.stdout), expect, "{args:?}");
        assert_eq!(stats(&ran.stderr), [8, expect, 8 - expect, 0], "{args:?}");
    }
}

#[test]
fn what_is_not_explained_is_not_written() {
    let input = requests();
    for (id, expect) in [("t", 4), ("v", 0)] {
        let ran = program("dl-tree")
            .args(&["--stats", "--explain", id])
            .stdin(&input)
            .run();
        let numbers = ran.stderr.lines().last().unwrap_or_default();
        assert_eq!(stats(numbers), [8, expect, 8 - expect, 0], "{id}");
    }
    // A tree of an earlier run cannot be explained any more.
    let trees = program("dl-tree").stdin(&input).output();
    let ran = program("dl-tree")
        .args(&["--stats", "--explain", "t"])
        .stdin(&trees)
        .run();
    assert!(ran.stdout.is_empty());
    assert!(
        ran.stderr
            .ends_with("2 read, 0 written, 2 filtered, 0 rejected\n"),
        "{}",
        ran.stderr
    );
}
