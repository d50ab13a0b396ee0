//! Schemas of a user: what they say holds wherever fields are looked for, by whatever short cut.

use std::{fmt::Write, fs};

use crate::support::{Dir, program};

const SCHEMA: &str = r#"
[[schema]]
name = "till"
has = "when"
is = { format = 2, "is.live" = true }
time = { at = ["when", "ctx.when"], unit = "ms" }
level = { at = "grade", words = { 1 = "info", "2" = "warning", bad = "error", true = "fatal" } }
status = { at = "ok", words = { true = "succeeded", false = "failed" } }
duration = { at = "took", unit = "ns" }
tree = "ctx.sale"
node = "ctx.step"
parent = "ctx.of"
seq = "n"
event = { at = "what", words = { open = "start", close = "end" } }
"#;

/// Records of the schema and others, of some requests.
fn records() -> String {
    let mut text = String::new();
    for number in 0..400_u64 {
        let grade = [
            r#""bad""#,
            "1",
            "2",
            r#""2""#,
            "true",
            "3",
            "null",
            r#""b\u0061d""#,
        ];
        let grade = grade[(number % 8) as usize];
        let what = ["open", "work", "close"][(number % 3) as usize];
        let (sale, step, live) = (number / 12, number % 12 / 3, number % 17 != 0);
        let when = 1_795_176_000_000 + number * 250;
        let member = if number % 2 == 0 {
            r#","when":null"#
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "{{\"when\":{when},\"format\":2,\"is\":{{\"live\":{live}}},\"grade\":{grade},\"ok\":{},\"took\":{},\"n\":{},\
             \"what\":\"{what}\",\"ctx\":{{\"sale\":\"s-{sale}\",\"step\":{step},\"of\":{}{member}}}}}",
            number % 5 > 0,
            number * 1_000_000,
            number % 3,
            if step == 0 {
                "null".to_owned()
            } else {
                (step - 1).to_string()
            },
        );
    }
    text
}

/// A folder with records and their schema.
fn folder() -> Dir {
    let dir = Dir::new();
    fs::write(dir.path("own.toml"), SCHEMA).expect("a file");
    fs::write(dir.path("records.ndjson"), records()).expect("a file");
    dir
}

/// What a program writes that knows the schema.
fn out(dir: &Dir, name: &str, args: &[&str], file: &str) -> String {
    let ran = program(name)
        .arg("--schema")
        .arg(dir.path("own.toml"))
        .args(args)
        .arg(dir.path(file))
        .run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    String::from_utf8(ran.stdout).expect("text")
}

#[test]
fn what_is_told_from_raw_bytes_is_what_a_scan_finds() {
    let dir = folder();
    // What holds of the record of that number, as `records` writes it.
    let is_error = |n: u64| matches!(n % 8, 0 | 7);
    let at_least_a_warning = |n: u64| matches!(n % 8, 0 | 2 | 3 | 4 | 7);
    let cases: [(&str, &dyn Fn(u64) -> bool); 12] = [
        ("level == error", &is_error),
        ("level >= warning", &at_least_a_warning),
        ("level == fatal", &|n| n % 8 == 4),
        ("level < warning", &|n| n % 8 == 1),
        ("not exists(level)", &|n| matches!(n % 8, 5 | 6)),
        ("status == failed", &|n| n % 5 == 0),
        ("status == succeeded and level == info", &|n| {
            n % 5 > 0 && n % 8 == 1
        }),
        ("duration > 300ms", &|n| n > 300),
        ("time >= 2026-11-20T12:01:00Z", &|n| n >= 240),
        ("time < 2026-11-20T12:00:10Z and event == end", &|n| {
            n < 40 && n % 3 == 2
        }),
        ("tree == s-7", &|n| n / 12 == 7),
        ("node == 2 and parent == 1 and seq == 1", &|n| {
            n % 12 / 3 == 2 && n % 3 == 1
        }),
    ];
    for (expr, holds) in cases {
        let expect = (0..400).filter(|&n| n % 17 != 0 && holds(n)).count();
        let lines = |args: &[&str]| {
            // The others are no records of the schema.
            let expr = format!("({expr}) and .is.live == true");
            let args = [args, &[expr.as_str()]].concat();
            out(&dir, "dl-filter", &args, "records.ndjson")
        };
        let found = lines(&[]);
        assert_eq!(found.lines().count(), expect, "{expr}");
        assert_eq!(found, lines(&["--strict", "-j1"]), "{expr}");
    }
}

#[test]
fn parts_of_a_capture_give_the_trees_of_the_whole() {
    let dir = folder();
    let sorted = |files: &[&str]| {
        let mut trees: Vec<String> = Vec::new();
        for file in files {
            let all = out(&dir, "dl-tree", &["--loose", "drop"], file);
            trees.extend(all.lines().map(str::to_owned));
        }
        trees.sort();
        trees
    };
    let whole = sorted(&["records.ndjson"]);
    assert_eq!(whole.len(), 34);
    assert!(whole.iter().all(|tree| tree.contains(r#""scheme":"own""#)));
    let pattern = dir.path("part-{}");
    let pattern = pattern.to_str().expect("text");
    out(
        &dir,
        "dl-filter",
        &["--shard", "3", "--shard-to", pattern],
        "records.ndjson",
    );
    assert_eq!(sorted(&["part-1", "part-2", "part-3"]), whole);
    let live = out(&dir, "dl-tree", &["--live-window", "1h"], "records.ndjson");
    let mut live: Vec<_> = live.lines().map(str::to_owned).collect();
    live.sort();
    let ids = |trees: &[String]| -> Vec<String> {
        let head = |tree: &String| {
            tree.split(r#","status""#)
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        trees.iter().map(head).collect()
    };
    assert_eq!(ids(&live), ids(&whole));
}
