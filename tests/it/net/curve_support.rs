//! Keys, peers in Python that have them, and what is asked of a collector.

use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
};

use super::support::Collector;
use crate::support::{DEADLINE, Dir, Kill, python, root, wait_for, wait_for_end};

/// A folder of key pairs.
pub(super) struct Keys(pub(super) Dir);

impl Keys {
    /// `server`, `known` and `stranger`, as pyzmq makes them, and `allow`, a list that has the
    /// second.
    pub(super) fn new() -> Self {
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

    pub(super) fn arg(&self, name: &str) -> String {
        self.0.path(name).display().to_string()
    }

    /// A collector that lets `known` in.
    pub(super) fn collector(&self, args: &[&str]) -> Collector {
        let (key, allow) = (self.arg("server.key_secret"), self.arg("allow"));
        let own = ["--curve-key", &key, "--curve-allow", &allow];
        Collector::start(&[args, &own].concat())
    }

    /// Keys, a collector of messages over TCP that keeps a ledger, and its address.
    pub(super) fn with_collector() -> (Self, Collector, String) {
        let keys = Self::new();
        let collector = keys.collector(&["tcp://127.0.0.1:0", "--stats"]);
        let address = collector.endpoints[0].clone();
        (keys, collector, address)
    }

    /// A client in Python.
    pub(super) fn push(&self, address: &str, server: &str, client: &str, more: &[&str]) -> Peer {
        let (server, client) = (self.arg(server), self.arg(client));
        Peer::start(&[&["push", address, &server, &client], more].concat())
    }
}

/// A peer in Python.
pub(super) struct Peer {
    pub(super) child: Kill,
    pub(super) input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Peer {
    pub(super) fn start(args: &[&str]) -> Self {
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
    pub(super) fn line(&mut self) -> String {
        match self.lines.recv_timeout(DEADLINE) {
            Ok(line) => line,
            Err(RecvTimeoutError::Disconnected) => String::new(),
            Err(RecvTimeoutError::Timeout) => panic!("no word of a peer"),
        }
    }

    pub(super) fn tell(&mut self, words: &str) {
        let input = self.input.as_mut().expect("stdin is open");
        writeln!(input, "{words}").expect("it reads");
    }

    pub(super) fn end(mut self) {
        self.input = None;
        assert_eq!(wait_for_end(&mut self.child), 0);
    }
}

/// The next records have these numbers and come from `client`.
#[track_caller]
pub(super) fn numbers(collector: &Collector, numbers: std::ops::Range<u64>, client: &str) {
    for number in numbers {
        let record = collector.record();
        assert_eq!(record["number"], number, "{}", collector.words());
        assert_eq!(record["dl"]["recv"]["client"], *client, "{number}");
    }
}

#[track_caller]
pub(super) fn warned(collector: &Collector, expect: &str) {
    wait_for(&format!("a warning: {expect}"), || {
        collector.words().contains(expect)
    });
}
