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
    roll: Roll<Cow<'a, str>>,
    /// How many records each of them wrote.
    records: Vec<usize>,
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
        let is_far = host.is_some() && process.host.is_some() && process.host.as_ref() != host;
        if self.several.is_none() && !is_far && process.is(first) {
            self.alone += 1;
        } else if let Some(name) = process.clone().name() {
            let alone = self.alone;
            let several = self.several.get_or_insert_with(|| {
                let mut several = Box::<Several<'a>>::default();
                several.count(first, host, alone);
                several
            });
            several.count(&name, process.host.as_ref(), 1);
        }
    }

    /// All of them, if there are several.
    pub(super) fn several(self) -> Vec<Writer<'a>> {
        let several = self.several.map(|several| *several);
        let Several { roll, records } = several.unwrap_or_default();
        let all = roll.processes.into_iter().zip(records);
        let writer = |((process, host), records)| Writer {
            process,
            host,
            records,
        };
        all.map(writer).collect()
    }
}

impl<'a> Several<'a> {
    /// Counts records of that process.
    #[expect(clippy::ptr_arg, reason = "a text that is kept need not be copied")]
    fn count(&mut self, process: &Cow<'a, str>, host: Option<&Cow<'a, str>>, records: usize) {
        let at = self.roll.call(process, host);
        if at == self.records.len() {
            self.records.push(0);
        }
        self.records[at] += records;
    }
}
