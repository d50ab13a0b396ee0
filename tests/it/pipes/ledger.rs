//! What the programs say of what they did: exit codes, rejected lines, the sums.

use std::{
    fs,
    os::{fd::OwnedFd, unix::net::UnixDatagram},
    process::Stdio,
};

use super::{EVERY, lones, stats};
use crate::support::{Dir, newlines, program, samples};

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
