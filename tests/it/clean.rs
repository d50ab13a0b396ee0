//! Cleaning: nothing that was to be hidden is left, nothing else has changed, and whatever
//! was taken away is counted in band.

mod balance;
mod secrets;

use std::{fmt::Write as _, sync::LazyLock};

use distlog::clean::{Dedup, Redactor, Replacement, Sampler, Throttle};
use proptest::prelude::*;

use crate::{
    support::{Ran, program},
    tries::tries,
};

/// Every kind of rule; made once, because compiling takes long.
static EVERYTHING: LazyLock<Redactor> = LazyLock::new(|| {
    let rules = ["a*,.b.c,card,email,ipv4,ipv6,iban,jwt,bearer,aws-key,/(?-u)[\\x80-\\xff]/,/x*/"];
    Redactor::parse(&rules, Replacement::default()).expect("rules")
});

/// Records of trees and loggers, in an order that mixes them.
fn records(count: usize) -> String {
    (0..count).fold(String::new(), |mut all, n| {
        let _ = writeln!(
            all,
            "{{\"time\":\"2026-11-20T12:{:02}:{:02}Z\",\"trace_id\":\"{:04x}\",\"span_id\":\"{n}\",\"logger\":\"l{}\",\"msg\":\"m{}\",\"password\":\"p{n}\"}}",
            n / 60 % 60,
            n % 60,
            n * 7 % 500,
            n % 5,
            n % 11
        );
        all
    })
}

fn run(args: &[&str], input: &str) -> Ran {
    program("dl-filter").args(args).stdin(input).run()
}

#[test]
fn any_number_of_workers_gives_the_same_bytes_and_the_books_balance() {
    let input = records(12_000);
    for args in [
        &["--redact", "password", "--stats"][..],
        &["--sample", "1/3", "--stats"],
        &["--throttle", "1/m", "--by", "logger", "--stats"],
        &["--dedup", "2m", "--stats"],
        &[
            "--dedup",
            "2m",
            "--throttle",
            "3/m",
            "--sample",
            "1/2",
            "--redact",
            "password,msg",
            "--stats",
        ],
    ] {
        let one = run(&[args, &["-j", "1"]].concat(), &input);
        for jobs in ["2", "3"] {
            assert_eq!(
                run(&[args, &["-j", jobs]].concat(), &input),
                one,
                "{args:?}"
            );
        }
        let numbers: Vec<u64> = one
            .stderr
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|digits| digits.parse().ok())
            .collect();
        let &[read, written, filtered, rejected] = numbers.as_slice() else {
            panic!("no stats: {}", one.stderr);
        };
        assert_eq!((read, rejected), (12_000, 0));
        assert_eq!(written + filtered, read, "{args:?}");
        let output = String::from_utf8_lossy(&one.stdout);
        let ours = output.matches("\"kind\":\"loss\"").count() as u64;
        assert_eq!(output.lines().count() as u64, written + ours, "{args:?}");
        assert!(
            written > 0 && (filtered > 0 || args[0] == "--redact"),
            "{args:?}"
        );
    }
}

#[test]
fn a_sample_has_whole_trees_and_is_the_same_wherever_it_is_taken() {
    let input = records(5_000);
    let tree = |line: &str| line.split('"').nth(7).expect("an id").to_owned();
    let whole = String::from_utf8(run(&["--sample", "1/5"], &input).stdout).expect("text");
    let kept: std::collections::BTreeSet<_> = whole.lines().map(tree).collect();
    assert!((60..=140).contains(&kept.len()), "{}", kept.len());
    let expect = input
        .lines()
        .filter(|line| kept.contains(&tree(line)))
        .count();
    assert_eq!(whole.lines().count(), expect);
    // Two machines have a half of the records each, in some other order.
    let (mut odd, mut even) = (String::new(), String::new());
    for (n, line) in input.lines().rev().enumerate() {
        let half = if n % 2 == 0 { &mut even } else { &mut odd };
        *half += line;
        half.push('\n');
    }
    let mut halves: Vec<_> = [odd, even]
        .iter()
        .flat_map(|half| {
            let ran = run(&["--sample", "20%", "--jobs", "2"], half);
            let text = String::from_utf8(ran.stdout).expect("text");
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    let mut all: Vec<_> = whole.lines().map(str::to_owned).collect();
    halves.sort();
    all.sort();
    assert_eq!(halves, all);
}

#[test]
fn a_window_closes_while_nothing_comes() {
    let mut filter = program("dl-filter").args(&["--dedup", "300ms"]).start();
    let record = "{\"time\":1795177294.5,\"message\":\"m\"}\n";
    filter.write(record);
    assert_eq!(filter.line(), record);
    filter.write(record.repeat(3));
    let last = record.replace('}', ",\"dl\":{\"repeats\":3}}");
    assert_eq!(filter.line(), last);
    // The window is closed: the same record opens another one.
    filter.write(record);
    assert_eq!(filter.line(), record);
}

#[test]
fn counts_survive_several_programs() {
    let input = records(2_000);
    let once = run(&["--throttle", "1/m", "--by", "logger"], &input);
    let first = String::from_utf8(once.stdout).expect("text");
    let twice = run(&["--dedup", "1h", "--dedup-by", "logger"], &first);
    let thrice = run(
        &["--throttle", "1/h"],
        &String::from_utf8_lossy(&twice.stdout),
    );
    let output = String::from_utf8(thrice.stdout).expect("text");
    assert!(output.lines().count() < 100, "{}", output.lines().count());
    assert_eq!(balance::weigh(output.lines()), 2_000, "{output}");
}

proptest! {
    #![proptest_config(tries(500))]

    #[test]
    fn no_rule_text_makes_it_panic(text in "[a-z./*?,\"\\\\\\[\\]0-9:%() -]{0,24}") {
        let _ = Redactor::parse(&[&text], Replacement::default());
        let _ = Sampler::parse(&text, "tree");
        let _ = Sampler::parse("1/2", &text);
        let _ = Throttle::parse(&text, Some(&text));
        let _ = Dedup::parse(&text, &[&text]);
    }

    #[test]
    fn no_line_makes_it_panic(line in proptest::collection::vec(any::<u8>(), 0..40), text in "[{}\\[\\]\",:\\\\a-z0-9. @-]{0,60}") {
        let mut redactor = EVERYTHING.clone();
        let framed = format!("{{\"b\":\"{text}\",\"{text}\":[{text}]}}");
        let wrapped = [b"{\"b\":\"", line.as_slice(), b"\"}"].concat();
        for line in [line.as_slice(), text.as_bytes(), framed.as_bytes(), &wrapped] {
            let mut out = Vec::new();
            let redacted = redactor.redact(line, &mut out);
            prop_assert_eq!(redacted.is_err(), out.is_empty() );
            if redacted.is_ok() {
                // What comes out is a record again.
                prop_assert!(redactor.redact(&out, &mut Vec::new()).is_ok());
            }
        }
    }
}
