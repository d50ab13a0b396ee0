//! Files of Parquet, which DuckDB reads.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rustix::process::{Pid, Resource, Rlimit, Signal, prlimit};

use super::{conditions_agree_with_the_filter, read, records, send, sorted, told};
use crate::support::{Dir, killed_ten_times, newlines, program, python, wait_for, wait_for_end};

fn store(dir: &Dir) -> String {
    format!("parquet:{}", dir.path("lake").display())
}

/// All files in a folder and below.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn what_is_put_in_comes_back() {
    let dir = Dir::new();
    let text = records(3_000);
    // In one folder it has its order.
    for (folder, more) in [
        ("one", ""),
        ("two", " --compress none"),
        ("three", " --compress snappy"),
    ] {
        let place = format!("parquet:{}?partition=none", dir.path(folder).display());
        let args: Vec<_> = "--stats --batch 700"
            .split(' ')
            .chain(more.split_whitespace())
            .collect();
        send(&place).args(&args).stdin(&text).check(
            "",
            "dl-send: 3000 read, 3000 written, 0 filtered, 0 rejected\n",
            0,
        );
        assert!(read(&place, &[]) == text);
        send(&place).stdin("{\"n\":\"new\"}\n").check("", "", 0);
        assert!(read(&place, &[]) == text.clone() + "{\"n\":\"new\"}\n");
        assert_eq!(files(&dir.path(folder)).len(), 2);
        let counted = program("dl-filter")
            .args(&["--count", "true", &place])
            .output();
        assert_eq!(counted, b"3001\n");
    }
    let size = |folder| {
        fs::metadata(&files(&dir.path(folder))[0])
            .expect("a file")
            .len()
    };
    assert!(size("one") < size("three") && size("three") < size("two"));
}

#[test]
fn what_the_files_find_is_what_the_filter_finds() {
    let dir = Dir::new();
    conditions_agree_with_the_filter(&store(&dir));
    let days = format!("parquet:{}?partition=day", dir.path("days").display());
    conditions_agree_with_the_filter(&days);
    let names: Vec<_> = fs::read_dir(dir.path("days")).expect("a folder").collect();
    assert_eq!(names.len(), 4);
    // What others have put together anew is read as well, in the codes that they like.
    let lake = dir.path("lake").display().to_string();
    let one = dir.path("one.parquet").display().to_string();
    python("tests/py/parquet_read.py", &[&lake, "one", &one]);
    let found = |place: &str, expr| read(place, &["--where", expr]);
    for expr in [
        "true",
        "level == error and host == web-1",
        "time >= '2026-11-22T12:00:00Z'",
    ] {
        let one = found(&format!("parquet:{one}"), expr);
        assert!(sorted(&one) == sorted(&found(&store(&dir), expr)), "{expr}");
        assert!(newlines(one.as_bytes()) > 100, "{expr}");
    }
}

#[test]
fn what_no_file_can_hold_is_not_read() {
    let dir = Dir::new();
    send(&store(&dir)).stdin(records(2_000)).check("", "", 0);
    // So files that are none do no harm.
    let lake = dir.path("lake");
    for file in files(&lake) {
        if !file.starts_with(lake.join("date=2026-11-21/hour=07")) {
            fs::write(file, "none").expect("a file");
        }
    }
    let hour = "time >= '2026-11-21T07:00:00Z' and time < '2026-11-21T07:59:59Z'";
    assert!(newlines(read(&store(&dir), &["--where", hour]).as_bytes()) > 10);
    let ran = program("dl-recv").arg(store(&dir)).run();
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("date=2026-11-20"), "{}", ran.stderr);
}

#[test]
fn duckdb_reads_the_columns() {
    let dir = Dir::new();
    let record = "{\"logger\":\"db\",\"level\":\"error\",\"time\":\"2026-11-28T16:20:05.123456789Z\",\
                  \"request_id\":\"r\",\"hostname\":\"h\\u00e4\", \"x\" : 1.50}\n";
    let none = "{\"none\":true}\n";
    send(&store(&dir))
        .stdin([record, none].concat())
        .check("", "", 0);
    let lake = dir.path("lake").display().to_string();
    let read = |what| {
        let out = python("tests/py/parquet_read.py", &[&lake, what]);
        String::from_utf8(out).expect("text")
    };
    assert_eq!(read("records"), [record, none].concat());
    let rows = read("columns");
    let rows: Vec<serde_json::Value> = rows
        .lines()
        .map(|row| serde_json::from_str(row).expect("JSON"))
        .collect();
    let first = &rows[0];
    assert_eq!(first["time"], 1_795_882_805_123_456_000_u64);
    let fields = ["level", "logger", "host", "tree", "date", "hour"].map(|name| &first[name]);
    let expect = serde_json::json!([17, "db", "hä", "r", "2026-11-28", 16]);
    assert_eq!(serde_json::json!(fields), expect);
    assert_eq!(first["hash"].as_str().map(str::len), Some(32));
    assert!(
        ["time", "level", "date", "hour"]
            .iter()
            .all(|name| rows[1][name].is_null())
    );
    assert_eq!(rows.len(), 2);
}

/// Kills a sender that has taken all of a text into its spool, and finished no file.
#[test]
fn what_is_in_no_file_is_in_the_spool() {
    let dir = Dir::new();
    let (store, spool) = (store(&dir) + "?partition=day", dir.path("spool"));
    let text = records(2_000);
    let sent = |store: &str| send(store).arg("--spool").arg(&spool);
    let mut sender = sent(&store).start();
    sender.write(&text);
    wait_for("all of it in the spool", || {
        let segments = files(&spool)
            .into_iter()
            .filter(|file| file.extension().is_some());
        let sizes = segments.map(|file| fs::metadata(file).map_or(0, |file| file.len()));
        sizes.sum::<u64>() >= text.len() as u64
    });
    sender.signal(Signal::KILL);
    sender.end();
    assert_eq!(read(&store, &[]), "");
    let words = "dl-send: 2000 records of the last run sent again\n";
    sent(&store)
        .arg(dir.file("nothing", ""))
        .check("", words, 0);
    assert!(sorted(&read(&store, &[])) == sorted(&text));
    assert!(left_behind(&dir).is_empty());
}

#[test]
fn kill_9_loses_nothing_and_leaves_nothing_behind() {
    let dir = Dir::new();
    // Each sync is a file for each day.
    let (store, spool) = (store(&dir) + "?partition=day", dir.path("spool"));
    let text = records(3_000);
    let input = dir.file("in.ndjson", &text);
    let start = |rest: &Path| {
        let args = ["--batch", "200", "--spool-max", "300kB", "--spool"];
        send(&store).args(&args).arg(&spool).arg(rest).start()
    };
    killed_ten_times(|| start(&input));
    // What is in the spool goes by itself.
    let ran = start(&dir.file("nothing", "")).end();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let all = read(&store, &[]);
    let mut there = sorted(&all);
    there.dedup();
    // All runs began at the beginning, and what there is has no gap.
    let beginning: Vec<_> = text.split_inclusive('\n').take(there.len()).collect();
    assert!(there == sorted(&beginning.concat()));
    assert!(left_behind(&dir).is_empty(), "{:?}", left_behind(&dir));
}

/// Files that are not whole.
fn left_behind(dir: &Dir) -> Vec<PathBuf> {
    let mut found = files(&dir.path("lake"));
    found.retain(|file| file.extension().is_none_or(|ending| ending != "parquet"));
    found
}

#[test]
fn what_is_old_goes_by_what_it_is() {
    super::kept_by_purpose(&store(&Dir::new()));
    // Also where it stands in one file with what stays.
    let dir = Dir::new();
    super::kept_by_purpose(&(store(&dir) + "?partition=none"));
}

#[test]
fn a_full_disk_is_told_and_waited_for() {
    let dir = Dir::new();
    let store = store(&dir) + "?partition=none";
    let text = records(5_000);
    let words = dir.path("words");
    let script = format!(
        "trap '' XFSZ; ulimit -S -f 300; exec {} '{store}' --compress none {}",
        env!("CARGO_BIN_EXE_dl-send"),
        dir.file("in.ndjson", &text).display()
    );
    let mut child = told(&words, &script);
    let told = || fs::read_to_string(&words).expect("text");
    wait_for("words of a full disk", || told().contains("trying again"));
    let none = Rlimit {
        current: None,
        maximum: None,
    };
    prlimit(Some(Pid::from_child(&child.0)), Resource::Fsize, none).expect("room is made");
    assert_eq!(wait_for_end(&mut child), 0, "{}", told());
    assert!(told().contains("there again"), "{}", told());
    assert!(read(&store, &[]) == text);
}

#[test]
fn what_does_not_get_there_is_counted() {
    let dir = Dir::new();
    let words = dir.path("words");
    let script = format!(
        "trap '' XFSZ; ulimit -S -f 300; exec {} '{}?partition=none' --compress none --linger 100ms --stats {}",
        env!("CARGO_BIN_EXE_dl-send"),
        store(&dir),
        dir.file("in.ndjson", records(5_000)).display()
    );
    let mut child = told(&words, &script);
    assert_eq!(wait_for_end(&mut child), 2);
    let words = fs::read_to_string(&words).expect("text");
    assert!(
        words.contains("5000 records not delivered within 100ms"),
        "{words}"
    );
    assert!(files(&dir.path("lake")).is_empty());
}

#[test]
fn what_is_no_text_is_rejected() {
    let dir = Dir::new();
    let rejects = dir.path("rejects");
    let ran = send(&store(&dir))
        .args(&["--stats", "--rejects"])
        .arg(&rejects)
        .stdin(b"{\"n\":1}\n{\"a\":\"\xff\"}\n{\"n\":2}\n")
        .run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let sum = "3 read, 2 written, 0 filtered, 1 rejected";
    assert!(ran.stderr.contains(sum), "{}", ran.stderr);
    assert_eq!(fs::read(rejects).expect("a file"), b"{\"a\":\"\xff\"}\n");
    assert_eq!(read(&store(&dir), &[]), "{\"n\":1}\n{\"n\":2}\n");
}

#[test]
fn many_folders_are_written_with_few_files_open() {
    let dir = Dir::new();
    let record = |number: usize| {
        let (day, hour) = (number / 24 + 1, number % 24);
        format!("{{\"n\":{number},\"time\":\"2026-11-{day:02}T{hour:02}:00:00Z\"}}\n")
    };
    let text: String = (0..240).map(record).collect();
    let script = format!(
        "ulimit -n 200; exec {} {} {}",
        env!("CARGO_BIN_EXE_dl-send"),
        store(&dir),
        dir.file("in.ndjson", &text).display()
    );
    let words = dir.path("words");
    assert_eq!(wait_for_end(&mut told(&words, &script)), 0);
    assert_eq!(fs::read_to_string(&words).expect("text"), "");
    assert!(sorted(&read(&store(&dir), &[])) == sorted(&text));
}
