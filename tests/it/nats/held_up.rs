//! Workers that are held up and go on, and what comes again to those that read after others.

use std::collections::BTreeMap;

use rustix::process::Signal;
use serde_json::Value;

use super::{
    Server, records,
    recv::{consumers, recv},
    send, sorted,
};
use crate::support::{newlines, wait_for};

/// How often a record came, and how often it was marked as one that may have come before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Came {
    times: usize,
    marked: usize,
}

/// The records of an output by their text without stamps.
fn came(output: &[u8]) -> BTreeMap<String, Came> {
    let mut all: BTreeMap<String, Came> = BTreeMap::new();
    for line in std::str::from_utf8(output).expect("text").lines() {
        let record: Value = serde_json::from_str(line).expect("JSON");
        let at = line.rfind(",\"dl\":{\"recv\":").expect("a stamp");
        let one = all.entry(format!("{}}}", &line[..at])).or_default();
        one.times += 1;
        one.marked += usize::from(record["dl"]["recv"]["replayed"] == Value::Bool(true));
    }
    all
}

/// Waits until all that was sent has been read and acknowledged.
fn wait_until_read(server: &Server) {
    wait_for("everything to be read", || {
        let consumers = consumers(server);
        let read = consumers.iter();
        let read = read.filter(|one| one.num_pending == 0 && one.num_ack_pending == 0);
        read.count() == 4
    });
}

#[test]
fn a_worker_that_was_stopped_and_goes_on_loses_nothing_and_gets_nothing_more() {
    let server = Server::new();
    let text = records(3_000);
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let [first, second, third] = [0, 1, 2].map(|part| lines[part * 1_000..][..1_000].concat());
    let sent = send(&server.url()).args(&["--partitions", "4"]);
    sent.stdin(&first).check("", "", 0);
    let args = ["--workers", "2", "--lease", "3s", "--replay", "0s"];
    let [held, other] = [(); 2].map(|()| recv(&server, &args).start());
    // Each has its half.
    let mut outputs = [&held, &other].map(|worker| worker.line().into_bytes());
    wait_until_read(&server);
    held.signal(Signal::STOP);
    // What the server sends it now waits in its socket.
    send(&server.url()).stdin(&second).check("", "", 0);
    wait_until_read(&server);
    held.signal(Signal::CONT);
    send(&server.url()).stdin(&third).check("", "", 0);
    wait_until_read(&server);
    let [held, other] = [held, other].map(|worker| {
        worker.signal(Signal::TERM);
        worker.end()
    });
    for (ran, output) in [&held, &other].into_iter().zip(&mut outputs) {
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        output.extend(&ran.stdout);
    }
    assert!(other.stderr.contains("taken over"), "{}", other.stderr);
    let [held, other] = outputs.map(|output| came(&output));
    let mut missing = sorted(&text);
    missing.retain(|line| !held.contains_key(line) && !other.contains_key(line));
    assert_eq!(missing, Vec::<String>::new());
    // What it had in hand comes twice, and whoever got it then was told so.
    let twice = held.keys().filter_map(|line| other.get(line));
    let twice: Vec<_> = twice.collect();
    assert!(!twice.is_empty());
    assert!(twice.iter().all(|one| one.marked == one.times), "{twice:?}");
    assert!(held.values().all(|one| one.times == 1));
    for line in sorted(&third) {
        assert_eq!(held.get(&line), None, "it has no partition any more");
        assert_eq!(
            other[&line],
            Came {
                times: 1,
                marked: 0
            },
            "{line}"
        );
    }
}

#[test]
fn what_was_acknowledged_comes_again_for_as_long_as_is_asked_for() {
    let server = Server::new();
    let text = records(400);
    let sent = send(&server.url()).args(&["--partitions", "4"]);
    sent.stdin(&text).check("", "", 0);
    let mut news = Vec::new();
    // Each worker ends in the middle: nobody has said that the stream ends.
    let mut round = |replay: &str, expect: usize| {
        let new = format!("{{\"new\":\"{replay}\"}}\n");
        let worker = recv(&server, &["--lease", "1s", "--replay", replay]).start();
        let mut output = String::new();
        let mut take = |count: usize| {
            for _ in 0..count {
                output += &worker.line();
            }
        };
        take(expect);
        send(&server.url()).stdin(&new).check("", "", 0);
        take(1);
        worker.signal(Signal::TERM);
        let ran = worker.end();
        assert_eq!(
            (newlines(&ran.stdout), ran.status),
            (0, 0),
            "{}",
            ran.stderr
        );
        news.push(new.trim_end().to_owned());
        came(output.as_bytes())
    };
    let fresh = |came: &BTreeMap<String, Came>| came.values().all(|one| one.marked == 0);
    let first = round("10m", 400);
    assert!(fresh(&first));
    // Only what is new.
    let second = round("0s", 0);
    assert_eq!(second.len(), 1);
    assert!(fresh(&second));
    // All of it, marked, and what is new is not.
    let third = round("all", 402);
    let marked = third.values().filter(|one| one.marked == one.times);
    assert_eq!(marked.count(), 402);
    let mut expect = sorted(&text);
    expect.extend(news);
    expect.sort_unstable();
    assert_eq!(third.into_keys().collect::<Vec<_>>(), expect);
}
