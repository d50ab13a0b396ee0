//! PUSH to pyzmq, to our own PULL, and to a receiver by hand.

use std::{
    io::{Read, Write},
    net::TcpListener,
    time::{Duration, Instant},
};

use distlog::zmtp::{Address, Change, Heartbeat, Push, PushOptions, fuzz_peer};
use rustix::process::Signal;

use super::support::{Collector, DEADLINE, Python, greeting, numbered, raw, read_all, ready};

fn connect(address: &Address) -> Push {
    Push::connect(std::slice::from_ref(address), PushOptions::default()).expect("options are right")
}

fn send(push: &mut Push, numbers: std::ops::Range<usize>) {
    for number in numbers {
        push.send(&[b"PLJ", format!("0 {number} {:200}", "").as_bytes()])
            .expect("sent");
    }
}

fn until(push: &mut Push, what: &str, mut done: impl FnMut(&mut Push) -> bool) {
    let end = Instant::now() + DEADLINE;
    while !done(push) {
        assert!(Instant::now() < end, "deadline: {what}");
        push.poll(&mut [], Some(Duration::from_millis(20)))
            .expect("poll works");
    }
}

fn close(push: Push) {
    let closed = push.close(DEADLINE).expect("close works");
    assert_eq!((closed.undelivered, closed.confirmed), (0, true));
}

/// A free port, whose listener is gone.
fn free() -> Address {
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|one| one.local_addr())
        .expect("a port")
        .port();
    Address::Tcp {
        host: "127.0.0.1".to_owned(),
        port,
    }
}

#[test]
fn a_hundred_thousand_and_an_immediate_close() {
    let dir = tempfile::tempdir().expect("a directory");
    for address in [
        "tcp://127.0.0.1:*".to_owned(),
        format!("ipc://{}/pull", dir.path().display()),
    ] {
        let (mut python, address) = Python::pull(&address, &[]);
        let mut push = connect(&address);
        python.tell("100000");
        send(&mut push, 0..100_000);
        close(push);
        assert_eq!(python.line(), "100000 0 99999 ordered");
    }
}

#[test]
fn a_slow_receiver_gets_everything() {
    let (mut python, address) =
        Python::pull("tcp://127.0.0.1:*", &["--hwm", "10", "--delay", "0.01"]);
    let options = PushOptions {
        queue_bytes: 1 << 20,
        ..PushOptions::default()
    };
    let mut push = Push::connect(&[address], options).expect("options are right");
    python.tell("50000");
    let mut full = 0;
    for number in 0..50_000 {
        let body = format!("0 {number} {:200}", "");
        while !push.try_send(&[b"PLJ", body.as_bytes()]).expect("sent") {
            full += 1;
            assert!(push.pending_bytes() <= 1 << 20);
            push.poll(&mut [], Some(DEADLINE)).expect("poll works");
        }
    }
    assert!(full > 0, "the receiver was never slow");
    close(push);
    assert_eq!(python.line(), "50000 0 49999 ordered");
}

#[test]
fn a_peer_that_is_absent_at_the_start_is_waited_for() {
    let address = free();
    let mut push = connect(&address);
    send(&mut push, 0..1_000);
    until(&mut push, "the notice", |push| {
        push.notices()
            .any(|notice| matches!(notice.change, Change::Absent(_)))
    });
    assert_eq!((push.pending(), push.peers()), (1_000, 0));
    let (mut python, _) = Python::pull(&address.to_string(), &[]);
    python.tell("1000");
    close(push);
    assert_eq!(python.line(), "1000 0 999 ordered");
}

#[test]
fn a_peer_that_restarts_gets_what_was_queued_meanwhile() {
    let (mut python, address) = Python::pull("tcp://127.0.0.1:*", &[]);
    let mut push = connect(&address);
    send(&mut push, 0..1_000);
    python.tell("1000");
    until(&mut push, "the first run", |push| push.pending() == 0);
    assert_eq!(python.line(), "1000 0 999 ordered");
    python.signal(Signal::KILL);
    until(&mut push, "the loss", |push| {
        push.notices()
            .any(|notice| matches!(notice.change, Change::Lost(_)))
    });
    send(&mut push, 1_000..2_000);
    drop(python);
    let (mut python, _) = Python::pull(&address.to_string(), &[]);
    python.tell("1000");
    close(push);
    assert_eq!(python.line(), "1000 1000 1999 ordered");
}

#[test]
fn what_was_not_fully_written_is_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let mut push = connect(&Address::Tcp {
        host: "127.0.0.1".to_owned(),
        port,
    });
    // More than the sockets hold, so that the break comes in the middle of the queue.
    let body = |number: usize| format!("0 {number} {:60000}", "");
    (0..500).for_each(|number| push.send(&[body(number).as_bytes()]).expect("sent"));
    let receiver = std::thread::spawn(move || {
        let accept = || {
            let (mut stream, _) = listener.accept().expect("the sender connects");
            stream
                .write_all(&[greeting(1), ready("PULL")].concat())
                .expect("write");
            stream
        };
        let mut first = vec![0; 250_000];
        let mut stream = accept();
        stream.read_exact(&mut first).expect("the start");
        drop(stream);
        (first, read_all(&mut accept()))
    });
    until(&mut push, "all written", |push| push.pending() == 0);
    push.close(DEADLINE).expect("close works");
    let (first, second) = receiver.join().expect("no panic");
    let numbers = |bytes: &[u8]| -> Vec<u64> {
        let messages = fuzz_peer(&as_push(bytes), &[]).expect("a clean stream");
        messages
            .iter()
            .map(|frames| numbered(&frames[0]).1)
            .collect()
    };
    assert_eq!(numbers(&first), [0, 1, 2, 3]);
    let second = numbers(&second);
    // What the system had taken is lost; from there on nothing is missing, and nothing twice.
    assert!(second[0] >= 4 && second[0] < 499, "{second:?}");
    assert_eq!(second, (second[0]..500).collect::<Vec<_>>());
}

/// What our PUSH sent, as `fuzz_peer` wants it: it is what a PULL reads.
fn as_push(bytes: &[u8]) -> Vec<u8> {
    assert!(bytes.starts_with(b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\x01NULL"));
    bytes.to_vec()
}

#[test]
fn several_peers_take_turns() {
    let receivers = [(); 2].map(|()| Python::pull("tcp://127.0.0.1:*", &[]));
    let addresses: Vec<_> = receivers
        .iter()
        .map(|(_, address)| address.clone())
        .collect();
    let mut push = Push::connect(&addresses, PushOptions::default()).expect("options are right");
    until(&mut push, "both", |push| push.peers() == 2);
    for number in 0..100 {
        send(&mut push, number..number + 1);
        push.flush();
    }
    // A burst is shared as well.
    send(&mut push, 100..300);
    close(push);
    for (mut python, _) in receivers {
        python.tell("150");
        assert!(python.line().starts_with("150 "));
    }
}

#[test]
fn one_of_two_peers_takes_over() {
    let (mut here, address) = Python::pull("tcp://127.0.0.1:*", &[]);
    let mut push =
        Push::connect(&[free(), address], PushOptions::default()).expect("options are right");
    send(&mut push, 0..5_000);
    here.tell("5000");
    close(push);
    assert_eq!(here.line(), "5000 0 4999 ordered");
}

#[test]
fn heartbeats_of_an_idle_receiver_are_answered() {
    let (mut python, address) = Python::pull("tcp://127.0.0.1:*", &["--heartbeat", "40"]);
    let heartbeat = Heartbeat {
        interval: Duration::from_millis(50),
        timeout: Duration::from_millis(500),
    };
    let options = PushOptions {
        heartbeat: Some(heartbeat),
        ..PushOptions::default()
    };
    let mut push = Push::connect(&[address], options).expect("options are right");
    until(&mut push, "a peer", |push| push.peers() == 1);
    let end = Instant::now() + Duration::from_millis(700);
    until(&mut push, "some idle time", |_| Instant::now() > end);
    send(&mut push, 0..10);
    python.tell("10");
    let changes: Vec<_> = push.notices().map(|notice| notice.change).collect();
    assert!(matches!(changes[..], [Change::Connected]), "{changes:?}");
    close(push);
    assert_eq!(python.line(), "10 0 9 ordered");
}

#[test]
fn close_says_what_was_not_delivered() {
    let mut push = connect(&free());
    send(&mut push, 0..5_000);
    let closed = push.close(Duration::from_millis(50)).expect("close works");
    assert_eq!((closed.undelivered, closed.confirmed), (5_000, false));
}

#[test]
fn a_full_queue_says_so() {
    let options = PushOptions {
        queue_messages: 10,
        ..PushOptions::default()
    };
    let mut push = Push::connect(&[free()], options).expect("options are right");
    let taken = (0..20)
        .filter(|_| push.try_send(&[b"x"]).expect("no error"))
        .count();
    assert_eq!((taken, push.pending()), (10, 10));
    let options = PushOptions {
        queue_bytes: 100,
        ..PushOptions::default()
    };
    let mut push = Push::connect(&[free()], options).expect("options are right");
    // A message over the whole limit goes when nothing else waits.
    assert!(push.try_send(&[&[0; 500]]).expect("no error"));
    assert!(!push.try_send(&[b"x"]).expect("no error"));
}

#[test]
fn what_no_receiver_takes_is_not_queued() {
    let mut push = connect(&free());
    let check = |push: &mut Push, frames: &[&[u8]], expect: &str| {
        let error = push.try_send(frames).expect_err("too large");
        assert_eq!((error.to_string().as_str(), push.pending()), (expect, 0));
    };
    let (long, parts) = (vec![0; (64 << 20) + 1], vec![b"".as_slice(); 1025]);
    let long_text = "a message of 67108874 bytes exceeds the limits of a receiver (frames: 1)";
    check(&mut push, &[&long], long_text);
    check(
        &mut push,
        &parts,
        "a message of 2050 bytes exceeds the limits of a receiver (frames: 1025)",
    );
    check(&mut push, &[], "a message needs at least one frame");
}

#[test]
fn a_receiver_of_another_type_is_refused_and_told() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let mut push = connect(&Address::Tcp {
        host: "127.0.0.1".to_owned(),
        port,
    });
    let (mut peer, _) = listener.accept().expect("the sender connects");
    peer.write_all(&[greeting(1), ready("SUB")].concat())
        .expect("write");
    until(&mut push, "the refusal", |push| {
        push.notices().any(|notice| {
            notice
                .to_string()
                .ends_with("a SUB socket cannot talk to a PUSH socket")
        })
    });
    assert!(read_all(&mut peer).ends_with(b"a SUB socket cannot talk to a PUSH socket"));
}

#[test]
fn our_own_two_ends_meet() {
    let mut collector = Collector::tcp();
    let address = collector.address();
    let sender = std::thread::spawn(move || {
        let mut push = connect(&address);
        send(&mut push, 0..200_000);
        close(push);
    });
    collector.until("all", |seen| seen.disconnected == 1);
    sender.join().expect("no panic");
    assert_eq!((collector.messages, collector.next[&0]), (200_000, 200_000));
    drop(raw(&collector.address()));
}
