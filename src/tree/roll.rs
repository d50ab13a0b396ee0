//! Processes by their names, each once.

use std::{borrow::Cow, collections::HashMap};

/// The processes in the order in which they come up.
#[derive(Default)]
pub(super) struct Roll<'a> {
    pub(super) processes: Vec<Cow<'a, str>>,
    /// Where they stand, once there are more than a few.
    places: HashMap<Cow<'a, str>, usize>,
    /// The one that was called last: mostly it is called again.
    last: usize,
}

/// How many processes are gone through one by one.
const FEW: usize = 8;

impl<'a> Roll<'a> {
    /// The number of a process.
    #[expect(clippy::ptr_arg, reason = "a text that is kept need not be copied")]
    pub(super) fn call(&mut self, process: &Cow<'a, str>) -> usize {
        if self.processes.get(self.last) == Some(process) {
            return self.last;
        }
        let known = self
            .processes
            .iter()
            .take(FEW)
            .position(|known| known == process);
        if let Some(at) = known.or_else(|| self.places.get(process).copied()) {
            self.last = at;
            return at;
        }
        let at = self.processes.len();
        self.last = at;
        if at >= FEW {
            self.places.insert(process.clone(), at);
        }
        self.processes.push(process.clone());
        at
    }
}
