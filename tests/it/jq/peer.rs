//! Beside jq itself, version 1.6 or later: where both agree, and where they are known not to.

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use super::jq;
use crate::support::root;

/// What jq writes, or `None` if it refuses the program.
fn of_jq(text: &str, input: &[u8]) -> Option<String> {
    let mut child = Command::new("jq")
        .args(["-c", text])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("jq is installed: apt-get install jq");
    let mut stdin = child.stdin.take().expect("a pipe");
    // jq that refuses the program reads nothing.
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().expect("jq ends");
    (output.status.code() != Some(3)).then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn of_ours(text: &str, input: &[u8]) -> Option<String> {
    let ran = jq(text, input);
    (ran.status == 0).then(|| String::from_utf8_lossy(&ran.stdout).into_owned())
}

#[test]
fn results_are_those_of_jq() {
    let data = root().join("tests/data");
    let records = fs::read(data.join("jq.ndjson")).expect("records");
    let programs = fs::read_to_string(data.join("jq.txt")).expect("programs");
    let programs = programs
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut differ = Vec::new();
    let mut compared = 0;
    for text in programs {
        compared += 1;
        let (theirs, ours) = (of_jq(text, &records), of_ours(text, &records));
        if theirs.is_none() || theirs != ours {
            differ.push(format!("{text}\n  jq   {theirs:?}\n  ours {ours:?}"));
        }
    }
    assert!(compared > 240, "only {compared} programs");
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

#[test]
fn differences_are_the_ones_in_the_manual() {
    let version = Command::new("jq").arg("--version").output();
    let version = version.expect("jq is installed: apt-get install jq").stdout;
    let version = String::from_utf8_lossy(&version).trim().to_owned();
    let check = |text: &str, record: &str, theirs: &str, ours: &str| {
        let lines = |text: &str| text.replace('\n', " ").trim_end().to_owned();
        let record = format!("{record}\n");
        let jq = of_jq(text, record.as_bytes()).map_or("refused".to_owned(), |text| lines(&text));
        // Later versions agree with us here and there.
        if version == "jq-1.6" {
            assert_eq!(jq, theirs, "{text}");
        }
        let ran = super::jq(text, record.as_bytes());
        let found = match ran.status {
            0 => lines(&String::from_utf8_lossy(&ran.stdout)),
            _ => "refused".to_owned(),
        };
        assert_eq!(found, ours, "{text}: {}", ran.stderr);
    };
    check(".n", r#"{"n":1.10}"#, "1.1", "1.10");
    check(
        ".n",
        r#"{"n":12345678901234567890}"#,
        "12345678901234567000",
        "12345678901234567890",
    );
    check(
        ".n + 1",
        r#"{"n":9007199254740993}"#,
        "9007199254740992",
        "9007199254740994",
    );
    check("1e3", "{}", "1000", "1e3");
    check("[(1,2) + (10,20)]", "{}", "[11,12,21,22]", "[11,21,12,22]");
    check("5.5 % 2", "{}", "1", "1.5");
    check(".a[1:]", "{}", "null", "");
    check(".s | index(\"x\")", r#"{"s":"éx"}"#, "2", "1");
    check("[limit(0; 1, 2)]", "{}", "[1]", "[]");
    check(".a[.i] = 1", r#"{"i":0}"#, r#"{"i":0,"a":[1]}"#, "");
    check("\"a'b\" | @uri", "{}", "\"a'b\"", "\"a%27b\"");
    check("[.[] as [$a] ?// $a | 1]", "{}", "[]", "refused");
    check("input", "{}", "", "refused");
    check("now | type", "{}", "\"number\"", "refused");
    check("env | type", "{}", "\"object\"", "refused");
    check("$ENV | type", "{}", "\"object\"", "refused");
    check("halt | 1", "{\"a\":1}", "", "refused");
    check("$__loc__ | type", "{}", "\"object\"", "refused");
}
