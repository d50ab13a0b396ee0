//! Pipes, files and signals: when the programs start to speak, when they stop, and what
//! they say then.

use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader, Read, Write},
    os::{fd::OwnedFd, unix::net::UnixDatagram},
    process::{Command, Stdio},
};

use rustix::process::Signal;

use crate::support::{DEADLINE, Dir, Kill, Ran, gather, newlines, program, samples, wait_for_end};

/// Each program with arguments that let every Eliot record through.
const ALL: [(&str, &[&str]); 3] = [("dl-filter", &["true"]), ("dl-fmt", &[]), ("dl-tree", &[])];

/// The same of all programs, with the two that have endpoints.
const EVERY: [(&str, &[&str]); 5] = [
    ALL[0],
    ALL[1],
    ALL[2],
    ("dl-recv", &["-"]),
    ("dl-send", &["-"]),
];

/// Each program so that one complete tree of one record comes out at once.
const AT_ONCE: [(&str, &[&str]); 5] = [
    ALL[0],
    ALL[1],
    ("dl-tree", &["--live-window", "30s"]),
    EVERY[3],
    EVERY[4],
];

/// A record outside of any action: a tree of its own.
fn lone(number: usize) -> String {
    format!(
        "{{\"task_uuid\":\"{number:08}-0000\",\"task_level\":[1],\"timestamp\":1795177294.5,\"message_type\":\"m{number}\"}}\n"
    )
}

fn lones(count: usize) -> String {
    (0..count).fold(String::new(), |mut all, number| {
        let _ = write!(all, "{}", lone(number));
        all
    })
}

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes.as_ref()).expect("memory");
    encoder.finish().expect("memory")
}

fn zstd(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    zstd::encode_all(bytes.as_ref(), 1).expect("memory")
}

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
    for signal in [Signal::TERM, Signal::INT] {
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
fn the_first_record_comes_out_at_once() {
    for (name, args) in AT_ONCE {
        let mut running = program(name).args(args).start();
        for number in 0..3 {
            running.write(lone(number));
            let line = running.line();
            assert!(line.contains(&format!("{number:08}")), "{name}: {line}");
            if name != "dl-tree" {
                assert!(line.contains(&format!("m{number}")), "{name}: {line}");
            }
        }
        drop(running.stdin.take());
        assert_eq!(
            running.end(),
            Ran {
                stdout: Vec::new(),
                stderr: String::new(),
                status: 0
            }
        );
    }
}

#[test]
fn the_first_record_comes_out_of_whole_pipelines_at_once() {
    let stages: [&[(&str, &[&str])]; 4] = [
        &[
            ("dl-recv", &["-"]),
            ("dl-filter", &["true"]),
            ("dl-send", &["-"]),
            ("dl-tree", &["--live-window", "30s"]),
            ("dl-fmt", &[]),
        ],
        &[
            ("dl-filter", &["true"]),
            ("dl-filter", &["exists(.task_level)"]),
            ("dl-fmt", &[]),
        ],
        &[
            ("dl-tree", &["--live-window", "30s"]),
            ("dl-filter", &["status != failed"]),
            ("dl-fmt", &["--records", "all"]),
        ],
        &[
            ("dl-tree", &["--live-window", "30s"]),
            ("dl-tree", &["--live-window", "30s", "--flatten"]),
            ("dl-fmt", &[]),
        ],
    ];
    for stages in stages {
        let mut children = Vec::new();
        let mut next = Stdio::piped();
        for (name, args) in stages {
            let mut command = program(name).args(args).command;
            let mut child = command
                .stdin(next)
                .stdout(Stdio::piped())
                .spawn()
                .expect("the program starts");
            next = Stdio::piped();
            let stdout = child.stdout.take().expect("stdout is piped");
            children.push((Kill(child), Some(stdout)));
            if children.len() < stages.len() {
                next = children
                    .last_mut()
                    .and_then(|(_, out)| out.take())
                    .expect("an output")
                    .into();
            }
        }
        let mut stdin = children[0].0.0.stdin.take().expect("stdin is piped");
        let last = children
            .last_mut()
            .and_then(|(_, out)| out.take())
            .expect("an output");
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(last).lines() {
                let _ = sender.send(line.expect("text"));
            }
        });
        for number in 0..2 {
            stdin.write_all(lone(number).as_bytes()).expect("it reads");
            let wanted = format!("m{number}");
            let mut seen = String::new();
            while !seen.contains(&wanted) {
                let line = receiver.recv_timeout(DEADLINE);
                seen += &line.unwrap_or_else(|_| panic!("{stages:?}: no {wanted} in {seen}"));
            }
        }
        drop(stdin);
        for (child, _) in &mut children {
            assert_eq!(wait_for_end(child), 0, "{stages:?}");
        }
    }
}

#[test]
fn enough_is_enough_even_if_the_input_stays_open() {
    for jobs in ["1", "3"] {
        let mut running = program("dl-filter")
            .args(&["-m", "1", "-j", jobs, "true"])
            .start();
        running.write("{\"a\":1}\n{\"a\":2}\n");
        let ran = running.end();
        assert_eq!(String::from_utf8_lossy(&ran.stdout), "{\"a\":1}\n");
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    }
}

#[test]
fn nothing_at_all_is_enough_before_there_is_input() {
    let mut running = program("dl-filter").args(&["-m", "0", "true"]).start();
    let stdin = running.stdin.take();
    assert_eq!(
        running.end(),
        Ran {
            stdout: Vec::new(),
            stderr: String::new(),
            status: 0
        }
    );
    drop(stdin);
}

#[test]
fn the_last_line_needs_no_newline() {
    program("dl-filter")
        .arg("true")
        .stdin("{\"a\":1}\n{\"a\":2}")
        .check("{\"a\":1}\n{\"a\":2}\n", "", 0);
    // Also where another file follows.
    let dir = Dir::new();
    let (a, b) = (dir.file("a", "{\"a\":1}"), dir.file("b", "{\"b\":1}"));
    program("dl-filter")
        .arg("true")
        .arg(a)
        .arg(b)
        .check("{\"a\":1}\n{\"b\":1}\n", "", 0);
}

#[test]
fn no_input_is_success_and_no_output() {
    let dir = Dir::new();
    let empty = dir.file("empty", "");
    for (name, args) in [&ALL[..], &AT_ONCE].concat() {
        program(name).args(args).check("", "", 0);
        program(name).args(args).arg(&empty).check("", "", 0);
        program(name).args(args).stdin("\n \n\r\n").check("", "", 0);
        program(name).args(args).stdin(gzip("")).check("", "", 0);
        program(name).args(args).stdin(zstd("")).check("", "", 0);
    }
    program("dl-fmt").args(&["--to", "table"]).check("", "", 0);
    program("dl-filter")
        .args(&["-c", "true"])
        .check("0\n", "", 0);
}

#[test]
fn a_file_that_cannot_be_read_does_not_stop_the_others() {
    let dir = Dir::new();
    let (a, b) = (dir.file("a", lone(1)), dir.file("b", lone(2)));
    let missing = dir.path("missing");
    for (name, args) in EVERY {
        let both = program(name).args(args).arg(&a).arg(&b).output();
        let reason = format!(
            "{name}: {}: No such file or directory (os error 2)\n",
            missing.display()
        );
        program(name)
            .args(args)
            .arg(&a)
            .arg(&missing)
            .arg(&b)
            .check(&both, &reason, 2);
        let reason = format!("{name}: {}: is a directory\n", dir.path("").display());
        program(name)
            .args(args)
            .arg(&a)
            .arg(dir.path(""))
            .arg(&b)
            .check(&both, &reason, 2);
    }
    // Nothing selected is the smaller trouble.
    let reason = format!(
        "dl-filter: {}: No such file or directory (os error 2)\n",
        missing.display()
    );
    program("dl-filter")
        .args(&["-e", "--strict", "false"])
        .arg(&missing)
        .check("", &reason, 2);
}

#[test]
fn compressed_input_is_read_like_any_other() {
    let dir = Dir::new();
    let members = [gzip(lone(0)), gzip(""), gzip(lone(1))].concat();
    let frames = [zstd(lone(0)), zstd(lone(1))].concat();
    for (name, args) in EVERY {
        let plain = program(name).args(args).stdin(lones(2)).output();
        for packed in [
            gzip(lones(2)),
            members.clone(),
            zstd(lones(2)),
            frames.clone(),
        ] {
            program(name).args(args).stdin(&packed).check(&plain, "", 0);
            program(name)
                .args(args)
                .arg(dir.file("packed", &packed))
                .check(&plain, "", 0);
        }
    }
}

#[test]
fn a_cut_archive_is_read_up_to_the_cut() {
    let dir = Dir::new();
    let next = dir.file("next", "{\"next\":1}\n");
    for (count, cut) in [(200, 40), (200, 9), (60_000, 9)] {
        for packed in [gzip(lones(count)), zstd(lones(count))] {
            let packed = &packed[..packed.len() - cut];
            let file = dir.file("cut", packed);
            let whole = lones(count);
            let ran = program("dl-filter").arg("true").arg(&file).arg(&next).run();
            assert_eq!(ran.status, 2);
            let start = format!("dl-filter: {}: ", file.display());
            assert!(ran.stderr.starts_with(&start), "{}", ran.stderr);
            let stdout = String::from_utf8_lossy(&ran.stdout);
            let lines = stdout
                .strip_suffix("{\"next\":1}\n")
                .expect("the next file is whole");
            assert!(
                whole.starts_with(lines) && (lines.is_empty() || lines.ends_with('\n')),
                "{count} {cut} {}",
                lines.len()
            );
            let naive = decompressed_up_to_the_cut(packed);
            let complete = naive.rfind('\n').map_or(0, |at| at + 1);
            assert_eq!(lines.len(), complete, "{count} {cut}");
        }
    }
}

/// What can be unpacked, without regard for lines.
fn decompressed_up_to_the_cut(packed: &[u8]) -> String {
    let mut out = Vec::new();
    let mut unpacked: Box<dyn Read + '_> = if packed[0] == 0x1F {
        Box::new(flate2::read::MultiGzDecoder::new(packed))
    } else {
        Box::new(zstd::Decoder::new(packed).expect("a decoder"))
    };
    let mut piece = [0; 1000];
    while let Ok(count @ 1..) = unpacked.read(&mut piece) {
        out.extend_from_slice(&piece[..count]);
    }
    String::from_utf8(out).expect("text")
}

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
            "dl-filter: 1 line rejected, the first at {place}: a line longer than --max-record\ndl-filter: use --max-record BYTES to let longer lines through\n"
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

#[test]
fn exit_codes() {
    let check = |args: &[&str], stdin: &str, expect: i32| {
        let ran = program("dl-filter").args(args).stdin(stdin).run();
        assert_eq!(ran.status, expect, "{args:?}: {}", ran.stderr);
    };
    check(&["a == 1"], "{\"a\":2}\n", 0);
    check(&["-e", "a == 1"], "{\"a\":2}\n", 1);
    check(&["-e", "a == 1"], "", 1);
    check(&["-e", "a == 1"], "{\"a\":1}\n", 0);
    check(&["-e", "-c", "a == 1"], "{\"a\":1}\n", 0);
    check(&["true"], "mud\n", 0);
    check(&["--strict", "true"], "mud\n", 3);
    check(&["--strict", "-e", "true"], "mud\n", 3);
    check(&["--strict", "true"], "{\"a\":1}\n", 0);
    check(&["--foreign", "fail", "true"], "mud\n", 2);
    check(&["--foreign", "pass", "--strict", "true"], "mud\n", 0);
    check(&["a =="], "", 2);
    check(&[], "", 2);
    check(&["--no-such-flag"], "", 2);
    check(&["--jobs", "0", "true"], "", 2);
    check(&["--rejects", "/no/such/folder/file", "true"], "", 2);
    check(&["--help"], "", 0);
    check(&["--version"], "", 0);
}

#[test]
fn rejected_lines_are_kept_byte_for_byte() {
    let odd: &[u8] = b" \xFF\x00 mud \t\r\n{\"a\":1}\n{\"a\":\r\n\n[1]\nlast";
    let kept: &[u8] = b" \xFF\x00 mud \t\r\n{\"a\":\r\n[1]\nlast\n";
    for (name, args) in EVERY {
        let dir = Dir::new();
        let rejects = dir.path("rejects");
        let ran = program(name)
            .args(args)
            .args(&["--foreign", "drop", "--stats", "--rejects"])
            .arg(&rejects)
            .stdin(odd)
            .run();
        assert_eq!(fs::read(&rejects).expect("the rejects"), kept, "{name}");
        assert!(ran.stderr.contains(" 4 rejected"), "{name}: {}", ran.stderr);
        assert!(
            ran.stderr
                .contains("4 lines rejected, the first at <stdin>:1: "),
            "{name}: {}",
            ran.stderr
        );
        assert_eq!(ran.status, 0, "{name}");
    }
}

#[test]
fn foreign_lines_pass_byte_for_byte() {
    let odd: &[u8] = b" \xFF\x00 mud \t\r\n  {\"a\":\r\n\n";
    for (name, args) in EVERY {
        program(name)
            .args(args)
            .args(&["--foreign", "pass"])
            .stdin(odd)
            .check(b" \xFF\x00 mud \t\r\n  {\"a\":\r\n", "", 0);
    }
    // What belongs to no tree passes dl-tree as it is, too.
    let loose = b" {\"a\":1}\r\n\xEF\xBB\xBF{\"b\":1}\n";
    program("dl-tree")
        .args(&["--loose", "pass"])
        .stdin(loose)
        .check(loose, "", 0);
}

#[test]
fn what_is_said_is_said_in_one_write() {
    // Programs of a pipeline share stderr. On a datagram socket each write stays one piece.
    for (name, args) in EVERY {
        let (ours, theirs) = UnixDatagram::pair().expect("sockets");
        let status = program(name)
            .args(args)
            .arg("/no/such/file")
            .command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(OwnedFd::from(theirs))
            .status();
        assert_eq!(status.expect("the program runs").code(), Some(2), "{name}");
        let mut said = [0; 1000];
        let length = ours.recv(&mut said).expect("words");
        let said = String::from_utf8_lossy(&said[..length]);
        assert_eq!(
            said,
            format!("{name}: /no/such/file: No such file or directory (os error 2)\n")
        );
    }
}

#[test]
fn a_wrapped_line_keeps_its_blanks() {
    let lines = "Traceback:\r\n  File \"x\", line 1 \n\t^\n";
    let records = "{\"message\":\"Traceback:\"}\n{\"message\":\"  File \\\"x\\\", line 1 \"}\n{\"message\":\"\\t^\"}\n";
    for (name, args) in [
        ("dl-filter", &["true"][..]),
        ("dl-recv", &["-"]),
        ("dl-send", &["-"]),
        ("dl-tree", &["--loose", "pass"]),
    ] {
        program(name)
            .args(args)
            .args(&["--foreign", "wrap"])
            .stdin(lines)
            .check(records, "", 0);
    }
}

/// The four numbers that `--stats` says.
pub(crate) fn stats(stderr: &str) -> [u64; 4] {
    let line = stderr
        .lines()
        .find(|line| line.contains(" read, "))
        .unwrap_or_else(|| panic!("no stats: {stderr}"));
    let numbers: Vec<u64> = line
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|word| word.parse().ok())
        .collect();
    numbers
        .try_into()
        .unwrap_or_else(|_| panic!("not four numbers: {line}"))
}

#[test]
fn every_line_is_written_selected_away_or_rejected() {
    let programs: [(&str, &[&str]); 8] = [
        ("dl-filter", &["true"]),
        ("dl-filter", &["level >= warning"]),
        ("dl-filter", &["true", "-m", "2"]),
        ("dl-filter", &["true", "--foreign", "wrap"]),
        ("dl-tree", &[]),
        (
            "dl-tree",
            &["--flatten", "--loose", "pass", "--foreign", "pass"],
        ),
        ("dl-fmt", &[]),
        ("dl-fmt", &["--to", "table"]),
    ];
    for sample in samples() {
        let bytes = fs::read(&sample).expect("a sample");
        let lines = bytes
            .split(|&b| b == b'\n')
            .filter(|line| !distlog::record::trim(line).is_empty())
            .count() as u64;
        for (name, args) in programs {
            let ran = program(name).args(args).arg("--stats").arg(&sample).run();
            let shown = format!("{name} {args:?} {}: {}", sample.display(), ran.stderr);
            assert_eq!(ran.status, 0, "{shown}");
            let [read, written, filtered, rejected] = stats(&ran.stderr);
            assert_eq!(read, written + filtered + rejected, "{shown}");
            // With enough records selected, what follows is in no count.
            if args.contains(&"-m") && written == 2 {
                assert!(read <= lines, "{shown}");
            } else {
                assert_eq!(read, lines, "{shown}");
            }
            let out = newlines(&ran.stdout) as u64;
            if name == "dl-filter" {
                assert_eq!(written, out, "{shown}");
            }
        }
    }
}

#[test]
fn temporary_files_that_cannot_be_made_are_a_failure_that_says_so() {
    program("dl-tree")
        .args(&["--memory", "0"])
        .env("TMPDIR", "/no/such/folder")
        .stdin(lones(3))
        .run_and(|ran| {
            assert_eq!(ran.status, 2);
            let start = "dl-tree: temporary files in /no/such/folder: No such file or directory";
            assert!(ran.stderr.starts_with(start), "{}", ran.stderr);
        });
}
