//! dl-send over connections without acknowledgements: a network that is cut, receivers that are
//! killed or mute, and TLS.

use std::{
    collections::BTreeSet,
    fmt::Write,
    io::Read,
    net::{SocketAddr, TcpListener},
    thread,
};

use rustix::process::Signal;

use super::{certificates::Certificates, support::Collector};
use crate::{
    cut::Cut,
    support::{Dir, Program, program},
};

/// So many records, each different.
pub(super) fn records(count: usize) -> String {
    let mut out = String::new();
    for number in 0..count {
        let _ = writeln!(
            out,
            "{{\"time\":\"2026-11-28T10:00:00.{:06}Z\",\"level\":\"info\",\"message\":\"m{number}\",\"n\":{number}}}",
            number % 1_000_000
        );
    }
    out
}

pub(super) fn send(endpoint: &str) -> Program {
    program("dl-send").arg(endpoint).arg("--stats")
}

/// All that was sent has come, as it was, if not only once.
#[track_caller]
pub(super) fn all_came(sent: &str, came: &[u8]) {
    let sent: BTreeSet<&str> = sent.lines().collect();
    let came = String::from_utf8_lossy(came);
    let came: BTreeSet<&str> = came.lines().collect();
    let missing = sent.difference(&came).count();
    let strange: Vec<_> = came.difference(&sent).take(3).collect();
    assert!(missing == 0 && strange.is_empty(), "{missing}, {strange:?}");
}

/// A port that nobody has at the moment.
fn free_port() -> SocketAddr {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    free.local_addr().expect("an address")
}

#[test]
fn nothing_is_lost_when_the_network_is_cut() {
    let text = records(20_000);
    let collector = Collector::start(&["ndjson+tcp://:0", "--no-stamp"]);
    let cut = Cut::new(collector.address(0), 6, 400_000);
    let ran = send(&format!("ndjson+tcp://{}", cut.address))
        .stdin(&text)
        .run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(
        ran.stderr
            .ends_with("20000 read, 20000 written, 0 filtered, 0 rejected\n"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("trying again\n"), "{}", ran.stderr);
    assert!(cut.is_done());
    let ended = collector.end();
    all_came(&text, &ended.rest);
}

#[test]
fn a_receiver_that_is_killed_loses_nothing_that_it_had_not_read() {
    let text = records(5_000);
    let address = free_port().to_string();
    let endpoint = format!("ndjson+tcp://{address}");
    let mut sender = send(&endpoint).start();
    // Nobody is there, then somebody who is killed, then somebody else.
    sender.write(&text[..100_000]);
    let first = Collector::start(&[&endpoint, "--no-stamp"]);
    let begun = first.line();
    sender.write(&text[100_000..200_000]);
    first.signal(Signal::KILL);
    let mut came = begun.into_bytes();
    came.push(b'\n');
    came.extend(first.ended().rest);
    let second = Collector::start(&[&endpoint, "--no-stamp"]);
    sender.write(&text[200_000..]);
    sender.stdin = None;
    let ran = sender.end();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let rest = second.end().rest;
    // Of a line that the kill has cut there is the beginning at the most.
    let whole = came.iter().rposition(|&byte| byte == b'\n');
    let came = &came[..whole.map_or(0, |at| at + 1)];
    assert!(text.as_bytes().starts_with(came));
    all_came(&text, &[came, &rest[..]].concat());
}

#[test]
fn a_peer_that_never_closes_is_told_of() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let reader = thread::spawn(move || {
        let (mut peer, _) = listener.accept().expect("a connection");
        let mut text = [0; 8];
        peer.read_exact(&mut text).expect("a line");
        (peer, text)
    });
    let endpoint = format!("ndjson+tcp://{address}");
    send(&endpoint)
        .args(&["--linger", "200ms"])
        .stdin("{\"n\":1}\n")
        .check(
            "",
            &format!(
                "dl-send: {endpoint}: the peer did not confirm that it read everything\n\
                 dl-send: 1 read, 1 written, 0 filtered, 0 rejected\n"
            ),
            0,
        );
    let (_peer, text) = reader.join().expect("a reader");
    assert_eq!(&text, b"{\"n\":1}\n");
}

#[test]
fn what_nobody_has_confirmed_is_undelivered() {
    let endpoint = format!("ndjson+tcp://{}", free_port());
    send(&endpoint)
        .args(&["--linger", "150ms"])
        .stdin(records(3))
        .check(
            "",
            &format!(
                "dl-send: {endpoint}: connection refused; trying again\n\
                 dl-send: 3 read, 0 written, 0 filtered, 0 rejected, 3 undelivered\n\
                 dl-send: {endpoint}: 3 records not delivered within 150ms\n\
                 dl-send: use --linger TIME to try longer\n"
            ),
            2,
        );
}

#[test]
fn what_a_crash_has_left_in_the_spool_comes_too() {
    let text = records(3_000);
    let dir = Dir::new();
    let input = dir.file("in.ndjson", &text);
    let collector = Collector::start(&["ndjson+tcp://:0", "--no-stamp"]);
    let cut = Cut::new(collector.address(0), 4, 50_000);
    let endpoint = format!("ndjson+tcp://{}", cut.address);
    let start = |rest: &std::path::Path| {
        let sender = send(&endpoint).arg("--spool").arg(dir.path("spool"));
        sender.arg(rest).start()
    };
    for round in 0_u64..4 {
        let sender = start(&input);
        thread::sleep(std::time::Duration::from_millis(20 + 60 * round));
        sender.signal(Signal::KILL);
        sender.end();
    }
    let ran = start(&dir.file("nothing", "")).end();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let ran = start(&input).end();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    all_came(&text, &collector.end().rest);
}

#[test]
fn with_tls_both_ends_are_known_and_a_cut_loses_nothing() {
    let certificates = Certificates::new();
    let text = records(20_000);
    let collector = certificates.collector(&["ndjson+tls://:0", "--no-stamp"]);
    let cut = Cut::new(collector.address(0), 5, 400_000);
    let endpoint = format!("ndjson+tls://localhost:{}", cut.address.port());
    let files = ["ca.pem", "client.pem", "client.key"].map(|file| certificates.arg(file));
    let args = [
        "--tls-ca",
        &files[0],
        "--tls-cert",
        &files[1],
        "--tls-key",
        &files[2],
    ];
    let ran = send(&endpoint).args(&args).stdin(&text).run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(cut.is_done());
    all_came(&text, &collector.end().rest);
}

#[test]
fn a_receiver_or_sender_that_is_not_known_gets_nothing() {
    let certificates = Certificates::new();
    let collector = certificates.collector(&["ndjson+tls://:0", "--no-stamp"]);
    let port = collector.address(0).port();
    let file = |name: &str| certificates.arg(name);
    let (client, key) = (file("client.pem"), file("client.key"));
    let check = |args: &[&str], expect: &str| {
        let sent = send(&format!("ndjson+tls://127.0.0.1:{port}")).args(args);
        let ran = sent.args(&["--linger", "300ms"]).stdin("{}\n").run();
        assert!(ran.stderr.contains(expect), "{expect}: {}", ran.stderr);
        assert_eq!(ran.status, 2, "{}", ran.stderr);
    };
    let (stranger, ca) = (file("stranger-ca.pem"), file("ca.pem"));
    check(
        &[
            "--tls-ca",
            &stranger,
            "--tls-cert",
            &client,
            "--tls-key",
            &key,
        ],
        "TLS: the peer's certificate is not of --tls-ca; trying again",
    );
    check(
        &["--tls-ca", &ca],
        "TLS: the peer refused us: CertificateRequired",
    );
    let ended = collector.end();
    assert_eq!(ended.rest, b"", "{}", ended.words);
}

#[test]
fn the_first_record_goes_at_once_and_an_idle_sender_notices_that_its_peer_has_left() {
    let address = free_port().to_string();
    let endpoint = format!("ndjson+tcp://{address}");
    let first = Collector::start(&[&endpoint, "--no-stamp"]);
    let mut sender = send(&endpoint).start();
    sender.write("{\"n\":1}\n");
    assert_eq!(first.line(), "{\"n\":1}");
    first.end();
    // Nobody has said that it was read, so it comes again, without another record.
    let second = Collector::start(&[&endpoint, "--no-stamp"]);
    assert_eq!(second.line(), "{\"n\":1}");
    sender.stdin = None;
    let ran = sender.end();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert_eq!(second.end().rest, b"");
}
