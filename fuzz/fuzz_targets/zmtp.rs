//! A peer: however its bytes are cut, the same messages or the same refusal come out.
#![no_main]

use distlog::zmtp::fuzz_peer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    // The first bytes say how the others are cut.
    let Some((pieces, bytes)) = input.split_first_chunk::<8>() else {
        return;
    };
    let pieces = pieces.map(usize::from);
    let whole = fuzz_peer(bytes, &[]);
    let cut = fuzz_peer(bytes, &pieces);
    match (whole, cut) {
        (Ok(whole), Ok(cut)) => assert_eq!(whole, cut),
        (whole, cut) => assert_eq!(whole.is_err(), cut.is_err()),
    }
});
