//! What `--foreign fail` leaves behind when it stops at a line of a file that is followed.

use std::{
    fs::{self, OpenOptions},
    io::Write,
};

use rustix::process::Signal;

use crate::support::{Dir, program, wait_for};

#[test]
fn what_came_before_a_failure_does_not_come_again_and_what_comes_behind_is_not_lost() {
    let check = |format: &str, text: &str, before: &str, behind: &str| {
        let dir = Dir::new();
        let path = dir.file("app.log", text);
        let follow = |foreign: &str| {
            program("dl-recv")
                .args(&["--format", format, "--no-stamp", "--foreign", foreign])
                .arg("-F")
                .arg(&path)
                .arg("--state")
                .arg(dir.path("state"))
        };
        let failed = follow("fail").run();
        assert_eq!(String::from_utf8_lossy(&failed.stdout), before, "{format}");
        assert_eq!(failed.status, 2, "{format}");
        // It fails again as long as the line is there and not to be passed over.
        let again = follow("fail").run();
        assert_eq!((again.stdout, again.status), (Vec::new(), 2), "{format}");
        let rest = follow("drop").start();
        assert_eq!(rest.line(), behind, "{format}");
        rest.signal(Signal::TERM);
        assert_eq!(rest.end().stdout, b"", "{format}");
    };
    let (before, behind) = ("{\"a\":1}\n{\"a\":2}\n", "{\"a\":3}\n");
    check(
        "ndjson",
        "{\"a\":1}\n\n{\"a\":2}\noops\n{\"a\":3}\n",
        before,
        behind,
    );
    check("logfmt", "a=1\na=2\noops\na=3\n", before, behind);
    let compose = "w | {\"a\":1}\nw | {\"a\":2}\noops\nw | {\"a\":3}\n";
    check("compose", compose, before, behind);
    check(
        "json",
        "{\"a\":\n1}\n{\"a\":2}\n{\"a\":\noops}\n{\"a\":3}\n",
        before,
        behind,
    );
    check(
        "journald-export",
        "A=1\n\nB=x\no o\nB=y\n\nA=3\n\n",
        "{\"A\":\"1\"}\n",
        "{\"A\":\"3\"}\n",
    );
}

#[test]
fn lines_that_nobody_has_counted_are_told_by_bytes() {
    let dir = Dir::new();
    let path = dir.file("app.log", "{\"a\":1}\n{\"a\":2}\n");
    let state = dir.path("state");
    let follow = || {
        program("dl-recv")
            .args(&["-F", "--from-end", "--foreign", "fail", "--state"])
            .arg(&state)
            .arg(&path)
    };
    let failing = follow().start();
    wait_for("the file to be open", || state.exists());
    let mut file = OpenOptions::new().append(true).open(&path).expect("a file");
    file.write_all(b"{\"a\":3}\noops\n").expect("written");
    let told = ": line 2 behind byte 16: not a JSON object: expected '{' in column 1\n";
    let ended = failing.end();
    assert!(ended.stderr.ends_with(told), "{}", ended.stderr);
    // Another run knows no more.
    let again = follow().run();
    assert!(again.stderr.ends_with(told), "{}", again.stderr);
    // A file that comes later is counted from its beginning.
    fs::rename(&path, dir.path("app.log.1")).expect("renamed");
    fs::write(&path, "oops\n").expect("written");
    fs::write(dir.path("app.log.1"), "").expect("emptied");
    let other = follow().run();
    let told = "app.log:1: not a JSON object: expected '{' in column 1\n";
    assert!(other.stderr.ends_with(told), "{}", other.stderr);
}
