//! `dl-recv --control` and `dl-ctl` against processes that the tests play: what is told to whom, what is
//! noticed of the answers, and what nobody can do to it. Real Python processes are in `python/tests/test_control.py`.

mod process;

use std::{
    io::Write,
    os::unix::{fs::PermissionsExt, net::UnixStream},
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::Value;

use self::process::Process;
use crate::support::{Dir, Ran, Running, program, wait_for};

/// A dl-recv with `--control` in a folder of its own.
pub(crate) struct Plane {
    pub(crate) dir: Dir,
    recv: Running,
}

impl Plane {
    fn new() -> Self {
        let dir = Dir::new();
        let recv = start(&dir);
        Self { dir, recv }
    }

    fn place(&self) -> String {
        place(&self.dir)
    }

    fn ctl(&self, args: &[&str]) -> Ran {
        program("dl-ctl")
            .args(args)
            .args(&["--control", &self.place()])
            .run()
    }

    /// The rules as dl-ctl tells them.
    fn json(&self, args: &[&str]) -> (Vec<Value>, i32) {
        let ran = self.ctl(&[args, &["--json"]].concat());
        let lines = ran.stdout.split(|byte| *byte == b'\n');
        let rules = lines.filter(|line| !line.is_empty());
        let rules = rules.map(|line| serde_json::from_slice(line).expect("JSON"));
        (rules.collect(), ran.status)
    }

    fn wait_for_processes(&self, count: usize) {
        wait_for("processes to be known", || {
            let said = self.ctl(&["list"]).stderr;
            said.contains(&format!("no rules; {count} process"))
        });
    }

    fn end(self) -> Ran {
        self.recv.signal(Signal::TERM);
        self.recv.end()
    }
}

fn place(dir: &Dir) -> String {
    format!("ipc://{}", dir.path("ctl").display())
}

fn start(dir: &Dir) -> Running {
    let recv = program("dl-recv")
        .arg(format!("ndjson+unix://{}", dir.path("in").display()))
        .args(&["--no-stamp", "--control", &place(dir)])
        .start();
    wait_for("dl-recv to listen", || {
        ["ctl", "ctl.levels", "in"]
            .iter()
            .all(|name| UnixStream::connect(dir.path(name)).is_ok())
    });
    recv
}

#[test]
fn processes_are_told_and_their_answers_are_noticed() {
    let plane = Plane::new();
    let mut api = Process::connect(&plane.dir, "a", "api-1", "web");
    let mut db = Process::connect(&plane.dir, "b", "db-1", "web");
    assert_eq!(api.rules(), [""; 0]);
    assert_eq!(db.rules(), [""; 0]);
    plane.wait_for_processes(2);
    let (set, status) = plane.json(&[
        "set", "orders.*", "debug", "--ttl", "10m", "--host", "api-*", "--wait", "0s",
    ]);
    assert_eq!(status, 3);
    let id = set[0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(set[0]["rule"]["level"], "DEBUG");
    assert_eq!(api.next_rules(), [id.as_str()]);
    api.answer(&plane.dir, &id, "applied");
    // A record that only speaks of it is none, and neither is the word of a stranger.
    process::send(&plane.dir, r#"{"message":"distlog.control is fun"}"#);
    db.answer(&plane.dir, &id, "refused");
    let mut seen = 0;
    while seen < 3 {
        seen += usize::from(plane.recv.line().contains("distlog.control"));
    }
    let (list, _) = plane.json(&["list"]);
    let parties = list[0]["processes"].as_array().expect("processes");
    assert_eq!(parties.len(), 1);
    assert_eq!(parties[0]["answer"]["event"], "applied");
    // One that comes later.
    let mut late = Process::connect(&plane.dir, "c", "api-2", "web");
    assert_eq!(late.rules(), [id.as_str()]);
    drop(api);
    wait_for("the end of a process to be noticed", || {
        plane.json(&["list"]).0[0]["processes"][0]["connected"] == false
    });
    let ran = plane.ctl(&["clear", &id, "--wait", "0s"]);
    assert_eq!(ran.status, 3);
    assert_eq!(ran.stderr, "dl-ctl: 1 of 1 process was silent\n");
    assert_eq!(late.next_rules(), [""; 0]);
    assert_eq!(plane.end().status, 0);
}

#[test]
fn answers_are_noticed_in_the_middle_of_other_records() {
    let plane = Plane::new();
    let _api = Process::connect(&plane.dir, "a", "api-1", "web");
    plane.wait_for_processes(1);
    let (set, _) = plane.json(&["set", "*", "INFO", "--ttl", "1m", "--wait", "0s"]);
    let id = set[0]["id"].as_str().expect("an id").to_owned();
    let noise = format!("{{\"message\":\"{}\"}}\n", "x".repeat(300)).repeat(5_000);
    let answer = Process::answer_line("a", &id, "applied");
    process::send(&plane.dir, &format!("{noise}{answer}\n{noise}"));
    for _ in 0..10_001 {
        plane.recv.line();
    }
    let (list, _) = plane.json(&["list"]);
    assert_eq!(list[0]["processes"][0]["answer"]["event"], "applied");
}

#[test]
fn a_rule_ends_when_its_time_is_over() {
    let plane = Plane::new();
    let mut api = Process::connect(&plane.dir, "a", "api-1", "web");
    plane.wait_for_processes(1);
    let began = Instant::now();
    let (set, _) = plane.json(&["set", "*", "INFO", "--ttl", "1s", "--wait", "0s"]);
    assert_eq!(api.next_rules().len(), 1);
    assert_eq!(api.next_rules(), [""; 0]);
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!(plane.json(&["list"]).0, [""; 0]);
    assert_eq!(
        plane
            .ctl(&["clear", set[0]["id"].as_str().expect("an id")])
            .status,
        2
    );
}

#[test]
fn only_the_same_user_comes_and_the_path_is_given_back() {
    let plane = Plane::new();
    for name in ["ctl", "ctl.levels"] {
        let found = plane.dir.path(name).metadata().expect("a socket");
        assert_eq!(found.permissions().mode() & 0o777, 0o600, "{name}");
    }
    // A path that somebody lives at is never taken.
    let second = program("dl-recv")
        .args(&["-", "--control", &plane.place()])
        .run();
    assert_eq!(second.status, 2);
    assert!(
        second.stderr.contains("address already in use"),
        "{}",
        second.stderr
    );
    assert_eq!(plane.ctl(&["list"]).status, 0);
    // One that a killed process left is.
    let Plane { dir, recv } = plane;
    recv.signal(Signal::KILL);
    recv.end();
    assert!(dir.path("ctl").exists());
    let recv = start(&dir);
    let plane = Plane { dir, recv };
    assert_eq!(plane.ctl(&["list"]).status, 0);
    let Plane { dir, recv } = plane;
    recv.signal(Signal::TERM);
    assert_eq!(recv.end().status, 0);
    assert!(!dir.path("ctl").exists() && !dir.path("ctl.levels").exists());
}

#[test]
fn what_peers_do_wrong_harms_nobody() {
    let plane = Plane::new();
    for first in [
        &b""[..],
        b"\n",
        b"{}\n",
        b"{\"id\":1}\n",
        b"\xff\xff\xff\xff\n",
        &b"x".repeat(100_000),
        &[b"[".repeat(4000).as_slice(), b"\n"].concat(),
    ] {
        let mut peer = UnixStream::connect(plane.dir.path("ctl.levels")).expect("it listens");
        // It may have hung up in the middle.
        let _ = peer.write_all(first);
        drop(peer);
        let mut asker = UnixStream::connect(plane.dir.path("ctl")).expect("it listens");
        let _ = asker.write_all(first);
    }
    // One that says who it is and then never reads does not hold up the others.
    let deaf = Process::connect(&plane.dir, "deaf", "api-1", "web");
    let mut api = Process::connect(&plane.dir, "a", "api-2", "web");
    plane.wait_for_processes(2);
    let long = "x".repeat(200);
    for _ in 0..60 {
        let args = [
            "set", "*", "INFO", "--ttl", "1m", "--wait", "0s", "--why", &long,
        ];
        assert_eq!(plane.ctl(&args).status, 3);
    }
    wait_for("all rules to be told", || api.next_rules().len() == 60);
    assert_eq!(plane.json(&["list"]).0.len(), 60);
    drop(deaf);
    assert_eq!(plane.end().status, 0);
}

#[test]
fn there_are_no_more_than_64_rules() {
    let plane = Plane::new();
    for _ in 0..64 {
        assert_eq!(plane.ctl(&["set", "*", "INFO", "--ttl", "1m"]).status, 0);
    }
    let ran = plane.ctl(&["set", "*", "INFO", "--ttl", "1m"]);
    assert_eq!(ran.status, 2);
    assert_eq!(
        ran.stderr,
        "dl-ctl: 64 rules are in force, and that is the most: dl-ctl clear ends some\n"
    );
    assert_eq!(plane.json(&["clear"]).0.len(), 64);
    assert_eq!(plane.ctl(&["set", "*", "INFO", "--ttl", "1m"]).status, 0);
}

#[test]
fn it_ends_with_the_last_file() {
    let dir = Dir::new();
    let ran = program("dl-recv")
        .args(&["-", "--control", &place(&dir)])
        .stdin("{\"a\":1}\n")
        .run();
    assert_eq!(
        (ran.stdout.as_slice(), ran.status),
        (&b"{\"a\":1}\n"[..], 0)
    );
    assert!(!dir.path("ctl").exists());
}

#[test]
fn questions_that_are_none_are_refused() {
    let plane = Plane::new();
    let ask = |question: &str| process::ask(&plane.place(), question);
    for (question, expect) in [
        ("", "not understood"),
        ("[]", "not understood"),
        (
            r#"{"distlog":1,"command":"exec","code":"1"}"#,
            "not understood",
        ),
        (r#"{"distlog":2,"command":"list"}"#, "version 2"),
        (
            r#"{"distlog":1,"command":"set","rule":{"loggers":"*","level":"DEBUG","ttl":1e300}}"#,
            "lasts 3600 s at most",
        ),
        (
            r#"{"distlog":1,"command":"set","rule":{"loggers":"*","level":"DEBUG"}}"#,
            "not understood",
        ),
        (
            r#"{"distlog":1,"command":"set","rule":{"loggers":"*","level":"DEBUG","ttl":1,"import":"os"}}"#,
            "not understood",
        ),
    ] {
        let reply = ask(question);
        let error = reply["error"].as_str().unwrap_or_default();
        assert!(error.contains(expect), "{question}: {reply}");
    }
    assert_eq!(ask(r#"{"distlog":1,"command":"list"}"#)["processes"], 0);
}

#[test]
fn a_variable_that_is_empty_names_no_place() {
    let asked = |args: &[&str]| {
        let program = program("dl-ctl").args(args).args(&["--wait", "0s"]);
        program.env("DISTLOG_CONTROL", "").run()
    };
    let (unsaid, said) = (
        asked(&["list"]),
        asked(&["list", "--control", "ipc:///run/distlog/control.sock"]),
    );
    assert_eq!(unsaid, said);
}
