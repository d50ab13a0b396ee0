//! What real producers send, and what becomes of it.

use std::{
    io::Write,
    net::UdpSocket,
    os::unix::net::UnixStream,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder, write::ZlibEncoder};
use serde_json::Value;

use super::support::{Collector, request};
use crate::support::{Dir, program, python};

/// Runs a kind of `tests/py/net_send.py` against the first endpoint.
fn send(collector: &Collector, kind: &str, count: usize) {
    let address = collector.address(0);
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    python(
        "tests/py/net_send.py",
        &[kind, &host, &port, &count.to_string()],
    );
}

fn text<'v>(record: &'v Value, field: &str) -> &'v str {
    record[field].as_str().unwrap_or_default()
}

/// What the wire knew, the same for all.
fn check_stamp(record: &Value, collector: &Collector, peer: &str, seq: u64) {
    let stamp = &record["dl"]["recv"];
    assert_eq!(stamp["endpoint"], *collector.endpoints[0], "{record}");
    assert!(text(stamp, "peer").starts_with(peer), "{record}");
    assert!(text(stamp, "time").ends_with('Z'), "{record}");
    assert_eq!(stamp["seq"], seq, "{record}");
}

#[test]
fn lines_keep_their_bytes() {
    let dir = Dir::new();
    let socket = dir.path("in.sock");
    let unix = format!("ndjson+unix://{}", socket.display());
    let collector = Collector::start(&["ndjson+tcp://:0", &unix, "--no-stamp", "--stats"]);
    let sent =
        "{ \"a\" : 1.50 , \"a\":NaN}\r\n\n{\"b\":\"\\ud800\"}\nmud\n{\"c\":18446744073709551616}";
    collector
        .tcp(0)
        .write_all(sent.as_bytes())
        .expect("it reads");
    for line in [
        "{ \"a\" : 1.50 , \"a\":NaN}\r",
        "{\"b\":\"\\ud800\"}",
        "{\"c\":18446744073709551616}",
    ] {
        assert_eq!(collector.line(), line);
    }
    let mut stream = UnixStream::connect(&socket).expect("a connection");
    stream.write_all(b"{\"d\":1}\n").expect("it reads");
    assert_eq!(collector.line(), "{\"d\":1}");
    let ended = collector.end();
    assert_eq!(ended.ledger(), [5, 4, 0, 1]);
    assert_eq!(ended.status, 0);
    assert!(!socket.exists());
}

#[test]
fn a_unix_socket_in_use_is_not_stolen_and_a_stale_one_is_removed() {
    let dir = Dir::new();
    let socket = dir.path("in.sock");
    let endpoint = format!("ndjson+unix://{}", socket.display());
    let collector = Collector::start(&[&endpoint]);
    program("dl-recv").arg(&endpoint).check(
        "",
        &format!("dl-recv: {endpoint}: address already in use\n"),
        2,
    );
    collector.signal(rustix::process::Signal::KILL);
    drop(collector);
    assert!(socket.exists());
    let collector = Collector::start(&[&endpoint]);
    let mut stream = UnixStream::connect(&socket).expect("a connection");
    stream.write_all(b"{}\n").expect("it reads");
    let record = collector.record();
    let peer = format!("unix://{}#1", socket.display());
    check_stamp(&record, &collector, &peer, 1);
}

#[test]
fn pickles_of_socket_and_datagram_handlers() {
    for (endpoint, kind, peer) in [
        ("pylog+tcp://:0", "pylog-tcp", "tcp://127.0.0.1:"),
        ("pylog+udp://:0", "pylog-udp", "udp://127.0.0.1:"),
    ] {
        let collector = Collector::start(&[endpoint, "--stats"]);
        send(&collector, kind, 3);
        for seq in 1..=3 {
            let record = collector.record();
            check_stamp(&record, &collector, peer, seq);
            assert_eq!(record["name"], "shop.db");
            let exception = text(&record, "exc_text").ends_with("KeyError: 'gone'");
            assert_eq!(exception, seq == 2, "{record}");
            if seq != 2 {
                let step = seq - 1;
                assert_eq!(record["msg"], format!("step {step} of ä\n<b>"));
                assert_eq!(record["number"], step);
            }
        }
        assert_eq!(collector.end().ledger(), [3, 3, 0, 0]);
    }
}

#[test]
fn forms_of_the_http_handler() {
    for kind in ["pylog-http", "pylog-http-get"] {
        let collector = Collector::start(&["pylog+http://:0/log", "--stats"]);
        send(&collector, kind, 3);
        for step in 0..3 {
            let record = collector.record();
            check_stamp(&record, &collector, "tcp://127.0.0.1:", 1);
            assert_eq!(record["levelno"], if step == 1 { 40 } else { 30 });
            assert!(record["created"].is_f64(), "{record}");
            assert_eq!(record["exc_text"], Value::Null);
            let args = ["(0, 'ä\\n<b>')", "(1,)", "(2, 'ä\\n<b>')"][step];
            assert_eq!(record["args"], args);
        }
        assert_eq!(collector.end().ledger(), [3, 3, 0, 0]);
    }
}

#[test]
fn syslog_of_pythons_handler() {
    for (endpoint, kind) in [
        ("syslog+udp://:0", "syslog-udp"),
        ("syslog+tcp://:0", "syslog-tcp"),
    ] {
        let collector = Collector::start(&[endpoint, "--stats"]);
        send(&collector, kind, 3);
        let expect = ["step 0 of ä\n<b>", "step 1", "step 2 of ä\n<b>"];
        for (seq, expect) in (1..).zip(expect) {
            let record = collector.record();
            check_stamp(&record, &collector, &kind.replace("syslog-", ""), seq);
            assert!(text(&record, "message").starts_with(expect), "{record}");
            let level = if seq == 2 { "error" } else { "warning" };
            assert_eq!(record["level"], level);
            let exception = record["exception"].as_str().unwrap_or_default();
            assert_eq!(
                exception.starts_with("Traceback (most"),
                seq == 2,
                "{record}"
            );
        }
        assert_eq!(collector.end().ledger(), [3, 3, 0, 0]);
    }
}

#[test]
fn syslog_of_logger_in_all_its_forms() {
    let collector = Collector::start(&["syslog+tcp://:0", "syslog+udp://:0", "--stats"]);
    let forms: [(usize, &[&str]); 5] = [
        (0, &["-T"]),
        (0, &["-T", "--octet-count"]),
        (0, &["-T", "--rfc3164"]),
        (1, &["-d"]),
        (1, &["-d", "--rfc3164"]),
    ];
    for (endpoint, flags) in forms {
        let address = collector.address(endpoint);
        let status = Command::new("logger")
            .args(["-n", "127.0.0.1", "-P", &address.port().to_string()])
            .args(["-t", "shop", "-p", "local0.err"])
            .args(flags)
            .arg("@cee: {\"a\":1}")
            .stdin(Stdio::null())
            .status()
            .expect("logger runs");
        assert!(status.success());
        let record = collector.record();
        assert_eq!(record["a"], 1, "{flags:?}: {record}");
        assert_eq!(record["level"], "error", "{flags:?}: {record}");
        assert_eq!(record["service"], "shop", "{flags:?}: {record}");
        assert_eq!(record["syslog"]["facility"], "local0");
        let stamp = &record["dl"]["recv"];
        assert_eq!(stamp["endpoint"], *collector.endpoints[endpoint]);
    }
    assert_eq!(collector.end().ledger(), [5, 5, 0, 0]);
}

#[test]
fn marks_of_the_decoder_and_the_stamp_stand_together() {
    let collector = Collector::start(&["syslog+udp://:0"]);
    collector.udp(0).send(b"<13>bad \xff").expect("sent");
    let record = collector.record();
    check_stamp(&record, &collector, "udp://", 1);
    assert_eq!(record["dl"]["recv"]["invalid_utf8"], true);
}

fn chunks(message: &[u8], id: u8, size: usize) -> Vec<Vec<u8>> {
    let parts: Vec<_> = message.chunks(size).collect();
    let count = u8::try_from(parts.len()).expect("at most 128");
    (0..)
        .zip(parts)
        .map(|(number, part)| [&[0x1e, 0x0f][..], &[id; 8], &[number, count], part].concat())
        .collect()
}

#[test]
fn what_is_told_of_all_records_is_in_every_stamp() {
    let collector = Collector::start(&["ndjson+tcp://:0", "syslog+udp://:0", "--stamp", "site=eu"]);
    let mut lines = collector.tcp(0);
    lines
        .write_all(b"{\"a\":1}\n{\"dl\":{\"recv\":{\"peer\":\"p\"}}}\n{\"dl\":{\"recv\":{\"site\":\"us\"}}}\n")
        .expect("it reads");
    let record = collector.record();
    check_stamp(&record, &collector, "tcp://127.0.0.1:", 1);
    assert_eq!(record["dl"]["recv"]["site"], "eu");
    // Somebody else has stamped it, who did not know that.
    assert_eq!(
        collector.line(),
        "{\"dl\":{\"recv\":{\"peer\":\"p\",\"site\":\"eu\"}}}"
    );
    assert_eq!(collector.line(), "{\"dl\":{\"recv\":{\"site\":\"us\"}}}");
    let message = b"<14>1 2026-11-20T12:54:20Z vm app 7 - - h\xffllo";
    collector.udp(1).send(message).expect("sent");
    let record = collector.record();
    let stamp = &record["dl"]["recv"];
    assert_eq!(
        (&stamp["site"], &stamp["invalid_utf8"]),
        (&"eu".into(), &true.into()),
        "{record}"
    );
}

#[test]
fn gelf_plain_compressed_and_in_chunks() {
    let collector = Collector::start(&["gelf+udp://:0", "gelf+tcp://:0", "--no-stamp", "--stats"]);
    let record = "{\"version\":\"1.1\",\"host\":\"h\",\"short_message\":\"ä\",\"_n\":1}";
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(record.as_bytes()).expect("memory");
    let gzip = gzip.finish().expect("memory");
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(record.as_bytes()).expect("memory");
    let zlib = zlib.finish().expect("memory");
    let socket = collector.udp(0);
    for message in [record.as_bytes(), &gzip, &zlib] {
        socket.send(message).expect("sent");
        assert_eq!(collector.line(), record);
        // From the last to the first.
        for chunk in chunks(message, message[0], 10).iter().rev() {
            socket.send(chunk).expect("sent");
        }
        assert_eq!(collector.line(), record);
    }
    // Two senders, the same id: their chunks are not mixed.
    let other = collector.udp(0);
    let (ours, theirs) = (chunks(b"{\"a\":1}", 1, 4), chunks(b"{\"b\":2}", 1, 4));
    for (mine, its) in ours.iter().zip(&theirs) {
        socket.send(mine).expect("sent");
        other.send(its).expect("sent");
    }
    assert_eq!(collector.line(), "{\"a\":1}");
    assert_eq!(collector.line(), "{\"b\":2}");
    let mut stream = collector.tcp(1);
    write!(stream, "{record}\0{{\"x\":\n 1}}\0").expect("it reads");
    assert_eq!(collector.line(), record);
    assert_eq!(collector.line(), "{\"x\":  1}");
    assert_eq!(collector.end().ledger(), [10, 10, 0, 0]);
}

#[test]
fn otlp_of_the_real_exporter() {
    for kind in ["otlp", "otlp-gzip", "otlp-deflate"] {
        let collector = Collector::start(&["otlp+http://:0", "--stats"]);
        send(&collector, kind, 3);
        let ended = collector.end();
        assert_eq!(ended.ledger(), [7, 7, 0, 0], "{kind}: {}", ended.words);
        let lines: Vec<Value> = ended
            .rest
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).expect("JSON"))
            .collect();
        assert!(lines.iter().all(|line| line["service.name"] == "shop"));
        let logs = lines.iter().filter(|line| !line["body"].is_null());
        let bodies: Vec<_> = logs.map(|log| text(&log["body"], "stringValue")).collect();
        assert_eq!(bodies, ["step 0", "step 1", "step 2"], "{kind}");
        // The same request is one tree to dl-tree.
        let tree = program("dl-tree").stdin(&ended.rest).output();
        let tree: Value = serde_json::from_slice(&tree).expect("one tree");
        assert_eq!(tree["records"], 7, "{tree}");
        assert_eq!(tree["status"], "succeeded", "{tree}");
        assert_eq!(tree["root"]["name"], "request", "{tree}");
        let steps = tree["root"]["children"].as_array().expect("children");
        assert_eq!(steps.len(), 3, "{tree}");
        assert_eq!(steps[1]["status"], "failed", "{tree}");
    }
}

/// The first record is out within 50 ms of being sent, in the best of some attempts: what else
/// the machine does may be slow, but not each time.
#[test]
fn the_first_record_comes_at_once_on_every_endpoint() {
    const SOON: Duration = Duration::from_millis(50);
    let dir = Dir::new();
    let socket = dir.path("in.sock");
    let unix = format!("ndjson+unix://{}", socket.display());
    let tcp = ["ndjson+tcp", "pylog+tcp", "syslog+tcp", "gelf+tcp"];
    let udp = ["pylog+udp", "syslog+udp", "gelf+udp"];
    let http = ["pylog+http", "otlp+http"];
    let endpoints = [&tcp[..], &udp, &http].concat();
    let endpoints: Vec<_> = endpoints
        .iter()
        .map(|name| format!("{name}://:0"))
        .collect();
    let mut args: Vec<_> = endpoints.iter().map(String::as_str).collect();
    args.push(&unix);
    let collector = Collector::start(&args);
    let pickle = b"\0\0\0\x0a}q\x00U\x01aK\x01s.";
    let messages: [&[u8]; 7] = [
        b"{\"a\":1}\n",
        pickle,
        b"<13>a\n",
        b"{\"a\":1}\0",
        pickle,
        b"<13>a",
        b"{\"a\":1}",
    ];
    let udp_client = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for (number, endpoint) in collector.endpoints.iter().enumerate() {
        let mut best = Duration::MAX;
        for _ in 0..10 {
            let began = Instant::now();
            if number < tcp.len() {
                let mut stream = collector.tcp(number);
                stream.write_all(messages[number]).expect("it reads");
                collector.line();
            } else if number < messages.len() {
                let address = collector.address(number);
                udp_client.send_to(messages[number], address).expect("sent");
                collector.line();
            } else if endpoint.starts_with("pylog") {
                let mut stream = collector.tcp(number);
                let (status, _) = request(&mut stream, "POST / HTTP/1.1", b"msg=a");
                assert_eq!(status, 200);
                collector.line();
            } else if endpoint.starts_with("otlp") {
                let mut stream = collector.tcp(number);
                let head = "POST /v1/logs HTTP/1.1\r\nContent-Type: application/json";
                let body = b"{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{}]}]}]}";
                assert_eq!(request(&mut stream, head, body).0, 200);
                collector.line();
            } else {
                let mut stream = UnixStream::connect(&socket).expect("a connection");
                stream.write_all(messages[0]).expect("it reads");
                collector.line();
            }
            best = best.min(began.elapsed());
            if best < SOON {
                break;
            }
        }
        assert!(best < SOON, "{endpoint}: {best:?}");
    }
}
