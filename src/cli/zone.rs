//! The values of `--tz`.

use chrono::{Local, Offset, TimeZone};

use crate::record::Zone;

/// Reads a zone; only a program may ask the machine for its own.
pub(super) fn parse_zone(text: &str) -> std::result::Result<Zone, String> {
    if text.eq_ignore_ascii_case("local") {
        return Ok(Zone::of_machine(|utc| {
            Local.offset_from_utc_datetime(&utc.naive_utc()).fix()
        }));
    }
    Zone::read(text).ok_or_else(|| {
        let city = |name: &&str| {
            let last = name.rsplit('/').next().unwrap_or(name);
            last.replace('_', " ")
                .eq_ignore_ascii_case(&text.replace('_', " "))
        };
        match Zone::names().find(city) {
            Some(name) => format!("did you mean {name}?"),
            None => {
                "expected a name such as Europe/Berlin, an offset such as +02:00, or local".into()
            }
        }
    })
}
