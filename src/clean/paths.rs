//! Paths to values, followed while a line is walked through.
//!
//! Arrays need not be named: `.items.card` is the card of each of the items. Where a key
//! itself has dots in it, `"http.status"`, it stands for as many steps.

use std::sync::Arc;

use crate::record::{Path, Step};

/// Paths are followed through no more containers than this; their steps are fewer.
const DEEPEST: usize = 128;

/// The paths, and where in them the walk is.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths {
    /// The steps of each way to write each path.
    ways: Arc<[Vec<Step>]>,
    /// For each open container, from the outermost, until no way leads on.
    frames: Vec<Frame>,
    /// The ways that lead into the value that comes next.
    next: Vec<Reached>,
    depth: usize,
}

/// The ways that lead into a container.
#[derive(Clone, Debug, Default)]
struct Frame {
    ways: Vec<Reached>,
    /// The number of the next element, if it is an array.
    index: usize,
}

/// A way, and how many of its steps are done.
type Reached = (usize, usize);

impl Paths {
    pub(super) fn new(paths: &[Path]) -> Self {
        let ways = paths.iter().flat_map(Path::readings);
        Self {
            ways: ways.map(|way| way.steps).collect(),
            ..Self::default()
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ways.is_empty()
    }

    /// Stands before the one object of a line.
    pub(super) fn restart(&mut self) {
        self.frames.clear();
        self.depth = 0;
        self.next.clear();
        self.next.extend((0..self.ways.len()).map(|way| (way, 0)));
    }

    /// A container opens, which is the value that came next.
    pub(super) fn open(&mut self) {
        if self.depth == self.frames.len() && self.depth < DEEPEST && !self.next.is_empty() {
            let ways = std::mem::take(&mut self.next);
            self.frames.push(Frame { ways, index: 0 });
        }
        self.depth += 1;
    }

    /// The innermost container closes.
    pub(super) fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.frames.truncate(self.depth);
    }

    /// A key comes; true if its value is at the end of a path.
    pub(super) fn key(&mut self, key: &[u8]) -> bool {
        self.advance(|step| matches!(step, Step::Key(wanted) if wanted.as_bytes() == key))
    }

    /// True if a path would end at the value of this key in the innermost container.
    pub(super) fn lead_to(&self, key: &[u8]) -> bool {
        let Some(frame) = self.frames.last() else {
            return false;
        };
        let ends = |&(way, done): &Reached| {
            let rest = self.ways[way].get(done..).unwrap_or_default();
            matches!(rest, [Step::Key(wanted)] if wanted.as_bytes() == key)
        };
        self.frames.len() == self.depth && frame.ways.iter().any(ends)
    }

    /// An element of an array comes; true if it is at the end of a path.
    pub(super) fn element(&mut self) -> bool {
        let Some(frame) = self.innermost() else {
            self.next.clear();
            return false;
        };
        let index = frame.index;
        frame.index += 1;
        let hit = self.advance(|step| *step == Step::Index(index));
        // An array need not be named, so every way leads through it too.
        if let Some(frame) = self.frames.last() {
            self.next.extend(&frame.ways);
        }
        hit
    }

    /// Goes one step on, where that is the step; true if it was the last one of a way.
    fn advance(&mut self, is_step: impl Fn(&Step) -> bool) -> bool {
        self.next.clear();
        if self.frames.len() != self.depth {
            return false;
        }
        let Some(frame) = self.frames.last() else {
            return false;
        };
        for &(way, done) in &frame.ways {
            let steps = &self.ways[way];
            if steps.get(done).is_some_and(&is_step) {
                if done + 1 == steps.len() {
                    return true;
                }
                self.next.push((way, done + 1));
            }
        }
        false
    }

    fn innermost(&mut self) -> Option<&mut Frame> {
        if self.frames.len() == self.depth {
            self.frames.last_mut()
        } else {
            None
        }
    }
}
