//! Peers that mean harm, or are broken: each costs bounded memory and its own connection, is
//! named, and the others go on. docs/hostile.md tells of all of them.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};

use super::support::{Collector, memory, reply, request};
use crate::support::wait_for;

/// What a collector may have more than before, whatever a peer does.
const SPARE: usize = 32 << 20;

/// Waits until the other end has closed.
fn closed(stream: &mut TcpStream) {
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a socket");
    let mut rest = Vec::new();
    // A reset is an end too.
    let _ = stream.read_to_end(&mut rest);
}

/// A record through the endpoint for lines.
fn works(collector: &Collector) {
    let mut endpoints = collector.endpoints.iter();
    let lines = endpoints.position(|endpoint| endpoint.starts_with("ndjson+tcp:"));
    let mut stream = collector.tcp(lines.expect("one for lines"));
    stream.write_all(b"{\"works\":1}\n").expect("it reads");
    assert!(collector.line().starts_with("{\"works\":1"));
}

#[test]
fn broken_framings_end_their_connection_alone() {
    let collector = Collector::start(&[
        "ndjson+tcp://:0",
        "pylog+tcp://:0",
        "syslog+tcp://:0",
        "gelf+tcp://:0",
        "--max-record",
        "1MB",
        "--stats",
    ]);
    let before = memory(collector.pid());
    let mut other = collector.tcp(0);
    let long = vec![b'x'; 2 << 20];
    let cases: [(usize, &[u8], &str); 7] = [
        (0, &long, "a message of more than 1000000 bytes"),
        (
            1,
            b"\xff\xff\xff\xff",
            "a message of more than 1000000 bytes",
        ),
        (1, b"GET / HTTP/1.1\r\n\r\n", "a message of more than"),
        (2, b"99999999 <13>a", "a message of more than 1000000 bytes"),
        (2, b"7 <13>a b mud", "no count of octets"),
        (2, &long, "a message of more than 1000000 bytes"),
        (3, &long, "a message of more than 1000000 bytes"),
    ];
    for (endpoint, bytes, expect) in cases {
        let mut stream = collector.tcp(endpoint);
        let name = stream.local_addr().expect("an address").to_string();
        // It may be cut off before all is sent.
        let _ = stream.write_all(bytes);
        closed(&mut stream);
        wait_for("a warning", || {
            let words = collector.words();
            let mut lines = words.lines();
            lines.any(|line| line.contains(&name) && line.contains(expect))
        });
        if bytes.starts_with(b"7 <13>") {
            collector.line();
        }
    }
    other.write_all(b"{\"other\":1}\n").expect("it reads");
    assert!(collector.line().starts_with("{\"other\":1"));
    works(&collector);
    assert!(memory(collector.pid()) < before + SPARE);
    let ended = collector.end();
    assert_eq!(ended.ledger(), [10, 3, 0, 7], "{}", ended.words);
}

#[test]
fn bombs_are_rejected_within_their_bounds() {
    let collector = Collector::start(&[
        "ndjson+tcp://:0",
        "gelf+udp://:0",
        "otlp+http://:0",
        "pylog+tcp://:0",
        "--stats",
    ]);
    works(&collector);
    let before = memory(collector.pid());
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..8 {
        bomb.write_all(&zeros).expect("memory");
    }
    let bomb = bomb.finish().expect("memory");
    let datagram = &bomb[..bomb.len().min(60_000)];
    collector.udp(1).send(datagram).expect("sent");
    let head = "POST /v1/logs HTTP/1.1\r\nContent-Type: application/json\r\nContent-Encoding: gzip";
    let (status, body) = request(&mut collector.tcp(2), head, &bomb);
    let body = String::from_utf8_lossy(&body).into_owned();
    assert_eq!(status, 400, "{body}");
    assert!(body.contains("200 times its size"), "{body}");
    // Two bytes each, and a struct of hundreds of bytes in other receivers.
    let empty = b"\x12\0".repeat(300_000);
    let scope = [&[0x12][..], &varint(empty.len()), &empty].concat();
    let resource = [&[0x0a][..], &varint(scope.len()), &scope].concat();
    let head = "POST /v1/logs HTTP/1.1\r\nContent-Type: application/x-protobuf";
    let (status, body) = request(&mut collector.tcp(2), head, &resource);
    let body = String::from_utf8_lossy(&body).into_owned();
    assert_eq!(status, 400, "{body}");
    assert!(body.contains("more than 100000 records"), "{body}");
    // Billion laughs in 86 bytes: a list of lists of lists.
    let mut pickle = b"(lq\x00".to_vec();
    for level in 0..30_u8 {
        pickle.extend([b'(', b'l', b'q', level + 1]);
        pickle.extend(std::iter::repeat_n([b'h', level, b'a'], 9).flatten());
    }
    pickle.push(b'.');
    let length = u32::try_from(pickle.len()).expect("small").to_be_bytes();
    let mut stream = collector.tcp(3);
    stream
        .write_all(&[&length[..], &pickle].concat())
        .expect("it reads");
    works(&collector);
    let after = memory(collector.pid());
    assert!(after < before + 8 * SPARE, "{before} {after}");
    let ended = collector.end();
    assert_eq!(ended.ledger(), [6, 2, 0, 4], "{}", ended.words);
}

fn varint(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push(u8::try_from(number & 0x7f).expect("seven bits") | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).expect("seven bits"));
    bytes
}

#[test]
fn slow_peers_lose_their_connection_and_silent_ones_keep_it() {
    let collector = Collector::start(&[
        "ndjson+tcp://:0",
        "pylog+http://:0",
        "--peer-timeout",
        "1s",
        "--stats",
    ]);
    let began = Instant::now();
    let mut silent = collector.tcp(0);
    let mut loris = collector.tcp(0);
    let mut http = collector.tcp(1);
    let mut idle = collector.tcp(1);
    // A chunk now and then does not help either.
    let mut chunks = collector.tcp(1);
    chunks
        .write_all(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        .expect("it reads");
    let mut more = chunks.try_clone().expect("a socket");
    let drip = thread::spawn(move || {
        while more.write_all(b"1\r\nx\r\n").is_ok() && began.elapsed() < Duration::from_secs(30) {
            thread::sleep(Duration::from_millis(50));
        }
    });
    http.write_all(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n")
        .expect("it reads");
    let trickle = thread::spawn(move || {
        // A byte now and then does not help.
        while loris.write_all(b"x").is_ok() && began.elapsed() < Duration::from_secs(30) {
            thread::sleep(Duration::from_millis(50));
        }
        began.elapsed()
    });
    assert_eq!(reply(&mut http).0, 408);
    assert_eq!(reply(&mut chunks).0, 408);
    closed(&mut idle);
    drip.join().expect("the drip");
    let took = trickle.join().expect("the trickle");
    assert!(took < Duration::from_secs(20), "{took:?}");
    silent.write_all(b"{\"silent\":1}\n").expect("it reads");
    assert!(collector.line().starts_with("{\"silent\":1"));
    drop(silent);
    let ended = collector.end();
    assert_eq!(ended.ledger(), [4, 1, 0, 3], "{}", ended.words);
    assert!(ended.words.contains("(--peer-timeout)"), "{}", ended.words);
}

#[test]
fn more_connections_than_may_be_wait_for_their_turn() {
    let collector = Collector::start(&["ndjson+tcp://:0", "--max-connections", "10", "--stats"]);
    let mut streams: Vec<_> = (0..30).map(|_| collector.tcp(0)).collect();
    for stream in &mut streams {
        stream
            .write_all(b"{\"a\":1}\n")
            .expect("the system takes it");
    }
    for _ in 0..10 {
        collector.line();
    }
    assert_eq!(collector.try_line(Duration::from_millis(200)), None);
    drop(streams);
    for _ in 0..20 {
        collector.line();
    }
    let ended = collector.end();
    assert_eq!(ended.ledger(), [30, 30, 0, 0]);
    assert_eq!(
        ended.words.matches("no more connections for now").count(),
        1
    );
}

/// `DISTLOG_CHURN` connections, 6,000 if it is not given; docs/hostile.md tells of a million.
#[test]
fn a_churn_of_connections_leaves_nothing_behind() {
    const ENDPOINTS: [&str; 3] = ["ndjson+tcp://:0", "tcp://127.0.0.1:0", "otlp+http://:0"];
    let given = std::env::var("DISTLOG_CHURN").ok();
    let churn = given.map_or(6_000, |text| text.parse().expect("a number"));
    let began = Instant::now();
    let collector = Collector::start(&[&ENDPOINTS[..], &["--stats"]].concat());
    works(&collector);
    let (before, open) = (memory(collector.pid()), descriptors(collector.pid()));
    for number in 0..churn {
        let mut stream = collector.tcp(number % ENDPOINTS.len());
        if number % 2 == 0 {
            // It may have been refused by then.
            let _ = stream.write_all(b"mud");
        }
        if number % 1_000 == 0 {
            works(&collector);
        }
    }
    works(&collector);
    wait_for("all connections to be closed", || {
        descriptors(collector.pid()) <= open
    });
    let after = memory(collector.pid());
    assert!(after < before + SPARE, "{before} {after}");
    let ended = collector.end();
    let [_, written, _, rejected] = ended.ledger();
    assert_eq!(written, 2 + churn.div_ceil(1_000) as u64);
    // The line that was cut off of each connection for lines, with mud.
    assert!(rejected >= churn as u64 / 6, "{rejected}");
    few_words(&ended.words, began.elapsed());
}

#[test]
fn chunks_of_messages_that_never_become_whole_leave_nothing_behind() {
    const MESSAGES: u32 = 5_000;
    let began = Instant::now();
    let collector = Collector::start(&["ndjson+tcp://:0", "gelf+udp://:0", "--stats"]);
    works(&collector);
    let before = memory(collector.pid());
    let socket = collector.udp(1);
    for number in 0..MESSAGES {
        let id = number.to_be_bytes();
        let chunk = [&[0x1e, 0x0f][..], &id, &id, &[0, 128], &[0; 1000]].concat();
        socket.send(&chunk).expect("sent");
        if number % 64 == 0 {
            // Not faster than they are taken, or the system drops them.
            works(&collector);
        }
    }
    works(&collector);
    let after = memory(collector.pid());
    assert!(after < before + SPARE, "{before} {after}");
    let ended = collector.end();
    let [_, written, _, rejected] = ended.ledger();
    assert_eq!(written, 2 + u64::from(MESSAGES.div_ceil(64)));
    let least = u64::from(MESSAGES - 1024);
    assert!(rejected >= least, "{rejected} of {least}");
    few_words(&ended.words, began.elapsed());
}

/// Ten warnings of each kind one by one, as many more each minute, and the others counted.
#[track_caller]
fn few_words(words: &str, took: Duration) {
    let told = words.lines().filter(|line| line.contains("://127.0.0.1:"));
    let (told, minutes) = (told.count() as u64, took.as_secs() / 60);
    assert!(told < 40 + 30 * minutes, "{told} in {minutes} min: {words}");
    assert!(words.contains("more warnings about peers were not told"));
}

/// How many files a program has open.
fn descriptors(pid: u32) -> usize {
    let open = std::fs::read_dir(format!("/proc/{pid}/fd")).expect("it runs");
    open.count()
}

#[test]
fn descriptors_that_run_out_are_waited_for() {
    let mut command = std::process::Command::new("sh");
    let dl_recv = crate::support::program("dl-recv").command;
    command
        .args(["-c", "ulimit -n 24; exec \"$0\" \"$@\""])
        .arg(dl_recv.get_program())
        .args(["ndjson+tcp://:0", "--stats"]);
    let collector = Collector::of(command, 1);
    let mut streams: Vec<_> = (0..40).map(|_| collector.tcp(0)).collect();
    wait_for("a warning", || {
        collector.words().contains("no more connections for now: ")
    });
    for stream in &mut streams {
        stream
            .write_all(b"{\"a\":1}\n")
            .expect("the system takes it");
    }
    collector.line();
    drop(streams);
    for _ in 1..40 {
        collector.line();
    }
    assert_eq!(collector.end().ledger(), [40, 40, 0, 0]);
}
