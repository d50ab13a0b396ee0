//! Times, levels, paths, keys: what stands in a field is read or is nothing.
#![no_main]

use distlog::record::{ContextKey, Instant, Level, Path, Unit, unescape};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(instant) = Instant::from_text(bytes) {
        let shown = instant.to_rfc3339();
        assert_eq!(Instant::from_text(shown.as_bytes()), Some(instant), "{shown}");
        instant.after(1e300).seconds_since(instant.after(-1e300));
    }
    for unit in [Unit::Seconds, Unit::Millis, Unit::Micros, Unit::Nanos] {
        Instant::from_number(bytes, unit);
    }
    unescape(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        Level::from_word(text);
        Path::dotted(text).readings();
        if let Some(key) = ContextKey::parse(text) {
            key.tree();
            key.parent();
        }
    }
});
