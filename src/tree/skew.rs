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
    /// What holds if the child began, and its parent ended, up to so many seconds later than their
    /// times say. That the other times may be cut off makes nothing wrong.
    pub(super) fn loosened(self, began: f64, ended: f64) -> Self {
        Self {
            min: self.min.map(|min| min - ended),
            max: self.max.map(|max| max + began),
        }
    }

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
    #[expect(clippy::ptr_arg, reason = "a text that is kept need not be copied")]
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

#[cfg(test)]
mod tests {
    use super::super::{Assembler, Tree, adjust};

    /// A record of an Eliot action: its level, its host, its status and its time in seconds.
    fn record(level: &str, host: &str, status: &str, time: f64) -> String {
        format!(
            r#"{{"task_uuid":"t","task_level":[{level}],"hostname":"{host}","action_type":"a","action_status":"{status}","timestamp":{time:?}}}"#
        )
    }

    fn with_tree(records: &[String], check: impl FnOnce(&mut Tree<'_>)) {
        let lines: Vec<_> = records.iter().map(String::as_bytes).collect();
        check(&mut Assembler::default().assemble(&lines));
    }

    /// `web` calls `db`, whose clock is two seconds behind; `db` calls `web` again.
    fn behind() -> Vec<String> {
        vec![
            record("1", "web", "started", 100.0),
            record("2,1", "db", "started", 98.5),
            record("2,2,1", "web", "started", 101.0),
            record("2,2,2", "web", "succeeded", 101.25),
            record("2,3", "db", "succeeded", 99.5),
            record("3", "web", "succeeded", 102.0),
        ]
    }

    #[test]
    fn edges_in_both_directions_bound_a_clock_from_both_sides() {
        with_tree(&behind(), |tree| {
            let [skew] = &tree.skew[..] else {
                panic!("{:?}", tree.skew);
            };
            assert_eq!((&*skew.from, &*skew.to), ("db", "web"));
            // web began its part at most 2.5 s by the clocks after db began to ask for it, and
            // db began at most -1.5 s after web asked for that.
            assert_eq!((skew.min, skew.max), (Some(1.5), Some(2.5)));
            assert_eq!(skew.violations, 1);
        });
    }

    #[test]
    fn clocks_are_moved_as_little_as_the_bounds_allow() {
        with_tree(&behind(), |tree| {
            let durations: Vec<_> = tree.nodes.iter().map(|node| node.duration).collect();
            for _ in 0..2 {
                // What was moved is not moved again.
                adjust(tree);
                let moved: Vec<_> = tree.nodes.iter().map(|node| node.adjusted).collect();
                assert_eq!(moved, [None, Some(1.5), None]);
                assert_eq!(tree.nodes[1].start, tree.nodes[0].start);
            }
            let after: Vec<_> = tree.nodes.iter().map(|node| node.duration).collect();
            assert_eq!(after, durations);
            assert_eq!(tree.nodes[0].own, Some(1.0));
            assert_eq!(
                (tree.start, tree.end),
                (tree.nodes[0].start, tree.nodes[0].end)
            );
        });
    }

    #[test]
    fn clocks_that_contradict_nothing_stay() {
        let records = [
            record("1", "a", "started", 1.0),
            record("2,1", "b", "started", 1.5),
            record("2,2", "b", "succeeded", 9.0),
            record("3", "a", "succeeded", 2.0),
        ];
        with_tree(&records, |tree| {
            let [skew] = &tree.skew[..] else {
                panic!("{:?}", tree.skew);
            };
            // That b ended after a proves nothing: nobody knows that a waited.
            assert_eq!((skew.min, skew.max, skew.violations), (None, Some(0.5), 0));
            adjust(tree);
            assert!(tree.nodes.iter().all(|node| node.adjusted.is_none()));
        });
        with_tree(&behind()[..1], |tree| assert!(tree.skew.is_empty()));
    }

    /// The two ends of a call: the caller, then the callee, each with status and times.
    fn call(caller: (u8, i64, i64), inner: (i64, i64)) -> Vec<String> {
        let span = |id: u8, more: &str, host: &str, kind: u8, (from, to): (i64, i64)| {
            format!(
                r#"{{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b{id}"{more},"kind":{kind},"name":"get","startTimeUnixNano":"{}","endTimeUnixNano":"{}","host.name":"{host}"}}"#,
                from * 1_000_000_000,
                to * 1_000_000_000
            )
        };
        let (status, from, to) = caller;
        let status = format!(r#","status":{{"code":{status}}}"#);
        let below = r#","parentSpanId":"00f067aa0ba902b1""#;
        vec![
            span(1, &status, "a", 3, (from, to)),
            span(2, below, "b", 2, inner),
        ]
    }

    #[test]
    fn a_caller_waits_for_its_callee_unless_it_gives_up() {
        let check = |status: u8, expect: (Option<f64>, Option<f64>, usize)| {
            with_tree(&call((status, 100, 110), (105, 113)), |tree| {
                let [skew] = &tree.skew[..] else {
                    panic!("{:?}", tree.skew);
                };
                assert_eq!((skew.min, skew.max, skew.violations), expect);
                adjust(tree);
                assert_eq!(tree.nodes[1].adjusted, expect.0.map(|min| -min));
            });
        };
        check(0, (Some(3.0), Some(5.0), 1));
        check(2, (None, Some(5.0), 0));
    }
}
