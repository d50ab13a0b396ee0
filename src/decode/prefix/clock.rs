//! The time in front of a line.

use std::borrow::Cow;

use chrono::NaiveDateTime;

use super::cut::word;
use crate::{
    decode::{
        cut::{digits, is_number, within},
        wall,
    },
    record::{Instant, Zone},
};

/// Takes a time off the beginning of a text.
type Take = for<'a> fn(&'a [u8]) -> Option<(&'a [u8], &'a [u8])>;

/// Takes the time that a text begins with, brackets around it or not.
pub(in crate::decode) fn time(text: &[u8]) -> (Option<&[u8]>, &[u8]) {
    taken(text, bare)
}

/// The same of a time with the name of its month.
pub(super) fn spelt_time(text: &[u8]) -> (Option<&[u8]>, &[u8]) {
    taken(text, spelt)
}

fn taken(text: &[u8], take: Take) -> (Option<&[u8]>, &[u8]) {
    let none = (None, text);
    let (inner, bracket) = match text {
        [b'[', inner @ ..] => (inner, true),
        _ => (text, false),
    };
    let Some((shown, rest)) = take(inner) else {
        return none;
    };
    match (bracket, rest) {
        (true, [b']', rest @ ..]) | (false, rest) => (Some(shown), rest),
        (true, _) => none,
    }
}

/// True for a text that begins with a time, whatever the bracket around it has besides.
pub(in crate::decode) fn has_time(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"[").unwrap_or(text);
    bare(text).or_else(|| spelt(text)).is_some()
}

/// A time as a record tells it: as it is written, or in UTC if it tells no zone and that is known.
pub(super) fn told(time: &[u8], zone: Option<Zone>) -> Cow<'_, [u8]> {
    match with_month(time) {
        Some(time) => wall::shown(time, zone).into_bytes().into(),
        None => wall::told(time, zone),
    }
}

/// Takes `20/Nov/2026 12:00:00`, as Django is often told to write it, or Tomcat's `20-Nov-2026 12:00:00.123`.
fn spelt(text: &[u8]) -> Option<(&[u8], &[u8])> {
    const SECONDS: usize = "20/Nov/2026 12:00:00".len();
    let fraction = text.get(SECONDS..)?.strip_prefix(b".").and_then(digits);
    let end = SECONDS + fraction.map_or(0, |(digits, _)| 1 + digits.len());
    let (shown, rest) = text.split_at(end);
    let is_apart = |byte: &u8| byte.is_ascii_whitespace() || *byte == b']';
    with_month(shown)?;
    rest.first().is_none_or(is_apart).then_some((shown, rest))
}

fn with_month(time: &[u8]) -> Option<NaiveDateTime> {
    // No other text begins like that, and to read a time of each line would cost more.
    let [_, _, b'/' | b'-', month, ..] = time else {
        return None;
    };
    let read = || {
        let mut codes = ["%d/%b/%Y %H:%M:%S%.f", "%d-%b-%Y %H:%M:%S%.f"].into_iter();
        codes.find_map(|codes| wall::wall(time, codes))
    };
    month.is_ascii_alphabetic().then(read).flatten()
}

/// Takes the time of a day that is not told, brackets around it or not: `12:00:00.123`.
pub(super) fn time_of_day(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (shown, rest) = within(text, b'[').unwrap_or_else(|| word(text));
    let (clock, fraction) = shown.split_at_checked(8)?;
    let is_clock = clock.iter().enumerate().all(|(at, byte)| match at {
        2 | 5 => *byte == b':',
        _ => byte.is_ascii_digit(),
    });
    let is_fraction = match fraction {
        [] => true,
        [b'.' | b',', digits @ ..] => is_number(digits),
        _ => false,
    };
    (is_clock && is_fraction).then_some((shown, rest))
}

/// Takes the time that a text begins with, and a colon right behind it.
pub(super) fn bare(text: &[u8]) -> Option<(&[u8], &[u8])> {
    // No other text begins like that, and reading a time of each line would cost more.
    let [y, e, a, r, b'-' | b'/', ..] = text else {
        return None;
    };
    if text.len() < 19 || ![y, e, a, r].into_iter().all(u8::is_ascii_digit) {
        return None;
    }
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(*byte, b']' | b'|');
    let from = |start: usize| {
        let rest = text.get(start..)?;
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        Some(start + length).filter(|_| length > 0)
    };
    // The date and the time of day are one word or two; a zone may be a third.
    let one = from(0)?;
    let two = from(one + 1).filter(|_| text.get(one) == Some(&b' '));
    let is_zone = |text: &[u8]| matches!(text, [b' ', b'+' | b'-' | b'Z' | b'U', ..]);
    let three = two
        .and_then(|two| from(two + 1).filter(|_| is_zone(&text[two..])))
        .or_else(|| two.filter(|_| one > 10));
    [three, two, Some(one)]
        .into_iter()
        .flatten()
        .find_map(|end| {
            let (shown, rest) = text.split_at(end);
            let (shown, rest) = match shown {
                [shown @ .., b':'] => (shown, rest),
                _ => (shown, rest),
            };
            Instant::from_text(shown).map(|_| (shown, rest))
        })
}
