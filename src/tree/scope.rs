//! A scope while it is being put together: its records first, then its children, in order.

use super::{
    assemble::Placed,
    interval::uncovered,
    model::{Flag, Node, Status},
    scheme::{Part, Role},
};
use crate::record::Instant;

/// A node whose records and children are still coming in.
pub(super) struct Scope<'a> {
    node: Node<'a>,
    /// The number among the siblings, if it has one.
    number: Option<u64>,
    /// Position and time of each record.
    positions: Vec<(u64, Option<Instant>)>,
    shared_positions: bool,
    base: Option<u64>,
    started: Option<Started>,
    /// The position of the end record.
    ended: Option<u64>,
    /// Stands for records that belong to no scope.
    lone: bool,
    /// Children's numbers, in order.
    numbers: Vec<u64>,
    /// How complete all children are.
    children: Complete,
    last: Option<Instant>,
}

/// Whether all of a scope is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Complete {
    /// Something is missing.
    No,
    /// All that has begun has ended; the scheme does not tell what else there is.
    AsSeen,
    /// All that was announced is there.
    Certain,
}

#[derive(Clone, Copy)]
struct Started {
    ends: bool,
}

impl<'a> Scope<'a> {
    /// The root of a tree.
    pub(super) fn root() -> Self {
        Self::new("/".to_owned(), None)
    }

    fn new(id: String, number: Option<u64>) -> Self {
        Self {
            node: Node {
                id,
                ..Node::default()
            },
            number,
            positions: Vec::new(),
            shared_positions: false,
            base: None,
            started: None,
            ended: None,
            lone: false,
            numbers: Vec::new(),
            children: Complete::Certain,
            last: None,
        }
    }

    /// An empty scope below this one.
    pub(super) fn child(&self, part: &Part<'_>) -> Scope<'a> {
        let above = self.node.id.trim_end_matches('/');
        match part {
            Part::Number(number) => Self::new(format!("{above}/{number}"), Some(*number)),
            Part::Text(text) => Self::new(format!("{above}/{text}"), None),
        }
    }

    /// Adds a record; they come in order of position.
    pub(super) fn add(&mut self, record: Placed<'a>) {
        let Placed {
            line,
            time,
            process,
            placement,
        } = record;
        self.shared_positions |= placement.shared_positions;
        self.base = self.base.or(placement.base);
        self.last = self.last.max(time);
        match placement.role {
            Role::Start { ends } => {
                self.started = Some(Started { ends });
                self.node.start = self.node.start.or(time);
            }
            Role::End(status) => {
                self.node.status = self.node.status.max(status);
                self.node.end = self.node.end.max(time);
                self.node.duration = self.node.duration.or(placement.duration);
                self.ended = self.ended.max(Some(placement.position));
            }
            Role::Lone => self.lone = true,
            Role::Detail => {}
        }
        let node = &mut self.node;
        if node.name.is_none() {
            node.name = placement.name;
        }
        if node.exception.is_none() {
            node.exception = placement.exception;
        }
        if node.process.is_none() {
            node.process = process;
        }
        if self
            .positions
            .last()
            .is_some_and(|&(last, _)| last == placement.position)
        {
            flag(node, Flag::Duplicate);
        }
        node.records.push(line);
        self.positions.push((placement.position, time));
    }

    /// Takes in a finished child; by now all records of this scope are there.
    pub(super) fn adopt(&mut self, child: Scope<'a>) {
        let number = child.number;
        let (last, (mut node, complete)) = (child.last, child.finish());
        node.after = self.records_before(number, node.start);
        self.numbers.extend(number);
        self.children = self.children.min(complete);
        self.last = self.last.max(last);
        self.node.children.push(node);
    }

    /// How many records of this scope come before a child: by position where records and
    /// children share one order, else by time, but never before the start or after the end.
    fn records_before(&self, number: Option<u64>, start: Option<Instant>) -> usize {
        if let (true, Some(number)) = (self.shared_positions, number) {
            return self
                .positions
                .partition_point(|&(position, _)| position < number);
        }
        let Some(start) = start else {
            return self.positions.len();
        };
        let before = self
            .positions
            .iter()
            .rposition(|&(_, time)| time.is_some_and(|time| time <= start));
        let first = usize::from(self.started.is_some());
        let last = self.ended.map_or(self.positions.len(), |end| {
            self.positions.partition_point(|&(p, _)| p < end)
        });
        before.map_or(0, |at| at + 1).clamp(first.min(last), last)
    }

    /// The finished node, and whether all that was announced is there.
    pub(super) fn finish(mut self) -> (Node<'a>, Complete) {
        let complete = self.complete().min(self.children);
        self.judge();
        self.measure();
        self.node.flags.sort_unstable();
        (self.node, complete)
    }

    /// How complete the scope is, its children aside.
    fn complete(&self) -> Complete {
        if self.lone {
            return Complete::Certain;
        }
        match (self.started, self.ended, self.base) {
            (Some(_), Some(_), None) => Complete::AsSeen,
            (Some(_), Some(end), Some(base))
                if self.positions_up_to(end) == end.saturating_sub(base).saturating_add(1) =>
            {
                Complete::Certain
            }
            _ => Complete::No,
        }
    }

    /// How many different positions up to `end` are taken.
    fn positions_up_to(&self, end: u64) -> u64 {
        let children = if self.shared_positions {
            &self.numbers[..]
        } else {
            &[]
        };
        let mut taken: Vec<u64> = self
            .positions
            .iter()
            .map(|&(p, _)| p)
            .chain(children.iter().copied())
            .filter(|&p| p <= end)
            .collect();
        taken.sort_unstable();
        taken.dedup();
        taken.len() as u64
    }

    /// Says how the scope ended and what is odd about it.
    fn judge(&mut self) {
        let node = &mut self.node;
        if self.ended.is_none() && self.started.is_some_and(|start| start.ends) {
            node.status = Status::Running;
        }
        if node.records.is_empty() {
            flag(node, Flag::Inferred);
        } else if self.started.is_none() && !self.lone {
            flag(node, Flag::StartMissing);
        }
        let beyond = |end: u64| self.positions.last().is_some_and(|&(last, _)| last > end);
        if self.ended.is_some_and(beyond) {
            flag(node, Flag::Late);
        }
    }

    /// Says how long it took, as far as that is known.
    fn measure(&mut self) {
        let node = &mut self.node;
        let first = self.positions.iter().filter_map(|&(_, time)| time).min();
        let below = node.children.iter().filter_map(|child| child.start).min();
        node.start = node.start.or(first).or(below);
        // A scope whose scheme has no ends lasts to its last record; a running one is open.
        let last = match node.status {
            Status::Running => None,
            _ => node.end.or(self.last),
        };
        let (Some(start), Some(end)) = (node.start, last) else {
            return;
        };
        let span = end.seconds_since(start);
        let duration = *node.duration.get_or_insert(span);
        let mut children: Vec<_> = node
            .children
            .iter()
            .filter_map(|c| Some((c.start?, c.start?.after(c.duration?))))
            .collect();
        let covered = span - uncovered(start, end, &mut children);
        node.own = Some((duration - covered).max(0.0));
    }
}

fn flag(node: &mut Node<'_>, flag: Flag) {
    if !node.flags.contains(&flag) {
        node.flags.push(flag);
    }
}
