//! A tree as one line of JSON (man/dl-tree-format.7).

use std::borrow::Cow;

use super::{
    model::{Node, Share, Skew, Tree, Writer},
    object::{Object, key, list, text},
};

/// Appends `tree` to `out` as one JSON object, without a newline.
pub fn write(tree: &Tree<'_>, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    head(tree, &mut object);
    object.key(key!("root"));
    nodes(tree, object.out);
    object.end();
}

/// Appends what is known of `tree` as a whole, without its nodes.
pub fn summary(tree: &Tree<'_>, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    head(tree, &mut object);
    object.count(key!("nodes"), tree.nodes.len());
    object.end();
}

/// Appends a node by itself, as a record that can be asked: without its records and children.
pub fn node(tree: &Tree<'_>, node: &Node<'_>, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    object.raw(key!("dl"), br#"{"kind":"node"}"#);
    object.text(key!("tree"), &tree.id);
    members(node, node.host.as_deref().map(Some), &mut object);
    object.count(key!("depth"), node.depth);
    object.count(key!("records"), node.records.len());
    object.end();
}

fn head(tree: &Tree<'_>, object: &mut Object<'_>) {
    object.raw(key!("dl"), br#"{"kind":"tree"}"#);
    object.text(key!("tree"), &tree.id);
    object.text(key!("scheme"), &tree.scheme);
    if let Some(name) = &tree.root().name {
        object.text(key!("name"), name);
    }
    object.word(key!("status"), tree.status.name());
    object.bool(key!("complete"), tree.complete);
    if tree.continuation {
        object.bool(key!("continuation"), true);
    }
    if let Some(before) = tree.before {
        object.word(key!("before"), before.name());
    }
    ids(key!("continues"), &tree.continues, object);
    if let Some(revision) = tree.snapshot {
        object.bool(key!("snapshot"), true);
        object.raw(key!("revision"), revision.to_string().as_bytes());
    }
    ids(key!("replaces"), &tree.replaces, object);
    object.instant(key!("start"), tree.start);
    object.instant(key!("end"), tree.end);
    object.seconds(key!("duration"), tree.duration);
    object.count(key!("records"), tree.records.len());
    if let Some(selected) = tree.selected {
        object.count(key!("selected"), selected);
    }
    object.key(key!("processes"));
    list(object.out, &tree.processes, |out, process| {
        text(out, process);
    });
    if !tree.shares.is_empty() {
        object.key(key!("shares"));
        list(object.out, &tree.shares, share);
    }
    object.count(key!("errors"), tree.errors);
    if let Some(level) = tree.level {
        object.word(key!("level"), level.name());
    }
    if let Some(exception) = &tree.exception {
        object.text(key!("exception"), exception);
    }
    if let Some(node) = &tree.error_root {
        object.text(key!("error_root"), node);
    }
    if !tree.skew.is_empty() {
        object.key(key!("skew"));
        list(object.out, &tree.skew, skew);
    }
}

/// Writes the ids of other trees, if there are any.
fn ids(name: &'static str, ids: &[Cow<'_, str>], object: &mut Object<'_>) {
    if !ids.is_empty() {
        object.key(name);
        list(object.out, ids, |out, id| text(out, id));
    }
}

fn share(out: &mut Vec<u8>, share: &Share<'_>) {
    let mut object = Object::begin(out);
    object.text(key!("process"), &share.process);
    if let Some(host) = &share.host {
        object.text(key!("host"), host);
    }
    object.count(key!("records"), share.records);
    object.count(key!("nodes"), share.nodes);
    object.seconds(key!("self"), Some(share.own));
    object.end();
}

fn writer(out: &mut Vec<u8>, writer: &Writer<'_>) {
    let mut object = Object::begin(out);
    object.text(key!("process"), &writer.process);
    if let Some(host) = &writer.host {
        object.text(key!("host"), host);
    }
    object.count(key!("records"), writer.records);
    object.end();
}

fn skew(out: &mut Vec<u8>, skew: &Skew<'_>) {
    let mut object = Object::begin(out);
    object.text(key!("from"), &skew.from);
    object.text(key!("to"), &skew.to);
    object.seconds(key!("min"), skew.min);
    object.seconds(key!("max"), skew.max);
    object.count(key!("violations"), skew.violations);
    object.end();
}

/// Writes the root and all below it; however deep they stand, there is no recursion.
fn nodes(tree: &Tree<'_>, out: &mut Vec<u8>) {
    let mut depth = 0;
    // The host of each open node, as a reader knows it by now.
    let mut hosts: Vec<Option<&str>> = Vec::new();
    for (number, node) in tree.nodes.iter().enumerate() {
        if number > 0 && node.depth < depth {
            close(depth - node.depth, out);
            out.push(b',');
        }
        hosts.truncate(node.depth);
        let above = hosts.last().copied().flatten();
        // Who has no record has no host; who reads takes that of the node above for it.
        let host = if node.records.is_empty() {
            above
        } else {
            node.host.as_deref()
        };
        hosts.push(host);
        open(tree, node, (host != above).then_some(host), out);
        depth = node.depth + 1;
    }
    close(depth, out);
}

/// Closes that many nodes.
fn close(count: usize, out: &mut Vec<u8>) {
    for _ in 0..count {
        out.extend_from_slice(b"]}");
    }
}

/// Writes a node up to the beginning of its children.
#[expect(
    clippy::option_option,
    reason = "not said is not the same as not known"
)]
fn open(tree: &Tree<'_>, node: &Node<'_>, host: Option<Option<&str>>, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    members(node, host, &mut object);
    object.open();
    object.key(key!("records"));
    list(object.out, tree.records_of(node), |out, record| {
        out.extend_from_slice(record);
    });
    object.key(key!("children"));
    object.out.push(b'[');
}

/// Writes what is known of a node; its host only if it has to be said.
#[expect(
    clippy::option_option,
    reason = "not said is not the same as not known"
)]
fn members(node: &Node<'_>, host: Option<Option<&str>>, object: &mut Object<'_>) {
    object.text(key!("node"), &node.id);
    if let Some(name) = &node.name {
        object.text(key!("name"), name);
    }
    object.word(key!("status"), node.status.name());
    if !node.flags.is_empty() {
        object.key(key!("flags"));
        list(object.out, &node.flags, |out, flag| text(out, flag.name()));
    }
    if let Some(edge) = node.edge {
        object.word(key!("edge"), edge.name());
    }
    if let Some(scheme) = &node.scheme {
        object.text(key!("scheme"), scheme);
    }
    object.instant(key!("start"), node.start);
    object.instant(key!("end"), node.end);
    object.seconds(key!("adjusted"), node.adjusted);
    object.seconds(key!("duration"), node.duration);
    object.seconds(key!("self"), node.own);
    object.seconds(key!("critical"), node.critical);
    if node.concurrent {
        object.bool(key!("concurrent"), true);
    }
    if let Some(process) = &node.process {
        object.text(key!("process"), process);
    }
    match host {
        Some(Some(host)) => object.text(key!("host"), host),
        Some(None) => object.raw(key!("host"), b"null"),
        None => {}
    }
    if !node.writers.is_empty() {
        object.key(key!("writers"));
        list(object.out, &node.writers, writer);
    }
    if let Some(exception) = &node.exception {
        object.text(key!("exception"), exception);
    }
    if node.after > 0 {
        object.count(key!("after"), node.after);
    }
}
