//! .NET's hierarchical ids: `|root.1.8a3f2c1b_`, where each step ends with `.` within a
//! process and with `_` where a request came in (REFERENCE.md §9).
//!
//! An id that had become too long ends with `#`: what was cut off is unknown, so its scope
//! stands below the nearest one that is known.

use std::borrow::Cow;

use memchr::memmem::Finder;

use super::{
    Keyed, MAX_DEPTH, Part, Place, Placement, Scheme, Scope, TreeId,
    fields::{OneOf, scalar},
};
use crate::record::{Field, Reader, Record};

/// The scheme of hierarchical ids.
pub(super) struct Hierarchical;

/// Where the ids stand, those of the record's own activity first.
const NAMES: &[&str] = &[
    "activity_id",
    "ActivityId",
    "activityId",
    "SpanId",
    "spanId",
    "span_id",
    "Scopes[0].SpanId",
    "Id",
    "id",
    "Request-Id",
    "request-id",
    "RequestId",
    "Scopes[0].RequestId",
    "requestId",
    "request_id",
    "TraceId",
    "traceId",
    "trace_id",
    "ParentId",
    "Scopes[0].ParentId",
    "parentId",
    "parent_id",
    "operation_ParentId",
    "operation_parentId",
    "operation_Id",
];

impl Scheme for Hierarchical {
    fn name(&self) -> &'static str {
        "hierarchical"
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        Box::new(Ids::ask(reader))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        Box::new(Ids::ask(reader))
    }
}

struct Ids {
    names: OneOf,
    /// What is in the lines that have such an id, and in few others.
    sign: Finder<'static>,
}

impl Ids {
    fn ask(reader: &mut Reader) -> Self {
        Self {
            names: OneOf::ask(reader, NAMES),
            sign: Finder::new("\"|"),
        }
    }

    /// The first value that is such an id, without its bar.
    fn id<'a>(&self, record: &Record<'a, '_>) -> Option<Cow<'a, str>> {
        self.sign.find(record.line())?;
        let value = self
            .names
            .values(record)
            .find(|value| value.is_string() && value.raw.starts_with(b"|"))?;
        match scalar(value)? {
            Cow::Borrowed(text) => Some(Cow::Borrowed(&text[1..])),
            Cow::Owned(text) => Some(Cow::Owned(text[1..].to_owned())),
        }
        .filter(|id| !split(id).0.is_empty())
    }
}

/// The root's part of an id, and the rest.
fn split(id: &str) -> (&str, &str) {
    let end = id.find(['.', '_']).unwrap_or(id.len());
    (&id[..end], id.get(end + 1..).unwrap_or_default())
}

impl Keyed for Ids {
    fn fields(&self) -> Vec<Field> {
        self.names.fields()
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        let root = match self.id(record)? {
            Cow::Borrowed(id) => Cow::Borrowed(split(id).0),
            Cow::Owned(id) => Cow::Owned(split(&id).0.to_owned()),
        };
        Some(root.into())
    }
}

impl Place for Ids {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let path = path(split(&self.id(record)?).1);
        (path.len() <= MAX_DEPTH).then(|| Placement {
            scope: Scope::Path(path.into_iter().collect()),
            ..Placement::default()
        })
    }
}

/// The steps from the root on. Only those within a process are counted.
fn path(steps: &str) -> Vec<Part<'static>> {
    let steps = steps.split_inclusive(['.', '_']);
    steps
        .map(|step| match step.trim_end_matches('.').parse() {
            // `01` would be another step than `1`.
            Ok(number) if !step.starts_with(['0', '+']) => Part::Number(number),
            _ => Part::Text(step.trim_end_matches('.').to_owned().into()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_end_with_dots_and_bars() {
        let text = |text: &str| Part::Text(text.to_owned().into());
        let check = |id: &str, tree: &str, expect: &[Part<'_>]| {
            let (root, steps) = split(id);
            assert_eq!((root, &path(steps)[..]), (tree, expect), "{id}");
        };
        check("root.", "root", &[]);
        check("root", "root", &[]);
        check("7d-a.1.", "7d-a", &[Part::Number(1)]);
        check(
            "root.1.8a3f2c1b_",
            "root",
            &[Part::Number(1), text("8a3f2c1b_")],
        );
        check(
            "root.1.8a_12.",
            "root",
            &[Part::Number(1), text("8a_"), Part::Number(12)],
        );
        check("root.1.5f2c#", "root", &[Part::Number(1), text("5f2c#")]);
        check("root.12_", "root", &[text("12_")]);
        check("root.01.a.", "root", &[text("01"), text("a")]);
    }
}
