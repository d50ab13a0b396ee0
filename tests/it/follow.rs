//! `dl-recv --follow` over rotations as logrotate does them, restarts and crashes, beside a model
//! that only counts what was written.

mod model;
mod stop;

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::support::{Dir, program, wait_for};

#[test]
fn a_line_comes_out_within_50_ms() {
    let dir = Dir::new();
    let path = dir.file("app.log", "");
    let follower = program("dl-recv").arg("-F").arg(&path).start();
    let mut file = OpenOptions::new().append(true).open(&path).expect("a file");
    file.write_all(b"{\"n\":0}\n").expect("written");
    assert_eq!(follower.line(), "{\"n\":0}\n");
    let mut times: Vec<Duration> = (1..=20)
        .map(|n| {
            let began = Instant::now();
            writeln!(file, "{{\"n\":{n}}}").expect("written");
            assert_eq!(follower.line(), format!("{{\"n\":{n}}}\n"));
            began.elapsed()
        })
        .collect();
    times.sort();
    assert!(times[10] < Duration::from_millis(50), "{times:?}");
    follower.signal(Signal::TERM);
    assert_eq!(follower.end().status, 0);
}

#[test]
fn what_we_write_beside_a_file_is_no_rotated_one() {
    let dir = Dir::new();
    let path = dir.file("app.log", "oops\n{\"n\":0}\n");
    let beside = |ending: &str| dir.path(&format!("app.log.{ending}")).display().to_string();
    let follower = program("dl-recv")
        .arg("-F")
        .arg(&path)
        .args(&["--state", &beside("state"), "--rejects", &beside("bad")])
        .args(&["--stats-every", "20ms", "--stats-to", &beside("stats")])
        .args(&["-o", &beside("out"), "--stats"])
        .start();
    let written = |n: u32| {
        let out = fs::read_to_string(dir.path("app.log.out"));
        out.is_ok_and(|out| out.ends_with(&format!("{{\"n\":{n}}}\n")))
    };
    wait_for("the first record", || written(0));
    for n in 1..4 {
        // A state that is written after the rotated file.
        let saved = || fs::metadata(beside("state")).and_then(|file| file.modified());
        let before = saved().expect("a state");
        wait_for("the state", || saved().expect("a state") > before || n == 1);
        fs::rename(&path, beside(&n.to_string())).expect("renamed");
        fs::write(&path, format!("{{\"n\":{n}}}\n")).expect("written");
        wait_for("the next record", || written(n));
    }
    follower.signal(Signal::TERM);
    let ran = follower.end();
    let told = "dl-recv: 5 read, 4 written, 0 filtered, 1 rejected\n";
    assert!(ran.stderr.starts_with(told), "{}", ran.stderr);
}

#[test]
fn a_state_is_used_by_one_process_at_a_time() {
    let dir = Dir::new();
    let path = dir.file("app.log", "{\"n\":1}\n");
    let state = dir.path("state");
    let follow = || {
        let follower = program("dl-recv").arg("-F").arg(&path);
        follower.arg("--state").arg(&state)
    };
    let first = follow().start();
    assert_eq!(first.line(), "{\"n\":1}\n");
    let words = format!(
        "dl-recv: {}: another process uses this state\n",
        state.display()
    );
    follow().check("", &words, 2);
    first.signal(Signal::TERM);
    assert_eq!(first.end().status, 0);
    let mut file = OpenOptions::new().append(true).open(&path).expect("a file");
    file.write_all(b"{\"n\":2}\n").expect("written");
    let second = follow().start();
    assert_eq!(second.line(), "{\"n\":2}\n");
    second.signal(Signal::TERM);
    assert_eq!(second.end().status, 0);
}

#[test]
fn an_unfinished_line_waits_for_its_end_and_comes_out_at_the_end() {
    let dir = Dir::new();
    let path = dir.file("app.log", "{\"n\":1}\n{\"n\":");
    let follower = program("dl-recv").arg("-F").arg(&path).start();
    assert_eq!(follower.line(), "{\"n\":1}\n");
    let mut file = OpenOptions::new().append(true).open(&path).expect("a file");
    file.write_all(b"2}\n{\"n\":3}").expect("written");
    assert_eq!(follower.line(), "{\"n\":2}\n");
    follower.signal(Signal::TERM);
    assert_eq!(follower.end().stdout, b"{\"n\":3}\n");
}

#[test]
fn an_unfinished_line_that_is_no_record_is_left_out_at_the_end() {
    let dir = Dir::new();
    let path = dir.file("app.log", "{\"n\":1}\n{\"n\":");
    let follower = program("dl-recv")
        .args(&["-F", "--strict"])
        .arg(&path)
        .start();
    assert_eq!(follower.line(), "{\"n\":1}\n");
    follower.signal(Signal::TERM);
    let ran = follower.end();
    let said = format!(
        "dl-recv: {}:2: an unfinished line of 5 bytes is left out\n",
        path.display()
    );
    assert_eq!((ran.stderr, ran.status), (said, 0));
}

#[test]
fn several_files_are_named_with_their_own_lines() {
    let dir = Dir::new();
    let one = dir.file("one", "{\"n\":1}\n{\"n\":2}\n");
    let two = dir.file("two", "{\"n\":3}\n");
    let follower = program("dl-recv").arg("-F").arg(&one).arg(&two).start();
    for _ in 0..3 {
        follower.line();
    }
    let mut file = OpenOptions::new().append(true).open(&one).expect("a file");
    file.write_all(b"oops\n{\"n\":4}\n").expect("written");
    assert_eq!(follower.line(), "{\"n\":4}\n");
    follower.signal(Signal::TERM);
    let ran = follower.end();
    assert!(
        ran.stderr.contains("/one:3: not a JSON object"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_line_that_is_too_long_is_passed_over() {
    let dir = Dir::new();
    let long = "x".repeat(600_000);
    let path = dir.file("app.log", format!("{{\"n\":1}}\n{{\"p\":\"{long}\"}}\n"));
    let follower = program("dl-recv")
        .args(&["-F", "--max-record", "300kB"])
        .arg(&path)
        .start();
    assert_eq!(follower.line(), "{\"n\":1}\n");
    let mut file = OpenOptions::new().append(true).open(&path).expect("a file");
    file.write_all(b"{\"n\":2}\n").expect("written");
    assert_eq!(follower.line(), "{\"n\":2}\n");
    follower.signal(Signal::TERM);
    let ran = follower.end();
    assert!(ran.stderr.contains("1 line rejected"), "{}", ran.stderr);
}

#[test]
fn parts_of_lines_are_joined_for_each_file() {
    let dir = Dir::new();
    let part = |tag, text| format!("2026-11-25T12:00:00Z stdout {tag} {text}\n");
    let one = dir.file("one", part('P', "a"));
    let two = dir.file("two", part('P', "b"));
    let follower = program("dl-recv")
        .args(&["-F", "--format", "cri", "--no-stamp"])
        .arg(&one)
        .arg(&two)
        .start();
    for (path, text) in [(&one, "1"), (&two, "2")] {
        let mut file = OpenOptions::new().append(true).open(path).expect("a file");
        file.write_all(part('F', text).as_bytes()).expect("written");
    }
    let mut came = [follower.line(), follower.line()];
    came.sort();
    assert!(
        came[0].contains("\"a1\"") && came[1].contains("\"b2\""),
        "{came:?}"
    );
    follower.signal(Signal::TERM);
    assert_eq!(follower.end().status, 0);
}

#[test]
fn a_state_that_cannot_be_written_is_told() {
    let dir = Dir::new();
    let path = dir.file("app.log", "{\"n\":1}\n");
    let state = dir.path("none/state");
    let ran = program("dl-recv")
        .args(&["-F", "--state"])
        .arg(&state)
        .arg(&path)
        .run();
    assert_eq!((ran.status, &ran.stdout[..]), (2, &b""[..]));
    assert!(
        ran.stderr.contains("none/state: No such file"),
        "{}",
        ran.stderr
    );
    assert!(fs::metadata(state).is_err());
}

/// Follows `log` with a state until `until` holds of the output, which is added to, does something
/// then, and ends with `signal`.
fn follow_until(
    dir: &Dir,
    log: &Path,
    until: impl Fn(&str) -> bool,
    then: impl FnOnce(),
    signal: Signal,
) {
    let out = dir.path("out");
    let follower = program("dl-recv")
        .args(&["-F", "-o"])
        .arg(&out)
        .arg("--state")
        .arg(dir.path("state"))
        .arg(log)
        .start();
    wait_for("the output", || {
        fs::read_to_string(&out).is_ok_and(|text| until(&text)) && dir.path("state").exists()
    });
    then();
    follower.signal(signal);
    follower.end();
}

/// What is written to a file that comes and is rotated away while nobody follows, after the one
/// that was followed has been deleted.
fn deleted_before_a_rotation(signal: Signal, while_followed: bool) {
    let dir = Dir::new();
    // An earlier one, which is not to be read.
    let earlier = fs::File::create(dir.path("app.log.0")).expect("a file");
    (&earlier).write_all(b"{\"n\":0}\n").expect("written");
    let hour = Duration::from_secs(3600);
    earlier
        .set_modified(std::time::SystemTime::now() - hour)
        .expect("a time");
    let log = dir.file("app.log", "{\"n\":1}\n");
    let delete = || fs::remove_file(&log).expect("deleted");
    let first = |text: &str| text == "{\"n\":1}\n";
    if while_followed {
        follow_until(&dir, &log, first, delete, signal);
    } else {
        follow_until(&dir, &log, first, || {}, signal);
        delete();
    }
    // Nothing has the name for a whole run, and what is known is kept through it.
    follow_until(&dir, &log, |_| true, || {}, signal);
    fs::write(&log, "{\"n\":2}\n{\"n\":3}\n").expect("written");
    fs::rename(&log, dir.path("app.log.1")).expect("renamed");
    fs::write(&log, "{\"n\":4}\n").expect("written");
    let all = "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}\n";
    follow_until(&dir, &log, |text| text == all, || {}, Signal::TERM);
    // And not once more.
    follow_until(&dir, &log, |_| true, || {}, Signal::TERM);
    assert_eq!(fs::read_to_string(dir.path("out")).expect("text"), all);
}

#[test]
fn files_after_a_deleted_one_are_found() {
    for while_followed in [false, true] {
        for signal in [Signal::TERM, Signal::KILL] {
            deleted_before_a_rotation(signal, while_followed);
        }
    }
}
