//! How times are written: in which form and in which zone.

use std::{borrow::Cow, iter, ops::Range};

use chrono::format::{Item, StrftimeItems};

use super::text::duration;
use crate::{
    caret::Excerpt,
    record::{Instant, Zone},
};

/// How times are written.
#[derive(Clone, Debug, Default)]
pub struct Times {
    form: Form,
    zone: Zone,
    /// The columns that a time takes, as far as that is known beforehand.
    width: usize,
}

#[derive(Clone, Debug, Default, PartialEq)]
enum Form {
    /// `2026-11-20 12:25:40.393`.
    #[default]
    Full,
    /// RFC 3339, with all decimals that there are.
    Iso,
    /// The time of day.
    Day,
    /// Seconds since the first record.
    Relative,
    /// Not at all.
    None,
    /// As the codes of strftime say.
    Codes(Vec<Item<'static>>),
}

/// The names of the forms.
const NAMES: [(&str, Form); 5] = [
    ("full", Form::Full),
    ("iso", Form::Iso),
    ("time", Form::Day),
    ("relative", Form::Relative),
    ("none", Form::None),
];

/// A form of times that is none, with a picture of the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WrongTimes(Excerpt);

impl WrongTimes {
    fn new(text: &str, span: Range<usize>, problem: &str, hint: &str) -> Self {
        Self(Excerpt::new(text, span, problem, Some(hint)))
    }
}

impl Times {
    /// Reads the name of a form, or codes of strftime(3).
    pub fn new(form: &str, zone: Zone) -> Result<Self, WrongTimes> {
        let named = NAMES.into_iter().find(|(name, _)| *name == form);
        let form = match named {
            Some((_, form)) => form,
            None if form.contains('%') => Form::Codes(strftime_codes(form)?),
            None => {
                let hint = "expected full, iso, time, relative, none, or codes of strftime(3) such as %H:%M:%S";
                return Err(WrongTimes::new(
                    form,
                    0..form.len(),
                    "no form of times has this name",
                    hint,
                ));
            }
        };
        let mut times = Self {
            form,
            zone,
            width: 0,
        };
        let mut sample = Vec::new();
        times.write(Some(Instant(0)), Some(Instant(0)), &mut sample);
        times.width = String::from_utf8_lossy(&sample).chars().count();
        Ok(times)
    }

    /// The names of forms that [`Times::new`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// True if a time depends on that of the first record.
    pub fn is_relative(&self) -> bool {
        self.form == Form::Relative
    }

    /// True if times are not shown in lines.
    pub(super) fn is_none(&self) -> bool {
        self.form == Form::None
    }

    /// Appends a time, or as many blanks. `first` is that of the first record.
    pub(super) fn write(
        &self,
        instant: Option<Instant>,
        first: Option<Instant>,
        out: &mut Vec<u8>,
    ) {
        let Some(instant) = instant else {
            let width = if self.form == Form::Full {
                23
            } else {
                self.width
            };
            out.extend(iter::repeat_n(b' ', width.saturating_sub(1)));
            return out.push(b'-');
        };
        match &self.form {
            Form::Full | Form::None => self.zone.shifted(instant).write(b' ', 3, out),
            Form::Iso => self.iso(instant, out),
            Form::Day => self.zone.shifted(instant).write_time_of_day(3, out),
            Form::Relative => {
                let since = since(first.unwrap_or(instant), instant);
                out.extend_from_slice(format!("{since:>+11.3}").as_bytes());
            }
            Form::Codes(items) => self.zone.write_items(instant, items, out),
        }
    }

    /// A time by itself: where nothing comes first, one that is not relative.
    pub(super) fn text(&self, instant: Option<Instant>) -> Cow<'static, str> {
        let Some(instant) = instant else {
            return "-".into();
        };
        if matches!(self.form, Form::Relative | Form::None) {
            return self.zone.shifted(instant).format(' ', 3).into();
        }
        let mut out = Vec::new();
        self.write(Some(instant), None, &mut out);
        String::from_utf8_lossy(&out).into_owned().into()
    }

    fn iso(&self, instant: Instant, out: &mut Vec<u8>) {
        if self.zone.is_utc() {
            instant.write_rfc3339(out);
        } else {
            out.extend_from_slice(self.zone.to_rfc3339(instant).as_bytes());
        }
    }
}

/// Seconds from one instant to another.
#[expect(clippy::cast_precision_loss, reason = "for who reads three digits")]
pub(super) fn since(from: Instant, to: Instant) -> f64 {
    to.0.saturating_sub(from.0) as f64 / 1e9
}

/// How long after the one before something was: `+1.2ms`, with blanks in front.
pub(super) fn delta(before: Option<Instant>, at: Option<Instant>) -> String {
    let text = match before.zip(at) {
        Some((before, at)) => {
            let seconds = since(before, at);
            let sign = if seconds < 0.0 { "" } else { "+" };
            format!("{sign}{}", duration(seconds))
        }
        None => "-".to_owned(),
    };
    format!("{text:>8}")
}

/// Reads codes of strftime(3), all of which are to be known.
pub fn strftime_codes(text: &str) -> Result<Vec<Item<'static>>, WrongTimes> {
    let wrong = |span, problem, hint| Err(WrongTimes::new(text, span, problem, hint));
    let mut at = 0;
    while let Some(next) = text[at..].find('%') {
        at += next;
        let rest = &text[at..];
        if StrftimeItems::new(rest).next() == Some(Item::Error) {
            let length = rest.chars().take(2).map(char::len_utf8).sum::<usize>();
            return wrong(
                at..at + length,
                "no such code",
                "%Y-%m-%d %H:%M:%S%.3f is the usual one; a percent sign is %%",
            );
        }
        at += if rest.starts_with("%%") { 2 } else { 1 };
    }
    match StrftimeItems::new(text).parse_to_owned() {
        Ok(items) => Ok(items),
        Err(_) => wrong(
            0..text.len(),
            "these codes are not understood",
            "see strftime(3)",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(form: &str, zone: &str) -> String {
        let zone = Zone::read(zone).expect("a zone");
        let at = Instant::from_text(b"2026-07-20T12:25:40.393100Z").expect("an instant");
        let first = Instant::from_text(b"2026-07-20T12:25:39Z").expect("an instant");
        match Times::new(form, zone) {
            Ok(times) => {
                let mut out = Vec::new();
                times.write(Some(at), Some(first), &mut out);
                String::from_utf8(out).expect("a text")
            }
            Err(wrong) => wrong.to_string(),
        }
    }

    #[test]
    fn times_are_written_as_asked() {
        let check = |form: &str, zone: &str, expect: &str| {
            assert_eq!(shown(form, zone), expect, "{form} {zone}");
        };
        check("full", "UTC", "2026-07-20 12:25:40.393");
        check("full", "Europe/Berlin", "2026-07-20 14:25:40.393");
        check("iso", "UTC", "2026-07-20T12:25:40.393100Z");
        check("iso", "-03:30", "2026-07-20T08:55:40.393100-03:30");
        check("time", "Asia/Kolkata", "17:55:40.393");
        check("relative", "UTC", "     +1.393");
        check("%d.%m. %H:%M %Z", "Europe/Berlin", "20.07. 14:25 CEST");
        check("%s%%", "UTC", "1784550340%");
        check(
            "%H:%Q",
            "UTC",
            "column 4: no such code\n    %H:%Q\n       ^^ %Y-%m-%d %H:%M:%S%.3f is the usual one; a percent sign is %%",
        );
        check(
            "tme",
            "UTC",
            "column 1: no form of times has this name\n    tme\n    ^^^ expected full, iso, time, relative, none, or codes of strftime(3) such as %H:%M:%S",
        );
    }

    #[test]
    fn no_time_is_as_wide_as_one() {
        for form in ["full", "time", "relative", "%H:%M"] {
            let times = Times::new(form, Zone::UTC).expect("a form");
            let (mut some, mut none) = (Vec::new(), Vec::new());
            times.write(Some(Instant(7)), Some(Instant(7)), &mut some);
            times.write(None, None, &mut none);
            assert_eq!(some.len(), none.len(), "{form}");
        }
        assert_eq!(delta(None, Some(Instant(1))).len(), 8);
    }
}
