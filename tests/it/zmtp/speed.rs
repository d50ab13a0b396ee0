//! Figures, not tests: what a message costs. Linux only; run by
//! `cargo test --release --test it speed -- --ignored --nocapture --test-threads 1`.

use std::{
    fs,
    io::Write,
    time::{Duration, Instant},
};

use distlog::zmtp::{Push, PushOptions};

use super::support::{Collector, DEADLINE, Python};

const BODY: usize = 600;

/// Seconds that this thread has been on a processor.
fn cpu() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanos: f64 = text
        .split(' ')
        .next()
        .and_then(|word| word.parse().ok())
        .expect("a number");
    nanos / 1e9
}

fn report(what: &str, messages: usize, cpu: f64, wall: Duration) {
    let (count, wall) = (
        f64::from(u32::try_from(messages).expect("small")),
        wall.as_secs_f64(),
    );
    let line = format!(
        "{what}: {:.3} us of CPU a message, {:.2} M messages/s\n",
        cpu / count * 1e6,
        count / wall / 1e6
    );
    std::io::stdout()
        .write_all(line.as_bytes())
        .expect("stdout");
}

/// Receives `count` messages and does nothing with them; the clock starts at the first.
fn receive(what: &str, collector: &mut Collector, count: u64) {
    let seen = |collector: &mut Collector| {
        let poll = collector.pull.poll(&mut [], Some(DEADLINE), &mut |_| {
            std::ops::ControlFlow::Continue(())
        });
        poll.expect("poll works");
        collector.pull.stats().messages
    };
    while seen(collector) == 0 {}
    let (start, before) = (Instant::now(), cpu());
    while seen(collector) < count {}
    report(
        what,
        usize::try_from(count).expect("small"),
        cpu() - before,
        start.elapsed(),
    );
}

#[test]
#[ignore = "a measurement"]
fn from_libzmq() {
    for senders in [4_usize, 8] {
        let mut collector = Collector::tcp();
        let address = collector.address();
        let count = 2_000_000 / senders;
        let (target, each, size) = (address.to_string(), count.to_string(), BODY.to_string());
        let flood = || Python::start("zmtp_flood.py", &[&target, &each, &size]);
        let clients: Vec<_> = (0..senders).map(|_| flood()).collect();
        receive(
            &format!("{senders} libzmq senders"),
            &mut collector,
            (count * senders) as u64,
        );
        drop(clients);
    }
}

/// Senders slower than we are: every read finds a message or two, and the system calls count.
#[test]
#[ignore = "a measurement"]
fn from_slow_libzmq() {
    for senders in [4, 8] {
        let mut collector = Collector::tcp();
        let address = collector.address();
        let size = BODY.to_string();
        let push = |sender| Python::push(&address, sender, 100_000, &["--size", &size]);
        let clients: Vec<_> = (0..senders).map(push).collect();
        receive(
            &format!("{senders} slow libzmq senders"),
            &mut collector,
            100_000 * senders as u64,
        );
        drop(clients);
    }
}

#[test]
#[ignore = "a measurement"]
fn from_our_own() {
    let count = 5_000_000;
    let mut collector = Collector::tcp();
    let address = collector.address();
    let sender = std::thread::spawn(move || {
        let mut push =
            Push::connect(&[address], PushOptions::default()).expect("options are right");
        let body = [b'x'; BODY];
        let (start, before) = (Instant::now(), cpu());
        for _ in 0..count {
            push.send(&[b"PLJ", &body]).expect("sent");
        }
        push.close(DEADLINE).expect("close works");
        report("our sender", count, cpu() - before, start.elapsed());
    });
    receive("our receiver", &mut collector, count as u64);
    while collector.pull.connections() > 0 {
        collector
            .pull
            .poll(&mut [], None, &mut |_| std::ops::ControlFlow::Continue(()))
            .expect("poll works");
    }
    sender.join().expect("no panic");
}
