//! Trees of which all scopes are paths of numbers, put together from the notes on their records.
//!
//! Sorted by their paths, records stand as a walk through the tree meets their scopes: each
//! scope's own, then those of its first child. So one pass with the open scopes on a stack makes
//! the nodes in their order, and none has to be linked. What a scope's records say of it, and
//! what its children add, is [`Goal`]'s, as for all trees.

use std::borrow::Cow;

use super::{
    goal::{Below, Complete, Goal, Stands},
    graph::reuse,
    model::{Flag, Node},
    note::{Noted, Texts},
    scheme::{Part, Role, Starts, Trail},
    skew::Clocks,
};
use crate::record::{Instant, trim};

/// A name begins with this byte; in the bytes of a number it is rare.
const NAME: u8 = 0xFF;

/// What a walk over the records of a tree gives.
pub(super) struct Walked<'a> {
    pub(super) scheme: u8,
    pub(super) complete: Complete,
    pub(super) start: Option<Instant>,
    pub(super) end: Option<Instant>,
    pub(super) records: Vec<&'a [u8]>,
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) clocks: Clocks<'a>,
}

/// Memory that is used again.
#[derive(Default)]
pub(super) struct Memory {
    leaves: Vec<Leaf<'static, 'static>>,
    order: Vec<(Rank, u32)>,
    goals: Vec<Goal<'static>>,
    kept: Vec<Kept>,
    open: Vec<Level>,
    spare: Vec<Below>,
}

/// A record with its note.
#[derive(Clone, Copy)]
struct Leaf<'n, 'a> {
    noted: Noted<'n>,
    line: &'a [u8],
}

impl Leaf<'_, '_> {
    /// What decides the order of records: scope, position, time, and then the text.
    fn order(&self) -> impl Ord + use<'_> {
        let Noted {
            path,
            position,
            time,
            ..
        } = self.noted;
        (path, position, time, trim(self.line))
    }
}

/// The beginning of what decides the order: the path as far as it fits, its length, and the
/// position if all of it fits. Equal ranks say nothing unless they are of short paths.
type Rank = (u64, u64);

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
        sort(&leaves, &mut memory.order);
        Walk::new(&leaves, exported, memory).run(memory)
    });
    memory.leaves = reuse(leaves);
    walked
}

/// Reads the notes; returns whether any scope has a start of the kind that all have or none.
fn read<'n, 'a>(
    lines: &[&'a [u8]],
    notes: &[&'n [u8]],
    leaves: &mut Vec<Leaf<'n, 'a>>,
) -> Option<bool> {
    let mut exported = false;
    for (&line, &bytes) in lines.iter().zip(notes) {
        let noted = Noted::read(bytes)?;
        let first = leaves
            .first()
            .map_or(noted.scheme, |leaf| leaf.noted.scheme);
        if noted.scheme != first || noted.path.contains(&NAME) {
            return None;
        }
        let facts = noted.facts();
        exported |= facts.starts == Starts::IfAny
            && matches!(facts.role, Role::Start { .. } | Role::Whole(_) | Role::Lone);
        leaves.push(Leaf { noted, line });
    }
    Some(exported)
}

/// Sorts the numbers of records by their places.
fn sort(leaves: &[Leaf<'_, '_>], order: &mut Vec<(Rank, u32)>) {
    order.clear();
    order.extend(leaves.iter().map(rank).zip(0..));
    order.sort_unstable_by(|(rank, a), (other, b)| {
        let exactly = || {
            let [a, b] = [a, b].map(|&at| &leaves[at as usize]);
            a.order().cmp(&b.order())
        };
        rank.cmp(other).then_with(exactly)
    });
}

fn rank(leaf: &Leaf<'_, '_>) -> Rank {
    const ROOM: usize = size_of::<u64>() - 1;
    let path = leaf.noted.path;
    let mut steps = [0; ROOM + 1];
    for (to, from) in steps[..ROOM].iter_mut().zip(path) {
        *to = *from;
    }
    if path.len() > ROOM {
        steps[ROOM] = u8::MAX;
        return (u64::from_be_bytes(steps), 0);
    }
    // Of two that differ by zeros at the end the shorter one comes first.
    steps[ROOM] = path.len().to_le_bytes()[0];
    (u64::from_be_bytes(steps), leaf.noted.position)
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
            records: Vec::with_capacity(leaves.len()),
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
        let nodes = self
            .goals
            .iter_mut()
            .map(|goal| std::mem::take(&mut goal.node));
        let nodes = nodes.collect();
        let is_clear = self.goals.iter().all(|goal| !goal.lacks);
        memory.goals = reuse(self.goals);
        is_clear.then_some(Walked {
            scheme: leaves.first()?.noted.scheme,
            complete,
            start: self.start,
            end: self.end,
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
        let level = memory.open.last_mut()?;
        let goal = &mut self.goals[level.goal];
        let position = noted.position;
        let taken = |(other, same)| other == position && (noted.counted() || same == text);
        if before.is_some_and(taken) {
            goal.flag(Flag::Duplicate);
        }
        goal.add(noted.facts());
        goal.hide(noted.hidden());
        if noted.has_texts() {
            let Texts {
                name,
                process,
                exception,
            } = noted.texts(line)?;
            goal.node.name = goal.node.name.take().or(name);
            goal.node.exception = goal.node.exception.take().or(exception);
            goal.locate(|| process);
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
            let id = [above, "/", itoa::Buffer::new().format(number)].concat();
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
            self.clocks.learn(here, there, above.bounds(goal, own));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use foldhash::fast::RandomState;
    use proptest::{collection::vec, option, prelude::*};

    use super::super::{
        Assembler, Catalog, Claimer, Claims, Kind, Material, Schemes, Watch, write,
    };

    /// A record of Eliot: level, status, host, name, time and failure.
    fn record() -> impl Strategy<Value = String> {
        let number = prop_oneof![9 => 1..4_u64, 1 => Just(255), 1 => Just(70_000)];
        let status = prop_oneof![
            3 => Just(""),
            2 => Just("started"),
            2 => Just("succeeded"),
            1 => Just("failed"),
        ];
        let host = option::weighted(0.8, prop_oneof!["a", "b"]);
        let time = option::weighted(0.9, 0..20_u32);
        (vec(number, 1..5), status, host, time, 0..3_u8).prop_map(
            |(level, status, host, time, more)| {
                let level: Vec<_> = level.iter().map(u64::to_string).collect();
                let mut line = format!(r#"{{"task_uuid":"t","task_level":[{}]"#, level.join(","));
                if !status.is_empty() {
                    let _ = write!(
                        line,
                        r#","action_status":"{status}","action_type":"n:{more}""#
                    );
                }
                if status == "failed" {
                    let _ = write!(line, r#","exception":"E","reason":"{}""#, "x".repeat(9));
                }
                if let Some(host) = host {
                    let _ = write!(line, r#","host":"{host}","pid":{more}"#);
                }
                if let Some(time) = time {
                    let _ = write!(line, r#","timestamp":{time}.5"#);
                }
                line + "}"
            },
        )
    }

    proptest! {
        #[test]
        fn a_walk_over_notes_gives_the_tree_of_the_records(records in vec(record(), 1..40)) {
            let schemes = Schemes::default();
            let mut claimer = Claimer::new(&schemes, RandomState::default(), Watch::Places);
            let mut claims = Claims::default();
            let mut text = String::new();
            for record in &records {
                let claimed = claimer.claim(record, text.len(), &mut claims);
                prop_assert_eq!(claimed, Ok(Kind::Claimed));
                text += record;
            }
            let mut catalog = Catalog::default();
            catalog.absorb(0, &claims);
            let trees = catalog.into_trees();
            let [(_, tree)] = &trees[..] else {
                return Err(TestCaseError::fail("one tree"));
            };
            let (mut lines, mut notes) = (Vec::new(), Vec::new());
            for (address, length, note) in &tree.spots {
                let start = usize::try_from(address).unwrap_or(usize::MAX);
                lines.push(&text.as_bytes()[start..start + length]);
                notes.push(note);
            }
            let name = tree.name.as_ref();
            let mut assembler = Assembler::new(&schemes);
            let mut written = [Vec::new(), Vec::new(), Vec::new()];
            for out in &mut written[..2] {
                let material = Material { name, lines: &lines, notes: &notes };
                write(&assembler.assemble_from(material), out);
            }
            write(&assembler.assemble(&lines), &mut written[2]);
            let texts = written.each_ref().map(|out| String::from_utf8_lossy(out));
            prop_assert_eq!(&texts[0], &texts[2]);
            prop_assert_eq!(&texts[1], &texts[2]);
        }
    }
}
