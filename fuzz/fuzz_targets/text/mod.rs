//! What every text format promises: all is records or rejected, and records are JSON.

use distlog::{
    decode::format::{Settings, Take, Year, find},
    record::{Found, Lines, Projection, trim},
};

/// Lines of this byte alone stand for a line that was too long to be read, and for the two kinds of pauses.
const PASSED_OVER: u8 = 1;
const PAUSE: u8 = 2;
const REST: u8 = 3;

/// What a decoder hands out, checked.
#[derive(Default)]
struct Checked {
    projection: Projection,
    found: Found,
    made: usize,
}

impl Take for Checked {
    fn record(&mut self, json: &[u8]) {
        assert!(!json.contains(&b'\n'));
        let scanned = self.projection.scan(json, &mut self.found);
        assert!(scanned.is_ok(), "{scanned:?}: {}", json.escape_ascii());
        self.made += 1;
    }

    fn reject(&mut self, bytes: &[u8], reason: &str) {
        assert!(!bytes.is_empty() && !reason.is_empty());
        self.made += 1;
    }

    fn note(&mut self, _words: &'static str) {}
}

/// Reads bytes as a format. The limit is low, so that it is met.
pub(crate) fn check(format: &str, settings: Settings, bytes: &[u8]) {
    let format = find(format).expect("a format");
    let settings = Settings {
        year: Some(Year::Of(2024)),
        longest: 4_000,
        ..settings
    };
    let mut decoder = format.decoder(&settings);
    let mut checked = Checked::default();
    let mut lines = 0;
    for line in Lines::new(bytes) {
        match line {
            // What a reader tells between lines.
            [PASSED_OVER] => decoder.passed_over(&mut checked),
            [PAUSE] => decoder.pause(&mut checked),
            [REST] => decoder.rest(&mut checked),
            _ if line.trim_ascii().is_empty() => decoder.blank(line, &mut checked),
            _ => {
                lines += 1;
                decoder.line(line, &mut checked);
            }
        }
    }
    decoder.finish(&mut checked);
    if !bytes.contains(&0) {
        // A separator or a byte order mark by itself is as good as a blank line.
        let tells_nothing =
            |line: &[u8]| matches!(line, [PASSED_OVER..=REST]) || trim(line).is_empty();
        let is_empty = Lines::new(bytes).all(tells_nothing);
        assert!(is_empty || checked.made > 0);
        assert!(format.joins || lines == checked.made);
    }
}
