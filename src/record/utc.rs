//! Times as most producers write them: RFC 3339 and its kin without a zone, eight bytes at a time.
//!
//! Every record that is put in order or filtered by time passes here. What is written in another way is left to
//! `time.rs`.

use chrono::NaiveDate;

use super::{
    calendar::days_from_civil,
    time::{Instant, SECOND},
};

const ONES: u64 = 0x0101_0101_0101_0101;

/// Reads `2026-11-20T12:35:55.211Z`: a `T` in either case or a blank between date and time, a point or a comma
/// before any number of decimals, or none, and an offset such as `+01:00` for the `Z`. What has neither is UTC.
pub(super) fn rfc3339(text: &[u8]) -> Option<Instant> {
    let (head, rest) = text.split_first_chunk::<19>()?;
    let (blocks, seconds) = head.as_chunks::<8>();
    let &[date, clock] = blocks else { return None };
    // 2026-11- and 20T12:35: two digits next to each other become the lower one's byte.
    let date = pairs(date, 0x00FF_FF00_FFFF_FFFF, *b"\0\0\0\0-\0\0-")?;
    let separator = clock[2];
    let clock = pairs(
        [
            clock[0], clock[1], b'T', clock[3], clock[4], clock[5], clock[6], clock[7],
        ],
        0xFFFF_00FF_FF00_FFFF,
        *b"\0\0T\0\0:\0\0",
    )?;
    let &[b':', tens, ones] = seconds else {
        return None;
    };
    let second = digit(tens)? * 10 + digit(ones)?;
    let [century, _, year, _, _, month, ..] = date.to_le_bytes();
    let [day, _, _, hour, _, _, minute, _] = clock.to_le_bytes();
    let year = u32::from(century) * 100 + u32::from(year);
    let [month, day, hour, minute, second] = [month, day, hour, minute, second].map(u32::from);
    if !matches!(separator, b'T' | b't' | b' ')
        || !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    // A day that its month does not have is left to chrono, which refuses it.
    if day > 28 {
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    }
    let (zone, offset) = match rest {
        [.., b'Z'] => (1, 0),
        [.., sign @ (b'+' | b'-'), h, o, b':', m, n] => {
            let [h, o, m, n] = [digit(*h)?, digit(*o)?, digit(*m)?, digit(*n)?].map(i64::from);
            let (hours, minutes) = (h * 10 + o, m * 10 + n);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset = hours * 3_600 + minutes * 60;
            (6, if *sign == b'+' { offset } else { -offset })
        }
        _ if separator != b't' => (0, 0),
        _ => return None,
    };
    let nanos = match &rest[..rest.len() - zone] {
        [] => 0,
        [b'.' | b',', ..] => decimals(text, zone)?,
        _ => return None,
    };
    let of_day = hour * 3_600 + minute * 60 + second;
    let seconds = days_from_civil(year, month, day) * 86_400 + i64::from(of_day) - offset;
    seconds.checked_mul(SECOND)?.checked_add(nanos).map(Instant)
}

/// Reads eight bytes in which digits stand where `places` has bits, and the bytes of `others` elsewhere. The
/// byte of a digit holds it ten times, and the next one's digit.
#[inline]
fn pairs(text: [u8; 8], places: u64, others: [u8; 8]) -> Option<u64> {
    let text = u64::from_le_bytes(text);
    let digits = (text ^ (ONES * 0x30)) & places;
    let are_digits = (digits.wrapping_add(ONES * 0x76) | digits) & (ONES * 0x80) == 0;
    if !are_digits || text & !places != u64::from_le_bytes(others) {
        return None;
    }
    // No byte reaches 256.
    Some(digits * 10 + (digits >> 8))
}

fn digit(byte: u8) -> Option<u8> {
    byte.is_ascii_digit().then(|| byte - b'0')
}

/// The decimals of a time's second as nanoseconds, which end `zone` bytes before its end; digits beyond the ninth
/// are cut off.
#[inline]
fn decimals(time: &[u8], zone: usize) -> Option<i64> {
    /// Where the point stands.
    const POINT: usize = 19;
    const SCALE: [i64; 9] = [
        SECOND,
        100_000_000,
        10_000_000,
        1_000_000,
        100_000,
        10_000,
        1_000,
        100,
        10,
    ];
    let digits = time.get(POINT + 1..time.len() - zone)?;
    let count = digits.len();
    if count == 0 {
        return None;
    }
    if count > 8 {
        return many_decimals(digits);
    }
    // The last eight bytes up to there, with zeros for what stands in front of the decimals.
    let last = time[..time.len() - zone].last_chunk::<8>()?;
    let kept = u64::MAX << (8 * (8 - count));
    let word = u64::from_le_bytes(*last) & kept | (ONES * 0x30) & !kept;
    let value = eight_digits(word.to_le_bytes())?;
    i64::try_from(value).ok()?.checked_mul(*SCALE.get(count)?)
}

/// The same for nine and more.
fn many_decimals(digits: &[u8]) -> Option<i64> {
    let (kept, rest) = digits.split_first_chunk::<9>()?;
    let (first, last) = kept.split_first_chunk::<8>()?;
    let nanos = eight_digits(*first)? * 10 + u64::from(digit(last[0])?);
    rest.iter().all(u8::is_ascii_digit).then_some(())?;
    i64::try_from(nanos).ok()
}

/// The number that eight digits are.
#[inline]
pub(super) fn eight_digits(digits: [u8; 8]) -> Option<u64> {
    let word = u64::from_le_bytes(digits) ^ (ONES * 0x30);
    // Above 9 a byte reaches its highest bit, or has it already.
    if (word.wrapping_add(ONES * 0x76) | word) & (ONES * 0x80) != 0 {
        return None;
    }
    // Pairs, then fours, then all: the first digit is in the lowest byte.
    let pairs = (word * 10 + (word >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    Some((fours * 10_000 + (fours >> 32)) & 0xFFFF_FFFF)
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;
    use crate::record::time::calendar;

    proptest! {
        #[test]
        fn times_are_read_as_chrono_reads_them(
            date in "(19|20|16|22|00)[0-9]{2}-(0[1-9]|1[0-3])-[0-3][0-9]",
            separator in select(&["T", "t", " ", "T", "x"][..]),
            clock in "([01][0-9]|2[0-4]):[0-6][0-9]:[0-6][0-9]",
            fraction in "([.,.;][0-9]{0,11})?",
            zone in prop_oneof![
                select(&["Z", "", "", "+00:00", "-00:00", "z", " +01:00", "+0100", "+01"][..]).prop_map(str::to_owned),
                "[+-]([01][0-9]|2[0-4]):[0-6][0-9]",
            ],
            spoilt in prop::option::weighted(0.2, (0_usize..40, "[!-~]")),
        ) {
            let mut text = format!("{date}{separator}{clock}{fraction}{zone}");
            if let Some((at, with)) = &spoilt && *at < text.len() {
                text.replace_range(*at..=*at, with);
            }
            // chrono does not know each mixture.
            let usual = text.replacen('t', "T", 1).replacen(',', ".", 1);
            let (read, slowly) = (rfc3339(text.as_bytes()), calendar(&usual));
            // What is not usual is left to chrono.
            let is_unusual = spoilt.is_some()
                || matches!(fraction.as_str(), "." | ",")
                || matches!(zone.as_str(), "z" | " +01:00" | "+0100" | "+01")
                || separator == "t" && zone.is_empty();
            if !is_unusual || read.is_some() {
                prop_assert_eq!(read, slowly, "{}", text);
            }
        }
    }

    #[test]
    fn what_is_usual_is_read_here() {
        for text in [
            "2026-11-20T12:35:55Z",
            "2026-11-20 12:35:55",
            "2026-11-20 12:35:55,211",
            "2026-11-20T12:35:55.211000",
            "2026-11-20t12:35:55.211000+00:00",
            "2026-11-20T12:35:55.211000-05:30",
        ] {
            assert!(rfc3339(text.as_bytes()).is_some(), "{text}");
        }
    }

    #[test]
    fn each_length_of_a_fraction_is_read() {
        for length in 1..=12 {
            let digits = &"123456789123"[..length];
            let text = format!("2026-11-20T12:35:55.{digits}Z");
            let nanos: i64 = format!("{digits:0<9.9}").parse().expect("digits");
            let whole = rfc3339(b"2026-11-20T12:35:55Z").expect("a time");
            assert_eq!(
                rfc3339(text.as_bytes()),
                Some(Instant(whole.0 + nanos)),
                "{text}"
            );
        }
    }
}
