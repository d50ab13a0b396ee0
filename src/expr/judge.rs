//! Tests that the language has no words for, because they need more than `record` knows. Who makes
//! one says in words of the language what it is about.

use std::{fmt::Debug, sync::Arc};

use crate::record::{Reader, Record};

/// A test of records that is made ready for those of one reader.
pub trait Judge: Debug + Send + Sync {
    /// Asks `reader` for what it needs to know.
    fn ask(&self, reader: &mut Reader) -> Arc<dyn Judgement>;

    /// Texts of which each record that passes has at least one in its line; `None` if that is not
    /// known.
    fn marks(&self) -> Option<Vec<String>>;
}

/// A test of the records of a reader.
pub trait Judgement: Debug + Send + Sync {
    /// True if the record passes.
    fn holds(&self, record: &Record<'_, '_>) -> bool;
}

/// A judge; what it decides is told by the test in words that stands beside it.
#[derive(Clone, Debug)]
pub(super) struct Judged(pub(super) Arc<dyn Judge>);

impl PartialEq for Judged {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
