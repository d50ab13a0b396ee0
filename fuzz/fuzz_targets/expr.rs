//! An expression: it parses or says why, shows itself so that it reads back, and matches.
#![no_main]

use distlog::{
    expr::Expr,
    record::{Found, Instant, Reader},
};
use libfuzzer_sys::fuzz_target;

const NOW: Instant = Instant(1_795_177_800_000_000_000);
const RECORDS: [&str; 3] = [
    r#"{"level":"error","time":"2026-11-20T12:30:00Z","message":"m","a":[1,{"b":null}],"http":{"status":500}}"#,
    r#"{"task_uuid":"u","task_level":[1,2],"timestamp":1795177294.5,"action_status":"failed","s":"\udce9"}"#,
    "{}",
];

fuzz_target!(|text: &str| {
    let Ok(expr) = Expr::parse(text, NOW) else {
        return;
    };
    let shown = expr.to_string();
    let again = Expr::parse(&shown, NOW).expect("what is shown is read back");
    assert_eq!(again, expr, "{shown}");
    let mut reader = Reader::default();
    let filter = expr.compile(&mut reader);
    let mut found = Found::default();
    for line in RECORDS {
        let record = reader.read(line.as_bytes(), &mut found).expect("a record");
        filter.matches(&record);
    }
});
