//! Where canonical fields are looked for, for people who ask.

use super::{canonical::Canonical, path::Path, producers::PRODUCERS};

/// The producers whose records have the field, in the order in which they are tried, with the
/// paths that are looked at, the best first.
pub fn places(canonical: Canonical) -> impl Iterator<Item = (&'static str, Vec<Path>)> {
    PRODUCERS.iter().filter_map(move |schema| {
        let (_, sources) = schema.fields.iter().find(|(name, _)| *name == canonical)?;
        let paths = sources.iter().map(|source| Path::dotted(source.path()));
        Some((schema.name, paths.collect()))
    })
}
