//! The table: everything that workers need to know of the rules in force.

use crate::{
    expr::{Expr, Filter},
    record::Reader,
    route::{Router, Rules},
};

/// Rules, compiled. It never changes: other rules are another table.
#[derive(Debug)]
pub(super) struct Table {
    /// Tells tables apart.
    pub(super) version: u64,
    pub(super) rules: Rules,
    pub(super) reader: Reader,
    pub(super) router: Router,
    /// What is selected before any rule is asked.
    pub(super) filter: Filter,
    pub(super) invert: bool,
    /// For each destination, true if workers may write to it by themselves: no rule that has
    /// to see records in the order of the input sends any there.
    pub(super) direct: Vec<bool>,
}

impl Table {
    pub(super) fn new(version: u64, rules: Rules, selection: &Expr, invert: bool) -> Self {
        let mut reader = Reader::default();
        let filter = selection.compile(&mut reader);
        let router = rules.compile(&mut reader);
        let mut direct = vec![true; rules.destinations.len()];
        for rule in rules.rules.iter().filter(|rule| rule.throttle.is_some()) {
            for &number in &rule.to {
                direct[number] = false;
            }
        }
        Self {
            version,
            rules,
            reader,
            router,
            filter,
            invert,
            direct,
        }
    }

    /// The destinations of a rule, or of the default route, which stands behind the rules.
    pub(super) fn route(&self, number: usize) -> &[usize] {
        match self.rules.rules.get(number) {
            Some(rule) => &rule.to,
            None => &self.rules.default,
        }
    }

    /// The number of the default route.
    pub(super) fn default_route(&self) -> usize {
        self.rules.rules.len()
    }
}
