//! Streams that come compressed: however they are cut, the same comes out and they end alike. What
//! comes out, and what is held, keeps to its limits, which is asserted where it is.
#![no_main]

use distlog::source::net::{Refusal, fuzz_unpack};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    // The first bytes say how much it may expand, and how the others are cut; the first of them is
    // how often.
    let Some((&[ratio, times, ref pieces @ ..], bytes)) = input.split_first_chunk::<8>() else {
        return;
    };
    let ratio = usize::from(ratio).max(1);
    let round = pieces.iter().copied().map(usize::from);
    let pieces: Vec<_> = (0..=times).flat_map(|_| round.clone()).collect();
    let (whole, its_end) = fuzz_unpack(bytes, &[], ratio);
    let (cut, end) = fuzz_unpack(bytes, &pieces, ratio);
    let expands =
        |end: &Result<(), Option<Refusal>>| matches!(end, Err(Some(Refusal::Ratio { .. })));
    if expands(&its_end) || expands(&end) {
        // It is found out sooner in smaller pieces.
        let (short, long) = if cut.len() < whole.len() {
            (&cut, &whole)
        } else {
            (&whole, &cut)
        };
        assert!(long.starts_with(short));
    } else {
        // What is broken may be described otherwise.
        let broken = |end: &_| matches!(end, Err(Some(Refusal::Packed(_))));
        assert!(
            its_end == end || broken(&its_end) && broken(&end),
            "{its_end:?} and {end:?}"
        );
        assert!(whole == cut, "{} bytes and {}", whole.len(), cut.len());
    }
});
