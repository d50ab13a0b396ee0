//! Files that are read twice: what they held at the beginning, and only that.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
    process::Stdio,
};

use distlog::{
    endpoint::Endpoint,
    shutdown::Shutdown,
    source::{Chunk, Extent, Fill, Reader, Wait},
};

use super::pack;
use crate::support::{Dir, program};

const BEGIN: &str = "{\"request_id\":\"a\",\"n\":1}\n";
const END: &str = "{\"request_id\":\"a\",\"level\":\"error\"}\n";
const OTHER: &str = "{\"request_id\":\"b\"}\n";

/// What an input holds, as far as its extent reaches, and what has gone wrong.
fn read(input: &Endpoint, extents: &[Extent]) -> (String, String) {
    let (sender, failures) = std::sync::mpsc::channel();
    let wait = Wait::new(Shutdown::on_signals().expect("signals"), None);
    let mut reader = Reader::new(vec![input.clone()], wait, move |error| {
        let _ = sender.send(error.to_string());
    })
    .with_extents(extents.to_vec());
    let mut chunk = Chunk::default();
    let mut text = String::new();
    while reader
        .fill(&mut chunk)
        .expect("a reader of files does not fail")
        == Fill::Lines
    {
        text += &String::from_utf8_lossy(chunk.bytes());
    }
    (text, failures.try_iter().collect())
}

fn endpoint(path: &Path) -> Endpoint {
    Endpoint::parse(path.to_str().expect("text")).expect("a path")
}

fn extents(input: &Endpoint) -> Vec<Extent> {
    Extent::all(std::slice::from_ref(input)).expect("it can be read twice")
}

#[test]
fn what_comes_later_is_not_read() {
    for how in 0..3 {
        let dir = Dir::new();
        let path = dir.file("log", pack(BEGIN, how));
        let input = endpoint(&path);
        let extents = extents(&input);
        for _ in 0..2 {
            assert_eq!(read(&input, &extents), (BEGIN.into(), String::new()));
            let mut log = OpenOptions::new().append(true).open(&path).expect("a file");
            log.write_all(&pack(END, how)).expect("room");
        }
        assert_eq!(read(&input, &[]).0, [BEGIN, END, END].concat());
    }
}

#[test]
fn a_file_that_is_gone_is_a_failure() {
    let dir = Dir::new();
    let path = dir.file("log", [BEGIN, END].concat());
    let input = endpoint(&path);
    let extents = extents(&input);
    let check = |words: &str| {
        let expect = format!("{}: {words}", path.display());
        assert_eq!(read(&input, &extents), (String::new(), expect));
    };
    // Emptied, as logrotate's copytruncate does it.
    fs::write(&path, BEGIN).expect("a file");
    check("has become shorter since the first pass");
    fs::rename(&path, dir.path("log.1")).expect("a file");
    fs::write(&path, [BEGIN, END, END].concat()).expect("a file");
    check("has been replaced since the first pass");
    fs::remove_file(&path).expect("a file");
    check("No such file or directory (os error 2)");
}

#[test]
fn what_was_missing_stays_missing() {
    let dir = Dir::new();
    let path = dir.path("log");
    let input = endpoint(&path);
    let extents = extents(&input);
    fs::write(&path, BEGIN).expect("a file");
    assert_eq!(read(&input, &extents).0, "");
}

#[test]
fn standard_input_is_read_twice_from_where_it_stands() {
    let dir = Dir::new();
    let taken = "{\"request_id\":\"b\",\"level\":\"error\"}\n";
    let path = dir.file("log", [taken, BEGIN, OTHER, END].concat());
    for jobs in ["1", "3"] {
        let mut input = File::open(&path).expect("a file");
        input
            .seek(SeekFrom::Start(taken.len() as u64))
            .expect("a file");
        let mut rest = input.try_clone().expect("a file");
        let ran = program("dl-filter")
            .args(&["--whole-tree", "level >= error", "-j", jobs, "-"])
            .command
            .stdin(input)
            .stderr(Stdio::inherit())
            .output()
            .expect("it runs");
        // The first record has been read by somebody else: its tree does not match here.
        assert_eq!(String::from_utf8_lossy(&ran.stdout), [BEGIN, END].concat());
        // All is read, as by any filter.
        let mut left = String::new();
        rest.read_to_string(&mut left).expect("a text");
        assert_eq!(left, "");
    }
}

#[test]
fn a_cut_archive_is_told_once() {
    let dir = Dir::new();
    let packed = pack(&BEGIN.repeat(1000), 1);
    let cut = dir.file("cut.gz", &packed[..packed.len() - 9]);
    let next = dir.file("next", END);
    let ran = program("dl-filter")
        .args(&["--whole-tree", "level >= error", "--stats"])
        .files(&[cut.clone(), next])
        .run();
    let said: Vec<_> = ran.stderr.lines().collect();
    assert_eq!((said.len(), ran.status), (2, 2), "{said:?}");
    assert!(
        said[0].starts_with(&format!("dl-filter: {}: ", cut.display())),
        "{said:?}"
    );
    assert!(ran.stdout.ends_with(END.as_bytes()));
    assert!(ran.stdout.starts_with(BEGIN.as_bytes()));
}

#[test]
fn enough_of_nothing_needs_no_pass() {
    let dir = Dir::new();
    let path = dir.file("log", [BEGIN, END].concat());
    program("dl-filter")
        .args(&["--whole-tree", "-m", "0", "level >= error"])
        .arg(path)
        .check("", "", 0);
}

/// Records are told one by one: what only dl-tree knows to be one request is said.
#[test]
fn what_names_two_trees_is_told() {
    let dir = Dir::new();
    let trace = "7fd21e1e22f804ac";
    let both = format!("{{\"trace_id\":\"{trace}\",\"request_id\":\"b1946ac9-2c4f\"}}\n");
    let failed = format!("{{\"trace_id\":\"{trace}\",\"level\":\"error\"}}\n");
    let other = "{\"request_id\":\"b1946ac9-2c4f\"}\n";
    let log = dir.file("log", [&both, other, &failed].concat());
    let said = "dl-filter: 1 id in common with records that were left out: dl-tree makes one tree of both, see WHOLE TREES in dl-filter(1)\n";
    program("dl-filter")
        .args(&["--whole-tree", "level >= error"])
        .arg(&log)
        .check([&*both, &failed].concat(), said, 0);
    // Nobody else has it, or no further one.
    let alone = dir.file("alone", [&*both, &failed].concat());
    program("dl-filter")
        .args(&["--whole-tree", "level >= error"])
        .arg(&alone)
        .check([&*both, &failed].concat(), "", 0);
    // Who has it names another tree first.
    let third = both.replace(trace, "05c48cf0ce2119a4");
    let log = dir.file("log", [&*both, &*third, &failed].concat());
    program("dl-filter")
        .args(&["--whole-tree", "level >= error"])
        .arg(&log)
        .check([&*both, &failed].concat(), said, 0);
    let log = dir.file("log", [&both, other, &failed].concat());
    program("dl-filter")
        .args(&["-t", trace, "-t", "b1946ac9-2c4f"])
        .arg(&log)
        .check([&*both, other, &failed].concat(), "", 0);
    program("dl-filter")
        .args(&["--whole-tree", "-t", "b1946ac9-2c4f"])
        .arg(&log)
        .check([&*both, other, &failed].concat(), "", 0);
}
