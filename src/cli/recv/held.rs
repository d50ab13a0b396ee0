//! How far followed files are behind us while a decoder holds lines back until more have come.

use crate::source::{Chunk, Mark, Positions};

/// The ends of the files that lines are held of: what has been read of them is not done with.
///
/// Lines that are joined may stand in two files, because a rotation heeds no record.
#[derive(Debug, Default)]
pub(super) struct Held(Vec<Mark>);

/// A place in a chunk: the bytes and the lines in front of it.
pub(super) type Place = (usize, u64);

impl Held {
    /// Tells what a chunk brings to an end: the decoder `is_holding` lines behind it, and held none
    /// last at `clear`, if it was in this chunk.
    pub(super) fn note(&mut self, chunk: &mut Chunk, is_holding: bool, clear: Option<Place>) {
        let Some(mark) = chunk.mark() else {
            return;
        };
        if !is_holding {
            if !self.0.is_empty() {
                let mut reached = std::mem::take(&mut self.0);
                reached.push(mark);
                chunk.set_reached(reached);
            }
            return;
        }
        let mut reached = Vec::new();
        if let Some((bytes, lines)) = clear {
            reached.append(&mut self.0);
            reached.extend(mark.within(bytes, lines));
        }
        chunk.set_reached(reached);
        self.0.retain(|held| held.file() != mark.file());
        self.0.push(mark);
    }

    /// True if another run finds the lines that are held, because `kept` says where they begin.
    pub(super) fn are_found_again(&self, kept: &Positions) -> bool {
        !self.0.is_empty() && !self.0.iter().any(|held| kept.is_deleted(held.file()))
    }

    /// What has been read, once what is held has been handed out.
    pub(super) fn take(&mut self) -> Vec<Mark> {
        std::mem::take(&mut self.0)
    }
}
