//! Schemas: under which names each producer keeps the canonical fields.
//!
//! A schema is a row of data: the marks that tell its records, and for each canonical
//! field the places to look, best first, with the form of what stands there. A new
//! producer is a new row in `producers.rs`. Detection is per record, because files mix.

use std::borrow::Cow;

use super::{
    canonical::Canonical,
    form::Form,
    found::Found,
    index::Line,
    level::Level,
    path::Path,
    process::Process,
    producers::PRODUCERS,
    projection::{Duplicates, Field, Projection},
    time::Instant,
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

/// What a program wants to know of records: raw fields, canonical fields, or both.
#[derive(Debug, Default)]
pub struct Reader {
    projection: Projection,
    rows: Vec<Row>,
    /// For each row where `Found` notes whether there is anything for its first mark: most
    /// rows are out then. They stand by themselves, because each record is held against all.
    probes: Vec<Probe>,
}

/// A word of `Found` and the bits in it; no bits if they are not in one word.
#[derive(Clone, Copy, Debug, Default)]
struct Probe {
    word: usize,
    bits: u64,
}

impl Probe {
    fn new(row: &Row) -> Self {
        let first = row.marks.first();
        let mask = first.map(|(_, field)| Reader::mask(std::slice::from_ref(field)));
        match mask.as_ref().map(|mask| &mask.0[..]) {
            Some(&[(word, bits)]) => Self { word, bits },
            _ => Self::default(),
        }
    }

    #[inline]
    fn may_match(self, found: &Found) -> bool {
        self.bits == 0 || found.word(self.word) & self.bits != 0
    }
}

#[derive(Debug)]
struct Row {
    schema: &'static Schema,
    marks: Vec<(&'static Mark, Field)>,
    fields: [Vec<Spot>; Canonical::COUNT],
}

/// A slot in which a canonical field may stand; where the reading before has a value, further
/// readings of the same source do not count.
#[derive(Clone, Copy, Debug)]
struct Spot {
    slot: u16,
    /// Where the next source begins.
    next: u16,
    form: Form,
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

    /// Asks for raw fields, by dotted paths, to be told quickly whether a record has any.
    pub fn mask_of(&mut self, paths: &[&str]) -> Mask {
        let ask = |path: &&str| self.raw(&Path::dotted(path));
        Self::mask(&paths.iter().map(ask).collect::<Vec<_>>())
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
            let field = |spot: &Spot| Field::of_slot(spot.slot);
            wanted.iter().flat_map(of).map(field).collect()
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
            self.probes = self.rows.iter().map(Probe::new).collect();
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
                for source in *sources {
                    let path = Path::dotted(source.path);
                    let field = self.projection.want(&path, source.duplicates);
                    let next = fields.len() + field.slots().len();
                    fields.extend(field.slots().iter().map(|&slot| Spot {
                        slot,
                        next: u16::try_from(next).unwrap_or(u16::MAX),
                        form: source.form,
                    }));
                }
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
        if let Some(layout) = found.layout
            && found.layouts.rows(layout).is_none()
        {
            let rows = self.rows_that_may_match(found).collect();
            found.layouts.learn_rows(layout, rows);
        }
        let found = &*found;
        let matches = |&at: &u16| {
            let row = self.rows.get(usize::from(at));
            row.is_some_and(|row| row.matches(&self.projection, line, found))
        };
        let known = found.layout.and_then(|layout| found.layouts.rows(layout));
        let row = match known {
            Some(rows) => rows.iter().copied().find(matches),
            None => self.rows_that_may_match(found).find(matches),
        };
        Ok(Record {
            line,
            found,
            projection: &self.projection,
            row: row.and_then(|at| self.rows.get(usize::from(at))),
        })
    }

    /// The numbers of the rows that a line may have, by what it has.
    fn rows_that_may_match(&self, found: &Found) -> impl Iterator<Item = u16> {
        let rows = (0..).zip(&self.probes);
        rows.filter(|(_, probe)| probe.may_match(found))
            .map(|(at, _)| at)
    }
}

fn row(schema: &'static Schema, projection: &mut Projection) -> Row {
    let marks: Vec<_> = schema
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
    /// A number that lines with the same keys in the same order have in common, if it is known:
    /// they have the same fields. It holds for the records of one [`Found`].
    #[inline]
    pub fn layout(&self) -> Option<(u64, u16)> {
        self.found.layout()
    }

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
        let spots = &self.row?.fields[canonical as usize][..];
        let mut at = 0;
        while let Some(spot) = spots.get(at) {
            at += 1;
            if let Some(value) = self.found.value(spot.slot, self.line) {
                if let Some(result) = read(spot.form, value) {
                    return Some(result);
                }
                at = usize::from(spot.next);
            }
        }
        None
    }
}
