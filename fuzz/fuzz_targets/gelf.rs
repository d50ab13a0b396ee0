//! GELF: what is compressed comes out within its bounds, and is a record or rejected. Whether
//! the text is JSON is not the decoder's business.
#![no_main]

use distlog::decode::{
    format::{Decode, Take},
    gelf::Gelf,
    inflate::{Bounds, FREE},
};
use libfuzzer_sys::fuzz_target;

#[derive(Default)]
struct Counted(usize);

impl Take for Counted {
    fn record(&mut self, json: &[u8]) {
        assert!(!json.contains(&b'\n') && json.len() <= FREE);
        self.0 += 1;
    }

    fn reject(&mut self, _bytes: &[u8], reason: &str) {
        assert!(!reason.is_empty());
        self.0 += 1;
    }

    fn note(&mut self, _words: &'static str) {}
}

fuzz_target!(|bytes: &[u8]| {
    let bounds = Bounds {
        bytes: FREE,
        ratio: 100,
    };
    let mut counted = Counted::default();
    Gelf::new(bounds).line(bytes, &mut counted);
    assert_eq!(counted.0, 1);
});
