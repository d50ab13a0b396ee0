//! The house rules that no compiler knows: who may know whom, how long a file is, what is
//! never written.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use crate::support::root;

/// Which modules a module may use besides itself: the table of the design.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("words", &[]),
    ("error", &[]),
    ("shutdown", &[]),
    ("tls", &["error"]),
    ("zmtp", &[]),
    ("endpoint", &["error"]),
    ("record", &["error"]),
    ("decode", &["record"]),
    ("caret", &[]),
    ("control", &["glob"]),
    ("glob", &[]),
    ("expr", &["caret", "record"]),
    ("jq", &["caret", "record"]),
    ("clean", &["record", "tree", "words"]),
    ("route", &["record", "expr", "clean", "endpoint"]),
    ("tree", &["record", "words"]),
    ("aggregate", &["record", "expr"]),
    (
        "render",
        &[
            "record",
            "expr",
            "tree",
            "aggregate",
            "caret",
            "glob",
            "words",
        ],
    ),
    ("http", &["tls", "zmtp"]),
    (
        "store",
        &["record", "tree", "expr", "endpoint", "http", "tls"],
    ),
    ("nats", &["endpoint", "store", "tls"]),
    (
        "source",
        &["endpoint", "store", "tls", "zmtp", "error", "shutdown"],
    ),
    (
        "sink",
        &[
            "endpoint", "http", "store", "nats", "tls", "zmtp", "error", "shutdown",
        ],
    ),
    ("pump", &["source", "sink", "error"]),
    (
        "cli",
        &[
            "aggregate",
            "clean",
            "control",
            "decode",
            "endpoint",
            "error",
            "expr",
            "jq",
            "nats",
            "pump",
            "record",
            "render",
            "route",
            "shutdown",
            "sink",
            "source",
            "store",
            "tls",
            "tree",
            "words",
            "zmtp",
        ],
    ),
];

/// Files of more than 400 lines, each with its reason.
const LONG: &[(&str, &str)] = &[
    (
        "src/record/producers.rs",
        "a table: a row for each producer",
    ),
    (
        "examples/gen_corpus/catalogue.rs",
        "a table: names, texts and fields",
    ),
    (
        "tests/it/expr/differential/line.rs",
        "one writer, whose ways of being odd belong together",
    ),
];

/// A file of Rust: its path in the repository and its text.
struct Source {
    path: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let sources = files(&["src/*.rs"]);
    assert!(sources.len() > 80, "only {} sources", sources.len());
    sources
}

fn files(patterns: &[&str]) -> Vec<Source> {
    let read = |path: String| {
        let text = fs::read_to_string(root().join(&path)).expect("a source");
        Source { path, text }
    };
    tracked(patterns).into_iter().map(read).collect()
}

/// Files that git knows and that are still there.
fn tracked(patterns: &[&str]) -> Vec<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root())
        .args(["ls-files", "-z", "--"])
        .args(patterns)
        .output()
        .expect("git runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let names = String::from_utf8(output.stdout).expect("names are UTF-8");
    names
        .split('\0')
        .filter(|name| !name.is_empty() && root().join(name).is_file())
        .map(str::to_owned)
        .collect()
}

impl Source {
    /// The module of the crate that the file belongs to.
    fn module(&self) -> &str {
        let name = self.path.strip_prefix("src/").expect("a path in src");
        let name = name.strip_suffix(".rs").unwrap_or(name);
        name.split('/').next().unwrap_or(name)
    }

    /// The text without comments and without the unit tests at its end.
    fn code(&self) -> String {
        let code = self
            .text
            .split("#[cfg(test)]\nmod tests")
            .next()
            .unwrap_or_default();
        let lines = code
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default());
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// The modules that follow `crate::` anywhere in `code`.
fn modules_used(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, found) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let rest = &code[at + found.len()..];
        match rest.strip_prefix('{') {
            None => drop(used.insert(first_word(rest))),
            Some(list) => used.extend(items(list)),
        }
    }
    used
}

/// The first words of the items of a `use` list, up to its closing brace.
fn items(list: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0;
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(String::new()),
            _ => {}
        }
        if let Some(last) = items.last_mut() {
            last.push(c);
        }
    }
    let words = items
        .iter()
        .map(|item| first_word(item.trim_start_matches([',', ' ', '\n'])));
    words.filter(|word| !word.is_empty()).collect()
}

fn first_word(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

#[test]
fn paths_are_understood() {
    let check = |code: &str, expect: &[&str]| {
        let used = modules_used(code);
        assert_eq!(
            used.iter().map(String::as_str).collect::<Vec<_>>(),
            expect,
            "{code}"
        );
    };
    check("use crate::record::{Reader, Path};", &["record"]);
    check(
        "use crate::{\n    error::{Error, Result},\n    tree,\n};",
        &["error", "tree"],
    );
    check("fn f(_: &crate::record::Record) -> mycrate::x", &["record"]);
    check("pub(in crate::tree) fn f()", &["tree"]);
    check("pub(crate) fn f()", &[]);
}

#[test]
fn modules_know_only_those_below() {
    let mut wrong = Vec::new();
    for source in sources() {
        let module = source.module();
        if module == "lib" {
            continue;
        }
        if module == "bin" {
            continue;
        }
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!(
                "{}: module {module} is not in the table",
                source.path
            ));
            continue;
        };
        for used in modules_used(&source.code()) {
            if used != module && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{}: {module} must not know {used}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut wrong = Vec::new();
    for source in files(&["*.rs"]) {
        let lines = source.text.lines().count();
        let reason = LONG.iter().find(|(path, _)| *path == source.path);
        match (lines > 400, reason) {
            (true, None) => wrong.push(format!("{}: {lines} lines", source.path)),
            (false, Some(_)) => {
                wrong.push(format!("{}: is listed as long and is not", source.path));
            }
            _ => {}
        }
        if !source.text.starts_with("//!") {
            wrong.push(format!(
                "{}: does not begin by saying what it is for",
                source.path
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn some_words_are_never_written() {
    const NEVER: [&str; 8] = [
        ".unwrap()",
        "todo!(",
        "unimplemented!(",
        "dbg!(",
        "println!(",
        "eprintln!(",
        "print!(",
        "eprint!(",
    ];
    let mut wrong = Vec::new();
    for source in sources() {
        for (number, line) in (1..).zip(source.code().lines()) {
            let words = NEVER.iter().filter(|word| line.contains(*word));
            wrong.extend(words.map(|word| format!("{}:{number}: {word}", source.path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where a file may name what is looked for, with the reason.
const MAY_NAME: &[(&str, &str)] = &[
    // Tracebacks of real producers, made in a home directory that never was.
    ("tests/data/", "/home/.pyenv/"),
    // Cargo's own name for its default registry.
    ("Cargo.lock", "crates.io"),
];

#[test]
fn nothing_tells_of_the_machine_it_was_made_on() {
    // In pieces, so that this file does not find itself.
    let places = [["/ro", "ot/"], ["/ho", "me/"], ["/wo", "rk/"]].map(|pieces| pieces.concat());
    let hosts = [
        ["index.crat", "es.io"],
        ["static.crat", "es.io"],
        ["py", "pi.org"],
        ["python", "hosted.org"],
        ["npm", "js.org"],
        ["proxy.go", "lang.org"],
    ]
    .map(|pieces| pieces.concat());
    let mut wrong = Vec::new();
    for path in tracked(&[]) {
        if Path::new(&path) == Path::new("tests/it/tidy.rs") {
            continue;
        }
        let bytes = fs::read(root().join(&path)).expect("a file");
        for needle in places.iter().chain(&hosts) {
            for at in memchr::memmem::find_iter(&bytes, needle) {
                let here = &bytes[at..];
                let allowed = |&(place, text): &(&str, &str)| {
                    path.starts_with(place) && here.starts_with(text.as_bytes())
                };
                // A longer name that only ends like one of ours is another place.
                let inside = at > 0
                    && (bytes[at - 1].is_ascii_alphanumeric()
                        || b".-_~}*".contains(&bytes[at - 1]));
                if !inside && !MAY_NAME.iter().any(allowed) {
                    let shown = &here[..here.len().min(60)];
                    wrong.push(format!("{path}: {}", shown.escape_ascii()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
