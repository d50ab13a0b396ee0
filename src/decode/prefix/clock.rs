//! The time in front of a line.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};

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

/// Takes the seconds since 1970 that a text begins with, and a colon and a blank behind, as mosquitto writes them.
pub(super) fn epoch(text: &[u8]) -> (Option<&[u8]>, &[u8]) {
    match split_epoch(text) {
        Some((time, rest)) => (Some(time), rest),
        None => (None, text),
    }
}

fn split_epoch(text: &[u8]) -> Option<(&[u8], &[u8])> {
    // No number of fewer digits is a time of our days.
    let (time, rest) = text.split_at_checked("1795177800".len())?;
    let rest = rest.strip_prefix(b": ")?;
    (time[0] == b'1' && is_number(time)).then_some((time, rest))
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
    let inner = text.strip_prefix(b"[").unwrap_or(text);
    usual(inner)
        .or_else(|| bare(inner))
        .or_else(|| spelt(inner))
        .or_else(|| split_epoch(text))
        .is_some()
}

/// A time as a record tells it: as it is written, or in UTC if its zone is known, which it may tell itself.
pub(super) fn told(time: &[u8], zone: Option<Zone>) -> Cow<'_, [u8]> {
    let is_spelt = matches!(time, [_, _, b'/' | b'-', ..]) && time.len() > SPELT;
    let named = is_spelt.then(|| named_zone(time)).flatten();
    if let Some(seconds) = seconds(time) {
        return seconds
            .to_rfc3339_opts(SecondsFormat::Secs, true)
            .into_bytes()
            .into();
    }
    match with_month(named.map_or(time, |(time, _)| time)) {
        Some(time) => wall::shown(time, named.map(|(_, zone)| zone).or(zone))
            .into_bytes()
            .into(),
        None => wall::told(time, zone),
    }
}

/// The time of so many seconds since 1970.
fn seconds(time: &[u8]) -> Option<DateTime<Utc>> {
    let seconds = is_number(time).then(|| str::from_utf8(time).ok()?.parse().ok());
    DateTime::from_timestamp(seconds.flatten()?, 0)
}

/// The length of a time whose month has a name.
const SPELT: usize = "20/Nov/2026 12:00:00".len();

/// The zone whose name stands behind a time.
fn named_zone(time: &[u8]) -> Option<(&[u8], Zone)> {
    let (time, name) = time.split_at_checked(time.iter().rposition(|&byte| byte == b' ')?)?;
    let name = str::from_utf8(&name[1..]).ok()?;
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic());
    Some((time, is_name.then(|| Zone::read(name)).flatten()?))
}

/// Takes `20/Nov/2026 12:00:00`, as Django is often told to write it, or Tomcat's `20-Nov-2026 12:00:00.123`. Within
/// brackets a zone may be named behind it, as PHP does.
fn spelt(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let fraction = text.get(SPELT..)?.strip_prefix(b".").and_then(digits);
    let end = SPELT + fraction.map_or(0, |(digits, _)| 1 + digits.len());
    let (shown, rest) = text.split_at(end);
    with_month(shown)?;
    let ahead = &rest[..rest.len().min(LONGEST_ZONE)];
    if let Some(close) = memchr::memchr(b']', ahead)
        && named_zone(&text[..end + close]).is_some_and(|(time, _)| time == shown)
    {
        return Some(text.split_at(end + close));
    }
    let is_apart = |byte: &u8| byte.is_ascii_whitespace() || *byte == b']';
    rest.first().is_none_or(is_apart).then_some((shown, rest))
}

/// No name of a zone is longer, the blank in front of it included.
const LONGEST_ZONE: usize = 40;

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

/// What may stand behind the time that a text begins with, brackets around it or not.
pub(in crate::decode) fn behind_time(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = text.strip_prefix(b"[").unwrap_or(text);
    let ends = ends(text).into_iter().flatten();
    ends.map(|end| &text[end..])
}

/// Takes the time of a day that is not told, brackets around it or not: `12:00:00.123`.
pub(in crate::decode) fn time_of_day(text: &[u8]) -> Option<(&[u8], &[u8])> {
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
    if let Some(found @ (_, rest)) = usual(text)
        && next_end(text, text.len() - rest.len()).is_none()
    {
        return Some(found);
    }
    let mut cuts = ends(text).into_iter().flatten().map(|end| cut(text, end));
    cuts.find(|(shown, _)| Instant::from_text(shown).is_some())
}

/// Takes a time as most write it, up to the end of the word that its seconds are in. Words behind may be parts of it too.
fn usual(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if text.len() < SECONDS || text[4] != b'-' {
        return None;
    }
    let (shown, rest) = cut(text, end_of_word(text, SECONDS));
    Instant::from_rfc3339(shown).map(|_| (shown, rest))
}

/// A time that ends there, without the colon that may be behind it, and what follows.
fn cut(text: &[u8], end: usize) -> (&[u8], &[u8]) {
    let (shown, rest) = text.split_at(end);
    (shown.strip_suffix(b":").unwrap_or(shown), rest)
}

/// Takes the time that a text begins with, and the colon or comma that ties a word to it.
pub(super) fn tied(text: &[u8]) -> Option<(&[u8], &'static [u8], &[u8])> {
    let [_, _, _, _, b'-' | b'/', ..] = text else {
        return None;
    };
    let fraction = text.get(SECONDS..)?.strip_prefix(b",");
    let fraction = fraction.or_else(|| text[SECONDS..].strip_prefix(b"."));
    let end = SECONDS
        + fraction
            .and_then(digits)
            .map_or(0, |(digits, _)| 1 + digits.len());
    let (shown, rest) = text.split_at(end);
    let separator = match rest {
        [b':', first, ..] if first.is_ascii_alphabetic() => b":",
        [b',', first, ..] if first.is_ascii_alphabetic() => b",",
        _ => return None,
    };
    Instant::from_text(shown).map(|_| (shown, &separator[..], &rest[1..]))
}

/// The length of `2026-11-20 12:00:00`.
const SECONDS: usize = 19;

/// Where the time may end that a text begins with, the furthest first: the date and the time of day are one word or
/// two, and a zone may be one more.
fn ends(text: &[u8]) -> [Option<usize>; 3] {
    let next = |before: usize| next_end(text, before);
    let is_zone = |at: &usize| matches!(text[*at..], [b' ', b'+' | b'-' | b'Z' | b'U', ..]);
    let one = end_of_word(text, 0);
    let two = next(one);
    let three = two.filter(is_zone).and_then(next);
    [three, two, Some(one).filter(|_| one > DATE)]
}

/// Where the word ends that a time goes on with which has begun up to `before`, if it may.
fn next_end(text: &[u8], before: usize) -> Option<usize> {
    let rest = text[before..].strip_prefix(b" ")?;
    may_go_on(&text[..before], rest).then(|| end_of_word(text, before + 1))
}

/// Where the word ends that goes on here.
fn end_of_word(text: &[u8], start: usize) -> usize {
    let rest = &text[start..];
    let length = rest.iter().position(|byte| ENDS[usize::from(*byte)]);
    start + length.unwrap_or(rest.len())
}

/// Which bytes a word ends in front of. Each line of text is asked for a time, so that a table pays.
const ENDS: [bool; 256] = {
    let mut ends = [false; 256];
    let mut bytes: &[u8] = b" \t\n\x0c\r]|";
    while let [byte, rest @ ..] = bytes {
        ends[*byte as usize] = true;
        bytes = rest;
    }
    ends
};

/// The length of `2026-11-20`.
const DATE: usize = 10;

/// False for a text with whose first word no time goes on that has begun with `before`. To read what is none would cost
/// more than all else, and nearly each line of some logs has such a word behind its time.
fn may_go_on(before: &[u8], text: &[u8]) -> bool {
    let ends = |byte: &u8| ENDS[usize::from(*byte)];
    // To what reads times a blank of Unicode's is one too.
    let is_end = |byte: Option<&u8>| {
        byte.is_none_or(|byte| *byte == b':' || !byte.is_ascii_graphic() || ends(byte))
    };
    match text {
        [b'+' | b'-', behind @ ..] => behind.first().is_some_and(u8::is_ascii_digit),
        [b'Z' | b'z', behind @ ..] | [b'U', b'T', b'C', behind @ ..] => is_end(behind.first()),
        // The time of day, or else no more than the minutes of a zone whose hours stand in front.
        [b'0'..=b'9', ..] => {
            let is_timed = before.get(DATE) == Some(&b'T');
            let is_whole = before
                .last()
                .is_some_and(|byte| byte.is_ascii_digit() || *byte == b'Z');
            !(is_timed && is_whole) || text.get(1).is_some_and(ends) || is_end(text.get(2))
        }
        // A colon may be set off from the time, and from the hours of a zone.
        [b':', ..] => true,
        [first, ..] => !first.is_ascii_graphic() && !ends(first),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same with each place asked where a time may end.
    fn slow(text: &[u8]) -> Option<(&[u8], &[u8])> {
        let [y, e, a, r, b'-' | b'/', ..] = text else {
            return None;
        };
        if text.len() < 19 || ![y, e, a, r].into_iter().all(u8::is_ascii_digit) {
            return None;
        }
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"]|".contains(byte);
        let from = |start: usize| {
            let rest = text.get(start..)?;
            let length = rest.iter().position(is_end).unwrap_or(rest.len());
            Some(start + length).filter(|_| length > 0)
        };
        let one = from(0)?;
        let two = from(one + 1).filter(|_| text[one] == b' ');
        let is_zone = |text: &[u8]| matches!(text, [b' ', b'+' | b'-' | b'Z' | b'U', ..]);
        let three = two.and_then(|two| from(two + 1).filter(|_| is_zone(&text[two..])));
        let mut ends = [three, two, Some(one)].into_iter().flatten();
        ends.find_map(|end| {
            let shown = &text[..end];
            let shown = shown.strip_suffix(b":").unwrap_or(shown);
            Instant::from_text(shown).map(|_| (shown, &text[end..]))
        })
    }

    /// What times are made of, and what is like that.
    fn pieces() -> impl Strategy<Value = Vec<&'static str>> {
        let day = prop::sample::select(vec![
            "2026-11-20",
            "2026/11/20",
            "2026-1-2",
            "2026-11-\u{a0}2",
            "2026-11-",
            "2026-11-31",
        ]);
        let piece = prop::sample::select(vec![
            "T",
            "T",
            " ",
            " ",
            " ",
            " ",
            "\t",
            "\u{b}",
            "\u{a0}",
            "12:00:00",
            "12:00:00",
            "1:2:3",
            "12:00:",
            "12",
            "00",
            "7",
            ".5",
            ",123",
            ".123456789",
            "Z",
            "Z",
            "z",
            "+01",
            "+01:00",
            "-0100",
            "-",
            "+",
            "\u{2212}01",
            "UTC",
            "UTC",
            " UTC",
            "utc",
            "CET",
            "U",
            ":",
            "]",
            "|",
            "INFO",
            "[",
            "- ",
            "2026-11-20",
            "2026-11-20T12:00:00Z",
            "a",
            "00:30",
            "/",
        ]);
        let clock = prop::sample::select(vec![
            "",
            "T",
            " ",
            "T12:00:00",
            " 12:00:00",
            "T12:00:00.5Z",
            "T12:00:00+01",
            " 12:00:00,123",
        ]);
        (day, clock, prop::collection::vec(piece, 0..7)).prop_map(|(day, clock, rest)| {
            let mut pieces = vec![day, clock];
            pieces.extend(rest);
            pieces
        })
    }

    proptest! {
        #[test]
        fn what_is_not_read_is_no_time(pieces in pieces()) {
            let text = pieces.concat();
            prop_assert_eq!(bare(text.as_bytes()), slow(text.as_bytes()));
        }
    }
}
