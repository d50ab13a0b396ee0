//! dl-send to syslog: a real rsyslogd reads what it sends, and dl-recv gives back what it was.

use std::{
    collections::BTreeSet,
    fs,
    net::{TcpListener, TcpStream, UdpSocket},
    path::Path,
    process::{Command, Stdio},
};

use super::{
    certificates::Certificates,
    send_streams::{records, send},
    support::Collector,
};
use crate::{
    cut::Cut,
    exports::returned::{edges, trees},
    support::{Dir, Kill, root, wait_for},
};

/// A record with all that a header tells.
const FULL: &str = r#"{"time":"2026-11-20T12:54:20.123456789Z","level":"error","host":"web-1","service":"shop","process":42,"message":"card \"x\" declined\nagain","n":12345678901234567890,"list":[1,{"a":null}]}"#;

/// An rsyslogd with ports of its own.
struct Rsyslog {
    _child: Kill,
    dir: Dir,
    tcp: u16,
    udp: u16,
}

impl Rsyslog {
    fn start() -> Self {
        let dir = Dir::new();
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
        let udp = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let port = tcp.local_addr().expect("an address").port();
        let datagrams = udp.local_addr().expect("an address").port();
        drop((tcp, udp));
        let folder = dir.path("").display().to_string();
        let config = format!(
            r#"
global(workDirectory="{folder}" maxMessageSize="64k")
module(load="imtcp")
module(load="imudp")
module(load="mmjsonparse")
input(type="imtcp" port="{port}" address="127.0.0.1")
input(type="imudp" port="{datagrams}" address="127.0.0.1")
template(name="seen" type="string" string="%pri%|%timereported:::date-rfc3339%|%hostname%|%app-name%|%procid%|%msgid%|%$!n%|%$!list%\n")
action(type="mmjsonparse")
action(type="omfile" file="{folder}/seen" template="seen")
"#
        );
        let config = dir.file("rsyslog.conf", config);
        let words = fs::File::create(dir.path("words")).expect("a file");
        // Its folder is often not among those of a user who is not root.
        let program = ["/usr/sbin/rsyslogd", "rsyslogd"];
        let program = program.into_iter().find(|path| Path::new(path).exists());
        let child = Command::new(program.unwrap_or("rsyslogd"))
            .args(["-n", "-i"])
            .arg(dir.path("pid"))
            .arg("-f")
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(words)
            .spawn()
            .expect("the Debian package rsyslog is installed");
        let server = Self {
            _child: Kill(child),
            dir,
            tcp: port,
            udp: datagrams,
        };
        wait_for("rsyslogd to listen", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
                && UdpSocket::bind(("127.0.0.1", datagrams)).is_err()
        });
        server
    }

    /// What it has seen, once it is so many messages.
    fn seen(&self, count: usize) -> Vec<String> {
        let mut lines = Vec::new();
        wait_for("rsyslogd to write", || {
            let text = fs::read_to_string(self.dir.path("seen")).unwrap_or_default();
            lines = text.lines().map(str::to_owned).collect();
            lines.len() >= count
        });
        lines
    }
}

#[test]
fn rsyslog_reads_header_and_json() {
    let server = Rsyslog::start();
    // It counts with 64 bits.
    let full = FULL.replace("12345678901234567890", "1234567890123");
    let text = format!("{full}\n{{\"n\":2,\"logger\":\"db\",\"level\":\"info\"}}\n{{\"n\":3}}\n");
    for (scheme, port, seen) in [("tcp", server.tcp, 3), ("udp", server.udp, 6)] {
        send(&format!("syslog+{scheme}://127.0.0.1:{port}"))
            .args(&["--facility", "local3"])
            .stdin(&text)
            .check(
                "",
                "dl-send: 3 read, 3 written, 0 filtered, 0 rejected\n",
                0,
            );
        let seen = server.seen(seen);
        let mut last = seen[seen.len() - 3..].to_vec();
        // What has no time has that of its arrival.
        for line in &mut last[1..] {
            let (pri, rest) = line.split_once('|').expect("fields");
            let (_, rest) = rest.split_once('|').expect("fields");
            *line = format!("{pri}|{rest}");
        }
        assert_eq!(
            last,
            [
                "155|2026-11-20T12:54:20.123456Z|web-1|shop|42|-|1234567890123|[ 1, { \"a\": null } ]",
                "158|-|db|-|-|2|",
                "157|-|-|-|-|3|",
            ],
            "{scheme}"
        );
    }
}

#[test]
fn nothing_is_lost_on_the_way_to_rsyslog_when_the_network_is_cut() {
    let server = Rsyslog::start();
    let cut = Cut::new(([127, 0, 0, 1], server.tcp).into(), 4, 150_000);
    let ran = send(&format!("syslog+tcp://{}", cut.address))
        .stdin(records(5_000))
        .run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(cut.is_done());
    let mut numbers = BTreeSet::new();
    wait_for("all records", || {
        let seen = server.seen(5_000).into_iter();
        numbers = seen
            .filter_map(|line| line.rsplit('|').nth(1)?.parse().ok())
            .collect::<BTreeSet<u64>>();
        numbers.len() == 5_000
    });
    assert_eq!(numbers, (0..5_000).collect());
}

#[test]
fn dl_recv_gives_back_what_was_sent() {
    let certificates = Certificates::new();
    let endpoints = [
        "syslog+tcp://:0",
        "syslog+udp://:0",
        "syslog+tls://:0",
        "--no-stamp",
    ];
    let collector = certificates.open_collector(&endpoints);
    let ca = certificates.arg("ca.pem");
    for (number, scheme) in ["tcp", "udp", "tls"].into_iter().enumerate() {
        let port = collector.address(number).port();
        let sent = send(&format!("syslog+{scheme}://127.0.0.1:{port}"));
        let sent = if scheme == "tls" {
            sent.args(&["--tls-ca", &ca])
        } else {
            sent
        };
        let written = "dl-send: 1 read, 1 written, 0 filtered, 0 rejected\n";
        sent.stdin(FULL).check("", written, 0);
        let line = collector.line();
        let (record, header) = line.split_once(",\"syslog\":").expect("a header");
        assert_eq!(format!("{record}}}"), FULL, "{scheme}");
        assert!(header.contains("\"facility\":\"user\""), "{header}");
    }
}

#[test]
fn trees_are_the_same_behind_syslog() {
    let shop = fs::read(root().join("tests/data/shop.ndjson")).expect("a sample");
    let collector = Collector::start(&["syslog+tcp://:0"]);
    let sent = send(&format!("syslog+tcp://{}", collector.address(0)));
    assert_eq!(sent.stdin(&shop).run().status, 0);
    let direct = edges(&trees(&shop));
    assert!(direct.len() > 5, "{direct:?}");
    assert_eq!(edges(&trees(&collector.end().rest)), direct);
}

#[test]
fn a_message_that_no_datagram_holds_is_rejected_and_the_others_go() {
    let dir = Dir::new();
    let rejects = dir.path("rejects");
    let collector = Collector::start(&["syslog+udp://:0", "--no-stamp"]);
    let endpoint = format!("syslog+udp://{}", collector.address(0));
    let long = format!("{{\"n\":2,\"text\":\"{}\"}}\n", "x".repeat(70_000));
    let text = format!("{{\"n\":1}}\n{long}{{\"n\":3}}\n");
    let ran = send(&endpoint)
        .arg("--rejects")
        .arg(&rejects)
        .stdin(&text)
        .run();
    assert!(
        ran.stderr.contains("2 written, 0 filtered, 1 rejected")
            && ran.stderr.contains("which no datagram holds"),
        "{}",
        ran.stderr
    );
    assert_eq!(fs::read_to_string(rejects).expect("a file"), long);
    let numbers = [collector.record(), collector.record()].map(|record| record["n"].clone());
    assert_eq!(numbers, [1, 3]);
}

#[test]
fn that_nobody_takes_datagrams_is_noticed_where_the_host_says_so() {
    let free = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("syslog+udp://{}", free.local_addr().expect("an address"));
    drop(free);
    let ran = send(&endpoint)
        .args(&["--linger", "100ms"])
        .stdin("{}\n")
        .run();
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains(&format!("{endpoint}: connection refused; trying again\n"))
            && ran
                .stderr
                .contains(": 1 record not delivered within 100ms\n"),
        "{}",
        ran.stderr
    );
}
