//! The worked examples of dl-rules(7) are the files of examples/rules, and do what it says.

use std::{collections::BTreeMap, fs};

use crate::{
    programs::{RULES, Sandbox},
    support::{program, root},
};

fn manual() -> String {
    fs::read_to_string(root().join("man/dl-rules.7")).expect("the manual")
}

fn shop() -> Vec<String> {
    let text = fs::read_to_string(root().join("tests/data/shop.ndjson")).expect("a sample");
    text.lines().map(str::to_owned).collect()
}

/// The lines of the sample that an expression selects.
fn selected(expr: &str) -> Vec<String> {
    let input = root().join("tests/data/shop.ndjson");
    let output = program("dl-filter").arg(expr).arg(input).output();
    let output = String::from_utf8(output).expect("a text");
    output.lines().map(str::to_owned).collect()
}

fn lines(sandbox: &Sandbox, name: &str) -> Vec<String> {
    let text = fs::read_to_string(sandbox.path(name)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn the_manual_shows_the_files() {
    let shown: BTreeMap<String, String> = manual()
        .split(".\\\" file: ")
        .skip(1)
        .filter_map(|part| part.split_once('\n'))
        .filter_map(|(name, rest)| {
            let text = rest.strip_prefix(".Bd -literal -offset indent\n")?;
            let (text, _) = text.split_once(".Ed")?;
            Some((name.to_owned(), text.replace("\\e", "\\")))
        })
        .collect();
    assert_eq!(shown.len(), RULES.len());
    for name in RULES {
        let file = fs::read_to_string(root().join("examples/rules").join(name)).expect("a file");
        assert_eq!(shown.get(name), Some(&file), "{name}");
    }
}

#[test]
fn by_level_and_by_service() {
    let sandbox = Sandbox::new();
    let run = sandbox.run("dl-filter --rules split.yaml --stats capture.ndjson");
    let words = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && run.stdout.is_empty(), "{words}");
    let check = |name: &str, expr: &str| {
        let expect = selected(expr);
        assert!(!expect.is_empty(), "{expr}");
        assert_eq!(lines(&sandbox, name), expect, "{name}");
    };
    check("errors.ndjson", "level >= error");
    check(
        "payments.ndjson",
        "service == payments and not level <= debug",
    );
    check(
        "rest.ndjson",
        "not service == payments and not level <= debug",
    );
    let dropped = selected("level <= debug").len();
    let all = shop().len();
    let balance = format!(
        "{all} read, {} written, {dropped} filtered, 0 rejected",
        all - dropped
    );
    assert!(words.contains(&balance), "{words}");
}

#[test]
fn page_somebody() {
    let sandbox = Sandbox::new();
    let run = sandbox.run("dl-filter --rules page.yaml capture.ndjson");
    let words = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && words.is_empty(), "{words}");
    assert_eq!(lines(&sandbox, "archive.ndjson"), shop());
    // Two for each service, in a log of less than a minute; what is counted comes on top.
    let errors = selected("level >= error");
    let mut services: BTreeMap<String, usize> = BTreeMap::new();
    for error in &errors {
        let record: serde_json::Value = serde_json::from_str(error).expect("a record");
        *services.entry(record["service"].to_string()).or_default() += 1;
    }
    let expect: usize = services.values().map(|count| (*count).min(2)).sum();
    let pages = lines(&sandbox, "pages.txt");
    let sent = pages
        .iter()
        .filter(|line| line.starts_with("PAGE 2026-") && line.contains(" ERROR "));
    assert_eq!(sent.count(), expect, "{pages:#?}");
    assert!(expect < errors.len(), "the throttle has nothing to do");
}

#[test]
fn to_two_collectors_without_secrets() {
    let sandbox = Sandbox::new();
    let shipped = fs::read_to_string(sandbox.path("ship.yaml"))
        .expect("the rules")
        .replace("tcp://collector-1.example:5010", "ipc://main.sock")
        .replace("tcp://collector-2.example:5010", "ipc://standby.sock");
    fs::write(sandbox.path("ship.yaml"), shipped).expect("room");
    // A secret in a record of trouble, and one in a record that is surely in the sample.
    let trouble = r#"{"level":"error","service":"payments","password":"hunter2","note":"card 4111 1111 1111 1111"}"#;
    let quiet = r#"{"level":"info","access_token":"s3cret"}"#;
    fs::write(
        sandbox.path("extra.ndjson"),
        format!("{trouble}\n{quiet}\n"),
    )
    .expect("room");
    let run = sandbox.run(
        "set -e
        dl-recv ipc://main.sock -o main.ndjson --no-stamp 2> /dev/null & main=$!
        dl-recv ipc://standby.sock -o standby.ndjson 2> /dev/null & standby=$!
        dl-filter --rules ship.yaml capture.ndjson extra.ndjson --stats
        kill $main $standby; wait $main $standby",
    );
    let words = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{words}");
    let main = lines(&sandbox, "main.ndjson");
    let standby = lines(&sandbox, "standby.ndjson");
    let expect = selected("level >= warning or status == failed").len() + 1;
    assert_eq!(standby.len(), expect, "{words}");
    assert!(standby.iter().all(|line| line.contains(r#""topic":"SLJ""#)));
    assert!(main.len() > expect, "no sample in {}", main.len());
    assert!(main.len() < shop().len(), "all of it");
    for line in main.iter().chain(&standby) {
        assert!(
            !["hunter2", "s3cret", "4111"]
                .iter()
                .any(|secret| line.contains(secret)),
            "{line}"
        );
    }
    assert!(
        main.iter().any(|line| line.contains("access_token")),
        "{main:#?}"
    );
}
