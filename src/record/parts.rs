//! Instants that are written as an object of whole seconds and nanoseconds: log4j2's
//! `{"epochSecond":…,"nanoOfSecond":…}`, Google's `{"seconds":…,"nanos":…}`.
//!
//! Nothing behind the object is looked at, so it may stand at the beginning of more.

use std::ops::Range;

use super::time::{Instant, Unit};

/// Where the two stand, without quotes.
struct Parts {
    seconds: Range<usize>,
    nanos: Option<Range<usize>>,
}

/// The instant that an object says.
pub(super) fn instant(object: &[u8]) -> Option<Instant> {
    let Parts { seconds, nanos } = Parts::of(object)?;
    let nanos = nanos.map_or(&b"0"[..], |nanos| &object[nanos]);
    sum(&object[seconds], nanos)
}

/// So many seconds, and nanoseconds beside them.
pub(super) fn sum(seconds: &[u8], nanos: &[u8]) -> Option<Instant> {
    let Instant(seconds) = Instant::from_number(seconds, Unit::Seconds)?;
    let Instant(nanos) = Instant::from_number(nanos, Unit::Nanos)?;
    seconds.checked_add(nanos).map(Instant)
}

/// The same object with another instant in it.
pub(super) fn moved(object: &[u8], Instant(now): Instant) -> Option<Vec<u8>> {
    const SECOND: i64 = 1_000_000_000;
    let Parts { seconds, nanos } = Parts::of(object)?;
    let mut changes = vec![(seconds, now.div_euclid(SECOND))];
    changes.extend(nanos.map(|nanos| (nanos, now.rem_euclid(SECOND))));
    changes.sort_by_key(|(range, _)| range.start);
    let (mut out, mut at) = (Vec::with_capacity(object.len()), 0);
    for (range, number) in changes {
        out.extend_from_slice(&object[at..range.start]);
        out.extend_from_slice(number.to_string().as_bytes());
        at = range.end;
    }
    out.extend_from_slice(&object[at..]);
    Some(out)
}

impl Parts {
    /// Those of an object that has nothing but numbers.
    fn of(object: &[u8]) -> Option<Self> {
        let (mut seconds, mut nanos) = (None, None);
        let mut at = 0;
        let mut sign = b'{';
        while sign != b'}' {
            at = expect(object, at, if at == 0 { b'{' } else { b',' })?;
            let key = expect(object, at, b'"')?;
            let length = memchr::memchr(b'"', object.get(key..)?)?;
            at = expect(object, key + length + 1, b':')?;
            let number = number(object, at)?;
            at = number.end + usize::from(object.get(number.end) == Some(&b'"'));
            match &object[key..key + length] {
                b"epochSecond" | b"seconds" if seconds.is_none() => seconds = Some(number),
                b"nanoOfSecond" | b"nanos" if nanos.is_none() => nanos = Some(number),
                _ => {}
            }
            sign = *object.get(skip_blanks(object, at))?;
        }
        Some(Self {
            seconds: seconds?,
            nanos,
        })
    }
}

/// Behind a sign, which may have blanks in front of it.
fn expect(bytes: &[u8], at: usize, sign: u8) -> Option<usize> {
    let at = skip_blanks(bytes, at);
    (bytes.get(at) == Some(&sign)).then_some(at + 1)
}

/// A whole number, between quotes or not.
fn number(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let at = skip_blanks(bytes, at);
    let start = at + usize::from(bytes.get(at) == Some(&b'"'));
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    let digits = bytes.get(start..)?.iter().take_while(is_digit).count();
    (digits > 0).then_some(start..start + digits)
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
    at + rest.iter().take_while(is_blank).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_nanoseconds_are_an_instant() {
        let check = |object: &str, expect: Option<&str>| {
            let instant = instant(object.as_bytes()).map(Instant::to_rfc3339);
            assert_eq!(instant.as_deref(), expect, "{object}");
        };
        let (whole, exact) = (
            Some("2026-11-20T12:39:00Z"),
            Some("2026-11-20T12:39:00.000000007Z"),
        );
        check(r#"{"epochSecond":1795178340,"nanoOfSecond":7}"#, exact);
        check(r#"{"nanos":7,"seconds":1795178340}, more"#, exact);
        check(r#"{ "seconds" : "1795178340" , "nanos" : 7 }"#, exact);
        check(r#"{"seconds":1795178340}"#, whole);
        check(r#"{"seconds":1795178340,"x":3}"#, whole);
        check(r#"{"nanos":7}"#, None);
        check(r#"{"seconds":1795178340,"x":{}}"#, None);
        check(r#"{"seconds":1.5}"#, None);
        check(r#"{"seconds":99999999999999}"#, None);
        check(r#"{"seconds":1795178340"#, None);
        check("{}", None);
        check("{", None);
        check("", None);
    }

    #[test]
    fn what_is_moved_keeps_its_form() {
        let check = |object: &str, expect: Option<&str>| {
            let moved = moved(object.as_bytes(), Instant(1_800_000_000_000_000_009));
            let moved = moved.map(|moved| String::from_utf8(moved).expect("text"));
            assert_eq!(moved.as_deref(), expect, "{object}");
        };
        check(
            r#"{"epochSecond":1795178340,"nanoOfSecond":123000000}"#,
            Some(r#"{"epochSecond":1800000000,"nanoOfSecond":9}"#),
        );
        check(
            r#"{"nanos": 7, "seconds": "1"}"#,
            Some(r#"{"nanos": 9, "seconds": "1800000000"}"#),
        );
        check(
            r#"{"epochSecond":1}"#,
            Some(r#"{"epochSecond":1800000000}"#),
        );
        check("{}", None);
    }
}
