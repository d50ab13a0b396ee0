//! `dl-recv --spool` on a disk that is smaller than what comes, or full before the start.

use std::{fmt::Write as _, fs, process::Command};

use crate::support::{Dir, Ran, program};

const RECORDS: usize = 50_000;

/// Runs a script of the shell in a folder of which `disk` is a disk of 1 MiB, without being root; `$recv` is the program.
/// None where nobody but root may mount.
fn on_a_small_disk(dir: &Dir, script: &str) -> Option<Ran> {
    let disk = dir.path("disk");
    fs::create_dir(&disk).expect("a folder");
    let may_mount = Command::new("unshare").args(["-rm", "true"]).output();
    if !may_mount.is_ok_and(|output| output.status.success()) {
        return None;
    }
    let mut run = program("dl-recv");
    run.command = Command::new("unshare");
    run.command
        .current_dir(disk.parent().expect("a folder"))
        .args(["-rm", "sh", "-ec"])
        .arg(format!("mount -t tmpfs -o size=1m tmpfs disk\n{script}"))
        .env("DISTLOG_CONFIG", "")
        .env("recv", env!("CARGO_BIN_EXE_dl-recv"));
    Some(run.run())
}

/// Records that are four times what the disk takes.
fn records(dir: &Dir) -> String {
    let mut text = String::new();
    for number in 0..RECORDS {
        let _ = writeln!(text, "{{\"n\":{number},\"p\":\"{:x<70}\"}}", "");
    }
    dir.file("big", &text);
    text
}

/// The numbers of the records in some lines, each once.
fn numbers(text: &str) -> Vec<u64> {
    let number = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).expect("a whole record");
        value["n"].as_u64().expect("a number")
    };
    let mut numbers: Vec<_> = text.lines().map(number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// The part of some lines in front of one that was cut.
fn whole(text: &str) -> &str {
    &text[..text.rfind('\n').map_or(0, |at| at + 1)]
}

#[test]
fn what_is_sent_makes_room_for_the_rest() {
    let dir = Dir::new();
    let text = records(&dir);
    let script = "exec $recv big --no-stamp --spool disk/spool -o out --stats";
    let Some(ran) = on_a_small_disk(&dir, script) else {
        return;
    };
    let full = "dl-recv: disk/spool: No space left on device (os error 28): nothing is read until there is room\n";
    assert_eq!(ran.stderr.matches(full).count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("50000 read, 50000 written"), "{ran:?}");
    assert_eq!(ran.status, 0);
    assert!(fs::read_to_string(dir.path("out")).expect("text") == text);
}

#[test]
fn a_start_on_a_full_disk_sends_what_is_there_and_frees_it() {
    let dir = Dir::new();
    // There is not a byte left, nor the file that says how far has been sent.
    let script = "mkdir disk/spool\n\
        touch disk/spool/lock\n\
        for n in 0 1 2; do echo '{\"n\":'$n'}' >> disk/spool/00000000000000000007.ndjson; done\n\
        head -c 2m /dev/zero > disk/other 2> /dev/null || true\n\
        $recv /dev/null --spool disk/spool -o out\n\
        ls disk/spool\n\
        rm disk/other\n\
        echo '{\"n\":3}' | $recv - --no-stamp --spool disk/spool -o out\n";
    let Some(ran) = on_a_small_disk(&dir, script) else {
        return;
    };
    let said = "dl-recv: 3 records of the last run sent again\n";
    assert_eq!((ran.stderr.as_str(), ran.status), (said, 0));
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "lock\nsent\n");
    let out = fs::read_to_string(dir.path("out")).expect("text");
    assert_eq!(numbers(&out), [0, 1, 2, 3]);
    assert_eq!(out.matches("\"replayed\":true").count(), 3, "{out}");
}

#[test]
fn an_end_on_a_full_disk_waits_for_the_room_that_is_made() {
    let dir = Dir::new();
    let text = records(&dir);
    let script = "$recv big --no-stamp --spool disk/spool -o out 2> words &\n\
        while [ ! -e out ] || [ $(wc -l < out) -lt 20000 ]; do sleep 0.01; done\n\
        kill -TERM $!; wait $!\n\
        ls disk/spool; grep -c 'No space' words\n";
    let Some(ran) = on_a_small_disk(&dir, script) else {
        return;
    };
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "lock\nsent\n1\n");
    let out = fs::read_to_string(dir.path("out")).expect("text");
    assert!(text.starts_with(whole(&out)) && out.ends_with('\n'));
}

#[test]
fn a_kill_on_a_full_disk_loses_nothing_of_what_was_spooled() {
    for enough in [1_000, 14_000, 33_000] {
        let dir = Dir::new();
        records(&dir);
        let script = format!(
            "$recv big --no-stamp --spool disk/spool -o out 2> words &\n\
             while [ ! -e out ] || [ $(wc -l < out) -lt {enough} ]; do sleep 0.01; done\n\
             kill -9 $!; wait $! || true\n\
             cp out before; cat disk/spool/*.ndjson > left || true\n\
             $recv /dev/null --spool disk/spool -o out; ls disk/spool\n"
        );
        let Some(ran) = on_a_small_disk(&dir, &script) else {
            return;
        };
        let read = |name| fs::read_to_string(dir.path(name)).expect("text");
        let (before, left) = (read("before"), read("left"));
        let mut expect = whole(&before).to_owned();
        expect.push_str(whole(&left));
        let expect = numbers(&expect);
        assert_eq!(expect, (0..expect.len() as u64).collect::<Vec<_>>());
        let after = read("out");
        // A kill in the midst of a write cuts a line, which comes again.
        let came = match &before[whole(&before).len()..] {
            "" => after,
            cut => after.replacen(&format!("{cut}\n"), "", 1),
        };
        assert!(numbers(&came) == expect, "{enough}: {ran:?}");
        assert_eq!(String::from_utf8_lossy(&ran.stdout), "lock\nsent\n");
    }
}
