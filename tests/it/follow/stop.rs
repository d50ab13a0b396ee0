//! What `--foreign fail` leaves behind when it stops at a line of a file that is followed.

use std::{
    fs::{self, OpenOptions},
    io::Write,
};

use crate::support::{Dir, program, wait_for};

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
