//! How the programs end: a reader that leaves, a full disk, a signal.

use std::{
    fs::OpenOptions,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use super::{ALL, AT_ONCE, EVERY, gzip, lone, lones, zstd};
use crate::support::{DEADLINE, Dir, Kill, Ran, gather, newlines, program, wait_for, wait_for_end};

#[test]
fn a_reader_that_leaves_after_a_line_is_success() {
    let dir = Dir::new();
    let input = dir.file("input", lones(20_000));
    for (name, args) in EVERY {
        let mut child = Kill(
            program(name)
                .args(args)
                .arg(&input)
                .command
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the program starts"),
        );
        let stderr = gather(child.0.stderr.take().expect("stderr is piped"));
        let head = Command::new("head")
            .arg("-1")
            .stdin(child.0.stdout.take().expect("stdout is piped"))
            .output()
            .expect("head runs");
        assert_eq!(newlines(&head.stdout), 1);
        assert_eq!(wait_for_end(&mut child), 0, "{name}");
        assert_eq!(stderr.recv_timeout(DEADLINE), Ok(Vec::new()), "{name}");
    }
}

#[test]
fn a_full_disk_is_a_failure_that_says_so() {
    for (name, args) in EVERY {
        let full = OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("/dev/full");
        let dir = Dir::new();
        let output = program(name)
            .args(args)
            .arg(dir.file("input", lones(3)))
            .command
            .stdin(Stdio::null())
            .stdout(full)
            .output()
            .expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            said,
            format!("{name}: <stdout>: No space left on device (os error 28)\n")
        );
        assert_eq!(output.status.code(), Some(2), "{name}");
    }
}

#[test]
fn an_idle_program_notices_that_its_reader_has_left() {
    for (name, args) in [&ALL[..], &AT_ONCE].concat() {
        let mut command = program(name).args(args).command;
        let mut child = Kill(
            command
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the program starts"),
        );
        // The input stays open: only the reader tells that it is over.
        let _stdin = child.0.stdin.take();
        let stderr = gather(child.0.stderr.take().expect("stderr is piped"));
        drop(child.0.stdout.take());
        assert_eq!(wait_for_end(&mut child), 0, "{name}");
        assert_eq!(stderr.recv_timeout(DEADLINE), Ok(Vec::new()), "{name}");
    }
}

#[test]
fn a_signal_in_mid_stream_writes_what_was_read() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        for (name, args) in [&ALL[..], &AT_ONCE].concat() {
            for jobs in ["1", "3"] {
                let all = program(name).args(args).stdin(lones(3_000)).output();
                let mut running = program(name).args(args).args(&["-j", jobs]).start();
                running.write(lones(3_000));
                running.wait_until_read();
                running.signal(signal);
                let Ran {
                    stdout,
                    stderr,
                    status,
                } = running.end();
                assert_eq!((stderr.as_str(), status), ("", 0), "{name} {args:?}");
                assert!(
                    stdout == all,
                    "{name} {args:?} -j {jobs}: {} of {} bytes",
                    stdout.len(),
                    all.len()
                );
            }
        }
    }
}

#[test]
fn a_hangup_that_is_ignored_stays_so() {
    let mut child = Kill(
        Command::new("nohup")
            .arg(program("dl-filter").command.get_program())
            .arg("true")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("nohup starts"),
    );
    let mut stdin = child.0.stdin.take().expect("stdin is piped");
    let mut stdout = BufReader::new(child.0.stdout.take().expect("stdout is piped"));
    for line in ["{\"a\":1}\n", "{\"a\":2}\n"] {
        stdin.write_all(line.as_bytes()).expect("it reads");
        let mut came = String::new();
        stdout.read_line(&mut came).expect("it writes");
        assert_eq!(came, line);
        kill_process(Pid::from_child(&child.0), Signal::HUP).expect("it runs");
    }
    drop(stdin);
    assert_eq!(wait_for_end(&mut child), 0);
}

#[test]
fn signals_that_come_together_are_one_request() {
    // As timeout(1) sends them: to the process, and to its group.
    for second in [Signal::TERM, Signal::INT] {
        for (name, args) in EVERY {
            let all = program(name).args(args).stdin(lones(3_000)).output();
            let mut running = program(name).args(args).start();
            running.write(lones(3_000));
            running.wait_until_read();
            running.signal(Signal::TERM);
            running.signal(second);
            let ran = running.end();
            assert_eq!((ran.stderr.as_str(), ran.status), ("", 0), "{name}");
            assert!(ran.stdout == all, "{name}: {} bytes", ran.stdout.len());
        }
    }
}

#[test]
fn a_later_signal_ends_a_program_at_once() {
    let dir = Dir::new();
    // Nobody reads, so that what has been read cannot be written.
    let mut child = Kill(
        program("dl-filter")
            .args(&["true"])
            .arg(dir.file("input", lones(50_000)))
            .command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts"),
    );
    let process = Pid::from_child(&child.0);
    let stdout = child.0.stdout.take().expect("stdout is piped");
    let held = || rustix::io::ioctl_fionread(&stdout).expect("a pipe");
    let room = rustix::pipe::fcntl_getpipe_size(&stdout).expect("a pipe") as u64;
    wait_for("a full pipe", || {
        let before = held();
        std::thread::sleep(Duration::from_millis(100));
        before > room / 2 && held() == before
    });
    kill_process(process, Signal::TERM).expect("it runs");
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(child.0.try_wait().expect("a child"), None);
    // On a busy machine the first may just have been noticed, and the next be one with it.
    let mut ended = None;
    wait_for("the end of the program", || {
        kill_process(process, Signal::TERM).expect("it runs");
        std::thread::sleep(Duration::from_millis(600));
        ended = child.0.try_wait().expect("a child");
        ended.is_some()
    });
    assert_eq!(
        ended.and_then(|ended| ended.code()),
        Some(128 + Signal::TERM.as_raw())
    );
}

#[test]
fn a_signal_ends_a_program_that_waits_for_more_of_a_compressed_stream() {
    for compressed in [gzip(lones(10)), zstd(lones(10))] {
        let mut running = program("dl-filter").arg("true").start();
        running.write(&compressed);
        for number in 0..10 {
            assert_eq!(running.line(), lone(number));
        }
        running.signal(Signal::TERM);
        let ran = running.end();
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    }
}

#[test]
fn an_unfinished_line_is_kept_by_a_signal_too() {
    let mut running = program("dl-filter").arg("true").start();
    running.write("{\"a\":1}\n{\"a\":2}");
    assert_eq!(running.line(), "{\"a\":1}\n");
    running.wait_until_read();
    running.signal(Signal::TERM);
    let ran = running.end();
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "{\"a\":2}\n");
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
}

#[test]
fn a_line_that_a_signal_has_cut_is_left_out_and_is_no_rejected_one() {
    let dir = Dir::new();
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        // dl-fmt shows as it is what is no record.
        for (name, args) in [AT_ONCE[0], AT_ONCE[2], AT_ONCE[3], AT_ONCE[4]] {
            let rejects = dir.path("rejects");
            let mut running = program(name)
                .args(args)
                .args(&["--strict", "--stats", "--rejects"])
                .arg(&rejects)
                .start();
            running.write(lone(0) + &lone(1)[..20]);
            running.line();
            running.wait_until_read();
            running.signal(signal);
            let ran = running.end();
            let said = format!(
                "{name}: 1 read, 1 written, 0 filtered, 0 rejected\n\
                 {name}: <stdin>:2: an unfinished line of 20 bytes is left out\n"
            );
            assert_eq!((ran.stderr, ran.status), (said, 0), "{name} {args:?}");
            let kept = std::fs::read(&rejects).expect("it is there");
            assert!(kept.is_empty(), "{name}: {kept:?}");
        }
    }
    // Who stops at what is no record does not stop at that.
    let mut running = program("dl-filter")
        .args(&["true", "--foreign", "fail"])
        .start();
    running.write(&lone(0)[..20]);
    running.wait_until_read();
    running.signal(Signal::TERM);
    let ran = running.end();
    let said = "dl-filter: <stdin>:1: an unfinished line of 20 bytes is left out\n";
    assert_eq!((ran.stderr.as_str(), ran.status), (said, 0));
}

#[test]
fn the_end_of_an_input_cuts_no_line() {
    for (name, args) in [AT_ONCE[0], AT_ONCE[2], AT_ONCE[3], AT_ONCE[4]] {
        let ran = program(name)
            .args(args)
            .arg("--strict")
            .stdin(lone(0) + &lone(1)[..20])
            .run();
        assert!(
            ran.stderr.starts_with(&format!(
                "{name}: 1 line rejected, the first at <stdin>:2: "
            )),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.status, 3, "{name}");
    }
}

#[test]
fn an_unfinished_line_that_is_too_long_already_is_rejected_at_a_signal_too() {
    // It is in one chunk, or more than a chunk holds.
    for length in [2_000, 600_000] {
        let mut running = program("dl-filter")
            .args(&["true", "--max-record", "1000", "--stats"])
            .start();
        running.write(lone(0) + &"x".repeat(length));
        assert_eq!(running.line(), lone(0));
        running.wait_until_read();
        running.signal(Signal::TERM);
        let ran = running.end();
        let said = "dl-filter: 2 read, 1 written, 0 filtered, 1 rejected\n\
                    dl-filter: 1 line rejected, the first at <stdin>:2: a line longer than --max-record\n\
                    dl-filter: use --max-record BYTES to let longer lines through\n";
        assert_eq!((ran.stderr.as_str(), ran.status), (said, 0), "{length}");
    }
}

#[test]
fn help_that_cannot_be_written_is_a_failure_that_says_so() {
    for name in EVERY.map(|(name, _)| name).into_iter().chain(["dl-ctl"]) {
        for flag in ["--help", "-h", "--version"] {
            let run = |stdout: Stdio| {
                let output = program(name)
                    .arg(flag)
                    .command
                    .stdin(Stdio::null())
                    .stdout(stdout)
                    .output()
                    .expect("the program runs");
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                (said, output.status.code())
            };
            let full = OpenOptions::new().write(true).open("/dev/full");
            let said = format!("{name}: <stdout>: No space left on device (os error 28)\n");
            let full = run(full.expect("/dev/full").into());
            assert_eq!(full, (said, Some(2)), "{name} {flag}");
            // A reader that has left is told nothing.
            let (reader, writer) = std::io::pipe().expect("a pipe");
            drop(reader);
            assert_eq!(
                run(writer.into()),
                (String::new(), Some(0)),
                "{name} {flag}"
            );
        }
    }
}
