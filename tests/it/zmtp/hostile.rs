//! Peers that break the rules: each is refused, and nobody else notices.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use distlog::zmtp::{Limits, PullOptions};

use super::support::{Collector, command, greeting, message, raw, raw_push, read_all, ready};

/// Sends `bytes` beside a good peer; expects the one refusal and returns what was replied.
fn check(options: PullOptions, bytes: &[u8], reason: &str) -> Vec<u8> {
    let mut collector = Collector::bind("tcp://127.0.0.1:0", options);
    let mut good = raw_push(&collector.address());
    collector.until("the good peer", |seen| seen.connected == 1);
    let mut bad = raw(&collector.address());
    let sender = std::thread::spawn({
        let bytes = bytes.to_vec();
        move || {
            // The other side may close before it has everything.
            let _ = bad.write_all(&bytes);
            bad
        }
    });
    collector.until("the refusal", |seen| !seen.rejected.is_empty());
    good.write_all(&message(1, 0)).expect("write");
    collector.until("the good message", |seen| seen.messages == 1);
    assert_eq!(collector.rejected, [reason]);
    assert_eq!(
        (collector.pull.stats().refused, collector.pull.connections()),
        (1, 1)
    );
    assert_eq!(collector.pull.held_bytes(), 0);
    read_all(&mut sender.join().expect("no panic"))
}

fn with(change: impl FnOnce(&mut Limits)) -> PullOptions {
    let mut options = PullOptions::default();
    change(&mut options.limits);
    options
}

fn after_handshake(bytes: &[u8]) -> Vec<u8> {
    [greeting(1).as_slice(), &ready("PUSH"), bytes].concat()
}

const NOT_ZMTP: &str = "not a ZMTP 3 greeting (garbage, or a ZeroMQ older than 4.0)";

#[test]
fn garbage_is_refused_at_its_first_byte() {
    check(PullOptions::default(), b"GET / HTTP/1.1\r\n\r\n", NOT_ZMTP);
    check(PullOptions::default(), b"\x01\0", NOT_ZMTP);
    check(
        with(|limits| limits.handshake = Duration::from_millis(100)),
        &[0xff; 9],
        "no handshake within 0.1 s",
    );
}

#[test]
fn old_versions_and_other_mechanisms_are_refused() {
    let old = b"\xff\0\0\0\0\0\0\0\x01\x7f\x01\x08\0\0";
    check(
        PullOptions::default(),
        old,
        "ZMTP 2 is not supported: the peer needs ZeroMQ 4.0 or newer",
    );
    let mut curve = greeting(0);
    curve[12..17].copy_from_slice(b"CURVE");
    check(
        PullOptions::default(),
        &curve,
        "the peer's security mechanism is CURVE, and ours is NULL",
    );
}

#[test]
fn a_greeting_followed_by_garbage_is_refused() {
    let bytes = [greeting(0).as_slice(), &[0xee; 100]].concat();
    check(PullOptions::default(), &bytes, "invalid frame flags 0xee");
    check(
        PullOptions::default(),
        &after_handshake(b"\x05\x00"),
        "invalid frame flags 0x05",
    );
    let bytes = [greeting(1), message(0, 0)].concat();
    let early = "broken command: a message before READY";
    check(PullOptions::default(), &bytes, early);
    // A long one is refused when it is announced.
    let bytes = [greeting(1).as_slice(), b"\x02\0\0\0\0\x01\0\0\0"].concat();
    check(PullOptions::default(), &bytes, early);
}

#[test]
fn a_wrong_socket_type_gets_an_error_command() {
    let bytes = [greeting(1), ready("SUB")].concat();
    let reply = check(
        PullOptions::default(),
        &bytes,
        "a SUB socket cannot talk to a PULL socket",
    );
    let error = b"\x05ERROR\x29a SUB socket cannot talk to a PULL socket";
    assert!(reply.ends_with(error), "{}", reply.escape_ascii());
}

#[test]
fn announced_lengths_take_no_memory() {
    for (header, bytes) in [
        (b"\x02\x80\0\0\0\0\0\0\0", 1_u64 << 63),
        (b"\x02\xff\xff\xff\xff\xff\xff\xff\xff", u64::MAX),
        (b"\x02\0\0\0\0\x04\0\0\x01", (64 << 20) + 1),
    ] {
        let reason = format!("a frame of {bytes} bytes exceeds the limit of 67108864");
        check(PullOptions::default(), &after_handshake(header), &reason);
    }
    let command = after_handshake(b"\x06\0\0\0\0\0\x01\0\0");
    check(PullOptions::default(), &command, "broken command: too long");
}

#[test]
fn endless_parts_are_refused() {
    let bytes = after_handshake(&b"\x01\x00".repeat(2_000));
    check(
        PullOptions::default(),
        &bytes,
        "a message of more than 1024 parts",
    );
    let bytes = after_handshake(&[b"\x01\xff".as_slice(), &[b'x'; 255]].concat().repeat(100));
    let options = with(|limits| limits.message_bytes = 10_000);
    check(options, &bytes, "a message of more than 10000 bytes");
}

#[test]
fn unfinished_messages_stay_in_the_budget() {
    let header = b"\x02\0\0\0\0\x03\0\0\0";
    let bytes = after_handshake(&[header.as_slice(), &vec![0; 4 << 20]].concat());
    let options = with(|limits| limits.total_bytes = 1 << 20);
    check(
        options,
        &bytes,
        "unfinished messages of all peers exceed 1048576 bytes",
    );
}

#[test]
fn pings_whose_answers_nobody_reads_are_refused() {
    let ping = command(b"\x04PING\0\0sixteen bytes ok");
    let bytes = after_handshake(&ping.repeat(2_000_000));
    check(
        PullOptions::default(),
        &bytes,
        "the peer does not read our replies",
    );
}

#[test]
fn a_ping_is_answered_with_its_context_even_between_frames() {
    let mut collector = Collector::tcp();
    let mut peer = raw_push(&collector.address());
    let ping = command(b"\x04PING\0\0ctx");
    let inside = [b"\x01\x01t".as_slice(), &ping, &message(0, 0)].concat();
    peer.write_all(&[ping.as_slice(), &inside].concat())
        .expect("write");
    collector.until("the message", |seen| seen.messages == 1);
    assert_eq!(
        collector.shapes.keys().copied().collect::<Vec<_>>(),
        [(2, 5)]
    );
    drop(collector);
    let answers = command(b"\x04PONGctx").repeat(2);
    assert!(read_all(&mut peer).ends_with(&answers));
}

#[test]
fn both_versions_of_the_greeting_are_welcome() {
    let mut collector = Collector::tcp();
    let peers = [0, 1, 2].map(|minor| {
        let mut peer = raw(&collector.address());
        let bytes = [greeting(minor), ready("PUSH"), message(minor.into(), 0)].concat();
        peer.write_all(&bytes).expect("write");
        peer
    });
    collector.until("all", |seen| seen.messages == 3);
    drop(peers);
}

#[test]
fn a_slow_handshake_meets_its_deadline_and_a_slow_message_does_not() {
    let mut collector = Collector::bind(
        "tcp://127.0.0.1:0",
        with(|limits| limits.handshake = Duration::from_millis(200)),
    );
    let mut slow = raw_push(&collector.address());
    slow.write_all(&message(0, 0)[..3]).expect("write");
    let mut stuck = raw(&collector.address());
    stuck.write_all(&greeting(1)[..63]).expect("write");
    let start = Instant::now();
    collector.until("the refusal", |seen| !seen.rejected.is_empty());
    assert!(start.elapsed() >= Duration::from_millis(150));
    assert_eq!(collector.rejected, ["no handshake within 0.2 s"]);
    slow.write_all(&message(0, 0)[3..]).expect("write");
    collector.until("the slow message", |seen| seen.messages == 1);
}

#[test]
fn peers_over_the_limit_wait_and_come_in_later() {
    let mut collector = Collector::bind("tcp://127.0.0.1:0", with(|limits| limits.connections = 4));
    let mut peers: Vec<_> = (0..8).map(|_| raw_push(&collector.address())).collect();
    for (sender, peer) in peers.iter_mut().enumerate() {
        peer.write_all(&message(sender as u64, 0)).expect("write");
    }
    collector.until("the first", |seen| seen.messages == 4);
    let before = collector.turns;
    collector.during(Duration::from_millis(300));
    assert!(collector.turns - before < 60, "it spins");
    assert_eq!(
        (
            collector.messages,
            collector.crowded,
            collector.pull.connections()
        ),
        (4, 1, 4)
    );
    peers.drain(..4);
    collector.until("the others", |seen| seen.messages == 8);
    assert!(collector.rejected.is_empty());
}
