//! `dl-recv --stamp` and `--stamp-path` over files, beside a model that knows where each line stands.

use std::{
    fs::{self, OpenOptions},
    io::Write,
};

use rustix::process::Signal;

use crate::support::{Dir, program};

/// Lines of several shapes, some of them no records, and what is to come of the records.
fn lines(count: usize) -> (String, String) {
    let (mut text, mut stamped) = (String::new(), String::new());
    let stamp = "\"recv\":{\"site\":\"a \\\"b\\\"\",\"host\":\"web1\"}";
    for n in 0..count {
        let (line, expect) = match n % 5 {
            0 => (
                format!("{{\"n\":{n},\"x\":1.50}}"),
                format!("{{\"n\":{n},\"x\":1.50,\"dl\":{{{stamp}}}}}"),
            ),
            1 => (
                format!(" {{ \"n\" : {n} }}\r"),
                format!(" {{ \"n\" : {n} ,\"dl\":{{{stamp}}}}}\r"),
            ),
            2 => (
                format!("{{\"dl\":{{\"recv\":{{\"host\":\"h\",\"seq\":{n}}}}},\"a\":NaN}}"),
                format!(
                    "{{\"dl\":{{\"recv\":{{\"host\":\"h\",\"seq\":{n},\"site\":\"a \\\"b\\\"\"}}}},\"a\":NaN}}"
                ),
            ),
            3 => (format!("oops {n}"), String::new()),
            _ => (
                format!("{{\"dl\":{{\"event\":\"end\"}},\"n\":{n}}}"),
                format!("{{\"dl\":{{\"event\":\"end\",{stamp}}},\"n\":{n}}}"),
            ),
        };
        text.extend([&*line, "\n"]);
        if !expect.is_empty() {
            stamped.extend([&*expect, "\n"]);
        }
    }
    (text, stamped)
}

const STAMP: &[&str] = &[
    "--stamp",
    "site=a \"b\"",
    "--stamp-path",
    r"(?<host>web\d)[^/]*$",
];

#[test]
fn each_record_of_a_file_gets_it_and_nothing_else_changes() {
    let (text, stamped) = lines(50_000);
    let dir = Dir::new();
    let plain = dir.file("web1.log", &text);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).expect("written");
    let packed = dir.file("web1.log.gz", packed.finish().expect("packed"));
    for (path, jobs) in [(&plain, "1"), (&plain, "4"), (&packed, "4")] {
        let ran = program("dl-recv")
            .args(STAMP)
            .args(&["-j", jobs, "--stats"])
            .arg(path)
            .run();
        assert!(ran.stdout == stamped.as_bytes(), "{jobs} {path:?}");
        let words = ran.stderr;
        assert!(
            words.contains("50000 read, 40000 written, 0 filtered, 10000 rejected"),
            "{words}"
        );
        assert!(
            words.contains(":4: not a JSON object: expected '{' in column 1"),
            "{words}"
        );
    }
}

#[test]
fn a_merge_keeps_what_each_file_is_stamped_with() {
    let dir = Dir::new();
    let record = |n: usize| format!("{{\"time\":{}}}\n", 1_795_176_000 + n);
    let every = |step: usize| {
        let records = (0..20_000).skip(step).step_by(2).map(record);
        records.collect::<Vec<_>>().concat()
    };
    let files = [every(0), every(1)];
    let names = ["web1.log", "web2.log"].map(|name| dir.path(name));
    for (name, file) in names.iter().zip(&files) {
        fs::write(name, file).expect("a file");
    }
    let expect = (0..20_000).map(|n| {
        let (time, host) = (1_795_176_000 + n, n % 2 + 1);
        format!("{{\"time\":{time},\"dl\":{{\"recv\":{{\"host\":\"web{host}\"}}}}}}\n")
    });
    let expect = expect.collect::<Vec<_>>().concat();
    for how in [&["--merge"][..], &["--merge", "--sorted"]] {
        let merged = program("dl-recv")
            .args(how)
            .args(&["--stamp-path", r"(?<host>web\d)[^/]*$"])
            .files(&names)
            .output();
        assert!(merged == expect.as_bytes(), "{how:?}");
    }
}

#[test]
fn a_file_that_grows_is_stamped_from_run_to_run() {
    let dir = Dir::new();
    let path = dir.file("web1.log", "{\"n\":0}\n");
    let state = dir.path("state").display().to_string();
    for n in 0..2 {
        let follower = program("dl-recv")
            .args(STAMP)
            .args(&["-F", "--state", &state])
            .arg(&path)
            .start();
        let expect = |n: u32| {
            format!(
                "{{\"n\":{n},\"dl\":{{\"recv\":{{\"site\":\"a \\\"b\\\"\",\"host\":\"web1\"}}}}}}\n"
            )
        };
        assert_eq!(follower.line(), expect(2 * n));
        let mut file = OpenOptions::new().append(true).open(&path).expect("a file");
        writeln!(file, "{{\"n\":{}}}", 2 * n + 1).expect("written");
        assert_eq!(follower.line(), expect(2 * n + 1));
        follower.signal(Signal::TERM);
        assert_eq!(follower.end().status, 0);
        writeln!(file, "{{\"n\":{}}}", 2 * n + 2).expect("written");
    }
}

/// The records of `lines` with their numbers, if those are added to nothing but what is a record.
fn numbered(text: &str) -> String {
    let mut count = 0;
    let records = text.lines().filter(|line| !line.starts_with("oops"));
    let number = |line: &str| {
        count += 1;
        let line = line.strip_suffix('}').expect("a record").to_owned();
        format!("{line},\"dl\":{{\"recv\":{{\"seq\":{count}}}}}}}\n")
    };
    records.map(number).collect()
}

#[test]
fn records_of_files_are_numbered() {
    let line = |n: u32| match n % 7 {
        3 => "oops\n".to_owned(),
        _ => format!("{{\"time\":{n},\"text\":\"{}\"}}\n", "x".repeat(20)),
    };
    let text: String = (0..100_000).map(line).collect();
    let dir = Dir::new();
    let (a, b) = (dir.file("a.ndjson", &text), dir.file("b.ndjson", &text));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).expect("written");
    let packed = dir.file("c.gz", packed.finish().expect("packed"));
    let expect = numbered(&text).repeat(3);
    for jobs in ["1", "4"] {
        let found = program("dl-recv")
            .args(&["--stamp-seq", "-j", jobs])
            .files(&[a.clone(), b.clone(), packed.clone()])
            .run();
        assert!(found.stdout == expect.as_bytes(), "{jobs}");
    }
    let merged = program("dl-recv")
        .args(&["--stamp-seq", "--merge"])
        .files(&[a, b])
        .run();
    let expect = numbered(&text);
    let twice = expect.split_inclusive('\n').map(|line| line.repeat(2));
    assert!(merged.stdout == twice.collect::<String>().as_bytes());
}

#[test]
fn files_that_grow_side_by_side_are_numbered_each() {
    let dir = Dir::new();
    let names = ["a", "b"].map(|name| dir.file(name, ""));
    let follower = program("dl-recv")
        .args(&["--stamp-seq", "-F"])
        .files(&names)
        .start();
    for n in 1..=3 {
        for name in &names {
            let mut file = OpenOptions::new().append(true).open(name).expect("a file");
            writeln!(file, "{{}}").expect("written");
            let expect = format!("{{\"dl\":{{\"recv\":{{\"seq\":{n}}}}}}}\n");
            assert_eq!(follower.line(), expect);
        }
    }
    follower.signal(Signal::TERM);
    assert_eq!(follower.end().status, 0);
}

#[test]
fn numbers_go_on_from_run_to_run() {
    let dir = Dir::new();
    let (state, log) = (dir.path("state"), dir.file("log", ""));
    let append = |text: &str| {
        let open = OpenOptions::new().append(true).create(true).open(&log);
        open.expect("a file")
            .write_all(text.as_bytes())
            .expect("written");
    };
    let run = |expect: &[u32]| {
        let follower = program("dl-recv")
            .args(&["--stamp-seq", "-F", "--format", "auto"])
            .arg("--state")
            .arg(&state)
            .arg(&log)
            .start();
        for number in expect {
            let line = follower.line();
            let end = format!("\"dl\":{{\"recv\":{{\"seq\":{number}}}}}}}\n");
            assert!(line.ends_with(&end), "{line} {number}");
        }
        follower.signal(Signal::TERM);
        assert_eq!(follower.end().status, 0);
    };
    // Two lines are one record, and a blank one is none.
    append("{\"a\":1}\n\n");
    append("2026-11-20 12:00:00,123 ERROR a: x\n  more\n2026-11-20 12:00:01,123 INFO a: y\n");
    run(&[1, 2, 3]);
    append("{\"a\":3}\n");
    run(&[4]);
    append("{\"a\":4}\n");
    std::fs::rename(&log, dir.path("log.1")).expect("rotated");
    append("{\"b\":1}\n");
    run(&[5, 6]);
    append("{\"b\":2}\n");
    run(&[7]);
    append("{\"b\":3}\n");
    run(&[8]);
}
