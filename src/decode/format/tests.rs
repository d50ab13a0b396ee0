//! What holds for all formats, whatever the bytes.

use std::{fmt::Write, fs, path::Path};

use proptest::prelude::*;

use super::*;
use crate::record::{Found, Lines, Projection, trim};

/// What came out of a decoder.
#[derive(Default)]
struct Told {
    text: String,
    records: Vec<Vec<u8>>,
    rejects: Vec<Vec<u8>>,
}

impl Take for Told {
    fn record(&mut self, json: &[u8]) {
        self.records.push(json.to_vec());
        let _ = writeln!(self.text, "{}", String::from_utf8_lossy(json));
    }

    fn reject(&mut self, bytes: &[u8], reason: &str) {
        self.rejects.push(bytes.to_vec());
        let shown = String::from_utf8_lossy(bytes);
        let _ = writeln!(self.text, "rejected ({reason}): {shown}");
    }

    fn note(&mut self, words: &'static str) {
        let _ = writeln!(self.text, "note: {words}");
    }
}

/// Stands in tests where a line is longer than `--max-record`.
pub(in crate::decode) const PASSED_OVER: &str = "a line that is passed over";

/// `is_slow` says that nothing more is there for now behind each line.
fn told(format: &Format, settings: &Settings, input: &[u8], is_slow: bool) -> Told {
    let mut told = Told::default();
    let mut decoder = format.decoder(settings);
    for line in Lines::new(input) {
        if line == PASSED_OVER.as_bytes() {
            decoder.passed_over(&mut told);
        } else if line.trim_ascii().is_empty() {
            decoder.blank(line, &mut told);
        } else {
            decoder.line(line, &mut told);
        }
        if is_slow {
            decoder.pause(&mut told);
        }
    }
    decoder.finish(&mut told);
    told
}

/// What a format makes of an input, as text: records, rejects with their reasons, and notes.
pub(in crate::decode) fn decode(format: &str, settings: &Settings, input: &[u8]) -> String {
    told(find(format).expect("a format"), settings, input, false).text
}

/// The same of an input whose lines come one by one.
pub(in crate::decode) fn decode_slowly(format: &str, settings: &Settings, input: &[u8]) -> String {
    told(find(format).expect("a format"), settings, input, true).text
}

/// Files of tests/data/samples.
fn samples() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/samples");
    let entries = fs::read_dir(folder).expect("samples are there");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    paths.sort();
    let read = |path| fs::read(path).expect("a sample");
    paths.into_iter().map(read).collect()
}

/// Files of tests/data, with their names.
pub(in crate::decode) fn data() -> Vec<(String, Vec<u8>)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("data are there") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.file_name().expect("a name").to_string_lossy();
                files.push((name.into_owned(), fs::read(&path).expect("a file")));
            }
        }
    }
    files
}

#[test]
fn what_one_server_writes_looks_like_nothing_else() {
    let own = [
        ("nginx", "nginx-error.txt"),
        ("haproxy", "haproxy.txt"),
        ("uwsgi", "uwsgi.txt"),
        ("redis", "redis.txt"),
        ("rabbitmq", "rabbitmq.txt"),
        ("postgres", "postgres-stderr.txt"),
        ("mysql", "mariadb-error.txt"),
        ("mysql-slow", "mariadb-slow.txt"),
        ("dotnet", "dotnet.txt"),
        ("apache", "apache-error.txt"),
        ("apache", "apache-wsgi.txt"),
        ("jul", "java-jul-simple.txt"),
        ("glog", "absl-python.txt"),
    ];
    let data = data();
    for (format, server) in servers() {
        for (name, bytes) in &data {
            let looks = Lines::new(bytes).any(server.looks);
            let is_own = own.contains(&(format.name, name));
            assert_eq!(looks, is_own, "{} in {name}", format.name);
        }
    }
}

/// Holds what every decoder promises.
fn check(input: &[u8]) -> Result<(), TestCaseError> {
    let projection = Projection::default();
    let mut found = Found::default();
    let lines = Lines::new(input).filter(|line| !line.trim_ascii().is_empty());
    let lines = lines.count();
    for format in FORMATS {
        for year in [None, Some(Year::Of(2024))] {
            let settings = Settings {
                year,
                longest: 10_000,
                ..Settings::default()
            };
            let told = told(format, &settings, input, false);
            for record in &told.records {
                let shown = String::from_utf8_lossy(record);
                prop_assert!(!record.contains(&b'\n'), "{}: {shown}", format.name);
                let scanned = projection.scan(record.as_slice(), &mut found);
                prop_assert!(scanned.is_ok(), "{}: {shown}: {scanned:?}", format.name);
            }
            let made = told.records.len() + told.rejects.len();
            // NUL separates messages of syslog, and may be all that there is on a line.
            if !format.joins && !input.contains(&0) {
                prop_assert_eq!(made, lines, "{}", format.name);
            }
            // A separator or a byte order mark by itself is as good as a blank line.
            let is_empty = Lines::new(input).all(|line| trim(line).is_empty());
            prop_assert!(
                is_empty || input.contains(&0) || made > 0,
                "{}",
                format.name
            );
        }
    }
    Ok(())
}

#[test]
fn every_format_takes_every_sample() {
    for sample in samples() {
        check(&sample).expect("what every decoder promises");
    }
}

pub(in crate::decode) fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let sample = prop::sample::select(samples()).prop_flat_map(|sample| {
        let length = sample.len();
        (Just(sample), 0..=length, 0..400_usize)
    });
    let cut = sample.prop_map(|(sample, start, length)| {
        sample[start..sample.len().min(start + length)].to_vec()
    });
    let telling = prop::sample::select(vec![
        "\n",
        "\n\n",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\\",
        "=",
        " ",
        "a=\"",
        "<13>1 ",
        "<13>",
        "-",
        "Nov 20 12:54:20 ",
        "2026-11-20T12:00:00Z ",
        "stdout P ",
        "stdout F ",
        "\u{1e}",
        "\r",
        "\0",
        "web-1  | ",
        "MESSAGE\n",
        "@cee:",
        "Traceback (most recent call last)",
        "Exception in thread \"a\" ",
        "a.b.Error: x",
        "\n\tat ",
        "\n\t",
        "Nov 20, 2026 12:54:20 PM a.B c\n",
        "INFO: ",
        "I1120 12:54:20.5 7 a.go:1] ",
        "2026-11-20 12:54:20 UTC [7] ERROR:  ",
        "2026-11-20 12:54:20 UTC [7] DETAIL:  ",
        "7:M 20 Nov 2026 12:54:20.123 * ",
        "2026/11/20 12:54:20 [error] 7#7: *1 x, client: ",
        "# Time: 261120 12:54:20\n",
        "# User@Host: a[b] @ c [] Id: 7\n",
        "SET timestamp=1795179260;\n",
        "[Fri Nov 20 12:54:20.5 2026] [core:error] ",
    ]);
    prop_oneof![
        cut,
        telling.prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..20),
    ]
}

proptest! {
    #[test]
    fn whatever_the_bytes_all_is_records_or_rejected(
        pieces in prop::collection::vec(pieces(), 0..12)
    ) {
        check(&pieces.concat())?;
    }
}

/// What came out of a decoder, in order: records, and rejects with their reasons.
#[derive(Default)]
pub(in crate::decode) struct Taken(pub(in crate::decode) Vec<String>);

impl Take for Taken {
    fn record(&mut self, json: &[u8]) {
        self.0.push(String::from_utf8_lossy(json).into_owned());
    }

    fn reject(&mut self, _bytes: &[u8], reason: &str) {
        self.0.push(format!("rejected: {reason}"));
    }

    fn note(&mut self, words: &'static str) {
        self.0.push(format!("note: {words}"));
    }
}
