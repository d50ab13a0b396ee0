//! Instants: the many ways in which producers write when something happened.
//!
//! An instant is counted in nanoseconds since 1970-01-01T00:00:00Z, so it reaches from 1677
//! to 2262; what lies outside is no instant for us. Decimal seconds are read from their
//! text, because an `f64` keeps only a quarter of a microsecond (REFERENCE.md §12).

use chrono::{DateTime, NaiveDateTime, Utc};

use super::{
    parts,
    utc::{eight_digits, rfc3339},
    value::{Kind, Value},
};

/// A point in time: nanoseconds since the epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

pub(super) const SECOND: i64 = 1_000_000_000;

/// Decimal places between a unit and a nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds, with any fraction.
    Seconds = 9,
    /// Milliseconds.
    Millis = 6,
    /// Microseconds.
    Micros = 3,
    /// Nanoseconds.
    Nanos = 0,
}

impl Instant {
    /// Reads a value in any form of REFERENCE.md §12; naive local times are taken as UTC. Of an
    /// object, there may be more behind it.
    pub fn read(value: Value<'_>) -> Option<Self> {
        match value.kind {
            Kind::Number => Self::from_bare_number(value.raw),
            Kind::Plain => Self::from_text(value.raw),
            Kind::Escaped => Self::from_text(value.as_str()?.as_bytes()),
            Kind::Object => parts::instant(value.raw),
            _ => None,
        }
    }

    /// Reads text as most producers write a time: without a blank but for one between date and time of day.
    pub fn from_rfc3339(text: &[u8]) -> Option<Self> {
        rfc3339(text)
    }

    /// Reads text: RFC 3339 and its relatives, TAI64N, or an epoch number as a string.
    pub fn from_text(text: &[u8]) -> Option<Self> {
        if let Some(instant) = rfc3339(text) {
            return Some(instant);
        }
        match text.first()? {
            b'@' => tai64n(text),
            _ if text.iter().all(|b| b.is_ascii_digit() || *b == b'.') => {
                Self::from_bare_number(text)
            }
            _ => calendar(std::str::from_utf8(text).ok()?.trim()),
        }
    }

    /// Reads a number whose unit is known.
    pub fn from_number(text: &[u8], unit: Unit) -> Option<Self> {
        decimal(text, unit as u32).map(Self)
    }

    /// Reads a number whose unit must be guessed from its size.
    fn from_bare_number(text: &[u8]) -> Option<Self> {
        // Ten digits in front of the point, which are seconds.
        if let Some(nanos) = plain_decimal(text, Unit::Seconds as u32) {
            return Some(Self(nanos));
        }
        Self::from_number(text, unit_of(text))
    }

    /// The instant that many seconds later; it stops at the ends of what can be counted.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the conversion saturates")]
    pub fn after(self, seconds: f64) -> Self {
        Self(self.0.saturating_add((seconds * 1e9) as i64))
    }

    /// Seconds from `earlier` to `self`; negative if the clocks ran backwards.
    #[expect(
        clippy::cast_precision_loss,
        reason = "durations are shown with six digits"
    )]
    pub fn seconds_since(self, earlier: Self) -> f64 {
        let nanos = match self.0.checked_sub(earlier.0) {
            Some(nanos) => nanos as f64,
            None => (i128::from(self.0) - i128::from(earlier.0)) as f64,
        };
        nanos / 1e9
    }
}

/// The unit of a number as its size tells it: 1e8 to 1e11 are seconds (1973 to 5138), and each
/// next unit is a thousand times that.
pub(super) fn unit_of(number: &[u8]) -> Unit {
    let digits = number.iter().take_while(|b| b.is_ascii_digit()).count();
    match digits {
        ..=11 => Unit::Seconds,
        12..=14 => Unit::Millis,
        15..=17 => Unit::Micros,
        _ => Unit::Nanos,
    }
}

/// The forms with an offset or without a zone, behind the fast path.
pub(super) fn calendar(text: &str) -> Option<Instant> {
    let nanos = |time: DateTime<Utc>| time.timestamp_nanos_opt().map(Instant);
    // PostgreSQL, Ruby and Go name the zone; of other names not each means one.
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return nanos(time.to_utc());
    }
    let mut dotted = text.replace(',', ".");
    // Go and nginx put slashes into the date.
    if let [_, _, _, _, b'/', _, _, b'/', ..] = text.as_bytes() {
        dotted = dotted.replacen('/', "-", 2);
    }
    for format in ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z"] {
        if let Ok(time) = DateTime::parse_from_str(&dotted, format) {
            return nanos(time.to_utc());
        }
    }
    for format in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(&dotted, format) {
            return nanos(time.and_utc());
        }
    }
    None
}

/// TAI64N as Eliot 0.3 wrote it: `@`, then 2^62 + 10 + seconds and the nanoseconds in hex.
fn tai64n(text: &[u8]) -> Option<Instant> {
    let hex = text.get(1..).filter(|hex| hex.len() == 24)?;
    // Only ASCII may be cut anywhere, and the parser of integers would take a sign.
    if !hex.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let hex = std::str::from_utf8(hex).ok()?;
    let seconds = u64::from_str_radix(&hex[..16], 16)
        .ok()?
        .checked_sub((1 << 62) + 10)?;
    let nanos = i64::from(u32::from_str_radix(&hex[16..], 16).ok()?);
    i64::try_from(seconds)
        .ok()?
        .checked_mul(SECOND)?
        .checked_add(nanos)
        .map(Instant)
}

/// Ten digits, a point and up to eight more, as seconds are mostly written: the same as the loop
/// over all digits, but eight of them at a time.
fn plain_decimal(text: &[u8], places: u32) -> Option<i64> {
    let (whole, rest) = text.split_first_chunk::<10>()?;
    let (point, fraction) = rest.split_first()?;
    if *point != b'.' || places != Unit::Seconds as u32 || !(1..=8).contains(&fraction.len()) {
        return None;
    }
    let (first, last) = whole.split_first_chunk::<8>()?;
    let [tens, ones] = last else { return None };
    let two = |digit: &u8| digit.is_ascii_digit().then(|| u64::from(digit - b'0'));
    let whole = eight_digits(*first)? * 100 + two(tens)? * 10 + two(ones)?;
    // The last eight bytes, without those in front of the fraction, and with zeros behind it.
    let last = u64::from_le_bytes(*text.last_chunk()?);
    let bits = 8 * u32::try_from(fraction.len()).ok()?;
    let zeros = u64::from_le_bytes([b'0'; 8]).checked_shl(bits);
    let padded = last >> (u64::BITS - bits) | zeros.unwrap_or(0);
    let value = whole * 100_000_000 + eight_digits(padded.to_le_bytes())?;
    i64::try_from(value * 10).ok()
}

/// Reads decimal text times 10^`places` exactly; exponents go by way of `f64`.
fn decimal(text: &[u8], places: u32) -> Option<i64> {
    plain_decimal(text, places).or_else(|| digit_by_digit(text, places))
}

fn digit_by_digit(text: &[u8], places: u32) -> Option<i64> {
    /// As many digits always fit into a `u64`.
    const DIGITS: u32 = 19;
    let (negative, digits) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, text),
    };
    let (mut value, mut taken) = (0_u64, 0);
    let mut decimals = None;
    for &byte in digits {
        match byte {
            // What is finer than a nanosecond is cut off.
            b'0'..=b'9' if decimals == Some(places) => {}
            b'0'..=b'9' if taken < DIGITS => {
                value = value * 10 + u64::from(byte - b'0');
                taken += 1;
                decimals = decimals.map(|count| count + 1);
            }
            b'0'..=b'9' => return None,
            b'.' if decimals.is_none() && taken > 0 => decimals = Some(0),
            _ => return exponent(text, places),
        }
    }
    if taken == 0 {
        return exponent(text, places);
    }
    let scale = 10_u64.pow(places - decimals.unwrap_or(0));
    let value = i64::try_from(value.checked_mul(scale)?).ok()?;
    Some(if negative { -value } else { value })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked first"
)]
fn exponent(text: &[u8], places: u32) -> Option<i64> {
    if !text
        .iter()
        .all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
    {
        return None;
    }
    let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    let scaled = number * 10_f64.powi(i32::try_from(places).ok()?);
    (scaled.abs() < 9.2e18).then_some(scaled as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn eight_digits_at_a_time_are_the_same(text in "[0-9:/]{9,11}\\.[0-9.:]{0,10}") {
            let text = text.as_bytes();
            for places in [0, 3, 6, 9] {
                if let Some(fast) = plain_decimal(text, places) {
                    prop_assert_eq!(digit_by_digit(text, places), Some(fast));
                }
            }
        }
    }

    #[test]
    fn seconds_of_a_float_are_read_eight_digits_at_a_time() {
        let read = |text: &str| plain_decimal(text.as_bytes(), 9);
        assert_eq!(read("1795176000.0253847"), Some(1_795_176_000_025_384_700));
        assert_eq!(read("1795176000.5"), Some(1_795_176_000_500_000_000));
        assert_eq!(read("9999999999.99999999"), None);
        assert_eq!(read("1795176000.02538x7"), None);
    }

    #[test]
    fn every_encoding_of_the_reference() {
        let check = |text: &str, expect: &str| {
            let instant = Instant::from_text(text.as_bytes()).map(Instant::to_rfc3339);
            assert_eq!(instant.as_deref(), Some(expect), "{text}");
        };
        check(
            "2026-11-20T12:35:55.21156635Z",
            "2026-11-20T12:35:55.211566350Z",
        );
        check("2026-11-20T12:35:55Z", "2026-11-20T12:35:55Z");
        check("2026-11-20T12:35:55+01:00", "2026-11-20T11:35:55Z");
        check(
            "2026-11-20 12:30:00.642285+00:00",
            "2026-11-20T12:30:00.642285Z",
        );
        check("2026-11-20 12:31:58,280+0000", "2026-11-20T12:31:58.280Z");
        check("2018-04-18 23:03:19,148", "2018-04-18T23:03:19.148Z");
        check("2026-11-20T08:00:22.814546", "2026-11-20T08:00:22.814546Z");
        check("2026-11-20 12:33:39", "2026-11-20T12:33:39Z");
        check("2026/11/20 12:33:39.5", "2026-11-20T12:33:39.500Z");
        check("2026-11-20 12:33:39.5 UTC", "2026-11-20T12:33:39.500Z");
        check(
            "2026-11-20 12:33:39.5 +0100 UTC",
            "2026-11-20T11:33:39.500Z",
        );
        check(
            "@400000006b003d0e369d5698",
            "2026-11-20T12:28:52.916280984Z",
        );
        check("1795178400001000", "2026-11-20T12:40:00.001Z");
        check("1795177294.9942589", "2026-11-20T12:21:34.994258900Z");
        check("1795178340", "2026-11-20T12:39:00Z");
        check("1795178019330", "2026-11-20T12:33:39.330Z");
        check("1795178340916759892", "2026-11-20T12:39:00.916759892Z");
        check("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z");
        check(
            "2000-02-29T23:59:59.999999999Z",
            "2000-02-29T23:59:59.999999999Z",
        );
    }

    #[test]
    fn what_is_no_instant_is_none() {
        for text in [
            "",
            "mine",
            "   0.000212736s",
            "Nov 20 12:54:20",
            "2026-02-30T00:00:00Z",
            "@40",
            "9999999999999999999",
            "2026-13-01T00:00:00Z",
            "2026-11-20T12:35:55.Z",
            "2026-11-20 12:33:39 CET",
            "1e400",
            // The right length, but a character that no cut may go through.
            "@40000000000000\u{e9}\u{e9}aaaaaaa",
            "@400000000000000\u{e9}aaaaaaa",
            "@+00000006b003d0e369d5698",
        ] {
            assert_eq!(Instant::from_text(text.as_bytes()), None, "{text}");
        }
    }
}
