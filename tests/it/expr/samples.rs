//! Selections from the real samples.
//!
//! Each count was made once, without distlog, by
//! `python3 -c 'import json,sys; print(sum(bool(TEST) for r in map(json.loads, sys.stdin)))'`
//! over the sample, with the TEST that stands beside it.

use std::fs;

use distlog::record::{Found, Lines};

use super::{compiled, parse};

fn check(sample: &str, text: &str, expect: usize) {
    let path = format!(
        "{}/tests/data/samples/{sample}.ndjson",
        env!("CARGO_MANIFEST_DIR")
    );
    let lines = fs::read(&path).expect("a sample");
    let (reader, filter) = compiled(&parse(text));
    let mut found = Found::default();
    let count = Lines::new(&lines)
        .filter(|line| !line.trim_ascii().is_empty())
        .filter(|line| {
            let record = reader.read(line, &mut found).expect("a record");
            filter.matches(&record)
        })
        .count();
    assert_eq!(count, expect, "{text} in {sample}");
}

#[test]
fn eliot() {
    // r.get('action_status') == 'failed'
    check("eliot", ".action_status == failed", 3);
    // r.get('action_status') == 'failed'
    check("eliot", "status == failed and event == end", 3);
    // r['task_level'][0] == 1
    check("eliot", "task_level[0] == 1", 4);
    // any(n > 2 for n in r['task_level'])
    check("eliot", "task_level > 2", 41);
    // r.get('u64') == 2**64 - 1
    check("eliot", "u64 == 18446744073709551615", 1);
    // r.get('n') == 2**60
    check(
        "eliot",
        "n > 1152921504606846975 and n < 1152921504606846977",
        1,
    );
    // r['task_uuid'] == 'a3bb8c32-94ea-4443-8527-e01af6bc4bf8'
    check(
        "eliot",
        "tree != .task_uuid or tree == a3bb8c32-94ea-4443-8527-e01af6bc4bf8",
        43,
    );
}

#[test]
fn distlog_json_bodies() {
    // r['levelno'] >= 30
    check("distlog-json-bodies", "level >= warning", 7);
    // r['levelno'] < 20 or r['levelname'] == 'CRITICAL'
    check("distlog-json-bodies", "level < 20 or level == critical", 2);
    // r.get('context') is None
    check("distlog-json-bodies", "not exists(context)", 7);
    // '/' in ((r.get('context') or {}).get('key') or '')
    check("distlog-json-bodies", "context.key contains /", 12);
    // __import__('re').match('[a-z]+ ', r['message'])
    check("distlog-json-bodies", "message ~ '^[a-z]+ '", 20);
    // r['created'] >= 1795177540.394
    check(
        "distlog-json-bodies",
        "time >= 2026-11-20T12:25:40.394Z",
        19,
    );
}

#[test]
fn pino() {
    // The first of equal keys is pino's own: object_pairs_hook=lambda m: dict(m[::-1]).
    // r['level'] >= 40
    check("pino", "level >= warning", 4);
    // The last one is what a raw path means: json.loads as it is.
    // r['level'] >= 40
    check("pino", ".level >= 40", 5);
}

#[test]
fn structlog() {
    // r.get('big', 0) > 2**64 or r['level'] == 'critical'
    check(
        "structlog",
        "big > 18446744073709551616 or level == critical",
        3,
    );
    // r['event'] in ('dbg', 'w', 'w2')
    check("structlog", ".event in (dbg, w, w2)", 3);
}

#[test]
fn otel_console_logs_oneline() {
    // 10 <= r['severity_number'] <= 12
    check("otel-console-logs-oneline", "level == notice", 1);
    // r['attributes'].get('nested', {}).get('a') == 1 or r['attributes'].get('code.line.number', 99) < 43
    check(
        "otel-console-logs-oneline",
        "attributes.nested.a == 1 or attributes.code.line.number < 43",
        2,
    );
}

#[test]
fn go_slog() {
    // r['level'] == 'ERROR+4'
    check("go-slog", "level > error", 1);
    // r.get('err') == 'bad' and r['nested']['deep']['b']
    check("go-slog", "err == bad and nested.deep.b == true", 1);
}
