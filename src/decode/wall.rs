//! Times of the clock on the wall: a date and a time of day without a zone, as servers write them in forms of their own.

use std::borrow::Cow;

use chrono::NaiveDateTime;

use crate::record::Zone;

/// Reads a time that is written in these codes of strftime.
pub(super) fn wall(text: &[u8], codes: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(std::str::from_utf8(text).ok()?, codes).ok()
}

/// The time in the form that readers of records know: in UTC if its zone is known, and else without one.
pub(super) fn shown(time: NaiveDateTime, zone: Option<Zone>) -> String {
    match zone.and_then(|zone| zone.instant(time)) {
        Some(instant) => instant.to_rfc3339(),
        None => time.to_string(),
    }
}

/// A time as it is written, or in UTC if it tells no zone and that is known.
pub(super) fn told(time: &[u8], zone: Option<Zone>) -> Cow<'_, [u8]> {
    match zone.and_then(|zone| zone.instant_of(time)) {
        Some(instant) => instant.to_rfc3339().into_bytes().into(),
        None => time.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_utc_where_its_zone_is_known() {
        let read = |text: &str| wall(text.as_bytes(), "%d/%b/%Y %H:%M:%S%.f");
        let check = |text: &str, zone: Option<&str>, expect: &str| {
            let time = read(text).expect("a time");
            assert_eq!(shown(time, zone.and_then(Zone::read)), expect);
        };
        check("20/Nov/2026 12:00:00", None, "2026-11-20 12:00:00");
        check("20/Nov/2026 12:00:00.120", None, "2026-11-20 12:00:00.120");
        check(
            "20/Nov/2026 12:00:00",
            Some("Europe/Berlin"),
            "2026-11-20T11:00:00Z",
        );
        assert_eq!(read("20/Nov/2026"), None);
        assert_eq!(read("31/Nov/2026 12:00:00"), None);
    }
}
