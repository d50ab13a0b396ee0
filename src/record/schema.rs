//! Schemas: under which names each producer keeps the canonical fields.
//!
//! A schema is a row of data: the marks that tell its records, and for each canonical
//! field the places to look, best first, with the form of what stands there. A new
//! producer is a new row in `producers.rs`. Detection is per record, because files mix.

use std::borrow::Cow;

use super::{
    canonical::Canonical,
    found::Found,
    index::Line,
    key::ContextKey,
    level::{Level, Scale},
    path::Path,
    process::Process,
    producers::PRODUCERS,
    projection::{Duplicates, Field, Projection},
    time::{Instant, Unit},
    value::{Kind, Value},
};

/// How one producer writes its records.
#[derive(Debug)]
pub struct Schema {
    /// The producer's name, as dl(7) lists it.
    pub name: &'static str,
    /// All must hold; no mark means any record.
    pub(super) marks: &'static [Mark],
    /// Where each canonical field stands.
    pub(super) fields: &'static [(Canonical, &'static [Source])],
}

/// Something that tells a producer's records from others.
#[derive(Debug)]
pub(super) enum Mark {
    /// The field is there and not null.
    Has(&'static str),
    /// The field is a number.
    Number(&'static str),
    /// The field is this text or number, as written.
    Is(&'static str, &'static str),
}

impl Mark {
    fn path(&self) -> &'static str {
        match self {
            Self::Has(path) | Self::Number(path) | Self::Is(path, _) => path,
        }
    }

    fn holds(&self, value: Option<Value<'_>>) -> bool {
        match (self, value) {
            (_, None) => false,
            (Self::Has(_), Some(value)) => value.kind != Kind::Null,
            (Self::Number(_), Some(value)) => value.kind == Kind::Number,
            (Self::Is(_, expect), Some(value)) => value.raw == expect.as_bytes(),
        }
    }
}

/// A place where a canonical field may stand, and the form it has there.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) path: &'static str,
    pub(super) form: Form,
    duplicates: Duplicates,
}

impl Source {
    /// The first field of that name; `path` is dotted.
    pub(super) const fn at(path: &'static str, form: Form) -> Self {
        Self {
            path,
            form,
            duplicates: Duplicates::First,
        }
    }

    /// The last of several fields of that name, for producers that append theirs.
    pub(super) const fn last(path: &'static str, form: Form) -> Self {
        Self {
            path,
            form,
            duplicates: Duplicates::Last,
        }
    }
}

/// What stands in a source, and so how it becomes canonical.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    /// Any scalar, as text.
    Text,
    /// An instant whose encoding shows in the value.
    Time,
    /// An instant as a number of known unit.
    Epoch(Unit),
    /// A level: a word, or a number on this scale.
    Level(Scale),
    /// A closed list of words, each with its canonical counterpart; others mean nothing.
    Words(&'static [(&'static str, &'static str)]),
    /// A number that counts seconds when multiplied by this.
    Seconds(f64),
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
    pub(super) fn text(self, value: Value<'_>) -> Option<Cow<'_, str>> {
        if value.kind == Kind::Null {
            return None;
        }
        match self {
            Self::Words(words) => {
                let text = value.as_str()?;
                words
                    .iter()
                    .find(|(word, _)| *word == text)
                    .map(|(_, canonical)| Cow::Borrowed(*canonical))
            }
            Self::KeyTree => key_part(value, |key| Some(key.tree()?.into())),
            Self::KeyNode => key_part(value, |key| Some(key.scope.into())),
            Self::KeyParent => key_part(value, |key| Some(key.parent()?.into())),
            Self::KeySeq => key_part(value, |key| Some(key.seq.to_string())),
            Self::Text | Self::Time | Self::Epoch(_) | Self::Level(_) | Self::Seconds(_) => {
                Some(value.text())
            }
        }
    }

    pub(super) fn time(self, value: Value<'_>) -> Option<Instant> {
        // A date is no number, which is told faster so; a sieve tries all forms on each value.
        let is_date = value.raw.len() >= 19 && value.raw[4] == b'-';
        match self {
            Self::Epoch(_) if is_date => None,
            Self::Epoch(unit) => Instant::from_number(value.raw, unit),
            _ => Instant::read(value),
        }
    }

    pub(super) fn level(self, value: Value<'_>) -> Option<Level> {
        match self {
            Self::Level(scale) => scale.read(value),
            Self::Words(_) => Level::from_word(&self.text(value)?),
            _ => None,
        }
    }

    pub(super) fn number(self, value: Value<'_>) -> Option<f64> {
        match self {
            Self::Seconds(factor) => Some(value.as_f64()? * factor),
            _ => value.as_f64(),
        }
    }
}

fn key_part(
    value: Value<'_>,
    part: impl FnOnce(ContextKey<'_>) -> Option<String>,
) -> Option<Cow<'_, str>> {
    part(ContextKey::parse(&value.as_str()?)?).map(Cow::Owned)
}

/// What a program wants to know of records: raw fields, canonical fields, or both.
#[derive(Debug, Default)]
pub struct Reader {
    projection: Projection,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    schema: &'static Schema,
    marks: Vec<(&'static Mark, Field)>,
    fields: [Vec<(Field, Form)>; Canonical::COUNT],
}

impl Row {
    fn matches(&self, projection: &Projection, line: &[u8], found: &Found) -> bool {
        self.marks
            .iter()
            .all(|(mark, field)| mark.holds(projection.get(field, line, found)))
    }
}

impl Reader {
    /// Asks for a raw field. Of equal keys the last one counts, as in every JSON parser.
    pub fn raw(&mut self, path: &Path) -> Field {
        self.projection.want(path, Duplicates::Last)
    }

    /// A mask of fields that have been asked for.
    pub fn mask(fields: &[Field]) -> Mask {
        let mut words: Vec<(usize, u64)> = Vec::new();
        for (word, bit) in fields.iter().flat_map(Field::bits) {
            match words.iter_mut().find(|(known, _)| *known == word) {
                Some((_, bits)) => *bits |= bit,
                None => words.push((word, bit)),
            }
        }
        Mask(words)
    }

    /// A mask of all places where any producer keeps these canonical fields, which are asked
    /// for.
    pub fn canonical_mask(&mut self, wanted: &[Canonical]) -> Mask {
        for &canonical in wanted {
            self.canonical(canonical);
        }
        let places = |row: &Row| -> Vec<Field> {
            let of = |&canonical: &Canonical| row.fields[canonical as usize].iter();
            wanted
                .iter()
                .flat_map(of)
                .map(|(field, _)| field.clone())
                .collect()
        };
        Self::mask(&self.rows.iter().flat_map(places).collect::<Vec<_>>())
    }

    /// Asks for a canonical field, wherever each producer keeps it.
    pub fn canonical(&mut self, canonical: Canonical) {
        if self.rows.is_empty() {
            self.rows = PRODUCERS
                .iter()
                .map(|schema| row(schema, &mut self.projection))
                .collect();
        }
        for row in &mut self.rows {
            let fields = &mut row.fields[canonical as usize];
            if fields.is_empty()
                && let Some((_, sources)) = row
                    .schema
                    .fields
                    .iter()
                    .find(|(name, _)| *name == canonical)
            {
                fields.extend(sources.iter().map(|source| {
                    (
                        self.projection
                            .want(&Path::dotted(source.path), source.duplicates),
                        source.form,
                    )
                }));
            }
        }
    }

    /// Checks a line and finds the wanted fields in it; `found` is scratch space to reuse.
    pub fn read<'a, 'f>(
        &'f self,
        line: impl Into<Line<'a>>,
        found: &'f mut Found,
    ) -> Result<Record<'a, 'f>, super::Malformed> {
        let line = line.into();
        self.projection.scan(line, found)?;
        let line = line.bytes();
        let found = &*found;
        let row = self
            .rows
            .iter()
            .find(|row| row.matches(&self.projection, line, found));
        Ok(Record {
            line,
            found,
            projection: &self.projection,
            row,
        })
    }
}

fn row(schema: &'static Schema, projection: &mut Projection) -> Row {
    let marks = schema
        .marks
        .iter()
        .map(|mark| {
            (
                mark,
                projection.want(&Path::dotted(mark.path()), Duplicates::First),
            )
        })
        .collect();
    Row {
        schema,
        marks,
        fields: Default::default(),
    }
}

/// Some fields together, to ask quickly whether a record has any of them.
#[derive(Clone, Debug, Default)]
pub struct Mask(Vec<(usize, u64)>);

/// A record: a raw line (`'a`) and the places of the fields that its reader asked for (`'f`).
#[derive(Clone, Copy, Debug)]
pub struct Record<'a, 'f> {
    line: &'a [u8],
    found: &'f Found,
    projection: &'f Projection,
    row: Option<&'f Row>,
}

impl<'a> Record<'a, '_> {
    /// The line, byte for byte.
    pub fn line(&self) -> &'a [u8] {
        self.line
    }

    /// The name of the schema that the record was recognised by, if any canonical field was asked for.
    pub fn schema(&self) -> Option<&'static str> {
        self.row.map(|row| row.schema.name)
    }

    /// The value of a raw field.
    #[inline]
    pub fn raw(&self, field: &Field) -> Option<Value<'a>> {
        self.projection.get(field, self.line, self.found)
    }

    /// True if it has a value, even null, for any field of the mask.
    #[inline]
    pub fn has_any(&self, mask: &Mask) -> bool {
        mask.0
            .iter()
            .any(|&(word, bits)| self.found.word(word) & bits != 0)
    }

    /// When it happened.
    pub fn time(&self) -> Option<Instant> {
        self.first(Canonical::Time, Form::time)
    }

    /// How severe it is.
    pub fn level(&self) -> Option<Level> {
        self.first(Canonical::Level, Form::level)
    }

    /// A canonical field as text.
    pub fn text(&self, canonical: Canonical) -> Option<Cow<'a, str>> {
        self.first(canonical, |form, value| form.text(value))
    }

    /// A canonical field as a number; a duration is in seconds.
    pub fn number(&self, canonical: Canonical) -> Option<f64> {
        self.first(canonical, Form::number)
    }

    /// A canonical field as the value that stands in the record.
    pub fn value(&self, canonical: Canonical) -> Option<Value<'a>> {
        self.first(canonical, |_, value| {
            (value.kind != Kind::Null).then_some(value)
        })
    }

    /// What the process is called: `service:pid` or `host:pid`, or as much of it as the
    /// record tells. The reader has been asked for the three fields.
    pub fn process(&self) -> Option<Cow<'a, str>> {
        self.process_parts().name()
    }

    /// The parts of the process's name. The reader has been asked for the three fields.
    pub fn process_parts(&self) -> Process<'a> {
        let host = self.text(Canonical::Host);
        Process {
            place: self.text(Canonical::Service).or_else(|| host.clone()),
            host,
            number: self.text(Canonical::Process),
        }
    }

    /// The first source of a canonical field that holds something readable.
    fn first<T>(
        &self,
        canonical: Canonical,
        read: impl Fn(Form, Value<'a>) -> Option<T>,
    ) -> Option<T> {
        let row = self.row?;
        row.fields[canonical as usize]
            .iter()
            .find_map(|(field, form)| {
                read(*form, self.projection.get(field, self.line, self.found)?)
            })
    }
}
