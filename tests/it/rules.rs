//! dl-filter --rules with real processes: destinations that die, hang or are full, and rules
//! that change while records flow.

mod files;
mod model;
mod processors;
mod reload;

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{DEADLINE, Dir, Kill, wait_for_end};

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn numbers(range: std::ops::Range<u32>) -> String {
    let lines: Vec<_> = range.map(|n| format!("{{\"n\":{n}}}\n")).collect();
    lines.concat()
}

/// A dl-filter whose words are read as they come.
pub(crate) struct Live {
    child: Kill,
    stdin: Option<std::process::ChildStdin>,
    words: Receiver<String>,
}

impl Live {
    pub(crate) fn start(dir: &Dir, args: &[&str]) -> Self {
        let mut child = Kill(
            Command::new(env!("CARGO_BIN_EXE_dl-filter"))
                .args(args)
                .current_dir(dir.path("."))
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .expect("it starts"),
        );
        let stdin = child.0.stdin.take();
        let stderr = BufReader::new(child.0.stderr.take().expect("stderr is piped"));
        let (sender, words) = channel();
        thread::spawn(move || {
            for line in stderr.lines() {
                if sender.send(line.expect("words")).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            stdin,
            words,
        }
    }

    pub(crate) fn write(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        stdin.write_all(text.as_bytes()).expect("it reads");
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child.0), signal).expect("it runs");
    }

    /// Waits for a line on stderr; others before it are passed over.
    #[track_caller]
    pub(crate) fn hear(&self, words: &str) {
        loop {
            match self.words.recv_timeout(DEADLINE) {
                Ok(line) if line.contains(words) => return,
                Ok(_) => {}
                Err(error) => panic!("'{words}' was not said: {error}"),
            }
        }
    }

    /// Ends the input.
    pub(crate) fn close(&mut self) {
        self.stdin = None;
    }

    /// Closes stdin and waits for the end.
    pub(crate) fn end(mut self) -> i32 {
        self.stdin = None;
        wait_for_end(&mut self.child)
    }
}
