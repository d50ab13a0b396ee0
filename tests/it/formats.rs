//! dl-recv --format: that nothing is lost whatever the bytes, on any number of workers, and that
//! the first record comes out at once.

use std::fs;

use rustix::process::Signal;

use distlog::{
    decode::format::FORMATS,
    record::{Found, Lines, Projection},
};

use crate::{
    pipes::stats,
    rng::Rng,
    support::{Dir, newlines, program, samples},
};

/// All samples one behind the other, with pieces of them and noise between: some chunks long.
fn all_kinds_of_text() -> Vec<u8> {
    let paths = samples();
    let samples: Vec<_> = paths
        .iter()
        .map(|path| fs::read(path).expect("a sample"))
        .collect();
    let mut rng = Rng::new(17);
    // Of entries over many lines hardly one is whole by chance.
    let export = paths
        .iter()
        .position(|path| path.ends_with("journald-export.txt"));
    let mut text = samples[export.expect("a sample")].clone();
    while text.len() < 1_500_000 {
        // Of these two there are no samples.
        let envelopes: [&[u8]; 4] = [
            b"",
            b"web-1  | ",
            b"2026-11-20T12:00:00Z stdout F ",
            b"2026-11-20T12:00:00Z stderr P ",
        ];
        text.extend_from_slice(rng.pick(&envelopes));
        let sample = &samples[rng.below(samples.len())];
        let start = rng.below(sample.len());
        let end = start + rng.below(sample.len() - start) + 1;
        text.extend_from_slice(&sample[start..end]);
        for _ in 0..rng.below(20) {
            text.extend_from_slice(&rng.next().to_le_bytes()[..rng.below(8)]);
        }
        text.push(b'\n');
    }
    text
}

#[test]
fn the_ledger_adds_up_whatever_the_bytes() {
    let dir = Dir::new();
    let text = all_kinds_of_text();
    let input = dir.file("text", &text);
    let lines = Lines::new(&text).filter(|line| !line.trim_ascii().is_empty());
    let lines = lines.count() as u64;
    let projection = Projection::default();
    let mut found = Found::default();
    for format in FORMATS {
        let rejects = dir.path("rejects");
        let run = |jobs: &str| {
            program("dl-recv")
                .args(&["--format", format.name, "--stats", "--year", "2026"])
                .args(&["--jobs", jobs, "--rejects"])
                .arg(&rejects)
                .arg(&input)
                .run()
        };
        let ran = run("4");
        let shown = format!("{}: {}", format.name, ran.stderr);
        assert_eq!(ran.status, 0, "{shown}");
        let [read, written, filtered, rejected] = stats(&ran.stderr);
        assert_eq!(read, written + filtered + rejected, "{shown}");
        assert_eq!(filtered, 0, "{shown}");
        assert_eq!(written, newlines(&ran.stdout) as u64, "{shown}");
        assert!(written > 0 && rejected > 0, "{shown}");
        for record in Lines::new(&ran.stdout) {
            let scanned = projection.scan(record, &mut found);
            let record = String::from_utf8_lossy(record);
            assert!(scanned.is_ok(), "{}: {scanned:?}: {record}", format.name);
        }
        let kept = fs::read(&rejects).expect("the rejects");
        match format.name {
            // A line is a record or is kept, or else part of a traceback below one.
            "logfmt" | "compose" => {
                assert!(read <= lines, "{shown}");
                assert_eq!(rejected, newlines(&kept) as u64, "{shown}");
            }
            // NUL separates messages.
            "syslog" => assert!(read >= lines, "{shown}"),
            // Lines are joined, or a document is several records.
            _ => assert!(newlines(&kept) as u64 >= rejected, "{shown}"),
        }
        let alone = run("1");
        assert!(ran.stdout == alone.stdout, "{}: other records", format.name);
        assert_eq!(ran.stderr, alone.stderr, "{}", format.name);
        assert!(kept == fs::read(&rejects).expect("the rejects"), "{shown}");
    }
}

#[test]
fn what_lacks_a_line_that_is_too_long_says_so() {
    let dir = Dir::new();
    let long = "x".repeat(300_000);
    // Of lines below the size of a chunk it is told by another way than of those above.
    for (long, limit) in [(&long[..], "280kB"), (&long[..2_000], "1kB")] {
        let check = |format: &str, text: String, expect: &str, ledger: [u64; 4]| {
            let input = dir.file("text", text.as_bytes());
            let rejects = dir.path("rejects");
            let ran = program("dl-recv")
                .args(&["--format", format, "--max-record", limit, "--stats"])
                .args(&["--rejects"])
                .arg(&rejects)
                .arg(&input)
                .run();
            assert_eq!(String::from_utf8_lossy(&ran.stdout), expect, "{format}");
            assert_eq!(stats(&ran.stderr), ledger, "{format}");
            fs::read_to_string(&rejects).expect("rejects")
        };
        let rejects = check(
            "journald-export",
            format!("A=1\nB={long}\nC=1\n\nA=2\n\n"),
            "{\"A\":\"2\"}\n",
            [3, 1, 0, 2],
        );
        assert_eq!(rejects, "A=1\nC=1\n");
        check(
            "logfmt",
            format!("a=1\nTraceback (most recent call last):\n  {long}\nE: x\n"),
            "{\"a\":1,\"exception\":\"Traceback (most recent call last):\\nE: x\",\"dl\":{\"recv\":{\"partial\":true}}}\n",
            [2, 1, 0, 1],
        );
    }
}

#[test]
fn what_waits_for_more_ends_with_its_input() {
    let dir = Dir::new();
    let first = dir.file("first", "2026-11-20T12:00:00Z stdout P one \n");
    let second = dir.file("second", "2026-11-20T12:00:01Z stdout F two\n");
    let run = |format: &str| {
        let program = program("dl-recv").args(&["--format", format]);
        program.arg(&first).arg(&second)
    };
    let expect = "{\"time\":\"2026-11-20T12:00:00Z\",\"stream\":\"stdout\",\"message\":\"one \",\"dl\":{\"recv\":{\"partial\":true}}}
{\"time\":\"2026-11-20T12:00:01Z\",\"stream\":\"stdout\",\"message\":\"two\"}
";
    run("cri").check(expect, "", 0);
    run("auto").check(expect, "", 0);
    // What is cut off is rejected at the end, and that is a failure if the user says so.
    program("dl-recv")
        .args(&["--format", "json", "--foreign", "fail", "-"])
        .stdin("{\"a\":1}\n{\"b\":\n")
        .check(
            "{\"a\":1}\n",
            "dl-recv: the end of <stdin>: it is cut off\n",
            2,
        );
}

#[test]
fn a_traceback_comes_out_while_its_input_is_open() {
    let text = "a=1\nTraceback (most recent call last):\n  File \"a.py\", line 1\nE: x\n";
    let whole = "\"exception\":\"Traceback (most recent call last):\\n  File \\\"a.py\\\", line 1\\nE: x\"}\n";
    let dir = Dir::new();
    let counts = dir.path("counts");
    for format in ["auto", "logfmt"] {
        let mut running = program("dl-recv")
            .args(&["--format", format, "-", "--stats", "--stats-every", "1h"])
            .args(&["--stats-to"])
            .arg(&counts)
            .start();
        for _ in 0..2 {
            running.write(text);
            assert_eq!(running.line(), format!("{{\"a\":1,{whole}"), "{format}");
        }
        drop(running.stdin.take());
        let ran = running.end();
        assert_eq!(stats(&ran.stderr), [2, 2, 0, 0], "{format}");
        // They are of their source too.
        let counted = fs::read_to_string(&counts).expect("counts");
        let source = "\"records\":2,\"records_per_second\":";
        assert_eq!(counted.matches(source).count(), 2, "{counted}");
        fs::remove_file(&counts).expect("it is there");
    }
    let (path, state) = (dir.file("app.log", text), dir.path("state"));
    let follow = || {
        let follower = program("dl-recv").args(&["--format", "logfmt", "-F"]);
        follower.arg(&path).arg("--state").arg(&state).start()
    };
    let first = follow();
    assert_eq!(first.line(), format!("{{\"a\":1,{whole}"));
    first.signal(Signal::TERM);
    assert_eq!(first.end().stdout, b"");
    // What has been handed out is done with.
    let saved = fs::read_to_string(&state).expect("a state");
    let offset = format!("\"offset\": {},", text.len());
    assert!(saved.contains(&offset), "{saved}");
}

#[test]
fn the_first_record_comes_out_at_once() {
    for (format, text) in [
        ("auto", "{\"n\":0}\n"),
        ("logfmt", "n=0\n"),
        ("syslog", "<14>0\n"),
        ("cri", "2026-11-21T11:11:11Z stdout F {\"n\":0}\n"),
        ("cri", "2026-11-21T11:11:11Z stdout F n=0\n"),
        ("timestamps", "2026-11-21T11:11:11Z text 0\n"),
        ("compose", "web-1 | {\"n\":0}\n"),
        ("journald-export", "N=0\n\n"),
        ("json", "{\n\"n\":0\n}\n"),
        ("json-seq", "\u{1e}{\"n\":0}\n"),
    ] {
        let mut running = program("dl-recv").args(&["--format", format, "-"]).start();
        for number in ["1", "2"] {
            running.write(text.replace('0', number));
            let line = running.line();
            assert!(line.contains(number), "{format}: {line}");
        }
        drop(running.stdin.take());
        assert_eq!(running.end().status, 0, "{format}");
    }
}
