//! The critical path: what the request was waiting for at each moment, seen from its end.
//!
//! The walk goes backward from the end of the root. What a node waited for last is the child
//! that ended last; before that child began, it waited for the one that ended last by then,
//! and so on. What no such child covers is the node's own time. Children that were still at
//! work when the later one began were not waited for.

use super::model::{Node, Tree};
use crate::record::Instant;

/// Marks the nodes on the critical path with their own seconds on it, which add up to the
/// duration of the tree.
pub fn mark_critical(tree: &mut Tree<'_>) {
    let mut own: Vec<Option<f64>> = vec![None; tree.nodes.len()];
    critical_path(tree, |number, from, to| {
        *own[number].get_or_insert(0.0) += to.seconds_since(from);
    });
    for (node, own) in tree.nodes.iter_mut().zip(own) {
        node.critical = own;
    }
}

/// Hands out the critical path in stretches: the number of the node that was waited for, and
/// from when to when it was its own work that the request was waiting for. Each node on the
/// path has at least one, if an empty one.
pub fn critical_path(tree: &Tree<'_>, mut stretch: impl FnMut(usize, Instant, Instant)) {
    let root = tree.root();
    let Some(start) = root.start.or(tree.start) else {
        return;
    };
    let open_end = tree.end.unwrap_or(start).max(start);
    let end = root.duration.map_or(open_end, |took| start.after(took));
    let mut left = vec![(0, start, end.max(start))];
    let mut children = Vec::new();
    while let Some((number, from, to)) = left.pop() {
        children.clear();
        children.extend(tree.children(number).filter_map(|child| {
            let (start, end) = within(&tree.nodes[child], from, to)?;
            Some((end, std::cmp::Reverse(start), child))
        }));
        // Of those that ended at the same time the one that began first explains most.
        children.sort_unstable();
        let mut reached = to;
        for &(end, std::cmp::Reverse(start), child) in children.iter().rev() {
            if end <= reached {
                if end < reached {
                    stretch(number, end, reached);
                }
                reached = start;
                left.push((child, start, end));
            }
        }
        stretch(number, from, reached);
    }
}

/// The time of a node inside that of its parent; one that has not ended is still at work.
fn within(node: &Node<'_>, from: Instant, to: Instant) -> Option<(Instant, Instant)> {
    let start = node.start?;
    let end = match (node.end, node.duration) {
        (Some(end), _) => end,
        (None, Some(took)) => start.after(took),
        (None, None) => to,
    };
    let (start, end) = (start.max(from), end.min(to));
    (start < end).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(nodes: &[(usize, i64, i64)]) -> Vec<Option<f64>> {
        let second = |s: i64| Instant(s * 1_000_000_000);
        let node = |(at, &(depth, start, end)): (usize, &(usize, i64, i64))| Node {
            depth,
            size: 1 + nodes[at + 1..]
                .iter()
                .take_while(|node| node.0 > depth)
                .count(),
            start: Some(second(start)),
            end: Some(second(end)),
            duration: Some(second(end).seconds_since(second(start))),
            ..Node::default()
        };
        let mut tree = Tree {
            nodes: nodes.iter().enumerate().map(node).collect(),
            ..Tree::default()
        };
        mark_critical(&mut tree);
        tree.nodes.iter().map(|node| node.critical).collect()
    }

    #[test]
    fn what_was_waited_for_last_is_critical_and_the_sum_is_the_whole() {
        let check = |nodes: &[(usize, i64, i64)], expect: &[Option<f64>]| {
            let marked = marked(nodes);
            assert_eq!(marked, expect, "{nodes:?}");
            let sum: f64 = marked.iter().flatten().sum();
            let (_, start, end) = nodes[0];
            assert!((sum - Instant(end).seconds_since(Instant(start)) * 1e9).abs() < 1e-6);
        };
        check(&[(0, 0, 10)], &[Some(10.0)]);
        // One after the other.
        check(
            &[(0, 0, 10), (1, 1, 3), (1, 4, 9)],
            &[Some(3.0), Some(2.0), Some(5.0)],
        );
        // Side by side: the one that ends last, and what had ended before it began.
        check(
            &[(0, 0, 10), (1, 1, 6), (1, 2, 9), (1, 0, 2)],
            &[Some(1.0), None, Some(7.0), Some(2.0)],
        );
        // Below a critical child.
        check(
            &[(0, 0, 10), (1, 0, 8), (2, 2, 5), (1, 0, 7)],
            &[Some(2.0), Some(5.0), Some(3.0), None],
        );
        // What lies outside is cut off.
        check(
            &[(0, 0, 10), (1, -5, 4), (1, 6, 20)],
            &[Some(2.0), Some(4.0), Some(4.0)],
        );
    }
}
