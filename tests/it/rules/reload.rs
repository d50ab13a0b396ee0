//! Rules that change while records flow.

use std::{fs, io::Write, thread};

use rustix::process::Signal;

use super::{Live, numbers, text};
use crate::support::{Dir, newlines, wait_for};

#[test]
fn rules_change_while_records_flow() {
    let dir = Dir::new();
    dir.file(
        "rules",
        "rules:\n- {name: low, when: .n < 5, to: low.log}\ndefault: old.log\n",
    );
    let mut live = Live::start(&dir, &["--rules", "rules", "--stats"]);
    live.write(&numbers(3..7));
    wait_for("the records", || {
        fs::read_to_string(dir.path("old.log")).is_ok_and(|got| got == numbers(5..7))
    });
    // The stream is idle: the signal itself must wake the program.
    dir.file(
        "rules",
        "rules:\n- {name: low, when: .n < 6, to: low.log}\ndefault: new.log\n",
    );
    live.signal(Signal::HUP);
    live.hear("dl-filter: rules: 1 rule loaded");
    live.write(&numbers(3..7));
    wait_for("the records", || {
        fs::read_to_string(dir.path("new.log")).is_ok_and(|got| got == numbers(6..7))
    });
    // Wrong rules are told, and the old ones stay.
    for (wrong, words) in [
        (
            "rules:\n- {name: low, when: .n = 6, to: low.log}\n",
            "dl-filter: rules:2:24: rule 'low': when: column 4",
        ),
        (
            "rules: []\ndefault: missing/new.log\n",
            "dl-filter: rules:2:10: missing/new.log: there is no folder missing",
        ),
        (
            "rules: []\ndefault: ./rules\n",
            "dl-filter: rules: the input file is an output file too",
        ),
    ] {
        dir.file("rules", wrong);
        live.signal(Signal::HUP);
        live.hear(words);
        live.hear("dl-filter: the rules stay as they were");
    }
    live.write(&numbers(5..7));
    live.stdin = None;
    live.hear("rule 'low': 6 taken, 6 written");
    live.hear("default: 4 taken, 4 written");
    live.hear("10 read, 10 written, 0 filtered, 0 rejected");
    assert_eq!(live.end(), 0);
    assert_eq!(
        text(&dir.path("low.log")),
        numbers(3..5) + &numbers(3..6) + &numbers(5..6)
    );
    assert_eq!(text(&dir.path("old.log")), numbers(5..7));
    assert_eq!(text(&dir.path("new.log")), numbers(6..7) + &numbers(6..7));
}

#[test]
fn destinations_that_stay_are_not_opened_anew() {
    let dir = Dir::new();
    let rules = |when: &str| {
        format!(
            "rules:\n- {{name: a, when: {when}, to: 'exec:echo begun >> log; cat > /dev/null; echo ended >> log'}}\ndefault: drop\n"
        )
    };
    dir.file("rules", rules("true"));
    let mut live = Live::start(&dir, &["--rules", "rules"]);
    live.write(&numbers(0..2));
    wait_for("the processor", || dir.path("log").exists());
    dir.file("rules", rules(".n > 0"));
    live.signal(Signal::HUP);
    live.hear("1 rule loaded");
    live.write(&numbers(0..2));
    // One that is gone gets the end of its input at once.
    dir.file("rules", "rules: []\ndefault: drop\n");
    live.signal(Signal::HUP);
    live.hear("0 rules loaded");
    wait_for("the end of the processor", || {
        text(&dir.path("log")) == "begun\nended\n"
    });
    assert_eq!(live.end(), 0);
}

#[test]
fn a_change_in_a_busy_stream_loses_nothing_and_splits_no_record() {
    let dir = Dir::new();
    let rules =
        |n: u32| format!("rules:\n- {{name: a, to: [a{n}.log, b{n}.log]}}\ndefault: drop\n");
    dir.file("rules", rules(0));
    let mut live = Live::start(&dir, &["--rules", "rules", "--stats", "--jobs", "4"]);
    // Before it is ready for the signal, it would be ended by it.
    wait_for("the destinations", || dir.path("a0.log").exists());
    let mut stdin = live.stdin.take().expect("stdin is open");
    let writer = thread::spawn(move || {
        for block in 0..200 {
            stdin
                .write_all(numbers(block * 1000..block * 1000 + 1000).as_bytes())
                .expect("it reads");
        }
    });
    for n in 1..=5 {
        dir.file("rules", rules(n));
        live.signal(Signal::HUP);
        live.hear("1 rule loaded");
    }
    writer.join().expect("it has written");
    live.hear("200000 read, 200000 written, 0 filtered, 0 rejected");
    assert_eq!(live.end(), 0);
    for copy in ["a", "b"] {
        let all: String = (0..=5)
            .map(|n| text(&dir.path(&format!("{copy}{n}.log"))))
            .collect();
        assert!(all == numbers(0..200_000), "{copy}");
    }
}

#[test]
fn a_throttle_goes_on_with_its_rule_and_tells_its_count_when_that_is_gone() {
    let dir = Dir::new();
    let rules = |name: &str, when: &str| {
        format!(
            "rules:\n- {{name: {name}, when: {when}, to: {name}.log, throttle: 1/h}}\ndefault: rest.log\n"
        )
    };
    let record = |n: u32| format!("{{\"n\":{n},\"time\":\"2026-11-20T12:00:0{n}Z\"}}\n");
    dir.file("rules", rules("a", "exists(.n)"));
    let mut live = Live::start(&dir, &["--rules", "rules", "--stats"]);
    live.write(&(record(1) + &record(2)));
    wait_for("the first record", || {
        fs::read_to_string(dir.path("a.log")).is_ok_and(|got| got == record(1))
    });
    // The same rule but for its expression: its hour is not over.
    dir.file("rules", rules("a", ".n < 4"));
    live.signal(Signal::HUP);
    live.hear("1 rule loaded");
    live.write(&(record(3) + &record(4)));
    wait_for("the last record", || {
        fs::read_to_string(dir.path("rest.log")).is_ok_and(|got| got == record(4))
    });
    dir.file("rules", rules("b", "true"));
    live.signal(Signal::HUP);
    live.hear("1 rule loaded");
    let told = text(&dir.path("a.log"));
    assert!(
        told.starts_with(&record(1)) && told.contains("\"rule\":\"a\",\"records\":2,"),
        "{told}"
    );
    assert_eq!(newlines(told.as_bytes()), 2);
    live.stdin = None;
    live.hear("rule 'a': 3 taken, 1 written");
    live.hear("default: 1 taken, 1 written");
    live.hear("rule 'b': 0 taken, 0 written");
    live.hear("4 read, 2 written, 2 filtered, 0 rejected");
    assert_eq!(live.end(), 0);
}
