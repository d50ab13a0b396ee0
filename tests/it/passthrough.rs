//! What is selected leaves as it came, byte for byte; what is a record is decided as a naive
//! reader of REFERENCE.md §14 decides it.

mod naive;

use std::{fs, io::Write as _};

use distlog::record::{Found, Lines, Projection};
use proptest::prelude::*;

use crate::{
    support::{program, samples},
    tries::tries,
};
use naive::is_record;

/// What `dl-filter true` must write for an input.
fn records(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in input.split(|&b| b == b'\n').filter(|line| is_record(line)) {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out
}

#[track_caller]
fn check(input: &[u8], args: &[&str]) {
    let ran = program("dl-filter")
        .arg("true")
        .args(args)
        .stdin(input)
        .run();
    let expect = records(input);
    let differ = Lines::new(&ran.stdout)
        .zip(Lines::new(&expect))
        .find(|(a, b)| a != b);
    assert!(
        ran.stdout == expect && ran.status == 0,
        "{args:?}: {} bytes instead of {}, first other line {:?}; {}",
        ran.stdout.len(),
        expect.len(),
        differ.map(|(a, b)| (String::from_utf8_lossy(a), String::from_utf8_lossy(b))),
        ran.stderr
    );
}

#[test]
fn every_sample_passes_byte_for_byte() {
    for sample in samples() {
        let input = fs::read(&sample).expect("a sample");
        check(&input, &[]);
    }
}

#[test]
fn any_number_of_workers_gives_the_same_bytes() {
    let all: Vec<u8> = samples()
        .iter()
        .flat_map(|path| [fs::read(path).expect("a sample"), b"\n".to_vec()].concat())
        .collect();
    // Several chunks, so that workers can overtake each other.
    let input = all.repeat((3 << 20) / all.len() + 1);
    for jobs in ["1", "2", "3", "7"] {
        check(&input, &["-j", jobs]);
    }
}

#[test]
fn odd_records_pass_byte_for_byte() {
    let deep = |open: &str, close: &str| {
        format!("{{\"a\":{}1{}}}", open.repeat(10_000), close.repeat(10_000))
    };
    let lines: Vec<Vec<u8>> = vec![
        deep("[", "]").into(),
        deep("{\"b\":", "}").into(),
        deep("[{\"b\":", "}]").into(),
        br#"{"a":1,"a":2,"a":{"a":3,"a":4}}"#.into(),
        br#"{"n":18446744073709551616,"m":-123456789012345678901234567890,"e":1E+400,"z":-0,"f":3.340}"#.into(),
        br#"{"n":NaN,"i":Infinity,"j":-Infinity}"#.into(),
        br#"{"s":"\udce9 \ud83d\ude42 \u0000 \/"}"#.into(),
        b"{\"s\":\"raw \x01\x1b\x7f\x00 \xFF\xC0\x80\"}".into(),
        b"\xEF\xBB\xBF{\"bom\":1}".into(),
        b"\x1E{\"rs\":1}".into(),
        b" \t\x1E \xEF\xBB\xBF{ \"blanks\" : [ ] , \"o\" : { } } \t".into(),
        b"{\"crlf\":1}\r".into(),
        b"{}".into(),
        "{\"ключ\":\"🎉\u{2028}\"}".into(),
    ];
    for line in &lines {
        assert!(
            is_record(line),
            "{}",
            String::from_utf8_lossy(&line[..line.len().min(80)])
        );
    }
    check(&lines.join(&b'\n'), &[]);
    for bad in [
        &b"[1]"[..],
        b"\x0C{}",
        b"{} {}",
        b"{}\x1E",
        b"{}\0",
        b"{\"a\":+1}",
        b"{\"a\":01}",
        b"{\"a\":.5}",
        b"{\"a\":-NaN}",
        b"{\"a\":nan}",
        b"{\"a\":1,}",
        b"{\"a\":\"\\x\"}",
        b"{a:1}",
        b"\xEF\xBB{}",
    ] {
        assert!(!is_record(bad), "{}", String::from_utf8_lossy(bad));
        check(bad, &[]);
    }
}

/// Lines of all samples.
fn sample_lines() -> Vec<Vec<u8>> {
    let files = samples()
        .into_iter()
        .map(|path| fs::read(path).expect("a sample"));
    files
        .flat_map(|bytes| {
            bytes
                .split(|&b| b == b'\n')
                .map(<[u8]>::to_vec)
                .collect::<Vec<_>>()
        })
        .filter(|line| line.len() < 3_000)
        .collect()
}

/// Bytes near to JSON: its tokens in any order.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    const TOKENS: &[&[u8]] = &[
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\"",
        b"\\",
        b"\"a\"",
        b"\"b\\u00e9\"",
        b"\\u",
        b"12",
        b"-",
        b"0",
        b".5",
        b"e+",
        b"E9",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"true",
        b"false",
        b"null",
        b" ",
        b"\t",
        b"\r",
        b"\x1E",
        b"\xEF\xBB\xBF",
        b"\xFF",
        b"\0",
        b"\x0C",
        b"\"k\":1",
        b"{}",
        b"[]",
    ];
    prop::collection::vec(prop::sample::select(TOKENS), 0..12)
        .prop_map(|tokens| [&b"{\"a\":"[..], &tokens.concat(), b"}"].concat())
}

/// A sample's line with some bytes changed, taken out or put in.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![any::<u8>(), prop::sample::select(&b"{}[]\",:\\0-eN\r"[..])];
    let change = (any::<prop::sample::Index>(), 0..3_u8, byte);
    (
        prop::sample::select(sample_lines()),
        prop::collection::vec(change, 0..4),
    )
        .prop_map(|(mut line, changes)| {
            for (at, what, byte) in changes {
                let at = at.index(line.len() + 1);
                match what {
                    0 => line.insert(at, byte),
                    1 if at < line.len() => line[at] = byte,
                    _ if at < line.len() => drop(line.remove(at)),
                    _ => {}
                }
            }
            line.retain(|&b| b != b'\n');
            line
        })
}

fn scanner_says(line: &[u8]) -> bool {
    Projection::default()
        .scan(line, &mut Found::default())
        .is_ok()
}

proptest! {
    #![proptest_config(tries(4_000))]

    #[test]
    fn the_scanner_agrees_with_the_naive_reader(line in prop_oneof![soup(), mutated(), prop::collection::vec(any::<u8>(), 0..40)]) {
        prop_assert_eq!(scanner_says(&line), is_record(&line), "{}", String::from_utf8_lossy(&line));
    }
}

proptest! {
    #![proptest_config(tries(24))]

    #[test]
    fn any_cut_of_the_input_gives_the_same_bytes(
        lines in prop::collection::vec(prop_oneof![mutated(), prop::sample::select(sample_lines())], 1..40),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        jobs in 1..4_u8,
        ended in any::<bool>(),
    ) {
        let mut input = lines.join(&b'\n');
        input.extend(ended.then_some(b'\n'));
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(input.len() + 1)).collect();
        cuts.sort_unstable();
        let pieces = input.clone();
        let ran = program("dl-filter").args(&["true", "-j", &jobs.to_string()]).run_fed(move |mut stdin| {
            let mut from = 0;
            for to in cuts.into_iter().chain([pieces.len()]) {
                stdin.write_all(&pieces[from..to]).expect("it reads");
                from = to;
                // Else the pipe puts the pieces together again.
                while rustix::io::ioctl_fionread(&stdin).is_ok_and(|left| left > 0) {
                    std::thread::yield_now();
                }
            }
        });
        prop_assert_eq!(ran.status, 0);
        prop_assert_eq!(ran.stdout, records(&input));
    }
}
