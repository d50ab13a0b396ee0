//! Runs: scopes that stand one behind the other and are alike, as in a loop.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::RandomState;

use crate::tree::{Edge, Node, Status, Tree};

/// So many that are alike are a run; two are as quickly seen as counted.
const LEAST: usize = 3;

/// What is told of a run in one line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Run {
    /// How many scopes are alike.
    pub(super) times: usize,
    /// How many scopes stand below each.
    pub(super) below: usize,
    /// The sum of their durations, as far as they are known.
    pub(super) sum: f64,
    /// The shortest and the longest.
    pub(super) spread: Option<(f64, f64)>,
    /// Their seconds on the critical path.
    pub(super) critical: Option<f64>,
}

/// A number for each node: those that have the same are alike, with all that is below them.
pub(super) fn likeness(tree: &Tree<'_>) -> Vec<u64> {
    let state = RandomState::default();
    let mut alike = vec![0; tree.nodes.len()];
    for number in (0..tree.nodes.len()).rev() {
        let Node {
            name,
            status,
            flags,
            edge,
            process,
            host,
            adjusted,
            ..
        } = &tree.nodes[number];
        let mut hasher = state.build_hasher();
        (name, process, host).hash(&mut hasher);
        status.name().hash(&mut hasher);
        for flag in flags {
            flag.name().hash(&mut hasher);
        }
        edge.map(Edge::name).hash(&mut hasher);
        adjusted.is_some().hash(&mut hasher);
        for child in tree.children(number) {
            alike[child].hash(&mut hasher);
        }
        alike[number] = hasher.finish();
    }
    alike
}

/// The run that begins with a node whose parent ends at `end`: where it ends, and what is told of
/// it. `is_quiet` says of a node that nothing of it has to be shown.
pub(super) fn run(
    tree: &Tree<'_>,
    alike: &[u64],
    first: usize,
    end: usize,
    mut is_quiet: impl FnMut(usize) -> bool,
) -> Option<(usize, Run)> {
    let size = tree.nodes[first].size;
    let starts = (first..end)
        .step_by(size)
        .take_while(|&number| alike[number] == alike[first] && tree.nodes[number].size == size);
    // Without a name nobody knows whether they are alike.
    if tree.nodes[first].name.is_none() || starts.clone().nth(LEAST - 1).is_none() {
        return None;
    }
    let quiet = |&number: &usize| {
        (number..number + size).all(|number| {
            let node = &tree.nodes[number];
            node.status != Status::Failed && node.exception.is_none() && is_quiet(number)
        })
    };
    let quiet: Vec<usize> = starts.take_while(quiet).collect();
    if quiet.len() < LEAST {
        return None;
    }
    let nodes = || quiet.iter().map(|&number| &tree.nodes[number]);
    let durations = || nodes().filter_map(|node| node.duration);
    let least = durations().fold(f64::INFINITY, f64::min);
    let most = durations().fold(f64::NEG_INFINITY, f64::max);
    let critical = nodes().filter_map(|node| node.critical);
    let run = Run {
        times: quiet.len(),
        below: size - 1,
        sum: durations().sum(),
        spread: (least <= most).then_some((least, most)),
        critical: critical.fold(None, |sum, own| Some(sum.unwrap_or(0.0) + own)),
    };
    Some((first + size * quiet.len(), run))
}
