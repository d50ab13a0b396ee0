//! Reading: what a program asks of records, raw fields and canonical ones, and what a record
//! answers. Whose record it is, is told by the schemas.

use std::borrow::Cow;

use super::{
    canonical::Canonical,
    form::Form,
    found::Found,
    index::Line,
    level::Level,
    own::known,
    path::Path,
    process::Process,
    projection::{Duplicates, Field, Projection},
    row::{Candidate, Places, Probe, Row, Spot},
    schema::Schema,
    time::Instant,
    value::{Kind, Value},
    zone::Zone,
};

/// What a program wants to know of records: raw fields, canonical fields, or both.
#[derive(Debug, Default)]
pub struct Reader {
    projection: Projection,
    rows: Vec<Row>,
    /// For each row where `Found` notes whether there is anything for its first mark: most
    /// rows are out then. They stand by themselves, because each record is held against all.
    probes: Vec<Probe>,
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
            let of = |&canonical: &Canonical| row.places.of(canonical).iter();
            let field = |spot: &Spot| Field::of_slot(spot.slot);
            wanted.iter().flat_map(of).map(field).collect()
        };
        Self::mask(&self.rows.iter().flat_map(places).collect::<Vec<_>>())
    }

    /// Asks for a canonical field, wherever each producer keeps it.
    pub fn canonical(&mut self, canonical: Canonical) {
        if self.rows.is_empty() {
            self.rows = known()
                .iter()
                .map(|known| Row::new(known.schema, &mut self.projection))
                .collect();
            self.probes = self.rows.iter().map(Probe::new).collect();
        }
        for row in &mut self.rows {
            row.ask(canonical, &mut self.projection);
        }
    }

    /// Checks a line and finds the wanted fields in it; `found` is scratch space to reuse.
    #[inline]
    pub fn read<'a, 'f>(
        &'f self,
        line: impl Into<Line<'a>>,
        found: &'f mut Found,
    ) -> Result<Record<'a, 'f>, super::Malformed> {
        let line = line.into();
        self.projection.scan(line, found)?;
        Ok(self.recognised(line.bytes(), found))
    }

    /// The same for the object at the beginning of `text`, which may have more behind it.
    pub(super) fn read_first<'a, 'f>(
        &'f self,
        text: &'a [u8],
        found: &'f mut Found,
    ) -> Result<Record<'a, 'f>, super::Malformed> {
        let length = self.projection.scan_first(text, found)?;
        Ok(self.recognised(&text[..length], found))
    }

    /// The record on a line that has been scanned.
    #[expect(
        clippy::inline_always,
        reason = "each record is told by it, and what a call returns through memory costs dl-tree 2 % (docs/performance.md)"
    )]
    #[inline(always)]
    fn recognised<'a, 'f>(&'f self, line: &'a [u8], found: &'f mut Found) -> Record<'a, 'f> {
        if let Some(layout) = found.layout
            && found.layouts.rows(layout).is_none()
        {
            let rows = self.rows_that_may_match(found);
            let rows = rows.map(|(number, row)| Candidate::new(number, row, found));
            let rows = rows.collect();
            found.layouts.learn_rows(layout, rows);
        }
        let found = &*found;
        let matches = |row: &&Row| row.matches(&self.projection, line, found);
        let known = found.layout.and_then(|layout| found.layouts.rows(layout));
        let row = if let Some(candidates) = known {
            let mut candidates = candidates.iter();
            let candidate = candidates
                .find(|candidate| candidate.matches(&self.rows, &self.projection, line, found));
            candidate.and_then(|Candidate { row, places, .. }| {
                let row = self.rows.get(usize::from(*row))?;
                Some((row.schema, places))
            })
        } else {
            let mut rows = self.rows_that_may_match(found).map(|(_, row)| row);
            rows.find(matches).map(|row| (row.schema, &row.places))
        };
        Record {
            line,
            found,
            projection: &self.projection,
            row,
        }
    }

    /// The rows that a line may have, by what it has, and their numbers.
    fn rows_that_may_match(&self, found: &Found) -> impl Iterator<Item = (u16, &Row)> {
        let rows = (0..).zip(self.rows.iter().zip(&self.probes));
        rows.filter(|(_, (_, probe))| probe.may_match(found))
            .map(|(number, (row, _))| (number, row))
    }
}

/// Some fields together, to ask quickly whether a record has any of them.
#[derive(Clone, Debug, Default)]
pub struct Mask(Vec<(usize, u64)>);

impl Mask {
    /// The words of `Found` that have any of them, with their bits there.
    pub(super) fn words(&self) -> &[(usize, u64)] {
        &self.0
    }

    /// True if nothing was found for any of them.
    #[inline]
    pub(super) fn is_missing(&self, found: &Found) -> bool {
        let is_missing = |&(word, bits): &(usize, u64)| found.word(word) & bits == 0;
        self.0.iter().all(is_missing)
    }
}

/// A record: a raw line (`'a`) and the places of the fields that its reader asked for (`'f`).
#[derive(Clone, Copy, Debug)]
pub struct Record<'a, 'f> {
    line: &'a [u8],
    found: &'f Found,
    projection: &'f Projection,
    /// Its schema, and the places of the fields of that.
    row: Option<(&'static Schema, &'f Places)>,
}

impl<'a, 'f> Record<'a, 'f> {
    /// A number that lines with the same keys in the same order have in common, if it is known. It
    /// holds for the records of one [`Found`] and as long as the other number is the same.
    #[inline]
    pub fn key_order(&self) -> Option<(u64, u16)> {
        self.found.layout()
    }

    /// The same for lines that have the same fields as well, because none is inside of another.
    #[inline]
    pub fn layout(&self) -> Option<(u64, u16)> {
        self.key_order().filter(|_| !self.has_inner())
    }

    /// True if a field that was asked for stands inside of a member, and the members are known.
    #[inline]
    pub fn has_inner(&self) -> bool {
        self.found.has_inner()
    }

    /// The line, byte for byte.
    pub fn line(&self) -> &'a [u8] {
        self.line
    }

    /// The line, and what was found in it.
    #[inline]
    pub(super) fn parts(&self) -> (&'a [u8], &'f Found) {
        (self.line, self.found)
    }

    /// The name of the schema that the record was recognised by, if any canonical field was asked for.
    pub fn schema(&self) -> Option<&'static str> {
        self.row.map(|(schema, _)| schema.name)
    }

    /// The members of the object that the line is, in their order, where that is known without
    /// scanning it once more; never more than 64.
    pub fn members(&self) -> Option<impl Iterator<Item = (&[u8], Value<'a>)>> {
        self.found.members(self.line)
    }

    /// The member of that number, counted from 0, of a line whose members are known.
    #[inline]
    pub fn member(&self, number: u32) -> Option<Value<'a>> {
        self.found.member(number as usize, self.line)
    }

    /// The number of the member that stands in a spot, if it is one.
    #[inline]
    pub(super) fn number_of(&self, spot: &Spot) -> Option<usize> {
        self.found.number_of(spot.slot)
    }

    /// The value of a raw field.
    #[inline]
    pub fn raw(&self, field: &Field) -> Option<Value<'a>> {
        self.projection.get(field, self.line, self.found)
    }

    /// True if it has a value, even null, for any field of the mask.
    #[inline]
    pub fn has_any(&self, mask: &Mask) -> bool {
        !mask.is_missing(self.found)
    }

    /// When it happened.
    pub fn time(&self) -> Option<Instant> {
        self.first_spot(Canonical::Time, |spot, value| {
            spot.form.time_beside(value, || self.beside(spot))
        })
    }

    /// The same, of a time without a zone by clocks on the wall there.
    pub fn time_in(&self, zone: Option<Zone>) -> Option<Instant> {
        let of_wall = |zone: Zone| {
            let written = self.value(Canonical::Time)?;
            written.is_string().then(|| zone.instant_of(written.raw))?
        };
        zone.and_then(of_wall).or_else(|| self.time())
    }

    /// How severe it is.
    pub fn level(&self) -> Option<Level> {
        self.first(Canonical::Level, Form::level)
    }

    /// A canonical field as text.
    pub fn text(&self, canonical: Canonical) -> Option<Cow<'a, str>> {
        if let Some(member) = self.text_member(canonical) {
            return self.present_member(member).map(Value::text);
        }
        self.first(canonical, |form, value| form.text(value))
    }

    /// A canonical field as text, of which nobody has checked that it is UTF-8; borrowed where it is
    /// part of the line or one of a few words.
    #[inline]
    pub fn bytes(&self, canonical: Canonical) -> Option<Cow<'a, [u8]>> {
        if let Some(member) = self.text_member(canonical) {
            return Form::Text.bytes(self.present_member(member)?);
        }
        self.first(canonical, |form, value| form.bytes(value))
    }

    /// A canonical field as a number; a duration is in seconds.
    pub fn number(&self, canonical: Canonical) -> Option<f64> {
        self.first_spot(canonical, |spot, value| {
            spot.form.number_beside(value, || self.beside(spot))
        })
    }

    /// What stands beside a spot.
    pub(super) fn beside(&self, spot: &Spot) -> Option<Value<'a>> {
        spot.beside(self.line, self.found)
    }

    /// A canonical field as the value that stands in the record, if it can be read and is all of it.
    #[inline]
    pub fn value(&self, canonical: Canonical) -> Option<Value<'a>> {
        if let Some(member) = self.text_member(canonical) {
            return self.present_member(member);
        }
        let read = |form: Form, value| form.reads(canonical, value).then_some(value);
        self.first(canonical, read)
    }

    /// What the process is called: `service:pid` or `host:pid`, or as much of it as the
    /// record tells. The reader has been asked for the three fields.
    pub fn process(&self) -> Option<Cow<'a, str>> {
        self.process_parts().name()
    }

    /// What no process of another host is called either: `service:pid@host`, or as much of it as the
    /// record tells. The reader has been asked for the three fields.
    pub fn whole_process(&self) -> Option<Cow<'a, str>> {
        self.process_parts().whole_name()
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

    /// The number of the member that is the text of a canonical field, if nothing else can be.
    #[inline]
    fn text_member(&self, canonical: Canonical) -> Option<usize> {
        self.row.and_then(|(_, places)| places.text(canonical))
    }

    /// The member of that number, unless it is null.
    #[inline]
    fn present_member(&self, number: usize) -> Option<Value<'a>> {
        let value = self.found.member(number, self.line)?;
        (value.kind != Kind::Null).then_some(value)
    }

    /// The first source of a canonical field that holds something readable.
    fn first<T>(
        &self,
        canonical: Canonical,
        read: impl Fn(Form, Value<'a>) -> Option<T>,
    ) -> Option<T> {
        self.first_spot(canonical, |spot, value| read(spot.form, value))
    }

    /// The places where the canonical field may stand.
    #[inline]
    fn spots(&self, canonical: Canonical) -> &[Spot] {
        self.row.map_or(&[], |(_, places)| places.of(canonical))
    }

    #[inline]
    pub(super) fn first_spot<T>(
        &self,
        canonical: Canonical,
        read: impl Fn(&Spot, Value<'a>) -> Option<T>,
    ) -> Option<T> {
        let spots = self.spots(canonical);
        let mut at = 0;
        while let Some(spot) = spots.get(at) {
            at += 1;
            if let Some(value) = spot.value(self.line, self.found) {
                if let Some(result) = read(spot, value) {
                    return Some(result);
                }
                at = usize::from(spot.next);
            }
        }
        None
    }
}
