//! Explaining: why each record of a request went where it went, in plain text.

use std::{collections::HashMap, fmt::Write};

use super::{
    assemble::{Assembler, KeyTable},
    model::{Edge, Node, Tree},
    placed::{Placed, settle},
    scheme::{Key, Parent, Placement, Role, Scope},
};
use crate::words::plural;

/// How much of a record is shown: enough to know it again.
const SHOWN: usize = 100;

impl Assembler {
    /// Tells of the tree of `lines` where each record stands and why, if `wanted` holds for one
    /// of its ids. Records are numbered in the order of `lines`, from 1.
    pub fn explain(&mut self, lines: &[&[u8]], wanted: impl Fn(&str) -> bool) -> Option<String> {
        let mut keys = KeyTable::default();
        let mut placed = self.place(lines, &mut keys);
        // A user knows what is shown, and may know what is compared. Each is told, because more than one may be asked
        // for by some id of it.
        let asked = |key: &Key<'_>| wanted(&key.name()) | wanted(&key.id.text());
        if keys.keys.iter().filter(|key| asked(key)).count() == 0 {
            return None;
        }
        settle(&mut placed);
        let tree = self.assemble(lines);
        let names: Vec<_> = keys
            .keys
            .iter()
            .map(|key| self.scheme(key.scheme))
            .collect();
        let numbers = placed
            .iter()
            .map(|record| record.line.as_ptr() as usize)
            .zip(0..);
        let story = Story {
            tree: &tree,
            keys: &keys,
            names: &names,
            placed: &placed,
            numbers: numbers.collect(),
        };
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = story.tell(&mut out);
        Some(out)
    }
}

struct Story<'t, 'a> {
    tree: &'t Tree<'a>,
    keys: &'t KeyTable<'a>,
    names: &'t [&'static str],
    placed: &'t [Placed<'a>],
    /// Which record begins at an address.
    numbers: HashMap<usize, usize>,
}

impl Story<'_, '_> {
    fn tell(&self, out: &mut String) -> std::fmt::Result {
        let tree = self.tree;
        let complete = if tree.complete {
            "complete"
        } else {
            "incomplete"
        };
        writeln!(
            out,
            "tree {}: scheme {}, {}, {complete}, {} in {}",
            tree.id,
            tree.scheme,
            tree.status.name(),
            plural(tree.records.len() as u64, "record"),
            plural(tree.nodes.len() as u64, "node")
        )?;
        for (key, name) in self.keys.keys.iter().zip(self.names) {
            writeln!(out, "  id {} of scheme {name}", key.name())?;
        }
        let parents = tree.parents();
        for (number, node) in tree.nodes.iter().enumerate() {
            let parent = (number > 0).then(|| &tree.nodes[parents[number]]);
            tell_node(node, parent, out)?;
            for line in tree.records_of(node) {
                let record = self.numbers.get(&(line.as_ptr() as usize));
                if let Some(&record) = record {
                    self.tell_record(record, out)?;
                }
            }
        }
        Ok(())
    }

    fn tell_record(&self, number: usize, out: &mut String) -> std::fmt::Result {
        let record = &self.placed[number];
        write!(out, "  record {}: ", number + 1)?;
        self.tell_place(record.key, &record.placement, out)?;
        let line = String::from_utf8_lossy(record.line);
        let end = line
            .char_indices()
            .nth(SHOWN)
            .map_or(line.len(), |(at, _)| at);
        let more = if end < line.len() { "…" } else { "" };
        writeln!(out, "\n    {}{more}", &line[..end])?;
        for (key, placement) in &record.others {
            // It names what has called, however many spans above its own, and was not written there.
            if placement.side.is_some() && matches!(placement.scope, Scope::Path(_)) {
                out.push_str("    called from: ");
                self.tell_key(*key, out)?;
                write!(out, ", scope {}", scope(&placement.scope))?;
            } else {
                out.push_str("    joins: ");
                self.tell_place(*key, placement, out)?;
            }
            out.push('\n');
        }
        Ok(())
    }

    fn tell_place(&self, key: u32, place: &Placement<'_>, out: &mut String) -> std::fmt::Result {
        self.tell_key(key, out)?;
        if place.position == u64::MAX && place.scope == Scope::ROOT {
            return write!(out, ", and no place that makes sense: kept at the root");
        }
        write!(out, ", scope {}", scope(&place.scope))?;
        match &place.parent {
            Parent::Unsaid => {}
            Parent::None => write!(out, ", parent none: it is the root")?,
            Parent::Id(id) => write!(out, ", parent {id}")?,
            Parent::OtherHalf(_) => write!(out, ", parent the other scope of that id")?,
        }
        if let Some(instance) = &place.instance {
            write!(out, ", of {instance}")?;
        }
        write!(out, ", {}, position {}", role(place.role), place.position)
    }

    fn tell_key(&self, key: u32, out: &mut String) -> std::fmt::Result {
        let key = key as usize;
        match (self.keys.keys.get(key), self.names.get(key)) {
            (Some(id), Some(name)) => write!(out, "scheme {name}, key {}", id.name()),
            _ => write!(out, "no id"),
        }
    }
}

fn tell_node(node: &Node<'_>, parent: Option<&Node<'_>>, out: &mut String) -> std::fmt::Result {
    let name = node.name.as_deref().unwrap_or("no name");
    write!(out, "node {} ({name}): {}", node.id, node.status.name())?;
    match (parent, node.edge) {
        (None, _) => out.push_str(", the root"),
        (Some(parent), None) => write!(out, ", below {} by its ids", parent.id)?,
        (Some(parent), Some(Edge::Join)) => write!(
            out,
            ", below {} (edge join): a record carries the ids of both",
            parent.id
        )?,
        (Some(parent), Some(Edge::Tree)) => write!(
            out,
            ", below {} (edge tree): only the id of the request says that it belongs here",
            parent.id
        )?,
    }
    let flags: Vec<_> = node.flags.iter().map(|flag| flag.name()).collect();
    if !flags.is_empty() {
        write!(out, "; {}", flags.join(", "))?;
    }
    writeln!(out)
}

/// A scope as text: `/3/2`, or its id.
fn scope(scope: &Scope<'_>) -> String {
    match scope {
        Scope::Path(trail) if trail.is_empty() => "/".into(),
        Scope::Path(trail) => trail.to_string(),
        Scope::Id(id) => id.to_string(),
    }
}

fn role(role: Role) -> String {
    match role {
        Role::Start { .. } => "start".into(),
        Role::End(status) => format!("end ({})", status.name()),
        Role::Whole(status) => format!("all of it ({})", status.name()),
        Role::Detail => "inside".into(),
        Role::Lone => "by itself".into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::tree::Assembler;

    #[test]
    fn each_record_says_why_it_stands_where_it_stands() {
        let lines = [
            &br#"{"task_uuid":"t1","task_level":[2,1],"action_type":"b","action_status":"started"}"#[..],
            br#"{"task_uuid":"t1","task_level":[1],"action_type":"a","action_status":"started"}"#,
        ];
        let mut assembler = Assembler::default();
        assert_eq!(assembler.explain(&lines, |id| id == "t2"), None);
        let one = assembler.explain(&lines[1..], |id| id == "t1");
        let one = one.expect("it is wanted");
        assert!(one.contains(", 1 record in 1 node\n"), "{one}");
        let text = assembler.explain(&lines, |id| id.starts_with('t'));
        expect_test::expect![[r#"
            tree t1: scheme eliot, running, incomplete, 2 records in 2 nodes
              id t1 of scheme eliot
            node / (a): running, the root
              record 2: scheme eliot, key t1, scope /, start, position 1
                {"task_uuid":"t1","task_level":[1],"action_type":"a","action_status":"started"}
            node /2 (b): running, below / by its ids
              record 1: scheme eliot, key t1, scope /2, start, position 1
                {"task_uuid":"t1","task_level":[2,1],"action_type":"b","action_status":"started"}
        "#]]
        .assert_eq(&text.expect("it is wanted"));
    }
}
