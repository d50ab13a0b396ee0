//! Clock skew between hosts, as far as the order of things proves it.
//!
//! No clock is believed to be right. What is known is that a cause comes before its effect:
//! each edge of the tree from host to host bounds by how much one clock is ahead of the
//! other, and edges in both directions bound it from both sides.

use std::{borrow::Cow, collections::BTreeMap};

use super::model::Skew;

/// By how many seconds the child's clock is ahead of its parent's, as one edge tells.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bounds {
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
}

impl Bounds {
    /// What it says of the parent's clock against the child's.
    fn reversed(self) -> Self {
        Self {
            min: self.max.map(|max| -max),
            max: self.min.map(|min| -min),
        }
    }
}

/// What all edges tell.
#[derive(Debug, Default)]
pub(super) struct Clocks<'a>(BTreeMap<(Cow<'a, str>, Cow<'a, str>), Skew<'a>>);

impl<'a> Clocks<'a> {
    /// Takes in an edge from the host `above` to the host `below`.
    pub(super) fn learn(&mut self, above: &Cow<'a, str>, below: &Cow<'a, str>, bounds: Bounds) {
        let (from, to, bounds) = if above < below {
            (above, below, bounds)
        } else {
            (below, above, bounds.reversed())
        };
        let known = self
            .0
            .entry((from.clone(), to.clone()))
            .or_insert_with(|| Skew {
                from: from.clone(),
                to: to.clone(),
                ..Skew::default()
            });
        known.min = tighter(known.min, bounds.min, f64::max);
        known.max = tighter(known.max, bounds.max, f64::min);
        let contradicts =
            bounds.min.is_some_and(|min| min > 0.0) || bounds.max.is_some_and(|max| max < 0.0);
        known.violations += usize::from(contradicts);
    }

    /// What is known of each two hosts, by name.
    pub(super) fn skew(self) -> Vec<Skew<'a>> {
        let told = |skew: &Skew<'_>| skew.min.is_some() || skew.max.is_some();
        self.0.into_values().filter(told).collect()
    }
}

fn tighter(one: Option<f64>, other: Option<f64>, choose: fn(f64, f64) -> f64) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(choose(one, other)),
        (one, other) => one.or(other),
    }
}
