//! Points in time as people write them: RFC 3339, a date, `now-3h`, `yesterday 14:00`.
//!
//! Whatever has no zone is UTC, so that an expression selects the same records everywhere.

use chrono::NaiveTime;

use super::duration;
use crate::record::Instant;

const DAY: i64 = 86_400_000_000_000;
/// Below this (3 March 1973) a bare number of seconds is rather a year or a slip.
const LEAST_EPOCH: f64 = 1e8;

/// Reads a point in time; `now` is the present.
pub(super) fn moment(text: &str, now: Instant) -> Option<Instant> {
    let text = text.trim();
    if is_small_number(text) {
        return None;
    }
    Instant::from_text(text.as_bytes())
        .or_else(|| short_calendar(text))
        .or_else(|| relative(text, now))
}

/// True for text that `moment` counts from the present.
pub(super) fn is_relative_to_now(text: &str) -> bool {
    text.strip_prefix("now").is_some_and(|rest| {
        rest.strip_prefix(['+', '-'])
            .is_some_and(|length| duration::seconds(length).is_some())
    })
}

fn is_small_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(|n| n < LEAST_EPOCH)
}

/// A date alone is its first instant; a clock may leave out its seconds.
fn short_calendar(text: &str) -> Option<Instant> {
    let full = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        16.. => format!("{}:00{}", text.get(..16)?, text.get(16..)?),
        _ => return None,
    };
    Instant::from_text(full.as_bytes())
}

/// `now`, `today`, `yesterday` or `tomorrow`, then a clock, then a length to add or take away.
fn relative(text: &str, now: Instant) -> Option<Instant> {
    let midnight = now.0.checked_sub(now.0.rem_euclid(DAY))?;
    let (base, rest) = [
        ("now", now.0),
        ("today", midnight),
        ("yesterday", midnight.checked_sub(DAY)?),
        ("tomorrow", midnight.checked_add(DAY)?),
    ]
    .into_iter()
    .find_map(|(word, base)| Some((base, text.strip_prefix(word)?)))?;
    let offset_at = rest.find(['+', '-']).unwrap_or(rest.len());
    let (clock, offset) = rest.split_at(offset_at);
    let clock = match clock.trim() {
        "" => 0,
        _ if text.starts_with("now") => return None,
        // A blank must part the word from its clock.
        time if clock.starts_with(' ') => clock_nanos(time)?,
        _ => return None,
    };
    let at = base.checked_add(clock)?;
    at.checked_add(offset_nanos(offset)?).map(Instant)
}

fn clock_nanos(text: &str) -> Option<i64> {
    let time = ["%H:%M", "%H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(text, format).ok())?;
    time.signed_duration_since(NaiveTime::MIN).num_nanoseconds()
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

    fn now() -> Instant {
        Instant::from_text(b"2026-11-20T12:30:00Z").expect("an instant")
    }

    #[test]
    fn points_in_time() {
        let check = |text: &str, expect: &str| {
            let found = moment(text, now()).map(Instant::to_rfc3339);
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
            assert_eq!(moment(text, now()), None, "{text}");
        }
    }

    #[test]
    fn a_day_begins_before_the_epoch_too() {
        let now = Instant(-1);
        assert_eq!(moment("today", now), Some(Instant(-DAY)));
        assert_eq!(moment("yesterday", Instant(i64::MIN)), None);
    }
}
