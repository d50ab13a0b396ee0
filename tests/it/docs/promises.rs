//! What exists is described: schemas, schemes, the members of trees and nodes.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use super::{man::fragment, root};
use crate::programs::Sandbox;

#[test]
fn every_schema_is_in_the_manual() {
    let source = fs::read_to_string(root().join("src/record/producers.rs")).expect("a text");
    let manual = fs::read_to_string(root().join("man/dl.7")).expect("a text");
    let name = |line: &'_ str| {
        let name = line.trim().strip_prefix("name: \"")?;
        Some(name.trim_end_matches("\",").to_owned())
    };
    let names: Vec<_> = source.lines().filter_map(name).collect();
    assert!(names.len() > 5, "{names:?}");
    for name in names {
        assert!(manual.contains(&format!(".It Cm {name}\n")), "{name}");
    }
}

#[test]
fn every_scheme_is_in_the_manual() {
    let manual = fragment("dl-tree");
    for scheme in distlog::tree::scheme::SCHEMES {
        let name = scheme.name();
        assert!(manual.contains(&format!("\n.TP\n.B {name}\n")), "{name}");
    }
}

#[test]
fn every_member_of_a_tree_is_in_the_manual() {
    let manual = fs::read_to_string(root().join("man/dl-tree-format.7")).expect("a text");
    let (_, rest) = manual.split_once(".Sh THE TREE\n").expect("a section");
    let (trees, rest) = rest.split_once(".Sh NODES").expect("a section");
    let (nodes, _) = rest.split_once("\n.Sh ").expect("a section");
    let run = Sandbox::new().run("dl-tree --critical-path *.ndjson");
    let mut members = [BTreeSet::new(), BTreeSet::new()];
    for line in String::from_utf8_lossy(&run.stdout).lines() {
        // A record may have what only we can read.
        let Ok(tree) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        collect(&tree, &mut members[0]);
        walk(&tree["root"], &mut members[1]);
    }
    for (members, section) in members.iter().zip([trees, nodes]) {
        assert!(members.len() > 8, "{members:?}");
        let terms: Vec<_> = section
            .lines()
            .filter(|line| line.starts_with(".It Li "))
            .flat_map(|line| line.split(|c: char| !c.is_ascii_alphabetic() && c != '_'))
            .collect();
        for member in members {
            assert!(terms.contains(&member.as_str()), "{member}");
        }
    }
}

fn collect(object: &Value, members: &mut BTreeSet<String>) {
    members.extend(
        object
            .as_object()
            .into_iter()
            .flat_map(|object| object.keys().cloned()),
    );
}

fn walk(node: &Value, members: &mut BTreeSet<String>) {
    collect(node, members);
    for child in node["children"].as_array().into_iter().flatten() {
        walk(child, members);
    }
}
