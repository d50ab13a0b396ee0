//! Streams: however they are cut, the same messages or the same refusal come out, and no more
//! bytes than went in. For syslog the cuts may matter, because the first bytes tell the framing.
#![no_main]

use distlog::{endpoint::Protocol, source::net::fuzz_framing};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    // The first bytes say what is spoken, and how the others are cut.
    let Some((pieces, bytes)) = input.split_first_chunk::<8>() else {
        return;
    };
    let protocols = [
        Protocol::Ndjson,
        Protocol::Pylog,
        Protocol::Syslog,
        Protocol::Gelf,
    ];
    let protocol = protocols[usize::from(pieces[0] % 4)];
    let pieces: Vec<_> = pieces[1..].iter().copied().map(usize::from).collect();
    const LIMIT: usize = 300;
    let whole = fuzz_framing(protocol, bytes, &[], LIMIT);
    let cut = fuzz_framing(protocol, bytes, &pieces, LIMIT);
    for (messages, _) in [&whole, &cut] {
        let sum: usize = messages.iter().map(Vec::len).sum();
        assert!(sum <= bytes.len());
        assert!(messages.iter().all(|message| message.len() <= LIMIT));
    }
    if protocol != Protocol::Syslog {
        assert_eq!(whole, cut);
    }
});
