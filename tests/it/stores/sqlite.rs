//! SQLite, which is built in.

use std::{fs, time::Duration};

use rusqlite::Connection;
use rustix::process::{Pid, Resource, Rlimit, Signal, prlimit};
use sha2::{Digest, Sha256};

use super::{conditions_agree_with_the_filter, killed_and_started_again, records, send, told};
use crate::support::{Dir, newlines, program, wait_for, wait_for_end};

fn store(dir: &Dir) -> String {
    format!("sqlite:{}", dir.path("logs.db").display())
}

#[test]
fn what_is_put_in_comes_back() {
    super::there_and_back(&store(&Dir::new()));
}

#[test]
fn what_the_database_finds_is_what_the_filter_finds() {
    conditions_agree_with_the_filter(&store(&Dir::new()));
}

#[test]
fn kill_9_loses_nothing_and_doubles_nothing() {
    let dir = Dir::new();
    killed_and_started_again(&store(&dir), &dir.path("spool"));
}

#[test]
fn what_a_collector_sends_again_is_known() {
    super::replayed(&store(&Dir::new()));
}

#[test]
fn what_is_numbered_is_known_whatever_its_stamp() {
    super::stamped_again(&store(&Dir::new()));
}

#[test]
fn what_is_known_by_all_of_its_text_goes_too() {
    let dir = Dir::new();
    let line = r#"{"time":1.5,"record_id":"5f0c8e6ad9b1-1","dl":{"recv":{"seq":1}}}"#;
    send(&store(&dir)).stdin(line).check("", "", 0);
    let there = Connection::open(dir.path("logs.db")).expect("a database");
    // As the first versions have put it in.
    let hash: [u8; 32] = Sha256::digest(line).into();
    let known = there.execute("UPDATE records SET hash = ?1", [&hash[..16]]);
    assert_eq!(known, Ok(1));
    let words = format!("dl-send: {}: 1 old record removed\n", store(&dir));
    let again = send(&store(&dir)).args(&["--keep", "7d"]).stdin("");
    again.check("", &words, 0);
    assert_eq!(super::read(&store(&dir), &[]), "");
}

#[test]
fn what_is_old_goes_by_what_it_is() {
    super::kept_by_purpose(&store(&Dir::new()));
}

#[test]
fn the_columns_are_there_for_others() {
    let dir = Dir::new();
    send(&(store(&dir) + "?table=app"))
        .stdin("{\"logger\":\"db\",\"level\":\"error\",\"time\":1.5,\"request_id\":\"r\"}\nno record\n")
        .args(&["--foreign", "pass"])
        .check("", "", 0);
    let there = Connection::open(dir.path("logs.db")).expect("a database");
    let row: (i64, u8, String, String) = there
        .query_row(
            "SELECT time, level, logger, tree FROM app WHERE level IS NOT NULL",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .expect("a row");
    assert_eq!(row, (1_500_000_000, 17, "db".into(), "r".into()));
    let count: i64 = there
        .query_row("SELECT count(*) FROM app", [], |row| row.get(0))
        .expect("a number");
    assert_eq!(count, 2);
}

#[test]
fn another_writer_is_waited_for() {
    let dir = Dir::new();
    let store = store(&dir);
    send(&store).stdin("{\"n\":0}\n").check("", "", 0);
    let other = Connection::open(dir.path("logs.db")).expect("a database");
    other.execute_batch("BEGIN IMMEDIATE").expect("a lock");
    let mut sender = send(&store).start();
    sender.write(records(50));
    drop(sender.stdin.take());
    // It waits by itself for two seconds before it says so.
    std::thread::sleep(Duration::from_millis(200));
    other.execute_batch("COMMIT").expect("the lock is gone");
    let ran = sender.end();
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert_eq!(newlines(super::read(&store, &[]).as_bytes()), 51);
}

#[test]
fn a_full_disk_is_told_and_waited_for() {
    let dir = Dir::new();
    let store = store(&dir);
    let input = dir.file("in.ndjson", records(5_000));
    let words = dir.path("words");
    let script = format!(
        "trap '' XFSZ; ulimit -S -f 300; exec {} {store} {}",
        env!("CARGO_BIN_EXE_dl-send"),
        input.display()
    );
    let mut child = told(&words, &script);
    wait_for("words of a full disk", || {
        fs::read_to_string(&words)
            .expect("text")
            .contains("trying again")
    });
    let none = Rlimit {
        current: None,
        maximum: None,
    };
    prlimit(Some(Pid::from_child(&child.0)), Resource::Fsize, none).expect("room is made");
    let status = wait_for_end(&mut child);
    let words = fs::read_to_string(&words).expect("text");
    assert_eq!(status, 0, "{words}");
    assert!(words.contains("there again"), "{words}");
    assert_eq!(newlines(super::read(&store, &[]).as_bytes()), 5_000);
}

#[test]
fn who_is_asked_to_end_while_it_waits_says_what_is_missing() {
    let dir = Dir::new();
    let store = store(&dir);
    send(&store).stdin("{\"n\":0}\n").check("", "", 0);
    let other = Connection::open(dir.path("logs.db")).expect("a database");
    other.execute_batch("BEGIN IMMEDIATE").expect("a lock");
    let words = dir.path("words");
    let script = format!(
        "exec {} {store} --linger 100ms {}",
        env!("CARGO_BIN_EXE_dl-send"),
        dir.file("in.ndjson", records(50)).display()
    );
    let mut child = told(&words, &script);
    let text = || fs::read_to_string(&words).expect("text");
    wait_for("words of a lock", || text().contains("trying again"));
    rustix::process::kill_process(Pid::from_child(&child.0), Signal::TERM).expect("it runs");
    assert_eq!(wait_for_end(&mut child), 2);
    let undelivered = "50 records not delivered within 100ms";
    assert!(text().contains(undelivered), "{}", text());
}

#[test]
fn what_is_no_database_is_told() {
    let dir = Dir::new();
    dir.file("logs.db", "text and more of it");
    for name in ["dl-send", "dl-recv"] {
        let ran = program(name).arg(store(&dir)).stdin("").run();
        assert_eq!(ran.status, 2, "{name}");
        assert!(ran.stderr.contains("not a database"), "{}", ran.stderr);
    }
}

#[test]
fn a_reader_that_leaves_ends_the_reading() {
    let dir = Dir::new();
    let store = store(&dir);
    send(&store).stdin(records(20_000)).check("", "", 0);
    let ran = program("dl-filter")
        .args(&["--max-count", "1", "true", &store])
        .run();
    assert_eq!(
        (ran.status, newlines(&ran.stdout)),
        (0, 1),
        "{}",
        ran.stderr
    );
}
