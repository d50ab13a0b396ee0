//! Adjusting clocks: the times of nodes as the clock of the root's host would have told them.
//!
//! A host's clock is moved by as little as the bounds allow, and not at all where nothing
//! contradicts it. Records stay as they are.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
};

use super::{
    interval::uncovered,
    model::{Node, Tree},
    survey::mark_concurrent,
};

/// By how many seconds the clock of each host is taken to be ahead of the root's.
type Ahead<'a> = HashMap<Cow<'a, str>, f64>;

/// Moves the times of all nodes to the clock of the root's host, and tells the tree's times,
/// the nodes' own ones and what is concurrent anew. What was moved once stays.
pub fn adjust(tree: &mut Tree<'_>) {
    let done = |tree: &Tree<'_>| tree.nodes.iter().any(|node| node.adjusted.is_some());
    if tree.skew.is_empty() || done(tree) {
        return;
    }
    let ahead = ahead(tree);
    if ahead.values().all(|&seconds| seconds == 0.0) {
        return;
    }
    for node in &mut tree.nodes {
        let ahead = node.host.as_ref().and_then(|host| ahead.get(host));
        if let Some(&seconds) = ahead.filter(|&&seconds| seconds != 0.0) {
            node.adjusted = Some(-seconds);
            node.start = node.start.map(|start| start.after(-seconds));
            node.end = node.end.map(|end| end.after(-seconds));
        }
    }
    // What has no records of its own begins with what is below.
    for number in (0..tree.nodes.len()).rev() {
        if tree.nodes[number].records.is_empty() {
            let below = tree
                .children(number)
                .filter_map(|child| tree.nodes[child].start);
            tree.nodes[number].start = below.min().or(tree.nodes[number].start);
        }
    }
    measure(tree);
    mark_concurrent(tree);
    let intervals = || tree.nodes.iter().filter_map(Node::interval);
    let starts = tree.nodes.iter().filter_map(|node| node.start);
    tree.start = starts.min().or(tree.start);
    tree.end = intervals().map(|(_, end)| end).max().or(tree.end);
}

/// Goes from the root's host to those that something is known of, and takes for each the
/// smallest value that what is known of those before allows.
fn ahead<'a>(tree: &Tree<'a>) -> Ahead<'a> {
    let mut ahead = Ahead::new();
    let Some(root) = tree.nodes.iter().find_map(|node| node.host.as_ref()) else {
        return ahead;
    };
    ahead.insert(root.clone(), 0.0);
    let mut left = VecDeque::from([root.clone()]);
    while let Some(host) = left.pop_front() {
        let pairs = tree.skew.iter();
        let others = pairs.filter_map(|skew| match (skew.from == host, skew.to == host) {
            (true, _) => Some(&skew.to),
            (_, true) => Some(&skew.from),
            _ => None,
        });
        for other in others {
            if !ahead.contains_key(other) {
                let seconds = smallest(tree, other, &ahead);
                ahead.insert(other.clone(), seconds);
                left.push_back(other.clone());
            }
        }
    }
    ahead
}

/// The value closest to 0 that all bounds against known hosts allow; 0 if they contradict
/// each other, because then the clocks have drifted and no shift is right.
fn smallest<'a>(tree: &Tree<'a>, host: &str, ahead: &Ahead<'a>) -> f64 {
    let (mut min, mut max) = (f64::NEG_INFINITY, f64::INFINITY);
    for skew in &tree.skew {
        let (low, high) = (skew.min, skew.max);
        if let (true, Some(other)) = (skew.to == *host, ahead.get(&skew.from)) {
            min = min.max(low.map_or(min, |low| other + low));
            max = max.min(high.map_or(max, |high| other + high));
        } else if let (true, Some(other)) = (skew.from == *host, ahead.get(&skew.to)) {
            min = min.max(high.map_or(min, |high| other - high));
            max = max.min(low.map_or(max, |low| other - low));
        }
    }
    if min > max {
        return 0.0;
    }
    // Clocks of records tell no more than microseconds.
    (0.0_f64.clamp(min, max) * 1e6).round() / 1e6
}

/// Tells anew how long each node was at work itself.
fn measure(tree: &mut Tree<'_>) {
    let mut busy = Vec::new();
    for number in 0..tree.nodes.len() {
        let node = &tree.nodes[number];
        let (Some(start), Some(duration)) = (node.start, node.duration) else {
            continue;
        };
        if node.size == 1 {
            continue;
        }
        busy.clear();
        busy.extend(tree.children(number).filter_map(|child| {
            let child = &tree.nodes[child];
            let start = child.start?;
            Some((start, start.after(child.duration?)))
        }));
        let own = uncovered(start, start.after(duration), &mut busy);
        tree.nodes[number].own = Some(own);
    }
}
