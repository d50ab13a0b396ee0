//! Roarr: `sequence` counts within a process, and `adopt` opens a level: `2.1.0` is the first
//! record of what was adopted second within the third (REFERENCE.md §9).

use std::borrow::Cow;

use super::{Keyed, MAX_DEPTH, Part, Place, Placement, Scheme, Scope, TreeId, fields::OneOf};
use crate::record::{Field, Kind, Path, Reader, Record};

/// The scheme of Roarr.
pub(super) struct Roarr;

impl Scheme for Roarr {
    fn name(&self) -> &'static str {
        "roarr"
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        Box::new(Ids::ask(reader))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        Box::new(Ids::ask(reader))
    }
}

struct Ids {
    sequence: Field,
    context: Field,
    /// What tells processes apart; the numbers begin anew in each.
    process: [OneOf; 3],
}

impl Ids {
    fn ask(reader: &mut Reader) -> Self {
        Self {
            sequence: reader.raw(&Path::dotted("sequence")),
            context: reader.raw(&Path::dotted("context")),
            process: ["context.hostname", "context.pid", "context.instanceId"]
                .map(|path| OneOf::ask(reader, &[path])),
        }
    }

    /// The numbers of a record that stands in something adopted.
    fn numbers(&self, record: &Record<'_, '_>) -> Option<Vec<u64>> {
        let context = record.raw(&self.context)?;
        if context.kind != Kind::Object {
            return None;
        }
        let sequence = record.raw(&self.sequence)?.as_str()?;
        let numbers: Option<Vec<_>> = sequence.split('.').map(|n| n.parse().ok()).collect();
        numbers.filter(|numbers| numbers.len() > 1)
    }
}

impl Keyed for Ids {
    fn fields(&self) -> Vec<Field> {
        vec![self.sequence.clone()]
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        let first = *self.numbers(record)?.first()?;
        let mut id = String::new();
        for part in self.process.iter().filter_map(|part| part.text(record)) {
            id += &part;
            id.push(':');
        }
        id += &first.to_string();
        Some(Cow::<str>::Owned(id).into())
    }
}

impl Place for Ids {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let numbers = self.numbers(record)?;
        let (position, path) = numbers.split_last()?;
        let path: Vec<_> = path.iter().skip(1).map(|&n| Part::Number(n)).collect();
        (path.len() <= MAX_DEPTH).then(|| Placement {
            scope: Scope::Path(path.into_iter().collect()),
            position: *position,
            counted: true,
            // What is adopted takes a number of what adopts it.
            shared_positions: true,
            ..Placement::default()
        })
    }
}
