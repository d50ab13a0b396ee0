//! How finely a time is written. What is cut off behind its last digit nobody knows: what happened at
//! 12:00:00 may have happened until just before 12:00:01.

use super::{
    canonical::Canonical,
    form::Form,
    reader::Record,
    time::{SECOND, Unit, unit_of},
    value::{Kind, Value},
};

const MILLISECOND: i64 = 1_000_000;

impl Record<'_, '_> {
    /// By how many nanoseconds, at most, it happened later than its time says: a second, parts of one
    /// down to a millisecond, or 0 for what is finer.
    pub fn resolution(&self) -> i64 {
        let read = self.first_spot(Canonical::Time, |spot, value| {
            spot.form.time_beside(value, || self.beside(spot))?;
            Some(resolution(spot.form, value))
        });
        read.unwrap_or(0)
    }
}

fn resolution(form: Form, value: Value<'_>) -> i64 {
    match (form, value.kind) {
        (Form::SecondsBeside, _) => 0,
        (Form::Epoch(unit), _) => of_number(value.raw, unit),
        (_, Kind::Number) => of_number(value.raw, unit_of(value.raw)),
        (_, Kind::Plain) => of_text(value.raw),
        (_, Kind::Escaped) => value.as_str().map_or(0, |text| of_text(text.as_bytes())),
        _ => 0,
    }
}

fn of_text(text: &[u8]) -> i64 {
    /// Where the decimals of a date's seconds stand.
    const DECIMALS: usize = "2026-11-20T12:00:00".len();
    let text = text.trim_ascii();
    let is_number = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    if text.iter().all(is_number) {
        return of_number(text, unit_of(text));
    }
    match text.get(DECIMALS..) {
        // TAI64N has nanoseconds.
        Some(_) if text.first() == Some(&b'@') => 0,
        Some([b'.' | b',', rest @ ..]) => of_decimals(digits(rest)),
        Some(_) => SECOND,
        None => 0,
    }
}

/// That of a number with a point is not known, because programs leave zeros at its end away; but of many
/// numbers one in a thousand has three decimals by chance.
fn of_number(number: &[u8], unit: Unit) -> i64 {
    let point = number.iter().position(|byte| !byte.is_ascii_digit());
    match (point, unit) {
        (None, Unit::Seconds) => SECOND,
        (None, Unit::Millis) => MILLISECOND,
        (Some(point), Unit::Seconds)
            if digits(&number[point + 1..]) == 3 && number.len() == point + 4 =>
        {
            MILLISECOND
        }
        _ => 0,
    }
}

fn of_decimals(count: usize) -> i64 {
    match count {
        1 => 100 * MILLISECOND,
        2 => 10 * MILLISECOND,
        3 => MILLISECOND,
        _ => 0,
    }
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use crate::record::{Canonical, Found, Reader};

    #[test]
    fn a_time_is_known_to_its_last_digit() {
        let mut reader = Reader::default();
        reader.canonical(Canonical::Time);
        let mut found = Found::default();
        let mut check = |line: &str, millis: i64| {
            let record = reader.read(line.as_bytes(), &mut found).expect("a record");
            assert!(record.time().is_some(), "{line}");
            assert_eq!(record.resolution(), millis * 1_000_000, "{line}");
        };
        for (text, millis) in [
            ("2026-11-20T12:00:00Z", 1_000),
            ("2026-11-20T12:00:00+01:00", 1_000),
            ("2026-11-20 12:00:00", 1_000),
            ("2026/11/20 12:00:00 UTC", 1_000),
            (r"2026\/11\/20 12:00:00", 1_000),
            ("2026-11-20T12:00:00.0Z", 100),
            ("2026-11-20T12:00:00.12+0000", 10),
            ("2026-11-20 12:00:00,000", 1),
            ("2026-11-20T12:00:00.0000Z", 0),
            ("2026-11-20T12:00:00.000000000-05:00", 0),
            ("1795178340", 1_000),
            ("1795178340.123", 1),
            ("@400000006b003d0e369d5698", 0),
        ] {
            check(&format!(r#"{{"time":"{text}"}}"#), millis);
        }
        for (number, millis) in [
            ("1795178340", 1_000),
            ("1795178340.123", 1),
            ("1795178340.5", 0),
            ("1795178340.000000", 0),
            ("1795178340123", 1),
            ("1795178340123.25", 0),
            ("1795178340123456", 0),
            ("1.795178340e9", 0),
            (r#"{"epochSecond":1795178340,"nanoOfSecond":0}"#, 0),
        ] {
            check(&format!(r#"{{"time":{number}}}"#), millis);
        }
        // Its unit is that of its producer.
        check(
            r#"{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b1","startTimeUnixNano":"100000000000","endTimeUnixNano":"110000000000"}"#,
            0,
        );
        let record = reader.read(b"{}", &mut found).expect("a record");
        assert_eq!(record.resolution(), 0);
    }
}
