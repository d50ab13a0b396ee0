//! Flattening with stamps: the records of a tree, each with its place under `dl.tree`.
//!
//! What the ids of a record say of its place a reader would have to work out again; the stamp
//! says it in plain words.

use super::{
    flatten::flatten,
    model::{Node, Tree},
    object::{Object, key},
};
use crate::record::Stamper;

/// The names at either end of a path that has too many of them: a record in a scope that
/// stands a thousand levels deep must not carry a thousand names.
const SHOWN: usize = 8;

/// Flattens trees and stamps their records; keeps its memory from tree to tree.
#[derive(Debug)]
pub struct Flattener {
    stamper: Stamper,
    /// For each level the node that was written last, and its stamp.
    stamps: Vec<(usize, String)>,
}

impl Default for Flattener {
    fn default() -> Self {
        Self {
            stamper: Stamper::new("tree"),
            stamps: Vec::new(),
        }
    }
}

impl Flattener {
    /// Appends the records of `tree` as lines in the tree's order, each with its place. A
    /// stamp of an earlier tree is replaced; where `dl` is no object there is none.
    pub fn write(&mut self, tree: &Tree<'_>, out: &mut Vec<u8>) {
        let ways = Ways::new(tree);
        self.stamps.clear();
        flatten(tree, |number, record| {
            let depth = tree.nodes[number].depth;
            if self.stamps.len() <= depth {
                self.stamps.resize(depth + 1, (usize::MAX, String::new()));
            }
            let (of, stamp) = &mut self.stamps[depth];
            if *of != number {
                *of = number;
                *stamp = self::stamp(tree, &ways, number);
            }
            // What stands in a tree was a record once; if it is none now, it passes as it is.
            let start = out.len();
            if self.stamper.update(record, |_| stamp.clone(), out).is_err() {
                out.truncate(start);
                out.extend_from_slice(record);
            }
            out.push(b'\n');
        });
    }
}

/// What the records of a node are stamped with.
fn stamp(tree: &Tree<'_>, ways: &Ways, number: usize) -> String {
    let node = &tree.nodes[number];
    let mut out = Vec::new();
    let mut object = Object::begin(&mut out);
    object.text(key!("id"), &tree.id);
    object.text(key!("node"), &node.id);
    if number > 0 {
        object.text(key!("parent"), &tree.nodes[ways.parents[number]].id);
    }
    object.count(key!("depth"), node.depth);
    object.text(key!("path"), &ways.path(tree, number));
    object.text(key!("status"), node.status.name());
    object.end();
    String::from_utf8(out).unwrap_or_default()
}

/// The ways up from the nodes of a tree.
struct Ways {
    parents: Vec<usize>,
    /// For each node the one on the way to it that is the last of the first names, or itself.
    heads: Vec<usize>,
}

impl Ways {
    fn new(tree: &Tree<'_>) -> Self {
        let parents = tree.parents();
        let mut heads: Vec<usize> = Vec::with_capacity(tree.nodes.len());
        for (number, node) in tree.nodes.iter().enumerate() {
            heads.push(if node.depth < SHOWN {
                number
            } else {
                heads[parents[number]]
            });
        }
        Self { parents, heads }
    }

    /// The names from the root down to a node; of many those at both ends.
    fn path(&self, tree: &Tree<'_>, number: usize) -> String {
        let above = |&at: &usize| (at > 0).then(|| self.parents[at]);
        let up = |from: usize, count: usize| {
            let way = std::iter::successors(Some(from), above).take(count);
            let mut names: Vec<_> = way.map(|at| name(&tree.nodes[at])).collect();
            names.reverse();
            names
        };
        if tree.nodes[number].depth < 2 * SHOWN {
            return up(number, 2 * SHOWN).join(" > ");
        }
        let (first, last) = (up(self.heads[number], SHOWN), up(number, SHOWN));
        [first, vec!["…"], last].concat().join(" > ")
    }
}

/// What a node is called: by its id, if nothing gives it a name.
fn name<'n>(node: &'n Node<'_>) -> &'n str {
    node.name.as_deref().unwrap_or(&node.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Assembler;

    fn flat(lines: &[&str]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
        let mut out = Vec::new();
        Flattener::default().write(&Assembler::default().assemble(&lines), &mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn records_say_where_they_stand_and_keep_their_bytes() {
        let flat = flat(&[
            r#"{"task_uuid":"t","task_level":[2,1],"action_type":"b","action_status":"started"}"#,
            r#"{ "task_uuid":"t","task_level":[1],"action_type":"a","action_status":"started","dl":{"x":1.50}}"#,
            r#"{"task_uuid":"t","task_level":[3],"message_type":"m","dl":{"tree":"old","y":0}}"#,
        ]);
        let expect = [
            r#"{ "task_uuid":"t","task_level":[1],"action_type":"a","action_status":"started","dl":{"x":1.50,"tree":{"id":"t","node":"/","depth":0,"path":"a","status":"running"}}}"#,
            r#"{"task_uuid":"t","task_level":[2,1],"action_type":"b","action_status":"started","dl":{"tree":{"id":"t","node":"/2","parent":"/","depth":1,"path":"a > b","status":"running"}}}"#,
            r#"{"task_uuid":"t","task_level":[3],"message_type":"m","dl":{"tree":{"id":"t","node":"/","depth":0,"path":"a","status":"running"},"y":0}}"#,
        ];
        assert_eq!(flat.lines().collect::<Vec<_>>(), expect);
    }

    #[test]
    fn a_path_of_many_names_is_cut_in_its_middle() {
        let level = |depth: usize| "1,".repeat(depth);
        let line = format!(r#"{{"task_uuid":"t","task_level":[{}1]}}"#, level(40));
        let flat = flat(&[&line]);
        assert!(flat.contains("/1/1/1/1/1/1/1 > … > /1/"), "{flat}");
        assert!(flat.contains(r#""depth":40"#), "{flat}");
    }
}
