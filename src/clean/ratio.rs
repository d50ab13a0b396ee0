//! Numbers as they are written in rates: `1/100`, `0.01`, `1%`; `100/s`; `10s`.

use super::Wrong;

/// The nanoseconds of a second.
const SECOND: u64 = 1_000_000_000;

/// A fraction between 0 and 1, exactly as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ratio {
    pub(super) part: u64,
    pub(super) whole: u64,
}

impl Ratio {
    /// Reads `1/100`, `0.01` or `1%`: more than nothing, and everything at most.
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        read_ratio(text.trim())
            .filter(|ratio| ratio.part > 0 && ratio.part <= ratio.whole)
            .ok_or_else(|| {
                Wrong::new(
                    format!("no share of the whole: '{text}'"),
                    "write 1/100, 0.01 or 1%",
                )
            })
    }

    /// Hashes below this are in the sample: the share of 2^64, rounded down.
    pub(super) fn threshold(self) -> u128 {
        (u128::from(self.part) << 64) / u128::from(self.whole)
    }

    #[expect(clippy::cast_precision_loss, reason = "it is for people to read")]
    pub(super) fn as_f64(self) -> f64 {
        self.part as f64 / self.whole as f64
    }
}

fn read_ratio(text: &str) -> Option<Ratio> {
    if let Some((part, whole)) = text.split_once('/') {
        return Some(Ratio {
            part: digits(part.trim())?,
            whole: digits(whole.trim())?,
        });
    }
    let (number, hundredths) = match text.strip_suffix('%') {
        Some(number) => (number.trim(), 100),
        None => (text, 1),
    };
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    // More decimals than these do not fit; fewer than one in 10^12 is nobody's sample.
    if decimals.len() > 12 {
        return None;
    }
    let scale = 10_u64.checked_pow(u32::try_from(decimals.len()).ok()?)?;
    let part = digits(whole)?
        .checked_mul(scale)?
        .checked_add(digits(decimals)?)?;
    Some(Ratio {
        part,
        whole: scale * hundredths,
    })
}

fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// So many records in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) records: u32,
    /// In nanoseconds.
    pub(super) period: u64,
}

impl Rate {
    /// Reads `100/s`, `100/m`, `100/h` or `100/d`, or with more of the unit's name.
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        read_rate(text.trim()).ok_or_else(|| {
            Wrong::new(
                format!("no rate: '{text}'"),
                "write a number of records and a unit of time: 100/s, 600/m, 1000/h or 9/d",
            )
        })
    }
}

fn read_rate(text: &str) -> Option<Rate> {
    let (records, unit) = text.split_once('/')?;
    let seconds = match unit.trim() {
        "s" | "sec" | "second" => 1,
        "m" | "min" | "minute" => 60,
        "h" | "hour" => 3_600,
        "d" | "day" => 86_400,
        _ => return None,
    };
    let records = u32::try_from(digits(records.trim())?).ok()?;
    (records > 0).then_some(Rate {
        records,
        period: seconds * SECOND,
    })
}

/// Reads a length of time such as `10s`, `1.5m`, `200ms`, `1h` or `1d`, in nanoseconds.
pub(super) fn window(text: &str) -> Result<i64, Wrong> {
    read_window(text.trim()).ok_or_else(|| {
        Wrong::new(
            format!("no length of time: '{text}'"),
            "write a number and ms, s, m, h or d, such as 10s",
        )
    })
}

fn read_window(text: &str) -> Option<i64> {
    let at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(at);
    let unit = match unit {
        "ms" => SECOND / 1_000,
        "s" => SECOND,
        "m" => 60 * SECOND,
        "h" => 3_600 * SECOND,
        "d" => 86_400 * SECOND,
        _ => return None,
    };
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    if decimals.len() > 9 {
        return None;
    }
    let scale = 10_u64.pow(u32::try_from(decimals.len()).ok()?);
    let nanos = u128::from(digits(whole)?) * u128::from(unit)
        + u128::from(digits(decimals)?) * u128::from(unit) / u128::from(scale);
    i64::try_from(nanos).ok().filter(|nanos| *nanos > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact_however_they_are_written() {
        let check = |text: &str, expect: Option<u128>| {
            let threshold = Ratio::parse(text).ok().map(Ratio::threshold);
            assert_eq!(threshold, expect, "{text}");
        };
        let hundredth = Some((1 << 64) / 100);
        for same in ["1/100", "0.01", "1%", "2/200", "1.0 %", "0.010"] {
            check(same, hundredth);
        }
        check("1/1", Some(1 << 64));
        check("100%", Some(1 << 64));
        check("0.5", Some(1 << 63));
        check("12.5%", Some(1 << 61));
        for wrong in [
            "0", "0/5", "1/0", "2/1", "101%", "-1%", "x", "", "1/", "1e-2", ".5", "5",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn rates_and_windows_have_units() {
        let rate = |text: &str| {
            Rate::parse(text)
                .ok()
                .map(|rate| (rate.records, rate.period))
        };
        assert_eq!(rate("100/s"), Some((100, 1_000_000_000)));
        assert_eq!(rate("7 / m"), Some((7, 60_000_000_000)));
        assert_eq!(rate("7/min"), rate("7/m"));
        assert_eq!(rate("1/d"), Some((1, 86_400_000_000_000)));
        assert_eq!(rate("1/h"), Some((1, 3_600_000_000_000)));
        for wrong in ["100", "0/s", "1/w", "-1/s", "1.5/s", "/s", "99999999999/s"] {
            assert_eq!(rate(wrong), None, "{wrong}");
        }
        let nanos = |text: &str| window(text).ok();
        assert_eq!(nanos("10s"), Some(10_000_000_000));
        assert_eq!(nanos("1.5m"), Some(90_000_000_000));
        assert_eq!(nanos("200ms"), Some(200_000_000));
        assert_eq!(nanos("1d"), Some(86_400_000_000_000));
        for wrong in ["10", "0s", "-1s", "s", "1.s", "9999999999999h", "1w"] {
            assert_eq!(nanos(wrong), None, "{wrong}");
        }
    }
}
