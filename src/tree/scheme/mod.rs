//! Schemes: how a producer's ids say where a record belongs.
//!
//! A scheme is one file and one line in [`SCHEMES`]. It reads canonical and raw fields of a
//! record and answers with the id of its tree and a [`Placement`]; it knows nothing of other
//! records. A record may carry the ids of several schemes: the first in the list places it,
//! the others join trees.

mod accepted;
mod announced;
mod apm;
mod boundary;
mod bqnt;
mod distlog;
mod eliot;
mod fields;
mod flat;
mod generic;
mod hierarchical;
mod injected;
mod jaeger;
mod join;
mod journald;
mod keys;
mod meant;
mod otel;
mod own;
mod placement;
mod request;
mod requests;
mod roarr;
mod span;
mod trace_id;
mod tracing;
mod trail;
mod w3c;
mod xray;
mod zipkin;

use std::borrow::Cow;

use self::own::Own;
pub(in crate::tree) use announced::{span_of, trace_of_task};
pub use boundary::Boundaries;
pub use generic::{Generic, Predicate};
pub use join::Join;
pub use keys::{Key, Keys, Known};
pub use meant::{marks, meant};
pub use placement::{Parent, Part, Placement, Role, Scope, Side, Starts};
pub use request::{request, spellings};
pub use requests::Requests;
pub use trail::Trail;

use crate::record::{Canonical, Field, Reader, Record, bytes_of};

/// The deepest path that is believed; a record that claims more is refused.
pub const MAX_DEPTH: usize = 1_000;

/// A way to write a record's place into it.
pub trait Scheme: Send + Sync {
    /// The name in a tree's `scheme`. Schemes of one name share their ids: a trace is a
    /// trace, whoever wrote the record.
    fn name(&self) -> &'static str;

    /// Asks `reader` for the fields that tell a record's tree.
    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed>;

    /// Asks `reader` for the fields that placing needs, those of `keys` included.
    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place>;
}

/// A scheme that tells the trees of records.
pub trait Keyed: Send + Sync {
    /// The fields of which a record that follows the scheme has at least one.
    fn fields(&self) -> Vec<Field>;

    /// The id of the tree, or `None` if the record does not follow the scheme.
    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>>;

    /// Adds further ids of the same scheme that belong to the same tree, of a record that follows
    /// it.
    fn also<'a>(&self, _: &Record<'a, '_>, _ids: &mut Vec<Cow<'a, str>>) {}

    /// True if ids are those of scopes, which become a tree only by what [`Keyed::also`] says.
    fn is_linked(&self) -> bool {
        false
    }
}

/// The id of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeId<'a> {
    /// What is compared.
    pub id: Id<'a>,
    /// What is shown, if it is more: producers may write only a part of an id.
    pub shown: Option<Cow<'a, str>>,
}

impl<'a> From<Cow<'a, str>> for TreeId<'a> {
    fn from(id: Cow<'a, str>) -> Self {
        let id = Id::from(id);
        Self { id, shown: None }
    }
}

impl<'a> From<Cow<'a, [u8]>> for TreeId<'a> {
    #[inline]
    fn from(id: Cow<'a, [u8]>) -> Self {
        let id = Id::new(id);
        Self { id, shown: None }
    }
}

/// A text that is compared far more often than it is shown: bytes of which it is known that they are
/// UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id<'a>(Cow<'a, [u8]>);

impl<'a> Id<'a> {
    /// The bytes, with U+FFFD for what is no UTF-8.
    #[inline]
    pub fn new(bytes: Cow<'a, [u8]>) -> Self {
        // That is told faster, and mostly true.
        if bytes.is_ascii() {
            return Self(bytes);
        }
        Self::of_others(bytes)
    }

    #[cold]
    fn of_others(bytes: Cow<'a, [u8]>) -> Self {
        if std::str::from_utf8(&bytes).is_ok() {
            return Self(bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned().into()
    }

    /// What is compared.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text.
    pub fn text(&self) -> Cow<'a, str> {
        match &self.0 {
            Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
            Cow::Owned(bytes) => String::from_utf8_lossy(bytes).into_owned().into(),
        }
    }
}

impl<'a> From<Cow<'a, str>> for Id<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self(bytes_of(text))
    }
}

impl From<String> for Id<'_> {
    fn from(text: String) -> Self {
        Self(text.into_bytes().into())
    }
}

/// A scheme with its fields looked up, ready for records that follow it.
pub trait Place: Send + Sync {
    /// The record's place in its tree; `None` if it makes no sense.
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>>;
}

/// All schemes, those that know most of a record first.
pub static SCHEMES: &[&dyn Scheme] = &[
    &eliot::Eliot,
    &distlog::Distlog,
    &journald::Journald,
    &bqnt::Bqnt,
    &hierarchical::Hierarchical,
    &otel::Otel,
    &zipkin::Zipkin,
    &jaeger::Jaeger,
    &xray::XRay,
    &apm::Apm,
    &injected::Injected,
    &w3c::W3c,
    &accepted::Accepted,
    &announced::Announced,
    &tracing::Tracing,
    &roarr::Roarr,
    &flat::Flat,
];

/// The schemes of a program: all that there are, and what its user has asked for.
pub struct Schemes {
    /// Before all others: the user has said where ids stand.
    pub first: Vec<Box<dyn Scheme>>,
    /// After all others: fields that only join.
    pub last: Vec<Box<dyn Scheme>>,
}

impl Default for Schemes {
    /// All that there are, that of the user's own schemas among them if these have ids: where they
    /// say which scope a record is of, they place it, else any scheme that knows more does.
    fn default() -> Self {
        let own = |is_meant: bool| -> Vec<Box<dyn Scheme>> {
            let own = is_meant.then(|| Box::new(Own) as Box<dyn Scheme>);
            own.into_iter().collect()
        };
        let places = Own::tells(Canonical::Node);
        Self {
            first: own(Own::tells(Canonical::Tree) && places),
            last: own(Own::tells(Canonical::Tree) && !places),
        }
    }
}

impl Schemes {
    /// All schemes in the order in which they are asked.
    pub fn all(&self) -> impl Iterator<Item = &dyn Scheme> {
        let first = self.first.iter().map(|scheme| &**scheme);
        let last = self.last.iter().map(|scheme| &**scheme);
        first.chain(SCHEMES.iter().copied()).chain(last)
    }
}

/// All schemes, ready to place records.
pub struct Places(Vec<(&'static str, Box<dyn Place>)>);

impl Places {
    /// Asks `reader` for the fields that all schemes need.
    pub fn new(schemes: &Schemes, reader: &mut Reader) -> Self {
        let placed =
            |scheme: &dyn Scheme, reader: &mut Reader| (scheme.name(), scheme.prepare(reader));
        Self(schemes.all().map(|scheme| placed(scheme, reader)).collect())
    }

    /// The name of a scheme.
    pub fn name(&self, scheme: u8) -> &'static str {
        self.0[usize::from(scheme)].0
    }

    /// The place of a record in the tree of a scheme that it follows.
    pub fn place<'a>(&self, scheme: u8, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        self.0[usize::from(scheme)].1.place(record)
    }
}
