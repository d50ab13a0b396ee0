//! The records that begin and end scopes though no canonical field says it: what tells them is a
//! word that any other program may have for a message, and only beside the ids of the scheme it means
//! that.

use super::{Place, Role, Scheme, bqnt::Bqnt, tracing::Tracing};
use crate::record::{Mask, Reader, Record};

/// Knows such records.
pub struct Boundaries(Vec<(Mask, Box<dyn Place>)>);

impl std::fmt::Debug for Boundaries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Boundaries").finish_non_exhaustive()
    }
}

impl Boundaries {
    /// Asks `reader` for the fields that tell them.
    pub fn ask(reader: &mut Reader) -> Self {
        let schemes: [&dyn Scheme; 2] = [&Bqnt, &Tracing];
        let ask = |scheme: &dyn Scheme| {
            let fields = scheme.keys(reader).fields();
            (Reader::mask(&fields), scheme.prepare(reader))
        };
        Self(schemes.map(ask).into())
    }

    /// What a record is to its scope, as the canonical field `event` says it: `start`, `end`, or
    /// nothing.
    pub fn event(&self, record: &Record<'_, '_>) -> Option<&'static str> {
        let known = self.0.iter().filter(|(mask, _)| record.has_any(mask));
        let mut roles = known.filter_map(|(_, place)| Some(place.place(record)?.role));
        roles.find_map(|role| match role {
            Role::Start { .. } => Some("start"),
            Role::End(_) => Some("end"),
            _ => None,
        })
    }
}
