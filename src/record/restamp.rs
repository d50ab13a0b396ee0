//! A time in the place of another, in the form in which the other is written.

use super::{Instant, Kind, Value, parts};

/// What stands for `value`, which says `was`, to say `now`: between its quotes, if it has some.
///
/// Numbers keep their unit and their decimals, objects of seconds and nanoseconds their keys, texts
/// like RFC 3339 their separator, decimals and offset; any other text becomes RFC 3339.
pub fn restamped(value: Value<'_>, was: Instant, now: Instant) -> Vec<u8> {
    let is_number = |raw: &[u8]| {
        raw.iter()
            .all(|byte| byte.is_ascii_digit() || *byte == b'.')
    };
    match value.kind {
        Kind::Number => number(value.raw, was, now),
        Kind::Plain if is_number(value.raw) => number(value.raw, was, now),
        Kind::Object => parts::moved(value.raw, now).unwrap_or_else(|| value.raw.to_vec()),
        _ => like(value.raw, now).unwrap_or_else(|| now.to_rfc3339().into_bytes()),
    }
}

fn number(raw: &[u8], was: Instant, now: Instant) -> Vec<u8> {
    let text = String::from_utf8_lossy(raw);
    let value: f64 = text.parse().unwrap_or_default();
    // The unit by which the number comes nearest to what it was read as.
    #[expect(clippy::cast_precision_loss, reason = "units are a thousandfold apart")]
    let distance = |unit: i64| (value * unit as f64 - was.0 as f64).abs();
    let units = [1_000_000_000, 1_000_000, 1_000, 1];
    let unit = units
        .into_iter()
        .min_by(|one, other| distance(*one).total_cmp(&distance(*other)));
    let unit = unit.unwrap_or(1);
    let plain = text.split(['e', 'E']).next().unwrap_or_default();
    let decimals = match (plain.split_once('.'), plain.len() == text.len()) {
        (Some((_, decimals)), true) => decimals.len(),
        (None, true) => 0,
        // Beyond the exponent nobody knows how many were meant.
        (_, false) => 9,
    };
    let (whole, mut rest) = (now.0.div_euclid(unit), now.0.rem_euclid(unit));
    let mut out = whole.to_string();
    if decimals > 0 {
        out.push('.');
    }
    for _ in 0..decimals {
        rest *= 10;
        out += &(rest / unit).to_string();
        rest %= unit;
    }
    out.into_bytes()
}

/// What is like `2026-11-20T12:35:55.211Z`.
fn like(raw: &[u8], now: Instant) -> Option<Vec<u8>> {
    let (head, rest) = raw.split_at_checked("2026-11-20T12:35:55".len())?;
    let is_digit = |at: usize| head[at].is_ascii_digit();
    let is_like = head.iter().enumerate().all(|(at, byte)| match at {
        4 | 7 => *byte == b'-',
        10 => matches!(byte, b'T' | b't' | b' ' | b'_'),
        13 | 16 => *byte == b':',
        at => is_digit(at),
    });
    let (point, fraction) = match rest {
        [point @ (b'.' | b','), rest @ ..] => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            (Some(*point), &rest[..digits])
        }
        _ => (None, &rest[..0]),
    };
    let zone = &rest[fraction.len() + usize::from(point.is_some())..];
    if !is_like || point.is_some() == fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let local = Instant(now.0.checked_add(offset(zone)?)?);
    let mut out = Vec::with_capacity(raw.len());
    local.write(head[10], fraction.len(), &mut out);
    if let (Some(b','), Some(place)) = (point, out.get_mut(head.len())) {
        *place = b',';
    }
    out.extend_from_slice(zone);
    Some(out)
}

/// How many nanoseconds a zone is ahead of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    let digits: Vec<i64> = zone
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .map(|byte| i64::from(byte - b'0'))
        .collect();
    let sign = match zone {
        b"" | b"Z" | b"z" => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let is_plain = matches!(zone.len(), 3 | 5) || zone.len() == 6 && zone[3] == b':';
    let minutes = match digits[..] {
        [h, i] => (h * 10 + i) * 60,
        [h, i, m, n] => (h * 10 + i) * 60 + m * 10 + n,
        _ => return None,
    };
    is_plain.then_some(sign * minutes * 60 * 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_that_of_the_time_before() {
        let now = Instant(1_800_000_000_123_456_789);
        let check = |kind: Kind, raw: &str, expect: &str| {
            let value = Value {
                kind,
                raw: raw.as_bytes(),
            };
            let was = Instant::read(value).unwrap_or(Instant(0));
            let text = String::from_utf8(restamped(value, was, now)).expect("text");
            assert_eq!(text, expect, "{raw}");
            // It is read as what it is to say, as far as its decimals go.
            let read = Instant::read(Value {
                kind,
                raw: text.as_bytes(),
            });
            let off = now.0 - read.expect("a time").0;
            assert!((0..1_000_000_000).contains(&off), "{raw}: {off}");
        };
        check(Kind::Number, "1795200098.406886", "1800000000.123456");
        check(Kind::Number, "1795200098", "1800000000");
        check(Kind::Number, "1795200098406", "1800000000123");
        check(Kind::Number, "1795200098406.25", "1800000000123.45");
        check(Kind::Number, "1795200098406886", "1800000000123456");
        check(Kind::Plain, "1795200098406886123", "1800000000123456789");
        check(Kind::Plain, "2026-11-20T12:35:55Z", "2027-01-15T08:00:00Z");
        check(
            Kind::Plain,
            "2026-11-20 12:35:55,211",
            "2027-01-15 08:00:00,123",
        );
        check(
            Kind::Plain,
            "2026-11-20T12:35:55.211345+05:30",
            "2027-01-15T13:30:00.123456+05:30",
        );
        check(
            Kind::Plain,
            "2026-11-20T12:35:55.2-0800",
            "2027-01-15T00:00:00.1-0800",
        );
        check(
            Kind::Plain,
            "Fri, 20 Nov 2026 12:35:55 GMT",
            "2027-01-15T08:00:00.123456789Z",
        );
    }
}
