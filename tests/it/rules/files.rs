//! Destinations that are files and standard output: their order, and what fails.

use std::process::Command;

use super::{numbers, text};
use crate::support::{Dir, program};

#[test]
fn two_rules_to_one_file_keep_the_order_of_the_input() {
    let dir = Dir::new();
    let rules = dir.file(
        "rules",
        format!(
            "rules:\n- {{name: even, when: '.n ~ \"[02468]$\"', to: {0}}}\n- {{name: odd, to: {0}, throttle: 1000000/s}}\n",
            dir.path("out.log").display()
        ),
    );
    program("dl-filter")
        .arg("--rules")
        .arg(&rules)
        .args(&["--jobs", "4"])
        .stdin(numbers(0..60_000))
        .check("", "", 0);
    assert!(text(&dir.path("out.log")) == numbers(0..60_000));
}

#[test]
fn names_with_times_and_endings_are_what_dl_recv_makes_of_them() {
    let dir = Dir::new();
    let rules = dir.file(
        "rules",
        format!(
            "rules: []\ndefault: ['{0}/%Y/all.ndjson', '{0}/all.ndjson.zst', '{0}/100%%.ndjson']\n",
            dir.path("").display()
        ),
    );
    program("dl-filter")
        .arg("--rules")
        .arg(&rules)
        .stdin(numbers(0..3_000))
        .check("", "", 0);
    let year = chrono::Local::now().format("%Y").to_string();
    assert_eq!(text(&dir.path(&year).join("all.ndjson")), numbers(0..3_000));
    assert_eq!(text(&dir.path("100%.ndjson")), numbers(0..3_000));
    let packed = std::fs::File::open(dir.path("all.ndjson.zst")).expect("a file");
    let unpacked = zstd::decode_all(packed).expect("zstd");
    assert!(unpacked == numbers(0..3_000).as_bytes());
    // And read back as any other file.
    program("dl-filter")
        .arg("true")
        .arg(dir.path("all.ndjson.zst"))
        .check(numbers(0..3_000), "", 0);
}

#[test]
fn a_destination_that_fails_is_named_and_the_others_are_finished() {
    let dir = Dir::new();
    let out = dir.path("out.log");
    let rules = dir.file(
        "rules",
        format!(
            "rules: []\ndefault: [/dev/full, {0}, 'exec:cat > {0}.copy']\n",
            out.display()
        ),
    );
    program("dl-filter")
        .arg("--rules")
        .arg(&rules)
        .stdin(numbers(0..3))
        .check(
            "",
            "dl-filter: /dev/full: No space left on device (os error 28)\n",
            2,
        );
    assert_eq!(text(&out), numbers(0..3));
    assert_eq!(text(&dir.path("out.log.copy")), numbers(0..3));
    let rules = dir.file(
        "rules",
        format!("rules: []\ndefault: [{}, missing/x]\n", out.display()),
    );
    program("dl-filter")
        .arg("--rules")
        .arg(&rules)
        .stdin(numbers(0..3))
        .check(
            "",
            &format!(
                "dl-filter: {}:2:{}: missing/x: there is no folder missing\n",
                rules.display(),
                out.display().to_string().len() + 13
            ),
            2,
        );
}

#[test]
fn a_reader_that_leaves_ends_all_with_success() {
    let dir = Dir::new();
    let out = dir.path("out.log");
    dir.file(
        "rules",
        format!("rules: []\ndefault: ['-', {}]\n", out.display()),
    );
    let input = dir.file("in", numbers(0..200_000));
    let command = format!(
        "{} --rules {} {} | head -n 1; echo \"${{PIPESTATUS[0]}}\"",
        env!("CARGO_BIN_EXE_dl-filter"),
        dir.path("rules").display(),
        input.display()
    );
    let ran = Command::new("bash")
        .args(["-c", &command])
        .output()
        .expect("bash");
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "{\"n\":0}\n0\n");
    assert_eq!(String::from_utf8_lossy(&ran.stderr), "");
    let got = text(&out);
    assert!(!got.is_empty() && numbers(0..200_000).starts_with(&got));
}
