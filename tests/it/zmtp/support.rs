//! Clients, receivers and a checking collector. Every wait has a condition and a deadline.

use std::{
    collections::BTreeMap,
    env,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    ops::ControlFlow,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use distlog::zmtp::{Address, Event, Message, Pull, PullOptions};

/// Nothing in these tests takes that long unless it hangs.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// A Python process of tests/py, killed when dropped.
pub(crate) struct Python {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Python {
    pub(crate) fn start(script: &str, args: &[&str]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python =
            env::var_os("DISTLOG_PYTHON").map_or_else(|| root.join(".venv/bin/python"), Into::into);
        let mut child = Command::new(&python)
            .arg(root.join("tests/py").join(script))
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "{}: {error}: run scripts/test, which makes a Python with pyzmq",
                    python.display()
                )
            });
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Self {
            child,
            input,
            output,
        }
    }

    pub(crate) fn push(address: &Address, sender: usize, count: usize, options: &[&str]) -> Self {
        let (address, sender, count) = (address.to_string(), sender.to_string(), count.to_string());
        let args = [&[address.as_str(), &sender, &count], options].concat();
        Self::start("zmtp_push.py", &args)
    }

    /// Starts a receiver and returns it with its address.
    pub(crate) fn pull(address: &str, options: &[&str]) -> (Self, Address) {
        let mut python = Self::start("zmtp_pull.py", &[&[address], options].concat());
        let bound = python.line();
        (python, Address::parse(&bound).expect("an address"))
    }

    pub(crate) fn tell(&mut self, line: &str) {
        let input = self.input.as_mut().expect("stdin is open");
        writeln!(input, "{line}").expect("Python reads its stdin");
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output
            .read_line(&mut line)
            .expect("Python writes text");
        line.trim_end().to_owned()
    }

    /// Sends a signal, by number: 9, 19 (stop).
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).expect("the process is ours");
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("our child").is_some()
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads "SENDER NUMBER " at the start of a body.
pub(crate) fn numbered(body: &[u8]) -> (u64, u64) {
    let mut words = body.splitn(3, |byte| *byte == b' ');
    let mut number = || std::str::from_utf8(words.next()?).ok()?.parse().ok();
    let (Some(sender), Some(count)) = (number(), number()) else {
        panic!(
            "not a test message: {}",
            body[..body.len().min(40)].escape_ascii()
        );
    };
    (sender, count)
}

/// A PULL socket and what it has seen. Checks the order of every sender's messages.
pub(crate) struct Collector {
    pub(crate) pull: Pull,
    /// The next number of each sender.
    pub(crate) next: BTreeMap<u64, u64>,
    pub(crate) shapes: BTreeMap<(usize, usize), usize>,
    pub(crate) messages: usize,
    pub(crate) unfinished: Vec<usize>,
    pub(crate) rejected: Vec<String>,
    pub(crate) connected: usize,
    pub(crate) disconnected: usize,
    pub(crate) crowded: usize,
    pub(crate) max_held: usize,
    pub(crate) turns: usize,
    /// Take only one message in a turn.
    pub(crate) one_by_one: bool,
}

impl Collector {
    pub(crate) fn bind(address: &str, options: PullOptions) -> Self {
        let address = Address::parse(address).expect("an address");
        let pull = Pull::bind(&[address], options).expect("the address is free");
        Self {
            pull,
            next: BTreeMap::new(),
            shapes: BTreeMap::new(),
            messages: 0,
            unfinished: Vec::new(),
            rejected: Vec::new(),
            connected: 0,
            disconnected: 0,
            crowded: 0,
            max_held: 0,
            turns: 0,
            one_by_one: false,
        }
    }

    pub(crate) fn tcp() -> Self {
        Self::bind("tcp://127.0.0.1:0", PullOptions::default())
    }

    pub(crate) fn address(&self) -> Address {
        self.pull
            .local_addresses()
            .next()
            .expect("one address")
            .clone()
    }

    /// Polls until `done`, or panics at the deadline.
    pub(crate) fn until(&mut self, what: &str, mut done: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + DEADLINE;
        while !done(self) {
            assert!(
                Instant::now() < end,
                "deadline: {what}: {:?} {:?}",
                self.pull.stats(),
                self.rejected
            );
            self.turn(Duration::from_millis(20));
        }
    }

    /// Polls for a time in which something must *not* happen.
    pub(crate) fn during(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.turn(Duration::from_millis(20));
        }
    }

    pub(crate) fn turn(&mut self, timeout: Duration) {
        let Self {
            pull, next, shapes, ..
        } = self;
        let (messages, unfinished, rejected) =
            (&mut self.messages, &mut self.unfinished, &mut self.rejected);
        let (connected, disconnected, crowded) = (
            &mut self.connected,
            &mut self.disconnected,
            &mut self.crowded,
        );
        let one_by_one = self.one_by_one;
        pull.poll(&mut [], Some(timeout), &mut |event| {
            match event {
                Event::Message { message, .. } => {
                    *messages += 1;
                    check_order(next, message);
                    let bytes = message.frames().map(<[u8]>::len).sum();
                    *shapes.entry((message.parts(), bytes)).or_default() += 1;
                    if one_by_one {
                        return ControlFlow::Break(());
                    }
                }
                Event::Connected { .. } => *connected += 1,
                Event::Disconnected {
                    unfinished: bytes, ..
                } => {
                    *disconnected += 1;
                    if bytes > 0 {
                        unfinished.push(bytes);
                    }
                }
                Event::Rejected { reason, .. } => rejected.push(reason.to_string()),
                Event::Crowded { .. } => *crowded += 1,
                _ => {}
            }
            ControlFlow::Continue(())
        })
        .expect("poll works");
        self.turns += 1;
        self.max_held = self.max_held.max(self.pull.held_bytes());
    }
}

fn check_order(next: &mut BTreeMap<u64, u64>, message: Message<'_>) {
    let (sender, number) = numbered(message.frames().last().expect("a frame"));
    let expected = next.entry(sender).or_default();
    assert_eq!(number, *expected, "sender {sender}");
    *expected += 1;
}

/// The greeting of ZMTP 3.`minor`, NULL.
pub(crate) fn greeting(minor: u8) -> Vec<u8> {
    let mut bytes = b"\xff\0\0\0\0\0\0\0\0\x7f\x03".to_vec();
    bytes.push(minor);
    bytes.extend_from_slice(b"NULL");
    bytes.resize(64, 0);
    bytes
}

/// READY with a socket type.
pub(crate) fn ready(socket_type: &str) -> Vec<u8> {
    let len = u8::try_from(socket_type.len()).expect("short");
    let mut body = b"\x05READY\x0bSocket-Type\0\0\0".to_vec();
    body.push(len);
    body.extend_from_slice(socket_type.as_bytes());
    command(&body)
}

pub(crate) fn command(body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![4, u8::try_from(body.len()).expect("short")];
    bytes.extend_from_slice(body);
    bytes
}

/// A message of one short frame, "SENDER NUMBER ".
pub(crate) fn message(sender: u64, number: u64) -> Vec<u8> {
    let body = format!("{sender} {number} ");
    let mut bytes = vec![0, u8::try_from(body.len()).expect("short")];
    bytes.extend_from_slice(body.as_bytes());
    bytes
}

/// A peer by hand. Nothing is sent but what the test says.
pub(crate) fn raw(address: &Address) -> TcpStream {
    let text = address.to_string();
    let stream =
        TcpStream::connect(text.strip_prefix("tcp://").expect("tcp")).expect("somebody listens");
    stream.set_read_timeout(Some(DEADLINE)).expect("a timeout");
    stream
}

/// A peer by hand that has sent a PUSH handshake.
pub(crate) fn raw_push(address: &Address) -> TcpStream {
    let mut stream = raw(address);
    stream
        .write_all(&[greeting(1), ready("PUSH")].concat())
        .expect("write");
    stream
}

/// Everything until the end of the stream; a reset counts as the end.
pub(crate) fn read_all(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return bytes,
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return bytes,
            Err(error) => panic!("{error}"),
        }
    }
}
