//! Schemes: how a producer's ids say where a record belongs.
//!
//! A scheme is one file and one line in [`SCHEMES`]. It reads canonical and raw fields of a
//! record and answers with a [`Placement`]; it knows nothing of other records.

mod distlog;
mod eliot;
mod journald;
mod placement;

use std::borrow::Cow;

pub use placement::{Part, Placement, Role};

use crate::record::{Canonical, Reader, Record};

/// The deepest scope that is believed; a record that claims more is refused.
pub const MAX_DEPTH: usize = 1_000;

/// A way to write a record's place into it.
pub trait Scheme: Sync {
    /// The name in a tree's `scheme`.
    fn name(&self) -> &'static str;

    /// The schemas (`record::Record::schema`) whose records follow it.
    fn schemas(&self) -> &'static [&'static str];

    /// The id of the tree, or `None` if the record belongs to none. The reader has been
    /// asked for [`Canonical::Tree`].
    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<Cow<'a, str>> {
        record.text(Canonical::Tree)
    }

    /// Asks `reader` for the fields that placing needs.
    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place>;
}

/// A scheme with its fields looked up, ready for records.
pub trait Place: Send + Sync {
    /// The record's place in its tree; `None` if it makes no sense.
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>>;
}

/// All schemes.
pub static SCHEMES: &[&dyn Scheme] = &[&eliot::Eliot, &distlog::Distlog, &journald::Journald];

/// The number of the scheme that the record follows, and its tree.
pub fn tree<'a>(record: &Record<'a, '_>) -> Option<(u8, Cow<'a, str>)> {
    let producer = record.schema()?;
    let (number, scheme) = (0..)
        .zip(SCHEMES)
        .find(|(_, scheme)| scheme.schemas().contains(&producer))?;
    Some((number, scheme.tree(record)?))
}

/// The request that the record belongs to: where there is a scheme the tree that it names,
/// which is where `dl-tree` puts the record, else the canonical field. The reader has been
/// asked for [`Canonical::Tree`].
///
/// Without a scheme, an id of nothing but zeros is none: that is how OpenTelemetry's
/// producers write that there is no trace.
pub fn request<'a>(record: &Record<'a, '_>) -> Option<Cow<'a, str>> {
    if let Some((_, id)) = tree(record) {
        return Some(id);
    }
    let is_nil = |id: &str| id.bytes().all(|byte| matches!(byte, b'0' | b'-'));
    record.text(Canonical::Tree).filter(|id| !is_nil(id))
}

/// The schemes prepared for one reader.
pub struct Prepared {
    schemes: Vec<(&'static dyn Scheme, Box<dyn Place>)>,
}

impl Prepared {
    /// Prepares all schemes.
    pub fn new(reader: &mut Reader) -> Self {
        Self {
            schemes: SCHEMES
                .iter()
                .map(|scheme| (*scheme, scheme.prepare(reader)))
                .collect(),
        }
    }

    /// The scheme of that number.
    pub fn scheme(&self, number: u8) -> (&'static dyn Scheme, &dyn Place) {
        let (scheme, place) = &self.schemes[usize::from(number)];
        (*scheme, &**place)
    }
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
