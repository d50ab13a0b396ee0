//! Ctrl-C, which a terminal sends to all programs of a pipeline at the same time.

use std::{
    fs,
    io::Write,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::support::{Dir, wait_for};

/// A shell at a terminal of its own.
struct Terminal(Child);

impl Terminal {
    /// Runs commands, in which `dl-` programs are those of this build.
    fn run(dir: &Dir, commands: &str) -> Self {
        let filter = std::path::Path::new(env!("CARGO_BIN_EXE_dl-filter"));
        let programs = filter.parent().expect("a folder").display();
        let commands = format!("PATH={programs}:$PATH\n{commands}");
        let script = dir.file("commands", commands);
        let child = Command::new("script")
            .args(["-qec", &format!("sh {}", script.display()), "/dev/null"])
            .current_dir(dir.path(""))
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("script runs");
        Self(child)
    }

    fn ctrl_c(&mut self) {
        let keys = self.0.stdin.as_mut().expect("stdin is piped");
        keys.write_all(b"\x03").expect("written");
        keys.flush().expect("written");
    }

    fn end(mut self) {
        self.0.wait().expect("it ends");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

#[test]
fn what_is_on_its_way_between_programs_is_not_lost() {
    let dir = Dir::new();
    dir.file("one", "{\"n\":1}\n");
    dir.file("two", "{\"n\":2}\n");
    // The first takes its time to end, as a receiver does that has much in hand.
    let mut terminal = Terminal::run(
        &dir,
        "trap : INT
         sh -c 'trap \"sleep 0.5; cat two; exit\" INT; cat one; while :; do sleep 0.02; done' |
         dl-recv - --stats 2> recv.txt | dl-filter --stats true 2> filter.txt |
         dl-tree --loose pass --live-window 1s | dl-send - > out",
    );
    let out = dir.path("out");
    let came = || fs::read_to_string(&out).unwrap_or_default();
    wait_for("the first record", || came() == "{\"n\":1}\n");
    terminal.ctrl_c();
    terminal.end();
    assert_eq!(came(), "{\"n\":1}\n{\"n\":2}\n");
    for name in ["recv", "filter"] {
        let told = fs::read_to_string(dir.path(&format!("{name}.txt"))).expect("text");
        let expect = format!("dl-{name}: 2 read, 2 written, 0 filtered, 0 rejected\n");
        assert_eq!(told, expect);
    }
}

#[test]
fn a_second_time_ends_who_waits_for_a_writer_that_goes_on() {
    let dir = Dir::new();
    let mut terminal = Terminal::run(
        &dir,
        "mkfifo pipe; sh -c 'trap \"\" INT; echo {\\\"n\\\":1} > pipe; exec sleep 60 > pipe' &
         trap : INT
         dl-filter true < pipe > out; echo $? > status",
    );
    let wrote = |name: &str, text: &str| {
        fs::read_to_string(dir.path(name)).is_ok_and(|there| there == text)
    };
    wait_for("the first record", || wrote("out", "{\"n\":1}\n"));
    terminal.ctrl_c();
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(500) {
        assert!(!dir.path("status").exists(), "the pipe has not ended");
        std::thread::sleep(Duration::from_millis(20));
    }
    terminal.ctrl_c();
    wait_for("the end", || wrote("status", "130\n"));
}
