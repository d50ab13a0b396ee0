//! Random sequences of what happens to a log: writing, rotation in three ways, and the follower
//! ended, killed and started again; of lines that are records, and of parts that are joined to them.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::MetadataExt,
    path::PathBuf,
};

use proptest::prelude::*;
use rustix::process::Signal;

use crate::{
    support::{Dir, Running, program, wait_for},
    tries::tries,
};

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Writes so many lines, the last of them in two pieces.
    Write(u8),
    /// Renames the file; so many lines are still written to it before the next one is there.
    Rename(u8),
    /// Copies the file and empties it.
    CopyTruncate,
    /// Deletes the file once it has been read.
    Delete,
    /// Waits until all has come out.
    Catch,
    /// Ends the follower and starts it again, with so many steps of writing between.
    Restart,
    /// The same with kill -9.
    Crash,
    /// Ends the follower; the next step but one starts it again.
    Stop,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (1..40_u8).prop_map(Step::Write),
        3 => (0..5_u8).prop_map(Step::Rename),
        2 => Just(Step::CopyTruncate),
        1 => Just(Step::Delete),
        2 => Just(Step::Catch),
        1 => Just(Step::Restart),
        1 => Just(Step::Crash),
        1 => Just(Step::Stop),
    ];
    proptest::collection::vec(step, 1..18)
}

/// How long lines may take to come out.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

struct World {
    dir: Dir,
    log: PathBuf,
    out: PathBuf,
    file: File,
    follower: Option<Running>,
    written: u64,
    rotations: u64,
    crashed: bool,
    /// True if a record is two lines of CRI.
    in_parts: bool,
    /// The second of them, if only the first has been written.
    rest: Option<String>,
}

impl World {
    fn new(in_parts: bool) -> Self {
        let dir = Dir::new();
        let log = dir.file("app.log", "");
        let out = dir.file("out", "");
        let file = append(&log);
        let mut world = Self {
            dir,
            log,
            out,
            file,
            follower: None,
            written: 0,
            rotations: 0,
            crashed: false,
            in_parts,
            rest: None,
        };
        world.start();
        world
    }

    fn start(&mut self) {
        if self.follower.is_none() {
            let state = self.dir.path("state");
            // It is known from when on rotation is noticed: when the follower has kept its first state.
            let before = fs::metadata(&state)
                .ok()
                .and_then(|was| was.modified().ok());
            let format: &[&str] = if self.in_parts {
                &["--format", "cri", "--no-stamp"]
            } else {
                &[]
            };
            let follower = program("dl-recv")
                .args(format)
                .args(&["-F", "-o"])
                .arg(&self.out)
                .arg("--state")
                .arg(&state)
                .arg(&self.log)
                .start();
            self.follower = Some(follower);
            wait_for("a state", || {
                fs::metadata(&state).is_ok_and(|now| now.modified().ok() != before)
            });
        }
    }

    fn stop(&mut self, signal: Signal) {
        if let Some(follower) = self.follower.take() {
            follower.signal(signal);
            let ran = follower.end();
            // It may have been asked to end before it could listen.
            let words = ran.stderr;
            // Of what was deleted a crash leaves the position only.
            let gone = |line: &str| self.crashed && line.contains("is gone");
            assert!(words.lines().all(gone), "{words}");
            assert!([0, -1].contains(&ran.status) || !words.is_empty());
        }
    }

    fn write(&mut self, lines: u8) {
        for left in (0..lines).rev() {
            self.written += 1;
            let line = format!("{{\"file\":{},\"n\":{}}}", self.rotations, self.written);
            let (one, two) = line.split_at(if left == 0 { 9 } else { 0 });
            if self.in_parts {
                self.write_rest();
                self.put(&format!("2026-11-29T12:00:00Z stdout P {one}\n"));
                self.rest = Some(format!("2026-11-29T12:00:00Z stdout F {two}\n"));
            } else {
                self.put(one);
                self.put(&format!("{two}\n"));
            }
        }
        if lines.is_multiple_of(2) {
            self.write_rest();
        }
    }

    fn write_rest(&mut self) {
        if let Some(rest) = self.rest.take() {
            self.put(&rest);
        }
    }

    fn put(&mut self, text: &str) {
        self.file.write_all(text.as_bytes()).expect("written");
    }

    fn rotated(&mut self) -> PathBuf {
        if self.in_parts {
            // Where parts are joined the order of files matters, and times of files have ticks of 4 ms.
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        self.rotations += 1;
        self.dir.path(&format!("app.log.{:06}", self.rotations))
    }

    /// How often each line has come out.
    fn came(&self) -> BTreeMap<u64, u64> {
        let text = fs::read_to_string(&self.out).expect("text");
        let mut came = BTreeMap::new();
        for line in text.lines() {
            let value: serde_json::Value = serde_json::from_str(line).expect("a whole record");
            let Some(n) = value["n"].as_u64() else {
                panic!("{line}\n{}", self.files());
            };
            *came.entry(n).or_default() += 1;
        }
        came
    }

    /// What has not come, and what there is.
    fn missing(&self) -> String {
        let came = self.came();
        let missing: Vec<_> = (1..=self.written)
            .filter(|n| !came.contains_key(n))
            .collect();
        format!("{missing:?} have not come\n{}", self.files())
    }

    /// The beginnings of all files.
    fn files(&self) -> String {
        let mut words = String::new();
        for entry in fs::read_dir(self.dir.path("")).expect("a folder") {
            let path = entry.expect("an entry").path();
            let inode = fs::metadata(&path).expect("a file").ino();
            let text = fs::read_to_string(&path).expect("text");
            let ends: String = text.chars().take(800).collect();
            let _ = writeln!(
                words,
                "{} {inode}, {} bytes:\n{ends}",
                path.display(),
                text.len()
            );
        }
        words
    }

    fn catch_up(&mut self) {
        self.write_rest();
        self.start();
        let written = self.written;
        let began = std::time::Instant::now();
        loop {
            let text = fs::read_to_string(&self.out).expect("text");
            let whole = text.ends_with('\n') || text.is_empty();
            if whole && self.came().len() as u64 == written {
                break;
            }
            assert!(began.elapsed() < PATIENCE, "{}", self.missing());
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    }

    /// Waits until the state tells so much of the file.
    fn wait_until_known(&self, is_enough: impl Fn(&serde_json::Value) -> bool) {
        let inode = fs::metadata(&self.log).expect("a file").ino();
        wait_for("what the state tells of the file", || {
            let text = fs::read_to_string(self.dir.path("state")).expect("a state");
            let state: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            let files = state["files"].as_array().expect("a list");
            files
                .iter()
                .any(|file| file["inode"] == inode && is_enough(file))
        });
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Write(lines) => self.write(lines),
            Step::Rename(late) => {
                let to = self.rotated();
                fs::rename(&self.log, &to).expect("renamed");
                self.write(late);
                self.file = append(&self.log);
            }
            Step::CopyTruncate => {
                // Of what is emptied before its first line has been read nobody can know a copy.
                self.write(1);
                self.catch_up();
                self.wait_until_known(|file| file["head"] != 0);
                self.write(3);
                // What a copy tears apart need not come together again: nobody keeps the order.
                self.write_rest();
                let to = self.rotated();
                fs::copy(&self.log, to).expect("copied");
                self.file.set_len(0).expect("emptied");
                self.write(1);
            }
            Step::Delete => {
                self.catch_up();
                if self.in_parts {
                    // After a crash a part before would be read again, whose end is deleted.
                    let length = fs::metadata(&self.log).expect("a file").len();
                    self.wait_until_known(|file| file["offset"] == length);
                }
                fs::remove_file(&self.log).expect("deleted");
                self.rotations += 1;
                self.file = append(&self.log);
            }
            Step::Catch => self.catch_up(),
            Step::Restart => {
                self.stop(Signal::TERM);
                self.start();
            }
            Step::Crash => {
                self.stop(Signal::KILL);
                self.crashed = true;
                self.start();
            }
            Step::Stop => self.stop(Signal::TERM),
        }
    }
}

fn append(path: &PathBuf) -> File {
    let mut options = OpenOptions::new();
    options
        .create(true)
        .append(true)
        .open(path)
        .expect("a file")
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 40, ..tries(20) })]
    #[test]
    fn nothing_is_lost_or_comes_twice(steps in steps(), in_parts: bool) {
        let mut world = World::new(in_parts);
        let mut down = 0;
        for step in steps {
            world.step(step);
            down = if world.follower.is_none() { down + 1 } else { 0 };
            if down > 2 {
                world.start();
            }
        }
        world.catch_up();
        world.stop(Signal::TERM);
        let came = world.came();
        prop_assert_eq!(came.len() as u64, world.written);
        if !world.crashed {
            prop_assert!(came.values().all(|&times| times == 1), "{came:?}");
        }
    }
}
