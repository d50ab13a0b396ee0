//! `dl-filter --max-count`: what stands behind the last record that is wanted does not count, whatever else is asked for.

use std::fmt::Write;

use crate::{
    pipes::stats,
    support::{Dir, program},
};

/// Read, written, filtered and rejected, and the status.
fn run(args: &[&str], input: &str) -> ([u64; 4], i32) {
    let dir = Dir::new();
    let file = dir.file("in", input);
    let rejects = dir.path("rejects");
    let ran = program("dl-filter")
        .args(&["level == error", "--stats", "--strict", "--rejects"])
        .arg(&rejects)
        .args(args)
        .arg(&file)
        .run();
    let counted = stats(&ran.stderr);
    let kept = std::fs::read_to_string(&rejects).expect("rejects");
    assert_eq!(kept.lines().count() as u64, counted[3], "{args:?}");
    (counted, ran.status)
}

#[test]
fn what_comes_behind_the_last_one_does_not_count() {
    let input = r#"{"level":"error","n":1}
{"level":"info","n":2}
{"level":"error","n":3}
{"level":"info","n":4}
bad
{"level":"error","n":5}
worse
"#;
    for flags in [
        &[][..],
        &["--throttle", "1000/s"],
        &["--dedup", "1h", "--dedup-by", "n"],
        &["--jq", "., ."],
        &["-B", "1"],
        &["--redact", "email"],
        &["--whole-tree", "--live-window", "1h"],
    ] {
        let args = |count| [flags, &["-m", count]].concat();
        let first = run(&args("1"), input);
        assert_eq!(first, ([1, 1, 0, 0], 0), "{flags:?}");
        // A program that makes two of each has made enough of the first.
        if flags.first() == Some(&"--jq") {
            assert_eq!(run(&args("2"), input), first);
            continue;
        }
        let (two, status) = run(&args("2"), input);
        assert_eq!((two[0], two[3], status), (3, 0, 0), "{flags:?}");
        let (three, status) = run(&args("3"), input);
        assert_eq!((three[0], three[3], status), (6, 1, 3), "{flags:?}");
        let (all, status) = run(&args("4"), input);
        assert_eq!((all[0], all[3], status), (7, 2, 3), "{flags:?}");
    }
    // The context that is wanted is read, and nothing behind it.
    assert_eq!(run(&["-m", "2", "-A", "1"], input), ([4, 4, 0, 0], 0));
    assert_eq!(run(&["-m", "2", "-C", "2"], input), ([6, 5, 0, 1], 3));
    // Lines that are written as they are count up to there.
    let pass = run(&["-m", "2", "--foreign", "pass"], input);
    assert_eq!(pass, ([3, 2, 1, 0], 0));
    assert_eq!(run(&["-m", "2", "--foreign", "fail"], input).1, 0);
}

#[test]
fn it_is_the_same_over_chunks_and_workers() {
    let mut input = String::new();
    for number in 0..40_000 {
        let level = if number % 10 == 0 { "error" } else { "info" };
        let _ = writeln!(input, "{{\"level\":\"{level}\",\"n\":{number}}}");
        if number % 100 == 55 {
            input.push_str("bad\n");
        }
    }
    for count in [1, 999, 1_000, 1_001, 3_999] {
        // So many errors, and what stands between them.
        let records = (count - 1) * 10 + 1;
        let bad = (records + 44) / 100;
        let expect = [records + bad, count, records - count, bad];
        for flags in [&["-j", "1"][..], &["-j", "4"], &["--throttle", "1000000/s"]] {
            let count = count.to_string();
            let (counted, _) = run(&[flags, &["-m", &count]].concat(), &input);
            assert_eq!(counted, expect, "{flags:?} {count}");
        }
    }
}
