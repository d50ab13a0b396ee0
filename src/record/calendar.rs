//! The proleptic Gregorian calendar, counted in days.
//!
//! chrono does the same with more checks; this is for the two places where every record
//! passes. Years are counted from March, so that a leap day comes last (Howard Hinnant,
//! "chrono-Compatible Low-Level Date Algorithms").

/// Days since 1970-01-01 in the proleptic Gregorian calendar, by counting years from March.
pub(super) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`]: year, month and day.
pub(super) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
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
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate};

    use super::*;

    #[test]
    fn days_are_counted_as_chrono_counts_them() {
        for day in (-300_000..300_000).step_by(97) {
            let date = NaiveDate::from_num_days_from_ce_opt(719_163 + day).expect("a date");
            let civil = (
                i64::from(date.year()),
                i64::from(date.month()),
                i64::from(date.day()),
            );
            assert_eq!(
                days_from_civil(civil.0, civil.1, civil.2),
                i64::from(day),
                "{date}"
            );
            assert_eq!(civil_from_days(i64::from(day)), civil, "{date}");
        }
    }
}
