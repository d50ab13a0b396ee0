//! Requests: however their bytes are cut, the same requests or the same refusal come out.
#![no_main]

use distlog::source::net::fuzz_http;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    // The first bytes say how the others are cut.
    let Some((pieces, bytes)) = input.split_first_chunk::<8>() else {
        return;
    };
    let pieces = pieces.map(usize::from);
    let whole = fuzz_http(bytes, &[]);
    let cut = fuzz_http(bytes, &pieces);
    assert_eq!(whole, cut);
});
