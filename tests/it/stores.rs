//! Stores: what is put in is there, once, whatever happens on the way; and it comes back as it was.

mod clickhouse;
mod parquet;
mod postgres;
mod sqlite;

use std::{fmt::Write, fs, path::Path, process::Command};

use crate::{
    rng::Rng,
    support::{Dir, Kill, Program, killed_ten_times, program},
};

/// So many different records.
fn records(count: usize) -> String {
    let mut rng = Rng::new(5);
    let mut out = String::new();
    for number in 0..count {
        let level = rng.pick(&["debug", "info", "warning", "error"]);
        let host = rng.pick(&["web-1", "web-2", "o'neil"]);
        let second = rng.below(86_400 * 3);
        let (day, second) = (20 + second / 86_400, second % 86_400);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        let _ = writeln!(
            out,
            "{{\"n\":{number},\"level\":\"{level}\",\"host\":\"{host}\",\"logger\":\"l{}\",\
             \"time\":\"2026-11-{day}T{hour:02}:{minute:02}:{second:02}.{:06}Z\",\
             \"request_id\":\"r{}\", \"x\" : 1.50}}",
            rng.below(5),
            rng.below(1_000_000),
            rng.below(count / 10 + 1),
        );
    }
    out
}

fn send(store: &str) -> Program {
    program("dl-send").arg(store)
}

/// What a store gives back.
fn read(store: &str, args: &[&str]) -> String {
    let out = program("dl-recv").arg(store).args(args).output();
    String::from_utf8(out).expect("text")
}

/// What is put in comes back byte for byte, and a second time adds nothing.
fn there_and_back(store: &str) {
    let text = records(3_000);
    let args = ["--stats", "--batch", "700"];
    send(store).args(&args).stdin(&text).check(
        "",
        "dl-send: 3000 read, 3000 written, 0 filtered, 0 rejected\n",
        0,
    );
    assert!(read(store, &[]) == text);
    let mut more = text.clone();
    more += "{\"n\":\"new\"}\n";
    let known = format!("dl-send: {store}: 3000 records there already\n");
    send(store).stdin(&more).check("", &known, 0);
    assert!(read(store, &[]) == more);
    // Other filters read it too.
    let counted = program("dl-filter")
        .args(&["--count", "true", store])
        .output();
    assert_eq!(counted, b"3001\n");
}

/// The lines of a text, whatever their order.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

/// What the database finds is what dl-filter finds.
fn conditions_agree_with_the_filter(store: &str) {
    let mut text = records(2_000);
    text += "{\"trace_id\":\"4BF92F3577B34DA6A3CE929D0E0E4736\",\"n\":1}\n";
    text += "{\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"n\":2}\n{\"none\":1}\n";
    send(store).stdin(&text).check("", "", 0);
    for expr in [
        "level >= warning",
        "level < info",
        "level in (debug, error)",
        "host == \"o'neil\"",
        "host in (web-1, web-2) and not (level == error)",
        "host != web-1",
        "logger ~ '^l[12]$'",
        "tree == r7",
        "tree == '4BF92F3577B34DA6A3CE929D0E0E4736'",
        "tree == '4bf92f3577b34da6a3ce929d0e0e4736'",
        "time >= '2026-11-21T10:00:00.000001Z' and time < '2026-11-22'",
        "time > '2026-11-22T12:00:00Z' or (.n < 10 and level == info)",
        "logger == l1 and host == web-2 and time >= 2026-11-21 and .n > 500",
        "exists(time)",
        "level == 35",
        "message == x",
    ] {
        let found = read(store, &["--where", expr]);
        let filtered = program("dl-filter").args(&["--tz", "UTC", expr]);
        let expect = String::from_utf8(filtered.stdin(&text).output()).expect("text");
        // Files by the hour have another order.
        assert!(
            sorted(&found) == sorted(&expect),
            "{expr}: {found}\n{expect}"
        );
    }
}

/// Killed at ten random moments and started again, all of the input is there once.
fn killed_and_started_again(store: &str, spool: &Path) {
    let text = records(5_000);
    let dir = Dir::new();
    let input = dir.file("in.ndjson", &text);
    let start = |rest: &Path| {
        let sender = send(store).args(&["--batch", "200", "--spool"]).arg(spool);
        sender.arg(rest).start()
    };
    killed_ten_times(|| start(&input));
    // What is in the spool goes by itself.
    let nothing = dir.file("nothing", "");
    let ran = start(&nothing).end();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let some = read(store, &[]);
    assert!(text.starts_with(&some), "what is there is the beginning");
    let ran = start(&input).end();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(read(store, &[]) == text);
}

/// What a collector was killed with in its spool is known again, although it may have been put in already.
fn replayed(store: &str) {
    let dir = Dir::new();
    let text = records(300);
    let spool = dir.path("spool");
    fs::create_dir(&spool).expect("a folder");
    fs::write(spool.join("00000000000000000001.ndjson"), &text).expect("a file");
    send(store)
        .stdin(text.split_inclusive('\n').take(200).collect::<String>())
        .check("", "", 0);
    let words = format!(
        "dl-recv: 300 records of the last run sent again\ndl-recv: {store}: 200 records there already\n"
    );
    program("dl-recv")
        .args(&["/dev/null", "-o", store, "--spool"])
        .arg(&spool)
        .check("", &words, 0);
    assert!(sorted(&read(store, &[])) == sorted(&text));
}

/// What its sender has numbered is there once, however often a collector has stamped it; of what
/// nobody has numbered, each that was stamped is there.
fn stamped_again(store: &str) {
    let text = |peer: u32| {
        let mut text = String::new();
        for number in 0..20 {
            let id = match number % 2 {
                0 => format!("\"record_id\":\"5f0c8e6ad9b1-{number}\","),
                _ => String::new(),
            };
            let _ = writeln!(
                text,
                "{{\"time\":\"2020-11-20T12:00:{number:02}Z\",{id}\"dl\":{{\"recv\":{{\"peer\":{peer}}}}}}}"
            );
        }
        text
    };
    let (first, second) = (text(1), text(2));
    send(store).stdin(&first).check("", "", 0);
    let words = format!("dl-send: {store}: 10 records there already\n");
    send(store).stdin(&second).check("", &words, 0);
    let others = second.lines().filter(|line| !line.contains("record_id"));
    let expect: Vec<_> = first.lines().chain(others).collect();
    assert_eq!(sorted(&read(store, &[])), sorted(&expect.join("\n")));
    let words = format!("dl-send: {store}: 30 old records removed\n");
    let again = send(store).args(&["--keep", "7d"]).stdin("");
    again.check("", &words, 0);
    assert_eq!(read(store, &[]), "");
}

/// Runs a script of the shell, whose words go to a file.
fn told(words: &Path, script: &str) -> Kill {
    let child = Command::new("bash")
        .args(["-c", script])
        .stderr(fs::File::create(words).expect("a file"))
        .spawn()
        .expect("bash starts");
    Kill(child)
}

/// What is old goes, by what it is.
fn kept_by_purpose(store: &str) {
    let record = |days: i64, rest: &str| {
        let time = chrono::Utc::now() - chrono::TimeDelta::days(days);
        format!("{{\"time\":\"{}\",{rest}}}\n", time.to_rfc3339())
    };
    let kept = [
        record(1_000, "\"level\":\"error\",\"kind\":\"performance\""),
        record(30, "\"level\":\"info\",\"kind\":\"performance\""),
        record(1, "\"level\":\"info\""),
        "{\"level\":\"debug\",\"no\":\"time\"}\n".to_owned(),
    ];
    let gone = [
        record(1_000, "\"level\":\"info\",\"kind\":\"performance\""),
        record(30, "\"level\":\"info\""),
        record(8, "\"level\":\"debug\""),
    ];
    send(store)
        .stdin(kept.concat() + &gone.concat())
        .check("", "", 0);
    let rules = "level >= warning: 36500d, .kind == performance: 400d, true: 7d";
    let words = format!("dl-send: {store}: 3 old records removed\n");
    let again = send(store).args(&["--keep", rules]).stdin("");
    again.check("", &words, 0);
    assert_eq!(read(store, &[]), kept.concat());
    let rest = send(store).args(&["--keep", "2d"]).stdin("");
    rest.check("", &words.replace("3 old", "2 old"), 0);
    assert_eq!(read(store, &[]), kept[2..].concat());
}
