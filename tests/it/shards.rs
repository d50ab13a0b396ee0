//! Shards: whatever is parted, the trees of the parts are the trees of the whole, and no record
//! is lost or there twice.

use std::{collections::BTreeSet, fs, path::PathBuf, process::Command};

use proptest::{collection::vec, prelude::*};

use crate::{
    support::{Dir, program, samples},
    tries::tries,
};

/// The lines of what was written, sorted.
fn sorted(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut lines: Vec<_> = bytes
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    lines.retain(|line| !line.is_empty());
    lines.sort();
    lines
}

/// The trees of these files, sorted.
fn trees(files: &[PathBuf]) -> Vec<Vec<u8>> {
    let ran = program("dl-tree")
        .arg("--loose")
        .arg("pass")
        .files(files)
        .run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    sorted(&ran.stdout)
}

/// Writes the parts of a file; returns their paths.
fn parted(dir: &Dir, file: &PathBuf, parts: u32) -> Vec<PathBuf> {
    let pattern = dir.path("part-{}");
    let ran = program("dl-filter")
        .args(&["--shard", &parts.to_string(), "--shard-to"])
        .arg(&pattern)
        .arg(file)
        .run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let path = |part| dir.path(&format!("part-{part}"));
    (1..=parts).map(path).collect()
}

/// The trees of parts that were put together one by one.
fn trees_of_parts(parts: &[PathBuf]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for part in parts {
        all.extend(trees(std::slice::from_ref(part)));
    }
    all.sort();
    all
}

/// All samples that have a record on a line, and documents of several.
fn everything(dir: &Dir) -> PathBuf {
    let mut all = Vec::new();
    for path in samples() {
        if path.extension().is_some_and(|kind| kind == "ndjson") {
            all.extend(fs::read(&path).expect("a sample"));
            all.push(b'\n');
        }
    }
    all.extend(
        br#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"6b003e24000000007fd21e1e22f804ac","spanId":"aa00000000000001","name":"a"},{"traceId":"6b003e24000000007fd21e1e22f804ad","spanId":"aa00000000000002","name":"b"},{"traceId":"6b003e24000000007fd21e1e22f804ae","spanId":"aa00000000000003","name":"c"}]}]}]}
[{"traceId":"6b003e24000000007fd21e1e22f804ac","id":"bb00000000000001","timestamp":1,"name":"z"},{"traceId":"6b003e24000000007fd21e1e22f804af","id":"bb00000000000002","timestamp":2,"name":"y"}]
[{"message":"of no tree"}]
{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"of no tree"}}]}]}]}
"#,
    );
    dir.file("all.ndjson", all)
}

#[test]
fn the_trees_of_the_parts_are_those_of_the_whole() {
    let dir = Dir::new();
    let all = everything(&dir);
    let whole = trees(std::slice::from_ref(&all));
    for parts in [1, 2, 3, 16] {
        let paths = parted(&dir, &all, parts);
        assert!(trees_of_parts(&paths) == whole, "{parts} parts");
        for (part, path) in (1..).zip(&paths) {
            let ran = program("dl-filter")
                .args(&["--shard", &format!("{part}/{parts}")])
                .arg(&all)
                .run();
            assert!(
                ran.stdout == fs::read(path).expect("a part"),
                "{part}/{parts}"
            );
        }
    }
}

#[test]
fn gnu_parallel_runs_the_parts() {
    let dir = Dir::new();
    let all = everything(&dir);
    let whole = trees(std::slice::from_ref(&all));
    let place = |name| {
        let path = PathBuf::from(program(name).command.get_program());
        path.parent().expect("a folder").to_owned()
    };
    let path = std::env::var("PATH").unwrap_or_default();
    let script = "seq 4 | parallel 'dl-filter --shard {}/4 all.ndjson | dl-tree -j1 --loose pass'";
    let ran = Command::new("timeout")
        .args(["60", "bash", "-c", script])
        .env("PATH", format!("{}:{path}", place("dl-tree").display()))
        .env("HOME", dir.path(""))
        .current_dir(dir.path(""))
        .output()
        .expect("bash runs");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(
        ran.status.success(),
        "{said}\nas root: apt-get install parallel"
    );
    assert!(sorted(&ran.stdout) == whole, "{said}");
}

/// An id as one of several producers writes it.
fn line(number: usize, tree: u8, producer: u8) -> String {
    let low = format!("7fd21e1e22f804{tree:02x}");
    match producer {
        0 => format!(
            r#"{{"n":{number},"trace_id":"6b003e2400000000{low}","span_id":"1e22f804ac7fd21e"}}"#
        ),
        1 => format!(
            r#"{{"n":{number},"traceId":"{}","spanId":"1e22f804ac7fd21e"}}"#,
            low.to_uppercase()
        ),
        2 => {
            let id = u64::from_str_radix(&low, 16).expect("digits");
            format!(r#"{{"n":{number},"dd":{{"trace_id":"{id}","span_id":"7"}}}}"#)
        }
        3 => format!(
            r#"{{"n":{number},"traceparent":"00-6b003e2400000000{low}-1e22f804ac7fd21e-01"}}"#
        ),
        4 => format!(
            r#"{{"n":{number},"task_uuid":"task-{tree}","task_level":[{}]}}"#,
            number + 1
        ),
        _ => format!(r#"{{"n":{number}}}"#),
    }
}

proptest! {
    #![proptest_config(tries(24))]

    #[test]
    fn no_record_is_lost_and_no_tree_parted(
        told in vec((0..40_u8, 0..6_u8), 1..80),
        parts in 1..9_u32,
    ) {
        let dir = Dir::new();
        let lines: Vec<_> = told.iter().enumerate()
            .map(|(number, &(tree, producer))| line(number, tree, producer))
            .collect();
        let file = dir.file("all.ndjson", lines.join("\n"));
        let paths = parted(&dir, &file, parts);
        let mut together = Vec::new();
        for path in &paths {
            together.extend(fs::read(path).expect("a part"));
        }
        let unparted: BTreeSet<_> = lines.iter().map(|line| line.as_bytes().to_vec()).collect();
        prop_assert_eq!(sorted(&together), unparted.into_iter().collect::<Vec<_>>());
        prop_assert!(trees_of_parts(&paths) == trees(&[file]));
    }
}
