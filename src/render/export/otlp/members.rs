//! Objects of records as spans have them: members by name, ids, times.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::record::{Cursor, Instant, Kind, Refused, Value};

/// The members of an object.
#[derive(Debug, Default)]
pub(super) struct Members<'a>(Vec<(String, Value<'a>)>);

impl<'a> Members<'a> {
    /// Those of an object as it stands in a line.
    pub(super) fn of(object: &'a [u8]) -> Self {
        let mut members = Vec::new();
        // It is well-formed: it has been read as a record.
        let _ = Cursor::line(object, |key, cursor| {
            let key = String::from_utf8_lossy(key).into_owned();
            members.push((key, cursor.value()?));
            Ok::<(), Refused>(())
        });
        Self(members)
    }

    /// Those of a value, if it is an object.
    pub(super) fn read(value: Value<'a>) -> Option<Self> {
        (value.kind == Kind::Object).then(|| Self::of(value.raw))
    }

    /// The last member of that name that is not null.
    pub(super) fn get(&self, name: &str) -> Option<Value<'a>> {
        let named = self.0.iter().rev().filter(|(key, _)| key == name);
        named
            .map(|(_, value)| *value)
            .find(|value| value.kind != Kind::Null)
    }

    /// The members of one that is an object.
    pub(super) fn object(&self, name: &str) -> Option<Self> {
        Self::read(self.get(name)?)
    }

    /// One that is a text and not empty.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        let text = self.get(name)?.as_str()?;
        (!text.is_empty()).then_some(text)
    }

    /// One that is a number, or the digits of one.
    pub(super) fn number<T: TryFrom<i128>>(&self, name: &str) -> Option<T> {
        let value = self.get(name)?;
        let number = value.as_i128().or_else(|| value.as_str()?.parse().ok());
        T::try_from(number?).ok()
    }

    /// The number of one that is among these words.
    pub(super) fn word(&self, name: &str, words: &[&str]) -> u8 {
        self.get(name).map_or(0, |value| word(&value.text(), words))
    }

    /// One that is the id of a trace.
    pub(super) fn trace(&self, name: &str) -> Option<String> {
        id(&self.get(name)?.as_str()?, 16)
    }

    /// One that is the id of a span.
    pub(super) fn span(&self, name: &str) -> Option<String> {
        id(&self.get(name)?.as_str()?, 8)
    }

    /// One that is a point in time, as nanoseconds since the epoch.
    pub(super) fn time(&self, name: &str) -> Option<u64> {
        let time = Instant::read(self.get(name)?)?;
        u64::try_from(time.0).ok()
    }

    /// The objects of a list.
    pub(super) fn list(&self, name: &str) -> Vec<Self> {
        self.get(name).map(Self::objects).unwrap_or_default()
    }

    /// The texts of a list.
    pub(super) fn texts(&self, name: &str) -> Vec<Cow<'a, str>> {
        let values = self.get(name).map(elements).unwrap_or_default();
        values.into_iter().filter_map(Value::as_str).collect()
    }

    /// The objects of a value that is a list.
    pub(super) fn objects(list: Value<'a>) -> Vec<Self> {
        elements(list).into_iter().filter_map(Self::read).collect()
    }

    /// All members.
    pub(super) fn all(&self) -> &[(String, Value<'a>)] {
        &self.0
    }

    /// The members that have none of these names and are not null.
    pub(super) fn rest(&self, known: &[&str]) -> impl Iterator<Item = (String, Value<'a>)> {
        let rest = self
            .0
            .iter()
            .filter(|(name, value)| value.kind != Kind::Null && !known.contains(&name.as_str()));
        rest.cloned()
    }
}

/// The elements of a value, if it is a list.
pub(super) fn elements(list: Value<'_>) -> Vec<Value<'_>> {
    let mut elements = Vec::new();
    if list.kind == Kind::Array {
        // It is well-formed: it stands in a record.
        let _ = Cursor::array(list.raw, |cursor| {
            elements.push(cursor.value()?);
            Ok(())
        });
    }
    elements
}

/// An id of so many bytes as hexadecimal digits: zeros in front may be missing, there may be `0x`,
/// and exporters that do as protobuf does write base64. All zeros are none.
pub(super) fn id(text: &str, bytes: usize) -> Option<String> {
    let bare = text.strip_prefix("0x").unwrap_or(text);
    let is_hex = bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digits = if is_hex && !bare.is_empty() && bare.len() <= bytes * 2 {
        format!("{bare:0>width$}", width = bytes * 2).to_ascii_lowercase()
    } else {
        let id = STANDARD.decode(text).ok()?;
        let digits = id.iter().map(|byte| format!("{byte:02x}"));
        digits.collect::<String>()
    };
    let is_nil = digits.bytes().all(|digit| digit == b'0');
    (digits.len() == bytes * 2 && !is_nil).then_some(digits)
}

/// The number of one of these words, whatever stands in front of it, or of a number that is one of
/// theirs: `SPAN_KIND_CLIENT`, `SpanKind.CLIENT`, `client` and 3 are the same. The first word has
/// number 0, and so has what is none of them.
pub(super) fn word(text: &str, words: &[&str]) -> u8 {
    let word = text.rsplit(['.', '_']).next().unwrap_or_default();
    let number = words
        .iter()
        .position(|known| word.eq_ignore_ascii_case(known))
        .or_else(|| word.parse().ok().filter(|number| *number < words.len()));
    number
        .and_then(|number| u8::try_from(number).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_digits_however_they_are_written() {
        let check = |text: &str, bytes, expect: Option<&str>| {
            assert_eq!(id(text, bytes).as_deref(), expect, "{text}");
        };
        check("0x92E2AC2A355AA46A", 8, Some("92e2ac2a355aa46a"));
        check("1f", 8, Some("000000000000001f"));
        check("v2FonZ4iHJc=", 8, Some("bf61689d9e221c97"));
        check(
            "NxQPt1+A/BTT1cy1uOkmVA==",
            16,
            Some("37140fb75f80fc14d3d5ccb5b8e92654"),
        );
        check("0000000000000000", 8, None);
        check("37140fb75f80fc14d3d5ccb5b8e92654", 8, None);
        check("order 17", 16, None);
        check("", 8, None);
    }

    #[test]
    fn words_stand_for_numbers() {
        let check = |text: &str, expect| {
            assert_eq!(word(text, &["unset", "ok", "error"]), expect, "{text}");
        };
        check("STATUS_CODE_ERROR", 2);
        check("StatusCode.OK", 1);
        check("2", 2);
        check("0", 0);
        check("3", 0);
        check("odd", 0);
    }
}
