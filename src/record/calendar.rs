//! The proleptic Gregorian calendar, counted in days.
//!
//! chrono does the same with more checks; this is for the two places where every record
//! passes. Years are counted from March, so that a leap day comes last (Howard Hinnant,
//! "chrono-Compatible Low-Level Date Algorithms").

/// Days since 1970-01-01 in the proleptic Gregorian calendar, by counting years from March. The year has four
/// digits.
#[inline]
pub(super) fn days_from_civil(year: u32, month: u32, day: u32) -> i64 {
    // From an era before, so that no number is below zero.
    let (year, from_march) = if month > 2 {
        (year + 400, month - 3)
    } else {
        (year + 399, month + 9)
    };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    i64::from(era * 146_097 + day_of_era) - (719_468 + 146_097)
}

/// The inverse of [`days_from_civil`]: year, month and day. The year is none before Christ.
#[inline]
pub(super) fn civil_from_days(days: i64) -> (u32, u32, u32) {
    let days = u32::try_from(days + 719_468).unwrap_or_default();
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    (era * 400 + year_of_era + u32::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate};

    use super::*;

    #[test]
    fn days_are_counted_as_chrono_counts_them() {
        for day in (-300_000..300_000).step_by(97) {
            let date = NaiveDate::from_num_days_from_ce_opt(719_163 + day).expect("a date");
            let year = u32::try_from(date.year()).expect("after Christ");
            let days = days_from_civil(year, date.month(), date.day());
            assert_eq!(days, i64::from(day), "{date}");
            let civil = (year, date.month(), date.day());
            assert_eq!(civil_from_days(i64::from(day)), civil, "{date}");
        }
    }
}
