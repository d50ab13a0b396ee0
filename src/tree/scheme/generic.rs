//! Ids whose fields the user names: `--id`, `--parent`, `--tree`, `--order`.
//!
//! Without a field for the tree, records are of one tree if one names the id of the other, or
//! if ids between them do.

use std::borrow::Cow;

use super::{
    Keyed, Parent, Place, Placement, Role, Scheme, Scope, Starts, TreeId,
    fields::{raised, scalar},
};
use crate::{
    record::{Canonical, Field, Level, Path, Reader, Record, Value},
    tree::Status,
};

/// Says of a record whether something holds.
pub type Predicate = Box<dyn Fn(&Record<'_, '_>) -> bool + Send + Sync>;

/// Asks a reader for what a predicate needs.
type Prepare = Box<dyn Fn(&mut Reader) -> Predicate + Send + Sync>;

/// The user's own scheme.
pub struct Generic {
    /// Where the id of a record's scope stands.
    pub id: Path,
    /// Where the id of the scope above stands.
    pub parent: Option<Path>,
    /// Where the id of the tree stands.
    pub tree: Option<Path>,
    /// Where a number stands that orders the records of a scope.
    pub order: Option<Path>,
    /// Tells the first record of a scope.
    pub start: Option<Prepare>,
    /// Tells the last record of a scope.
    pub end: Option<Prepare>,
}

impl Scheme for Generic {
    fn name(&self) -> &'static str {
        "generic"
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        Box::new(Ids::ask(self, reader))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        for canonical in [
            Canonical::Message,
            Canonical::Level,
            Canonical::Status,
            Canonical::Duration,
            Canonical::Exception,
        ] {
            reader.canonical(canonical);
        }
        let mut predicate = |prepare: &Option<Prepare>| {
            let prepare = prepare.as_ref()?;
            Some(prepare(reader))
        };
        let (start, end) = (predicate(&self.start), predicate(&self.end));
        Box::new(Fields {
            ids: Ids::ask(self, reader),
            order: self.order.as_ref().map(|path| reader.raw(path)),
            status: reader.raw(&Path::dotted("status")),
            start,
            end,
        })
    }
}

struct Ids {
    id: Field,
    parent: Option<Field>,
    tree: Option<Field>,
}

impl Ids {
    fn ask(scheme: &Generic, reader: &mut Reader) -> Self {
        Self {
            id: reader.raw(&scheme.id),
            parent: scheme.parent.as_ref().map(|path| reader.raw(path)),
            tree: scheme.tree.as_ref().map(|path| reader.raw(path)),
        }
    }
}

fn text<'a>(record: &Record<'a, '_>, field: &Field) -> Option<Cow<'a, str>> {
    scalar(record.raw(field)?)
}

impl Keyed for Ids {
    fn fields(&self) -> Vec<Field> {
        vec![self.tree.as_ref().unwrap_or(&self.id).clone()]
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        text(record, self.tree.as_ref().unwrap_or(&self.id)).map(TreeId::from)
    }

    fn also<'a>(&self, record: &Record<'a, '_>, ids: &mut Vec<Cow<'a, str>>) {
        let parent = self.parent.as_ref().filter(|_| self.is_linked());
        ids.extend(parent.and_then(|field| text(record, field)));
    }

    fn is_linked(&self) -> bool {
        self.tree.is_none() && self.parent.is_some()
    }
}

struct Fields {
    ids: Ids,
    order: Option<Field>,
    /// Who writes ids of one's own writes how a scope ended by that name too, and it is not canonical.
    status: Field,
    start: Option<Predicate>,
    end: Option<Predicate>,
}

impl Place for Fields {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let holds =
            |predicate: &Option<Predicate>| predicate.as_ref().is_some_and(|holds| holds(record));
        let role = match (holds(&self.start), holds(&self.end)) {
            (true, true) => Role::Whole(ending(record, Some(&self.status))),
            (true, false) => Role::Start {
                ends: self.end.is_some(),
            },
            (false, true) => Role::End(ending(record, Some(&self.status))),
            (false, false) => Role::Detail,
        };
        let id = text(record, &self.ids.id);
        let parent = match (&id, &self.ids.parent) {
            (Some(_), Some(field)) => text(record, field).map_or(Parent::None, Parent::Id),
            // The tree has no other scope.
            (Some(_), None) if self.ids.tree.is_none() => Parent::None,
            _ => Parent::Unsaid,
        };
        let order = self.order.as_ref().map_or(Order::ByTime, |field| {
            Order::Number(record.raw(field).and_then(number))
        });
        Some(Placement {
            parent,
            scope: id.map_or(Scope::ROOT, Scope::Id),
            starts: if self.start.is_some() {
                Starts::Always
            } else {
                Starts::Never
            },
            ..told(record, role, order)
        })
    }
}

/// What orders the records of a scope.
pub(super) enum Order {
    /// Their numbers, of which one may have none: it is behind those that have.
    Number(Option<u64>),
    /// Their times, between the first and the last.
    ByTime,
}

impl Order {
    /// The position of a record, and whether it is its own.
    fn position(self, role: Role) -> (u64, bool) {
        match (self, role) {
            (Self::Number(Some(number)), _) => (number, true),
            (Self::Number(None), _) => (u64::MAX - 1, false),
            (Self::ByTime, Role::Start { .. } | Role::Whole(_)) => (0, false),
            (Self::ByTime, Role::Detail | Role::Lone) => (1, false),
            (Self::ByTime, Role::End(_)) => (2, false),
        }
    }
}

/// What a record tells of a scope to which it is this. Its message, duration and exception have been asked for.
pub(super) fn told<'a>(record: &Record<'a, '_>, role: Role, order: Order) -> Placement<'a> {
    let is_whole = matches!(role, Role::Whole(_));
    let has_failed = matches!(
        role,
        Role::End(Status::Failed) | Role::Whole(Status::Failed)
    );
    let whole = record.time().filter(|_| is_whole);
    let duration = record
        .number(Canonical::Duration)
        .filter(|_| is_whole || matches!(role, Role::End(_)));
    let (position, counted) = order.position(role);
    Placement {
        role,
        position,
        counted,
        name: record.bytes(Canonical::Message).filter(|_| role.begins()),
        // Who tells how long it took does so at the end.
        time: whole.zip(duration).map(|(end, length)| end.after(-length)),
        duration,
        end: whole,
        exception: has_failed.then(|| raised(record)).flatten(),
        ..Placement::default()
    }
}

/// How a scope ended: what its last record says, perhaps in a field that is not canonical, or else its
/// level.
pub(super) fn ending(record: &Record<'_, '_>, other: Option<&Field>) -> Status {
    let said = record.text(Canonical::Status);
    let said = said.or_else(|| text(record, other?));
    let known = said.as_deref().and_then(Status::from_name);
    known.unwrap_or(if record.level() >= Some(Level::ERROR) {
        Status::Failed
    } else {
        Status::Succeeded
    })
}

/// A whole number, also as text.
fn number(value: Value<'_>) -> Option<u64> {
    scalar(value)?.parse().ok()
}
