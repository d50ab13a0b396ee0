//! Runs the programs. Whatever comes out is compared whole: stdout, stderr and status.

use std::{
    fmt::Debug,
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Output, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use crate::rng::Rng;

/// Nothing in these tests takes that long unless it hangs.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// A program of this package, by its name.
pub(crate) fn program(name: &str) -> Program {
    let path = match name {
        "dl-ctl" => env!("CARGO_BIN_EXE_dl-ctl"),
        "dl-filter" => env!("CARGO_BIN_EXE_dl-filter"),
        "dl-fmt" => env!("CARGO_BIN_EXE_dl-fmt"),
        "dl-recv" => env!("CARGO_BIN_EXE_dl-recv"),
        "dl-send" => env!("CARGO_BIN_EXE_dl-send"),
        "dl-tree" => env!("CARGO_BIN_EXE_dl-tree"),
        other => panic!("no program is called {other}"),
    };
    let mut command = Command::new(path);
    // What the surroundings of a test may say about colours is not part of it.
    command
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env("TERM", "dumb");
    // Nor are the settings of who runs them.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DISTLOG_") {
            command.env_remove(name);
        }
    }
    command.env("DISTLOG_CONFIG", "");
    Program {
        command,
        input: Vec::new(),
    }
}

/// A program that is about to run.
pub(crate) struct Program {
    pub(crate) command: Command,
    input: Vec<u8>,
}

/// What came of a run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    pub(crate) status: i32,
}

impl Program {
    pub(crate) fn arg(mut self, arg: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn files(mut self, files: &[PathBuf]) -> Self {
        self.command.args(files);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn stdin(mut self, input: impl AsRef<[u8]>) -> Self {
        input.as_ref().clone_into(&mut self.input);
        self
    }

    /// Runs to the end.
    pub(crate) fn run(self) -> Ran {
        let input = self.input.clone();
        self.run_fed(move |mut stdin| {
            // A program may end before it has read everything.
            let _ = stdin.write_all(&input);
        })
    }

    /// Runs to the end while `feed` writes into its stdin.
    pub(crate) fn run_fed(mut self, feed: impl FnOnce(ChildStdin) + Send + 'static) -> Ran {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = Kill(self.command.spawn().expect("the program starts"));
        let stdin = child.0.stdin.take().expect("stdin is piped");
        thread::spawn(move || feed(stdin));
        let stdout = gather(child.0.stdout.take().expect("stdout is piped"));
        let stderr = gather(child.0.stderr.take().expect("stderr is piped"));
        let took_too_long = || panic!("no end: {:?}", self.command);
        let stdout = stdout
            .recv_timeout(DEADLINE)
            .unwrap_or_else(|_| took_too_long());
        let stderr = stderr
            .recv_timeout(DEADLINE)
            .unwrap_or_else(|_| took_too_long());
        Ran {
            stdout,
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
            status: child.0.wait().expect("a status").code().unwrap_or(-1),
        }
    }

    /// Runs to the end and hands over what came of it.
    pub(crate) fn run_and(self, check: impl FnOnce(Ran)) {
        check(self.run());
    }

    /// Runs to the end; it must succeed and say nothing.
    pub(crate) fn output(self) -> Vec<u8> {
        let shown = format!("{:?}", self.command);
        let ran = self.run();
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0), "{shown}");
        ran.stdout
    }

    /// Runs to the end and compares all that came of it.
    #[track_caller]
    pub(crate) fn check(self, stdout: impl AsRef<[u8]>, stderr: &str, status: i32) {
        let shown = format!("{:?}", self.command);
        let ran = self.run();
        let expect = Ran {
            stdout: stdout.as_ref().to_owned(),
            stderr: stderr.to_owned(),
            status,
        };
        assert!(
            ran == expect,
            "{shown}\n--- got, status {}\n{}\n--- stderr\n{}\n--- want, status {status}\n{}\n--- stderr\n{stderr}",
            ran.status,
            shorten(&ran.stdout),
            ran.stderr,
            shorten(&expect.stdout),
        );
    }

    /// Starts it with stdin and stdout in the hands of the test.
    pub(crate) fn start(mut self) -> Running {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let shown = format!("{:?}", self.command);
        let mut child = self.command.spawn().expect("the program starts");
        let stdin = child.stdin.take();
        let lines = lines(child.stdout.take().expect("stdout is piped"));
        let stderr = gather(child.stderr.take().expect("stderr is piped"));
        Running {
            shown,
            child: Kill(child),
            stdin,
            lines,
            stderr,
        }
    }
}

/// A program that runs, killed if the test ends before it does.
pub(crate) struct Running {
    shown: String,
    child: Kill,
    pub(crate) stdin: Option<ChildStdin>,
    lines: Receiver<Vec<u8>>,
    stderr: Receiver<Vec<u8>>,
}

impl Running {
    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        stdin.write_all(bytes.as_ref()).expect("the program reads");
    }

    /// The next line of output, with its newline.
    #[track_caller]
    pub(crate) fn line(&self) -> String {
        match self.lines.recv_timeout(DEADLINE) {
            Ok(line) => String::from_utf8_lossy(&line).into_owned(),
            Err(error) => panic!("no line from {}: {error}", self.shown),
        }
    }

    /// Waits until the program has read all that was written into its stdin.
    pub(crate) fn wait_until_read(&self) {
        let stdin = self.stdin.as_ref().expect("stdin is open");
        wait_for(&format!("{} to read", self.shown), || {
            rustix::io::ioctl_fionread(stdin).expect("a pipe") == 0
        });
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child.0);
        rustix::process::kill_process(pid, signal).expect("it runs");
    }

    /// The rest of the output, what was said, and the status; stdin stays as it is.
    pub(crate) fn end(mut self) -> Ran {
        let mut stdout = Vec::new();
        loop {
            match self.lines.recv_timeout(DEADLINE) {
                Ok(line) => stdout.extend(line),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("no end: {}", self.shown),
            }
        }
        let stderr = self
            .stderr
            .recv_timeout(DEADLINE)
            .expect("stderr is closed");
        Ran {
            stdout,
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
            status: self.child.0.wait().expect("a status").code().unwrap_or(-1),
        }
    }
}

/// Has programs start and kills them with signal 9, ten times, each after up to a quarter of a second.
pub(crate) fn killed_ten_times(start: impl Fn() -> Running) {
    let mut rng = Rng::new(9);
    for _ in 0..10 {
        let program = start();
        let pause = u64::try_from(rng.between(1, 250)).expect("not below 1");
        std::thread::sleep(Duration::from_millis(pause));
        program.signal(rustix::process::Signal::KILL);
        program.end();
    }
}

/// How many lines there are.
pub(crate) fn newlines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}

/// Waits for a condition that nobody announces.
pub(crate) fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !condition() {
        assert!(began.elapsed() < DEADLINE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Waits for the end of a process; its status.
pub(crate) fn wait_for_end(child: &mut Kill) -> i32 {
    let mut status = None;
    wait_for("the end of a process", || {
        status = child.0.try_wait().expect("a child");
        status.is_some()
    });
    status.and_then(|status| status.code()).unwrap_or(-1)
}

/// A process that does not outlive its test.
pub(crate) struct Kill(pub(crate) Child);

impl Drop for Kill {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Everything from `stream`, once it has ended.
pub(crate) fn gather(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("a readable stream");
        let _ = sender.send(bytes);
    });
    receiver
}

/// The lines of `stream` as they come.
fn lines(stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream
            .read_until(b'\n', &mut line)
            .expect("a readable stream")
            > 0
        {
            if sender.send(std::mem::take(&mut line)).is_err() {
                break;
            }
        }
    });
    receiver
}

fn shorten(bytes: &[u8]) -> String {
    const SHOWN: usize = 4_000;
    let mut text = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]).into_owned();
    if bytes.len() > SHOWN {
        text.push_str("… and so on");
    }
    text
}

/// A directory for one test, with files in it.
pub(crate) struct Dir(tempfile::TempDir);

impl Dir {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file and returns its path.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        File::create(&path)
            .and_then(|mut file| file.write_all(bytes.as_ref()))
            .expect("a file");
        path
    }
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The samples: what real producers wrote.
pub(crate) fn samples() -> Vec<PathBuf> {
    let folder = root().join("tests/data/samples");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("samples")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    assert!(paths.len() > 50, "only {} samples", paths.len());
    paths
}

/// Runs a script with the Python that has the real clients.
pub(crate) fn python(script: &str, args: &[&str]) -> Vec<u8> {
    let output = python_output(script, args);
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {words}");
    output.stdout
}

/// The same, whatever comes of it.
pub(crate) fn python_output(script: &str, args: &[&str]) -> Output {
    let named = std::env::var_os("DISTLOG_PYTHON").map(PathBuf::from);
    let python = named.unwrap_or_else(|| root().join(".venv/bin/python"));
    Command::new(&python)
        .arg("-B")
        .arg(root().join(script))
        .args(args)
        .output()
        .unwrap_or_else(|error| {
            panic!(
                "{}: {error}: run scripts/test, which makes one",
                python.display()
            )
        })
}
