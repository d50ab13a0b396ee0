//! What has gone wrong with inputs, each said once: also where they are read twice.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::report;
use crate::error::Error;

/// The failures of the inputs of one program; clones share them.
#[derive(Clone, Debug)]
pub(super) struct Failures {
    program: &'static str,
    said: Arc<Mutex<Said>>,
}

#[derive(Debug, Default)]
struct Said {
    any: bool,
    /// What this pass has said.
    now: HashSet<String>,
    /// What an earlier pass has said.
    before: HashSet<String>,
}

impl Failures {
    pub(super) fn new(program: &'static str) -> Self {
        Self {
            program,
            said: Arc::default(),
        }
    }

    /// Says an error, unless an earlier pass has.
    pub(super) fn say(&self, error: &Error) {
        let mut said = self.lock();
        said.any = true;
        let words = error.to_string();
        if !said.before.contains(&words) {
            report(self.program, error);
            said.now.insert(words);
        }
    }

    /// Takes over what an earlier pass has said: it counts here too, and is not said again.
    pub(super) fn follow(&self, earlier: &Self) {
        let earlier = earlier.lock();
        let mut said = self.lock();
        said.any |= earlier.any;
        said.before.extend(earlier.now.iter().cloned());
    }

    /// True if an input has failed.
    pub(super) fn any(&self) -> bool {
        self.lock().any
    }

    /// Locks; a thread that panicked takes the program down anyway.
    fn lock(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
