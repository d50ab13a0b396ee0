//! A peer: however its bytes are cut, the same messages or the same refusal come out.
#![no_main]

use distlog::zmtp::fuzz_peer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Vec<u8>, &[u8])| {
    let (pieces, bytes) = input;
    let pieces: Vec<_> = pieces.into_iter().map(usize::from).collect();
    let whole = fuzz_peer(bytes, &[]);
    let cut = fuzz_peer(bytes, &pieces);
    match (whole, cut) {
        (Ok(whole), Ok(cut)) => assert_eq!(whole, cut),
        (whole, cut) => assert_eq!(whole.is_err(), cut.is_err()),
    }
});
