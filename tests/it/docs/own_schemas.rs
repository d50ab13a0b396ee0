//! dl-schema(5): every key, unit and scale is told, and the example is one.

use std::fs;

use distlog::record::Canonical;

use super::{example, manual};
use crate::programs::Sandbox;

#[test]
fn everything_that_a_schema_may_say_is_in_the_manual() {
    let manual = manual("dl-schema.5");
    let terms: Vec<_> = manual
        .lines()
        .filter_map(|line| line.strip_prefix(".It Cm "))
        .flat_map(|terms| terms.split(" , "))
        .collect();
    let keys = ["name", "like", "has", "is", "at", "unit", "scale", "words"];
    let names = Canonical::ALL.into_iter().map(Canonical::name);
    for key in keys.into_iter().chain(names) {
        assert!(terms.contains(&key), "{key}");
    }
    // What the program says it knows.
    let sandbox = Sandbox::new();
    for (field, what) in [("time", "unit"), ("level", "scale")] {
        let schema =
            format!("[[schema]]\nname = \"x\"\n{field} = {{ at = \"t\", {what} = \"?\" }}\n");
        fs::write(sandbox.path("wrong.toml"), schema).expect("a file");
        let ran = sandbox.run("dl-fmt --schema wrong.toml /dev/null");
        let words = String::from_utf8_lossy(&ran.stderr);
        let (_, known) = words.split_once("known are ").expect("a hint");
        for one in known.trim().split(", ") {
            let is_told = |line: &str| line.split_whitespace().any(|word| word == one);
            assert!(manual.lines().any(is_told), "{one}");
        }
    }
}

#[test]
fn the_example_is_a_schema_of_the_record_above_it() {
    let manual = manual("dl-schema.5");
    let (before, file) = example(&manual, "till.toml");
    let record = before
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix(".Dl "));
    let record = record.expect("a record").replace("\\(dq", "\"");
    let sandbox = Sandbox::new();
    fs::write(sandbox.path("till.toml"), file).expect("a file");
    fs::write(sandbox.path("till.ndjson"), format!("{record}\n")).expect("a file");
    let check = |command: &str, expect: &str| {
        let ran = sandbox.run(command);
        let out = String::from_utf8_lossy(&ran.stdout);
        let words = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(out.trim_end(), expect, "{command}: {words}");
    };
    let filter = "status == failed and level == error and duration == 130ms and time == 2026-11-20T12:00:00.24Z";
    let filter =
        format!("{filter} and message == pay and tree == s-1 and node == c and parent == a");
    check(
        &format!("dl-filter --schema till.toml '{filter}' till.ndjson"),
        &record,
    );
    check(
        &format!("DISTLOG_SCHEMA=till.toml dl-filter '{filter}' till.ndjson"),
        &record,
    );
    check(&format!("dl-filter '{filter}' till.ndjson"), "");
}
