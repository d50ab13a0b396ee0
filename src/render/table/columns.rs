//! Columns that a user has chosen, filled with fields of records and of trees alike.

use std::borrow::Cow;

use super::{Entry, id, instant, nothing, seconds, text};
use crate::{
    expr::{Asked, Misnamed, Subject, list_parts},
    record::{Canonical, Kind, Reader, Record, Value},
    render::{export::json, grid::Datum, style::Style, text::sanitize},
};

/// The columns of a table, each a field as expressions name it.
#[derive(Clone, Debug)]
pub struct Columns(Vec<(String, Subject)>);

impl Columns {
    /// Reads a list with commas between its parts: `FIELD`, which is the head of its column too, or
    /// `HEAD=FIELD`.
    ///
    /// ```
    /// use distlog::render::Columns;
    ///
    /// assert!(Columns::parse("time, level, status=.http.status").is_ok());
    /// assert!(Columns::parse("levle").is_err());
    /// ```
    ///
    /// # Errors
    /// Says which of them is no field, or that there is none.
    pub fn parse(list: &str) -> Result<Self, Misnamed> {
        let column = |part| {
            let (head, field) = named(part).unwrap_or((part, part));
            Ok((head.to_owned(), Subject::listed(field)?))
        };
        let columns: Vec<_> = list_parts(list).map(column).collect::<Result<_, _>>()?;
        if columns.is_empty() {
            return Err(Misnamed {
                reason: "no field is named".into(),
                hint: "write names such as time,level,.http.status".into(),
            });
        }
        Ok(Self(columns))
    }

    /// The heads of the columns.
    pub(super) fn heads(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Asks for what stands in the columns.
    pub(super) fn ask(&self, reader: &mut Reader) -> Vec<Asked> {
        let asked = self.0.iter().map(|(_, subject)| subject.ask(reader));
        asked.collect()
    }
}

/// Reads `HEAD=FIELD`; the sign in a quoted key is none.
fn named(part: &str) -> Option<(&str, &str)> {
    let (head, field) = part.split_once('=')?;
    let is_head = !head.trim().is_empty() && !head.contains(['"', '\'']);
    is_head.then_some((head.trim(), field))
}

/// What a field says, for people.
fn shown<'a>(record: &Record<'a, '_>, canonical: Canonical) -> Option<Cow<'a, str>> {
    match canonical {
        Canonical::Message => record.message(),
        _ => record.text(canonical),
    }
}

/// What stands in a column for a record.
pub(super) fn entry(field: &Asked, record: &Record<'_, '_>, style: &Style) -> Entry {
    match field {
        Asked::Raw(field) => record.raw(field).map(read),
        Asked::Canonical(Canonical::Time) => record.time().map(|time| instant(Some(time), style)),
        Asked::Canonical(Canonical::Level) => record.level().map(|level| text(level.name())),
        Asked::Canonical(Canonical::Duration) => record.number(Canonical::Duration).map(seconds),
        Asked::Canonical(Canonical::Tree) => record.text(Canonical::Tree).map(|tree| id(&tree)),
        Asked::Canonical(canonical) => shown(record, *canonical).map(|shown| {
            // What is a number in the record stays one.
            match record.value(*canonical) {
                Some(value) if value.kind == Kind::Number && value.raw == shown.as_bytes() => {
                    read(value)
                }
                _ => text(&shown),
            }
        }),
        Asked::Process => record.process().map(|process| text(&process)),
    }
    .unwrap_or_else(nothing)
}

/// A value as it stands in the record.
fn read(value: Value<'_>) -> Entry {
    if value.kind == Kind::Null {
        return nothing();
    }
    let text = value.text();
    let mut json = Vec::new();
    json::value(&mut json, value);
    Entry {
        text: sanitize(&text).into_owned(),
        value: Datum::Read {
            json: String::from_utf8_lossy(&json).into_owned(),
            text: text.into_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_or_refused_with_a_reason() {
        let check = |list: &str, expect: &str| {
            let got = match Columns::parse(list) {
                Ok(columns) => columns
                    .0
                    .iter()
                    .map(|(head, subject)| format!("{head}: {subject}"))
                    .collect::<Vec<_>>()
                    .join(", "),
                Err(wrong) => wrong.reason,
            };
            assert_eq!(got, expect, "{list:?}");
        };
        check(
            "time, .http.status ,a[0]",
            "time: time, .http.status: .http.status, a[0]: .a[0]",
        );
        check("code = .http.status,a=", "no field: ''");
        check("x=1", "no field: '1'");
        check(r#"."a=b",odd=."c,d""#, r#"."a=b": ."a=b", odd: ."c,d""#);
        check("=level", "no field: '=level'");
        check(" , ", "no field is named");
    }
}
