//! Requests by hand: how each is answered, and what is counted.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpStream,
};

use rustix::process::Signal;

use super::support::{Collector, reply, request};
use crate::support::Dir;

const LOGS: &str = "POST /v1/logs HTTP/1.1\r\nContent-Type: application/json";
const TWO: &[u8] = b"{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"a\":1},{\"b\":2}]}]}]}";

fn words(answer: (u16, Vec<u8>)) -> String {
    let (status, body) = answer;
    format!("{status} {}", String::from_utf8_lossy(&body).trim_end())
}

#[test]
fn otlp_is_answered_as_it_asks() {
    let collector = Collector::start(&[
        "otlp+http://:0/in",
        "--no-stamp",
        "--stats",
        "--max-record",
        "100",
    ]);
    // One connection for all of them, as exporters have.
    let mut stream = collector.tcp(0);
    let logs = LOGS.replace("/v1", "/in/v1");
    let mut ask = |head: &str, body: &[u8]| words(request(&mut stream, head, body));
    assert_eq!(ask(&logs, TWO), "200 {}");
    assert_eq!(collector.line(), "{\"a\":1}");
    assert_eq!(collector.line(), "{\"b\":2}");
    assert_eq!(ask(&logs, b"{}"), "200 {}");
    let long = format!("{{\"b\":\"{}\"}}", "x".repeat(100));
    let body = String::from_utf8_lossy(TWO).replace("{\"b\":2}", &long);
    assert_eq!(
        ask(&logs, body.as_bytes()),
        "200 {\"partialSuccess\":{\"rejectedLogRecords\":\"1\",\"errorMessage\":\"longer than 100 bytes\"}}"
    );
    assert_eq!(collector.line(), "{\"a\":1}");
    assert_eq!(
        ask(&logs, b"{\"x\":1}"),
        "400 {\"code\":3,\"message\":\"no resourceLogs in the request\"}"
    );
    let protobuf = logs.replace("json", "x-protobuf");
    assert_eq!(
        ask(&protobuf, b"\x0a\x05a"),
        "400 \x08\x03\x12\x20protobuf: cut off within a field"
    );
    assert_eq!(ask("GET /in/v1/logs HTTP/1.1", b""), "405 expected POST");
    assert_eq!(
        ask("POST /v1/logs HTTP/1.1", b""),
        "404 only /in/v1/logs and /in/v1/traces are here"
    );
    assert_eq!(
        ask(&logs.replace("json", "xml"), b"<a/>"),
        "415 expected application/x-protobuf or application/json"
    );
    assert_eq!(
        ask(&format!("{logs}\r\nContent-Encoding: br"), b"abc"),
        "415 expected gzip, deflate or no compression"
    );
    assert_eq!(
        ask(&format!("{logs}\r\nContent-Encoding: gzip"), b"abc"),
        "400 {\"code\":3,\"message\":\"broken compression: unexpected end of file\"}"
    );
    drop(stream);
    let ended = collector.end();
    assert_eq!(ended.ledger(), [9, 3, 0, 6], "{}", ended.words);
    assert!(
        ended.words.contains(": no resourceLogs in the request"),
        "{}",
        ended.words
    );
}

#[test]
fn a_client_that_waits_for_100_continue_and_one_that_sends_chunks() {
    let collector = Collector::start(&["otlp+http://:0", "--no-stamp"]);
    let mut stream = collector.tcp(0);
    let length = TWO.len();
    write!(
        stream,
        "{LOGS}\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
    )
    .expect("it reads");
    let mut line = [0; 25];
    std::io::Read::read_exact(&mut stream, &mut line).expect("a reply");
    assert_eq!(&line, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(TWO).expect("it reads");
    assert_eq!(reply(&mut stream).0, 200);
    write!(stream, "{LOGS}\r\nTransfer-Encoding: chunked\r\n\r\n").expect("it reads");
    for piece in TWO.chunks(7) {
        write!(stream, "{:x}\r\n", piece.len()).expect("it reads");
        stream.write_all(piece).expect("it reads");
        stream.write_all(b"\r\n").expect("it reads");
    }
    stream.write_all(b"0\r\n\r\n").expect("it reads");
    assert_eq!(reply(&mut stream).0, 200);
    for line in ["{\"a\":1}", "{\"b\":2}", "{\"a\":1}", "{\"b\":2}"] {
        assert_eq!(collector.line(), line);
    }
}

#[test]
fn forms_are_taken_from_programs_only() {
    let collector = Collector::start(&["pylog+http://:0/log", "--no-stamp", "--stats"]);
    let ask = |head: &str, body: &[u8]| words(request(&mut collector.tcp(0), head, body));
    assert_eq!(ask("GET /log?msg=a+b&levelno=20 HTTP/1.1", b""), "200 ");
    assert_eq!(collector.line(), "{\"msg\":\"a b\",\"levelno\":20}");
    let elsewhere = "404 log records are taken at /log";
    for (head, expect) in [
        (
            "POST /log HTTP/1.1\r\nOrigin: http://x",
            "403 log records are not taken from web pages",
        ),
        ("POST /other HTTP/1.1", elsewhere),
        ("GET /other?msg=a HTTP/1.1", elsewhere),
        // There is no record in that.
        ("GET /favicon.ico HTTP/1.1", elsewhere),
        ("PUT /log HTTP/1.1", "405 expected GET or POST"),
        (
            "POST /log HTTP/1.1\r\nContent-Type: text/plain",
            "415 expected application/x-www-form-urlencoded, as HTTPHandler sends it",
        ),
    ] {
        let body: &[u8] = if head.starts_with("GET") {
            b""
        } else {
            b"msg=a"
        };
        assert_eq!(ask(head, body), expect, "{head}");
    }
    assert_eq!(ask("POST /log HTTP/1.1", b""), "400 a form without fields");
    assert_eq!(collector.end().ledger(), [7, 1, 0, 6]);
}

#[test]
fn requests_that_come_together_are_answered_in_turn() {
    let collector = Collector::start(&["pylog+http://:0", "--no-stamp"]);
    let mut stream = collector.tcp(0);
    let mut requests = Vec::new();
    for n in 0..100 {
        write!(requests, "GET /?n={n} HTTP/1.1\r\nHost: x\r\n\r\n").expect("memory");
    }
    stream.write_all(&requests).expect("it reads");
    for number in 0..100 {
        assert_eq!(reply(&mut stream).0, 200);
        assert_eq!(collector.line(), format!("{{\"n\":\"{number}\"}}"));
    }
}

#[test]
fn what_is_refused_is_told_before_the_connection_ends() {
    let collector = Collector::start(&["otlp+http://:0", "--max-body", "1000", "--stats"]);
    let large = |stream: &mut TcpStream| request(stream, LOGS, &vec![b'x'; 100_000]).0;
    assert_eq!(large(&mut collector.tcp(0)), 413);
    let mut stream = collector.tcp(0);
    stream
        .write_all(b"\x16\x03\x01\x02\x00\n\n")
        .expect("it reads");
    assert_eq!(words(reply(&mut stream)), "400 not HTTP/1");
    let ended = collector.end();
    assert_eq!(ended.ledger(), [2, 0, 0, 2], "{}", ended.words);
    assert!(
        ended
            .words
            .contains("the body of a request exceeds --max-body (answered with 413)"),
        "{}",
        ended.words
    );
}

/// What is delivered or in the spool when a request is answered is there after a crash.
#[test]
fn what_is_answered_outlasts_a_crash() {
    let dir = Dir::new();
    let spool = dir.path("spool");
    let spool = spool.to_str().expect("UTF-8");
    let args = ["otlp+http://:0", "--no-stamp", "--spool", spool];
    let (collector, mut stdout) = Collector::stalled(&args);
    let mut stream = collector.tcp(0);
    // More than a pipe takes that nobody reads: the rest is in the spool only.
    let padding = "x".repeat(20_000);
    let asked = 0..200;
    for n in asked.clone() {
        let record = format!("{{\"n\":{n},\"p\":\"{padding}\"}}");
        let body = String::from_utf8_lossy(TWO).replace("{\"a\":1},{\"b\":2}", &record);
        assert_eq!(words(request(&mut stream, LOGS, body.as_bytes())), "200 {}");
    }
    collector.signal(Signal::KILL);
    collector.ended();
    let mut text = Vec::new();
    stdout.read_to_end(&mut text).expect("what was delivered");
    // A record that is cut by the kill comes again.
    let whole = text.iter().rposition(|&byte| byte == b'\n');
    text.truncate(whole.map_or(0, |at| at + 1));
    let delivered = text.split(|&byte| byte == b'\n').count() - 1;
    assert!(delivered < asked.end, "all of it was delivered");
    let again = Collector::start(&args).end();
    assert_eq!(again.status, 0, "{}", again.words);
    text.extend(again.rest);
    let came: BTreeSet<_> = text
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice::<serde_json::Value>(line).expect("a record"))
        .map(|record| record["n"].as_u64().expect("a number"))
        .collect();
    assert_eq!(came, asked.map(|n| n as u64).collect());
}
