//! Exports: records and trees for other programs. One file each, behind [`Export`].
//!
//! An export is written element by element, so that memory does not grow with the input: what
//! stands around the elements of a document is written before the first and after the last. Unlike
//! a view it keeps the texts of records as they are, escaped as the format has it.

mod chrome;
mod distlog;
mod dot;
mod eliot;
mod facts;
mod folded;
mod gelf;
mod ids;
mod jaeger;
pub(super) mod json;
mod lanes;
mod logfmt;
mod otlp;
mod replay;
mod resource;
mod scopes;
mod speedscope;
mod syslog;
mod traced;
mod zipkin;

pub use chrome::Chrome;
pub use distlog::Distlog;
pub use dot::Dot;
pub use eliot::Eliot;
pub use facts::{FactReader, Facts};
pub use folded::Folded;
pub use gelf::Gelf;
pub use jaeger::Jaeger;
pub use logfmt::Logfmt;
pub use otlp::{Otlp, OtlpRequests};
pub(super) use scopes::{Extent, arrivals, extents, name};
pub use speedscope::Speedscope;
pub use syslog::Syslog;
pub use zipkin::Zipkin;

use crate::{
    record::Malformed,
    tree::{self, Tree},
};

/// A format of another program.
pub trait Export: Send {
    /// What stands before all elements.
    fn head(&self) -> &'static str {
        ""
    }

    /// What stands before each element; before the first one it is left out.
    fn separator(&self) -> &'static str {
        ""
    }

    /// Appends what stands behind all elements.
    fn tail(&mut self, _out: &mut Vec<u8>) {}

    /// True if what is written depends on what came before, so that only one can write.
    fn is_ordered(&self) -> bool {
        false
    }

    /// True if a record by itself has a place in it.
    fn takes_records(&self) -> bool {
        true
    }

    /// Appends the elements of a record, a separator before each; only asked of those that take
    /// records.
    fn record(&mut self, _facts: &Facts<'_>, _out: &mut Vec<u8>) {}

    /// Appends the elements of a tree, a separator before each.
    fn tree(&mut self, tree: &Tree<'_>, reader: &mut FactReader, out: &mut Vec<u8>);
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Took {
    /// Its elements have been written.
    Written,
    /// It is a tree that is not wanted.
    LeftOut,
    /// It is a record, and only trees have a place.
    Refused,
}

/// Appends the elements of a line, which is a record or a tree; `keep` takes out of a tree what is
/// not wanted, and says whether anything is.
pub fn take(
    export: &mut dyn Export,
    reader: &mut FactReader,
    line: &[u8],
    keep: &mut dyn FnMut(&mut Tree<'_>) -> bool,
    out: &mut Vec<u8>,
) -> Result<Took, Malformed> {
    let mut element = |mut tree: Tree<'_>, reader: &mut FactReader, out: &mut Vec<u8>| {
        if !keep(&mut tree) {
            return Took::LeftOut;
        }
        export.tree(&tree, reader, out);
        Took::Written
    };
    if let Some(tree) = tree::written(line) {
        return Ok(element(tree, reader, out));
    }
    let facts = reader.read(line)?;
    if facts.is_tree() {
        match tree::read(line) {
            Ok(tree) => return Ok(element(tree, reader, out)),
            Err(_) if tree::is_summary(line) || export.takes_records() => {}
            Err(bad) => return Err(bad),
        }
    }
    if !export.takes_records() {
        return Ok(Took::Refused);
    }
    export.record(&facts, out);
    Ok(Took::Written)
}
