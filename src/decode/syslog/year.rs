//! The year of times of RFC 3164, which are written without one.

use chrono::{DateTime, Datelike, NaiveDateTime};

use crate::record::{Instant, Zone};

/// Which year it is.
#[derive(Clone, Copy, Debug)]
pub enum Year {
    /// This one, for all times.
    Of(i32),
    /// For each time the one in which it is nearest to what a clock shows: a year does not end for who
    /// listens, and a clock that is ahead may be in the next one.
    Nearest(fn() -> Instant),
}

impl Year {
    /// The instant of `Nov 20 12:54:20.5`, if the year has that day.
    pub(super) fn instant(self, time: &[u8], zone: Zone) -> Option<Instant> {
        self.of(|year| clock(time, year), zone)
    }

    /// The instant of what a clock on the wall shows in a year, if it does in this one.
    pub(in crate::decode) fn of(
        self,
        clock: impl Fn(i32) -> Option<NaiveDateTime>,
        zone: Zone,
    ) -> Option<Instant> {
        let of = |year| zone.instant(clock(year)?);
        match self {
            Self::Of(year) => of(year),
            Self::Nearest(now) => {
                let now = now();
                let year = DateTime::from_timestamp_nanos(now.0).year();
                let near = (year - 1..=year + 1).filter_map(of);
                near.min_by_key(|instant| instant.0.abs_diff(now.0))
            }
        }
    }
}

/// What a clock on the wall shows at `Nov 20 12:54:20.5` of a year.
pub(super) fn clock(time: &[u8], year: i32) -> Option<NaiveDateTime> {
    let text = std::str::from_utf8(time).ok()?;
    let wall = format!("{year} {text}");
    NaiveDateTime::parse_from_str(&wall, "%Y %b %e %H:%M:%S%.f").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second before the end of 2027.
    fn eve() -> Instant {
        Instant::from_text(b"2027-12-31T23:59:59Z").expect("a time")
    }

    #[test]
    fn the_nearest_year_is_that_of_the_clock_or_one_beside_it() {
        let check = |time: &str, expect: Option<&str>| {
            let instant = Year::Nearest(eve).instant(time.as_bytes(), Zone::default());
            let text = instant.map(Instant::to_rfc3339);
            assert_eq!(text.as_deref(), expect, "{time}");
        };
        check("Dec 31 23:59:58", Some("2027-12-31T23:59:58Z"));
        check("Jan  1 00:00:02.5", Some("2028-01-01T00:00:02.500Z"));
        check("Jul  4 08:00:00", Some("2027-07-04T08:00:00Z"));
        check("Feb 29 08:00:00", Some("2028-02-29T08:00:00Z"));
        check("Feb 30 08:00:00", None);
    }
}
