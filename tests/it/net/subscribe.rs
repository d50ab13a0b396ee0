//! SUB against pyzmq's PUB: topics, both forms of addresses, and publishers that come and go.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{ChildStdout, Command, Stdio},
    time::{Duration, SystemTime},
};

use serde_json::Value;

use super::support::Collector;
use crate::support::{Dir, Kill, program, root, wait_for};

/// A publisher in Python.
struct Publisher {
    _child: Kill,
    lines: BufReader<ChildStdout>,
}

impl Publisher {
    fn start(kind: &str, how: &str, address: &str) -> (Self, String) {
        let named = std::env::var_os("DISTLOG_PYTHON").map(PathBuf::from);
        let python = named.unwrap_or_else(|| root().join(".venv/bin/python"));
        let mut child = Command::new(python)
            .arg("-B")
            .arg(root().join("tests/py/zmq_pub.py"))
            .args([kind, how, address])
            .stdout(Stdio::piped())
            .spawn()
            .expect("python runs: scripts/test makes one");
        let stdout = child.stdout.take().expect("it is piped");
        let mut publisher = Self {
            _child: Kill(child),
            lines: BufReader::new(stdout),
        };
        let address = publisher.line();
        (publisher, address)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }
}

/// A collector that connects, with no endpoint to be waited for.
fn connected(endpoint: &str, more: &[&str]) -> Collector {
    let mut command = program("dl-recv").arg(endpoint).command;
    command.args(more);
    Collector::of(command, 0)
}

#[test]
fn texts_of_pyzmqs_handler_by_topic() {
    let (mut publisher, address) = Publisher::start("pubhandler", "bind", "tcp://127.0.0.1:*");
    let endpoint = format!("sub+{address}?topic=app.db.WARNING&topic=app.db.ERROR");
    let collector = connected(&endpoint, &["--stats"]);
    assert_eq!(publisher.line(), "b'\\x01app.db.WARNING'");
    let record = collector.record();
    assert_eq!(record["level"], "WARNING");
    assert_eq!(record["logger"], "app.db");
    let message = record["message"].as_str().expect("a text");
    assert!(message.ends_with("slow query"), "{record}");
    assert_eq!(record["dl"]["recv"]["topic"], "app.db.WARNING");
    assert_eq!(record["dl"]["recv"]["peer"], *address);
    // INFO was not asked for.
    let record = collector.record();
    assert_eq!(record["level"], "ERROR");
    let exception = record["exception"].as_str().expect("a text");
    assert!(exception.ends_with("KeyError: 'gone'"), "{record}");
    let ended = collector.end();
    assert_eq!(ended.ledger(), [2, 2, 0, 0], "{}", ended.words);
    let connected = format!("dl-recv: sub+{address}: connected\n");
    assert!(ended.words.starts_with(&connected), "{}", ended.words);
}

#[test]
fn a_record_comes_out_within_50_ms() {
    let (_publisher, address) = Publisher::start("clock", "bind", "tcp://127.0.0.1:*");
    let collector = connected(&format!("sub+{address}"), &[]);
    let mut times: Vec<Duration> = (0..21)
        .map(|_| {
            let sent = collector.record()["sent"].as_u64().expect("a time");
            let sent = SystemTime::UNIX_EPOCH + Duration::from_nanos(sent);
            sent.elapsed().expect("it was sent before it came")
        })
        .collect();
    times.sort();
    assert!(times[10] < Duration::from_millis(50), "{times:?}");
}

#[test]
fn one_frame_of_logbook_and_two_of_distlog() {
    for (kind, expect) in [("logbook", 1), ("distlog", 3)] {
        let dir = Dir::new();
        let path = format!("ipc://{}", dir.path("pub.sock").display());
        let (_publisher, address) = Publisher::start(kind, "bind", &path);
        let collector = connected(&format!("sub+{address}"), &["--stats"]);
        for _ in 0..expect {
            let record = collector.record();
            if kind == "logbook" {
                assert_eq!(record["message"], "from logbook 7", "{record}");
                assert_eq!(record["channel"], "shop");
                assert_eq!(record["dl"]["recv"]["topic"], Value::Null);
            } else {
                assert_eq!(record["message"], "text");
            }
        }
        let expect = u64::try_from(expect).expect("small");
        assert_eq!(collector.end().ledger(), [expect, expect, 0, 0]);
    }
}

#[test]
fn a_bound_sub_takes_publishers_that_connect() {
    let dir = Dir::new();
    let ipc = format!("sub+ipc://{}?bind&topic=PL", dir.path("sub.sock").display());
    for endpoint in ["sub+tcp://127.0.0.1:0?bind&topic=PL", &ipc] {
        let collector = Collector::start(&[endpoint, "--no-stamp", "--stats"]);
        let address = collector.endpoints[0].strip_prefix("sub+").expect("SUB");
        let (mut publisher, _) = Publisher::start("distlog", "connect", address);
        assert_eq!(publisher.line(), "b'\\x01PL'");
        // TLJ is not ours.
        for _ in 0..2 {
            let record = collector.record();
            assert_eq!(record["message"], "text");
        }
        assert_eq!(collector.end().ledger(), [2, 2, 0, 0]);
    }
}

#[test]
fn a_publisher_that_comes_late_and_comes_back() {
    // A port that is free for now.
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("tcp://{}", free.local_addr().expect("an address"));
    drop(free);
    let collector = connected(&format!("sub+{address}"), &["--no-stamp"]);
    wait_for("the first attempt", || {
        let absent = format!("sub+{address}: cannot connect yet: connection refused");
        collector.words().contains(&absent)
    });
    for round in 0..3 {
        let (publisher, _) = Publisher::start("stream", "bind", &address);
        // In order, and from the first that comes none is missing.
        let first = collector.record()["n"].as_u64().expect("a number");
        for n in first + 1..first + 100 {
            assert_eq!(collector.record()["n"], n, "round {round}");
        }
        drop(publisher);
        wait_for("the loss to be noticed", || {
            collector.words().matches("the publisher has left").count() > round
        });
        // What was under way.
        while collector.try_line(Duration::from_millis(100)).is_some() {}
    }
    let words = collector.end().words;
    // Once for each outage, however many attempts it takes.
    assert!(words.matches("cannot connect yet").count() <= 4, "{words}");
    assert_eq!(words.matches(": connected\n").count(), 3, "{words}");
}
