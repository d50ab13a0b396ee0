//! Who wrote the records of a scope that they only name: there may be several processes.

use super::{model::Writer, roll::Roll};
use crate::record::Process;

/// The processes, in the order of their first records.
#[derive(Default)]
pub(super) struct Writers<'a> {
    roll: Roll<'a>,
    writers: Vec<Writer<'a>>,
}

impl<'a> Writers<'a> {
    /// Counts a record of that process.
    pub(super) fn add(&mut self, process: Process<'a>) {
        let host = process.host.clone();
        let Some(process) = process.name() else {
            return;
        };
        let at = self.roll.call(&process);
        if at == self.writers.len() {
            self.writers.push(Writer {
                process,
                host,
                records: 0,
            });
        }
        self.writers[at].records += 1;
    }

    /// All of them, if there are several.
    pub(super) fn several(self) -> Vec<Writer<'a>> {
        if self.writers.len() > 1 {
            self.writers
        } else {
            Vec::new()
        }
    }
}
