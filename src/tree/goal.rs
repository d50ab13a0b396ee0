//! One scope while its tree is put together: what its records say of it, then what its
//! sub-scopes add.

use std::borrow::Cow;

use super::{
    facts::{Facts, Stands},
    interval::uncovered,
    model::{Flag, Node, Status},
    placed::Placed,
    scheme::{Placement, Role, Side, Starts},
    skew::Bounds,
    writers::Writers,
};
use crate::record::{Instant, Process, text_of};

/// A node whose records are known and whose children are still coming in.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that records tell"
)]
pub(super) struct Goal<'a> {
    /// What is known by now.
    pub(super) node: Node<'a>,
    /// The number among the siblings, if it has one.
    pub(super) number: Option<u64>,
    /// Whether a start is missing if there is none.
    starts: Starts,
    shared_positions: bool,
    base: Option<u64>,
    started: Option<Started>,
    /// The position of the end record.
    ended: Option<u64>,
    /// Stands for records that belong to no scope.
    lone: bool,
    /// What tells first where it ran has not been read.
    pub(super) lacks: bool,
    /// Who wrote its records, if that may be several.
    writers: Writers<'a>,
    /// Which end of a call it is.
    side: Option<Side>,
    /// True if it is the callee's half of a scope of two.
    half: bool,
    /// The time of its start record, or of its first.
    pub(super) began: Option<Instant>,
    /// When the first of all scopes below began.
    below: Option<Instant>,
    /// How complete all children are, and then the whole.
    pub(super) complete: Complete,
    /// The time of the latest record, also of those below.
    last: Option<Instant>,
}

/// What children add to a scope, while it is finished; used again for the next one.
#[derive(Default)]
pub(super) struct Below {
    /// Children's numbers, in order.
    numbers: Vec<u64>,
    /// When the children were at work.
    busy: Vec<(Instant, Instant)>,
}

impl Below {
    /// Begins the next scope.
    pub(super) fn clear(&mut self) {
        self.numbers.clear();
        self.busy.clear();
    }
}

/// Whether all of a scope is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Complete {
    /// Something is missing.
    No,
    /// All that has begun has ended; the scheme does not tell what else there is.
    AsSeen,
    /// All that was announced is there.
    #[default]
    Certain,
}

#[derive(Clone, Copy)]
struct Started {
    ends: bool,
}

impl<'a> Goal<'a> {
    /// A scope that is known by its records, which come in order of position.
    pub(super) fn new(records: &mut [Placed<'a>]) -> Self {
        let mut goal = Self::default();
        let mut before: Option<(u64, &[u8])> = None;
        for record in records {
            let Placement {
                position, counted, ..
            } = record.placement;
            let taken = |(other, line)| other == position && (counted || line == record.line);
            if before.is_some_and(taken) {
                goal.flag(Flag::Duplicate);
            }
            before = Some((position, record.line));
            goal.add(Facts::of(record));
            let Placement {
                name, exception, ..
            } = &mut record.placement;
            let node = &mut goal.node;
            if node.name.is_none() {
                node.name = name.take().map(text_of);
            }
            if node.exception.is_none() {
                node.exception = exception.take();
            }
            goal.hide(record.hidden);
            goal.locate(|| std::mem::take(&mut record.process));
        }
        goal
    }

    /// Takes in a record; they come in order of position.
    #[expect(
        clippy::inline_always,
        reason = "what is told of a record stays in registers, and there is one for each"
    )]
    #[inline(always)]
    pub(super) fn add(&mut self, facts: Facts) {
        let time = facts.time;
        self.shared_positions |= facts.shared_positions;
        self.base = self.base.or(facts.base);
        self.starts = self.starts.max(facts.starts);
        self.side = self.side.or(facts.side);
        self.half |= facts.half;
        self.last = self.last.max(time).max(facts.end);
        match facts.role {
            Role::Start { ends } => {
                self.started = Some(Started { ends });
                self.node.start = self.node.start.or(time);
            }
            Role::End(status) => {
                self.node.status = self.node.status.max(status);
                self.node.end = self.node.end.max(time);
                self.node.duration = self.node.duration.or(facts.duration);
                self.ended = self.ended.max(Some(facts.position));
            }
            Role::Whole(status) => {
                if self.started.replace(Started { ends: true }).is_some() {
                    self.flag(Flag::Duplicate);
                }
                self.node.start = self.node.start.or(time);
                self.node.status = self.node.status.max(status);
                self.node.end = self.node.end.max(facts.end);
                self.node.duration = self.node.duration.or(facts.duration);
                self.ended = Some(u64::MAX);
            }
            Role::Lone => self.lone = true,
            Role::Detail => {}
        }
    }

    /// Says where it ran, unless that is known: the first record that tells it is believed.
    #[inline]
    pub(super) fn locate(&mut self, process: impl FnOnce() -> Process<'a>) {
        let has_writers = self.has_writers();
        let node = &mut self.node;
        if !has_writers && node.host.is_some() && node.process.is_some() {
            return;
        }
        let process = process();
        let mut is_same = true;
        if has_writers {
            let (first, host) = (node.process.as_ref(), node.host.as_ref());
            self.writers.add(&process, first, host);
            is_same = first.is_none_or(|first| process.is(first));
        }
        if node.host.is_none() && is_same {
            node.host.clone_from(&process.host);
        }
        if node.process.is_none() {
            node.process = process.name();
        }
    }

    /// True if each of its records may be another process's: nobody began it.
    pub(super) fn has_writers(&self) -> bool {
        self.started.is_none() && self.starts < Starts::Always
    }

    /// Notes that the record that comes next has names of process and host that are not read.
    #[inline]
    pub(super) fn hide(&mut self, [process, host]: [bool; 2]) {
        let Node {
            process: known,
            host: known_host,
            ..
        } = &self.node;
        self.lacks |= (known.is_none() && process) || (known_host.is_none() && host);
    }

    /// Takes in a finished child; children come in order, `records` are this scope's own.
    pub(super) fn adopt(&mut self, child: &mut Goal<'a>, records: &[impl Stands], all: &mut Below) {
        child.node.after = self.records_before(child, records);
        all.numbers.extend(child.number);
        self.complete = self.complete.min(child.complete);
        self.last = self.last.max(child.last);
        if let (Some(start), Some(took)) = (child.node.start, child.node.duration) {
            all.busy.push((start, start.after(took)));
        }
        // By the clocks one further down may have begun before the child.
        let began = [self.below, child.node.start, child.below];
        self.below = began.into_iter().flatten().min();
    }

    /// True if one of its records begins it.
    pub(super) fn has_start(&self) -> bool {
        self.started.is_some()
    }

    /// True if nothing would tell when it began.
    pub(super) fn is_only_named(&self) -> bool {
        self.started.is_none() && self.starts == Starts::Never
    }

    /// What a finished child on another host tells of the two clocks: by how much that of the
    /// child is ahead.
    ///
    /// It cannot have begun before what is known to come before it here: by position, where
    /// records and children share one order, else the start. And it has ended before this scope,
    /// but only if this scope is known to have waited for it, and did not give up.
    pub(super) fn bounds(&self, child: &Goal<'a>, records: &[impl Stands]) -> Bounds {
        if child.node.flags.contains(&Flag::Inferred) {
            return Bounds::default();
        }
        let before = match child.number.filter(|_| self.shared_positions) {
            Some(number) => {
                let before = records.partition_point(|record| record.position() < number);
                before.checked_sub(1).and_then(|last| records[last].time())
            }
            None => self.node.start.filter(|_| self.started.is_some()),
        };
        let waits = child.half && self.node.id == child.node.id
            || (self.side, child.side) == (Some(Side::Caller), Some(Side::Callee));
        let after = self
            .node
            .end
            .filter(|_| waits && self.node.status != Status::Failed);
        let between =
            |here: Option<Instant>, there: Option<Instant>| Some(there?.seconds_since(here?));
        Bounds {
            max: between(before, child.began),
            min: between(after, child.node.end),
        }
    }

    /// How many records of this scope come before a child: by position where records and
    /// children share one order, else by time, but never before the start or after the end.
    fn records_before(&self, child: &Goal<'a>, records: &[impl Stands]) -> usize {
        if let (true, Some(number)) = (self.shared_positions, child.number) {
            return records.partition_point(|record| record.position() < number);
        }
        let last = self.ended.map_or(records.len(), |end| {
            records.partition_point(|record| record.position() < end)
        });
        let Some(start) = child.node.start else {
            return last;
        };
        let before = records
            .iter()
            .rposition(|record| record.time().is_some_and(|time| time <= start));
        let first = usize::from(self.started.is_some());
        before.map_or(0, |at| at + 1).clamp(first.min(last), last)
    }

    /// Says all that is known once the children are there. `exported` is true if any scope of
    /// the tree has a start of the kind that all have or none.
    pub(super) fn finish(&mut self, records: &[impl Stands], exported: bool, all: &mut Below) {
        self.judge(records, exported);
        self.complete = self
            .own_completeness(records, &all.numbers)
            .min(self.complete);
        self.measure(records, &mut all.busy);
        self.node.flags.sort_unstable();
        if self.has_writers() {
            self.node.writers = std::mem::take(&mut self.writers).several();
        }
    }

    /// How complete the scope is, its children aside.
    fn own_completeness(&self, records: &[impl Stands], numbers: &[u64]) -> Complete {
        if self.lone {
            return Complete::Certain;
        }
        if records.is_empty() || self.node.flags.contains(&Flag::StartMissing) {
            return Complete::No;
        }
        match (self.started, self.ended, self.base) {
            (Some(_), Some(_), None) => Complete::AsSeen,
            (Some(_), Some(end), Some(base))
                if self.positions_up_to(end, records, numbers)
                    == end.saturating_sub(base).saturating_add(1) =>
            {
                Complete::Certain
            }
            (None, None, None) if self.starts < Starts::Always => Complete::AsSeen,
            // Where the scheme has no starts none is missing.
            (None, Some(_), None) if self.starts == Starts::Never => Complete::AsSeen,
            _ => Complete::No,
        }
    }

    /// How many different positions up to `end` are taken.
    fn positions_up_to(&self, end: u64, records: &[impl Stands], numbers: &[u64]) -> u64 {
        let mut own = records.iter().map(Stands::position).peekable();
        let children = if self.shared_positions { numbers } else { &[] };
        let mut children = children.iter().copied().peekable();
        // Both are in order, so that the union is counted as it is merged.
        let (mut count, mut last) = (0, None);
        while let Some(next) = match (own.peek(), children.peek()) {
            (Some(a), Some(b)) if a <= b => own.next(),
            (Some(_), None) => own.next(),
            _ => children.next(),
        } {
            if next <= end && last != Some(next) {
                count += 1;
                last = Some(next);
            }
        }
        count
    }

    /// Says how the scope ended and what is odd about it.
    fn judge(&mut self, records: &[impl Stands], exported: bool) {
        if self.ended.is_none() && self.started.is_some_and(|start| start.ends) {
            self.node.status = Status::Running;
        }
        let has_starts = match self.starts {
            Starts::Never => false,
            Starts::IfAny => exported,
            Starts::Always => true,
        };
        if records.is_empty() {
            self.flag(Flag::Inferred);
        } else if self.started.is_none() && !self.lone && has_starts {
            self.flag(Flag::StartMissing);
        }
        let last = records.last().map(Stands::position);
        if self.ended.is_some() && last > self.ended {
            self.flag(Flag::Late);
        }
    }

    /// Says how long it took, as far as that is known.
    fn measure(&mut self, records: &[impl Stands], busy: &mut [(Instant, Instant)]) {
        let first = || records.iter().filter_map(Stands::time).min();
        self.began = self.node.start.or_else(first);
        let is_only_named = self.is_only_named();
        let node = &mut self.node;
        node.start = match self.began {
            // What belongs to it may have begun before anybody named it.
            Some(began) if is_only_named => {
                Some(self.below.map_or(began, |below| below.min(began)))
            }
            Some(began) => Some(began),
            None => self.below,
        };
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
        // A clock may have ended it before it began, and then nothing was covered.
        let covered = (span - uncovered(start, end, busy)).max(0.0);
        node.own = Some((duration - covered).max(0.0));
    }

    /// Notes something odd.
    pub(super) fn flag(&mut self, flag: Flag) {
        if !self.node.flags.contains(&flag) {
            self.node.flags.push(flag);
        }
    }

    /// What decides the order among siblings: numbers, then times, then ids.
    pub(super) fn rank(&self) -> (bool, Option<u64>, bool, Option<Instant>, &Cow<'a, str>) {
        let start = self.node.start;
        (
            self.number.is_none(),
            self.number,
            start.is_none(),
            start,
            &self.node.id,
        )
    }
}
