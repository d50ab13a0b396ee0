//! Chunked GELF: datagrams in any order keep to the limits, and every byte is accounted for.
#![no_main]

use std::time::{Duration, Instant};

use distlog::source::net::{Chunks, Given, Limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let limits = Limits {
        message_bytes: 64,
        open_chunked: 4,
        total_bytes: 128,
        ..Limits::default()
    };
    let mut chunks = Chunks::new(&limits);
    let mut now = Instant::now();
    let mut rest = input;
    // Each datagram has its sender, the time that passes, and its length in front.
    while let [peer, wait, length, after @ ..] = rest {
        let (datagram, after) = after.split_at(after.len().min(usize::from(*length % 40)));
        rest = after;
        now += Duration::from_millis(u64::from(*wait) * 10);
        match chunks.take(&(peer % 3), datagram, now) {
            Given::Message(message) => assert!(message.len() <= limits.message_bytes),
            Given::Whole | Given::Kept | Given::Broken(_) => {}
        }
        while let Some((_, bytes, _)) = chunks.lost(now) {
            assert!(bytes.len() <= limits.message_bytes);
        }
        assert!(chunks.held() <= limits.total_bytes);
    }
    while let Some(due) = chunks.due() {
        assert!(chunks.lost(due).is_some());
    }
    assert_eq!(chunks.held(), 0);
});
