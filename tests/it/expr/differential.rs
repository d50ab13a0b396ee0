//! Ten thousand expressions over many records each, through the whole of dl-filter: which
//! lines come out is compared with what a naive reader of the manual says.
//!
//! `DISTLOG_EXPRESSIONS` is the number of expressions, `DISTLOG_SEED` where chance begins.

mod canonical;
mod expression;
mod holds;
mod json;
mod line;
mod words;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use distlog::{
    expr::Expr,
    record::{Found, Reader},
};

use super::{NOW, parse};
use crate::{rng::Rng, support::Dir};
use expression::Expression;
use json::Json;
use line::{Line, line, wishes};

/// Expressions that share their records.
const GROUP: usize = 10;
/// Records of a group.
const RECORDS: usize = 50;

/// A line and its reading.
struct Known {
    bytes: Vec<u8>,
    json: Option<Json>,
}

fn known(Line { bytes, reading }: Line) -> Known {
    let json = reading.map(|text| match Json::read(&text) {
        Ok(json) => json,
        Err(error) => panic!("{error}: {text}"),
    });
    Known { bytes, json }
}

fn number(name: &str, default: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.map_or(default, |text| text.parse().expect("a number"))
}

/// The expressions and lines of a group.
fn group(seed: u64) -> (Vec<Expression>, Vec<Known>) {
    let mut rng = Rng::new(seed);
    let expressions: Vec<_> = (0..GROUP).map(|_| Expression::any(&mut rng, 2)).collect();
    let wishes = wishes(&mut rng, &expressions);
    let lines = (0..RECORDS).map(|number| known(line(&mut rng, number, &wishes)));
    let lines = lines.collect();
    (expressions, lines)
}

/// How many lines are records.
fn readable(lines: &[Known]) -> usize {
    lines.iter().filter(|line| line.json.is_some()).count()
}

/// What should come out, and how many lines the expression itself selects.
fn selected(expression: &Expression, lines: &[Known], invert: bool) -> (Vec<u8>, usize) {
    let mut out = Vec::new();
    let mut hits = 0;
    for line in lines {
        let Some(json) = &line.json else { continue };
        let hit = expression.holds(json);
        hits += usize::from(hit);
        if hit != invert {
            out.extend_from_slice(&line.bytes);
            out.push(b'\n');
        }
    }
    (out, hits)
}

fn file_of(lines: &[Known]) -> Vec<u8> {
    lines
        .iter()
        .map(|line| &line.bytes)
        .fold(Vec::new(), |mut file, bytes| {
            file.extend_from_slice(bytes);
            file.push(b'\n');
            file
        })
}

/// Runs dl-filter over the file and compares what comes out; returns how many lines the
/// expression selects.
fn check(
    expression: &Expression,
    lines: &[Known],
    file: &Path,
    args: &[&str],
    invert: bool,
) -> usize {
    let (expect, hits) = selected(expression, lines, invert);
    let text = expression.to_string();
    // Without the threads that `program` has for its promises: they would take most of the time.
    let ran = Command::new(env!("CARGO_BIN_EXE_dl-filter"))
        .args(args)
        .arg(&text)
        .arg(file)
        .args(invert.then_some("-v"))
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    if ran.stdout == expect && ran.status.success() {
        return hits;
    }
    let split = |bytes: &[u8]| {
        bytes
            .split(|&b| b == b'\n')
            .map(<[u8]>::to_vec)
            .collect::<Vec<_>>()
    };
    let (found, expect) = (split(&ran.stdout), split(&expect));
    let show = |lines: &[Vec<u8>], but: &[Vec<u8>]| {
        let extra = lines.iter().filter(|line| !but.contains(line)).take(3);
        extra
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect::<Vec<_>>()
            .join("\n")
    };
    panic!(
        "{text}\n{}, {}\n--- should not come out{}\n{}\n--- should come out\n{}",
        ran.status,
        String::from_utf8_lossy(&ran.stderr),
        if invert { " (inverted)" } else { "" },
        show(&found, &expect),
        show(&expect, &found),
    );
}

#[test]
fn the_program_agrees_with_the_naive_evaluator() {
    let count = usize::try_from(number("DISTLOG_EXPRESSIONS", 10_000)).expect("it fits");
    let seed = number("DISTLOG_SEED", 1);
    let next = AtomicUsize::new(0);
    let tests = AtomicUsize::new(0);
    let hits = AtomicUsize::new(0);
    // Expressions that select some of their records and not all.
    let telling = AtomicUsize::new(0);
    let dir = Dir::new();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at * GROUP >= count {
                        return;
                    }
                    let (expressions, lines) =
                        group(seed.wrapping_mul(1_000_003).wrapping_add(at as u64));
                    let file = dir.file(&at.to_string(), file_of(&lines));
                    for (n, expression) in expressions.iter().enumerate() {
                        let hit = check(expression, &lines, &file, &["-j", "1"], n % 5 == 4);
                        tests.fetch_add(lines.len(), Ordering::Relaxed);
                        hits.fetch_add(hit, Ordering::Relaxed);
                        if hit > 0 && hit < readable(&lines) {
                            telling.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    fs::remove_file(file).expect("it is there");
                }
            });
        }
    });
    let (tests, hits) = (tests.into_inner(), hits.into_inner());
    assert!(
        (tests / 4..tests * 3 / 4).contains(&hits),
        "{hits} hits in {tests} tests"
    );
    let telling = telling.into_inner();
    assert!(
        telling * 3 > count * 2,
        "only {telling} of {count} expressions tell records apart"
    );
}

#[test]
fn many_chunks_are_selected_like_one() {
    let dir = Dir::new();
    let groups: Vec<_> = (0..150).map(|at| group(7_000_000 + at)).collect();
    let mut expressions = Vec::new();
    let mut lines = Vec::new();
    for (own, known) in groups {
        expressions.push(own.into_iter().next().expect("a group has some"));
        lines.extend(known);
    }
    let file: PathBuf = dir.file("all", file_of(&lines));
    assert!(
        fs::metadata(&file).expect("a file").len() > 400_000,
        "several chunks"
    );
    for (n, expression) in expressions.iter().take(30).enumerate() {
        let jobs = (n % 3 + 1).to_string();
        check(expression, &lines, &file, &["-j", &jobs], n % 4 == 3);
    }
}

#[test]
fn the_filter_agrees_record_by_record() {
    for at in 0..100 {
        let (expressions, lines) = group(9_000_000 + at);
        for expression in &expressions {
            let text = expression.to_string();
            let expr = parse(&text);
            let shown = expr.to_string();
            assert_eq!(
                Expr::parse(&shown, NOW),
                Ok(expr.clone()),
                "{text} as {shown}"
            );
            let mut reader = Reader::default();
            let filter = expr.compile(&mut reader);
            let mut found = Found::default();
            for line in &lines {
                let matched = reader
                    .read(&line.bytes, &mut found)
                    .ok()
                    .map(|record| filter.matches(&record));
                let expect = line.json.as_ref().map(|json| expression.holds(json));
                assert_eq!(
                    matched,
                    expect,
                    "{text} on {}",
                    String::from_utf8_lossy(&line.bytes)
                );
            }
        }
    }
}

/// Generated records that every reader of JSON reads alike, for comparison with other programs.
pub(super) fn readable_lines(count: usize) -> Vec<Vec<u8>> {
    let groups = (0..).flat_map(|at| {
        let mut rng = Rng::new(5_000_000 + at);
        let expressions: Vec<_> = (0..GROUP).map(|_| Expression::any(&mut rng, 2)).collect();
        let wishes = wishes(&mut rng, &expressions);
        (0..RECORDS)
            .map(move |number| line(&mut rng, number, &wishes))
            .collect::<Vec<_>>()
    });
    groups
        .filter_map(|line| line.reading)
        .map(String::into_bytes)
        .take(count)
        .collect()
}
