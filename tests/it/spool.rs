//! `dl-recv --spool` when the receiver is killed under load, the disk is full, or nobody reads.

use std::{
    collections::BTreeMap,
    fs,
    io::{ErrorKind, Read as _},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use distlog::zmtp::{Address, Push, PushOptions};
use rustix::process::{Pid, Resource, Rlimit, Signal, prlimit};

use crate::{
    rng::Rng,
    support::{Dir, program, wait_for},
};

/// The numbers of each sender's records in some lines, in order.
type Numbers = BTreeMap<u64, Vec<u64>>;

fn numbers(text: &str, numbers: &mut Numbers) {
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("a whole record");
        let sender = value["sender"].as_u64().expect("a number");
        let number = value["n"].as_u64().expect("a number");
        numbers.entry(sender).or_default().push(number);
    }
}

/// What stands in the segments of a spool; a line that was cut by the kill is left out.
fn spooled(spool: &Path) -> String {
    let mut paths: Vec<_> = fs::read_dir(spool)
        .expect("a spool")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "ndjson"))
        .collect();
    paths.sort();
    let mut text = String::new();
    for path in paths {
        let part = match fs::read_to_string(path) {
            // It has been sent meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            part => part.expect("text"),
        };
        let whole = part.rfind('\n').map_or(0, |at| at + 1);
        text.push_str(&part[..whole]);
    }
    text
}

/// Sends until it is told to stop.
fn flood(address: &str, sender: u64, stop: &Arc<AtomicBool>) -> thread::JoinHandle<()> {
    let (address, stop) = (address.to_owned(), Arc::clone(stop));
    thread::spawn(move || {
        let parsed = Address::parse(&address).expect("an address");
        let mut push = Push::connect(&[parsed], PushOptions::default()).expect("a socket");
        let mut number = 0;
        while !stop.load(Ordering::Relaxed) {
            let body = format!("{{\"sender\":{sender},\"n\":{number}}}");
            if push
                .try_send(&[b"PLJ", body.as_bytes()])
                .expect("a message")
            {
                number += 1;
            } else {
                push.poll(&mut [], Some(Duration::from_millis(5)))
                    .expect("a poll");
            }
        }
    })
}

#[test]
fn what_was_spooled_is_there_after_kill_9() {
    let mut rng = Rng::new(11);
    for round in 0..4 {
        let dir = Dir::new();
        let (out, spool) = (dir.file("out", ""), dir.path("spool"));
        let address = format!("ipc://{}", dir.path("in.sock").display());
        let start = || {
            program("dl-recv")
                .args(&[&address, "--spool-max", "4MiB", "--spool"])
                .arg(&spool)
                .arg("-o")
                .arg(&out)
                .start()
        };
        let receiver = start();
        let stop = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = (0..3).map(|n| flood(&address, n, &stop)).collect();
        let enough = rng.between(1, 300_000) as u64;
        wait_for("records", || {
            fs::metadata(&out).expect("a file").len() >= enough
        });
        receiver.signal(Signal::KILL);
        receiver.end();
        stop.store(true, Ordering::Relaxed);
        for sender in senders {
            sender.join().expect("a sender ends");
        }
        let before = fs::read_to_string(&out).expect("text");
        let left = spooled(&spool);
        let mut expect = Numbers::new();
        // A kill in the midst of a write cuts a line, which the spool has as a whole.
        let whole = before.rfind('\n').map_or(0, |at| at + 1);
        numbers(&before[..whole], &mut expect);
        numbers(&left, &mut expect);

        let again = start();
        again.signal(Signal::TERM);
        let ran = again.end();
        let after = fs::read_to_string(&out).expect("text");
        // It may have been asked to end before it could listen.
        if ran.status != 0 {
            let last = start();
            wait_for("the log to be sent", || spooled(&spool).is_empty());
            last.signal(Signal::TERM);
            assert_eq!(last.end().status, 0);
        }
        let after = if ran.status == 0 {
            after
        } else {
            fs::read_to_string(&out).expect("text")
        };
        let mut came = Numbers::new();
        let cut = after[whole..].find('\n').map_or(0, |at| at + 1);
        let torn = if whole < before.len() { cut } else { 0 };
        numbers(&after[..whole], &mut came);
        numbers(&after[whole + torn..], &mut came);
        for (sender, numbers) in &mut expect {
            let came = came.get_mut(sender).expect("records of each sender");
            for list in [&mut *numbers, &mut *came] {
                list.sort_unstable();
                list.dedup();
            }
            assert!(
                came == numbers,
                "round {round}: {} of {}",
                came.len(),
                numbers.len()
            );
            // Nothing is missing in between either.
            assert_eq!(*came, (0..came.len() as u64).collect::<Vec<_>>());
        }
        assert_eq!(spooled(&spool), "");
        for line in after[before.len()..].lines().skip(1) {
            assert!(line.contains("\"replayed\":true}"), "{line}");
        }
    }
}

#[test]
fn a_full_disk_holds_senders_up_and_loses_nothing() {
    let dir = Dir::new();
    let (spool, address) = (
        dir.path("spool"),
        format!("ipc://{}", dir.path("in.sock").display()),
    );
    let script = format!(
        "trap '' XFSZ; ulimit -S -f 64; exec {} {address} --no-stamp --spool {} --stats",
        env!("CARGO_BIN_EXE_dl-recv"),
        spool.display()
    );
    let mut receiver = std::process::Command::new("bash")
        .args(["-c", &script])
        .stdout(std::process::Stdio::piped())
        .stderr(fs::File::create(dir.path("words")).expect("a file"))
        .spawn()
        .expect("bash starts");
    let lines = crate::support::gather(receiver.stdout.take().expect("a pipe"));
    let parsed = Address::parse(&address).expect("an address");
    let mut push = Push::connect(&[parsed], PushOptions::default()).expect("a socket");
    let padding = "x".repeat(1_000);
    for number in 0..2_000 {
        let body = format!("{{\"sender\":0,\"n\":{number},\"p\":\"{padding}\"}}");
        wait_for("room in a queue", || {
            let sent = push
                .try_send(&[b"PLJ", body.as_bytes()])
                .expect("a message");
            if !sent {
                push.poll(&mut [], Some(Duration::from_millis(5)))
                    .expect("a poll");
            }
            sent
        });
    }
    let words = || fs::read_to_string(dir.path("words")).expect("text");
    wait_for("words of a full disk", || {
        push.poll(&mut [], Some(Duration::from_millis(5)))
            .expect("a poll");
        words().contains("nothing is read until there is room")
    });
    // Room is made.
    let pid = Pid::from_child(&receiver);
    let none = Rlimit {
        current: None,
        maximum: None,
    };
    prlimit(Some(pid), Resource::Fsize, none).expect("a limit is lifted");
    wait_for("delivery", || {
        push.poll(&mut [], Some(Duration::from_millis(5)))
            .expect("a poll");
        push.pending() == 0
    });
    push.close(Duration::from_secs(30)).expect("closed");
    rustix::process::kill_process(pid, Signal::TERM).expect("it runs");
    let out = lines.recv_timeout(Duration::from_secs(60)).expect("an end");
    assert!(receiver.wait().expect("a status").success(), "{}", words());
    let mut came = Numbers::new();
    numbers(&String::from_utf8(out).expect("UTF-8"), &mut came);
    assert_eq!(came[&0], (0..2_000).collect::<Vec<_>>());
}

#[test]
fn a_reader_that_stops_holds_up_no_more_than_the_spool_has() {
    let dir = Dir::new();
    let (spool, address) = (
        dir.path("spool"),
        format!("ipc://{}", dir.path("in.sock").display()),
    );
    let mut receiver = std::process::Command::new(env!("CARGO_BIN_EXE_dl-recv"))
        .args([&address, "--no-stamp", "--spool-max", "8MiB", "--spool"])
        .arg(&spool)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("it starts");
    let stop = Arc::new(AtomicBool::new(false));
    let sender = flood(&address, 0, &stop);
    let size = || {
        let entries = fs::read_dir(&spool).into_iter().flatten().flatten();
        let sizes = entries.filter_map(|entry| Some(entry.metadata().ok()?.len()));
        sizes.sum::<u64>()
    };
    wait_for("a full spool", || size() > 6 << 20);
    assert!(size() <= (8 << 20) + (1 << 10), "{}", size());
    stop.store(true, Ordering::Relaxed);
    sender.join().expect("the flood ends");
    // The reader goes on.
    let pid = Pid::from_child(&receiver);
    let mut stdout = receiver.stdout.take().expect("a pipe");
    rustix::process::kill_process(pid, Signal::TERM).expect("it runs");
    let mut text = String::new();
    stdout.read_to_string(&mut text).expect("text");
    assert!(receiver.wait().expect("a status").success());
    let mut came = Numbers::new();
    numbers(&text, &mut came);
    assert_eq!(came[&0], (0..came[&0].len() as u64).collect::<Vec<_>>());
    assert_eq!(spooled(&spool), "");
}
