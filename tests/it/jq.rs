//! `dl-filter --jq`: what it gives back is what came in, what it makes is what jq makes, and
//! no program and no record brings it down.

mod bounds;
mod peer;

use std::fs;

use distlog::record::Lines;
use proptest::prelude::*;

use crate::{
    support::{Ran, program, samples},
    tries::tries,
};

fn jq(text: &str, input: &[u8]) -> Ran {
    program("dl-filter")
        .args(&["--jq", text])
        .stdin(input)
        .run()
}

/// Compares with what is selected without a program.
#[track_caller]
fn gives_back(text: &str, input: &[u8]) {
    let ran = jq(text, input);
    let expect = program("dl-filter").arg("true").stdin(input).run();
    assert_eq!(ran, expect, "{text}");
}

/// Records that no value holds as they are.
const ODD: &[&str] = &[
    r#"{"a":1,"a":2,"b":{"c":1,"c":[]}}"#,
    r#"{"n":[NaN,-Infinity,Infinity,-0,-0.0,1E5,1.10,3.340,12345678901234567890,1e999]}"#,
    r#"{"s":"\ud800","t":"\udca9\ud83d","u":"\u00e9\/\u0041\ud83d\udca9","v":"\u0000\u007f"}"#,
    "\u{feff}{\"a\" : 1 ,\t\"b\":[ ] }\r",
    "  {\"tab\":\"\t\u{1}\",\"z\":1}  ",
    r#"{"":{"":""}}"#,
];

/// Programs that make a record anew, but not another one.
const SAME: &[&str] = &[
    ".",
    "select(true)",
    "if type == \"object\" then . else error end",
    ".dl_probe = 1 | del(.dl_probe)",
    "to_entries | from_entries",
    "map_values(.)",
    ". + {}",
    "with_entries(.)",
];

#[test]
fn a_record_that_is_given_back_keeps_its_bytes() {
    let mut input: Vec<u8> = ODD.join("\n").into_bytes();
    input.extend_from_slice(b"\n{\"bytes\":\"\xff\xc3(\xed\xa0\x80\",\"\xfe\":1}\n");
    for sample in samples() {
        input.extend_from_slice(&fs::read(&sample).expect("a sample"));
        input.push(b'\n');
    }
    for text in SAME {
        gives_back(text, &input);
    }
}

#[test]
fn any_number_of_workers_gives_the_same_results() {
    let mut input = Vec::new();
    for number in 0..40_000 {
        let line = format!("{{\"n\":{number},\"tags\":[\"a\",\"b\"],\"x\":\"{number:0>40}\"}}\n");
        input.extend_from_slice(line.as_bytes());
    }
    let text = "select(.n % 3 != 0) | (.n * $factor), (if .n % 5 == 0 then error else empty end)";
    let run = |jobs: &str| {
        program("dl-filter")
            .args(&[
                "--jq",
                text,
                "--jq-argjson",
                "factor",
                "2",
                "--stats",
                "-j",
                jobs,
            ])
            .stdin(&input)
            .run()
    };
    let one = run("1");
    assert!(
        one.stderr
            .contains("40000 read, 21333 written, 13334 filtered, 5333 rejected"),
        "{}",
        one.stderr
    );
    assert_eq!(Lines::new(&one.stdout).count(), 21_333);
    assert_eq!(run("7"), one);
}

proptest! {
    #![proptest_config(tries(24))]

    /// Whatever a value is made of, a program that does not look at it leaves it alone, also
    /// where it is written anew.
    #[test]
    fn what_is_not_touched_is_written_as_it_was(values in prop::collection::vec(plain(), 1..20)) {
        let lines: Vec<String> = values.iter().map(|v| format!("{{\"v\":{v}}}")).collect();
        let ran = jq("{w: .v, k: 1}", (lines.join("\n") + "\n").as_bytes());
        let expect: Vec<String> = values
            .iter()
            .map(|v| format!("{{\"w\":{v},\"k\":1}}\n"))
            .collect();
        prop_assert_eq!(String::from_utf8_lossy(&ran.stdout), expect.concat());
        prop_assert_eq!(ran.stderr, "");
    }
}

/// Compact JSON with distinct keys, spelt as results are.
fn plain() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,20})?([eE][-+]?[0-9]{1,3})?",
        "\"([a-zA-Z0-9 é💩/<>&']|\\\\n|\\\\\"|\\\\\\\\|\\\\u0001|\\\\ud8[0-9a-f]{2})*\"",
        "(null|true|false|NaN|Infinity|-Infinity|\\{\\}|\\[\\])",
    ];
    scalar.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|v| format!("[{}]", v.join(","))),
            prop::collection::btree_map("[a-z]{0,3}", inner, 0..5).prop_map(|members| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(k, v)| format!("\"{k}\":{v}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}
