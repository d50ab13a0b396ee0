//! A pickle: what is decoded is one line of JSON, and a map is a record.
#![no_main]

use distlog::{
    decode::pickle::{Decoder, Limits, Top},
    record::{Found, Projection},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|pickle: &[u8]| {
    let mut out = Vec::new();
    let Ok(top) = Decoder::new(Limits::default()).decode(pickle, &mut out) else {
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
