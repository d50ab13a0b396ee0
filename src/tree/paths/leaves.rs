//! The records that a walk goes over: each with the note on it, and in which order.

use super::super::{
    arrival::Arrivals,
    note::Noted,
    rank::{Rank, rank},
    scheme::Starts,
};
use crate::record::trim;

/// A name begins with this byte; in the bytes of a number it is rare.
const NAME: u8 = 0xFF;

/// A record with its note.
#[derive(Clone, Copy)]
pub(super) struct Leaf<'n, 'a> {
    pub(super) noted: Noted<'n>,
    pub(super) line: &'a [u8],
}

impl Leaf<'_, '_> {
    /// What decides the order of most records: scope, position and time.
    fn order(&self) -> impl Ord + use<'_> {
        let Noted {
            path,
            position,
            time,
            ..
        } = self.noted;
        (path, position, time)
    }
}

/// Reads the notes; returns whether any scope has a start of the kind that all have or none.
pub(super) fn read<'n, 'a>(
    lines: &[&'a [u8]],
    notes: &[&'n [u8]],
    leaves: &mut Vec<Leaf<'n, 'a>>,
) -> Option<bool> {
    let mut exported = false;
    for (&line, &bytes) in lines.iter().zip(notes) {
        let leaf = Leaf {
            noted: Noted::read(bytes)?,
            line,
        };
        let Noted { scheme, path, .. } = leaf.noted;
        let first = leaves.first().map_or(scheme, |first| first.noted.scheme);
        if scheme != first || path.contains(&NAME) {
            return None;
        }
        let facts = leaf.noted.facts();
        exported |= facts.starts == Starts::IfAny && facts.role.begins();
        leaves.push(leaf);
    }
    Some(exported)
}

/// Sorts the numbers of records by their places.
pub(super) fn sort(leaves: &[Leaf<'_, '_>], arrivals: &mut Arrivals, order: &mut Vec<(Rank, u32)>) {
    order.clear();
    let ranks = leaves
        .iter()
        .map(|leaf| rank(leaf.noted.path, leaf.noted.position));
    order.extend(ranks.zip(0..));
    // Numbers first, because they are compared without a branch; equal ones are rare.
    order.sort_unstable();
    for same in order.chunk_by_mut(|(rank, _), (other, _)| rank == other) {
        if same.len() > 1 {
            let leaf = |at: u32| &leaves[at as usize];
            same.sort_unstable_by(|&(_, a), &(_, b)| leaf(a).order().cmp(&leaf(b).order()));
            let is_tied = |&(_, a): &_, &(_, b): &_| leaf(a).order() == leaf(b).order();
            for tied in same.chunk_by_mut(is_tied) {
                arrivals.sort(tied, |&(_, at)| trim(leaf(at).line));
            }
        }
    }
}
