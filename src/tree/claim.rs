//! Claiming: which tree does a record belong to? The part of collecting that many workers
//! do at once.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use super::{
    Status,
    scheme::{self, Place, Prepared, Role},
};
use crate::record::{Canonical, Found, Line, Malformed, Reader};

/// The claims on the records of one chunk; reused from chunk to chunk.
#[derive(Debug, Default)]
pub struct Claims {
    pub(super) ids: String,
    pub(super) records: Vec<Claim>,
}

/// A record's place in its chunk and the tree that it belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) hash: u64,
    /// Where the id ends in `Claims::ids`; it begins where the one before ends.
    pub(super) id_end: u32,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) scheme: u8,
    /// True if the record ends the root, so that the tree may be complete.
    pub(super) closes: bool,
}

impl Claims {
    /// Starts over, keeping the memory.
    pub fn clear(&mut self) {
        self.ids.clear();
        self.records.clear();
    }

    /// How many records are claimed.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// True if no record is claimed.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
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
}

/// Finds the tree of each record; one per worker.
pub struct Claimer {
    reader: Reader,
    /// To find the records that end roots, if those are watched.
    places: Option<Prepared>,
    found: Found,
    hasher: RandomState,
}

impl Claimer {
    /// A claimer whose hashes agree with those of every claimer made with an equal `hasher`.
    ///
    /// With `watch_roots` it also looks for records that end a root; that costs time and
    /// serves only who wants trees before the end of the input.
    pub fn new(hasher: RandomState, watch_roots: bool) -> Self {
        let mut reader = Reader::default();
        reader.canonical(Canonical::Tree);
        let places = watch_roots.then(|| Prepared::new(&mut reader));
        Self {
            reader,
            places,
            found: Found::default(),
            hasher,
        }
    }

    /// Claims the record on `line`, which stands at `start` of its chunk.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "chunks are far smaller than 4 GiB"
    )]
    pub fn claim<'a>(
        &mut self,
        line: impl Into<Line<'a>>,
        start: usize,
        claims: &mut Claims,
    ) -> Result<Kind, Malformed> {
        let line = line.into();
        let record = self.reader.read(line, &mut self.found)?;
        if record.schema() == Some("tree") {
            return Ok(Kind::Tree);
        }
        let Some((scheme, id)) = scheme::tree(&record) else {
            return Ok(Kind::Loose);
        };
        claims.ids.push_str(&id);
        claims.records.push(Claim {
            hash: self.hasher.hash_one(&*id),
            id_end: claims.ids.len() as u32,
            start: start as u32,
            end: (start + line.bytes().len()) as u32,
            scheme,
            closes: self
                .places
                .as_ref()
                .is_some_and(|places| closes(places.scheme(scheme).1, &record)),
        });
        Ok(Kind::Claimed)
    }
}

fn closes(place: &dyn Place, record: &crate::record::Record<'_, '_>) -> bool {
    place.place(record).is_some_and(|placement| {
        placement.path.is_empty()
            && matches!(
                placement.role,
                Role::Lone | Role::End(Status::Succeeded | Status::Failed)
            )
    })
}
