//! OTLP requests in both encodings: records, or one reject and an answer that says why.
#![no_main]

mod taken;

use distlog::decode::{
    inflate::{Bounds, FREE},
    otlp::{Answer, Encoding, Otlp, Signal},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    // The first byte says what the others are.
    let Some((kind, body)) = input.split_first() else {
        return;
    };
    let signal = if kind & 1 == 0 { Signal::Logs } else { Signal::Traces };
    let encoding = if kind & 2 == 0 { Encoding::Protobuf } else { Encoding::Json };
    let compression = ["", "gzip", "deflate"][usize::from(kind >> 2) % 3];
    let bounds = Bounds {
        bytes: FREE,
        ratio: 100,
    };
    let mut checked = taken::Checked::default();
    let answer = Otlp::new(bounds, 4_000).take(signal, encoding, compression, body, &mut checked);
    match &answer {
        Answer::Bad(reason) => assert!(checked.made == 1 && !reason.is_empty()),
        Answer::Done | Answer::Partial { .. } => {}
    }
    answer.body(signal, encoding);
});
