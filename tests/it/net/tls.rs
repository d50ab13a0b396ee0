//! TLS: real clients with and without certificates, and those who mean harm.

use std::{
    io::{Read, Write},
    net::Shutdown,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    certificates::{Certificates, Client},
    support::{Collector, memory},
};
use crate::support::{DEADLINE, python, wait_for};

/// A warning that names the peer and has these words.
#[track_caller]
pub(super) fn warned(collector: &Collector, peer: &str, expect: &str) {
    wait_for(&format!("a warning: {expect}"), || {
        let words = collector.words();
        let mut lines = words.lines();
        lines.any(|line| line.contains(peer) && line.contains(expect))
    });
}

pub(super) fn name(client: &Client) -> String {
    client.sock.local_addr().expect("an address").to_string()
}

/// A record of somebody who may come in, through the first endpoint, which is that of lines.
#[track_caller]
fn works(certificates: &Certificates, collector: &Collector) {
    let mut client = certificates.client(collector, 0, Some("client"));
    client.write_all(b"{\"works\":1}\n").expect("it reads");
    let line = collector.line();
    assert!(line.starts_with("{\"works\":1"), "{line}");
}

#[test]
fn producers_of_all_kinds_are_known_by_their_certificates() {
    for (kind, endpoint) in [
        ("ndjson", "ndjson+tls://:0"),
        ("pylog", "pylog+tls://:0"),
        ("pylog-http", "pylog+https://:0/log"),
        ("syslog", "syslog+tls://:0"),
        ("gelf", "gelf+tls://:0"),
        ("otlp", "otlp+https://:0"),
    ] {
        let certificates = Certificates::new();
        let collector = certificates.collector(&[endpoint, "--stats"]);
        let port = collector.address(0).port().to_string();
        let files = ["ca.pem", "client.pem", "client.key"].map(|file| certificates.arg(file));
        let mut args = vec![kind, "127.0.0.1", &port, "3"];
        args.extend(files.iter().map(String::as_str));
        python("tests/py/tls_send.py", &args);
        for _ in 0..3 {
            let record = collector.record();
            let stamp = &record["dl"]["recv"];
            assert_eq!(stamp["endpoint"], *collector.endpoints[0], "{record}");
            let subject = stamp["client"].as_str();
            let subject = subject.unwrap_or_else(|| panic!("no client: {record}"));
            assert!(subject.contains("CN=client"), "{subject}");
        }
        let ended = collector.end();
        assert_eq!(ended.status, 0, "{}", ended.words);
        // OTLP sends spans too.
        let ledger = ended.ledger();
        assert!(ledger[0] >= 3 && ledger[3] == 0, "{kind}: {ledger:?}");
    }
}

#[test]
fn who_has_no_valid_certificate_is_kept_out_and_named() {
    let certificates = Certificates::new();
    let collector = certificates.collector(&["ndjson+tls://:0", "--stats"]);
    for (shown, expect) in [
        (None, "TLS: the peer has shown no certificate"),
        (
            Some("stranger"),
            "TLS: the peer's certificate is not of --tls-client-ca",
        ),
        (Some("expired"), "TLS: the peer's certificate has expired"),
        (
            Some("server"),
            "TLS: the peer's certificate is not for clients",
        ),
    ] {
        let mut client = certificates.client(&collector, 0, shown);
        let peer = name(&client);
        // In TLS 1.3 a client is done before the server has seen its certificate.
        let _ = client.write_all(b"{\"forged\":1}\n");
        let mut answer = Vec::new();
        let answered = client.read_to_end(&mut answer);
        assert!(
            answered.is_err() && answer.is_empty(),
            "{shown:?}: {answered:?}"
        );
        warned(&collector, &peer, expect);
    }
    works(&certificates, &collector);
    let ended = collector.end();
    assert_eq!(ended.ledger(), [1, 1, 0, 0], "{}", ended.words);
}

#[test]
fn without_an_authority_everybody_comes_in_and_is_nobody() {
    let certificates = Certificates::new();
    let collector = certificates.open_collector(&["ndjson+tls://:0"]);
    let mut client = certificates.client(&collector, 0, None);
    client.write_all(b"{}\n").expect("it reads");
    let record = collector.record();
    assert_eq!(record["dl"]["recv"]["client"], Value::Null, "{record}");
}

#[test]
fn peers_that_do_not_shake_hands_lose_their_connection_alone() {
    let certificates = Certificates::new();
    let collector = certificates.collector(&[
        "ndjson+tls://:0",
        "otlp+https://:0",
        "--peer-timeout",
        "500ms",
        "--stats",
    ]);
    let mut open = certificates.client(&collector, 0, Some("client"));
    open.write_all(b"{\"open\":1}\n").expect("it reads");
    collector.line();
    let mud = vec![0xff; 40_000];
    let plain: [(usize, &[u8]); 4] = [
        (0, b"{\"plain\":1}\n"),
        (
            1,
            b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
        ),
        (0, &mud),
        // A record of TLS that says it is longer than any may be.
        (0, &[0x16, 3, 1, 0xff, 0xff, 1, 0, 0]),
    ];
    for (endpoint, bytes) in plain {
        let mut stream = collector.tcp(endpoint);
        let peer = stream.local_addr().expect("an address").to_string();
        let _ = stream.write_all(bytes);
        stream.set_read_timeout(Some(DEADLINE)).expect("a socket");
        let mut rest = Vec::new();
        let ended = stream.read_to_end(&mut rest);
        assert!(!matches!(&ended, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock));
        warned(&collector, &peer, "TLS: ");
    }
    // Half a handshake, and a byte now and then.
    let mut hello = Vec::new();
    let mut half = certificates.client(&collector, 0, Some("client"));
    half.conn.write_tls(&mut hello).expect("a hello");
    let peer = name(&half);
    half.sock
        .write_all(&hello[..hello.len() / 2])
        .expect("it reads");
    let began = Instant::now();
    warned(
        &collector,
        &peer,
        "TLS: no handshake within 0.5 s (--peer-timeout)",
    );
    assert!(began.elapsed() < Duration::from_secs(20));
    let mut slow = collector.tcp(0);
    let peer = slow.local_addr().expect("an address").to_string();
    let mut bytes = hello.iter().cycle();
    wait_for("a slow handshake to end", || {
        let _ = slow.write_all(&[*bytes.next().expect("a byte")]);
        let words = collector.words();
        let mut lines = words.lines();
        lines.any(|line| line.contains(&peer) && line.contains("no handshake"))
    });
    // Who leaves within the handshake is named, who only looks is not.
    let mut left = collector.tcp(0);
    let peer = left.local_addr().expect("an address").to_string();
    left.write_all(&hello[..20]).expect("it reads");
    left.shutdown(Shutdown::Write).expect("a socket");
    warned(&collector, &peer, "TLS: left within the handshake");
    let looked = collector.tcp(0);
    let peer = looked.local_addr().expect("an address").to_string();
    drop(looked);
    open.write_all(b"{\"open\":2}\n").expect("it reads");
    assert!(collector.line().starts_with("{\"open\":2"));
    works(&certificates, &collector);
    let ended = collector.end();
    assert!(!ended.words.contains(&peer), "{}", ended.words);
    assert_eq!(ended.ledger(), [3, 3, 0, 0], "{}", ended.words);
}

#[test]
fn what_was_cut_off_is_lost_and_what_was_ended_counts() {
    let certificates = Certificates::new();
    let collector = certificates.collector(&["ndjson+tls://:0", "--stats"]);
    let mut cut = certificates.client(&collector, 0, Some("client"));
    let peer = name(&cut);
    cut.write_all(b"{\"a\":1}\n{\"cut\":1}").expect("it reads");
    assert!(collector.line().starts_with("{\"a\":1"));
    cut.sock.shutdown(Shutdown::Both).expect("a socket");
    warned(
        &collector,
        &peer,
        "left within a message, 9 bytes of it are lost",
    );
    let mut ended = certificates.client(&collector, 0, Some("client"));
    ended.write_all(b"{\"b\":1}\n{\"c\":1}").expect("it reads");
    ended.conn.send_close_notify();
    ended.flush().expect("it reads");
    assert!(collector.line().starts_with("{\"b\":1"));
    // The socket is still open: it is the end of TLS that counts.
    assert!(collector.line().starts_with("{\"c\":1"));
    drop(ended);
    let ended = collector.end();
    assert_eq!(ended.ledger(), [4, 3, 0, 1], "{}", ended.words);
}

#[test]
fn what_came_before_a_forged_record_is_kept() {
    let certificates = Certificates::new();
    let collector = certificates.collector(&["ndjson+tls://:0", "--stats"]);
    let mut client = certificates.client(&collector, 0, Some("client"));
    let peer = name(&client);
    client.write_all(b"{\"a\":1}\n").expect("it reads");
    collector.line();
    let mut bytes = Vec::new();
    client
        .conn
        .writer()
        .write_all(b"{\"b\":1}\n")
        .expect("room");
    client.conn.write_tls(&mut bytes).expect("bytes");
    bytes.extend_from_slice(&[0x17, 3, 3, 0, 30]);
    bytes.extend_from_slice(&[7; 30]);
    client.sock.write_all(&bytes).expect("it reads");
    assert!(collector.line().starts_with("{\"b\":1"));
    warned(&collector, &peer, "TLS: cannot decrypt peer's message");
    assert_eq!(collector.end().ledger(), [2, 2, 0, 0]);
}

#[test]
fn large_messages_and_many_go_through_and_limits_hold() {
    let certificates = Certificates::new();
    let collector = certificates.collector(&["ndjson+tls://:0", "--max-record", "8MB", "--stats"]);
    let before = memory(collector.pid());
    let mut client = certificates.client(&collector, 0, Some("client"));
    let large = format!("{{\"large\":\"{}\"}}\n", "x".repeat(5_000_000));
    client.write_all(large.as_bytes()).expect("it reads");
    assert_eq!(collector.line().len() / 1_000_000, 5);
    for n in 0..100_000 {
        writeln!(client, "{{\"n\":{n}}}").expect("it reads");
    }
    for n in 0..100_000 {
        let line = collector.line();
        assert!(line.starts_with(&format!("{{\"n\":{n},")), "{line}");
    }
    let peer = name(&client);
    // What nobody reads any more still goes into the buffers of both ends for a while.
    let endless = "x".repeat(1_000_000);
    assert!((0..200).any(|_| client.write_all(endless.as_bytes()).is_err()));
    warned(&collector, &peer, "a message of more than 8000000 bytes");
    let more = memory(collector.pid()).saturating_sub(before);
    assert!(more < 64 << 20, "{more} bytes");
    works(&certificates, &collector);
    assert_eq!(collector.end().ledger(), [100_003, 100_002, 0, 1]);
}

#[test]
fn half_handshakes_cost_little_memory() {
    let certificates = Certificates::new();
    let collector = certificates.collector(&["ndjson+tls://:0"]);
    works(&certificates, &collector);
    let before = memory(collector.pid());
    // A message of the handshake that says it has 60,000 bytes, of which most have come.
    let mut hello = vec![0x16, 3, 1, 0x3f, 0xff, 1, 0, 0xea, 0x60];
    hello.resize(5 + 0x3fff, 7);
    let mut rest = vec![0x16, 3, 1, 0x3f, 0xff];
    rest.resize(5 + 0x3fff, 7);
    hello.extend_from_slice(&rest);
    hello.extend_from_slice(&rest);
    let mut peers = Vec::new();
    for _ in 0..200 {
        let mut stream = collector.tcp(0);
        let _ = stream.write_all(&hello);
        peers.push(stream);
    }
    works(&certificates, &collector);
    let more = memory(collector.pid()).saturating_sub(before);
    assert!(more < 200 * (160 << 10), "{more} bytes");
}

#[test]
fn requests_follow_each_other_and_refusals_can_be_read() {
    let certificates = Certificates::new();
    let collector = certificates.collector(&["otlp+https://:0", "--max-body", "1kB", "--stats"]);
    let mut client = certificates.client(&collector, 0, Some("client"));
    let head = "POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let body = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityText":"WARN"}]}]}]}"#;
    for _ in 0..3 {
        let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        client.write_all(request.as_bytes()).expect("it reads");
        assert_eq!(status(&mut client), "HTTP/1.1 200 OK");
        collector.line();
    }
    let request = format!("{head}Content-Length: 2000\r\n\r\n");
    client.write_all(request.as_bytes()).expect("it reads");
    assert_eq!(status(&mut client), "HTTP/1.1 413 Content Too Large");
    let mut rest = Vec::new();
    // The end is one in order, so the client knows that it has all of it.
    client.read_to_end(&mut rest).expect("an end in order");
    drop(client);
    assert_eq!(collector.end().ledger()[..2], [4, 3]);
}

/// The first line of a reply, whose head and body are read.
fn status(client: &mut Client) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte).expect("a reply");
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("text");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "));
    let length: usize = length.expect("a length").parse().expect("a number");
    let mut body = vec![0; length];
    client.read_exact(&mut body).expect("a body");
    head.lines().next().expect("a line").to_owned()
}

#[test]
fn a_reader_that_stops_makes_clients_wait_and_loses_nothing() {
    let certificates = Certificates::new();
    let files = ["server.pem", "server.key"].map(|file| certificates.arg(file));
    let (collector, mut stdout) = Collector::stalled(&[
        "ndjson+tls://:0",
        "--no-stamp",
        "--tls-cert",
        &files[0],
        "--tls-key",
        &files[1],
    ]);
    let before = memory(collector.pid());
    let line = format!("{{\"text\":\"{}\"}}\n", "x".repeat(1000));
    let bytes = line.repeat(30_000);
    let mut client = certificates.client(&collector, 0, None);
    let sender = std::thread::spawn(move || {
        client.write_all(bytes.as_bytes()).expect("it reads");
        client.conn.send_close_notify();
        client.flush().expect("it reads");
        bytes.len()
    });
    // 30 MB do not fit into the buffers of sockets and pipes.
    std::thread::sleep(Duration::from_millis(500));
    assert!(!sender.is_finished());
    let more = memory(collector.pid()).saturating_sub(before);
    assert!(more < 32 << 20, "{more} bytes");
    let mut came = vec![0; line.len() * 30_000];
    stdout.read_exact(&mut came).expect("all of it comes");
    assert_eq!(sender.join().expect("all is sent"), came.len());
    assert!(came.chunks(line.len()).all(|one| one == line.as_bytes()));
    assert_eq!(collector.end().status, 0);
}
