//! Pipes, files and signals: when the programs start to speak, when they stop, and what
//! they say then.

mod at_once;
mod inputs;
mod leaving;
mod ledger;
mod long;
mod terminal;

use std::{fmt::Write as _, io::Write as _};

/// Each program with arguments that let every Eliot record through.
const ALL: [(&str, &[&str]); 3] = [("dl-filter", &["true"]), ("dl-fmt", &[]), ("dl-tree", &[])];

/// The same of all programs, with the two that have endpoints.
const EVERY: [(&str, &[&str]); 5] = [
    ALL[0],
    ALL[1],
    ALL[2],
    ("dl-recv", &["-"]),
    ("dl-send", &["-"]),
];

/// Each program so that one complete tree of one record comes out at once.
const AT_ONCE: [(&str, &[&str]); 5] = [
    ALL[0],
    ALL[1],
    ("dl-tree", &["--live-window", "30s"]),
    EVERY[3],
    EVERY[4],
];

/// A record outside of any action: a tree of its own.
fn lone(number: usize) -> String {
    format!(
        "{{\"task_uuid\":\"{number:08}-0000\",\"task_level\":[1],\"timestamp\":1795177294.5,\"message_type\":\"m{number}\"}}\n"
    )
}

fn lones(count: usize) -> String {
    (0..count).fold(String::new(), |mut all, number| {
        let _ = write!(all, "{}", lone(number));
        all
    })
}

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes.as_ref()).expect("memory");
    encoder.finish().expect("memory")
}

fn zstd(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    zstd::encode_all(bytes.as_ref(), 1).expect("memory")
}

/// The four numbers that `--stats` says.
pub(crate) fn stats(stderr: &str) -> [u64; 4] {
    let line = stderr
        .lines()
        .find(|line| line.contains(" read, "))
        .unwrap_or_else(|| panic!("no stats: {stderr}"));
    let numbers: Vec<u64> = line
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|word| word.parse().ok())
        .collect();
    numbers
        .try_into()
        .unwrap_or_else(|_| panic!("not four numbers: {line}"))
}
