//! dl-recv seen at work: counts in band, and metrics while nothing goes out.

use std::{collections::BTreeMap, io::Write, net::TcpStream, thread, time::Duration};

use serde_json::Value;

use super::support::{Collector, request};
use crate::support::{DEADLINE, Dir, program};

#[test]
fn counts_come_among_the_records() {
    let collector = Collector::start(&[
        "ndjson+tcp://:0",
        "syslog+tcp://:0",
        "--stats-every",
        "50ms",
    ]);
    let made = chrono::Utc::now() - chrono::TimeDelta::seconds(100);
    let first = format!("{{\"time\":\"{}\"}}", made.to_rfc3339());
    writeln!(collector.tcp(0), "{first}\n{{\"a\":1}}\nmud 17\nmud 4").expect("it reads");
    let mut others = 0;
    let (all, source) = loop {
        let record = collector.record();
        let stats = &record["dl"]["stats"];
        let Some(sources) = stats["sources"].as_array() else {
            others += 1;
            continue;
        };
        // Until all has been counted.
        if stats["rejected"] == 2 {
            let mut sources = sources.iter();
            let found = sources.find(|one| one["source"] == collector.endpoints[0].as_str());
            break (stats.clone(), found.expect("it is known").clone());
        }
    };
    assert_eq!((others, &source["records"]), (2, &2.into()), "{all}");
    assert_eq!(source["bytes"], first.len() + 7 + 6 + 5, "{all}");
    let reasons = source["rejected"].as_object().expect("reasons");
    assert!(reasons.values().eq([2]), "one reason: {all}");
    // The record that came last has no time, unless the one before was received by itself.
    let lag = source["lag"].as_f64();
    assert!(lag.is_none_or(|lag| (99.0..199.0).contains(&lag)), "{all}");
    assert_eq!(all["sources"].as_array().map(Vec::len), Some(2), "{all}");
    let ended = collector.end();
    let last = ended
        .rest
        .split(|&byte| byte == b'\n')
        .rfind(|line| !line.is_empty());
    let last: Value = serde_json::from_slice(last.expect("one at the end")).expect("JSON");
    assert_eq!(last["dl"]["stats"]["records"], 2, "{last}");
}

#[test]
fn records_of_requests_without_a_body_are_counted() {
    let args = ["pylog+http://:0/log", "--no-stamp", "--stats-every", "1h"];
    let collector = Collector::start(&args);
    for _ in 0..3 {
        let mut stream = collector.tcp(0);
        let (status, _) = request(&mut stream, "GET /log?name=a&msg=b HTTP/1.1", b"");
        assert_eq!(status, 200);
    }
    let ended = collector.end();
    let mut lines = ended.rest.trim_ascii_end().split(|&byte| byte == b'\n');
    let last: Value = serde_json::from_slice(lines.next_back().expect("a line")).expect("JSON");
    let stats = &last["dl"]["stats"];
    assert_eq!(stats["records"], 3, "{last}");
    assert_eq!(stats["bytes"], 3 * "name=a&msg=b".len(), "{last}");
}

#[test]
fn each_zeromq_endpoint_is_a_source() {
    let path = Dir::new();
    let ipc = format!("ipc://{}", path.path("socket").display());
    let collector = Collector::start(&[
        "tcp://127.0.0.1:0",
        &ipc,
        "tcp://127.0.0.1:0",
        "sub+tcp://127.0.0.1:0?bind",
        "--no-stamp",
        "--stats-every",
        "1h",
    ]);
    for (number, endpoint) in collector.endpoints.iter().take(3).enumerate() {
        let records = "{}\n".repeat(number + 1);
        program("dl-send")
            .arg(endpoint)
            .stdin(records)
            .check("", "", 0);
    }
    for _ in 0..6 {
        collector.record();
    }
    let endpoints = collector.endpoints.clone();
    let ended = collector.end();
    let mut lines = ended.rest.trim_ascii_end().split(|&byte| byte == b'\n');
    let last: Value = serde_json::from_slice(lines.next_back().expect("a line")).expect("JSON");
    let sources = last["dl"]["stats"]["sources"].as_array().expect("sources");
    let counts: BTreeMap<_, _> = sources
        .iter()
        .map(|one| (one["source"].as_str(), one["records"].as_u64()))
        .collect();
    let expect = endpoints.iter().zip([1, 2, 3, 0]);
    let expect: BTreeMap<_, _> = expect
        .map(|(endpoint, count)| (Some(endpoint.as_str()), Some(count)))
        .collect();
    assert_eq!(counts, expect);
}

/// What `/metrics` says, or another answer than 200.
fn metrics(address: &str) -> Result<String, u16> {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let (status, body) = request(&mut stream, "GET /metrics HTTP/1.1", b"");
    if status == 200 {
        Ok(String::from_utf8(body).expect("text"))
    } else {
        Err(status)
    }
}

#[test]
fn metrics_are_answered_while_the_output_takes_nothing() {
    let args = [
        "ndjson+tcp://:0",
        "--metrics",
        ":0",
        "--stats-every",
        "10ms",
    ];
    let (collector, stdout) = Collector::stalled(&args);
    let mut sender = collector.tcp(0);
    sender
        .set_write_timeout(Some(Duration::from_millis(500)))
        .expect("a socket");
    let line = format!("{{\"a\":\"{}\"}}\n", "x".repeat(1000));
    // Until nothing more fits anywhere.
    while sender.write_all(line.as_bytes()).is_ok() {}
    let words = collector.words();
    let (_, address) = words.split_once("http://").expect("an address");
    let (address, _) = address.split_once('/').expect("a path");
    let name = format!(
        "distlog_recv_records_total{{source=\"{}\"}} ",
        collector.endpoints[0]
    );
    let records = || -> u64 {
        let text = metrics(address).expect("an answer");
        let (_, value) = text.split_once(&name).expect("a value");
        value
            .lines()
            .next()
            .expect("a line")
            .parse()
            .expect("a number")
    };
    assert!(records() > 0);
    // A client that says nothing keeps nobody from asking.
    let _silent = TcpStream::connect(address).expect("it listens");
    assert!(records() > 0);
    drop(stdout);
    drop(sender);
    let ended = collector.ended();
    assert_eq!(ended.status, 0, "{}", ended.words);
}

/// Some 50 MB, more than fits into pipes and sockets.
const SENT: u64 = 50_000;

#[test]
fn a_sender_does_not_wait_if_records_may_be_dropped() {
    let args = [
        "ndjson+tcp://:0",
        "--drop-when-full",
        "--drop-buffer",
        "1MB",
        "--stats",
        "--no-stamp",
    ];
    let (collector, stdout) = Collector::stalled(&args);
    let mut sender = collector.tcp(0);
    sender.set_write_timeout(Some(DEADLINE)).expect("a socket");
    let line = format!("{{\"a\":\"{}\"}}\n", "x".repeat(1000));
    for _ in 0..SENT {
        sender.write_all(line.as_bytes()).expect("nobody waits");
    }
    drop(sender);
    let reading = thread::spawn(move || std::io::read_to_string(stdout).expect("text"));
    let ended = collector.end();
    let text = reading.join().expect("text");
    let mut lost = 0;
    let mut came = 0;
    for line in text.lines() {
        let record: Value = serde_json::from_str(line).expect("whole records");
        match record["dl"]["records"].as_u64() {
            Some(records) => lost += records,
            None => came += 1,
        }
    }
    assert!(lost > 0, "{}", ended.words);
    assert_eq!(lost + came, SENT, "{}", ended.words);
    let stats = format!("{SENT} read, {came} written, 0 filtered, 0 rejected, {lost} undelivered");
    assert!(ended.words.contains(&stats), "{}", ended.words);
}
