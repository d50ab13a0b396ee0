//! Instants as text. Written by hand, because every line and every node of a tree has them.

use std::fmt;

use super::{
    calendar::civil_from_days,
    time::{Instant, SECOND},
};

/// Date and time of day with nine decimals.
const LENGTH: usize = "2026-11-25T12:00:00.000000000".len();
const DATE: usize = "2026-11-25".len();
const SECONDS: usize = "2026-11-25T12:00:00".len();

impl Instant {
    /// RFC 3339 in UTC with as many decimals as needed (0, 3, 6 or 9).
    pub fn to_rfc3339(self) -> String {
        let (text, length) = self.shortest();
        ascii(&text[..length]).to_owned() + "Z"
    }

    /// Appends what [`Instant::to_rfc3339`] gives.
    pub fn write_rfc3339(self, out: &mut Vec<u8>) {
        let (mut text, length) = self.shortest();
        text[length] = b'Z';
        // All of it, because that is a few moves.
        let start = out.len();
        out.extend_from_slice(&text);
        out.truncate(start + length + 1);
    }

    fn shortest(self) -> ([u8; LENGTH + 1], usize) {
        let decimals = match self.0.rem_euclid(SECOND) {
            0 => 0,
            n if n % 1_000_000 == 0 => 3,
            n if n % 1_000 == 0 => 6,
            _ => 9,
        };
        (self.digits(), length(decimals))
    }

    /// Date, `separator`, time of day in UTC with so many decimals, cut off.
    pub fn format(self, separator: char, decimals: usize) -> String {
        let text = self.digits();
        let mut out = String::with_capacity(LENGTH);
        out.push_str(ascii(&text[..DATE]));
        out.push(separator);
        out.push_str(ascii(&text[DATE + 1..length(decimals)]));
        out
    }

    /// Appends what [`Instant::format`] gives.
    pub fn write(self, separator: u8, decimals: usize, out: &mut Vec<u8>) {
        let mut text = self.digits();
        text[DATE] = separator;
        out.extend_from_slice(&text[..length(decimals)]);
    }

    /// Appends the time of day in UTC with so many decimals, cut off.
    pub fn write_time_of_day(self, decimals: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.digits()[DATE + 1..length(decimals)]);
    }

    /// All digits, and room for the zone. Instants reach from 1677 to 2262, so that a year has
    /// four of them.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a year has four digits, and a second nine of nanoseconds"
    )]
    fn digits(self) -> [u8; LENGTH + 1] {
        let (seconds, nanos) = (self.0.div_euclid(SECOND), self.0.rem_euclid(SECOND) as u32);
        let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
        let second = seconds.rem_euclid(86_400) as u32;
        let mut text = *b"0000-00-00T00:00:00.000000000 ";
        let mut put = |at: usize, two: u32| [text[at], text[at + 1]] = two_digits(two);
        put(0, year / 100);
        put(2, year % 100);
        put(5, month);
        put(8, day);
        put(11, second / 3_600);
        put(14, second / 60 % 60);
        put(17, second % 60);
        put(20, nanos / 10_000_000);
        put(22, nanos / 100_000 % 100);
        put(24, nanos / 1_000 % 100);
        put(26, nanos / 10 % 100);
        [_, text[28]] = two_digits(nanos % 10);
        text
    }
}

/// The two digits of a number below 100.
#[inline]
pub(crate) fn two_digits(number: u32) -> [u8; 2] {
    PAIRS[number as usize % PAIRS.len()]
}

/// The digits of the numbers below 100, and more of the last, so that a remainder costs nothing.
const PAIRS: [[u8; 2]; 128] = {
    let mut pairs = [*b"99"; 128];
    let mut number = 0;
    while number < 100 {
        pairs[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    pairs
};

/// How long a time with so many decimals is.
fn length(decimals: usize) -> usize {
    match decimals {
        0 => SECONDS,
        some => (SECONDS + 1 + some).min(LENGTH),
    }
}

fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn instants_are_written_as_chrono_writes_them() {
        let mut nanos = i64::MIN + SECOND;
        while let Some(next) = nanos.checked_add(7_777_777_777_777_777) {
            for nanos in [
                nanos,
                nanos - nanos.rem_euclid(1_000),
                nanos - nanos.rem_euclid(SECOND),
            ] {
                let expect = DateTime::from_timestamp_nanos(nanos)
                    .to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
                assert_eq!(Instant(nanos).to_rfc3339(), expect);
            }
            nanos = next;
        }
    }
}
