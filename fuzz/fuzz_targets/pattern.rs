//! A pattern on the first line, text on the others: all is records or rejected.
#![no_main]

mod text;

use distlog::{
    decode::format::{Pattern, Settings, TimeFormat},
    render::strftime_codes,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(at) = bytes.iter().position(|&byte| byte == b'\n') else {
        return;
    };
    let pattern = std::str::from_utf8(&bytes[..at]).ok();
    let Some(pattern) = pattern.and_then(|text| Pattern::read(text).ok()) else {
        return;
    };
    let codes = strftime_codes("%d/%b/%Y:%H:%M:%S,%f %z").ok();
    let settings = Settings {
        patterns: vec![pattern],
        time_format: codes.and_then(|codes| TimeFormat::new(codes).ok()),
        ..Settings::default()
    };
    text::check("pattern", settings, &bytes[at + 1..]);
});
