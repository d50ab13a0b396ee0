//! Outputs when things go wrong: files that are inputs too, readers that leave, failures.

use std::{
    io::{Read, Write},
    process::{Command, Stdio},
    time::Duration,
};

use crate::support::{Dir, Kill, program, wait_for, wait_for_end};

#[test]
fn an_input_is_never_an_output() {
    let dir = Dir::new();
    let text = "{\"a\":1}\nbad\n";
    let file = dir.file("in", text);
    let name = file.display();
    let refused = |name: &str| {
        format!(
            "{name}: {}: the input file is an output file too\n",
            file.display()
        )
    };
    program("dl-filter")
        .args(&["true", "--rejects"])
        .arg(&file)
        .arg(&file)
        .check("", &refused("dl-filter"), 2);
    program("dl-send")
        .arg(&file)
        .arg(&file)
        .check("", &refused("dl-send"), 2);
    program("dl-recv")
        .arg(&file)
        .arg("-o")
        .arg(&file)
        .check("", &refused("dl-recv"), 2);
    assert_eq!(
        std::fs::read_to_string(&file).expect("it is there"),
        text,
        "{name}"
    );
}

#[test]
fn rejects_are_written_where_nothing_else_is() {
    let check = |args: &[&str], reason: &str| {
        let dir = Dir::new();
        dir.file("in", "{\"a\":1}\nbad\n");
        dir.file("there", "{\"b\":2}\n");
        let program = Command::new(match args[0] {
            "dl-filter" => env!("CARGO_BIN_EXE_dl-filter"),
            "dl-send" => env!("CARGO_BIN_EXE_dl-send"),
            _ => env!("CARGO_BIN_EXE_dl-recv"),
        })
        .args(&args[1..])
        .current_dir(dir.path(""))
        .env("DISTLOG_CONFIG", "")
        .output()
        .expect("it runs");
        let words = String::from_utf8_lossy(&program.stderr);
        assert_eq!(words, format!("{}: {reason}\n", args[0]), "{args:?}");
        let kept = std::fs::read_to_string(dir.path("there")).expect("it is there");
        assert_eq!(kept, "{\"b\":2}\n", "{args:?}");
    };
    let recv = |rest: &[&'static str], reason: &str| {
        check(&[&["dl-recv", "in", "--rejects"], rest].concat(), reason);
    };
    // Also where none of them is there yet.
    for name in ["there", "./new"] {
        recv(
            &[name, "-F", "--state", name],
            &format!("{name}: the file of --state is that of --rejects too"),
        );
        recv(
            &[name, "--stats-every", "1h", "--stats-to", name],
            &format!("{name}: the file of --stats-to is that of --rejects too"),
        );
    }
    check(
        &["dl-recv", "in", "-F", "--state", "out", "-o", "out"],
        "out: the file of --state is that of --output too",
    );
    recv(
        &["out-20261130.ndjson", "-o", "out-%Y%m%d.ndjson"],
        "out-%Y%m%d.ndjson: the file of --rejects is the output too",
    );
    check(
        &[
            "dl-filter",
            "true",
            "in",
            "--rejects",
            "p2",
            "--shard",
            "3",
            "--shard-to",
            "p{}",
        ],
        "p2: the file of --rejects is the output too",
    );
    check(
        &["dl-send", "new", "in", "--rejects", "new"],
        "new: the file of --rejects is the output too",
    );
}

#[test]
fn an_unfinished_line_is_ended_before_more_is_appended() {
    let dir = Dir::new();
    let check = |before: &str, expect: &str| {
        let file = dir.file("out", before);
        program("dl-send")
            .arg(&file)
            .stdin("{\"b\":2}\n")
            .check("", "", 0);
        assert_eq!(std::fs::read_to_string(&file).expect("it is there"), expect);
    };
    check("", "{\"b\":2}\n");
    check("{\"a\":1}\n", "{\"a\":1}\n{\"b\":2}\n");
    check("{\"cut\":", "{\"cut\":\n{\"b\":2}\n");
}

#[test]
fn a_reader_of_standard_output_matters_only_if_records_go_there() {
    let dir = Dir::new();
    let out = dir.path("out");
    let mut send = Command::new(env!("CARGO_BIN_EXE_dl-send"));
    let mut send = Kill(
        send.arg(&out)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts"),
    );
    drop(send.0.stdout.take());
    let mut stdin = send.0.stdin.take().expect("stdin is piped");
    // Long enough for a program that looks at the wrong thing to have ended.
    std::thread::sleep(Duration::from_millis(100));
    std::io::Write::write_all(&mut stdin, b"{\"a\":1}\n").expect("it reads");
    drop(stdin);
    assert_eq!(wait_for_end(&mut send), 0);
    assert_eq!(std::fs::read(&out).expect("it is there"), b"{\"a\":1}\n");
}

#[test]
fn a_failure_ends_a_collector_that_listens_too() {
    let dir = Dir::new();
    let text = "{\"a\":1}\n".repeat(50_000) + "bad\n";
    let input = dir.file("in", &text);
    let address = format!("ipc://{}", dir.path("in.sock").display());
    for args in [&["-o", "/dev/full"][..], &["--foreign", "fail"]] {
        program("dl-recv")
            .arg(&address)
            .arg(&input)
            .args(args)
            .run_and(|ran| {
                assert_eq!(ran.status, 2, "{args:?}: {}", ran.stderr);
            });
    }
}

#[test]
fn what_was_rejected_is_said_before_a_failure() {
    let dir = Dir::new();
    let input = dir.file("in", "bad\n{\"a\":1}\n");
    program("dl-filter").args(&["true", "--foreign", "fail", "--stats"]).stdin("{\"a\":1}\nbad\n{\"a\":2}\n").check(
        "{\"a\":1}\n",
        "dl-filter: 2 read, 1 written, 0 filtered, 1 rejected\n\
         dl-filter: 1 line rejected, the first at <stdin>:2: not a JSON object: expected '{' in column 1\n\
         dl-filter: use dl-recv --format auto to make records of text, --rejects FILE to keep such lines, --foreign pass to let them through\n\
         dl-filter: <stdin>:2: not a JSON object: expected '{' in column 1\n",
        2,
    );
    program("dl-send")
        .args(&["--linger", "50ms", "ipc:///no/such/socket"])
        .arg(&input)
        .run_and(|ran| {
            assert!(
                ran.stderr.contains("1 line rejected, the first at"),
                "{}",
                ran.stderr
            );
            assert_eq!(ran.status, 2);
        });
}

#[test]
fn a_record_too_large_for_a_message_does_not_hold_up_the_others() {
    let dir = Dir::new();
    let address = format!("ipc://{}", dir.path("in.sock").display());
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(65 << 20));
    let input = dir.file("in", format!("{{\"a\":1}}\n{large}\n{{\"a\":3}}\n"));
    let collector = program("dl-recv").args(&[&address, "--no-stamp"]).start();
    program("dl-send").arg(&address).arg(&input).run_and(|ran| {
        assert!(
            ran.stderr.contains("too large for a message"),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.status, 2);
    });
    assert_eq!(
        [collector.line(), collector.line()],
        ["{\"a\":1}\n", "{\"a\":3}\n"]
    );
}

#[test]
fn a_long_line_is_counted_even_if_nothing_follows_at_once() {
    let mut filter = program("dl-filter")
        .args(&["true", "--max-record", "100000", "--stats"])
        .start();
    filter.write("a".repeat(300_000) + "\n");
    filter.wait_until_read();
    drop(filter.stdin.take());
    let ran = filter.end();
    assert!(
        ran.stderr
            .contains("1 read, 0 written, 0 filtered, 1 rejected"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_only_says_that_it_is_a_tree_passes_as_it_is() {
    for line in [
        "{\"dl\":{\"kind\":\"tree\"},\"a\":1}\n",
        "{\"dl\":{\"kind\":\"tree\"},\"root\":{\"records\":[\"ab\\\"c\",5]}}\n",
    ] {
        program("dl-tree")
            .arg("--flatten")
            .stdin(line)
            .check(line, "", 0);
    }
}

#[test]
fn a_file_that_is_renamed_or_deleted_is_begun_anew() {
    let dir = Dir::new();
    let (out, old) = (dir.path("out"), dir.path("out.1"));
    let mut child = program("dl-send")
        .arg(&out)
        .arg("--stats")
        .command
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("dl-send starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let mut write = |line: &str| {
        stdin.write_all(line.as_bytes()).expect("it reads");
        wait_for("the record", || {
            std::fs::read_to_string(&out).is_ok_and(|text| text.ends_with(line))
        });
    };
    write("{\"a\":1}\n");
    std::fs::rename(&out, &old).expect("renamed");
    write("{\"a\":2}\n");
    std::fs::remove_file(&out).expect("removed");
    write("{\"a\":3}\n");
    // Somebody has put another one there, as logrotate's create does.
    std::fs::rename(&out, &old).expect("renamed");
    std::fs::write(&out, "").expect("made");
    write("{\"a\":4}\n");
    let old = std::fs::read_to_string(&old).expect("it is there");
    assert_eq!(old, "{\"a\":3}\n");
    // Where it cannot be made again, the record is not said to be written.
    std::fs::remove_file(&out).expect("removed");
    std::fs::create_dir(&out).expect("made");
    stdin.write_all(b"{\"a\":5}\n").expect("it reads");
    let mut child = Kill(child);
    let mut words = String::new();
    let mut stderr = child.0.stderr.take().expect("stderr is piped");
    stderr.read_to_string(&mut words).expect("words");
    assert_eq!(wait_for_end(&mut child), 2);
    let name = out.display();
    assert_eq!(
        words,
        format!(
            "dl-send: 5 read, 4 written, 0 filtered, 0 rejected, 1 undelivered\n\
             dl-send: {name}: Is a directory (os error 21)\n"
        )
    );
}
