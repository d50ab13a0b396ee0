//! Runs dl-tree, and tells how long it was at work and what shape its trees have.

use std::{
    fs,
    io::Read,
    process::{Command, Stdio},
    time::Duration,
};

use crate::support::{Dir, Kill, program, wait_for};

/// Long enough to be told from the start of a program, and from a tick of the kernel's clock.
const ENOUGH: Duration = Duration::from_millis(100);
/// How many times as long four times as much may take.
const BOUND: u32 = 8;
/// Other work on the machine can make a run slower, but none makes it faster.
const TRIES: usize = 3;

/// What trees look like from afar.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) trees: usize,
    pub(super) nodes: usize,
    /// On how many levels nodes stand.
    pub(super) levels: usize,
    /// The nodes where a ring was broken.
    pub(super) broken: Vec<String>,
}

/// Checks that the trees are what `make` says, at a size and at four times that size, and that
/// the larger one does not take more than its share. The size grows until there is something to
/// measure.
pub(super) fn stays_linear(
    mut size: usize,
    args: &[&str],
    make: impl Fn(usize, &mut String) -> Shape,
) {
    let run = |size| {
        let mut lines = String::new();
        let expect = make(size, &mut lines);
        let (took, output) = dl_tree(&lines, args);
        assert_eq!(Shape::of(&output), expect, "{size}");
        took
    };
    let mut small = run(size);
    while small < ENOUGH {
        size *= 2;
        small = run(size);
    }
    let mut large = run(4 * size);
    for _ in 1..TRIES {
        if large < small * BOUND {
            return;
        }
        small = small.min(run(size)).max(ENOUGH / 2);
        large = large.min(run(4 * size));
    }
    assert!(
        large < small * BOUND,
        "{size} took {small:?}, four times as much {large:?}"
    );
}

/// Runs dl-tree over `lines`; returns its processor time and what it wrote.
fn dl_tree(lines: &str, args: &[&str]) -> (Duration, Vec<u8>) {
    let dir = Dir::new();
    let file = dir.file("in", lines);
    let mut program = program("dl-tree").args(args).arg(file);
    let command: &mut Command = &mut program.command;
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = Kill(command.spawn().expect("the program starts"));
    let mut output = Vec::new();
    let mut stdout = child.0.stdout.take().expect("stdout is piped");
    stdout.read_to_end(&mut output).expect("a readable stream");
    // As long as nobody asks for its status, the kernel knows what a dead process did.
    let stat = || {
        let text = fs::read_to_string(format!("/proc/{}/stat", child.0.id())).expect("a process");
        let after_name = text.rsplit(')').next().expect("a name");
        after_name
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    wait_for("the end", || stat()[0] == "Z");
    let fields = stat();
    // Fields 14 and 15 of the whole line: user and system time.
    let ticks: u64 = [&fields[11], &fields[12]]
        .map(|field| field.parse::<u64>().expect("ticks"))
        .iter()
        .sum();
    let took = Duration::from_millis(ticks * 1_000 / rustix::param::clock_ticks_per_second());
    let status = child.0.wait().expect("a status");
    assert!(status.success(), "{status}");
    (took, output)
}

impl Shape {
    /// Looks through trees without recursion, which depth would be too much for.
    fn of(trees: &[u8]) -> Self {
        let mut shape = Self::default();
        // Whether each open list has children in it.
        let mut lists = Vec::new();
        let mut level = 0;
        let mut key: &[u8] = b"";
        let mut node: &[u8] = b"";
        let mut at = 0;
        while at < trees.len() {
            match trees[at] {
                b'\n' => shape.trees += 1,
                b'[' => {
                    lists.push(key == b"children");
                    level += usize::from(key == b"children");
                    if key == b"flags" && trees[at..].starts_with(b"[\"cycle\"]") {
                        shape.broken.push(String::from_utf8_lossy(node).into());
                    }
                }
                b']' => level -= usize::from(lists.pop().expect("a list")),
                b'"' => {
                    // Nothing is escaped in these records.
                    let end = memchr::memchr(b'"', &trees[at + 1..]).expect("an end");
                    let text = &trees[at + 1..][..end];
                    at += end + 1;
                    if trees.get(at + 1) == Some(&b':') {
                        key = text;
                    } else if key == b"node" {
                        node = text;
                        shape.nodes += 1;
                        shape.levels = shape.levels.max(level + 1);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        shape.broken.sort_unstable();
        shape
    }
}
