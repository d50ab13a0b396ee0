//! Context beside grep, which counts in lines of the input, and in pipes that stay open.

use std::process::{Command, Stdio};

use proptest::{collection::vec, prelude::*};

use crate::{
    support::{Dir, Ran, program},
    tries::tries,
};

/// A record for each; `true` is a match.
fn records(matches: &[bool]) -> String {
    let record = |(number, &is_match): (usize, &bool)| {
        let level = if is_match { "error" } else { "info" };
        format!(
            "{{\"n\":{number},\"pid\":{},\"level\":\"{level}\"}}\n",
            number % 3
        )
    };
    matches.iter().enumerate().map(record).collect()
}

proptest! {
    #![proptest_config(tries(40))]

    #[test]
    fn with_one_key_for_all_it_is_what_grep_writes(
        matches in vec(prop::bool::weighted(0.2), 0..40),
        after in prop::option::of(0..4_u8),
        before in prop::option::of(0..4_u8),
        both in prop::option::of(0..4_u8),
        limit in prop::option::of(1..4_u8),
        jobs in 1..4_u8,
    ) {
        let dir = Dir::new();
        let file = dir.file("records", records(&matches));
        let mut flags = Vec::new();
        for (flag, value) in [("-A", after), ("-B", before), ("-C", both), ("-m", limit)] {
            flags.extend(value.map(|value| format!("{flag}{value}")));
        }
        let grep = Command::new("grep")
            .args(&flags)
            .args(["--no-group-separator", "\"error\""])
            .arg(&file)
            .stdin(Stdio::null())
            .output()
            .expect("grep runs");
        let mut ours = program("dl-filter").args(&["-l", "error", "-j", &jobs.to_string()]);
        if after.or(before).or(both).is_some() {
            ours = ours.args(&["--context-by", "none"]);
        }
        for flag in &flags {
            ours = ours.arg(flag);
        }
        let ours = ours.arg(&file).output();
        prop_assert_eq!(
            String::from_utf8_lossy(&ours),
            String::from_utf8_lossy(&grep.stdout),
            "{:?}", flags
        );
    }
}

#[test]
fn what_is_read_is_written_or_filtered() {
    let all = records(&[false, true, false, false, true, false, false, true, false]);
    for args in [
        &["-C", "1"][..],
        &["-A", "1", "-m", "2"],
        &["-B", "2", "--context-by", ".n"],
        &["-C", "1", "-v"],
        &["-C", "1", "-c"],
    ] {
        let ran = program("dl-filter")
            .args(&["-l", "error", "--stats"])
            .args(args)
            .stdin(&all)
            .run();
        let numbers: Vec<usize> = ran
            .stderr
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|number| number.parse().ok())
            .collect();
        let [read, written, filtered, rejected] = numbers[..] else {
            panic!("{args:?}: {}", ran.stderr);
        };
        assert_eq!(read, written + filtered + rejected, "{args:?}");
        if !args.contains(&"-c") {
            assert_eq!(crate::support::newlines(&ran.stdout), written, "{args:?}");
        }
    }
}

#[test]
fn context_comes_as_soon_as_it_is_known() {
    let mut running = program("dl-filter")
        .args(&["-l", "error", "-C", "1", "-m", "1"])
        .start();
    let all = records(&[false, false, false, false, true, false, false, false, false]);
    let lines: Vec<_> = all.split_inclusive('\n').collect();
    running.write(lines[..5].concat());
    assert_eq!(running.line(), lines[1]);
    assert_eq!(running.line(), lines[4]);
    running.write(lines[5]);
    running.write(lines[6]);
    // Its input stays open: with the last record of the context there is enough.
    running.write(lines[7]);
    assert_eq!(
        running.end(),
        Ran {
            stdout: lines[7].into(),
            stderr: String::new(),
            status: 0
        }
    );
}
