//! An expression, a newline, and a chunk: what is selected has passed the sieve, and a chunk
//! as a whole passes as its lines do.
#![no_main]

use distlog::{
    expr::Expr,
    record::{Found, Instant, Lines, Reader},
};
use libfuzzer_sys::fuzz_target;

const NOW: Instant = Instant(1_795_177_800_000_000_000);

fuzz_target!(|bytes: &[u8]| {
    let Some(end) = bytes.iter().position(|&byte| byte == b'\n') else {
        return;
    };
    let chunk = &bytes[end + 1..];
    let Some(expr) = std::str::from_utf8(&bytes[..end])
        .ok()
        .and_then(|text| Expr::parse(text, NOW).ok())
    else {
        return;
    };
    let Some(sieve) = expr.sieve() else {
        return;
    };
    let mut reader = Reader::default();
    let filter = expr.compile(&mut reader);
    let mut found = Found::default();
    let mut survivors = sieve.chunk(chunk).map(|(_, line)| line);
    for line in Lines::new(chunk) {
        let passes = sieve.passes(line);
        if passes {
            assert_eq!(survivors.next(), Some(line));
        }
        let selected = reader
            .read(line, &mut found)
            .is_ok_and(|record| filter.matches(&record));
        assert!(passes || !selected);
    }
    assert_eq!(survivors.next(), None);
});
