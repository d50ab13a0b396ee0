//! PUB of dl-send, with subscribers of libzmq and our own: all get all, in order, or it is told.

use std::{
    io::{BufRead, BufReader, Write as _},
    path::PathBuf,
    process::{ChildStdin, Command, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{
    curve_support::Keys,
    support::{Collector, numbered},
};
use crate::support::{Kill, program, root, wait_for, wait_for_end};

/// A publisher that reads its records from us, and where it is.
struct Publisher {
    child: Kill,
    input: ChildStdin,
    words: BufReader<std::process::ChildStderr>,
    address: String,
}

impl Publisher {
    fn start(options: &str, args: &[&str]) -> Self {
        let endpoint = format!("pub+tcp://127.0.0.1:0{options}");
        let mut command = program("dl-send").arg(&endpoint).command;
        let piped = command
            .args(args)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = Kill(piped.spawn().expect("dl-send runs"));
        let input = child.0.stdin.take().expect("it is piped");
        let mut words = BufReader::new(child.0.stderr.take().expect("it is piped"));
        let mut address = None;
        while address.is_none() {
            let mut line = String::new();
            words.read_line(&mut line).expect("it says where it is");
            let rest = line.trim_end().strip_prefix("dl-send: publishing on pub+");
            address = rest.map(str::to_owned);
        }
        Self {
            child,
            input,
            words,
            address: address.expect("an address"),
        }
    }

    /// Ends its input; returns what else it says, and its exit status.
    fn end(self) -> (String, i32) {
        let Self {
            mut child,
            input,
            mut words,
            ..
        } = self;
        drop(input);
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut words, &mut rest).expect("text");
        let status = wait_for_end(&mut child);
        (rest, status)
    }
}

/// A subscriber in Python.
fn subscriber(address: &str, count: &str, topics: &[&str]) -> Kill {
    let named = std::env::var_os("DISTLOG_PYTHON").map(PathBuf::from);
    let python = named.unwrap_or_else(|| root().join(".venv/bin/python"));
    let child = Command::new(python)
        .arg("-B")
        .arg(root().join("tests/py/zmq_sub.py"))
        .args([address, count])
        .args(topics)
        .stdout(Stdio::piped())
        .spawn();
    Kill(child.expect("python runs: scripts/test makes one"))
}

/// The numbers that a subscriber in Python prints until it ends. They are read meanwhile, so that it does not wait.
fn numbers(mut subscriber: Kill) -> JoinHandle<Vec<u64>> {
    let out = subscriber.0.stdout.take().expect("it is piped");
    thread::spawn(move || {
        let lines = BufReader::new(out).lines();
        let numbers = lines.map(|line| line.expect("text").parse().expect("a number"));
        let numbers = numbers.collect();
        drop(subscriber);
        numbers
    })
}

/// Our own subscriber.
fn connected(address: &str, options: &str, more: &[&str]) -> Collector {
    let mut command = program("dl-recv")
        .arg(format!("sub+{address}{options}"))
        .command;
    command.args(["--stats"]).args(more);
    Collector::of(command, 0)
}

#[test]
fn all_subscribers_get_all_records_in_order() {
    const COUNT: usize = 20_000;
    let mut publisher = Publisher::start("?wait=4", &["--stats"]);
    let address = publisher.address.clone();
    // It is a subscriber with the first one that comes.
    let python = [&["PLJ"][..], &["P", "nothing"], &[""]];
    let python = python.map(|topics| numbers(subscriber(&address, &COUNT.to_string(), topics)));
    let ours = connected(&address, "?topic=PL", &["--no-stamp"]);
    publisher
        .input
        .write_all(numbered(COUNT, 500).as_bytes())
        .expect("it reads");
    for number in 0..COUNT {
        assert_eq!(ours.record()["number"], number);
    }
    let (words, status) = publisher.end();
    let ledger = format!("dl-send: {COUNT} read, {COUNT} written, 0 filtered, 0 rejected\n");
    assert_eq!((words, status), (ledger, 0));
    for numbers in python {
        let numbers = numbers.join().expect("no panic");
        assert!(numbers.into_iter().eq(0..COUNT as u64));
    }
    assert_eq!(ours.end().ledger(), [COUNT as u64, COUNT as u64, 0, 0]);
}

#[test]
fn the_end_waits_for_who_has_not_read_everything() {
    const COUNT: usize = 4_000;
    let mut publisher = Publisher::start("?wait=1", &[]);
    // Its PINGs that nobody reads would make the system throw away what it has not read.
    let late = subscriber(&publisher.address, &format!("late:{COUNT}"), &[""]);
    let numbers = numbers(late);
    let text = numbered(COUNT, 1_000);
    publisher
        .input
        .write_all(text.as_bytes())
        .expect("it reads");
    let (words, status) = publisher.end();
    assert_eq!((words.as_str(), status), ("", 0));
    let numbers = numbers.join().expect("no panic");
    assert!(numbers.into_iter().eq(0..COUNT as u64));
}

#[test]
fn a_slow_subscriber_is_waited_for_and_costs_bounded_memory() {
    let mut publisher = Publisher::start("?wait=1", &[]);
    let address = publisher.address.clone();
    let mut slow = subscriber(&address, "0", &[""]);
    let out = slow.0.stdout.take().expect("it is piped");
    let mut there = String::new();
    BufReader::new(out).read_line(&mut there).expect("a line");
    // More than fits into all buffers on the way.
    let text = numbered(100_000, 1_000);
    let mut input = publisher.input;
    let writing = thread::spawn(move || {
        let written = input.write_all(text.as_bytes());
        (written, input)
    });
    thread::sleep(Duration::from_secs(1));
    assert!(!writing.is_finished(), "nobody has read it");
    let status = std::fs::read_to_string(format!("/proc/{}/status", publisher.child.0.id()));
    let status = status.expect("it runs");
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("a line");
    let peak: u64 = peak
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .expect("a number");
    assert!(peak < 100_000, "{peak} kB");
    // When it is gone, nobody is waited for.
    drop(slow);
    let (written, input) = writing.join().expect("no panic");
    written.expect("it reads on");
    publisher.input = input;
    let (words, status) = publisher.end();
    assert_eq!(status, 0, "{words}");
    assert!(words.contains("nobody had subscribed to "), "{words}");
}

#[test]
fn what_a_slow_subscriber_misses_is_counted_and_others_get_all() {
    const COUNT: usize = 60_000;
    let mut publisher = Publisher::start("?wait=2&slow=drop", &["--stats", "--linger", "1s"]);
    let address = publisher.address.clone();
    let mut slow = subscriber(&address, "0", &[""]);
    let out = slow.0.stdout.take().expect("it is piped");
    let mut there = String::new();
    BufReader::new(out).read_line(&mut there).expect("a line");
    let quick = connected(&address, "", &["--no-stamp"]);
    let text = numbered(COUNT, 1_000);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        publisher
            .input
            .write_all(line.as_bytes())
            .expect("it reads");
        // It is quick as long as it is let keep up.
        if number % 1_000 == 999 {
            for back in (0..1_000).rev() {
                assert_eq!(quick.record()["number"], number - back);
            }
        }
    }
    let (words, status) = publisher.end();
    assert_eq!(status, 2, "{words}");
    assert!(words.contains("a subscriber had no room for "), "{words}");
    assert!(
        words.contains("the last records of 1 subscriber not delivered within 1s"),
        "{words}"
    );
    drop(slow);
    assert_eq!(quick.end().ledger(), [COUNT as u64, COUNT as u64, 0, 0]);
}

#[test]
fn who_waits_for_subscribers_ends_when_asked() {
    let mut publisher = Publisher::start("?wait=1", &["--linger", "200ms", "--stats"]);
    publisher
        .input
        .write_all(b"{\"number\":1}\n")
        .expect("it reads");
    thread::sleep(Duration::from_millis(100));
    let began = Instant::now();
    kill_process(Pid::from_child(&publisher.child.0), Signal::TERM).expect("it runs");
    let (words, status) = publisher.end();
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(status, 2, "{words}");
    assert!(
        words.contains("1 record not delivered within 200ms"),
        "{words}"
    );
}

#[test]
fn subscribers_are_known_by_their_keys() {
    const COUNT: usize = 3_000;
    let keys = Keys::new();
    let (key, allow) = (keys.arg("server.key_secret"), keys.arg("allow"));
    let own = ["--curve-key", &key, "--curve-allow", &allow];
    let mut publisher = Publisher::start("?wait=1", &own);
    let address = publisher.address.clone();
    let (server, known) = (keys.arg("server.key"), keys.arg("known.key_secret"));
    let stranger = keys.arg("stranger.key_secret");
    let with = |key| ["--curve-server", &server, "--curve-key", key, "--no-stamp"];
    let refused = connected(&address, "", &with(&stranger));
    let ours = connected(&address, "?topic=PLJ", &with(&known));
    publisher
        .input
        .write_all(numbered(COUNT, 300).as_bytes())
        .expect("it reads");
    for number in 0..COUNT {
        assert_eq!(ours.record()["number"], number);
    }
    let (words, status) = publisher.end();
    assert_eq!(status, 0, "{words}");
    assert_eq!(ours.end().ledger(), [COUNT as u64, COUNT as u64, 0, 0]);
    assert_eq!(refused.end().ledger(), [0; 4]);
}

#[test]
fn what_comes_in_over_one_socket_goes_out_to_many() {
    let mut command = program("dl-recv").arg("tcp://127.0.0.1:0").command;
    command.args([
        "--no-stamp",
        "-o",
        "pub+tcp://127.0.0.1:0?wait=2",
        "--stats",
    ]);
    let collector = Collector::of(command, 1);
    let mut address = None;
    wait_for("the address", || {
        let words = collector.words();
        let mut lines = words.lines();
        address = lines
            .find_map(|line| Some(line.strip_prefix("dl-recv: publishing on pub+")?.to_owned()));
        address.is_some()
    });
    let address = address.expect("an address");
    let subscribers = [(); 2].map(|()| connected(&address, "", &["--no-stamp"]));
    let ran = program("dl-send")
        .arg(&collector.endpoints[0])
        .stdin(numbered(500, 10))
        .run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    for subscriber in subscribers {
        for number in 0..500 {
            assert_eq!(subscriber.record()["number"], number);
        }
        subscriber.end();
    }
    assert_eq!(collector.end().ledger(), [500, 500, 0, 0]);
}
