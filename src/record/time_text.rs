//! Instants as text. Written by hand, because every line and every node of a tree has them.

use std::fmt;

use super::{
    calendar::civil_from_days,
    time::{Instant, SECOND},
};

impl Instant {
    /// RFC 3339 in UTC with as many decimals as needed (0, 3, 6 or 9).
    pub fn to_rfc3339(self) -> String {
        let decimals = match self.0.rem_euclid(SECOND) {
            0 => 0,
            n if n % 1_000_000 == 0 => 3,
            n if n % 1_000 == 0 => 6,
            _ => 9,
        };
        self.format('T', decimals) + "Z"
    }

    /// Date, `separator`, time of day in UTC with so many decimals, cut off.
    ///
    /// It is written digit by digit, because every line and every node of a tree has it.
    pub fn format(self, separator: char, decimals: u32) -> String {
        let (seconds, nanos) = (self.0.div_euclid(SECOND), self.0.rem_euclid(SECOND));
        let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
        let second = seconds.rem_euclid(86_400);
        let nanos = nanos / 10_i64.pow(9_u32.saturating_sub(decimals));
        // From the end to the front, because that is how digits fall off a number.
        let mut text = [0; 48];
        let mut writer = Backwards {
            text: &mut text,
            at: 48,
        };
        if decimals > 0 {
            writer.number(nanos, decimals);
            writer.byte(b'.');
        }
        writer.number(second % 60, 2);
        writer.byte(b':');
        writer.number(second / 60 % 60, 2);
        writer.byte(b':');
        writer.number(second / 3_600, 2);
        let time = writer.at;
        writer.at = 24;
        writer.number(day, 2);
        writer.byte(b'-');
        writer.number(month, 2);
        writer.byte(b'-');
        writer.number(year, 4);
        let date = writer.at;
        let ascii = |bytes| std::str::from_utf8(bytes).unwrap_or_default();
        let mut out = String::with_capacity(32);
        out.push_str(ascii(&text[date..24]));
        out.push(separator);
        out.push_str(ascii(&text[time..]));
        out
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

/// Writes into a buffer from its end.
struct Backwards<'t> {
    text: &'t mut [u8; 48],
    at: usize,
}

impl Backwards<'_> {
    fn byte(&mut self, byte: u8) {
        self.at -= 1;
        self.text[self.at] = byte;
    }

    /// Writes a number that is not negative with leading zeros.
    #[expect(clippy::cast_sign_loss, reason = "a digit")]
    fn number(&mut self, mut value: i64, width: u32) {
        for _ in 0..width {
            self.byte(b'0' + (value % 10) as u8);
            value /= 10;
        }
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
