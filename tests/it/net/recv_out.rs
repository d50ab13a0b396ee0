//! `dl-recv -o` to what dl-send connects to: the same goes over the same wire, and the ledger tells what was refused.

use std::{
    fs,
    io::Read,
    net::{SocketAddr, TcpListener},
    thread::{self, JoinHandle},
};

use super::{
    certificates::Certificates,
    receiver::{Answer, Receiver},
    send_streams::records,
    support::Collector,
};
use crate::support::{Dir, Program, program};

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

#[test]
fn what_a_buffer_could_not_hand_on_is_undelivered() {
    let text = records(3);
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = free.local_addr().expect("an address");
    drop(free);
    let ran = pass_on(&format!("tcp://{nobody}"), &text)
        .args(&["--drop-when-full", "--linger", "100ms"])
        .run();
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    let told = "3 read, 0 written, 0 filtered, 0 rejected, 3 undelivered\n";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
}
