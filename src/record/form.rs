//! Forms: what stands where a producer keeps a canonical field, and how it becomes canonical.

use std::borrow::Cow;

use super::{
    canonical::Canonical,
    ids::{is_no_request, is_no_trace, without_prefix},
    key::ContextKey,
    level::{Level, Scale},
    parts,
    tagged::tagged,
    time::{Instant, Unit},
    value::{Kind, Value, bytes_of},
};

/// What stands in a source, and so how it becomes canonical.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    /// Any scalar, as text.
    Text,
    /// Text, or a list of its bytes, which [`Record::message`](super::Record::message) knows to read.
    Octets,
    /// What failed, as text: not what says that nothing has, which is `false`, 0 and what is empty.
    Failure,
    /// The traceback of Python's that stands in a text.
    Traceback,
    /// Of a text whose parts stand between such signs, that one, counted from 0.
    Part(char, usize),
    /// An instant whose encoding shows in the value.
    Time,
    /// An instant as a number of known unit.
    Epoch(Unit),
    /// A level: a word, or a number on this scale.
    Level(Scale),
    /// The id of a trace or a span, as text without `0x`, which one producer writes in front: not what says
    /// that there is none, which is nothing but zeros, a dash, Python's None, and what is empty.
    Trace,
    /// The id of a request: the same, but that 0 is the first of a counter.
    Request,
    /// A closed list of words, each with its canonical counterpart; others mean nothing.
    Words(&'static [(&'static str, &'static str)]),
    /// The same of levels.
    Levels(&'static [(&'static str, Level)]),
    /// Anything, which means this word.
    Given(&'static str),
    /// A length of time, as a number of this unit.
    Seconds(Unit),
    /// The end of a length of time that begins at the place beside it, both as numbers of this unit or
    /// in encodings that show in the values.
    Since(Option<Unit>),
    /// An instant in whole seconds, with nanoseconds at the place beside it.
    SecondsBeside,
    /// A list of objects with a `key` and a `value`, as Jaeger has it: `failed` if it has an `error`
    /// that is not false.
    ErrorTag,
    /// The tree's part of a distlog `context.key`.
    KeyTree,
    /// The scope's part of a distlog `context.key`.
    KeyNode,
    /// The parent scope's part of a distlog `context.key`.
    KeyParent,
    /// The counter of a distlog `context.key`.
    KeySeq,
}

impl Form {
    /// Reads text in this form.
    #[inline]
    pub(super) fn text(self, value: Value<'_>) -> Option<Cow<'_, str>> {
        match (self, value.kind) {
            (Self::Text, Kind::Plain) => Some(value.text()),
            _ => self.any_text(value),
        }
    }

    /// Reads text in this form as bytes, which need not be UTF-8 where they stand in the record as
    /// they are.
    #[inline]
    pub(super) fn bytes(self, value: Value<'_>) -> Option<Cow<'_, [u8]>> {
        match (self, value.kind) {
            (Self::Text, kind) if !matches!(kind, Kind::Escaped | Kind::Null) => {
                Some(Cow::Borrowed(value.raw))
            }
            _ => self.any_text(value).map(bytes_of),
        }
    }

    fn any_text(self, value: Value<'_>) -> Option<Cow<'_, str>> {
        if value.kind == Kind::Null {
            return None;
        }
        match self {
            Self::Words(words) => meaning(words, value).map(Cow::Borrowed),
            Self::Levels(words) => meaning(words, value).map(|level| level.name().into()),
            Self::Given(word) => Some(Cow::Borrowed(word)),
            Self::ErrorTag => {
                let is_error = tagged(value, "error").is_some_and(|value| value.raw != b"false");
                is_error.then_some(Cow::Borrowed("failed"))
            }
            Self::Failure => is_failure(value).then(|| value.text()),
            Self::Traceback => traceback(value),
            Self::Part(sign, number) => {
                let text = value.as_str()?;
                let part = text.contains(sign).then(|| text.split(sign).nth(number));
                part?
                    .filter(|part| !is_no_trace(part))
                    .map(|part| Cow::Owned(part.to_owned()))
            }
            Self::Trace => Some(without_prefix(value.text())).filter(|id| !is_no_trace(id)),
            Self::Request => Some(value.text()).filter(|id| !is_no_request(id)),
            Self::KeyTree => key_part(value, |key| Some(key.tree()?.into())),
            Self::KeyNode => key_part(value, |key| Some(key.scope.into())),
            Self::KeyParent => key_part(value, |key| Some(key.parent()?.into())),
            Self::KeySeq => key_part(value, |key| Some(key.seq.to_string())),
            Self::Text
            | Self::Octets
            | Self::Time
            | Self::Epoch(_)
            | Self::Level(_)
            | Self::Seconds(_)
            | Self::Since(_)
            | Self::SecondsBeside => Some(value.text()),
        }
    }

    pub(super) fn time(self, value: Value<'_>) -> Option<Instant> {
        // A date is no number, which is told faster so; a sieve tries all forms on each value.
        let is_date = value.raw.len() >= 19 && value.raw[4] == b'-';
        match self {
            Self::Epoch(_) if is_date => None,
            Self::Epoch(unit) => Instant::from_number(value.raw, unit),
            Self::SecondsBeside => None,
            _ => Instant::read(value),
        }
    }

    /// The instant of a value and what stands beside it.
    #[inline]
    pub(super) fn time_beside<'a>(
        self,
        value: Value<'a>,
        beside: impl FnOnce() -> Option<Value<'a>>,
    ) -> Option<Instant> {
        match self {
            Self::SecondsBeside => parts::sum(value.raw, beside()?.raw),
            _ => self.time(value),
        }
    }

    /// The number of a value and what stands beside it.
    #[inline]
    pub(super) fn number_beside<'a>(
        self,
        value: Value<'a>,
        beside: impl FnOnce() -> Option<Value<'a>>,
    ) -> Option<f64> {
        match self {
            Self::Since(unit) => {
                let form = unit.map_or(Self::Time, Self::Epoch);
                let (end, start) = (form.time(value)?, form.time(beside()?)?);
                // 0 is an end that is not known yet.
                (end.0 != 0).then(|| end.seconds_since(start))
            }
            _ => self.number(value),
        }
    }

    /// True if what stands beside a value is part of what it says.
    pub(super) fn is_beside(self) -> bool {
        matches!(self, Self::Since(_) | Self::SecondsBeside)
    }

    pub(super) fn level(self, value: Value<'_>) -> Option<Level> {
        match self {
            Self::Level(scale) => scale.read(value),
            Self::Levels(words) => meaning(words, value),
            Self::Words(_) | Self::Given(_) => Level::from_word(&self.text(value)?),
            _ => None,
        }
    }

    /// True if the value can be read as that canonical field, and tells nothing beyond it.
    pub(super) fn reads(self, canonical: Canonical, value: Value<'_>) -> bool {
        match (canonical, self) {
            _ if value.kind == Kind::Null => false,
            (_, Self::Given(_) | Self::Since(_) | Self::SecondsBeside | Self::ErrorTag) => false,
            (Canonical::Time, _) => self.time(value).is_some(),
            (Canonical::Level, _) => self.level(value).is_some(),
            (Canonical::Duration, _) => self.number(value).is_some(),
            (_, Self::Text | Self::Octets) => true,
            (_, Self::Failure) => is_failure(value),
            (_, Self::Part(..)) => false,
            (_, Self::Trace) => !is_no_trace(&value.text()),
            (_, Self::Request) => !is_no_request(&value.text()),
            // The text itself is not needed.
            (_, Self::KeyTree) => is_key(value, |key| key.tree().is_some()),
            (_, Self::KeyParent) => is_key(value, |key| key.parent().is_some()),
            (_, Self::KeyNode | Self::KeySeq) => is_key(value, |_| true),
            _ => self.text(value).is_some(),
        }
    }

    pub(super) fn number(self, value: Value<'_>) -> Option<f64> {
        match self {
            Self::Seconds(unit) => seconds(value, unit),
            Self::Since(_) => None,
            _ => value.as_f64(),
        }
    }
}

/// A number of a unit in seconds: the double that is nearest to what is written, as it is with the
/// lengths of time in expressions. A product need not be: 9 * 0.001 is not 0.009.
fn seconds(value: Value<'_>, unit: Unit) -> Option<f64> {
    /// Whole numbers below it are doubles.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number = value.as_f64()?;
    let places = match unit {
        Unit::Seconds => return Some(number),
        Unit::Millis => 3,
        Unit::Micros => 6,
        Unit::Nanos => 9,
    };
    let quotient = number / 10_f64.powi(places);
    if number.abs() < EXACT && number.fract() == 0.0 {
        return Some(quotient);
    }
    let text = std::str::from_utf8(value.raw).ok();
    let text = text.filter(|text| !text.contains(['e', 'E']));
    let nearest = text.and_then(|text| format!("{text}e-{places}").parse().ok());
    Some(nearest.unwrap_or(quotient))
}

/// What one of a closed list of words means.
fn meaning<T: Copy>(words: &[(&str, T)], value: Value<'_>) -> Option<T> {
    let decoded;
    let text = match value.kind {
        Kind::Escaped => {
            decoded = value.as_str()?;
            decoded.as_bytes()
        }
        Kind::Array | Kind::Object => return None,
        // A number or a truth value may be one of the words too.
        _ => value.raw,
    };
    let same = |(word, _): &&(&str, T)| word.as_bytes() == text;
    words.iter().find(same).map(|&(_, meaning)| meaning)
}

/// True for what does not say that nothing has failed.
fn is_failure(value: Value<'_>) -> bool {
    match value.kind {
        Kind::Null | Kind::False => false,
        Kind::Number => value.raw != b"0",
        Kind::Array | Kind::Object => value.raw[1..value.raw.len() - 1].trim_ascii() != b"",
        Kind::Plain | Kind::Escaped | Kind::True => !value.raw.is_empty(),
    }
}

/// A text from the place on where a traceback begins.
fn traceback(value: Value<'_>) -> Option<Cow<'_, str>> {
    const BEGIN: &str = "Traceback (most recent call last):";
    memchr::memmem::find(value.raw, BEGIN.as_bytes())?;
    let text = value.as_str()?;
    let start = text.find(BEGIN)?;
    Some(Cow::Owned(text[start..].trim_end().to_owned()))
}

/// True for a `context.key` of which that holds.
fn is_key(value: Value<'_>, holds: impl FnOnce(ContextKey<'_>) -> bool) -> bool {
    let text = value.as_str();
    let key = text.as_deref().and_then(ContextKey::parse);
    key.is_some_and(holds)
}

fn key_part(
    value: Value<'_>,
    part: impl FnOnce(ContextKey<'_>) -> Option<String>,
) -> Option<Cow<'_, str>> {
    part(ContextKey::parse(&value.as_str()?)?).map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::{Found, Reader};

    proptest! {
        #[test]
        fn lengths_of_time_are_the_nearest_doubles(whole in 0..2_000_000_u64, fraction in "(\\.[0-9]{1,6})?") {
            for (unit, places) in [(Unit::Seconds, 0), (Unit::Millis, 3), (Unit::Micros, 6), (Unit::Nanos, 9)] {
                let text = format!("{whole}{fraction}");
                let value = Value {
                    kind: Kind::Number,
                    raw: text.as_bytes(),
                };
                let expect: f64 = format!("{text}e-{places}").parse().expect("a number");
                prop_assert_eq!(Form::Seconds(unit).number(value), Some(expect));
            }
        }
    }

    fn check(canonical: Canonical, line: &str, expect: Option<&str>) {
        let mut reader = Reader::default();
        reader.canonical(canonical);
        let mut found = Found::default();
        let record = reader.read(line.as_bytes(), &mut found).expect("a record");
        assert_eq!(record.text(canonical).as_deref(), expect, "{line}");
    }

    #[test]
    fn what_says_that_nothing_has_failed_is_no_exception() {
        let check = |line, expect| check(Canonical::Exception, line, expect);
        check(r#"{"error":false,"exc_info":"","exception":null}"#, None);
        check(r#"{"err":{},"stack":[ ],"error":0}"#, None);
        check(r#"{"levelno":20,"created":1.5,"exc_info":false}"#, None);
        // It does not stand in the way of what comes behind it.
        check(
            r#"{"exc_info":false,"exception":"E: x","error":7}"#,
            Some("E: x"),
        );
        check(r#"{"error":7}"#, Some("7"));
        check(r#"{"exc_info":true}"#, Some("true"));
    }

    #[test]
    fn logurus_text_has_the_traceback() {
        let check = |text: &str, expect| {
            let record = r#"{"elapsed":{},"level":{"no":40},"message":"m"}"#;
            let line = format!(r#"{{"text":"{text}","record":{record}}}"#);
            check(Canonical::Exception, &line, expect);
        };
        check(
            r"12:00 | m\nTraceback (most recent call last):\n\n> File\nE: x\n",
            Some("Traceback (most recent call last):\n\n> File\nE: x"),
        );
        check(r"12:00 | m\nof two lines\n", None);
        check("12:00 | m", None);
    }

    #[test]
    fn headers_have_the_id_of_a_trace() {
        let check = |line, expect| check(Canonical::Tree, line, expect);
        check(r#"{"traceparent":"00-4bf9-00f0-01"}"#, Some("4bf9"));
        check(r#"{"headers":{"b3":"80f1-e457-1"}}"#, Some("80f1"));
        check(r#"{"uber-trace-id":"a1:b2:0:1"}"#, Some("a1"));
        // A decision alone; and what is no such header.
        check(r#"{"b3":"0"}"#, None);
        check(r#"{"traceparent":7,"request_id":"r"}"#, Some("r"));
    }
}
