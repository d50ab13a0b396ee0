//! The fields of a record that no column has shown, as `key=value`, except the bookkeeping that
//! all records of a producer repeat.

use std::borrow::Cow;

use super::{
    COLUMNS,
    ink::{Pen, Text},
    known::{Known, KnownLine},
    rules::FieldRules,
    usual::{IsKey, ends, is_empty, may_be_empty, unwrapped},
};
use crate::record::{Canonical, Cursor, Kind, Malformed, Record, Value};

/// How far patterns reach into objects; what is deeper goes with the object around it.
const DEEPEST: usize = 16;

/// A field of several lines, which stands below.
pub(super) struct Tall {
    pub(super) key: String,
    pub(super) text: String,
}

/// The memory that lines are written with.
#[derive(Default)]
pub(super) struct Scratch {
    /// The fields of several lines of the present record.
    pub(super) tall: Vec<Tall>,
    /// What is known of the fields of lines.
    pub(super) known: Known,
}

/// Appends fields, and keeps those of several lines for later.
pub(super) struct Fields<'v> {
    pub(super) pen: &'v Pen,
    pub(super) rules: &'v FieldRules,
    /// Where the values are that stand elsewhere.
    pub(super) elsewhere: &'v [*const u8],
    pub(super) tall: &'v mut Vec<Tall>,
    pub(super) schema: Option<&'static str>,
    /// What all records of the producer have.
    pub(super) is_bookkeeping: IsKey,
    /// True if the line is printable throughout.
    pub(super) is_clean: bool,
    /// False for the field at the beginning of a line.
    pub(super) blank: bool,
}

/// Where the values are that have columns: a value is the same slice of the same line.
pub(super) fn in_columns(record: &Record<'_, '_>) -> [*const u8; COLUMNS.len()] {
    COLUMNS.map(|canonical| {
        record
            .value(canonical)
            .map_or(std::ptr::null(), |value| value.raw.as_ptr())
    })
}

impl Fields<'_> {
    /// Appends all fields.
    pub(super) fn write(
        &mut self,
        record: &Record<'_, '_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        let schema = self.schema;
        let Some(members) = record.members() else {
            return Cursor::line(record.line(), |key, cursor| {
                if let Some(usual) = unwrapped(schema, key)
                    && cursor.is_object()
                {
                    return cursor.members(|inner, cursor| {
                        self.member(key, usual, inner, cursor.value()?, out);
                        Ok(())
                    });
                }
                let value = cursor.value()?;
                self.value(key, self.is_usual(key, value), value, 0, out);
                Ok(())
            });
        };
        for (key, value) in members {
            if let Some(usual) = unwrapped(schema, key)
                && value.kind == Kind::Object
            {
                self.opened(key, usual, value, out)?;
            } else {
                self.value(key, self.is_usual(key, value), value, 0, out);
            }
        }
        Ok(())
    }

    /// True for a field that says something of this record.
    fn is_usual(&self, key: &[u8], value: Value<'_>) -> bool {
        !((self.is_bookkeeping)(key) || may_be_empty(self.schema, key) && is_empty(value))
    }

    /// Appends all fields of a line of which it is known which they are, but for those that columns
    /// have told.
    pub(super) fn known(
        &mut self,
        record: &Record<'_, '_>,
        line: &KnownLine,
        told: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        let mut left = line.shown & !told;
        while left != 0 {
            let number = left.trailing_zeros();
            left &= left - 1;
            let (Some(value), Some(key)) = (record.member(number), line.key(number)) else {
                break;
            };
            if let Some(usual) = key.opened
                && value.kind == Kind::Object
            {
                self.opened(&key.name, usual, value, out)?;
            } else if !key.is_usual || key.may_be_empty && is_empty(value) {
            } else if value.kind == Kind::Object && !self.elsewhere.is_empty() {
                self.value(&key.name, true, value, 0, out);
            } else if let Some(text) = several_lines(value) {
                self.below(&key.name, text);
            } else {
                key.write(self.blank, out);
                self.blank = true;
                self.shorthand(value, out);
            }
        }
        Ok(())
    }

    /// Appends the members of an object of the record's own.
    fn opened(
        &mut self,
        object: &[u8],
        usual: IsKey,
        value: Value<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        Cursor::line(value.raw, |key, cursor| {
            self.member(object, usual, key, cursor.value()?, out);
            Ok(())
        })
    }

    /// Appends a member of an object of the record's own as if it were its field; one that
    /// usually is not shown keeps the name of the object.
    fn member(
        &mut self,
        object: &[u8],
        usual: IsKey,
        key: &[u8],
        value: Value<'_>,
        out: &mut Vec<u8>,
    ) {
        let path = || [object, b".", key].concat();
        if usual(key) {
            if value.kind == Kind::Object
                && let path = path()
                && let Some(usual) = unwrapped(self.schema, &path)
            {
                // The line has been checked, so its values can be read.
                let _ = self.opened(&path, usual, value, out);
            } else {
                // What is among attributes is the user's.
                let is_mute = || may_be_empty(self.schema, key) && is_empty(value);
                let usually = object != b"context" || !is_mute();
                let usually = self.rules.shows_members(object, usually);
                self.value(key, usually, value, 1, out);
            }
        } else if !self.rules.is_empty() {
            let usually = self.rules.shows_members(object, false);
            self.value(&path(), usually, value, 1, out);
        }
    }

    /// Appends a field, if it is shown: an object member by member, if not all of it is, or if some
    /// of it stands elsewhere.
    fn value(
        &mut self,
        key: &[u8],
        usually: bool,
        value: Value<'_>,
        depth: usize,
        out: &mut Vec<u8>,
    ) {
        if self.elsewhere.contains(&value.raw.as_ptr()) {
            return;
        }
        let ruled = !self.rules.is_empty();
        if !usually && !ruled {
            return;
        }
        let name = || String::from_utf8_lossy(key);
        let shown = if ruled {
            self.rules.shows(&name(), usually)
        } else {
            usually
        };
        let inside = value.raw.as_ptr_range();
        let is_parted = value.kind == Kind::Object
            && depth < DEEPEST
            && (self.elsewhere.iter().any(|place| inside.contains(place))
                || ruled && self.rules.reach_into(&name(), shown));
        if is_parted {
            // The line has been checked, so its values can be read.
            let _ = Cursor::line(value.raw, |member, cursor| {
                let key = [key, b".", member].concat();
                let shown = shown && !(self.is_bookkeeping)(&key);
                self.value(&key, shown, cursor.value()?, depth + 1, out);
                Ok(())
            });
        } else if shown {
            self.field(key, value, out);
        }
    }

    /// Appends what the record tells in another way.
    pub(super) fn derived(&mut self, record: &Record<'_, '_>, out: &mut Vec<u8>) {
        if ends(self.schema)
            && let Some(seconds) = record.number(Canonical::Duration)
        {
            let seconds = seconds.to_string();
            let (kind, raw) = (Kind::Number, seconds.as_bytes());
            self.value(b"duration", true, Value { kind, raw }, 0, out);
        }
    }

    fn field(&mut self, key: &[u8], value: Value<'_>, out: &mut Vec<u8>) {
        if let Some(text) = several_lines(value) {
            return self.below(key, text);
        }
        if self.blank {
            out.push(b' ');
        }
        self.blank = true;
        // A key is decoded, so that it may hold what the line does not.
        self.pen.key.text(out, key);
        out.push(b'=');
        self.shorthand(value, out);
    }

    /// Keeps a field for later.
    fn below(&mut self, key: &[u8], text: String) {
        let key = String::from_utf8_lossy(key).into_owned();
        self.tall.push(Tall { key, text });
    }

    /// Appends a value as short as it can be without doubt: plain words without quotes.
    fn shorthand(&self, value: Value<'_>, out: &mut Vec<u8>) {
        let pen = self.pen;
        let quoted = match value.kind {
            Kind::Plain => !is_word(value.raw),
            Kind::Escaped => true,
            _ => false,
        };
        if quoted {
            out.push(b'"');
        }
        // What stands in the line is printable if the line is.
        let text = Text {
            bytes: value.raw,
            is_clean: self.is_clean,
        };
        pen.folded(out, None, text, quoted);
        if quoted {
            out.push(b'"');
        }
    }
}

/// True for text that needs no quotes.
#[inline]
fn is_word(text: &[u8]) -> bool {
    // Without a branch for each byte: most texts are short, and as many are words as are not.
    let is_bare = |bare: bool, &byte: &u8| bare & BARE[usize::from(byte)];
    text.iter().fold(!text.is_empty(), is_bare)
}

/// Which bytes a text without quotes may have.
const BARE: [bool; 256] = {
    let mut bare = [true; 256];
    let mut others: &[u8] = b" \"={}[],";
    while let [byte, rest @ ..] = others {
        bare[*byte as usize] = false;
        others = rest;
    }
    bare
};

/// The text of a value that has several lines.
fn several_lines(value: Value<'_>) -> Option<String> {
    if value.kind != Kind::Escaped || memchr::memmem::find(value.raw, b"\\n").is_none() {
        return None;
    }
    let text = value.text();
    let text = text.trim_end_matches(['\n', '\r']);
    text.trim_start_matches('\n')
        .contains('\n')
        .then(|| text.to_owned())
}

/// A value of a field as it is shown by itself: without quotes.
pub(super) fn bare(value: Value<'_>) -> Cow<'_, str> {
    match value.kind {
        Kind::Null => Cow::Borrowed(""),
        _ => value.text(),
    }
}
