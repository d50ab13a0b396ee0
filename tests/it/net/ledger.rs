//! in = out + rejected, whatever peers and the reader of the output do.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use rustix::process::Signal;

use super::support::{Collector, memory};
use crate::support::{Kill, newlines, wait_for};

#[test]
fn sixty_four_peers_at_once() {
    const PEERS: usize = 64;
    const EACH: usize = 500;
    let collector = Collector::start(&[
        "ndjson+tcp://:0",
        "syslog+tcp://:0",
        "pylog+tcp://:0",
        "gelf+tcp://:0",
        "--stats",
    ]);
    let pickle = b"\0\0\0\x0a}q\x00U\x01aK\x01s.";
    let messages: [&[u8]; 4] = [b"{\"a\":1}\n", b"7 <13>a\nb", pickle, b"{\"a\":\n1}\0"];
    thread::scope(|scope| {
        for peer in 0..PEERS {
            let kind = peer % messages.len();
            let mut stream = collector.tcp(kind);
            scope.spawn(move || {
                for _ in 0..EACH {
                    stream.write_all(messages[kind]).expect("it reads");
                }
            });
        }
    });
    let mut last = vec![0; PEERS];
    let mut peers = std::collections::HashMap::new();
    for _ in 0..PEERS * EACH {
        let record = collector.record();
        let stamp = &record["dl"]["recv"];
        let known = peers.len();
        // Connections to two endpoints may have the same port.
        let peer = (stamp["endpoint"].to_string(), stamp["peer"].to_string());
        let peer = *peers.entry(peer).or_insert(known);
        let seq = usize::try_from(stamp["seq"].as_u64().expect("a number")).expect("small");
        assert_eq!(seq, last[peer] + 1, "in order: {record}");
        last[peer] = seq;
    }
    assert!(last.iter().all(|&last| last == EACH));
    let all = u64::try_from(PEERS * EACH).expect("small");
    let ended = collector.end();
    assert_eq!(ended.ledger(), [all, all, 0, 0]);
    assert!(ended.rest.is_empty());
}

/// A process that writes what it is given into a connection, whole, and then stays.
fn sender(port: u16, bytes: &str) -> Kill {
    let script = "import socket, sys, time\n\
                  s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n\
                  s.sendall(bytes.fromhex(sys.argv[2]))\n\
                  print('sent', flush=True)\n\
                  time.sleep(600)";
    let hex = bytes.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("memory");
        hex
    });
    let mut child = Command::new("python3")
        .args(["-c", script, &port.to_string(), &hex])
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let stdout = child.stdout.take().expect("it is piped");
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    assert_eq!(line, "sent\n");
    Kill(child)
}

#[test]
fn a_peer_killed_within_a_message_is_counted_and_the_others_go_on() {
    let dir = crate::support::Dir::new();
    let rejects = dir.path("rejects");
    let collector = Collector::start(&[
        "pylog+tcp://:0",
        "syslog+tcp://:0",
        "ndjson+tcp://:0",
        "otlp+http://:0",
        "--no-stamp",
        "--stats",
        "--rejects",
        rejects.to_str().expect("UTF-8"),
    ]);
    let mut other = collector.tcp(2);
    let cut = [
        (0, "\0\0\0\x0a}q\0U\x01aK\x01s.\0\0\0\x0a}q"),
        (1, "5 <13>a9 <13>b"),
        (2, "{\"a\":1}\n{\"cut"),
        (
            3,
            "POST /v1/logs HTTP/1.1\r\nContent-Length: 9\r\n\r\n{\"cut",
        ),
    ];
    for (endpoint, bytes) in cut {
        let sent = sender(collector.address(endpoint).port(), bytes);
        if endpoint < 3 {
            collector.line();
        }
        // SIGKILL.
        drop(sent);
    }
    wait_for("all to be told", || {
        collector.words().matches("bytes of it are lost").count() == 3
    });
    other.write_all(b"{\"other\":1}\n").expect("it reads");
    assert_eq!(collector.line(), "{\"other\":1}");
    drop(other);
    let ended = collector.end();
    assert_eq!(ended.ledger(), [8, 4, 0, 4], "{}", ended.words);
    assert!(ended.words.contains("left within a message"));
    let kept = std::fs::read(rejects).expect("the rejects");
    let expect = [
        &b"\0\0\0\x0a}q\n"[..],
        b"9 <13>b\n",
        b"{\"cut\n",
        b"{\"cut\n",
    ];
    for (cut, count) in expect.into_iter().zip([1, 1, 2, 2]) {
        let found = memchr::memmem::find_iter(&kept, cut).count();
        assert_eq!(found, count, "{}", kept.escape_ascii());
    }
}

#[test]
fn what_is_not_complete_when_it_ends_is_counted() {
    let collector = Collector::start(&["ndjson+tcp://:0", "gelf+udp://:0", "--stats"]);
    let mut stream = collector.tcp(0);
    stream.write_all(b"{\"a\":1}\n{\"cut").expect("it reads");
    let chunk = b"\x1e\x0fabcdefgh\x00\x02{";
    collector.udp(1).send(chunk).expect("sent");
    assert!(collector.line().starts_with("{\"a\":1"));
    let ended = collector.end();
    assert_eq!(ended.ledger(), [3, 1, 0, 2], "{}", ended.words);
    let told = "dl-recv ended within a message, 5 bytes of it are lost";
    assert!(ended.words.contains(told), "{}", ended.words);
}

#[test]
fn a_reader_that_stops_pushes_back_and_costs_nothing() {
    const RECORD: usize = 1000;
    let (collector, stdout) = Collector::stalled(&["ndjson+tcp://:0", "--no-stamp", "--stats"]);
    let record = format!("{{\"a\":\"{}\"}}\n", "x".repeat(RECORD));
    let mut stream = collector.tcp(0);
    stream
        .set_write_timeout(Some(Duration::from_millis(500)))
        .expect("a socket");
    let mut sent = Vec::new();
    // Until the sockets are full: nobody takes what comes out.
    let full = loop {
        match stream.write(&record.as_bytes()[sent.len() % record.len()..]) {
            Ok(count) => {
                let at = sent.len() % record.len();
                sent.extend_from_slice(&record.as_bytes()[at..at + count]);
            }
            Err(error) => break error,
        }
        assert!(sent.len() < 200 << 20, "it took all that came");
    };
    assert_eq!(full.kind(), std::io::ErrorKind::WouldBlock);
    assert!(memory(collector.pid()) < 64 << 20);
    // The reader goes on, and all of it comes.
    let reader = thread::spawn(move || {
        let mut got = Vec::new();
        let mut stdout = BufReader::new(stdout);
        while stdout.read_until(b'\n', &mut got).expect("lines") > 0 {}
        got
    });
    stream.set_write_timeout(None).expect("a socket");
    let rest = &record.as_bytes()[sent.len() % record.len()..];
    stream.write_all(rest).expect("it reads");
    sent.extend_from_slice(rest);
    drop(stream);
    let lines = u64::try_from(newlines(&sent)).expect("small");
    // It ends when it has taken what was sent.
    wait_for("all to be read", || {
        let unread = std::fs::read_to_string("/proc/net/tcp").expect("a table");
        let port = format!(":{:04X} ", collector.address(0).port());
        let mine = |line: &&str| {
            line.split_whitespace()
                .nth(1)
                .is_some_and(|local| local.ends_with(port.trim_end()))
        };
        let mut open = unread.lines().skip(1).filter(mine);
        // Only the listener is left.
        open.all(|line| line.split_whitespace().nth(3) == Some("0A"))
    });
    collector.signal(Signal::TERM);
    let got = reader.join().expect("the reader");
    assert!(got == sent, "{} of {} bytes", got.len(), sent.len());
    let ended = collector.ended();
    assert_eq!(ended.ledger(), [lines, lines, 0, 0]);
}

#[test]
fn a_datagram_of_syslog_is_one_message_whatever_it_has_in_it() {
    let collector = Collector::start(&["syslog+udp://:0", "--no-stamp", "--stats"]);
    let client = collector.udp(0);
    for (sent, message) in [
        // As SysLogHandler sends a text with NUL in it, and rsyslog its template for RFC 5424.
        ("<14>a\0b\nc\0", r"a\u0000b\nc"),
        ("<14>a\0<11>forged\0", r"a\u0000<11>forged"),
        ("<14>1 - - - - - - a\n", "a"),
    ] {
        client.send(sent.as_bytes()).expect("sent");
        let line = collector.line();
        let expect = format!(r#"{{"level":"info","message":"{message}","#);
        assert!(line.starts_with(&expect), "{line}");
    }
    assert_eq!(collector.end().ledger(), [3, 3, 0, 0]);
}

#[test]
fn a_listener_tells_the_year_by_its_clock() {
    let collector = Collector::start(&["syslog+udp://:0", "--no-stamp", "--year", "now"]);
    let now = chrono::Utc::now();
    let sent = now.format("<14>%b %e %H:%M:%S vm app: up").to_string();
    collector.udp(0).send(sent.as_bytes()).expect("sent");
    let expect = now.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    assert_eq!(collector.record()["time"], *expect);
}
