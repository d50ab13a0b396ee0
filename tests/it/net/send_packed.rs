//! Streams that go compressed, from dl-send and from others, and those that stand for too much.

use std::{
    io::{Error, ErrorKind, Read, Write},
    net::Shutdown,
    thread,
};

use flate2::{Compression, write::GzEncoder};

use super::{
    certificates::Certificates,
    send_streams::{all_came, records, send},
    support::Collector,
};
use crate::{
    cut::Cut,
    support::{DEADLINE, Dir},
};

const CODINGS: [&str; 2] = ["zstd", "gzip"];

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

fn zstd(text: &str) -> Vec<u8> {
    zstd::encode_all(text.as_bytes(), 3).expect("memory")
}

/// Writes pieces of a stream, each by itself, and waits until all of it has been read, or refused.
fn write(to: &Collector, pieces: impl IntoIterator<Item = impl AsRef<[u8]>>) {
    let mut peer = to.tcp(0);
    peer.set_nodelay(true).expect("a socket");
    peer.set_read_timeout(Some(DEADLINE)).expect("a socket");
    for piece in pieces {
        // Who is refused may be told in the middle.
        if peer.write_all(piece.as_ref()).is_err() {
            break;
        }
    }
    let _ = peer.shutdown(Shutdown::Write);
    let ended = peer.read(&mut [0]);
    let is_late = |error: &Error| matches!(error.kind(), ErrorKind::WouldBlock);
    assert!(!ended.is_err_and(|error| is_late(&error)), "no end");
}

#[test]
fn nothing_is_lost_when_a_compressed_stream_is_cut() {
    let text = records(8_000);
    thread::scope(|scope| {
        for coding in CODINGS {
            let text = &text;
            scope.spawn(move || {
                let collector = Collector::start(&["ndjson+tcp://:0", "--no-stamp"]);
                let cut = Cut::new(collector.address(0), 6, 16_000);
                let endpoint = format!("ndjson+tcp://{}", cut.address);
                let sender = send(&endpoint).args(&["--compress", coding]);
                let ran = sender.stdin(text).run();
                assert_eq!(ran.status, 0, "{coding}: {}", ran.stderr);
                let sum = "8000 read, 8000 written, 0 filtered, 0 rejected\n";
                assert!(ran.stderr.ends_with(sum), "{coding}: {}", ran.stderr);
                assert!(ran.stderr.contains("trying again\n"), "{}", ran.stderr);
                assert!(cut.is_done(), "{coding}");
                all_came(text, &collector.end().rest);
            });
        }
    });
}

#[test]
fn a_compressed_stream_is_smaller_and_goes_through_tls_and_unix_sockets() {
    let text = records(5_000);
    let certificates = Certificates::new();
    let dir = Dir::new();
    let local = format!("ndjson+unix://{}", dir.path("in.sock").display());
    let collector = certificates.collector(&["ndjson+tls://:0", &local, "--no-stamp"]);
    let port = collector.address(0).port();
    let file = |name: &str| certificates.arg(name);
    let (ca, client, key) = (file("ca.pem"), file("client.pem"), file("client.key"));
    let sealed = format!("ndjson+tls://localhost:{port}");
    let sender = send(&sealed).args(&["--compress", "zstd", "--tls-ca", &ca]);
    let sender = sender.args(&["--tls-cert", &client, "--tls-key", &key]);
    let sum = "dl-send: 5000 read, 5000 written, 0 filtered, 0 rejected\n";
    sender.stdin(&text).check("", sum, 0);
    let sender = send(&local).args(&["--compress", "gzip"]);
    sender.stdin(&text).check("", sum, 0);
    let came = collector.end().rest;
    assert!(came == text.repeat(2).as_bytes());
}

#[test]
fn a_live_record_of_a_compressed_stream_comes_at_once() {
    for coding in CODINGS {
        let collector = Collector::start(&["ndjson+tcp://:0", "--no-stamp"]);
        let endpoint = format!("ndjson+tcp://{}", collector.address(0));
        let mut sender = send(&endpoint).args(&["--compress", coding]).start();
        for number in 0..3 {
            let line = format!("{{\"n\":{number}}}");
            sender.write(format!("{line}\n"));
            assert_eq!(collector.line(), line, "{coding}");
        }
        sender.stdin = None;
        assert_eq!(sender.end().status, 0);
        assert_eq!(collector.end().rest, b"");
    }
}

#[test]
fn what_is_all_the_same_is_no_bomb_of_ours() {
    // Compressed as it is, this would be a thousandth.
    let text = "{\"message\":\"the same\",\"level\":\"info\"}\n".repeat(60_000);
    for coding in CODINGS {
        let collector = Collector::start(&["ndjson+tcp://:0", "--no-stamp"]);
        let endpoint = format!("ndjson+tcp://{}", collector.address(0));
        let sender = send(&endpoint).args(&["--compress", coding]);
        let sum = "dl-send: 60000 read, 60000 written, 0 filtered, 0 rejected\n";
        sender.stdin(&text).check("", sum, 0);
        let ended = collector.end();
        assert!(ended.rest == text.as_bytes(), "{coding}: {}", ended.words);
    }
}

#[test]
fn streams_of_others_are_read_in_any_pieces() {
    let text = records(30);
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let (first, second) = (lines[..10].concat(), lines[10..].concat());
    // Frames that stand for nothing are what tools put before parts that they make at a time.
    let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"odd"].concat();
    let streams = [
        gzip(&text),
        zstd(&text),
        [zstd(&first), zstd(""), zstd(&second)].concat(),
        [skipped.clone(), zstd(&first), skipped, gzip(&second)].concat(),
        [gzip(&first), gzip(""), zstd(&second)].concat(),
        // A last line without an end is one, also of a frame that has ended.
        zstd(text.trim_end()),
        text.clone().into_bytes(),
    ];
    for stream in streams {
        let collector = Collector::start(&["ndjson+tcp://:0", "--no-stamp"]);
        write(&collector, [&stream]);
        write(&collector, stream.chunks(7));
        let came = collector.end().rest;
        let mut came: Vec<_> = came.split_inclusive(|&byte| byte == b'\n').collect();
        came.sort_unstable();
        let mut expect: Vec<_> = lines
            .iter()
            .chain(&lines)
            .map(|line| line.as_bytes())
            .collect();
        expect.sort_unstable();
        assert!(came == expect);
    }
}

#[test]
fn what_stands_for_too_much_is_broken_or_ends_within_a_frame_is_refused() {
    let line = "{\"a\":1}\n";
    let much = line.repeat(400_000);
    let mut wide = zstd::Encoder::new(Vec::new(), 1).expect("memory");
    wide.window_log(24).expect("a window");
    wide.write_all(much.as_bytes()).expect("memory");
    let wide = wide.finish().expect("memory");
    let broken = |mut bytes: Vec<u8>| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0xff;
        bytes
    };
    let ratio = "it expands to more than 200 times its size (--max-ratio)";
    for (stream, words) in [
        (zstd(&much), ratio),
        (gzip(&much), ratio),
        (wide, "broken compression: Frame requires too much memory"),
        (broken(gzip(&records(100))), "broken compression"),
        (
            [gzip(line), line.into()].concat(),
            "bytes behind the end of what is compressed",
        ),
    ] {
        let collector = Collector::start(&["ndjson+tcp://:0", "--no-stamp"]);
        write(&collector, [&stream]);
        // The others are served on.
        write(&collector, ["{\"other\":1}\n"]);
        let ended = collector.end();
        assert!(ended.words.contains(words), "{words}: {}", ended.words);
        assert_eq!(ended.status, 0, "{}", ended.words);
        let came = String::from_utf8(ended.rest).expect("text");
        assert!(came.contains("{\"other\":1}\n"));
        assert!(came.len() < much.len() / 2, "{words}: {}", came.len());
    }
    // What has come before a cut is there, and a line that is not whole is told of.
    let collector = Collector::start(&["ndjson+tcp://:0", "--no-stamp"]);
    let stored = |text: &str| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
        encoder.write_all(text.as_bytes()).expect("memory");
        encoder.flush().expect("memory");
        encoder.get_ref().clone()
    };
    write(&collector, [stored("{\"a\":1}\n{\"cut\":")]);
    let ended = collector.end();
    assert_eq!(ended.rest, b"{\"a\":1}\n", "{}", ended.words);
    assert!(
        ended.words.contains("left within a message"),
        "{}",
        ended.words
    );
    // Who wants to takes more.
    let collector = Collector::start(&["ndjson+tcp://:0", "--no-stamp", "--max-ratio", "100000"]);
    write(&collector, [zstd(&much)]);
    let ended = collector.end();
    assert!(ended.rest == much.as_bytes(), "{}", ended.words);
}
