//! Who wrote the records of a scope that they only name: there may be several processes.

use std::borrow::Cow;

use super::{model::Writer, roll::Roll};
use crate::record::Process;

/// The processes, in the order of their first records.
#[derive(Default)]
pub(super) struct Writers<'a> {
    /// The records of the first, as long as there is no other: mostly there is none.
    alone: usize,
    several: Option<Box<Several<'a>>>,
}

#[derive(Default)]
struct Several<'a> {
    roll: Roll<'a>,
    writers: Vec<Writer<'a>>,
}

impl<'a> Writers<'a> {
    /// Counts a record of that process. The `first` is the one of the records before, if they tell any, and its host.
    pub(super) fn add(
        &mut self,
        process: &Process<'a>,
        first: Option<&Cow<'a, str>>,
        host: Option<&Cow<'a, str>>,
    ) {
        let Some(first) = first else {
            self.alone += usize::from(process.is_told());
            return;
        };
        if self.several.is_none() && process.is(first) {
            self.alone += 1;
        } else if let Some(name) = process.clone().name() {
            let alone = self.alone;
            let several = self.several.get_or_insert_with(|| {
                let mut several = Box::<Several<'a>>::default();
                several.count(first.clone(), host.cloned(), alone);
                several
            });
            several.count(name, process.host.clone(), 1);
        }
    }

    /// All of them, if there are several.
    pub(super) fn several(self) -> Vec<Writer<'a>> {
        self.several
            .map_or_else(Vec::new, |several| several.writers)
    }
}

impl<'a> Several<'a> {
    /// Counts records of that process.
    fn count(&mut self, process: Cow<'a, str>, host: Option<Cow<'a, str>>, records: usize) {
        let at = self.roll.call(&process);
        if at == self.writers.len() {
            self.writers.push(Writer {
                process,
                host,
                records: 0,
            });
        }
        self.writers[at].records += records;
    }
}
