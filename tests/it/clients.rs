//! Real clients, as they are on `PyPI`, against the real programs over real sockets.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Dir, Kill, Running, program, python, root, wait_for_end};

/// A collector that is listening, and its address.
fn collector(address: &str) -> Running {
    program("dl-recv").arg(address).start()
}

/// Takes `count` records from the collector and ends it, which must be in order.
fn collect(collector: Running, count: usize) -> String {
    let records: String = (0..count).map(|_| collector.line()).collect();
    collector.signal(Signal::TERM);
    let ran = collector.end();
    assert_eq!(
        (ran.stdout.as_slice(), ran.status),
        (&b""[..], 0),
        "{}",
        ran.stderr
    );
    records
}

fn json(text: impl AsRef<[u8]>) -> Value {
    serde_json::from_slice(text.as_ref()).expect("JSON")
}

fn json_lines(text: impl AsRef<[u8]>) -> Vec<Value> {
    text.as_ref()
        .split(|&b| b == b'\n')
        .filter(|line| !line.is_empty())
        .map(json)
        .collect()
}

/// `name status[children]` of a node.
fn outline(node: &Value) -> String {
    let name = node["name"].as_str().unwrap_or("?");
    let status = node["status"].as_str().unwrap_or("?");
    let children: Vec<_> = node["children"]
        .as_array()
        .expect("children")
        .iter()
        .map(outline)
        .collect();
    if children.is_empty() {
        format!("{name}: {status}")
    } else {
        format!("{name}: {status} [{}]", children.join(", "))
    }
}

fn check_distlog(encoding: &str) {
    let dir = Dir::new();
    let address = format!("ipc://{}", dir.path("in.sock").display());
    let collector = collector(&address);
    let summary = json(python("tests/py/client_distlog.py", &[&address, encoding]));
    let count = usize::try_from(summary["records"].as_u64().expect("a number")).expect("a size");
    let records = collect(collector, count);

    let keys: Vec<_> = json_lines(&records)
        .iter()
        .map(|record| record["context"]["key"].clone())
        .collect();
    assert_eq!(
        Value::from(keys),
        summary["keys"],
        "all keys in the order sent"
    );
    let topic = format!("\"topic\":\"TL{}\"", encoding[..1].to_uppercase());
    assert_eq!(
        records.matches(&topic).count(),
        count,
        "{topic} in each record"
    );

    let trees = json_lines(
        program("dl-tree")
            .args(&["--loose", "pass"])
            .stdin(&records)
            .output(),
    );
    let check = |task: &str, status: &str, exception: Option<&str>, expect: &str| {
        let id = &summary["tasks"][task];
        let tree = trees.iter().find(|tree| tree["tree"] == *id).expect(task);
        assert_eq!(outline(&tree["root"]), expect);
        assert_eq!(tree["status"], status, "{task}");
        assert_eq!(tree["exception"].as_str(), exception, "{task}");
    };
    check(
        "greet",
        "succeeded",
        None,
        "greet the world: succeeded [say hello: succeeded [open the mouth: unknown], say goodbye: unknown]",
    );
    check(
        "fail",
        "failed",
        Some("ValueError: naïve „reason“ — with 🙂"),
        "fail on purpose: failed [go deep: failed [go deeper: failed]]",
    );
    check(
        "handle",
        "succeeded",
        None,
        "handle an exception inside: succeeded",
    );
    let trees = trees
        .iter()
        .filter(|record| record["dl"]["kind"] == "tree")
        .count();
    assert_eq!(trees, 3);
}

#[test]
fn the_original_distlog_with_json() {
    check_distlog("json");
}

#[test]
fn the_original_distlog_with_pickle() {
    check_distlog("pickle");
}

/// Address of a TCP port that was free a moment ago.
fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    format!("tcp://{}", listener.local_addr().expect("an address"))
}

fn sample(name: &str) -> std::path::PathBuf {
    root().join("tests/data/samples").join(name)
}

/// Lines of a file, as the programs count them.
fn lines(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a sample")
}

#[test]
fn pyzmq_sends_and_the_records_come_out_unchanged() {
    for frames in ["distlog", "single"] {
        let address = free_port();
        let collector = program("dl-recv").args(&[&address, "--no-stamp"]).start();
        let path = sample("eliot.ndjson");
        python(
            "tests/py/zmq_push.py",
            &[&address, "--frames", frames, &path.display().to_string()],
        );
        let text = lines(&path);
        assert_eq!(collect(collector, text.lines().count()), text, "{frames}");
    }
}

#[test]
fn pyzmq_receives_all_that_was_read_before_the_end() {
    let dir = Dir::new();
    let address = format!("ipc://{}", dir.path("out.sock").display());
    let path = sample("distlog-json-bodies.ndjson");
    let text = lines(&path).repeat(300);
    let input = dir.file("in.ndjson", &text);
    let count = text.lines().count().to_string();
    // The sender starts first and ends right after its last record.
    let sender = program("dl-send").arg(&address).arg(&input).start();
    let received = python("tests/py/zmq_pull.py", &[&address, &count]);
    assert!(
        received == text.as_bytes(),
        "{} of {} bytes",
        received.len(),
        text.len()
    );
    assert_eq!(sender.end().status, 0);
}

#[test]
fn what_cannot_be_delivered_is_said() {
    let address = free_port();
    program("dl-send")
        .args(&[&address, "--linger", "100ms"])
        .stdin("{\"a\":1}\n{\"a\":2}\n")
        .run_and(|ran| {
            let lines: Vec<_> = ran.stderr.lines().collect();
            let expect = [
                format!("dl-send: {address}: 2 records not delivered within 100ms"),
                "dl-send: use --linger TIME to try longer".to_owned(),
            ];
            assert_eq!(lines[lines.len() - 2..], expect);
            assert_eq!(ran.status, 2);
        });
}

#[test]
fn what_a_signal_finds_undelivered_is_one_number() {
    let address = free_port();
    let mut sender = program("dl-send")
        .args(&[&address, "--linger", "200ms", "--stats"])
        .start();
    let mut stdin = sender.stdin.take().expect("stdin is open");
    rustix::fs::fcntl_setfl(&stdin, rustix::fs::OFlags::NONBLOCK).expect("a pipe");
    // As much as fits into the queue: until it has read nothing for a while.
    let record = format!("{{\"text\":\"{}\"}}\n", "x".repeat(5_000));
    let (mut at, mut last) = (0, Instant::now());
    while last.elapsed() < Duration::from_millis(500) {
        if let Ok(written) = stdin.write(&record.as_bytes()[at..]) {
            (at, last) = ((at + written) % record.len(), Instant::now());
        } else {
            thread::sleep(Duration::from_millis(5));
        }
    }
    sender.signal(Signal::TERM);
    let words = sender.end().stderr;
    let number_before = |what: &str| {
        let (before, _) = words.split_once(what)?;
        before.split_whitespace().last()?.parse::<u64>().ok()
    };
    let told = number_before(" records not delivered within 200ms");
    assert!(told > Some(10_000), "{words}");
    assert_eq!(number_before(" undelivered"), told, "{words}");
}

#[test]
fn messages_that_are_no_records_are_counted_and_kept() {
    let dir = Dir::new();
    let address = format!("ipc://{}", dir.path("in.sock").display());
    let rejects = dir.path("rejects");
    let collector = program("dl-recv")
        .args(&[&address, "--no-stamp", "--stats", "--rejects"])
        .arg(&rejects)
        .start();
    let input = dir.file("in", "{\"a\":1}\nnonsense\n{\"a\":2}\n");
    python(
        "tests/py/zmq_push.py",
        &[&address, &input.display().to_string()],
    );
    assert_eq!(
        [collector.line(), collector.line()],
        ["{\"a\":1}\n", "{\"a\":2}\n"]
    );
    collector.signal(Signal::TERM);
    let ran = collector.end();
    assert!(
        ran.stderr
            .contains("3 read, 2 written, 0 filtered, 1 rejected"),
        "{}",
        ran.stderr
    );
    let reason = "message 2: not a JSON object: expected '{' in column 1";
    assert!(ran.stderr.contains(reason), "{}", ran.stderr);
    assert_eq!(std::fs::read(&rejects).expect("rejects"), b"nonsense\n");
}

#[test]
fn a_collector_reads_files_and_sockets_at_once() {
    let dir = Dir::new();
    let address = format!("ipc://{}", dir.path("in.sock").display());
    let file = dir.file("old.ndjson", "{\"old\":1}\n");
    let collector = program("dl-recv")
        .args(&[&address, "--no-stamp"])
        .arg(&file)
        .start();
    assert_eq!(collector.line(), "{\"old\":1}\n");
    let input = dir.file("in", "{\"new\":1}\n");
    python(
        "tests/py/zmq_push.py",
        &[&address, &input.display().to_string()],
    );
    assert_eq!(collect(collector, 1), "{\"new\":1}\n");
}

#[test]
fn an_idle_collector_notices_that_its_reader_leaves() {
    let mut recv = std::process::Command::new(env!("CARGO_BIN_EXE_dl-recv"));
    let recv = recv
        .arg(free_port())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut recv = Kill(recv.spawn().expect("it starts"));
    let mut words = BufReader::new(recv.0.stderr.take().expect("stderr is piped"));
    let mut listening = String::new();
    words.read_line(&mut listening).expect("words");
    assert!(
        listening.starts_with("dl-recv: listening on tcp://127.0.0.1:"),
        "{listening}"
    );
    drop(recv.0.stdout.take());
    assert_eq!(wait_for_end(&mut recv), 0);
}
