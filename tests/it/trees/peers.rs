//! A short form of `scripts/peers`, which compares dl-tree with eliot.parse and eliot-tree; and
//! that it finds a difference where there is one.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use super::eliot_parse;
use crate::support::{Dir, python_output};

const DL_TREE: &str = env!("CARGO_BIN_EXE_dl-tree");

/// Runs the script over files; returns its exit status and what it printed.
fn peers(program: &Path, files: &[&Path]) -> (Option<i32>, String) {
    let text = |path: &Path| path.to_str().expect("text").to_owned();
    let mut args = vec!["--program".to_owned(), text(program)];
    args.extend(files.iter().map(|path| text(path)));
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let output = python_output("scripts/peers", &args);
    let told = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.code(), told.into_owned())
}

#[test]
fn eliot_parse_and_eliot_tree_say_the_same() {
    let dir = Dir::new();
    let [whole, faulty] = eliot_parse::requests(60);
    let files = [dir.file("whole", whole), dir.file("faulty", faulty)];
    let (status, told) = peers(Path::new(DL_TREE), &[&files[0], &files[1]]);
    assert_eq!(status, Some(0), "{told}");
    let row = told.lines().find(|line| line.starts_with("| all |"));
    let numbers: Vec<u64> = row
        .expect("a sum")
        .split('|')
        .filter_map(|cell| cell.trim().replace(',', "").parse().ok())
        .collect();
    let [
        records,
        tasks,
        complete,
        nodes,
        differ,
        texts,
        lines,
        differ_too,
    ] = numbers[..]
    else {
        panic!("{told}");
    };
    // Each file is compared as it is, shuffled and with records lost.
    assert!(records > 5_000 && tasks > 1_000 && nodes > tasks, "{told}");
    assert!(complete > 100 && complete < tasks, "{told}");
    assert!(texts == tasks && lines > records, "{told}");
    assert_eq!((differ, differ_too), (0, 0), "{told}");
}

#[test]
fn a_dl_tree_that_lies_is_found_out() {
    let dir = Dir::new();
    let [whole, _] = eliot_parse::requests(4);
    let file = dir.file("whole", whole);
    for (number, lie, told_of) in [
        (
            1,
            r#"s/"status":"failed"/"status":"succeeded"/g"#,
            "status: theirs 'failed', ours 'succeeded'",
        ),
        (
            2,
            r#"s/"complete":true/"complete":false/"#,
            "complete: theirs True, ours False",
        ),
        (3, r#"s/"after":[0-9]*/"after":0/g"#, "or another order"),
        (4, r#"s/"end":"20/"end":"21/g"#, "end: theirs"),
        (5, r#"s/"message_type":"/&x/"#, "records: theirs"),
        (6, "2d", "dl-tree does not know it"),
    ] {
        let liar = dir.file(
            &format!("liar {number}"),
            format!("#!/bin/sh\n'{DL_TREE}' \"$@\" | sed '{lie}'\n"),
        );
        fs::set_permissions(&liar, fs::Permissions::from_mode(0o755)).expect("an own file");
        let (status, told) = peers(&liar, &[&file]);
        assert_eq!(status, Some(1), "{lie}: {told}");
        assert!(told.contains(told_of), "{lie}: {told}");
    }
}
