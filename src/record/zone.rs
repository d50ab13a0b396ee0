//! Time zones: what a clock on the wall shows at an instant, and the other way round.
//!
//! The rules of the named zones are compiled in. Those of the machine are nothing that this
//! module can ask for; who may, hands in a function that tells them.

use std::fmt;

use chrono::{
    DateTime, Days, FixedOffset, NaiveDateTime, Offset, SecondsFormat, TimeZone, Utc, format::Item,
};
use chrono_tz::Tz;

use super::time::{Instant, SECOND};

/// A time zone.
#[derive(Clone, Copy, Debug)]
pub struct Zone(Rules);

#[derive(Clone, Copy, Debug)]
enum Rules {
    Fixed(FixedOffset),
    Named(Tz),
    Machine(fn(DateTime<Utc>) -> FixedOffset),
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Rules::Named(Tz::UTC));

    /// The zone of a machine, which is `offset` from UTC at each time.
    pub fn of_machine(offset: fn(DateTime<Utc>) -> FixedOffset) -> Self {
        Self(Rules::Machine(offset))
    }

    /// Reads a name of the IANA database, in any case, or an offset such as `+02:00`.
    pub fn read(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("z") {
            return Some(Self::UTC);
        }
        if text.starts_with(['+', '-']) {
            return offset(text).map(Rules::Fixed).map(Self);
        }
        Self::names()
            .find(|name| name.eq_ignore_ascii_case(text))
            .and_then(|name| name.parse().ok())
            .map(Rules::Named)
            .map(Self)
    }

    /// The names that [`Zone::read`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())
    }

    /// The instant of a text with a date, a time of day and no zone, as Python, Java and many others write
    /// it: the separator is a blank or `T`, and the fraction stands behind a point or a comma.
    pub fn instant_of(self, text: &[u8]) -> Option<Instant> {
        let text = std::str::from_utf8(text).ok()?;
        let text = text.replace(',', ".").replacen('T', " ", 1);
        let date = if text.as_bytes().get(4) == Some(&b'/') {
            "%Y/%m/%d"
        } else {
            "%Y-%m-%d"
        };
        let wall = NaiveDateTime::parse_from_str(&text, &format!("{date} %H:%M:%S%.f")).ok()?;
        self.instant(wall)
    }

    /// What clocks on the wall show at `instant`.
    pub fn wall(self, instant: Instant) -> NaiveDateTime {
        let utc = DateTime::from_timestamp_nanos(instant.0);
        utc.with_timezone(&self.offset(utc)).naive_local()
    }

    /// The first instant at which clocks on the wall show `wall`. A time that they skip
    /// counts as if they had not, so a day that begins with a gap begins after the gap.
    pub fn instant(self, wall: NaiveDateTime) -> Option<Instant> {
        // No zone is further than a day from UTC, and none changes its offset twice in two days.
        let before = self.offset(wall.checked_sub_days(Days::new(1))?.and_utc());
        let after = self.offset(wall.checked_add_days(Days::new(1))?.and_utc());
        let at = |offset: FixedOffset| Some(wall.checked_sub_offset(offset)?.and_utc());
        let earlier = at(before.max_east(after))?;
        let found = if self.shows(earlier, wall) {
            earlier
        } else {
            let later = at(before.max_west(after))?;
            if self.shows(later, wall) {
                later
            } else {
                at(before)?
            }
        };
        found.timestamp_nanos_opt().map(Instant)
    }

    /// True for UTC itself.
    pub fn is_utc(self) -> bool {
        matches!(self.0, Rules::Named(Tz::UTC))
    }

    /// RFC 3339 with the offset of the zone at that instant.
    pub fn to_rfc3339(self, instant: Instant) -> String {
        let utc = DateTime::from_timestamp_nanos(instant.0);
        utc.with_timezone(&self.offset(utc))
            .to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }

    /// The time on the wall as an instant, for who writes digits: its zone is lost.
    pub fn shifted(self, instant: Instant) -> Instant {
        if self.is_utc() {
            return instant;
        }
        let offset = self.offset(DateTime::from_timestamp_nanos(instant.0));
        Instant(
            instant
                .0
                .saturating_add(i64::from(offset.local_minus_utc()) * SECOND),
        )
    }

    /// Appends the time on the wall in these items of strftime.
    pub fn write_items(self, instant: Instant, items: &[Item<'_>], out: &mut Vec<u8>) {
        use std::io::Write;
        let utc = DateTime::from_timestamp_nanos(instant.0);
        // A zone that has a name knows what its time is called: CET, CEST. Writing to memory
        // cannot fail.
        let _ = if let Rules::Named(zone) = self.0 {
            let time = utc.with_timezone(&zone);
            write!(out, "{}", time.format_with_items(items.iter()))
        } else {
            let time = utc.with_timezone(&self.offset(utc));
            write!(out, "{}", time.format_with_items(items.iter()))
        };
    }

    fn shows(self, utc: DateTime<Utc>, wall: NaiveDateTime) -> bool {
        utc.with_timezone(&self.offset(utc)).naive_local() == wall
    }

    fn offset(self, utc: DateTime<Utc>) -> FixedOffset {
        match self.0 {
            Rules::Fixed(offset) => offset,
            Rules::Named(zone) => zone.offset_from_utc_datetime(&utc.naive_utc()).fix(),
            Rules::Machine(offset) => offset(utc),
        }
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::UTC
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Rules::Fixed(offset) => offset.fmt(f),
            Rules::Named(zone) => f.write_str(zone.name()),
            Rules::Machine(_) => f.write_str("local"),
        }
    }
}

/// Which of two offsets puts a time on the wall first.
trait Extent: Sized {
    fn max_east(self, other: Self) -> Self;
    fn max_west(self, other: Self) -> Self;
}

impl Extent for FixedOffset {
    fn max_east(self, other: Self) -> Self {
        if self.local_minus_utc() >= other.local_minus_utc() {
            self
        } else {
            other
        }
    }

    fn max_west(self, other: Self) -> Self {
        if self.local_minus_utc() >= other.local_minus_utc() {
            other
        } else {
            self
        }
    }
}

/// Reads `+02:00`, `+0200` or `+02`; no place on earth is further than 14 hours from UTC.
fn offset(text: &str) -> Option<FixedOffset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "00"),
    };
    let two = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse::<i32>().ok().filter(|_| plain)
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let seconds = hours * 3_600 + minutes * 60;
    (minutes < 60 && seconds <= 14 * 3_600).then(|| FixedOffset::east_opt(sign * seconds))?
}

#[cfg(test)]
mod tests {
    use chrono::{MappedLocalTime, NaiveDate};

    use super::*;

    fn wall(text: &str) -> NaiveDateTime {
        text.parse().expect("a date and time")
    }

    #[test]
    fn times_without_a_zone_are_read_in_the_one_given() {
        let check = |time: &str, expect: Option<&str>| {
            let zone = Zone::read("America/New_York").expect("a zone");
            let instant = zone.instant_of(time.as_bytes()).map(Instant::to_rfc3339);
            assert_eq!(instant.as_deref(), expect, "{time}");
        };
        check("2026-11-20 07:00:00,148", Some("2026-11-20T12:00:00.148Z"));
        check("2026-11-20T07:00:00", Some("2026-11-20T12:00:00Z"));
        check("2026/11/20 07:00:00", Some("2026-11-20T12:00:00Z"));
        check("2026-11-20T07:00:00Z", None);
    }

    #[test]
    fn clocks_on_the_wall() {
        let check = |zone: &str, local: &str, expect: &str| {
            let zone = Zone::read(zone).expect("a zone");
            let instant = zone.instant(wall(local)).expect("in range");
            assert_eq!(instant.to_rfc3339(), expect, "{local} in {zone}");
        };
        check("UTC", "2026-11-20T14:00:00", "2026-11-20T14:00:00Z");
        check("z", "2026-11-20T14:00:00", "2026-11-20T14:00:00Z");
        check("+02:00", "2026-11-20T14:00:00", "2026-11-20T12:00:00Z");
        check("-0330", "2026-11-20T14:00:00", "2026-11-20T17:30:00Z");
        check(
            "Europe/Berlin",
            "2026-11-20T14:00:00",
            "2026-11-20T13:00:00Z",
        );
        check(
            "europe/berlin",
            "2026-07-20T14:00:00",
            "2026-07-20T12:00:00Z",
        );
        // The clocks go from 2 to 3 o'clock.
        check(
            "Europe/Berlin",
            "2026-03-29T02:30:00",
            "2026-03-29T01:30:00Z",
        );
        check(
            "Europe/Berlin",
            "2026-03-29T03:00:00",
            "2026-03-29T01:00:00Z",
        );
        // They show half past two twice.
        check(
            "Europe/Berlin",
            "2026-10-25T02:30:00",
            "2026-10-25T00:30:00Z",
        );
        check(
            "Europe/Berlin",
            "2026-10-25T03:00:00",
            "2026-10-25T02:00:00Z",
        );
        // A day that has no midnight.
        check(
            "Africa/Cairo",
            "2026-04-24T00:00:00",
            "2026-04-23T22:00:00Z",
        );
        // A zone that has skipped a whole day.
        check(
            "Pacific/Apia",
            "2011-12-31T00:00:00",
            "2011-12-30T10:00:00Z",
        );
    }

    #[test]
    fn what_is_no_zone() {
        for text in [
            "",
            "Europe/Berln",
            "+2",
            "+15:00",
            "+02:60",
            "+é1:00",
            "02:00",
            "local",
            "+02:00:00",
        ] {
            assert!(Zone::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn wherever_a_clock_shows_a_time_it_is_found() {
        let zones = [
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
            "Africa/Casablanca",
            "Pacific/Chatham",
        ];
        for name in zones {
            let zone = Zone::read(name).expect("a zone");
            let tz: Tz = name.parse().expect("a zone");
            let mut at = NaiveDate::from_ymd_opt(2025, 7, 1)
                .expect("a date")
                .and_hms_opt(0, 0, 0)
                .expect("a time");
            while at < wall("2027-01-01T00:00:00") {
                let expect = match tz.from_local_datetime(&at) {
                    MappedLocalTime::Single(time) | MappedLocalTime::Ambiguous(time, _) => {
                        time.timestamp_nanos_opt()
                    }
                    MappedLocalTime::None => None,
                };
                let found = zone.instant(at).map(|instant| instant.0);
                if expect.is_some() {
                    assert_eq!(found, expect, "{at} in {name}");
                    assert_eq!(zone.wall(Instant(found.expect("it is"))), at);
                }
                at += chrono::TimeDelta::minutes(30);
            }
        }
    }
}
