//! Ids of requests that say nothing but which records belong together (REFERENCE.md §13).

use std::borrow::Cow;

use super::{Keyed, Place, Placement, Scheme, TreeId, fields::OneOf};
use crate::record::{Canonical, Field, Reader, Record, is_no_request};

/// The scheme of plain request ids.
pub(super) struct Flat;

/// Where they stand. Of several, the first names the tree.
pub(super) const NAMES: &[&str] = &[
    "request_id",
    "requestId",
    "req_id",
    "reqId",
    "req.id",
    "x_request_id",
    "x-request-id",
    "correlation_id",
    "correlationId",
    "function_request_id",
    "aws_request_id",
    "AWSRequestId",
    "RequestId",
    "CorrelationId",
    // Of our package for Python, by `bind`.
    "context.request_id",
    "context.correlation_id",
    // loguru's
    "record.extra.request_id",
    "record.extra.correlation_id",
    // Monolog's and Logbook's, by a processor
    "extra.request_id",
    "extra.correlation_id",
    // GELF's
    "_request_id",
    "_correlation_id",
];

/// A shorter id is a counter, which says nothing beyond its process.
const COUNTER: usize = 8;

impl Scheme for Flat {
    fn name(&self) -> &'static str {
        "flat"
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        for canonical in [Canonical::Service, Canonical::Host, Canonical::Process] {
            reader.canonical(canonical);
        }
        Box::new(Ids {
            names: OneOf::ask(reader, NAMES),
            transaction: OneOf::ask(reader, &["transaction.id"]),
            trace: OneOf::ask(reader, &["trace.id"]),
        })
    }

    fn prepare(&self, _: &mut Reader) -> Box<dyn Place> {
        Box::new(Anywhere)
    }
}

struct Ids {
    names: OneOf,
    /// Of Elastic APM; within a trace it is the id of a span.
    transaction: OneOf,
    trace: OneOf,
}

impl Keyed for Ids {
    fn fields(&self) -> Vec<Field> {
        [self.names.fields(), self.transaction.fields()].concat()
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        let is_trace = || self.trace.is_there(record);
        let is_id = |id: &Cow<'_, str>| !id.starts_with('|') && !is_no_request(id);
        let transaction = || self.transaction.text(record).filter(|_| !is_trace());
        let id = self.names.texts(record).find(is_id);
        let id = id.or_else(|| transaction().filter(is_id))?;
        if id.len() >= COUNTER {
            return Some(id.into());
        }
        Some(match record.whole_process() {
            Some(process) => TreeId {
                id: format!("{id}@{process}").into(),
                shown: None,
            },
            None => id.into(),
        })
    }
}

/// All records stand at the root.
pub(super) struct Anywhere;

impl Place for Anywhere {
    fn place<'a>(&self, _: &Record<'a, '_>) -> Option<Placement<'a>> {
        Some(Placement::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Found;

    #[test]
    fn a_counter_counts_within_its_process() {
        let mut reader = Reader::default();
        let keys = Flat.keys(&mut reader);
        let mut found = Found::default();
        let mut check = |line: &str, expect: Option<&str>| {
            let record = reader.read(line.as_bytes(), &mut found).expect("a record");
            let id = keys.tree(&record).map(|tree| tree.id.text().into_owned());
            assert_eq!(id.as_deref(), expect, "{line}");
        };
        check(r#"{"request_id":"b1946ac9-2c4f"}"#, Some("b1946ac9-2c4f"));
        check(r#"{"req":{"id":7},"hostname":"a","pid":3}"#, Some("7@a:3"));
        let container = r#"{"reqId":7,"hostname":"web-1","service":"shop","pid":1}"#;
        check(container, Some("7@shop:1@web-1"));
        check(r#"{"reqId":"req-1","service":"shop"}"#, Some("req-1@shop"));
        check(r#"{"reqId":"req-1"}"#, Some("req-1"));
        check(r#"{"req":{"id":0},"pid":3}"#, Some("0@3"));
        check(
            r#"{"transaction.id":"00f067aa0ba902b7"}"#,
            Some("00f067aa0ba902b7"),
        );
        check(
            r#"{"transaction.id":"00f067aa0ba902b7","trace.id":"x"}"#,
            None,
        );
        check(
            r#"{"request_id":"00000000-0000-0000-0000-000000000000"}"#,
            None,
        );
        check(r#"{"request_id":"-"}"#, None);
        check(r#"{"request_id":"None"}"#, None);
        check(r#"{"request_id":""}"#, None);
        check(
            r#"{"request_id":null,"correlation_id":"abcdefgh"}"#,
            Some("abcdefgh"),
        );
        check(
            r#"{"request_id":"-","correlation_id":"abcdefgh"}"#,
            Some("abcdefgh"),
        );
        check(r#"{"request_id":"|a.1."}"#, None);
    }
}
