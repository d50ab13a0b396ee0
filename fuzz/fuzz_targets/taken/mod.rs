//! What every decoder of messages promises: records are JSON on one line, rejects have a reason.

use distlog::{
    decode::format::Take,
    record::{Found, Projection},
};

/// What a decoder hands out, checked.
#[derive(Default)]
pub(crate) struct Checked {
    projection: Projection,
    found: Found,
    pub(crate) made: usize,
}

impl Take for Checked {
    fn record(&mut self, json: &[u8]) {
        assert!(!json.contains(&b'\n'));
        let scanned = self.projection.scan(json, &mut self.found);
        assert!(scanned.is_ok(), "{scanned:?}: {}", json.escape_ascii());
        self.made += 1;
    }

    fn reject(&mut self, _bytes: &[u8], reason: &str) {
        assert!(!reason.is_empty());
        self.made += 1;
    }

    fn note(&mut self, _words: &'static str) {}
}
