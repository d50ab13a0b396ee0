//! PULL fed by pyzmq.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    ops::ControlFlow,
    os::fd::AsFd,
    process::{Command, Stdio},
    time::Duration,
};

use distlog::zmtp::{Address, Heartbeat, Interest, PullOptions, Watch};
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};

use super::support::{Collector, Python, message, raw_push};

const SENDERS: usize = 6;

fn six_senders(mut collector: Collector) {
    let address = collector.address();
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| Python::push(&address, sender, 50_000, &[]))
        .collect();
    collector.until("all messages", |seen| seen.messages >= SENDERS * 50_000);
    collector.until("all gone", |seen| seen.disconnected == SENDERS);
    drop(senders);
    assert_eq!(
        collector.next.values().copied().collect::<Vec<_>>(),
        [50_000; SENDERS]
    );
    assert_eq!(
        collector.shapes.into_iter().collect::<Vec<_>>(),
        [((2, 303), SENDERS * 50_000)]
    );
    assert_eq!((collector.unfinished, collector.rejected), (vec![], vec![]));
    assert_eq!(collector.pull.stats().messages, (SENDERS * 50_000) as u64);
    assert_eq!(collector.pull.held_bytes(), 0);
}

#[test]
fn six_senders_over_tcp() {
    six_senders(Collector::tcp());
}

#[test]
fn six_senders_over_ipc() {
    let dir = tempfile::tempdir().expect("a directory");
    let address = format!("ipc://{}/pull", dir.path().display());
    six_senders(Collector::bind(&address, PullOptions::default()));
}

#[test]
fn a_client_that_restarts_is_a_new_peer() {
    let mut collector = Collector::tcp();
    for run in 0..3 {
        let _client = Python::push(&collector.address(), run, 1_000, &[]);
        collector.until("this run", |seen| seen.disconnected == run + 1);
        assert_eq!(collector.next[&(run as u64)], 1_000);
    }
    assert_eq!(collector.messages, 3_000);
}

#[test]
fn a_client_killed_in_mid_message_loses_that_message_only() {
    let mut collector = Collector::tcp();
    let size = (40 << 20).to_string();
    let mut other = Python::push(&collector.address(), 1, 10, &["--steps"]);
    let killed = Python::push(&collector.address(), 2, 1, &["--size", &size]);
    killed_in_the_middle(&mut collector, &killed);
    collector.until("the loss", |seen| seen.disconnected == 1);
    assert_eq!(collector.pull.stats().unfinished, 1);
    assert!(collector.unfinished[0] > 1 << 20 && collector.unfinished[0] < 40 << 20);
    assert_eq!(collector.pull.held_bytes(), 0);
    other.tell("go");
    collector.until("the other", |seen| seen.next.get(&1) == Some(&10));
    assert!(!collector.next.contains_key(&2));
}

/// A break in every turn keeps the socket from being read to its end before the kill.
fn killed_in_the_middle(collector: &mut Collector, client: &Python) {
    collector.until("a part", |seen| seen.pull.held_bytes() > 1 << 20);
    client.signal(Signal::KILL);
}

#[test]
fn heartbeats_of_idle_clients_are_answered() {
    let mut collector = Collector::tcp();
    let mut client = Python::push(
        &collector.address(),
        0,
        10,
        &["--steps", "--heartbeat", "40"],
    );
    client.tell("go");
    collector.until("the first", |seen| seen.messages == 10);
    // The client would drop us after 120 ms and come back as a new peer.
    collector.during(Duration::from_millis(600));
    client.tell("go");
    collector.until("the second", |seen| seen.messages == 20);
    assert_eq!((collector.connected, collector.disconnected), (1, 0));
}

#[test]
fn our_heartbeat_keeps_the_living_and_drops_the_dead() {
    let heartbeat = Heartbeat {
        interval: Duration::from_millis(50),
        timeout: Duration::from_millis(200),
    };
    let options = PullOptions {
        heartbeat: Some(heartbeat),
        ..PullOptions::default()
    };
    let mut collector = Collector::bind("tcp://127.0.0.1:0", options);
    let mut living = Python::push(&collector.address(), 0, 1, &["--steps"]);
    let mut stopped = Python::push(&collector.address(), 1, 1, &["--steps"]);
    living.tell("go");
    stopped.tell("go");
    collector.until("both", |seen| seen.messages == 2);
    collector.during(Duration::from_millis(500));
    assert_eq!(collector.rejected, Vec::<String>::new());
    stopped.signal(Signal::STOP);
    collector.until("the dead", |seen| !seen.rejected.is_empty());
    assert!(
        collector.rejected[0].starts_with("silent for 0."),
        "{:?}",
        collector.rejected
    );
    living.tell("go");
    collector.until("the living", |seen| seen.next[&0] == 2);
    stopped.signal(Signal::CONT);
}

#[test]
fn odd_shapes_arrive_whole() {
    let check = |options: &[&str], count: usize, shape: (usize, usize)| {
        let mut collector = Collector::tcp();
        let _client = Python::push(&collector.address(), 0, count, options);
        collector.until("all", |seen| seen.messages == count);
        assert_eq!(
            collector.shapes.into_iter().collect::<Vec<_>>(),
            [(shape, count)]
        );
        assert_eq!(collector.pull.held_bytes(), 0);
    };
    check(&["--parts", "1000"], 100, (1000, 999 * 3 + 300));
    check(&["--parts", "1"], 100, (1, 300));
    check(&["--parts", "5", "--empty"], 1_000, (5, 300));
    check(&["--size", "255"], 1_000, (2, 258));
    check(&["--size", "256"], 1_000, (2, 259));
    check(&["--size", "20000"], 2_000, (2, 20_003));
    check(&["--size", "300000"], 100, (2, 300_003));
    check(&["--size", "50000000"], 1, (2, 50_000_003));
}

#[test]
fn a_slow_reader_pushes_back_and_stays_small() {
    let mut collector = Collector::tcp();
    collector.one_by_one = true;
    let mut client = Python::push(
        &collector.address(),
        0,
        5_000,
        &["--size", "20000", "--hwm", "10"],
    );
    collector.until("some", |seen| seen.messages == 500);
    // 90 MB are to come: the sockets hold some of them, and the client cannot be done.
    assert!(!client.has_ended());
    collector.until("all", |seen| seen.messages == 5_000);
    assert_eq!(collector.next[&0], 5_000);
    // What is left of one read, since the caller takes one message at a time.
    assert!(collector.max_held <= 768 << 10, "{}", collector.max_held);
}

#[test]
fn two_addresses_feed_one_socket() {
    let dir = tempfile::tempdir().expect("a directory");
    let ipc = Address::Ipc(dir.path().join("pull"));
    let tcp = Address::parse("tcp://*:0").expect("an address");
    let mut collector = Collector::tcp();
    collector.pull =
        distlog::zmtp::Pull::bind(&[tcp, ipc.clone()], PullOptions::default()).expect("free");
    let Some(Address::Tcp { port, .. }) = collector.pull.local_addresses().next().cloned() else {
        panic!("the first address is tcp");
    };
    let tcp = |host: &str| Address::Tcp {
        host: host.to_owned(),
        port,
    };
    let _clients = [
        Python::push(&tcp("127.0.0.1"), 0, 100, &[]),
        Python::push(&tcp("localhost"), 1, 100, &[]),
        Python::push(&ipc, 2, 100, &[]),
    ];
    collector.until("all", |seen| seen.messages == 300);
}

#[test]
fn descriptors_of_the_caller_end_the_wait() {
    let mut collector = Collector::tcp();
    let mut polled = |watch: Watch<'_>| {
        let mut watches = [watch];
        let poll = collector
            .pull
            .poll(&mut watches, Some(Duration::from_millis(50)), &mut |_| {
                ControlFlow::Continue(())
            });
        (poll.expect("poll works"), watches[0].is_ready())
    };
    let (reader, writer) = std::io::pipe().expect("a pipe");
    // Standard output: room in the pipe is no event, the departed reader is one.
    assert_eq!(
        polled(Watch::new(writer.as_fd(), Interest::Gone)),
        (0, false)
    );
    assert_eq!(
        polled(Watch::new(writer.as_fd(), Interest::Writable)),
        (0, true)
    );
    drop(reader);
    assert_eq!(
        polled(Watch::new(writer.as_fd(), Interest::Gone)),
        (0, true)
    );
    // A signal pipe.
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    assert_eq!(
        polled(Watch::new(reader.as_fd(), Interest::Readable)),
        (0, false)
    );
    writer.write_all(b"!").expect("room");
    assert_eq!(
        polled(Watch::new(reader.as_fd(), Interest::Readable)),
        (0, true)
    );
}

#[test]
fn an_orderly_end_takes_what_was_sent() {
    let mut collector = Collector::tcp();
    let address = collector.address();
    let mut client = Python::push(&address, 0, 1_000, &["--steps"]);
    client.tell("go");
    assert_eq!(client.line(), "sent");
    collector.until("a connection", |seen| seen.connected == 1);
    collector.pull.stop_listening();
    collector.until("all", |seen| seen.messages == 1_000);
    let host = address.to_string().replace("tcp://", "");
    assert!(std::net::TcpStream::connect(host).is_err());
}

/// The child of `descriptors_run_out`: has few descriptors, and must neither die nor spin.
#[test]
#[ignore = "run by descriptors_run_out in a process of its own"]
fn child_with_few_descriptors() {
    let mut collector = Collector::tcp();
    let open = std::fs::read_dir("/proc/self/fd").expect("proc").count() as u64;
    let limit = Rlimit {
        current: Some(open + 10),
        maximum: getrlimit(Resource::Nofile).maximum,
    };
    setrlimit(Resource::Nofile, limit).expect("a lower limit");
    let mut out = std::io::stdout();
    writeln!(out, "\naddress {}", collector.address()).expect("stdout");
    collector.until("crowded", |seen| seen.crowded > 0);
    let before = collector.turns;
    collector.during(Duration::from_millis(500));
    // Each turn waits 20 ms, and a retry every 100 ms comes on top. Spinning makes thousands.
    assert!(
        collector.turns - before < 100,
        "{} turns",
        collector.turns - before
    );
    writeln!(out, "crowded").expect("stdout");
    collector.until("all", |seen| seen.messages == 60);
    assert!(collector.rejected.is_empty(), "{:?}", collector.rejected);
    writeln!(out, "done").expect("stdout");
}

#[test]
fn descriptors_run_out() {
    let mut child = Command::new(env::current_exe().expect("this test"))
        .args([
            "--exact",
            "zmtp::pull::child_with_few_descriptors",
            "--ignored",
            "--nocapture",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test runs");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut line = |start: &str| {
        let mut lines = lines.by_ref().map(|line| line.expect("text"));
        lines
            .find(|line| line.starts_with(start))
            .unwrap_or_else(|| panic!("the child died before {start}"))
    };
    let address = Address::parse(&line("address ")["address ".len()..]).expect("an address");
    let mut clients: Vec<_> = (0..60).map(|_| raw_push(&address)).collect();
    line("crowded");
    for (sender, mut client) in clients.drain(..).enumerate() {
        client.write_all(&message(sender as u64, 0)).expect("write");
    }
    line("done");
    assert!(child.wait().expect("our child").success());
}
