//! Destinations that are commands: they die, hang, never read, and leave children behind.

use std::{fs, io::Write, path::Path, thread};

use rustix::process::Signal;

use super::{Live, numbers, text};
use crate::support::{Dir, program, wait_for, wait_for_end};

#[test]
fn a_processor_that_dies_is_reported_and_started_again_and_nothing_unread_is_lost() {
    let dir = Dir::new();
    let command = format!(
        "read -r line; echo \"$line\" >> {}; exit 3",
        dir.path("got").display()
    );
    let rules = dir.file(
        "rules",
        format!(
            "rules: []\ndefault: '{}'\n",
            format!("exec:{command}").replace('\'', "''")
        ),
    );
    program("dl-filter")
        .arg("--rules")
        .arg(&rules)
        .stdin(numbers(0..4))
        .run_and(|ran| {
            // `read` takes its line and no byte more, so each process gets one.
            assert_eq!(text(&dir.path("got")), numbers(0..4), "{}", ran.stderr);
            let said = format!("dl-filter: exec:{command}: exited with status 3");
            assert_eq!(
                ran.stderr
                    .matches(&format!("{said}, starting again\n"))
                    .count(),
                3,
                "{}",
                ran.stderr
            );
            assert!(ran.stderr.ends_with(&format!("{said}\n")), "{}", ran.stderr);
            assert_eq!(ran.status, 2);
        });
}

#[test]
fn the_last_status_of_a_processor_counts() {
    let dir = Dir::new();
    for (command, words, status) in [
        ("cat > /dev/null; exit 3", "exited with status 3", 2),
        ("cat > /dev/null; kill -9 $$", "was killed by signal 9", 2),
        ("cat > /dev/null", "", 0),
    ] {
        let rules = dir.file("rules", format!("rules: []\ndefault: 'exec:{command}'\n"));
        let said = if words.is_empty() {
            String::new()
        } else {
            format!("dl-filter: exec:{command}: {words}\n")
        };
        program("dl-filter")
            .arg("--rules")
            .arg(&rules)
            .stdin(numbers(0..3))
            .check("", &said, status);
    }
}

#[test]
fn a_command_that_cannot_be_run_is_an_error_at_once() {
    program("dl-send")
        .arg("exec:./no/such/command 2> /dev/null")
        .stdin(numbers(0..3))
        .check(
            "",
            "dl-send: exec:./no/such/command 2> /dev/null: exited with status 127: the command cannot be run\n",
            2,
        );
}

#[test]
fn a_processor_that_never_reads_holds_its_writer_up_and_no_memory_grows() {
    let dir = Dir::new();
    dir.file("rules", "rules: []\ndefault: 'exec:exec sleep 1000'\n");
    let mut live = Live::start(&dir, &["--rules", "rules", "--linger", "300ms"]);
    let mut stdin = live.stdin.take().expect("stdin is open");
    let record = format!("{{\"n\":\"{}\"}}\n", "x".repeat(990));
    rustix::io::ioctl_fionbio(&stdin, true).expect("a pipe");
    // As much as goes in: until nothing more does for a while, or far more than may.
    let mut written = 0;
    let mut stalled = std::time::Instant::now();
    while stalled.elapsed() < std::time::Duration::from_millis(500) {
        match stdin.write(record.as_bytes()) {
            Ok(count) => {
                written += count;
                stalled = std::time::Instant::now();
                assert!(written < 64 << 20, "it reads on");
            }
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
                thread::sleep(std::time::Duration::from_millis(2));
            }
        }
    }
    let status = text(
        &Path::new("/proc")
            .join(live.child.0.id().to_string())
            .join("status"),
    );
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|size| size.trim().strip_suffix(" kB")?.parse::<u32>().ok())
        .expect("a size");
    assert!(peak < 64 << 10, "{peak} kB");
    live.signal(Signal::TERM);
    live.hear("not delivered within 300ms");
    drop(stdin);
    let began = std::time::Instant::now();
    assert_eq!(live.end(), 2);
    assert!(began.elapsed() < std::time::Duration::from_secs(10));
}

#[test]
fn a_processor_that_does_not_end_is_ended_with_its_children() {
    let dir = Dir::new();
    let pid = dir.path("pid");
    let rules = dir.file(
        "rules",
        format!(
            "rules: []\ndefault: \"exec:trap '' TERM; sleep 1000 & echo $! > {}; cat > /dev/null; wait\"\n",
            pid.display()
        ),
    );
    program("dl-filter")
        .arg("--rules")
        .arg(&rules)
        .args(&["--linger", "300ms"])
        .stdin(numbers(0..3))
        .run_and(|ran| {
            assert!(
                ran.stderr
                    .ends_with(": did not end within 300ms after its input, and was ended\n"),
                "{}",
                ran.stderr
            );
            assert_eq!(ran.status, 2);
        });
    let process = Path::new("/proc").join(text(&pid).trim());
    wait_for("the end of a child", || {
        // Whoever has adopted it may not have taken note of its end yet.
        fs::read_to_string(process.join("stat")).map_or(true, |stat| stat.contains(") Z "))
    });
}

#[test]
fn sigterm_delivers_what_was_read_and_ends_processors() {
    let dir = Dir::new();
    dir.file(
        "rules",
        "rules: []\ndefault: 'exec:cat > got; echo done >> got'\n",
    );
    let mut live = Live::start(&dir, &["--rules", "rules", "--stats"]);
    live.write(&numbers(0..5));
    wait_for("the records", || {
        fs::read_to_string(dir.path("got")).is_ok_and(|got| got == numbers(0..5))
    });
    live.signal(Signal::TERM);
    live.hear("dl-filter: 5 read, 5 written, 0 filtered, 0 rejected");
    assert_eq!(wait_for_end(&mut live.child), 0);
    assert_eq!(text(&dir.path("got")), numbers(0..5) + "done\n");
}
