//! `dl-recv -o` to what dl-send connects to: the same goes over the same wire, and the ledger tells what was refused.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    path::Path,
    thread::{self, JoinHandle},
};

use rustix::process::Signal;
use serde_json::Value;

use super::{
    certificates::Certificates,
    receiver::{Answer, Receiver},
    send_streams::records,
    support::Collector,
};
use crate::support::{Dir, Program, program, wait_for};

/// dl-recv that reads records from standard input and sends them on.
fn pass_on(to: &str, text: &str) -> Program {
    program("dl-recv")
        .args(&["-", "--stats", "-o", to])
        .stdin(text)
}

/// Takes one connection; what came over it, when it has ended.
fn tap() -> (SocketAddr, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let taken = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut bytes = vec![0; 1 << 16];
        let count = stream.read(&mut bytes).expect("some bytes");
        bytes.truncate(count);
        bytes
    });
    (address, taken)
}

#[test]
fn syslog_gets_messages_and_otlp_requests() {
    let text = records(3);
    for endpoint in ["syslog+tcp", "syslog+udp", "otlp+http"] {
        let collector = Collector::start(&[&format!("{endpoint}://:0"), "--no-stamp"]);
        let ran = pass_on(&collector.endpoints[0], &text).run();
        let told = (ran.status, ran.stderr.as_str());
        let expect = (0, "dl-recv: 3 read, 3 written, 0 filtered, 0 rejected\n");
        assert_eq!(told, expect, "{endpoint}");
        for number in 0..3 {
            let line = collector.line();
            assert!(line.contains(&format!("m{number}")), "{endpoint}: {line}");
        }
    }
}

#[test]
fn what_a_full_disk_does_not_take_of_sockets_is_counted() {
    let mut command = program("dl-recv").arg("ndjson+tcp://:0").command;
    command.args(["--stats", "-o", "/dev/full"]);
    let collector = Collector::of(command, 1);
    collector
        .tcp(0)
        .write_all(records(3).as_bytes())
        .expect("it listens");
    let ended = collector.ended();
    assert_eq!(ended.status, 2, "{}", ended.words);
    assert!(
        ended.words.contains("/dev/full: No space left on device"),
        "{}",
        ended.words
    );
    let ledger = "dl-recv: 3 read, 0 written, 0 filtered, 0 rejected, 3 undelivered";
    assert!(ended.words.contains(ledger), "{}", ended.words);
}

#[test]
fn what_goes_over_tls_is_encrypted_and_both_ends_are_known() {
    let certificates = Certificates::new();
    let [ca, certificate, key] =
        ["ca.pem", "client.pem", "client.key"].map(|file| certificates.arg(file));
    for scheme in ["ndjson+tls", "syslog+tls", "otlp+https"] {
        let collector = certificates.collector(&[&format!("{scheme}://:0")]);
        let to = format!("{scheme}://localhost:{}", collector.address(0).port());
        let ran = pass_on(&to, &records(1))
            .args(&["--tls-ca", &ca])
            .args(&["--tls-cert", &certificate, "--tls-key", &key])
            .run();
        assert_eq!(ran.status, 0, "{scheme}: {}", ran.stderr);
        let record = collector.record();
        let client = record["dl"]["recv"]["client"].as_str().unwrap_or_default();
        assert!(client.starts_with("CN=client,"), "{scheme}: {record}");

        // What answers with anything else gets a handshake, and no record.
        let (address, taken) = tap();
        let to = format!("{scheme}://localhost:{}", address.port());
        let ran = pass_on(&to, &records(1))
            .args(&["--tls-ca", &ca, "--linger", "100ms"])
            .run();
        assert_eq!(ran.status, 2, "{scheme}: {}", ran.stderr);
        let bytes = taken.join().expect("what came");
        assert_eq!(bytes[..2], [22, 3], "{scheme}: {bytes:?}");
    }
}

#[test]
fn what_a_receiver_refuses_is_counted_and_kept() {
    let dir = Dir::new();
    let rejects = dir.path("rejects");
    let kept = rejects.display().to_string();
    let spool = dir.path("spool").display().to_string();
    let ways: [&[&str]; 4] = [
        &[],
        &["--merge-window", "10ms"],
        &["--drop-when-full"],
        &["--spool", &spool],
    ];
    for way in ways {
        let receiver = Receiver::new(|_, post| -> Answer {
            let is_wrong = post.body.windows(2).any(|at| at == b"m1");
            let status = if is_wrong { 400 } else { 200 };
            (status, "Content-Type: application/json\r\n", "{}".into())
        });
        let text = records(3);
        let ran = pass_on(&receiver.endpoint(), &text)
            .args(&["--encoding", "json", "--rejects", &kept])
            .args(way)
            .run();
        let told = "3 read, 2 written, 0 filtered, 1 rejected\n";
        assert!(ran.stderr.contains(told), "{way:?}: {}", ran.stderr);
        let second = text.lines().nth(1).expect("a record");
        let kept = fs::read_to_string(&rejects).expect("a file");
        assert_eq!(kept, format!("{second}\n"), "{way:?}");
    }
}

/// The records that the last lines of statistics tell of.
fn counts(stats: &Path) -> Vec<u64> {
    let text = fs::read_to_string(stats).unwrap_or_default();
    let lines = text.lines().rev().take(3);
    let records = lines.filter_map(|line| {
        let record: Value = serde_json::from_str(line).ok()?;
        record["dl"]["stats"]["records"].as_u64()
    });
    records.collect()
}

#[test]
fn what_waits_for_a_place_that_is_away_is_undelivered_when_reading_is_ended() {
    let dir = Dir::new();
    let stats = dir.path("stats");
    // More than the sender keeps, so that it waits.
    let input = dir.file("input", records(400_000));
    let nobody = free();
    let sender = program("dl-recv")
        .arg(&input)
        .args(&["-o", &format!("ndjson+tcp://{nobody}")])
        .args(&["--stats", "--linger", "100ms", "--stats-every", "20ms"])
        .arg("--stats-to")
        .arg(&stats)
        .start();
    wait_for("the sender to wait", || {
        let last = counts(&stats);
        matches!(last[..], [a, b, c] if a > 0 && a == b && b == c)
    });
    sender.signal(Signal::TERM);
    let ran = sender.end();
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    let (_, told) = ran.stderr.split_once("trying again\n").expect("a warning");
    let count = told.split(' ').nth(1).expect("a count");
    let expect = format!(
        "dl-recv: {count} read, 0 written, 0 filtered, 0 rejected, {count} undelivered\n\
         dl-recv: ndjson+tcp://{nobody}: {count} records not delivered within 100ms\n"
    );
    assert!(told.starts_with(&expect), "{}", ran.stderr);
}

/// An address where nobody listens.
fn free() -> SocketAddr {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    free.local_addr().expect("an address")
}

#[test]
fn what_a_buffer_could_not_hand_on_is_undelivered() {
    let text = records(3);
    let nobody = free();
    let ran = pass_on(&format!("tcp://{nobody}"), &text)
        .args(&["--drop-when-full", "--linger", "100ms"])
        .run();
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    let told = "3 read, 0 written, 0 filtered, 0 rejected, 3 undelivered\n";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
}
