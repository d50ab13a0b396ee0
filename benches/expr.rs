//! What a filter costs beside the scan of the line that it cannot do without.
//!
//! Three producers, because the shape of a line decides: short generic lines whose level
//! comes first (slog), Eliot's, and distlog's long ones with twenty-five keys. Lines are
//! the real samples, repeated; figures are bytes of input a second.

use std::fs;

use distlog::{
    expr::Expr,
    record::{Found, Instant, Lines, Reader},
};
use divan::{AllocProfiler, Bencher, black_box, counter::BytesCount};

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

const SAMPLES: &[&str] = &["go-slog", "eliot", "distlog-json-bodies"];
/// Large enough to leave the first caches, small enough to stay in the last.
const CHUNK: usize = 1 << 20;

fn main() {
    divan::main();
}

fn chunk(sample: &str) -> Vec<u8> {
    let path = format!(
        "{}/tests/data/samples/{sample}.ndjson",
        env!("CARGO_MANIFEST_DIR")
    );
    let lines = fs::read(path).expect("a sample");
    lines.repeat(CHUNK / lines.len() + 1)
}

/// Checks the lines and finds nothing in them.
#[divan::bench(args = SAMPLES)]
fn scan(bencher: Bencher<'_, '_>, sample: &str) {
    read_all(bencher, sample, &Reader::default());
}

/// Finds what `level` may need, and does not look at it.
#[divan::bench(args = SAMPLES)]
fn scan_for_level(bencher: Bencher<'_, '_>, sample: &str) {
    let mut reader = Reader::default();
    let _filter = parse("level >= error").compile(&mut reader);
    read_all(bencher, sample, &reader);
}

fn read_all(bencher: Bencher<'_, '_>, sample: &str, reader: &Reader) {
    let chunk = chunk(sample);
    let mut found = Found::default();
    bencher
        .counter(BytesCount::of_slice(&chunk))
        .bench_local(|| {
            Lines::new(black_box(&chunk))
                .filter(|line| reader.read(line, &mut found).is_ok())
                .count()
        });
}

#[divan::bench(args = SAMPLES)]
fn level(bencher: Bencher<'_, '_>, sample: &str) {
    select(bencher, sample, "level >= error");
}

#[divan::bench(args = SAMPLES)]
fn time(bencher: Bencher<'_, '_>, sample: &str) {
    select(bencher, sample, "time >= 2026-11-20T12:30:00Z");
}

#[divan::bench(args = SAMPLES)]
fn raw_number(bencher: Bencher<'_, '_>, sample: &str) {
    select(bencher, sample, ".n == 1 or .f > 1 or .lineno > 20");
}

#[divan::bench(args = SAMPLES)]
fn message_contains(bencher: Bencher<'_, '_>, sample: &str) {
    select(bencher, sample, "message contains 'task'");
}

#[divan::bench(args = SAMPLES)]
fn message_matches(bencher: Bencher<'_, '_>, sample: &str) {
    select(bencher, sample, "message ~* '^[a-z]+ task'");
}

/// What an engineer on call would write.
#[divan::bench(args = SAMPLES)]
fn several(bencher: Bencher<'_, '_>, sample: &str) {
    let text =
        "level >= warning and time >= 2026-11-20 and not (logger startswith lib. or user == probe)";
    select(bencher, sample, text);
}

fn parse(text: &str) -> Expr {
    Expr::parse(text, Instant(0)).expect("an expression")
}

fn select(bencher: Bencher<'_, '_>, sample: &str, text: &str) {
    let mut reader = Reader::default();
    let filter = parse(text).compile(&mut reader);
    let chunk = chunk(sample);
    let mut found = Found::default();
    bencher
        .counter(BytesCount::of_slice(&chunk))
        .bench_local(|| {
            Lines::new(black_box(&chunk))
                .filter(|line| {
                    reader
                        .read(line, &mut found)
                        .is_ok_and(|record| filter.matches(&record))
                })
                .count()
        });
}
