//! Rows: the schemas of producers as one reader asks for them, with slots instead of paths.

use super::{
    canonical::Canonical,
    form::Form,
    found::Found,
    mark::Mark,
    path::{Path, Step},
    producers::stamped,
    projection::{Duplicates, Field, Projection},
    reader::{Mask, Reader},
    schema::Schema,
    value::{Kind, Value},
};

/// A schema whose marks, and those canonical fields that were asked for, have slots.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) schema: &'static Schema,
    pub(super) marks: Vec<(&'static Mark, Field)>,
    pub(super) places: Places,
}

/// The slots in which each canonical field may stand, best first.
#[derive(Debug, Default)]
pub(super) struct Places {
    spots: [Vec<Spot>; Canonical::COUNT],
    /// For each field the one member that is its text, counted from 1; 0 if there is more to it.
    texts: [u8; Canonical::COUNT],
}

/// A slot in which a canonical field may stand; where the reading before has a value, further
/// readings of the same source do not count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) slot: u16,
    /// The member that stands in the slot, if that is known, counted from 1; else 0.
    member: u8,
    /// Where the next source begins.
    pub(super) next: u16,
    /// The slot of the member without which this one does not count, or [`Spot::ALONE`].
    beside: u16,
    pub(super) form: Form,
}

impl Row {
    pub(super) fn new(schema: &'static Schema, projection: &mut Projection) -> Self {
        let marks = schema.marks.iter().map(|mark| {
            let path = Path::dotted(mark.path());
            (mark, projection.want(&path, Duplicates::First))
        });
        Self {
            schema,
            marks: marks.collect(),
            places: Places::default(),
        }
    }

    /// Gives slots to a canonical field, unless it has some.
    pub(super) fn ask(&mut self, canonical: Canonical, projection: &mut Projection) {
        let spots = &mut self.places.spots[canonical as usize];
        if !spots.is_empty() {
            return;
        }
        let mut known = self.schema.fields.iter();
        let told = known.find(|(name, _)| *name == canonical);
        let told = told.map_or(&[][..], |(_, sources)| *sources);
        for source in told.iter().chain(stamped(canonical)) {
            let field = projection.want(&Path::dotted(source.path), source.duplicates);
            let next = number(spots.len() + field.slots().len());
            let beside = source.beside.map_or(Spot::ALONE, |key| {
                let steps = vec![Step::Key(key.into())];
                let field = projection.want(&Path { steps }, Duplicates::First);
                field.slots()[0]
            });
            let form = source.form;
            let spot = |&slot: &u16| Spot {
                slot,
                member: 0,
                next,
                beside,
                form,
            };
            spots.extend(field.slots().iter().map(spot));
        }
    }

    pub(super) fn matches(&self, projection: &Projection, line: &[u8], found: &Found) -> bool {
        self.marks
            .iter()
            .all(|(mark, field)| mark.holds(projection.get(field, line, found)))
    }
}

impl Places {
    /// The slots of a field.
    #[inline]
    pub(super) fn of(&self, canonical: Canonical) -> &[Spot] {
        &self.spots[canonical as usize]
    }

    /// The number of the member that is the text of a field, if that is all there is to it: most fields
    /// of most records are read so, in a third of the steps.
    #[inline]
    pub(super) fn text(&self, canonical: Canonical) -> Option<usize> {
        usize::from(self.texts[canonical as usize]).checked_sub(1)
    }

    /// Those for which a line of which `found` was filled may have anything.
    fn present(&self, found: &Found) -> Self {
        let spots = self.spots.each_ref().map(|spots| present(spots, found));
        let text = |canonical: Canonical| match spots[canonical as usize][..] {
            [spot] if canonical.is_text() => spot.text(),
            _ => 0,
        };
        let texts = Canonical::ALL.map(text);
        Self { spots, texts }
    }
}

impl Spot {
    /// No slot: nothing has to stand beside it.
    const ALONE: u16 = u16::MAX;

    /// What stands there.
    #[expect(
        clippy::inline_always,
        reason = "each field of each record is read by it, and a call costs dl-tree 3 % (docs/performance.md)"
    )]
    #[inline(always)]
    pub(super) fn value<'a>(self, line: &'a [u8], found: &Found) -> Option<Value<'a>> {
        if self.beside != Self::ALONE && self.is_alone(line, found) {
            return None;
        }
        match self.member {
            0 => found.value(self.slot, line),
            member => found.member(usize::from(member - 1), line),
        }
    }

    /// The member that stands there, if that is known and is a text that stands alone; else 0.
    fn text(self) -> u8 {
        let is_text = self.form == Form::Text && self.beside == Self::ALONE;
        if is_text { self.member } else { 0 }
    }

    /// True if what has to stand beside it does not. Few spots ask for that, and the others are to be
    /// read without a call.
    #[cold]
    fn is_alone(self, line: &[u8], found: &Found) -> bool {
        self.beside(line, found).is_none()
    }

    /// What stands beside it and is not null.
    pub(super) fn beside<'a>(self, line: &'a [u8], found: &Found) -> Option<Value<'a>> {
        let value = found.value(self.beside, line)?;
        (value.kind != Kind::Null).then_some(value)
    }
}

/// A row that lines of some layout may have.
#[derive(Debug)]
pub(super) struct Candidate {
    /// Its number.
    pub(super) row: u16,
    /// Those of its places that such a line may have.
    pub(super) places: Places,
    /// Its marks and the members that they are about, if that is known of all of them.
    marks: Option<Box<[(&'static Mark, u8)]>>,
}

impl Candidate {
    /// The row of that number, for lines that have what `found` has.
    pub(super) fn new(number: u16, row: &Row, found: &Found) -> Self {
        let marks = row.marks.iter().map(|(mark, field)| {
            // The first that may be there, if it is always there.
            let mut slots = field.slots().iter();
            let slot = slots.find(|&&slot| found.may_have(slot))?;
            Some((*mark, u8::try_from(found.number_of(*slot)?).ok()?))
        });
        Self {
            row: number,
            places: row.places.present(found),
            marks: marks.collect(),
        }
    }

    /// True if a line that `found` was filled from is that row's.
    #[inline]
    pub(super) fn matches(
        &self,
        rows: &[Row],
        projection: &Projection,
        line: &[u8],
        found: &Found,
    ) -> bool {
        match &self.marks {
            Some(marks) => marks
                .iter()
                .all(|&(mark, member)| mark.holds(found.member(usize::from(member), line))),
            None => rows
                .get(usize::from(self.row))
                .is_some_and(|row| row.matches(projection, line, found)),
        }
    }
}

/// The spots for which anything may be found.
fn present(spots: &[Spot], found: &Found) -> Vec<Spot> {
    let is_present = |spot: &&Spot| found.may_have(spot.slot);
    let before = |end: u16| {
        let before = spots.iter().take(usize::from(end));
        number(before.filter(is_present).count())
    };
    let kept = spots.iter().filter(is_present);
    kept.map(|spot| Spot {
        member: found
            .number_of(spot.slot)
            .and_then(|member| u8::try_from(member + 1).ok())
            .unwrap_or(0),
        next: before(spot.next),
        ..*spot
    })
    .collect()
}

fn number(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

/// A word of `Found` and the bits in it, for the first mark of a row; no bits if they are not in one word.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Probe {
    word: usize,
    bits: u64,
}

impl Probe {
    pub(super) fn new(row: &Row) -> Self {
        let first = row.marks.first();
        let mask = first.map(|(_, field)| Reader::mask(std::slice::from_ref(field)));
        match mask.as_ref().map(Mask::words) {
            Some(&[(word, bits)]) => Self { word, bits },
            _ => Self::default(),
        }
    }

    #[inline]
    pub(super) fn may_match(self, found: &Found) -> bool {
        self.bits == 0 || found.word_at_most(self.word) & self.bits != 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::{super::Record, *};

    /// Keys in which producers keep the same in different ways.
    const KEYS: [&str; 23] = [
        "time",
        "timestamp",
        "@timestamp",
        "level",
        "severity",
        "levelno",
        "msg",
        "message",
        "name",
        "logger",
        "trace_id",
        "traceId",
        "pid",
        "hostname",
        "context",
        "log",
        "process",
        "host",
        "dl",
        "task_uuid",
        "task_level",
        "action_status",
        "action_type",
    ];
    const VALUES: [&str; 14] = [
        "null",
        r#""x""#,
        r#""a\u0062\n""#,
        r#""failed""#,
        "17",
        "{}",
        r#""2026-11-20T12:00:00Z""#,
        r#""warn""#,
        r#"{"key":"3@00000000-0000-4000-8000-00000000000a/2"}"#,
        r#"{"level":"error","logger":"a"}"#,
        r#"{"logger":{"name":"b"},"level":null}"#,
        r#"{"pid":1,"name":"c","thread":{"name":"d"}}"#,
        r#"{"status":"failed","duration":0.5,"tree":{"id":"e"}}"#,
        r#"["key",{"pid":2}]"#,
    ];

    fn told(record: &Record<'_, '_>) -> Vec<String> {
        let fields = Canonical::ALL.iter().map(|&canonical| {
            let (text, value) = (record.text(canonical), record.value(canonical));
            let bytes = record.bytes(canonical);
            format!("{canonical:?} {text:?} {value:?} {bytes:?}")
        });
        let rest = format!(
            "{:?} {:?} {:?}",
            record.schema(),
            record.time(),
            record.level()
        );
        fields.chain([rest]).collect()
    }

    proptest! {
        #[test]
        fn what_is_known_of_a_layout_changes_nothing(
            keys in vec(select(&KEYS[..]), 1..6),
            lines in vec(vec(select(&VALUES[..]), 6), 1..12),
        ) {
            let mut reader = Reader::default();
            for canonical in Canonical::ALL {
                reader.canonical(canonical);
            }
            let line_of = |values: &[&str]| {
                let members = keys.iter().zip(values);
                let members: Vec<_> = members.map(|(key, value)| format!("\"{key}\":{value}")).collect();
                format!("{{{}}}", members.join(","))
            };
            let mut learned = Found::default();
            let first = line_of(&[r#""x""#; 6]);
            for _ in 0..4 {
                reader.read(first.as_bytes(), &mut learned).expect("a record");
            }
            prop_assert!(learned.layout.is_some());
            for values in lines {
                let line = line_of(&values);
                let mut fresh = Found::default();
                let expect = told(&reader.read(line.as_bytes(), &mut fresh).expect("a record"));
                let record = reader.read(line.as_bytes(), &mut learned).expect("a record");
                prop_assert_eq!(told(&record), expect, "{}", line);
            }
        }
    }
}
