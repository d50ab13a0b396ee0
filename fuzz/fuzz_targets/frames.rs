//! ZeroMQ messages of one or two frames: a line, or a reason.
#![no_main]

use distlog::{
    decode::frames::{FrameDecoder, Parts},
    record::{Found, Projection},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    // The first byte is the length of the topic, if there is one.
    let Some((length, rest)) = input.split_first() else {
        return;
    };
    let (topic, body) = rest.split_at(rest.len().min(usize::from(*length)));
    let frames = [topic, body];
    let frames = if topic.is_empty() {
        &frames[1..]
    } else {
        &frames
    };
    let parts = Parts::new(frames.iter().copied()).expect("one frame or two");
    if let Ok(text) = FrameDecoder::default().decode(&parts) {
        assert!(!text.json.contains(&b'\n'));
        if text.is_made {
            assert!(text.json.ends_with(b"}"));
            let scanned = Projection::default().scan(text.json, &mut Found::default());
            assert!(scanned.is_ok(), "{scanned:?}");
        }
    }
});
