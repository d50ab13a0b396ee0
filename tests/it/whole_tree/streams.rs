//! Streams that stay open: what leaves at once, what waits, and what is told at the end.

use std::fs;

use rustix::process::Signal;

use crate::support::{Dir, Ran, program};

fn record(tree: &str, number: usize) -> String {
    format!("{{\"request_id\":\"{tree}\",\"n\":{number}}}\n")
}

fn error(tree: &str) -> String {
    format!("{{\"request_id\":\"{tree}\",\"level\":\"error\"}}\n")
}

fn silent() -> Ran {
    Ran {
        stdout: Vec::new(),
        stderr: String::new(),
        status: 0,
    }
}

#[test]
fn a_match_lets_go_at_once_what_was_held_and_what_comes() {
    for jobs in ["1", "3"] {
        let mut running = program("dl-filter")
            .args(&["--whole-tree", "level >= error", "-j", jobs])
            .start();
        for number in 0..3 {
            running.write(record("a", number));
            running.write(record("b", number));
        }
        running.write(error("b"));
        for number in 0..3 {
            assert_eq!(running.line(), record("b", number));
        }
        assert_eq!(running.line(), error("b"));
        for number in 3..6 {
            running.write(record("a", number));
            running.write(record("b", number));
            assert_eq!(running.line(), record("b", number));
        }
        running.write(error("a"));
        for number in 0..6 {
            assert_eq!(running.line(), record("a", number));
        }
        drop(running.stdin.take());
        let mut rest = silent();
        rest.stdout = error("a").into();
        assert_eq!(running.end(), rest);
    }
}

#[test]
fn a_record_without_a_tree_does_not_wait() {
    let mut running = program("dl-filter")
        .args(&["--whole-tree", "level >= error", "--foreign", "pass"])
        .start();
    running.write("{\"n\":1}\n{\"level\":\"error\"}\n");
    assert_eq!(running.line(), "{\"level\":\"error\"}\n");
    running.write("words\n");
    assert_eq!(running.line(), "words\n");
    drop(running.stdin.take());
    assert_eq!(running.end(), silent());
}

#[test]
fn enough_is_enough_in_the_middle_of_a_tree() {
    let mut running = program("dl-filter")
        .args(&["--whole-tree", "-m", "2", "level >= error"])
        .start();
    for number in 0..5 {
        running.write(record("a", number));
    }
    running.write(error("a"));
    let mut expect = silent();
    expect.stdout = [record("a", 0), record("a", 1)].concat().into();
    // Its input stays open.
    let stdin = running.stdin.take();
    assert_eq!(running.end(), expect);
    drop(stdin);
}

#[test]
fn a_signal_ends_the_window() {
    for (flag, expect) in [
        ("-c", "0\n".to_owned()),
        ("-v", record("a", 0) + &record("a", 1)),
    ] {
        let mut running = program("dl-filter")
            .args(&["--whole-tree", flag, "level >= error"])
            .start();
        running.write(record("a", 0) + &record("a", 1));
        running.wait_until_read();
        running.signal(Signal::TERM);
        let mut ran = silent();
        ran.stdout = expect.into();
        assert_eq!(running.end(), ran);
    }
}

/// The window is over when a tree that came later has been written, which `-v` shows.
#[test]
fn silence_closes_the_window_while_nothing_comes_and_while_much_does() {
    let mut running = program("dl-filter")
        .args(&[
            "--whole-tree",
            "-v",
            "--live-window",
            "20ms",
            "level >= error",
        ])
        .start();
    // Nothing comes.
    running.write(record("a", 0) + &record("b", 0) + &error("b"));
    assert_eq!(running.line(), record("a", 0));
    // Another tree that is never silent comes all the time.
    running.write(record("c", 0));
    let mut busy = running.stdin.take().expect("stdin is open");
    let feeder = std::thread::spawn(move || {
        use std::io::Write as _;
        while busy.write_all(error("b").as_bytes()).is_ok() {}
    });
    assert_eq!(running.line(), record("c", 0));
    running.signal(Signal::TERM);
    let mut ran = running.end();
    // The signal may have come within a line.
    if ran.stderr.lines().count() == 1 && ran.stderr.contains(": an unfinished line of ") {
        ran.stderr.clear();
    }
    assert_eq!(ran, silent());
    feeder.join().expect("it ends when its reader does");
}

#[test]
fn one_stream_among_files_makes_a_stream_of_all() {
    let dir = Dir::new();
    let (first, last) = (
        dir.file("first", record("a", 0)),
        dir.file("last", error("a")),
    );
    program("dl-filter")
        .args(&["--whole-tree", "level >= error"])
        .arg(first)
        .arg("-")
        .arg(last)
        .stdin(record("b", 0) + &record("a", 1))
        .check(record("a", 0) + &record("a", 1) + &error("a"), "", 0);
}

#[test]
fn what_was_dropped_too_early_is_counted() {
    let mut input = String::new();
    for tree in ["a", "b", "c"] {
        input += &(record(tree, 0) + &record(tree, 1));
    }
    // Room for one of them.
    input += &(record("a", 2) + &error("a") + &error("b") + &record("b", 2) + &error("c"));
    let late = "dl-filter: 5 records of 2 trees were dropped before one of their tree matched\n\
                dl-filter: use --memory BYTES or a longer --live-window to hold more back\n";
    let kept = [
        error("a"),
        error("b"),
        record("b", 2),
        record("c", 0),
        record("c", 1),
        error("c"),
    ];
    let stats = "dl-filter: 11 read, 6 written, 5 filtered, 0 rejected\n";
    program("dl-filter")
        .args(&[
            "--whole-tree",
            "--memory",
            "300",
            "level >= error",
            "--stats",
        ])
        .stdin(&input)
        .check(kept.concat(), &(late.to_owned() + stats), 0);
    // A file needs no memory for that.
    let dir = Dir::new();
    let file = dir.file("log", &input);
    let ran = program("dl-filter")
        .args(&["--whole-tree", "--memory", "300", "level >= error"])
        .arg(&file)
        .output();
    assert_eq!(ran, fs::read(file).expect("a file"));
}
