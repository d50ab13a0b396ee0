//! CURVE of dl-send and of subscribers, with dl-recv and with libzmq.

use std::thread;

use super::{
    curve_support::{Keys, Peer, numbers},
    support::{Collector, numbered},
};
use crate::support::{Dir, program};

#[test]
fn paths_have_their_permissions_instead() {
    let keys = Keys::new();
    let path = format!("ipc://{}", keys.arg("in.sock"));
    let collector = keys.collector(&["tcp://127.0.0.1:0", &path]);
    program("dl-send")
        .arg(&path)
        .stdin("{\"plain\":1}\n")
        .check("", "", 0);
    let record = collector.record();
    assert_eq!(record["plain"], 1);
    assert!(record["dl"]["recv"]["client"].is_null(), "{record}");
}

/// Runs dl-send as a client, and returns what it says.
fn send(
    keys: &Keys,
    address: &str,
    server: &str,
    client: Option<&str>,
    lines: String,
) -> (String, i32) {
    let server = keys.arg(&format!("{server}.key"));
    let mut args = vec![address, "--curve-server", &server, "--linger", "10s"];
    let key = client.map(|client| keys.arg(&format!("{client}.key_secret")));
    args.extend(key.iter().flat_map(|key| ["--curve-key", key]));
    let ran = program("dl-send").args(&args).stdin(lines).run();
    (ran.stderr, ran.status)
}

#[test]
fn dl_send_and_dl_recv_know_each_other() {
    let (keys, collector, address) = Keys::with_collector();
    let (words, status) = send(
        &keys,
        &address,
        "server",
        Some("known"),
        numbered(20_000, 200),
    );
    assert_eq!((words.as_str(), status), ("", 0));
    numbers(&collector, 0..20_000, "app 7");
    let (words, status) = send(
        &keys,
        &address,
        "server",
        Some("known"),
        numbered(2, 3_000_000),
    );
    assert_eq!((words.as_str(), status), ("", 0));
    for _ in 0..2 {
        assert!(collector.line().len() > 3_000_000);
    }
    assert_eq!(collector.end().ledger(), [20_002, 20_002, 0, 0]);
}

#[test]
fn dl_send_says_why_it_is_not_let_in_and_delivers_nothing() {
    let (keys, collector, address) = Keys::with_collector();
    let check = |server: &str, client: Option<&str>, expect: &str| {
        let server = keys.arg(&format!("{server}.key"));
        let mut args = vec![&address[..], "--curve-server", &server, "--linger", "1s"];
        let key = client.map(|client| keys.arg(&format!("{client}.key_secret")));
        args.extend(key.iter().flat_map(|key| ["--curve-key", key]));
        let ran = program("dl-send").args(&args).stdin("{}\n").run();
        assert_eq!(ran.status, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(expect), "{}", ran.stderr);
        assert!(
            ran.stderr.contains("1 record not delivered"),
            "{}",
            ran.stderr
        );
    };
    check(
        "server",
        Some("stranger"),
        "the peer refused us: 400, our key is not let in",
    );
    // A key that is made for the run is in no list.
    check(
        "server",
        None,
        "the peer refused us: 400, our key is not let in",
    );
    check(
        "stranger",
        Some("known"),
        "as a server does that has another key",
    );
    let ran = program("dl-send")
        .args(&[&address, "--linger", "1s"])
        .stdin("{}\n")
        .run();
    let expect = "the peer's security mechanism is CURVE, and ours is NULL";
    assert!(ran.stderr.contains(expect), "{}", ran.stderr);
    assert_eq!(collector.end().ledger(), [0, 0, 0, 0]);
}

#[test]
fn libzmq_takes_what_dl_send_sends() {
    let keys = Keys::new();
    let allow = Dir::new();
    std::fs::copy(keys.arg("known.key"), allow.path("known.key")).expect("a copy");
    let allow = allow.path("").display().to_string();
    let server = keys.arg("server");
    let args = [
        "pull",
        "tcp://127.0.0.1:*",
        &server,
        "5003",
        "--allow",
        &allow,
    ];
    let mut peer = Peer::start(&args);
    let address = peer.line();
    let text = numbered(5000, 300) + &numbered(3, 2_000_000);
    let bytes = text.len() - 5003;
    let sender = thread::spawn({
        let (keys, address) = (keys, address);
        move || send(&keys, &address, "server", Some("known"), text)
    });
    assert_eq!(peer.line(), format!("5003 {bytes}"));
    peer.end();
    let (words, status) = sender.join().expect("it ends");
    assert_eq!((words.as_str(), status), ("", 0));
}

#[test]
fn a_subscriber_connects_to_a_publisher_that_it_knows() {
    let keys = Keys::new();
    let server = keys.arg("server");
    let mut peer = Peer::start(&["pub", "tcp://127.0.0.1:*", &server, "100"]);
    let endpoint = format!("sub+{}?topic=PLJ", peer.line());
    let (server, key) = (keys.arg("server.key"), keys.arg("known.key_secret"));
    let args = [
        &endpoint,
        "--curve-server",
        &server,
        "--curve-key",
        &key,
        "--stats",
    ];
    let collector = Collector::of(program("dl-recv").args(&args).command, 0);
    assert_eq!(peer.line(), "b'\\x01PLJ'");
    for number in 0..100 {
        assert_eq!(collector.record()["number"], number);
    }
    assert_eq!(collector.end().ledger(), [100, 100, 0, 0]);
    peer.end();
}
