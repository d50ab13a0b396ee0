//! dl-recv when much happens at once: a flood, an end in the midst of it, files beside sockets.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use distlog::zmtp::{Address, Push, PushOptions};
use rustix::process::Signal;

use crate::{
    pipes::stats,
    support::{Dir, program, wait_for},
};

fn connect(address: &str) -> Push {
    let address = Address::parse(address).expect("an address");
    Push::connect(&[address], PushOptions::default()).expect("a socket")
}

/// Sends a message, waiting for room.
fn send(push: &mut Push, frames: &[&[u8]]) {
    wait_for("room in a queue", || {
        let sent = push.try_send(frames).expect("a message");
        if !sent {
            push.poll(&mut [], Some(Duration::from_millis(10)))
                .expect("a poll");
        }
        sent
    });
}

#[test]
fn a_flood_does_not_keep_a_collector_from_ending() {
    let dir = Dir::new();
    let address = format!("ipc://{}", dir.path("in.sock").display());
    let mut collector = program("dl-recv").args(&[&address, "--no-stamp"]).start();
    let stop = Arc::new(AtomicBool::new(false));
    let flood = {
        let (stop, address) = (Arc::clone(&stop), address.clone());
        thread::spawn(move || {
            let mut push = connect(&address);
            while !stop.load(Ordering::Relaxed) {
                if !push.try_send(&[b"PLJ", b"{\"a\":1}"]).expect("a message") {
                    push.poll(&mut [], Some(Duration::from_millis(10)))
                        .expect("a poll");
                }
            }
        })
    };
    for _ in 0..1_000 {
        assert_eq!(collector.line(), "{\"a\":1}\n");
    }
    collector.signal(Signal::TERM);
    let asked = Instant::now();
    drop(collector.stdin.take());
    let ran = collector.end();
    assert!(
        asked.elapsed() < Duration::from_secs(10),
        "{:?}",
        asked.elapsed()
    );
    stop.store(true, Ordering::Relaxed);
    flood.join().expect("the flood ends");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stdout.ends_with(b"{\"a\":1}\n"));
}

#[test]
fn rejects_of_files_and_sockets_are_all_kept() {
    let dir = Dir::new();
    let address = format!("ipc://{}", dir.path("in.sock").display());
    let rejects = dir.path("rejects");
    let file = dir.file(
        "file",
        "mud of a file, and quite a lot of it\n{\"file\":1}\n",
    );
    let collector = program("dl-recv")
        .args(&[&address, "--no-stamp", "--stats", "--rejects"])
        .arg(&rejects)
        .arg(&file)
        .start();
    assert_eq!(collector.line(), "{\"file\":1}\n");
    let mut push = connect(&address);
    for body in [&b"mud of a socket"[..], b"{\"socket\":1}"] {
        send(&mut push, &[b"PLJ", body]);
    }
    push.close(Duration::from_secs(30)).expect("an end");
    assert_eq!(collector.line(), "{\"socket\":1}\n");
    collector.signal(Signal::TERM);
    let ran = collector.end();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let kept = fs::read_to_string(&rejects).expect("the rejects");
    assert_eq!(
        kept,
        "mud of a file, and quite a lot of it\nmud of a socket\n"
    );
    assert_eq!(stats(&ran.stderr), [4, 2, 0, 2]);
    assert_eq!(
        ran.stderr.matches(" rejected, the first at ").count(),
        1,
        "{}",
        ran.stderr
    );
}

#[test]
fn what_was_sent_before_the_end_comes_out_however_large_it_is() {
    let dir = Dir::new();
    let address = format!("ipc://{}", dir.path("in.sock").display());
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(3_000_000));
    let collector = program("dl-recv").args(&[&address, "--no-stamp"]).start();
    let mut push = connect(&address);
    for _ in 0..5 {
        send(&mut push, &[large.as_bytes()]);
    }
    // The peer confirms with the end of its connection that all has been read.
    let closed = push.close(Duration::from_secs(30)).expect("an end");
    assert_eq!(closed.undelivered, 0);
    for _ in 0..5 {
        assert!(collector.line() == large.clone() + "\n");
    }
    collector.signal(Signal::TERM);
    assert_eq!(collector.end().status, 0);
}
