//! Points in time as people write them: RFC 3339, a date, `now-3h`, `yesterday 14:00`.
//!
//! Whatever names no zone is meant in that of the clock, which is UTC unless somebody asks
//! for another, so that an expression selects the same records everywhere.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};

use super::{clock::Clock, duration};
use crate::record::Instant;

/// Below this (3 March 1973) a bare number of seconds is rather a year or a slip.
const LEAST_EPOCH: f64 = 1e8;

/// Reads a point in time.
pub(super) fn moment(text: &str, clock: &Clock) -> Option<Instant> {
    let text = text.trim();
    if is_small_number(text) {
        return None;
    }
    if let Some(wall) = without_zone(text) {
        return clock.zone.instant(wall);
    }
    Instant::from_text(text.as_bytes())
        .or_else(|| without_seconds(text))
        .or_else(|| relative(text, clock))
}

/// True for text that `moment` counts from the present.
pub(super) fn is_relative_to_now(text: &str) -> bool {
    text.strip_prefix("now").is_some_and(|rest| {
        rest.strip_prefix(['+', '-'])
            .is_some_and(|length| duration::seconds(length).is_some())
    })
}

/// True for a word that `moment` takes for a point in time.
pub(super) fn is_word(text: &str) -> bool {
    ["now", "today", "yesterday", "tomorrow"].contains(&text)
}

fn is_small_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(|n| n < LEAST_EPOCH)
}

/// A date and a clock without a zone; a date alone is its first instant.
fn without_zone(text: &str) -> Option<NaiveDateTime> {
    let (date, rest) = text.split_at_checked(10)?;
    let bytes = date.as_bytes();
    // chrono would also take signs and single digits.
    if !bytes[0].is_ascii_digit() || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
    match rest.strip_prefix(['T', 't', ' ']) {
        None if rest.is_empty() => Some(date.and_time(NaiveTime::MIN)),
        None => None,
        Some(time) => Some(date.and_time(time_of_day(time)?)),
    }
}

/// RFC 3339 whose clock leaves out its seconds.
fn without_seconds(text: &str) -> Option<Instant> {
    let full = format!("{}:00{}", text.get(..16)?, text.get(16..)?);
    Instant::from_text(full.as_bytes())
}

/// `now`, `today`, `yesterday` or `tomorrow`, then a clock, then a length to add or take away.
fn relative(text: &str, clock: &Clock) -> Option<Instant> {
    let (word, rest) = ["now", "today", "yesterday", "tomorrow"]
        .into_iter()
        .find_map(|word| Some((word, text.strip_prefix(word)?)))?;
    let offset_at = rest.find(['+', '-']).unwrap_or(rest.len());
    let (time, offset) = rest.split_at(offset_at);
    let time = match time.trim() {
        "" => None,
        _ if word == "now" => return None,
        // A blank must part the word from its clock.
        text if time.starts_with(' ') => Some(time_of_day(text)?),
        _ => return None,
    };
    let today = clock.zone.wall(clock.now).date();
    let day = match word {
        "yesterday" => today.checked_sub_days(Days::new(1))?,
        "tomorrow" => today.checked_add_days(Days::new(1))?,
        _ => today,
    };
    let Instant(base) = if word == "now" {
        clock.now
    } else {
        clock.zone.instant(day.and_time(time.unwrap_or_default()))?
    };
    base.checked_add(offset_nanos(offset)?).map(Instant)
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let dotted = text.replace(',', ".");
    ["%H:%M", "%H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(&dotted, format).ok())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked first"
)]
fn offset_nanos(text: &str) -> Option<i64> {
    let (sign, length) = match text.split_at_checked(1) {
        None => return Some(0),
        Some(("-", length)) => (-1.0, length),
        Some((_, length)) => (1.0, length),
    };
    let length = length.trim_start();
    if length.starts_with('-') {
        return None;
    }
    let nanos = (sign * duration::seconds(length)? * 1e9).round();
    (nanos.abs() < 9.2e18).then_some(nanos as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Zone;

    fn clock(zone: &str) -> Clock {
        Clock {
            now: Instant::from_text(b"2026-11-20T12:30:00Z").expect("an instant"),
            zone: Zone::read(zone).expect("a zone"),
        }
    }

    #[test]
    fn points_in_time() {
        let check = |text: &str, expect: &str| {
            let found = moment(text, &clock("UTC")).map(Instant::to_rfc3339);
            assert_eq!(found.as_deref(), Some(expect), "{text}");
        };
        check("2026-11-20T12:35:55.5Z", "2026-11-20T12:35:55.500Z");
        check("2026-11-20T12:35:55+01:00", "2026-11-20T11:35:55Z");
        check("2026-11-20", "2026-11-20T00:00:00Z");
        check("2026-11-20 14:00", "2026-11-20T14:00:00Z");
        check("2026-11-20T14:00Z", "2026-11-20T14:00:00Z");
        check("2026-11-20T14:00+02:00", "2026-11-20T12:00:00Z");
        check("2026-11-20 14:00:01,250", "2026-11-20T14:00:01.250Z");
        check("1795178340", "2026-11-20T12:39:00Z");
        check("now", "2026-11-20T12:30:00Z");
        check("now-3h", "2026-11-20T09:30:00Z");
        check("now - 1h30m", "2026-11-20T11:00:00Z");
        check("now+1.5s", "2026-11-20T12:30:01.500Z");
        check("today", "2026-11-20T00:00:00Z");
        check("today 09:15", "2026-11-20T09:15:00Z");
        check("yesterday", "2026-11-19T00:00:00Z");
        check("yesterday 14:00", "2026-11-19T14:00:00Z");
        check("yesterday 14:00:30 - 1d", "2026-11-18T14:00:30Z");
        check("tomorrow", "2026-11-21T00:00:00Z");
    }

    #[test]
    fn what_is_no_point_in_time() {
        for text in [
            "",
            "soon",
            "now3h",
            "now 14:00",
            "now-",
            "now-3",
            "now--3h",
            "today14:00",
            "yesterday 25:00",
            "2026",
            "5",
            "2026-13-01",
            "2026-11-20 25:00",
            "now-99999999w",
            "nowish",
            "é026-11-20T14:00é",
        ] {
            assert_eq!(moment(text, &clock("UTC")), None, "{text}");
        }
    }

    #[test]
    fn a_day_begins_before_the_epoch_too() {
        let day = 86_400_000_000_000;
        assert_eq!(moment("today", &Instant(-1).into()), Some(Instant(-day)));
        assert_eq!(moment("yesterday", &Instant(i64::MIN).into()), None);
    }

    #[test]
    fn what_names_no_zone_is_meant_where_the_clock_is() {
        let check = |zone: &str, text: &str, expect: &str| {
            let found = moment(text, &clock(zone)).map(Instant::to_rfc3339);
            assert_eq!(found.as_deref(), Some(expect), "{text} in {zone}");
        };
        check("Europe/Berlin", "2026-11-20", "2026-11-19T23:00:00Z");
        check("Europe/Berlin", "2026-07-20 14:00", "2026-07-20T12:00:00Z");
        check(
            "Europe/Berlin",
            "2026-11-20T14:00:01.5",
            "2026-11-20T13:00:01.500Z",
        );
        check("Europe/Berlin", "2026-11-20T14:00Z", "2026-11-20T14:00:00Z");
        check(
            "Europe/Berlin",
            "2026-11-20 14:00:00+05:00",
            "2026-11-20T09:00:00Z",
        );
        check("Europe/Berlin", "1795178340", "2026-11-20T12:39:00Z");
        check("Europe/Berlin", "now-3h", "2026-11-20T09:30:00Z");
        check("Europe/Berlin", "today", "2026-11-19T23:00:00Z");
        check("Europe/Berlin", "yesterday 14:00", "2026-11-19T13:00:00Z");
        check("Europe/Berlin", "today - 30m", "2026-11-19T22:30:00Z");
        // It is tomorrow there already, or still today.
        check("+14:00", "today", "2026-11-20T10:00:00Z");
        check("Pacific/Auckland", "today", "2026-11-20T11:00:00Z");
        check("-12:00", "tomorrow", "2026-11-21T12:00:00Z");
    }
}
