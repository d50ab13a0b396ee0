//! Tasks of the package for Python, which it says are traces where it calls: one request with the spans of these.

use crate::support::{Dir, program};

const TREE: &str = "b3a6943e-c7b0-f60f-fcb5-d0ab2a96908f";
const TRACE: &str = "b3a6943ec7b0f60ffcb5d0ab2a96908f";
/// The span id of the scope `/1`, as the package makes it.
const CALL: &str = "414a1cf0cd2e803b";

fn scope(way: &str, tree: &str, level: u8) -> String {
    format!("{{\"levelno\":{level},\"message\":\"m\",\"context\":{{\"key\":\"0@{tree}{way}\"}}}}\n")
}

fn span(id: &str, trace: &str, more: &str) -> String {
    format!("{{\"traceId\":\"{trace}\",\"spanId\":\"{id}\",\"startTimeUnixNano\":\"1\"{more}}}\n")
}

fn sorted(lines: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<_> = lines.split_inclusive(|&byte| byte == b'\n').collect();
    lines.sort_unstable();
    lines
}

#[test]
fn a_scope_brings_its_spans_and_a_span_its_scopes() {
    let other = "40be6df2-c2c4-4a1f-a1b4-b8d5b5b0f8b2";
    let state = format!(",\"parentSpanId\":\"{CALL}\",\"traceState\":\"distlog={TREE}/1/1\"");
    let log = format!(",\"level\":\"error\",\"traceparent\":\"00-{TRACE}-f3ac335037649ea4-01\"");
    let lines = [
        scope("/1", TREE, 40),
        scope("/1", other, 20),
        span("f3ac335037649ea4", TRACE, &state),
        span("da28bb91107cf809", TRACE, ""),
        span("1111111111111111", "40be6df2c2c40000a1b4b8d5b5b0f8b3", ""),
        format!("{{\"message\":\"by itself\"{log}}}\n"),
        // One that was called from a span.
        scope(
            "/f3ac335037649ea4/7c20e555-95d5-48e2-9eee-c91c8a8c2730",
            TREE,
            20,
        ),
    ];
    let dir = Dir::new();
    let file = dir.file("log", lines.concat());
    let expect = [0, 2, 3, 5, 6]
        .map(|number: usize| &*lines[number])
        .concat();
    for expr in [
        "levelno == 40",
        "spanId == 'da28bb91107cf809'",
        "message == 'by itself'",
    ] {
        let rest = [1, 4].map(|number: usize| &*lines[number]).concat();
        for (args, expect) in [
            (&["--whole-tree", expr][..], &expect),
            (&["--whole-tree", "-v", expr], &rest),
        ] {
            program("dl-filter")
                .args(args)
                .arg(&file)
                .check(expect, "", 0);
            // The records of each tree come in their order, and those of the task may come last.
            let stream = program("dl-filter").args(args).stdin(lines.concat());
            assert_eq!(
                sorted(&stream.output()),
                sorted(expect.as_bytes()),
                "{expr}"
            );
        }
    }
    for id in [TREE, TRACE] {
        program("dl-filter")
            .args(&["-t", id])
            .arg(&file)
            .check(&expect, "", 0);
    }
}
