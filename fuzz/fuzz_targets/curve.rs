//! A client of CURVE, unknown and known: nothing comes out that was not sealed.
#![no_main]

use distlog::zmtp::fuzz_curve;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    // The first bytes say how the others are cut.
    if let Some((pieces, bytes)) = input.split_first_chunk::<8>() {
        let _ = fuzz_curve(bytes, &pieces.map(usize::from));
    }
});
