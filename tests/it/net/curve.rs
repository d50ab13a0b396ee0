//! CURVE between dl-recv, dl-send and pyzmq, which is libzmq's own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::PathBuf,
    process::{ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use rustix::process::Signal;

use super::support::{Collector, memory};
use crate::support::{DEADLINE, Dir, Kill, program, python, root, wait_for, wait_for_end};

/// A folder of key pairs.
struct Keys(Dir);

impl Keys {
    /// `server`, `known` and `stranger`, as pyzmq makes them, and `allow`, a list that has the
    /// second.
    fn new() -> Self {
        let keys = Self(Dir::new());
        let folder = keys.arg("");
        let names = ["server", "known", "stranger"];
        python(
            "tests/py/curve.py",
            &[&["keys", &folder], &names[..]].concat(),
        );
        let known = std::fs::read_to_string(keys.0.path("known.key")).expect("a certificate");
        let line = known.lines().find(|line| line.contains("public-key"));
        let key = line.and_then(|line| line.split('"').nth(1)).expect("a key");
        keys.0
            .file("allow", format!("# of the shop\n{key} app 7\n"));
        keys
    }

    fn arg(&self, name: &str) -> String {
        self.0.path(name).display().to_string()
    }

    /// A collector that lets `known` in.
    fn collector(&self, args: &[&str]) -> Collector {
        let (key, allow) = (self.arg("server.key_secret"), self.arg("allow"));
        let own = ["--curve-key", &key, "--curve-allow", &allow];
        Collector::start(&[args, &own].concat())
    }

    /// A client in Python.
    fn push(&self, address: &str, server: &str, client: &str, more: &[&str]) -> Peer {
        let (server, client) = (self.arg(server), self.arg(client));
        Peer::start(&[&["push", address, &server, &client], more].concat())
    }
}

/// A peer in Python.
struct Peer {
    child: Kill,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Peer {
    fn start(args: &[&str]) -> Self {
        let named = std::env::var_os("DISTLOG_PYTHON").map(PathBuf::from);
        let python = named.unwrap_or_else(|| root().join(".venv/bin/python"));
        let mut child = Command::new(python)
            .arg("-B")
            .arg(root().join("tests/py/curve.py"))
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python runs: scripts/test makes one");
        let input = child.stdin.take();
        let stdout = child.stdout.take().expect("it is piped");
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // A test that has ended wants no more.
                let _ = sender.send(line);
            }
        });
        Self {
            child: Kill(child),
            input,
            lines,
        }
    }

    /// The next line; an empty one if the peer has ended.
    #[track_caller]
    fn line(&mut self) -> String {
        match self.lines.recv_timeout(DEADLINE) {
            Ok(line) => line,
            Err(RecvTimeoutError::Disconnected) => String::new(),
            Err(RecvTimeoutError::Timeout) => panic!("no word of a peer"),
        }
    }

    fn tell(&mut self, words: &str) {
        let input = self.input.as_mut().expect("stdin is open");
        writeln!(input, "{words}").expect("it reads");
    }

    fn end(mut self) {
        self.input = None;
        assert_eq!(wait_for_end(&mut self.child), 0);
    }
}

/// The next records have these numbers and come from `client`.
#[track_caller]
fn numbers(collector: &Collector, numbers: std::ops::Range<u64>, client: &str) {
    for number in numbers {
        let record = collector.record();
        assert_eq!(record["number"], number, "{}", collector.words());
        assert_eq!(record["dl"]["recv"]["client"], *client, "{number}");
    }
}

#[track_caller]
fn warned(collector: &Collector, expect: &str) {
    wait_for(&format!("a warning: {expect}"), || {
        collector.words().contains(expect)
    });
}

#[test]
fn a_client_that_is_known_comes_in_with_messages_of_all_kinds() {
    let keys = Keys::new();
    let collector = keys.collector(&["tcp://127.0.0.1:0", "--stats"]);
    let address = collector.endpoints[0].clone();
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
    let keys = Keys::new();
    let collector = keys.collector(&["tcp://127.0.0.1:0", "--stats"]);
    let address = collector.endpoints[0].clone();
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
    let mut plain = keys.push(&address, "server", "known", &["1", "--plain"]);
    // libzmq leaves before it has sent all of its greeting.
    wait_for("a warning", || {
        let words = collector.words();
        words.contains("a peer does that has no CURVE") || words.contains("and ours is CURVE")
    });
    plain.child.0.kill().expect("it runs");
    assert_ne!(plain.line(), "sent");
    // The others go on.
    assert_eq!(
        keys.push(&address, "server", "known", &["3"]).line(),
        "sent"
    );
    numbers(&collector, 0..3, "app 7");
    assert_eq!(collector.end().ledger(), [3, 3, 0, 0]);
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
    let keys = Keys::new();
    let collector = keys.collector(&["tcp://127.0.0.1:0", "--stats"]);
    let address = collector.endpoints[0].clone();
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

fn lines(count: usize, size: usize) -> String {
    let pad = "x".repeat(size);
    let mut lines = String::new();
    for number in 0..count {
        use std::fmt::Write;
        writeln!(lines, "{{\"number\":{number},\"pad\":\"{pad}\"}}").expect("a string");
    }
    lines
}

#[test]
fn dl_send_and_dl_recv_know_each_other() {
    let keys = Keys::new();
    let collector = keys.collector(&["tcp://127.0.0.1:0", "--stats"]);
    let address = collector.endpoints[0].clone();
    let (words, status) = send(&keys, &address, "server", Some("known"), lines(20_000, 200));
    assert_eq!((words.as_str(), status), ("", 0));
    numbers(&collector, 0..20_000, "app 7");
    let (words, status) = send(
        &keys,
        &address,
        "server",
        Some("known"),
        lines(2, 3_000_000),
    );
    assert_eq!((words.as_str(), status), ("", 0));
    for _ in 0..2 {
        assert!(collector.line().len() > 3_000_000);
    }
    assert_eq!(collector.end().ledger(), [20_002, 20_002, 0, 0]);
}

#[test]
fn dl_send_says_why_it_is_not_let_in_and_delivers_nothing() {
    let keys = Keys::new();
    let collector = keys.collector(&["tcp://127.0.0.1:0", "--stats"]);
    let address = collector.endpoints[0].clone();
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
    let text = lines(5000, 300) + &lines(3, 2_000_000);
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
