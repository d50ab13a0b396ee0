//! A key and its value.

use std::borrow::Cow;

use super::{TIMES, escapes::unescape};
use crate::{decode::object::Object, record::Zone};

/// A key and its value, as they stand in the line.
#[derive(Clone, Copy, Debug)]
pub(in crate::decode) struct Pair<'a> {
    pub(super) key: Text<'a>,
    /// `None` for a key by itself.
    pub(super) value: Option<Text<'a>>,
}

#[derive(Clone, Copy, Debug)]
pub(in crate::decode) enum Text<'a> {
    Bare(&'a [u8]),
    /// What stands between quotes, with its escapes.
    Quoted(&'a [u8]),
}

impl<'a> Pair<'a> {
    /// The key, if it is written without quotes.
    pub(in crate::decode) fn bare_key(&self) -> Option<&'a [u8]> {
        match self.key {
            Text::Bare(key) => Some(key),
            Text::Quoted(_) => None,
        }
    }

    /// Takes the comma off that its value ends with; false if there is none.
    pub(super) fn without_comma(&mut self) -> bool {
        match &mut self.value {
            Some(Text::Bare([shown @ .., b','])) => self.value = Some(Text::Bare(shown)),
            // One behind quotes has not been taken for a part of the value.
            Some(Text::Quoted(_)) => {}
            Some(Text::Bare(_)) | None => return false,
        }
        true
    }

    /// The key as it is written, if no value stands behind it.
    pub(in crate::decode) fn lone(&self) -> Option<&'a [u8]> {
        match (self.key, self.value) {
            (Text::Bare(key) | Text::Quoted(key), None) => Some(key),
            (_, Some(_)) => None,
        }
    }

    /// Adds it to a record; a time that tells no zone is one of `zone`.
    pub(in crate::decode) fn write(&self, zone: Option<Zone>, object: &mut Object<'_>) {
        let key = self.key.bytes();
        let Some(value) = self.value else {
            return object.json(&key, b"true");
        };
        let zone = zone.filter(|_| TIMES.contains(&&*key));
        match (zone.and_then(|zone| zone.instant_of(&value.bytes())), value) {
            (Some(instant), _) => object.text(&key, instant.to_rfc3339().as_bytes()),
            (None, Text::Bare(value)) => object.bare(&key, value),
            (None, value) => object.text(&key, &value.bytes()),
        }
    }
}

impl<'a> Text<'a> {
    pub(in crate::decode) fn bytes(self) -> Cow<'a, [u8]> {
        match self {
            Self::Quoted(text) if text.contains(&b'\\') => unescape(text).into(),
            Self::Quoted(text) | Self::Bare(text) => text.into(),
        }
    }
}
