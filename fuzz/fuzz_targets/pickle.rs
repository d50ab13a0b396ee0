//! A pickle: what is decoded is one line of JSON, and a map is a record.
#![no_main]

use distlog::{
    decode::pickle::{Decoder, Limits, Top},
    record::{Found, Projection},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|pickle: &[u8]| {
    let mut out = Vec::new();
    let result = Decoder::new(Limits::default()).decode(pickle, &mut out);
    // Plain dicts are written without a graph, but for a memo that could not hold as many texts as there are bytes:
    // that they are must not show.
    let limits = Limits {
        memo: pickle.len().saturating_sub(1),
        ..Limits::default()
    };
    let mut other = Vec::new();
    assert_eq!(Decoder::new(limits).decode(pickle, &mut other), result);
    assert_eq!(other, out);
    let Ok(top) = result else {
        assert!(out.is_empty());
        return;
    };
    assert!(!out.contains(&b'\n'));
    let line = match top {
        Top::Map => out,
        Top::Other => [b"{\"v\":", &out[..], b"}"].concat(),
    };
    let scanned = Projection::default().scan(line.as_slice(), &mut Found::default());
    assert!(scanned.is_ok(), "{scanned:?}");
});
