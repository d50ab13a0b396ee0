//! dl-send at a pace: that of a capture, that of a rate, and moved to now.

use std::{
    fmt::Write,
    fs,
    process::Command,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Dir, newlines, program};

/// A record every so many milliseconds.
fn capture(count: u64, millis: u64) -> String {
    let mut out = String::new();
    for number in 0..count {
        let at = number * millis;
        let (second, milli) = (at / 1_000, at % 1_000);
        let time = format!("2026-11-20T12:00:{second:02}.{milli:03}Z");
        let _ = writeln!(out, "{{\"time\":\"{time}\",\"n\":{number}}}");
    }
    out
}

/// Sends to standard output; how long it took, and what came.
fn sent(args: &[&str], text: &str) -> (Duration, Vec<u8>) {
    let began = Instant::now();
    let out = program("dl-send").arg("-").args(args).stdin(text).output();
    (began.elapsed(), out)
}

#[test]
fn records_are_as_far_apart_as_they_were() {
    let text = capture(6, 200);
    let (took, out) = sent(&["--speed", "1x"], &text);
    assert!(took >= Duration::from_millis(990), "{took:?}");
    assert_eq!(String::from_utf8(out).expect("text"), text);
    let (took, _) = sent(&["--speed", "2x"], &text);
    assert!(took >= Duration::from_millis(490), "{took:?}");
    // A minute, if it did not go as fast as it can.
    let (took, _) = sent(&["--speed", "max"], &capture(60, 1_000));
    assert!(took < Duration::from_secs(30), "{took:?}");
}

#[test]
fn each_record_comes_when_it_is_due() {
    let mut sender = program("dl-send").args(&["-", "--speed", "1x"]).start();
    let began = Instant::now();
    sender.write(capture(4, 300));
    for number in 0..4_u32 {
        let line = sender.line();
        assert!(line.contains(&format!("\"n\":{number}")), "{line}");
        assert!(began.elapsed() >= Duration::from_millis(290) * number);
    }
}

#[test]
fn a_rate_is_kept() {
    let (took, out) = sent(&["--rate", "100/s"], &"{}\n".repeat(60));
    assert!(took >= Duration::from_millis(500), "{took:?}");
    assert_eq!(out.len(), 180);
}

#[test]
fn who_ends_it_does_not_wait_for_the_capture() {
    let mut sender = program("dl-send").args(&["-", "--speed", "1x"]).start();
    sender.write(capture(3, 20_000));
    assert!(sender.line().contains("\"n\":0"));
    let began = Instant::now();
    sender.signal(Signal::TERM);
    let ran = sender.end();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(began.elapsed() < Duration::from_secs(15));
    // What has been read is delivered.
    assert_eq!(newlines(&ran.stdout), 2);
}

#[test]
fn times_are_moved_in_the_form_that_they_have() {
    let text = "{\"time\":\"2026-11-20T12:00:00.250+01:00\",\"n\":1}\n\
                {\"created\":1795172401.5,\"levelno\":20,\"levelname\":\"INFO\",\"args\":null,\"name\":\"x\",\"msg\":\"m\"}\n\
                {\"none\":true}\n";
    let before = chrono::Utc::now();
    let (_, out) = sent(&["--shift-to", "now"], text);
    let after = chrono::Utc::now();
    let out = String::from_utf8(out).expect("text");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[2], "{\"none\":true}");
    let first: Value = serde_json::from_str(lines[0]).expect("a record");
    let first = first["time"].as_str().expect("a time");
    assert!(first.ends_with("+01:00") && first.len() == 29, "{first}");
    let first = chrono::DateTime::parse_from_rfc3339(first).expect("a time");
    let millisecond = chrono::TimeDelta::milliseconds(1);
    assert!(before - millisecond <= first && first <= after, "{first}");
    // As far behind it as it was, but for the decimals that it does not have.
    let second: Value = serde_json::from_str(lines[1]).expect("a record");
    let second = second["created"].as_f64().expect("a number");
    let seconds = u32::try_from(first.timestamp()).expect("it fits");
    let first = f64::from(seconds) + f64::from(first.timestamp_subsec_millis()) / 1_000.0;
    assert!((second - first - 1.25).abs() < 0.11, "{second} {first}");
    assert!(lines[1].ends_with(
        ",\"levelno\":20,\"levelname\":\"INFO\",\"args\":null,\"name\":\"x\",\"msg\":\"m\"}"
    ));
}

#[test]
fn what_has_several_times_is_not_moved() {
    let span = "{\"traceId\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"spanId\":\"00f067aa0ba902b7\",\"name\":\"s\",\
                \"startTimeUnixNano\":\"1795172401000000000\",\"endTimeUnixNano\":\"1795172402000000000\"}\n";
    program("dl-send")
        .args(&["-", "--shift-to", "now", "--foreign", "drop"])
        .stdin(format!("{{}}\n\n{span}{{}}\n"))
        .check(
            "{}\n{}\n",
            "dl-send: 1 line rejected, the first at <stdin>:3: a span or a tree has several times, \
             and --shift-to moves one\n\
             dl-send: use --rejects FILE to keep such lines\n",
            0,
        );
}

#[test]
fn on_a_terminal_it_tells_how_much_has_been_sent() {
    let dir = Dir::new();
    let input = dir.file("in.ndjson", capture(50, 1));
    let shown = |command: &str| {
        // It gives a command a terminal, and writes what that shows.
        let output = Command::new("script")
            .args(["-qec", command, "/dev/null"])
            .env("DL_SEND", env!("CARGO_BIN_EXE_dl-send"))
            .env("TERM", "xterm")
            .current_dir(dir.path(""))
            .stdin(std::process::Stdio::null())
            .output()
            .expect("script, of the Debian package bsdutils");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let length = fs::metadata(input).expect("a file").len();
    let words = shown("cat in.ndjson | \"$DL_SEND\" out.ndjson --rate 200/s");
    assert!(words.contains("KiB"), "{words}");
    assert_eq!(
        fs::metadata(dir.path("out.ndjson")).expect("a file").len(),
        length
    );
    // Nobody is to see it, or the records are there themselves.
    let words = shown("cat in.ndjson | \"$DL_SEND\" more.ndjson --rate 200/s 2> words; cat words");
    assert_eq!(words, "");
    let words = shown("cat in.ndjson | \"$DL_SEND\" -");
    assert!(!words.contains("KiB"), "{words}");
}
