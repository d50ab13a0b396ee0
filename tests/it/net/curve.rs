//! CURVE between dl-recv and pyzmq, which is libzmq's own.

use std::{
    io::{Read, Write},
    thread,
    time::Duration,
};

use rustix::process::Signal;

use super::{
    curve_support::{Keys, numbers, warned},
    support::{Collector, memory},
};
use crate::support::{DEADLINE, program, wait_for};

#[test]
fn a_client_that_is_known_comes_in_with_messages_of_all_kinds() {
    let (keys, collector, address) = Keys::with_collector();
    let push = |count: &str, more: &[&str]| {
        let more = [&[count], more].concat();
        assert_eq!(keys.push(&address, "server", "known", &more).line(), "sent");
    };
    push("20000", &[]);
    numbers(&collector, 0..20_000, "app 7");
    push("3", &["--parts", "1"]);
    numbers(&collector, 0..3, "app 7");
    push("2", &["--size", "5000000"]);
    for _ in 0..2 {
        assert!(collector.line().len() > 5_000_000);
    }
    // More frames than two are a message, and no record.
    push("1", &["--parts", "900"]);
    let words = collector.words();
    assert!(
        words.contains("CURVE is used over TCP, and our public key is "),
        "{words}"
    );
    let ended = collector.end();
    assert_eq!(ended.ledger(), [20_006, 20_005, 0, 1], "{}", ended.words);
}

#[test]
fn who_is_not_known_is_kept_out_and_named() {
    let (keys, collector, address) = Keys::with_collector();
    let refused = |server: &str, client: &str, more: &[&str]| {
        keys.push(&address, server, client, &[&["1"], more].concat())
            .line()
    };
    // libzmq shows the status to those who watch its sockets.
    let told = refused("server", "stranger", &[]);
    assert_eq!(told, "HANDSHAKE_FAILED_AUTH 400");
    let stranger = std::fs::read_to_string(keys.arg("stranger.key")).expect("a certificate");
    let key = stranger.split('"').nth(1).expect("a key");
    warned(
        &collector,
        &format!("CURVE: the client's key is not let in: {key}"),
    );
    // It has another server's key.
    let mut lost = keys.push(&address, "stranger", "known", &["1"]);
    warned(&collector, "CURVE: a HELLO that is not for our key");
    lost.child.0.kill().expect("it runs");
    assert_ne!(lost.line(), "sent");
    // The others go on.
    assert_eq!(
        keys.push(&address, "server", "known", &["3"]).line(),
        "sent"
    );
    numbers(&collector, 0..3, "app 7");
    assert_eq!(collector.end().ledger(), [3, 3, 0, 0]);
}

/// A client with another mechanism, in a test of its own: it tries once, and warnings come at a bounded rate.
fn is_named(keys: &Keys, collector: Collector, more: &[&str], words: &str) {
    let address = collector.endpoints[0].clone();
    let mut told = keys.push(&address, "server", "known", &[&["1"], more].concat());
    // It is told why as well, and tries no more.
    assert!(told.line().starts_with("HANDSHAKE_FAILED_PROTOCOL "));
    warned(&collector, words);
    assert_eq!(collector.end().ledger(), [0, 0, 0, 0]);
}

#[test]
fn who_speaks_plainly_is_kept_out_and_named() {
    let (keys, collector, _) = Keys::with_collector();
    let words = "the peer's security mechanism is NULL, and ours is CURVE";
    is_named(&keys, collector, &["--plain"], words);
}

#[test]
fn who_wants_curve_of_a_collector_without_is_named() {
    let collector = Collector::start(&["tcp://127.0.0.1:0", "--stats"]);
    let words = "the peer's security mechanism is CURVE, and ours is NULL";
    is_named(&Keys::new(), collector, &[], words);
}

#[test]
fn a_star_lets_everybody_in_by_its_key_who_knows_ours() {
    let keys = Keys::new();
    let key = keys.arg("server.key_secret");
    let collector = Collector::start(&[
        "tcp://127.0.0.1:0",
        "--curve-key",
        &key,
        "--curve-allow",
        "*",
    ]);
    let address = collector.endpoints[0].clone();
    assert_eq!(
        keys.push(&address, "server", "stranger", &["3"]).line(),
        "sent"
    );
    let stranger = std::fs::read_to_string(keys.arg("stranger.key")).expect("a certificate");
    let client = stranger.split('"').nth(1).expect("a key");
    numbers(&collector, 0..3, client);
    assert_ne!(
        keys.push(&address, "stranger", "known", &["1", "--plain"])
            .line(),
        "sent"
    );
}

#[test]
fn a_client_finds_a_collector_that_was_killed_and_heartbeats_go_on() {
    let keys = Keys::new();
    let collector = keys.collector(&["tcp://127.0.0.1:0"]);
    let address = collector.endpoints[0].clone();
    let more = ["100", "--steps", "--heartbeat", "100"];
    let mut peer = keys.push(&address, "server", "known", &more);
    assert_eq!(peer.line(), "connected");
    peer.tell("go");
    assert_eq!(peer.line(), "step");
    numbers(&collector, 0..100, "app 7");
    collector.signal(Signal::KILL);
    drop(collector);
    let collector = keys.collector(&[&address, "--stats"]);
    warned(&collector, "listening");
    peer.tell("go");
    assert_eq!(peer.line(), "step");
    numbers(&collector, 100..200, "app 7");
    // Ten heartbeats: a peer that did not answer them would be left.
    thread::sleep(Duration::from_secs(1));
    peer.tell("go");
    assert_eq!(peer.line(), "step");
    numbers(&collector, 200..300, "app 7");
    let words = collector.words();
    assert!(
        !words.contains("left") && !words.contains("silent"),
        "{words}"
    );
    drop(peer.input.take());
    assert_eq!(peer.line(), "sent");
    assert_eq!(collector.end().ledger(), [200, 200, 0, 0]);
}

#[test]
fn peers_that_send_mud_in_any_phase_lose_their_connection_alone() {
    let keys = Keys::new();
    let collector = keys.collector(&["tcp://127.0.0.1:0", "--stats"]);
    let before = memory(collector.pid());
    let mut greeting = [0; 64];
    greeting[0] = 0xff;
    greeting[9] = 0x7f;
    greeting[10..12].copy_from_slice(&[3, 1]);
    greeting[12..17].copy_from_slice(b"CURVE");
    let command = |name: &[u8], length: usize| {
        let body = [
            &[u8::try_from(name.len()).expect("short")],
            name,
            &vec![7; length][..],
        ]
        .concat();
        let mut frame = vec![6];
        frame.extend_from_slice(&(body.len() as u64).to_be_bytes());
        [frame, body].concat()
    };
    let cases: [(Vec<u8>, &str); 8] = [
        (command(b"HELLO", 194), "CURVE: a version that is not 1.0"),
        (command(b"HELLO", 193), "CURVE: a HELLO of a wrong length"),
        (command(b"INITIATE", 300), "CURVE: expected HELLO"),
        (command(b"READY", 30), "CURVE: expected HELLO"),
        (command(b"MESSAGE", 100), "CURVE: expected HELLO"),
        (
            b"\0\x05hello".to_vec(),
            "broken command: a message before READY",
        ),
        // 2^36 and 2^63 bytes.
        (
            b"\x02\0\0\0\x10\0\0\0\0".to_vec(),
            "a frame of 68719476736 bytes exceeds",
        ),
        (
            b"\x06\x80\0\0\0\0\0\0\0".to_vec(),
            "broken command: too long",
        ),
    ];
    for (bytes, expect) in cases {
        let mut stream = collector.tcp(0);
        let peer = stream.local_addr().expect("an address").to_string();
        let _ = stream.write_all(&[&greeting[..], &bytes].concat());
        stream.set_read_timeout(Some(DEADLINE)).expect("a socket");
        let mut rest = Vec::new();
        // A reset is an end too.
        let _ = stream.read_to_end(&mut rest);
        wait_for(expect, || {
            let words = collector.words();
            let mut lines = words.lines();
            lines.any(|line| line.contains(&peer) && line.contains(expect))
        });
    }
    // Who says nothing after the greeting has 5 s.
    let mut silent = collector.tcp(0);
    silent.write_all(&greeting).expect("it reads");
    warned(&collector, "no handshake within 5 s");
    let address = collector.endpoints[0].clone();
    assert_eq!(
        keys.push(&address, "server", "known", &["3"]).line(),
        "sent"
    );
    numbers(&collector, 0..3, "app 7");
    let more = memory(collector.pid()).saturating_sub(before);
    assert!(more < 32 << 20, "{more} bytes");
    assert_eq!(collector.end().ledger(), [3, 3, 0, 0]);
}

#[test]
fn a_known_client_has_the_limits_that_all_have() {
    let (keys, collector, address) = Keys::with_collector();
    let mut large = keys.push(&address, "server", "known", &["1", "--size", "70000000"]);
    warned(&collector, "exceeds the limit of");
    large.child.0.kill().expect("it runs");
    large.line();
    let mut many = keys.push(&address, "server", "known", &["1", "--parts", "1100"]);
    warned(&collector, "a message of more than 1024 parts");
    many.child.0.kill().expect("it runs");
    many.line();
    assert_eq!(
        keys.push(&address, "server", "known", &["3"]).line(),
        "sent"
    );
    numbers(&collector, 0..3, "app 7");
    assert_eq!(collector.end().ledger(), [3, 3, 0, 0]);
}

#[test]
fn files_that_are_not_what_they_should_be_are_told() {
    let keys = Keys::new();
    let check = |key: &str, allow: &str, expect: &str| {
        let (key, allow) = (keys.arg(key), keys.arg(allow));
        let args = [
            "tcp://127.0.0.1:0",
            "--curve-key",
            &key,
            "--curve-allow",
            &allow,
        ];
        let expect = expect.replace("DIR/", &keys.arg(""));
        program("dl-recv").args(&args).check("", &expect, 2);
    };
    check(
        "none",
        "allow",
        "dl-recv: DIR/none: No such file or directory (os error 2)\n",
    );
    check(
        "server.key",
        "allow",
        "dl-recv: DIR/server.key: no secret key in it, which is 40 characters of Z85\n",
    );
    keys.0.file("empty", "# nobody\n");
    check(
        "server.key_secret",
        "empty",
        "dl-recv: DIR/empty: no key in it, so nobody would come in\n",
    );
    keys.0.file("wrong", "# nobody\n\nkey of app 7\n");
    check(
        "server.key_secret",
        "wrong",
        "dl-recv: DIR/wrong:3: expected a key, 40 characters of Z85, and a name behind it\n",
    );
}
