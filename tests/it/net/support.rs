//! A dl-recv that listens, and clients of it.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream, UdpSocket},
    process::{ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::{
    pipes::stats,
    support::{DEADLINE, Kill, program, wait_for, wait_for_end},
};

/// A collector that listens.
pub(super) struct Collector {
    child: Kill,
    /// What it listens at, as it says.
    pub(super) endpoints: Vec<String>,
    lines: Option<Receiver<Vec<u8>>>,
    words: Arc<Mutex<String>>,
    /// Ends when all that it says is in `words`.
    saying: Option<thread::JoinHandle<()>>,
    /// Open, if somebody reads it as standard input.
    _stdin: Option<ChildStdin>,
}

/// How it ended.
pub(super) struct Ended {
    pub(super) rest: Vec<u8>,
    pub(super) words: String,
    pub(super) status: i32,
}

impl Collector {
    /// Starts dl-recv and waits until it listens at all endpoints that are among the arguments.
    pub(super) fn start(args: &[&str]) -> Self {
        let (mut collector, stdout) = Self::stalled(args);
        collector.lines = Some(lines(stdout));
        collector
    }

    /// The same, with its output in the hands of the test.
    pub(super) fn stalled(args: &[&str]) -> (Self, ChildStdout) {
        let wanted = args.iter().filter(|arg| arg.contains("://")).count();
        Self::run(program("dl-recv").args(args).command, wanted)
    }

    /// Starts what a command says, which listens at so many endpoints.
    pub(super) fn of(command: Command, endpoints: usize) -> Self {
        let (mut collector, stdout) = Self::run(command, endpoints);
        collector.lines = Some(lines(stdout));
        collector
    }

    fn run(mut command: Command, wanted: usize) -> (Self, ChildStdout) {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = Kill(command.spawn().expect("dl-recv starts"));
        let stdout = child.0.stdout.take().expect("stdout is piped");
        let words = Arc::new(Mutex::new(String::new()));
        let mut collector = Self {
            _stdin: child.0.stdin.take(),
            endpoints: Vec::new(),
            lines: None,
            words: Arc::clone(&words),
            saying: None,
            child,
        };
        let stderr = collector.child.0.stderr.take().expect("stderr is piped");
        collector.saying = Some(thread::spawn(move || {
            let mut stderr = BufReader::new(stderr);
            let mut line = String::new();
            while stderr.read_line(&mut line).expect("words") > 0 {
                words.lock().expect("a lock").push_str(&line);
                line.clear();
            }
        }));
        wait_for("dl-recv to listen", || {
            let words = collector.words();
            let at = words
                .lines()
                .filter_map(|line| line.strip_prefix("dl-recv: listening on "));
            collector.endpoints = at.map(str::to_owned).collect();
            collector.endpoints.len() == wanted || collector.has_ended()
        });
        assert_eq!(collector.endpoints.len(), wanted, "{}", collector.words());
        (collector, stdout)
    }

    fn has_ended(&mut self) -> bool {
        self.child.0.try_wait().expect("a child").is_some()
    }

    pub(super) fn words(&self) -> String {
        self.words.lock().expect("a lock").clone()
    }

    /// The address of an endpoint.
    pub(super) fn address(&self, endpoint: usize) -> SocketAddr {
        let text = &self.endpoints[endpoint];
        let (_, address) = text.split_once("://").expect("a scheme");
        let address = address.split('/').next().expect("an address");
        address.parse().expect("an address")
    }

    pub(super) fn tcp(&self, endpoint: usize) -> TcpStream {
        TcpStream::connect(self.address(endpoint)).expect("a connection")
    }

    pub(super) fn udp(&self, endpoint: usize) -> UdpSocket {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        socket.connect(self.address(endpoint)).expect("an address");
        socket
    }

    /// The next line of output, without its newline.
    #[track_caller]
    pub(super) fn line(&self) -> String {
        match self.try_line(DEADLINE) {
            Some(line) => line,
            None => panic!("no line; it said\n{}", self.words()),
        }
    }

    /// The same, if one comes in time.
    pub(super) fn try_line(&self, time: Duration) -> Option<String> {
        let lines = self.lines.as_ref().expect("its output is read");
        let line = lines.recv_timeout(time).ok()?;
        let line = String::from_utf8(line).expect("UTF-8");
        Some(line.strip_suffix('\n').expect("a newline").to_owned())
    }

    /// The next record.
    #[track_caller]
    pub(super) fn record(&self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.0.id()
    }

    pub(super) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child.0), signal).expect("it runs");
    }

    /// Asks it to end, and waits for that.
    pub(super) fn end(self) -> Ended {
        self.signal(Signal::TERM);
        self.ended()
    }

    /// Waits for its end.
    pub(super) fn ended(mut self) -> Ended {
        let mut rest = Vec::new();
        if let Some(lines) = self.lines.take() {
            loop {
                match lines.recv_timeout(DEADLINE) {
                    Ok(line) => rest.extend(line),
                    Err(RecvTimeoutError::Disconnected) => break,
                    Err(RecvTimeoutError::Timeout) => panic!("no end: {}", self.words()),
                }
            }
        }
        let status = wait_for_end(&mut self.child);
        let saying = self.saying.take().expect("it is ended once");
        saying.join().expect("all that it said");
        Ended {
            rest,
            words: self.words(),
            status,
        }
    }
}

impl Ended {
    /// Read, written, filtered and rejected, which must add up.
    #[track_caller]
    pub(super) fn ledger(&self) -> [u64; 4] {
        let ledger = stats(&self.words);
        let [read, written, filtered, rejected] = ledger;
        assert_eq!(read, written + filtered + rejected, "{}", self.words);
        ledger
    }
}

/// So many numbered records, with a text of that size in each.
pub(super) fn numbered(count: usize, size: usize) -> String {
    let pad = "x".repeat(size);
    let mut records = String::new();
    for number in 0..count {
        writeln!(records, "{{\"number\":{number},\"pad\":\"{pad}\"}}").expect("a string");
    }
    records
}

fn lines(stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).expect("lines") > 0 {
            if sender.send(std::mem::take(&mut line)).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Sends a request and reads the reply: its status, and its body.
pub(super) fn request(stream: &mut TcpStream, head: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let length = body.len();
    let head = format!("{head}\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
    stream
        .write_all(&[head.as_bytes(), body].concat())
        .expect("it reads");
    reply(stream)
}

/// Reads a reply: its status, and its body.
pub(super) fn reply(stream: &mut TcpStream) -> (u16, Vec<u8>) {
    stream.set_read_timeout(Some(DEADLINE)).expect("a socket");
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("a reply");
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("text");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "));
    let length = length.expect("a length").parse().expect("a number");
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("a body");
    let status = head.split(' ').nth(1).expect("a status");
    (status.parse().expect("a number"), body)
}

/// Memory that a process has, in bytes.
pub(super) fn memory(pid: u32) -> usize {
    let path = format!("/proc/{pid}/status");
    let status = std::fs::read_to_string(path).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib: usize = line
        .and_then(|line| line.split_whitespace().nth(1))
        .and_then(|kib| kib.parse().ok())
        .expect("a size");
    kib << 10
}
