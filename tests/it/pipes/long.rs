//! Lines that are as long as they may be, and longer ones.

use std::{fs::File, io::Write};

use rustix::process::Signal;

use super::{gzip, lones};
use crate::support::{Dir, program};

/// A line of that many bytes, without its newline.
fn line_of(bytes: usize) -> String {
    let line = format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
    assert_eq!(line.len(), bytes);
    line
}

#[test]
fn a_line_may_be_as_long_as_it_may_and_no_longer() {
    let check = |limit: &str, length: usize, fits: bool| {
        for (before, after) in [(0, 0), (1, 1), (3_000, 3_000)] {
            let (before, after) = (lones(before), lones(after));
            let long = line_of(length);
            let input = format!("{before}{long}\n{after}");
            let ran = program("dl-filter")
                .args(&["--max-record", limit, "--stats", "true"])
                .stdin(&input)
                .run();
            let long = if fits { long + "\n" } else { String::new() };
            let shown = format!("{limit} {length} after {} bytes", before.len());
            assert!(
                ran.stdout == format!("{before}{long}{after}").into_bytes(),
                "{shown}: {}",
                ran.stderr
            );
            let read = input.lines().count();
            let written = read - usize::from(!fits);
            let first = format!(
                "dl-filter: {read} read, {written} written, 0 filtered, {} rejected",
                usize::from(!fits)
            );
            assert_eq!(ran.stderr.lines().next(), Some(first.as_str()), "{shown}");
            assert_eq!(
                ran.stderr.contains("a line longer than --max-record"),
                !fits,
                "{shown}: {}",
                ran.stderr
            );
            assert_eq!(ran.status, 0, "{shown}");
        }
    };
    check("1000", 1_000, true);
    check("1000", 1_001, false);
    check("300000", 300_000, true);
    check("300000", 300_001, false);
    check("300000", 590_000, false);
    check("1MB", 600_000, true);
}

/// Whichever of the bad lines is the first, and wherever chunks end.
#[test]
fn the_first_bad_line_is_told_with_its_number() {
    let (good, bad, long) = ("{\"a\":1}\n", "no\n", line_of(300_001) + "\n");
    let many = lones(60_000);
    for (lines, number, is_long) in [
        ([good, &long, bad], 2, true),
        ([good, bad, &long], 2, false),
        ([&long, bad, good], 1, true),
        ([&many, &long, bad], 60_001, true),
        ([&many, bad, &long], 60_001, false),
    ] {
        for (program_name, args) in [
            ("dl-filter", &["true"][..]),
            ("dl-tree", &["--loose", "drop"]),
            ("dl-recv", &["-"]),
        ] {
            let ran = program(program_name)
                .args(args)
                .args(&["--max-record", "300000"])
                .stdin(lines.concat())
                .run();
            let reason = if is_long {
                "a line longer than --max-record"
            } else {
                "not a JSON object"
            };
            let said = format!("2 lines rejected, the first at <stdin>:{number}: {reason}");
            assert!(ran.stderr.contains(&said), "{said}: {}", ran.stderr);
        }
    }
    // An unfinished one stands behind all others.
    let mut running = program("dl-filter")
        .args(&["true", "--max-record", "1000"])
        .start();
    running.write(format!("{good}{}\n{{\"a", line_of(1_001)));
    assert_eq!(running.line(), good);
    running.wait_until_read();
    running.signal(Signal::TERM);
    let said = "dl-filter: <stdin>:3: an unfinished line of 3 bytes is left out\n";
    assert!(running.end().stderr.starts_with(said));
}

#[test]
fn the_limit_holds_wherever_the_input_is_cut() {
    // A long line that comes in two pieces must not fare better than one that comes whole.
    let (short, long) = (line_of(290_000), line_of(560_000));
    let mut running = program("dl-filter")
        .args(&["--max-record", "300000", "true"])
        .start();
    running.write("{\"a\":1}\n");
    running.write(&short[..280_000]);
    assert_eq!(running.line(), "{\"a\":1}\n");
    running.write(format!("{}\n{}", &short[280_000..], &long[..250_000]));
    assert_eq!(running.line(), short + "\n");
    running.write(format!("{}\n{{\"a\":2}}\n", &long[250_000..]));
    assert_eq!(running.line(), "{\"a\":2}\n");
    drop(running.stdin.take());
    let ran = running.end();
    assert!(
        ran.stderr.starts_with("dl-filter: 1 line rejected"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.status, 0);
}

#[test]
fn a_huge_line_passes_or_is_counted_but_leaks_nothing() {
    let huge = line_of(100_000_000);
    let dir = Dir::new();
    let file = dir.path("huge");
    let mut out = File::create(&file).expect("a file");
    for bytes in [b"{\"first\":1}\n", huge.as_bytes(), b"\n{\"last\":1}\n"] {
        out.write_all(bytes).expect("written");
    }
    let ran = program("dl-filter")
        .args(&["exists(first) or exists(last)", "--max-record", "64MiB"])
        .arg(&file)
        .run();
    assert_eq!(
        String::from_utf8_lossy(&ran.stdout),
        "{\"first\":1}\n{\"last\":1}\n"
    );
    let place = file.display();
    assert_eq!(
        ran.stderr,
        format!(
            "dl-filter: 1 line rejected, the first at {place}:2: a line longer than --max-record\ndl-filter: use --max-record BYTES to let longer lines through\n"
        )
    );
    assert_eq!(ran.status, 0);
    program("dl-filter")
        .args(&["-c", "exists(a)"])
        .arg(&file)
        .check("1\n", "", 0);
}

#[test]
fn after_a_file_that_broke_off_in_a_long_line_the_next_one_is_whole() {
    let dir = Dir::new();
    let packed = gzip(format!(
        "{{\"a\":1}}\n{}\n{}",
        line_of(700_000),
        lones(3_000)
    ));
    let cut = dir.file("cut", &packed[..600]);
    let next = dir.file("next", "{\"next\":1}\n");
    let ran = program("dl-filter")
        .args(&["--max-record", "300000", "true"])
        .arg(&cut)
        .arg(&next)
        .run();
    assert_eq!(
        String::from_utf8_lossy(&ran.stdout),
        "{\"a\":1}\n{\"next\":1}\n"
    );
    assert_eq!(ran.status, 2);
}
