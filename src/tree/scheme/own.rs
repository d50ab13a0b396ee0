//! Ids whose fields the user's own schemas name, as canonical fields: `tree`, `node`, `parent`, `seq`
//! and `event`.
//!
//! With a tree alone, records stand at its root. With a node they are those of a scope, and one
//! with a duration or a status tells of a scope from start to end, unless events say what does.

use std::borrow::Cow;

use super::{
    Keyed, Parent, Place, Placement, Role, Scheme, Scope, Starts, TreeId,
    fields::OneOf,
    generic::{Order, ending, told},
    request,
};
use crate::record::{Canonical, Field, Path, Reader, Record, mapped, own_schemas, places};

/// What is asked for to place a record.
const PLACED: [Canonical; 9] = [
    Canonical::Node,
    Canonical::Parent,
    Canonical::Seq,
    Canonical::Event,
    Canonical::Message,
    Canonical::Level,
    Canonical::Status,
    Canonical::Duration,
    Canonical::Exception,
];

/// The scheme of the user's own schemas.
pub(super) struct Own;

impl Own {
    /// True if any of them says where a canonical field stands.
    pub(super) fn tells(canonical: Canonical) -> bool {
        let mut own = own_schemas().iter();
        !mapped(canonical).is_empty() || own.any(|(_, told)| told.contains(&canonical))
    }
}

impl Scheme for Own {
    fn name(&self) -> &'static str {
        "own"
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        reader.canonical(Canonical::Tree);
        let of_own = |name: &str| own_schemas().iter().any(|(own, _)| *own == name);
        let own = places(Canonical::Tree).filter(|(name, _)| of_own(name));
        let paths = own.flat_map(|(_, paths)| paths);
        let mapped = mapped(Canonical::Tree);
        let mapped = mapped.iter().map(|path| Path::dotted(path));
        Box::new(Ids {
            fields: paths.chain(mapped).map(|path| reader.raw(&path)).collect(),
            tree: Told::ask(reader, Canonical::Tree),
        })
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        for canonical in PLACED {
            reader.canonical(canonical);
        }
        let mut told = |canonical| Told::ask(reader, canonical);
        Box::new(Fields {
            node: told(Canonical::Node),
            parent: told(Canonical::Parent),
            seq: told(Canonical::Seq),
            event: told(Canonical::Event),
        })
    }
}

/// A canonical field, of the records of which the user has said where it stands.
struct Told {
    canonical: Canonical,
    mapped: OneOf,
    is_mapped: bool,
    /// The names of the schemas that say it.
    schemas: Vec<&'static str>,
}

impl Told {
    fn ask(reader: &mut Reader, canonical: Canonical) -> Self {
        reader.canonical(canonical);
        let own = own_schemas().iter();
        let own = own.filter(|(_, told)| told.contains(&canonical));
        Self {
            canonical,
            is_mapped: !mapped(canonical).is_empty(),
            mapped: OneOf::ask(reader, &mapped(canonical)),
            schemas: own.map(|(name, _)| *name).collect(),
        }
    }

    /// True if a record has it where it has anything: without a value it has none.
    fn is_told_of(&self, record: &Record<'_, '_>) -> bool {
        self.is_mapped || self.is_of_schema(record)
    }

    fn is_of_schema(&self, record: &Record<'_, '_>) -> bool {
        let name = record.schema();
        name.is_some_and(|name| self.schemas.contains(&name))
    }

    /// What stands where the user says, and not elsewhere.
    fn text<'a>(&self, record: &Record<'a, '_>) -> Option<Cow<'a, str>> {
        let is_there = self.is_of_schema(record) || self.mapped.is_there(record);
        let text = is_there.then(|| record.text(self.canonical)).flatten();
        text.filter(|text| !text.is_empty())
    }
}

struct Ids {
    /// All fields that may have it.
    fields: Vec<Field>,
    tree: Told,
}

impl Keyed for Ids {
    fn fields(&self) -> Vec<Field> {
        self.fields.clone()
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        self.tree.text(record)?;
        request(record).map(TreeId::from)
    }
}

struct Fields {
    node: Told,
    parent: Told,
    seq: Told,
    event: Told,
}

impl Place for Fields {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let id = self.node.text(record);
        let Some(id) = id else {
            return Some(Placement::default());
        };
        let has_events = self.event.is_told_of(record);
        let role = if has_events {
            match self.event.text(record).as_deref() {
                Some("start") => Role::Start { ends: true },
                Some("end") => Role::End(ending(record, None)),
                _ => Role::Detail,
            }
        } else if record.number(Canonical::Duration).is_some()
            || record.text(Canonical::Status).is_some()
        {
            Role::Whole(ending(record, None))
        } else {
            Role::Detail
        };
        let parent = if self.parent.is_told_of(record) {
            self.parent.text(record).map_or(Parent::None, Parent::Id)
        } else {
            Parent::Unsaid
        };
        let order = if self.seq.is_told_of(record) {
            Order::Number(self.seq.text(record).and_then(|text| text.parse().ok()))
        } else {
            Order::ByTime
        };
        Some(Placement {
            parent,
            scope: Scope::Id(id),
            starts: if has_events {
                Starts::Always
            } else {
                Starts::Never
            },
            ..told(record, role, order)
        })
    }
}
