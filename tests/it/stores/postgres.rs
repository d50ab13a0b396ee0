//! PostgreSQL: a real server on a port of its own, made for each test.

mod secure;

use std::{
    fs,
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use postgres::{Client, NoTls};

use super::{conditions_agree_with_the_filter, killed_and_started_again, read, records, send};
use crate::{
    cut::Cut,
    support::{Dir, newlines, wait_for},
};

/// Where Debian has the server's programs, or wherever the path says.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql");
    let newest = versions
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .max();
    newest.unwrap_or_default()
}

/// A server, stopped when the test ends.
struct Server {
    folder: Dir,
    port: u16,
    /// Before a command, where we are root: the server refuses to be root's.
    user: Vec<&'static str>,
}

impl Server {
    fn new() -> Self {
        Self::with(|_| {})
    }

    /// One that is changed before it is started.
    fn with(change: impl FnOnce(&Self)) -> Self {
        let folder = Dir::new();
        let root = rustix::process::geteuid().is_root();
        let user = if root {
            let given = Command::new("chown")
                .arg("postgres")
                .arg(folder.path(""))
                .status()
                .expect("chown runs");
            assert!(given.success());
            vec!["runuser", "-u", "postgres", "--"]
        } else {
            Vec::new()
        };
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let server = Self { folder, port, user };
        server.run("initdb", &["-A", "trust", "-U", "ada", "--no-sync"]);
        change(&server);
        server.start();
        server
    }

    fn data(&self) -> PathBuf {
        self.folder.path("data")
    }

    fn run(&self, name: &str, args: &[&str]) {
        let program = programs().join(name);
        let mut words = self.user.clone();
        let program = program.to_str().expect("UTF-8");
        words.push(Box::leak(program.to_owned().into_boxed_str()));
        let log = self.folder.path("words");
        let ran = Command::new(words[0])
            .args(&words[1..])
            .arg("-D")
            .arg(self.data())
            .args(args)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(
                fs::File::options()
                    .create(true)
                    .append(true)
                    .open(&log)
                    .expect("a file"),
            )
            .status()
            .expect("the Debian package postgresql is installed");
        let words = fs::read_to_string(&log).unwrap_or_default();
        assert!(ran.success(), "{name}: {words}");
    }

    fn start(&self) {
        let options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c fsync=off",
            self.port,
            self.folder.path("").display()
        );
        let log = self.folder.path("log");
        let log = log.to_str().expect("UTF-8");
        self.run(
            "pg_ctl",
            &["-o", &options, "-l", log, "-w", "-t", "60", "start"],
        );
    }

    fn stop(&self) {
        self.run("pg_ctl", &["-m", "immediate", "-w", "-t", "60", "stop"]);
    }

    fn url(&self) -> String {
        format!("postgres://ada@127.0.0.1:{}/postgres", self.port)
    }

    fn client(&self) -> Client {
        client_at(&self.url())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if Path::new(&self.data()).join("postmaster.pid").exists() {
            self.stop();
        }
    }
}

fn client_at(url: &str) -> Client {
    Client::connect(url, NoTls).expect("a connection")
}

#[test]
fn what_is_put_in_comes_back_and_is_found() {
    let server = Server::new();
    super::there_and_back(&server.url());
    conditions_agree_with_the_filter(&(server.url() + "?table=found&partition=month"));
    super::kept_by_purpose(&(server.url() + "?table=kept"));
    super::stamped_again(&(server.url() + "?table=stamped"));
    // Each day has a partition, and what has no time the one for all others.
    let mut client = server.client();
    let count = |client: &mut Client, table: &str| -> i64 {
        let count = client.query_one(&format!("SELECT count(*) FROM {table}"), &[]);
        count.expect("a number").get(0)
    };
    let days = ["20", "21", "22"].map(|day| count(&mut client, &format!("records_202611{day}")));
    assert_eq!(days.iter().sum::<i64>(), 3_000);
    assert_eq!(count(&mut client, "records_default"), 1);
}

#[test]
fn nothing_is_lost_and_nothing_is_there_twice_when_the_network_is_cut() {
    let server = Server::new();
    let cut = Cut::new(([127, 0, 0, 1], server.port).into(), 5, 150_000);
    let port = cut.address.port();
    let url = format!("postgres://ada@127.0.0.1:{port}/postgres");
    let text = records(5_000);
    let ran = send(&url).args(&["--batch", "200"]).stdin(&text).run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("trying again\n"), "{}", ran.stderr);
    assert!(cut.is_done());
    assert!(read(&server.url(), &[]) == text);
}

#[test]
fn what_jsonb_cannot_hold_is_kept_as_text_and_what_nothing_can_is_rejected() {
    let server = Server::new();
    let dir = Dir::new();
    let odd = "{\"a\":NaN}\n{\"a\":\"\\u0000\"}\n{\"a\":\"\\ud800\"}\n{\"n\":1,\"n\":2.50}\n";
    let mut lines = odd.as_bytes().to_vec();
    lines.extend_from_slice(b"{\"a\":\"\xff\"}\n{\"last\":1}\n");
    let ran = send(&server.url())
        .args(&["--stats", "--rejects"])
        .arg(dir.path("rejects"))
        .stdin(&lines)
        .run();
    assert_eq!(ran.status, 0);
    let sum = "6 read, 5 written, 0 filtered, 1 rejected";
    assert!(ran.stderr.contains(sum), "{}", ran.stderr);
    assert!(ran.stderr.contains("UTF8"), "{}", ran.stderr);
    let rejects = fs::read(dir.path("rejects")).expect("a file");
    assert_eq!(rejects, b"{\"a\":\"\xff\"}\n");
    assert_eq!(read(&server.url(), &[]), format!("{odd}{{\"last\":1}}\n"));
    let row = server
        .client()
        .query_one(
            "SELECT count(*), count(record), max(record->>'n') FROM records",
            &[],
        )
        .expect("a row");
    let found: (i64, i64, String) = (row.get(0), row.get(1), row.get(2));
    assert_eq!(found, (5, 2, "2.50".to_owned()));
}

#[test]
fn a_server_that_goes_and_comes_back_gets_everything() {
    let server = Server::new();
    let text = records(6_000);
    let mut sender = send(&server.url()).args(&["--batch", "100"]).start();
    let (first, second) = text.split_at(text.len() / 2);
    sender.write(first);
    wait_for("some records", || {
        let ran = crate::support::program("dl-recv").arg(server.url()).run();
        newlines(&ran.stdout) > 500
    });
    server.stop();
    // What the pipe does not take waits until the server is there again.
    let mut stdin = sender.stdin.take().expect("a pipe");
    let second = second.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(second.as_bytes()));
    server.start();
    writer.join().expect("a thread").expect("a reader");
    let ran = sender.end();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("there again"), "{}", ran.stderr);
    let mut there: Vec<_> = read(&server.url(), &[])
        .lines()
        .map(str::to_owned)
        .collect();
    let mut expect: Vec<_> = text.lines().map(str::to_owned).collect();
    there.sort_unstable();
    expect.sort_unstable();
    assert!(there == expect);
}

#[test]
fn kill_9_loses_nothing_and_doubles_nothing() {
    let server = Server::new();
    let dir = Dir::new();
    killed_and_started_again(&server.url(), &dir.path("spool"));
}

#[test]
fn what_cannot_be_is_told_at_once() {
    let server = Server::new();
    for (place, reason) in [
        ("/nowhere", "database \"nowhere\" does not exist"),
        ("/postgres?sslmode=require", "does not support TLS"),
        (
            "/postgres?sslmode=verify",
            "sslmode=verify: known are disable, prefer, require, verify-ca, verify-full",
        ),
    ] {
        let place = format!("postgres://ada@127.0.0.1:{}{place}", server.port);
        let ran = send(&place).args(&["--linger", "1s"]).stdin("{}\n").run();
        assert_eq!(ran.status, 2);
        assert!(ran.stderr.contains(reason), "{}", ran.stderr);
    }
}
