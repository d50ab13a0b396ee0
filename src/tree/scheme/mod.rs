//! Schemes: how a producer's ids say where a record belongs.
//!
//! A scheme is one file and one line in [`SCHEMES`]. It reads canonical and raw fields of a
//! record and answers with the id of its tree and a [`Placement`]; it knows nothing of other
//! records. A record may carry the ids of several schemes: the first in the list places it,
//! the others join trees.

mod distlog;
mod eliot;
mod journald;
mod placement;

use std::borrow::Cow;

pub use placement::{Parent, Part, Placement, Role, Scope, Side, Starts};

use crate::record::{Canonical, Field, Mask, Reader, Record};

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
    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<Cow<'a, str>>;
}

/// A scheme with its fields looked up, ready for records that follow it.
pub trait Place: Send + Sync {
    /// The record's place in its tree; `None` if it makes no sense.
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>>;
}

/// All schemes, those that know most of a record first.
pub static SCHEMES: &[&dyn Scheme] = &[&eliot::Eliot, &distlog::Distlog, &journald::Journald];

/// The schemes of a program: all that there are, and what its user has asked for.
#[derive(Default)]
pub struct Schemes {
    /// Before all others: the user has said where ids stand.
    pub first: Vec<Box<dyn Scheme>>,
    /// After all others: fields that only join.
    pub last: Vec<Box<dyn Scheme>>,
}

impl Schemes {
    /// All schemes in the order in which they are asked.
    pub fn all(&self) -> impl Iterator<Item = &dyn Scheme> {
        let first = self.first.iter().map(|scheme| &**scheme);
        let last = self.last.iter().map(|scheme| &**scheme);
        first.chain(SCHEMES.iter().copied()).chain(last)
    }
}

/// A tree that a record belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    /// The number of the scheme in [`Schemes::all`].
    pub scheme: u8,
    /// The number of the first scheme of the same name: ids are compared within it.
    pub family: u8,
    /// The id of the tree.
    pub id: Cow<'a, str>,
}

/// All schemes, ready to tell the trees of records.
pub struct Keys(Vec<KeyedScheme>);

struct KeyedScheme {
    family: u8,
    mask: Mask,
    keyed: Box<dyn Keyed>,
}

impl Keys {
    /// Asks `reader` for the fields that all schemes need.
    pub fn new(schemes: &Schemes, reader: &mut Reader) -> Self {
        let families = families(schemes);
        let keyed = schemes.all().zip(families).map(|(scheme, family)| {
            let keyed = scheme.keys(reader);
            KeyedScheme {
                family,
                mask: Reader::mask(&keyed.fields()),
                keyed,
            }
        });
        Self(keyed.collect())
    }

    /// The trees of a record: first the one that it is placed in, then those that it joins
    /// that one with.
    pub fn of<'k, 'a, 'f>(
        &'k self,
        record: &'k Record<'a, 'f>,
    ) -> impl Iterator<Item = Key<'a>> + use<'k, 'a, 'f> {
        (0..).zip(&self.0).filter_map(|(scheme, known)| {
            if !record.has_any(&known.mask) {
                return None;
            }
            Some(Key {
                scheme,
                family: known.family,
                id: known.keyed.tree(record)?,
            })
        })
    }
}

/// The family of each scheme.
fn families(schemes: &Schemes) -> Vec<u8> {
    let names: Vec<_> = schemes.all().map(Scheme::name).collect();
    let first = |name: &&str| names.iter().position(|known| known == name);
    names
        .iter()
        .map(|name| {
            first(name)
                .and_then(|at| u8::try_from(at).ok())
                .unwrap_or(0)
        })
        .collect()
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

/// The request that the record belongs to: where there is a scheme the tree that it names,
/// which is where `dl-tree` puts the record, else the canonical field. The reader has been
/// asked for [`Canonical::Tree`].
///
/// An id of nothing but zeros is none: that is how OpenTelemetry's producers write that there
/// is no trace.
pub fn request<'a>(record: &Record<'a, '_>) -> Option<Cow<'a, str>> {
    let is_nil = |id: &str| id.bytes().all(|byte| matches!(byte, b'0' | b'-'));
    record.text(Canonical::Tree).filter(|id| !is_nil(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Found;

    #[test]
    fn a_record_belongs_to_the_request_that_its_producer_names() {
        let mut reader = Reader::default();
        reader.canonical(Canonical::Tree);
        let mut found = Found::default();
        let mut check = |line: &str, expect: Option<&str>| {
            let record = reader.read(line.as_bytes(), &mut found).expect("a record");
            assert_eq!(request(&record).as_deref(), expect, "{line}");
        };
        check(r#"{"task_uuid":"a","task_level":[1,2]}"#, Some("a"));
        // Eliot forks by writing the same id with a longer level.
        check(r#"{"task_uuid":"a","task_level":[1,2,3,1]}"#, Some("a"));
        check(r#"{"levelno":20,"context":{"key":"3@a/1/2"}}"#, Some("a"));
        check(r#"{"levelno":20,"context":{"key":"3@None/1"}}"#, None);
        check(r#"{"ELIOT_TASK":"a","MESSAGE":"x"}"#, Some("a"));
        check(r#"{"trace_id":"a","span_id":"b"}"#, Some("a"));
        check(r#"{"request_id":7}"#, Some("7"));
        check(r#"{"dl":{"kind":"tree"},"tree":"a"}"#, Some("a"));
        check(r#"{"trace_id":"00000000000000000000000000000000"}"#, None);
        check(r#"{"otelTraceID":"0"}"#, None);
        check(r#"{"trace_id":""}"#, None);
        check(r#"{"trace_id":null}"#, None);
        check(r#"{"message":"x"}"#, None);
    }
}
