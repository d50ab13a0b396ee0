//! Claiming: which tree does a record belong to? The part of collecting that many workers
//! do at once.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::{
    Status,
    note::{self, Located},
    scheme::{Keys, Known, Parent, Placement, Places, Role, Schemes, Scope, Starts},
};
use crate::record::{Canonical, Found, Line, Malformed, Mask, Reader, Record};

/// The claims on the records of one chunk; reused from chunk to chunk.
///
/// What a chunk has of a tree stands together, because one chunk has several records of most trees:
/// the tree is then looked for once.
#[derive(Debug, Default)]
pub struct Claims {
    pub(super) groups: Vec<Group>,
    pub(super) records: Vec<Claim>,
    pub(super) joins: Vec<Join>,
    /// The ids of the groups, one after the other.
    ids: Vec<u8>,
    /// The notes on the records, one after the other.
    notes: Vec<u8>,
    /// Numbers of `groups`, by hash.
    table: HashTable<u32>,
}

/// The records of one chunk that name the same tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) hash: u64,
    pub(super) family: u8,
    /// The first of them.
    pub(super) first: u32,
    last: u32,
    /// Where the id begins in `Claims::ids`, and where it ends.
    id: (u32, u32),
}

/// Another tree that a record belongs to as well, so that both are one.
#[derive(Clone, Debug)]
pub(super) struct Join {
    /// The number of the record among the claims.
    pub(super) record: u32,
    pub(super) family: u8,
    pub(super) hash: u64,
    pub(super) id: Box<[u8]>,
}

/// A record's place in its chunk and the tree that it belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    /// The number of its group.
    pub(super) group: u32,
    /// The next record of the group; the number of this one if there is none.
    next: u32,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where the note on it begins in `Claims::notes`.
    note: u32,
    /// How long that is; 0 if there is none.
    note_length: u16,
    /// True if the record ends the root, so that the tree may be complete.
    pub(super) closes: bool,
}

impl Claims {
    /// Starts over, keeping the memory.
    pub fn clear(&mut self) {
        self.groups.clear();
        self.records.clear();
        self.joins.clear();
        self.ids.clear();
        self.notes.clear();
        self.table.clear();
    }

    /// How many records are claimed.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// True if no record is claimed.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The id that the records of a group name.
    pub(super) fn id(&self, group: &Group) -> &[u8] {
        let (start, end) = group.id;
        &self.ids[start as usize..end as usize]
    }

    /// The records of a group and the notes on them, in the order of the chunk.
    pub(super) fn of(&self, group: &Group) -> impl Iterator<Item = (&Claim, &[u8])> + Clone {
        let claim = |at: u32| Some((at, self.records.get(at as usize)?));
        let next = move |&(at, claim_at): &(u32, &Claim)| {
            (claim_at.next != at)
                .then(|| claim(claim_at.next))
                .flatten()
        };
        std::iter::successors(claim(group.first), next).map(|(_, claim)| {
            let note = &self.notes[claim.note as usize..];
            (claim, &note[..usize::from(claim.note_length)])
        })
    }

    /// Adds a record that names that tree.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "chunks are far smaller than 4 GiB"
    )]
    fn add(&mut self, hash: u64, family: u8, id: &[u8], claim: Claim) {
        let at = self.records.len() as u32;
        let same = |&number: &u32| {
            let group = &self.groups[number as usize];
            group.family == family && self.id(group) == id
        };
        let number = if let Some(&number) = self.table.find(hash, same) {
            let last = std::mem::replace(&mut self.groups[number as usize].last, at);
            self.records[last as usize].next = at;
            number
        } else {
            let start = self.ids.len() as u32;
            self.ids.extend_from_slice(id);
            let number = self.groups.len() as u32;
            self.groups.push(Group {
                hash,
                family,
                first: at,
                last: at,
                id: (start, self.ids.len() as u32),
            });
            let groups = &self.groups;
            let hash_of = |&number: &u32| groups[number as usize].hash;
            self.table.insert_unique(hash, number, hash_of);
            number
        };
        self.records.push(Claim {
            group: number,
            next: at,
            ..claim
        });
    }
}

/// What a record is to the collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A record of a tree; it is among the claims now.
    Claimed,
    /// A tree already, assembled by an earlier run.
    Tree,
    /// A record without a tree.
    Loose,
    /// A document of several records; it is not claimed.
    Document,
}

/// What is looked for beside the trees of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// The records that end roots, for who wants trees before the end of the input.
    Roots,
    /// Their places, for who puts the trees together later and would have to look again.
    Places,
}

/// Finds the tree of each record; one per worker.
pub struct Claimer {
    reader: Reader,
    keys: Keys,
    places: Places,
    watch: Watch,
    /// The fields that tell of a process, and of a host.
    located: [Mask; 2],
    /// The fields that documents of several records have.
    documents: Mask,
    found: Found,
    known: Known,
    hasher: RandomState,
}

impl Claimer {
    /// A claimer whose hashes agree with those of every claimer made with an equal `hasher`.
    pub fn new(schemes: &Schemes, hasher: RandomState, watch: Watch) -> Self {
        let mut reader = Reader::default();
        // The producer is told by the fields that every reader asks for.
        reader.canonical(Canonical::Tree);
        let keys = Keys::new(schemes, &mut reader);
        let places = Places::new(schemes, &mut reader);
        let located = match watch {
            Watch::Roots => <[Mask; 2]>::default(),
            Watch::Places => {
                reader.canonical(Canonical::Time);
                reader.canonical(Canonical::Level);
                let mut mask = |fields: &[Canonical]| reader.canonical_mask(fields);
                [
                    mask(&[Canonical::Service, Canonical::Host, Canonical::Process]),
                    mask(&[Canonical::Host]),
                ]
            }
        };
        Self {
            reader,
            keys,
            places,
            watch,
            located,
            documents: Mask::default(),
            found: Found::default(),
            known: Known::default(),
            hasher,
        }
    }

    /// Also finds documents of several records, which have one of these fields.
    #[must_use]
    pub fn with_documents(mut self, fields: &[&str]) -> Self {
        self.documents = self.reader.mask_of(fields);
        self
    }

    /// Claims the record on `line`, which stands at `start` of its chunk, unless it is a
    /// document.
    pub fn claim<'a>(
        &mut self,
        line: impl Into<Line<'a>>,
        start: usize,
        claims: &mut Claims,
    ) -> Result<Kind, Malformed> {
        self.claim_if(line.into(), start, claims, true)
    }

    /// Claims a record that is taken for one, whatever fields it has.
    pub fn claim_record<'a>(
        &mut self,
        line: impl Into<Line<'a>>,
        start: usize,
        claims: &mut Claims,
    ) -> Result<Kind, Malformed> {
        self.claim_if(line.into(), start, claims, false)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "chunks are far smaller than 4 GiB"
    )]
    fn claim_if(
        &mut self,
        line: Line<'_>,
        start: usize,
        claims: &mut Claims,
        no_document: bool,
    ) -> Result<Kind, Malformed> {
        let record = self.reader.read(line, &mut self.found)?;
        if no_document && record.has_any(&self.documents) {
            return Ok(Kind::Document);
        }
        if record.schema() == Some("tree") {
            return Ok(Kind::Tree);
        }
        let mut keys = self.keys.of(&record, &mut self.known);
        let Some(first) = keys.next() else {
            return Ok(Kind::Loose);
        };
        for other in keys.filter(|other| other.also || other.family != first.family) {
            claims.joins.push(Join {
                record: claims.records.len() as u32,
                family: other.family,
                hash: self.hasher.hash_one((other.family, other.id.bytes())),
                id: other.id.bytes().into(),
            });
        }
        let joined = claims
            .joins
            .last()
            .is_some_and(|join| join.record as usize == claims.records.len());
        let before = claims.notes.len();
        let plain = first.shown.is_none() && !first.linked && !joined;
        let mut closes = false;
        // It is large, and stays where it is.
        let placement = self.places.place(first.scheme, &record);
        if let Some(placement) = &placement {
            match self.watch {
                Watch::Roots => closes = self::closes(placement),
                Watch::Places if plain => {
                    let time = placement.time.or_else(|| record.time());
                    let located = located(&self.located, &record, placement);
                    let notes = &mut claims.notes;
                    let told = (time, record.level());
                    note::write(placement, told, located, first.scheme, line.bytes(), notes);
                }
                Watch::Places => {}
            }
        }
        let id = first.id.bytes();
        let hash = self.hasher.hash_one((first.family, id));
        let claim = Claim {
            group: 0,
            next: 0,
            start: start as u32,
            end: (start + line.bytes().len()) as u32,
            note: before as u32,
            note_length: (claims.notes.len() - before) as u16,
            closes,
        };
        claims.add(hash, first.family, id, claim);
        Ok(Kind::Claimed)
    }
}

/// Where a record was written, as far as that is worth a note: its scope mostly knows it from
/// another. `fields` are those that tell of a process, and of a host.
fn located<'a>(
    fields: &[Mask; 2],
    record: &Record<'a, '_>,
    placement: &Placement<'_>,
) -> Located<'a> {
    // Where nobody begins a scope, each of its records may be another process's.
    let follows =
        matches!(placement.role, Role::Detail | Role::End(_)) && placement.starts == Starts::Always;
    if follows {
        Located::Unread([0, 1].map(|of| record.has_any(&fields[of])))
    } else {
        let fields = [Canonical::Service, Canonical::Host, Canonical::Process];
        Located::Read(fields.map(|field| record.value(field)))
    }
}

/// True if a record in that place ends the root of its tree.
fn closes(placement: &Placement<'_>) -> bool {
    let is_root = placement.scope == Scope::ROOT || placement.parent == Parent::None;
    is_root
        && matches!(
            placement.role,
            Role::Lone | Role::End(Status::Succeeded | Status::Failed) | Role::Whole(_)
        )
}
