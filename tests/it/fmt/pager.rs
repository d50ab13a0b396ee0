//! The pager: only on a terminal, only for files, and who leaves it is done.

use std::process::{Command, Output, Stdio};

use crate::support::{Dir, program};

/// Runs dl-fmt with a terminal for its standard output, and for no longer than 30 seconds.
fn on_terminal(arguments: &str, pager: &str, stdin: Stdio) -> Output {
    let command = format!("{} --color never {arguments}", env!("CARGO_BIN_EXE_dl-fmt"));
    Command::new("timeout")
        .args([
            "--kill-after=5",
            "30",
            "script",
            "-qec",
            &command,
            "/dev/null",
        ])
        .env("DISTLOG_CONFIG", "")
        .env("DISTLOG_PAGER", pager)
        .env("TERM", "xterm")
        .env("SHELL", "/bin/sh")
        .env_remove("NO_COLOR")
        .stdin(stdin)
        .output()
        .expect("script runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n")
}

#[test]
fn who_leaves_the_pager_is_done() {
    let dir = Dir::new();
    let line = format!("{{\"message\":\"{}\"}}\n", "x".repeat(1_000));
    let file = dir.file("long.ndjson", line.repeat(20_000));
    let output = on_terminal(
        &format!("--hide time {}", file.display()),
        "head -c 9",
        Stdio::null(),
    );
    assert_eq!(text(&output), "-        ");
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn only_files_are_paged_and_only_views_for_people() {
    let dir = Dir::new();
    let file = dir.file("one.ndjson", "{\"message\":\"one\"}\n");
    let file = file.display();
    let paged = |arguments: &str| {
        let output = on_terminal(arguments, "sed s/^/paged:/", Stdio::null());
        assert!(output.status.success(), "{output:?}");
        text(&output).contains("paged:")
    };
    assert!(paged(&format!("{file}")));
    assert!(paged(&format!("--to table {file}")));
    assert!(!paged(&format!("--no-pager {file}")));
    assert!(!paged(&format!("--to csv {file}")));
    assert!(!paged(&format!("--agg count {file}")));
    assert!(!paged(&format!("- < {file}")));
    assert!(!paged(&format!("< {file}")));
    assert!(!paged(&format!("{file} | head -n 1")));
}

#[test]
fn a_pager_that_fails_is_told() {
    let dir = Dir::new();
    let file = dir.file("one.ndjson", "{\"message\":\"one\"}\n");
    let output = on_terminal(&file.display().to_string(), "no-such-pager", Stdio::null());
    let words = text(&output);
    assert!(
        words.ends_with(
            "dl-fmt: the pager 'no-such-pager' cannot be run\n\
             dl-fmt: set DISTLOG_PAGER or PAGER to another one, or use --no-pager\n"
        ),
        "{words}"
    );
    assert_eq!(output.status.code(), Some(2));
}

/// What is said of the input comes when the pager has been left, so that it can be read.
#[test]
fn words_come_after_the_pager() {
    let dir = Dir::new();
    let file = dir.file("one.ndjson", "mud\n{\"message\":\"one\"}\n");
    let arguments = format!("--foreign drop --hide time {}", file.display());
    let output = on_terminal(&arguments, "cat; echo left", Stdio::null());
    let words = text(&output);
    assert!(
        words.starts_with("-        one\nleft\ndl-fmt: 1 line rejected"),
        "{words}"
    );
}

#[test]
fn without_a_terminal_there_is_no_pager() {
    let dir = Dir::new();
    let file = dir.file("one.ndjson", "{\"message\":\"one\"}\n");
    let output = program("dl-fmt")
        .args(&["--pager", "sed s/^/paged:/", "--hide", "time"])
        .files(&[file])
        .output();
    assert_eq!(String::from_utf8_lossy(&output), "-        one\n");
}
