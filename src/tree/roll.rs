//! Processes, each once.
//!
//! Two hosts may have a process of the same service and number each, as containers do, whose first
//! process is always 1. Who does not tell the host is the first of that name.

use std::{collections::HashMap, hash::Hash};

/// A process and its host.
pub(crate) type Called<T> = (T, Option<T>);

/// The processes in the order in which they come up.
pub(crate) struct Roll<T> {
    pub(crate) processes: Vec<Called<T>>,
    /// Where those stand that are behind the first few.
    places: HashMap<Called<T>, usize>,
    /// Where the first of a name stands, if it is behind them.
    names: HashMap<T, usize>,
    /// The one that was called last: mostly it is called again.
    last: usize,
}

/// How many processes are gone through one by one.
const FEW: usize = 8;

impl<T> Default for Roll<T> {
    fn default() -> Self {
        Self {
            processes: Vec::new(),
            places: HashMap::new(),
            names: HashMap::new(),
            last: 0,
        }
    }
}

impl<T: Clone + Eq + Hash> Roll<T> {
    /// The number of a process.
    pub(crate) fn call(&mut self, process: &T, host: Option<&T>) -> usize {
        let is_last = |(name, on): &Called<T>| name == process && on.as_ref() == host;
        if !self.processes.get(self.last).is_some_and(is_last) {
            self.last = self.find(process, host);
        }
        self.last
    }

    fn find(&mut self, process: &T, host: Option<&T>) -> usize {
        let few = || self.processes.iter().take(FEW);
        let named = few().position(|(name, _)| name == process);
        let named = named.or_else(|| self.names.get(process).copied());
        let Some(first) = named else {
            return self.add(process, host);
        };
        let Some(host) = host else {
            return first;
        };
        let on = &mut self.processes[first].1;
        if on.get_or_insert_with(|| host.clone()) == host {
            return first;
        }
        let mut few = self.processes.iter().take(FEW);
        let known = few.position(|(name, on)| name == process && on.as_ref() == Some(host));
        let known = known.or_else(|| {
            let called = (process.clone(), Some(host.clone()));
            self.places.get(&called).copied()
        });
        known.unwrap_or_else(|| self.add(process, Some(host)))
    }

    fn add(&mut self, process: &T, host: Option<&T>) -> usize {
        let at = self.processes.len();
        let called = (process.clone(), host.cloned());
        if at >= FEW {
            self.names.entry(process.clone()).or_insert(at);
            self.places.insert(called.clone(), at);
        }
        self.processes.push(called);
        at
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All are gone through, one by one.
    fn naive(known: &mut Vec<(u8, Option<u8>)>, name: u8, host: Option<u8>) -> usize {
        let first = known.iter().position(|known| known.0 == name);
        match (first, host) {
            (Some(first), None) => return first,
            (Some(first), Some(_)) if known[first].1.is_none() => {
                known[first].1 = host;
                return first;
            }
            _ => {}
        }
        if let Some(at) = known.iter().position(|known| *known == (name, host)) {
            return at;
        }
        known.push((name, host));
        known.len() - 1
    }

    proptest! {
        #[test]
        fn each_process_of_each_host_is_called_by_its_number(
            calls in prop::collection::vec((0..12_u8, prop::option::of(0..3_u8)), 0..80),
        ) {
            let (mut roll, mut known) = (Roll::default(), Vec::new());
            for (name, host) in calls {
                let expect = naive(&mut known, name, host);
                prop_assert_eq!(roll.call(&name, host.as_ref()), expect);
            }
            prop_assert_eq!(roll.processes, known);
        }
    }
}
