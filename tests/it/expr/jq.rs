//! What jq selects with a program that says the same, line by line, from the samples and from
//! generated records.
//!
//! jq knows no canonical fields, reads numbers in strings only if told, and looks into arrays
//! only if told; the functions below tell it.

use std::{fmt::Write, fs, path::PathBuf, process::Command};

use super::differential::readable_lines;
use crate::support::{Dir, program, root, samples};

/// `el` are the elements that a test looks at, `num` and `txt` what of them has a number or a
/// text, `at` looks at a field so.
const WORDS: &str = r#"
def el: if type == "array" then .[] | select(type != "array") else . end;
def num: if type == "number" then .
    elif type == "string" and test("^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$") then tonumber
    else empty end;
def txt: if type == "string" then . elif type == "number" or type == "boolean" then tostring else empty end;
def at(f): f | el;
def str(f): at(f) | strings;
"#;

/// Which lines to select from.
#[derive(Clone, Copy, PartialEq)]
enum Corpus {
    /// All samples that jq can read, and generated records.
    All,
    /// One sample.
    Sample(&'static str),
    /// The shop's records.
    Shop,
}
use Corpus::{All, Sample, Shop};

const PAIRS: &[(Corpus, &str, &str)] = &[
    (All, "true", "true"),
    (All, ".level == 30", "any(at(.level) | num; . == 30)"),
    (All, ".level >= 30 and .level < 50", "any(at(.level) | num; . >= 30) and any(at(.level) | num; . < 50)"),
    (All, ".a != 1.5", "any(at(.a) | num; . == 1.5) | not"),
    (All, ".b == 500", "any(at(.b) | num; . == 500)"),
    (All, ".b == '500'", "any(str(.b); . == \"500\")"),
    (All, "exists(.msg)", ".msg != null"),
    (All, "not exists(c)", ".c == null"),
    (All, "c == null", "has(\"c\") and any(at(.c); . == null)"),
    (All, ".a == true or .b == false", "any(at(.a); . == true) or any(at(.b); . == false)"),
    (All, ".msg == abc", "any(str(.msg); . == \"abc\")"),
    (All, ".msg < b", "any(str(.msg); . < \"b\")"),
    (All, ".msg startswith a", "any(at(.msg) | txt; startswith(\"a\"))"),
    (All, ".msg endswith b", "any(at(.msg) | txt; endswith(\"b\"))"),
    (All, ".message contains 'e'", "any(at(.message) | txt; contains(\"e\"))"),
    (All, ".name not contains out", "any(at(.name) | txt; contains(\"out\")) | not"),
    (All, ".event ~ '^[a-z]+$'", "any(str(.event); test(\"^[a-z]+$\"))"),
    (All, ".a ~* 'time.?out'", "any(str(.a); test(\"time.?out\"; \"i\"))"),
    (All, ".a !~* 'TIME.?OUT|é'", "any(str(.a); test(\"TIME.?OUT|é\"; \"i\")) | not"),
    (All, ".level in (error, ERROR, 40, 50)", "any(at(.level); . == \"error\" or . == \"ERROR\" or ([num] | . == [40] or . == [50]))"),
    (All, ".name not in (ab, 'odd', null)", "(has(\"name\") and any(at(.name); . == \"ab\" or . == \"odd\" or . == null)) | not"),
    (All, ".\"odd key\" == a or .é == é", "any(str(.\"odd key\"); . == \"a\") or any(str(.\"é\"); . == \"é\")"),
    (All, ".a[1] == ab", "any(if .a | type == \"array\" then .a[1] | el | strings else empty end; . == \"ab\")"),
    (
        All,
        ".a == .b and .a ~ '[a-z]'",
        "has(\"a\") and has(\"b\") and any(at(.a) as $a | at(.b)
            | if ($a | type) == \"string\" and type == \"string\" then $a == .
              elif type == \"boolean\" or type == \"null\" then $a == .
              else [num] == [$a | num] and [num] != [] end; .) and any(at(.a) | txt; test(\"[a-z]\"))",
    ),
    (All, "not (.a == ab or .b == ab) and exists(.c)", "((any(str(.a); . == \"ab\") or any(str(.b); . == \"ab\")) | not) and .c != null"),
    (All, "duration_ms > 200ms and duration_ms <= 10s", "def len: if . == \"200ms\" then 0.2 elif . == \"1.5s\" or . == \"1500ms\" then 1.5 elif . == \"10s\" then 10 else num end;
        any(at(.duration_ms) | len; . > 0.2) and any(at(.duration_ms) | len; . <= 10)"),
    (Sample("eliot"), "status == failed", ".action_status == \"failed\""),
    (Sample("eliot"), "task_level[0] == 1 and event != start", ".task_level[0] == 1 and .action_status != \"started\""),
    (Sample("eliot"), "tree == a3bb8c32-94ea-4443-8527-e01af6bc4bf8", ".task_uuid == \"a3bb8c32-94ea-4443-8527-e01af6bc4bf8\""),
    (Sample("distlog-json-bodies"), "level >= warning and logger !~ ^x", ".levelno >= 30 and (.name | test(\"^x\") | not)"),
    (Sample("distlog-json-bodies"), "time >= 2026-11-20T12:25:40.394Z", ".created >= 1795177540.394"),
    (Sample("go-slog"), "level >= error", ".level | startswith(\"ERROR\")"),
    (Sample("structlog"), "level in (error, critical)", ".level == \"error\" or .level == \"critical\""),
    (Sample("otel-console-logs-oneline"), "level >= notice", ".severity_number >= 10"),
    (Shop, "tree == 2fcd85b7-e351-4bdc-9433-ee9e0fdf989d", "(.context.key? // \"\" | split(\"@\")[1] // \"\" | split(\"/\")[0]) == \"2fcd85b7-e351-4bdc-9433-ee9e0fdf989d\""),
    (Shop, "level >= warning or message contains bank", ".levelno >= 30 or (.message // .msg // \"\" | contains(\"bank\"))"),
];

/// The lines of a file that both can read.
fn readable(path: PathBuf) -> Vec<Vec<u8>> {
    let bytes = fs::read(path).expect("a sample");
    let lines = bytes.split(|&b| b == b'\n');
    let object = |line: &&[u8]| {
        serde_json::from_slice::<serde_json::Value>(line).is_ok_and(|value| value.is_object())
    };
    lines.filter(object).map(<[u8]>::to_vec).collect()
}

fn lines_of(from: Corpus) -> Vec<Vec<u8>> {
    match from {
        Shop => readable(root().join("tests/data/shop.ndjson")),
        Sample(name) => readable(root().join(format!("tests/data/samples/{name}.ndjson"))),
        All => {
            let is_lines = |path: &PathBuf| {
                path.extension()
                    .is_some_and(|extension| extension == "ndjson")
            };
            let mut lines: Vec<_> = samples()
                .into_iter()
                .filter(is_lines)
                .flat_map(readable)
                .collect();
            assert!(lines.len() > 400, "only {} lines", lines.len());
            lines.extend(readable_lines(2_000));
            lines
        }
    }
}

/// The numbers of the lines that jq selects, from 0.
fn selected_by_jq(file: &PathBuf, test: &str) -> Vec<usize> {
    let program = format!("{WORDS} [inputs] | to_entries[] | select(.value | {test}) | .key");
    let ran = Command::new("jq")
        .args(["-n", "-c", &program])
        .arg(file)
        .output();
    let ran =
        ran.unwrap_or_else(|error| panic!("jq: {error}: run scripts/test, which installs it"));
    let words = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "jq: {words} in {test}");
    let numbers = String::from_utf8(ran.stdout).expect("numbers");
    numbers
        .lines()
        .map(|number| number.parse().expect("a number"))
        .collect()
}

#[test]
fn jq_selects_the_same_lines() {
    let dir = Dir::new();
    let mut wrong = String::new();
    for group in PAIRS.chunk_by(|(a, ..), (b, ..)| a == b) {
        let lines = lines_of(group[0].0);
        let file = dir.file("lines", lines.join(&b'\n'));
        let mut met = 0;
        for (_, expression, test) in group {
            let numbers = selected_by_jq(&file, test);
            met += numbers.len();
            let mut expect = Vec::new();
            for &number in &numbers {
                expect.extend_from_slice(&lines[number]);
                expect.push(b'\n');
            }
            let ran = program("dl-filter").arg(expression).arg(&file).run();
            assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{expression}");
            assert!(!numbers.is_empty(), "nothing for {expression}");
            if ran.stdout != expect {
                let split = |bytes: &[u8]| {
                    bytes
                        .split(|&b| b == b'\n')
                        .map(<[u8]>::to_vec)
                        .collect::<Vec<_>>()
                };
                let (ours, theirs) = (split(&ran.stdout), split(&expect));
                let first = |of: &[Vec<u8>], but: &[Vec<u8>]| {
                    of.iter()
                        .find(|line| !but.contains(line))
                        .map(|line| String::from_utf8_lossy(line).into_owned())
                };
                let _ = writeln!(
                    wrong,
                    "{expression}\n  {} lines, jq {}\n  only we: {:?}\n  only jq: {:?}",
                    ours.len() - 1,
                    theirs.len() - 1,
                    first(&ours, &theirs),
                    first(&theirs, &ours)
                );
            }
        }
        assert!(met > 0);
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
