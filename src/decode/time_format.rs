//! How the times of a text are written, by codes of strftime(3).
//!
//! The crate chrono reads all codes but two as users mean them: `%f` is a number of nanoseconds there, and `%Z` passes
//! over the name of a zone.

use chrono::{
    DateTime,
    format::{Fixed, Item, Numeric, Parsed, parse, parse_and_remainder},
};

use crate::record::{Instant, Zone};

/// The codes that times are read by.
#[derive(Clone, Debug)]
pub struct TimeFormat(Vec<Item<'static>>);

/// Why times cannot be read by some codes.
#[derive(Debug, thiserror::Error)]
pub enum TimeFormatError {
    /// CST is a zone in America, another in China, and a third in Cuba.
    #[error("%Z is the name of a zone, and such a name may mean several")]
    ZoneName,
    /// No time can be read by them.
    #[error("these codes do not make a time, which takes a date and a time of day")]
    NoTime,
}

impl TimeFormatError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::ZoneName => {
                "use %z for offsets such as +0100, or write the name in place of %Z and say with --tz which zone it is"
            }
            Self::NoTime => "'%Y-%m-%d %H:%M:%S,%f' is Python's",
        }
    }
}

impl TimeFormat {
    /// Takes codes that are all known and make a time together.
    pub fn new(codes: Vec<Item<'static>>) -> Result<Self, TimeFormatError> {
        if codes.contains(&Item::Fixed(Fixed::TimezoneName)) {
            return Err(TimeFormatError::ZoneName);
        }
        let codes = Self(codes);
        // What can be read is known from what they would write.
        let sample = DateTime::UNIX_EPOCH.format_with_items(codes.0.iter());
        match codes.instant(sample.to_string().as_bytes(), None) {
            Some(_) => Ok(codes),
            None => Err(TimeFormatError::NoTime),
        }
    }

    /// The instant of a time in this format, in this zone or UTC if it names none.
    pub(super) fn instant(&self, text: &[u8], zone: Option<Zone>) -> Option<Instant> {
        let mut parsed = Parsed::new();
        let mut rest = std::str::from_utf8(text).ok()?;
        for (index, codes) in self.0.split(is_fraction).enumerate() {
            if index > 0 {
                rest = fraction(rest, &mut parsed)?;
            }
            rest = parse_and_remainder(&mut parsed, rest, codes.iter()).ok()?;
        }
        if !rest.is_empty() {
            return None;
        }
        if let Ok(time) = parsed.to_datetime() {
            return time.timestamp_nanos_opt().map(Instant);
        }
        let wall = parsed.to_naive_datetime_with_offset(0).ok()?;
        zone.unwrap_or_default().instant(wall)
    }
}

fn is_fraction(code: &Item<'_>) -> bool {
    matches!(code, Item::Numeric(Numeric::Nanosecond, _))
}

/// Reads the digits of a fraction of a second, as many as there are; returns what follows.
fn fraction<'t>(text: &'t str, parsed: &mut Parsed) -> Option<&'t str> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit());
    let (digits, rest) = text.split_at(end.unwrap_or(text.len()));
    let codes = [Item::Fixed(Fixed::Nanosecond)];
    parse(parsed, &format!(".{digits}"), codes.iter()).ok()?;
    Some(rest)
}
