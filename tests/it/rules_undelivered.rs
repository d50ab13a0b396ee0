//! What destinations do not take: it is not counted as written, and it stalls nothing.

use rustix::process::Signal;

use crate::{
    rules::{Live, numbers},
    support::{Dir, program, wait_for},
};

#[test]
fn a_dead_destination_that_is_gone_from_the_rules_does_not_stall_the_others() {
    let dir = Dir::new();
    dir.file("rules", "rules: []\ndefault: 'exec:exit 3'\n");
    let mut live = Live::start(&dir, &["--rules", "rules", "--stats", "--linger", "3s"]);
    live.write(&numbers(0..2));
    live.hear("exec:exit 3: exited with status 3, starting again");
    dir.file("rules", "rules: []\ndefault: ./out\n");
    live.signal(Signal::HUP);
    live.hear("0 rules loaded");
    live.write(&numbers(2..4));
    wait_for("the new destination", || {
        std::fs::read_to_string(dir.path("out")).is_ok_and(|got| got == numbers(2..4))
    });
    // Its time is not over: had it been waited for, this would have been said before.
    live.hear("exec:exit 3: 2 records not delivered within 3s");
    live.close();
    live.hear("default: 4 taken, 2 written");
    live.hear("exec:exit 3: 2 undelivered");
    live.hear("4 read, 2 written, 0 filtered, 0 rejected, 2 undelivered");
    assert_eq!(live.end(), 2);
}

#[test]
fn what_a_destination_does_not_take_is_not_written() {
    let dir = Dir::new();
    let out = dir.path("out");
    let socket = format!("ipc://{}", dir.path("none.sock").display());
    let check = |rules: &str, expect: &[&str]| {
        let rules = dir.file("rules", rules);
        program("dl-filter")
            .arg("--rules")
            .arg(&rules)
            .args(&["--stats", "--linger", "200ms"])
            .stdin(numbers(0..5))
            .run_and(|ran| {
                let said: Vec<_> = ran.stderr.lines().collect();
                let at = said.iter().position(|line| line.contains("rule 'a'"));
                let told = &said[at.unwrap_or(0)..];
                let told = &told[..expect.len().min(told.len())];
                let told: Vec<_> = told
                    .iter()
                    .filter_map(|line| line.strip_prefix("dl-filter: "))
                    .collect();
                assert_eq!(told, expect, "{}", ran.stderr);
                assert_eq!(ran.status, 2);
            });
    };
    let only = |place: &str, more: &str| {
        format!("rules:\n- {{name: a, when: .n < 3, to: '{place}'}}\n{more}default: drop\n")
    };
    for place in ["/dev/full", "exec:./nosuch", "exec:exit 3", &socket] {
        check(
            &only(place, ""),
            &[
                "rule 'a': 3 taken, 0 written",
                "default: 2 taken, 0 written",
                &format!("{place}: 3 undelivered"),
                "5 read, 0 written, 2 filtered, 0 rejected, 3 undelivered",
            ],
        );
    }
    // Whose they were is not known, and what has two places is written when both have it.
    let more = format!("- {{name: b, to: [/dev/full, {}]}}\n", out.display());
    check(
        &only("/dev/full", &more),
        &[
            "rule 'a': 3 taken, 3 written",
            "rule 'b': 2 taken, 2 written",
            "default: 0 taken, 0 written",
            "/dev/full: 5 undelivered",
            "5 read, 0 written, 0 filtered, 0 rejected, 5 undelivered",
        ],
    );
}

#[test]
fn without_rules_too() {
    let full = || std::fs::File::options().write(true).open("/dev/full");
    let dir = Dir::new();
    let input = dir.file("in", numbers(0..5));
    for (name, args) in [
        ("dl-filter", &["true", "--stats"][..]),
        ("dl-send", &["-", "--stats"]),
        ("dl-send", &["/dev/full", "--stats"]),
    ] {
        let bin = if name == "dl-filter" {
            env!("CARGO_BIN_EXE_dl-filter")
        } else {
            env!("CARGO_BIN_EXE_dl-send")
        };
        let ran = std::process::Command::new(bin)
            .args(args)
            .arg(&input)
            .stdout(full().expect("/dev/full"))
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&ran.stderr);
        let balance = format!("{name}: 5 read, 0 written, 0 filtered, 0 rejected, 5 undelivered\n");
        assert!(said.starts_with(&balance), "{said}");
        assert_eq!(ran.status.code(), Some(2));
    }
}
