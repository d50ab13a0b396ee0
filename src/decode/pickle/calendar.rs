//! The classes of Python's `datetime` module, from the bytes that they keep their fields in.
//!
//! Layouts: `CPython`'s Lib/_pydatetime.py, the `_getstate` methods. The text is that of
//! `isoformat()`, which is RFC 3339 where there is a zone of whole minutes. Needs no time zone
//! database: a zone whose offset is not in the pickle is shown beside the local time.

use std::fmt::Write;

use super::{arena::Chain, known::Form, names, octets, value::Value, view::View};

const MICROS: i128 = 1_000_000;

/// The form of an object of the `datetime` module.
pub(super) fn form<'a>(view: View<'_>, args: Chain, class: &[u8]) -> Option<Form<'a>> {
    let mut cursor = args.cursor();
    let first = view.next(&mut cursor)?;
    let (second, third) = (view.next(&mut cursor), view.next(&mut cursor));
    if class == b"timedelta" {
        return Some(Form::Json(seconds(duration(first, second?, third?)?)));
    }
    if third.is_some() {
        return None;
    }
    let local = match (class, second) {
        (b"date", None) => date(octets::exactly(view, first)?)?,
        (b"datetime", _) => {
            let [y1, y2, month, day, time @ ..] = octets::exactly::<10>(view, first)?;
            // The top bit of the month says which of two equal local times is meant (PEP 495).
            let date = date([y1, y2, month & 0x7f, day])?;
            format!("{date}T{}", clock(time)?)
        }
        (b"time", _) => {
            let [hour, rest @ ..] = octets::exactly::<6>(view, first)?;
            let [minute, second, a, b, c] = rest;
            clock([hour & 0x7f, minute, second, a, b, c])?
        }
        _ => return None,
    };
    Some(match second {
        None | Some(Value::None) => Form::Text(local),
        Some(zone) => match zone_offset(view, zone) {
            Some(micros) => Form::Text(local + &offset(micros)),
            None => Form::Instead(local),
        },
    })
}

/// `2026-11-20`.
fn date([y1, y2, month, day]: [u8; 4]) -> Option<String> {
    let year = u16::from_be_bytes([y1, y2]);
    let valid = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    valid.then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// `12:25:40`, and six digits of a second unless they are all zero.
fn clock([hour, minute, second, a, b, c]: [u8; 6]) -> Option<String> {
    let micros = u32::from_be_bytes([0, a, b, c]);
    if hour > 23 || minute > 59 || second > 59 || micros > 999_999 {
        return None;
    }
    let mut text = format!("{hour:02}:{minute:02}:{second:02}");
    if micros > 0 {
        let _ = write!(text, ".{micros:06}");
    }
    Some(text)
}

/// The microseconds of `timedelta(days, seconds, microseconds)`.
fn duration(days: Value, seconds: Value, micros: Value) -> Option<i128> {
    let (Value::Int(days), Value::Int(seconds), Value::Int(micros)) = (days, seconds, micros)
    else {
        return None;
    };
    let seconds = i128::from(days) * 86_400 + i128::from(seconds);
    Some(seconds * MICROS + i128::from(micros))
}

/// Seconds as a JSON number, exact to the microsecond, with at least one decimal.
fn seconds(micros: i128) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let micros = micros.unsigned_abs();
    let (whole, part) = (micros / 1_000_000, micros % 1_000_000);
    let part = format!("{part:06}");
    let part = match part.trim_end_matches('0') {
        "" => "0",
        part => part,
    };
    format!("{sign}{whole}.{part}")
}

/// The offset from UTC in microseconds, if the pickle has it.
fn zone_offset(view: View<'_>, zone: Value) -> Option<i128> {
    let object = view.object(zone)?;
    let name = names::of(view, object.class)?;
    let mut args = view.node(object.args).items.cursor();
    let first = view.next(&mut args);
    match (name.module, &*name.name) {
        (b"datetime", b"timezone") => {
            let delta = view.object(first?)?;
            if !names::is(view, delta.class, b"datetime", b"timedelta") {
                return None;
            }
            let [days, seconds, micros] = view.exactly(view.node(delta.args).items)?;
            let micros = duration(days, seconds, micros)?;
            // timezone() takes less than a day.
            (micros.abs() < 86_400 * MICROS).then_some(micros)
        }
        (b"pytz", b"_UTC") | (b"dateutil.tz.tz" | b"dateutil.tz", b"tzutc") => Some(0),
        (b"zoneinfo", b"ZoneInfo._unpickle" | b"ZoneInfo") => {
            let Value::Text(key) = first? else {
                return None;
            };
            (view.bytes(key) == b"UTC").then_some(0)
        }
        // pytz._p(name, offset in seconds, daylight saving in seconds, abbreviation)
        (b"pytz", b"_p") => match view.next(&mut args)? {
            Value::Int(seconds) if seconds.abs() < 86_400 => Some(i128::from(seconds) * MICROS),
            _ => None,
        },
        _ => None,
    }
}

/// `+02:00`, with seconds and their fraction where there are any.
fn offset(micros: i128) -> String {
    let sign = if micros < 0 { '-' } else { '+' };
    let micros = micros.abs();
    let (seconds, part) = (micros / MICROS, micros % MICROS);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{sign}{hours:02}:{minutes:02}");
    if seconds != 0 || part != 0 {
        let _ = write!(text, ":{seconds:02}");
    }
    if part != 0 {
        let _ = write!(text, ".{part:06}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_durations_read_like_python() {
        assert_eq!(offset(0), "+00:00");
        assert_eq!(offset(-19_800 * MICROS), "-05:30");
        assert_eq!(offset(3661 * MICROS + 5), "+01:01:01.000005");
        assert_eq!(seconds(0), "0.0");
        assert_eq!(seconds(-1_500_000), "-1.5");
        assert_eq!(seconds(60 * MICROS + 1), "60.000001");
        assert_eq!(clock([24, 0, 0, 0, 0, 0]), None);
        assert_eq!(
            clock([23, 59, 59, 0x0f, 0x42, 0x3f]).as_deref(),
            Some("23:59:59.999999")
        );
        assert_eq!(date([0, 0, 1, 1]), None);
    }
}
