//! Trees of which all scopes are paths of numbers, put together from the notes on their records.
//!
//! Sorted by their paths, records stand as a walk through the tree meets their scopes: each
//! scope's own, then those of its first child. So one pass with the open scopes on a stack makes
//! the nodes in their order, and none has to be linked. What a scope's records say of it, and
//! what its children add, is [`Goal`]'s, as for all trees.

mod leaves;

use std::borrow::Cow;

use self::leaves::{Leaf, read, sort};
use super::{
    arrival::Arrivals,
    cut::Cut,
    facts::Stands,
    goal::{Below, Complete, Goal},
    graph::reuse,
    model::{Flag, Node, Tree},
    note::Texts,
    rank::Rank,
    scheme::{Part, Trail},
    skew::Clocks,
};
use crate::record::{self, Instant, text_of, trim};

/// What a walk over the records of a tree gives.
pub(super) struct Walked<'a> {
    pub(super) scheme: u8,
    pub(super) complete: Complete,
    pub(super) start: Option<Instant>,
    pub(super) end: Option<Instant>,
    /// The worst of its records.
    pub(super) level: Option<record::Level>,
    pub(super) records: Vec<&'a [u8]>,
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) clocks: Clocks<'a>,
}

/// Memory that is used again.
#[derive(Default)]
pub(super) struct Memory {
    leaves: Vec<Leaf<'static, 'static>>,
    order: Vec<(Rank, u32)>,
    arrivals: Arrivals,
    goals: Vec<Goal<'static>>,
    kept: Vec<Kept>,
    open: Vec<Level>,
    spare: Vec<Below>,
    /// What is left of trees that have been written.
    nodes: Vec<Node<'static>>,
    lines: Vec<&'static [u8]>,
    ids: Vec<String>,
    cut: Cut,
}

impl Memory {
    /// Takes back the memory of a tree that nobody needs any more.
    pub(super) fn recycle(&mut self, tree: Tree<'_>) {
        let Tree {
            mut nodes, records, ..
        } = tree;
        for node in &mut nodes {
            for text in [Some(&mut node.id), node.process.as_mut()] {
                if let Some(Cow::Owned(text)) = text
                    && self.ids.len() < SPARE
                {
                    self.ids.push(std::mem::take(text));
                }
            }
        }
        self.nodes = reuse(nodes);
        self.lines = reuse(records);
    }
}

/// How many texts are kept for the next tree.
const SPARE: usize = 1_024;

/// A record whose scope knows it.
#[derive(Clone, Copy)]
struct Kept {
    position: u64,
    time: Option<Instant>,
}

impl Stands for Kept {
    fn position(&self) -> u64 {
        self.position
    }

    fn time(&self) -> Option<Instant> {
        self.time
    }
}

/// A scope on the way to where the walk is.
struct Level {
    goal: usize,
    /// How many bytes of the path lead there.
    end: usize,
    /// Where its records begin and end.
    records: (usize, usize),
    below: Below,
}

/// Puts the tree of these records together; `None` if a record has no note, or one that does not
/// tell enough.
pub(super) fn walk<'a>(
    lines: &[&'a [u8]],
    notes: &[&[u8]],
    memory: &mut Memory,
) -> Option<Walked<'a>> {
    let mut leaves: Vec<Leaf<'_, 'a>> = reuse(std::mem::take(&mut memory.leaves));
    let read = read(lines, notes, &mut leaves);
    let walked = read.and_then(|exported| {
        sort(&leaves, &mut memory.arrivals, &mut memory.order);
        Walk::new(&leaves, exported, memory).run(memory)
    });
    memory.leaves = reuse(leaves);
    walked
}

/// The walk through a tree.
struct Walk<'w, 'n, 'a> {
    leaves: &'w [Leaf<'n, 'a>],
    exported: bool,
    goals: Vec<Goal<'a>>,
    records: Vec<&'a [u8]>,
    clocks: Clocks<'a>,
    start: Option<Instant>,
    end: Option<Instant>,
}

impl<'w, 'n, 'a> Walk<'w, 'n, 'a> {
    fn new(leaves: &'w [Leaf<'n, 'a>], exported: bool, memory: &mut Memory) -> Self {
        memory.kept.clear();
        memory.open.clear();
        Self {
            leaves,
            exported,
            goals: reuse(std::mem::take(&mut memory.goals)),
            records: reuse(std::mem::take(&mut memory.lines)),
            clocks: Clocks::default(),
            start: None,
            end: None,
        }
    }

    fn run(mut self, memory: &mut Memory) -> Option<Walked<'a>> {
        let leaves = self.leaves;
        let order = std::mem::take(&mut memory.order);
        let mut path: &[u8] = &[];
        let mut before = None;
        for &(_, at) in &order {
            let leaf = &leaves[at as usize];
            let noted = &leaf.noted;
            if memory.open.is_empty() || noted.path != path {
                self.open(noted.path, path, memory);
                path = noted.path;
                before = None;
            }
            before = Some(self.take(leaf, before, memory)?);
        }
        memory.order = order;
        while let Some(level) = memory.open.pop() {
            self.close(level, memory);
        }
        let complete = self.goals.first()?.complete;
        let mut nodes: Vec<Node<'a>> = reuse(std::mem::take(&mut memory.nodes));
        let finished = self.goals.iter_mut();
        nodes.extend(finished.map(|goal| std::mem::take(&mut goal.node)));
        let is_clear = self.goals.iter().all(|goal| !goal.lacks);
        memory.goals = reuse(self.goals);
        is_clear.then_some(Walked {
            scheme: leaves.first()?.noted.scheme,
            complete,
            start: self.start,
            end: self.end,
            level: leaves.iter().filter_map(|leaf| leaf.noted.level).max(),
            records: self.records,
            nodes,
            clocks: self.clocks,
        })
    }
}

impl<'a> Walk<'_, '_, 'a> {
    /// Takes in a record of the scope that was opened last; `before` is the position of the one
    /// that came before it there.
    fn take(
        &mut self,
        leaf: &Leaf<'_, 'a>,
        before: Option<(u64, &'a [u8])>,
        memory: &mut Memory,
    ) -> Option<(u64, &'a [u8])> {
        let Leaf { noted, line } = leaf;
        let text = trim(line);
        let (level, open) = memory.open.split_last_mut()?;
        let (before_it, goal) = self.goals.split_at_mut(level.goal);
        let goal = goal.first_mut()?;
        let position = noted.position;
        let taken = |(other, same)| other == position && (noted.counted() || same == text);
        if before.is_some_and(taken) {
            goal.flag(Flag::Duplicate);
        }
        goal.add(noted.facts());
        goal.hide(noted.hidden());
        let tells = noted.has_texts()
            && (noted.is_explained()
                || goal.node.name.is_none()
                || goal.node.process.is_none()
                || goal.node.host.is_none()
                || goal.has_writers());
        if tells {
            let Texts {
                name,
                origin,
                exception,
            } = noted.texts(line)?;
            if goal.node.name.is_none() {
                goal.node.name = name.map(|name| text_of(Cow::Borrowed(name)));
            }
            goal.node.exception = goal.node.exception.take().or(exception);
            // Mostly it ran where the scope above did.
            let above = open.last().map(|level| &before_it[level.goal].node);
            match above.and_then(|above| Some((above.process.as_ref()?, &above.host))) {
                Some((name, host))
                    if !goal.has_writers()
                        && goal.node.process.is_none()
                        && goal.node.host.is_none()
                        && origin.is(name, host.as_deref()) =>
                {
                    goal.node.host.clone_from(host);
                    let mut text = memory.ids.pop().unwrap_or_default();
                    text.clear();
                    text.push_str(name);
                    goal.node.process = Some(Cow::Owned(text));
                }
                _ => {
                    let process = origin.process().ok()?;
                    goal.locate(|| process);
                }
            }
        }
        if let Some(time) = noted.time {
            self.start = Some(self.start.map_or(time, |start| start.min(time)));
            self.end = self.end.max(Some(time));
        }
        self.records.push(text);
        memory.kept.push(Kept {
            position,
            time: noted.time,
        });
        level.records.1 = memory.kept.len();
        Some((position, text))
    }

    /// Opens the scope at `path`, and those on the way that are not open; what is not on the way
    /// from the one at `last` is closed.
    fn open(&mut self, path: &[u8], last: &[u8], memory: &mut Memory) {
        let same = last.iter().zip(path).take_while(|(a, b)| a == b).count();
        while let Some(level) = memory.open.pop_if(|level| level.end > same) {
            self.close(level, memory);
        }
        if memory.open.is_empty() {
            self.push(0, None, Cow::Borrowed("/"), memory);
        }
        let from = memory.open.last().map_or(0, |level| level.end);
        for (end, part) in Trail::steps_behind(path, from) {
            let Part::Number(number) = part else {
                continue;
            };
            let above = memory
                .open
                .last()
                .map(|level| &self.goals[level.goal].node.id);
            let above = above.map_or("", |id| id.trim_end_matches('/'));
            let mut id = memory.ids.pop().unwrap_or_default();
            id.clear();
            for part in [above, "/", itoa::Buffer::new().format(number)] {
                id.push_str(part);
            }
            self.push(end, Some(number), Cow::Owned(id), memory);
        }
    }

    fn push(&mut self, end: usize, number: Option<u64>, id: Cow<'a, str>, memory: &mut Memory) {
        let mut goal = Goal::default();
        goal.number = number;
        goal.node.id = id;
        goal.node.depth = memory.open.len();
        let at = memory.kept.len();
        memory.open.push(Level {
            goal: self.goals.len(),
            end,
            records: (at, at),
            below: memory.spare.pop().unwrap_or_default(),
        });
        self.goals.push(goal);
    }

    /// Finishes a scope of which all children are finished.
    fn close(&mut self, level: Level, memory: &mut Memory) {
        let Level {
            goal: number,
            records: (first, end),
            mut below,
            ..
        } = level;
        let size = self.goals.len() - number;
        let (above, here) = self.goals.split_at_mut(number);
        let Some(goal) = here.first_mut() else {
            return;
        };
        goal.finish(&memory.kept[first..end], self.exported, &mut below);
        goal.node.records = first..end;
        goal.node.size = size;
        below.clear();
        memory.spare.push(below);
        let Some(parent) = memory.open.last_mut() else {
            return;
        };
        let own = &memory.kept[parent.records.0..parent.records.1];
        let above = &mut above[parent.goal];
        above.adopt(goal, own, &mut parent.below);
        if let (Some(here), Some(there)) = (&above.node.host, &goal.node.host)
            && here != there
        {
            let times = memory.kept[first..end].iter().map(|kept| [kept.time, None]);
            let records = times.zip(self.records[first..end].iter().copied());
            let began = memory.cut.most(goal.began, records);
            // Nobody is known to have waited here.
            let bounds = above.bounds(goal, own).loosened(began, 0.0);
            self.clocks.learn(here, there, bounds);
        }
    }
}

#[cfg(test)]
mod tests;
