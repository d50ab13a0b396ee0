//! A tree as one line of JSON (man/dl-tree-format.7).

use super::{
    model::{Node, Share, Skew, Tree},
    object::{Object, list, text},
};

/// Appends `tree` to `out` as one JSON object, without a newline.
pub fn write(tree: &Tree<'_>, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    head(tree, &mut object);
    object.key("root");
    nodes(tree, object.out);
    object.end();
}

/// Appends what is known of `tree` as a whole, without its nodes.
pub fn summary(tree: &Tree<'_>, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    head(tree, &mut object);
    if let Some(name) = &tree.root().name {
        object.text("name", name);
    }
    object.count("nodes", tree.nodes.len());
    object.end();
}

/// Appends a node by itself, as a record that can be asked: without its records and children.
pub fn node(tree: &Tree<'_>, node: &Node<'_>, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    object.raw("dl", br#"{"kind":"node"}"#);
    object.text("tree", &tree.id);
    members(node, node.host.as_deref().map(Some), &mut object);
    object.count("depth", node.depth);
    object.count("records", node.records.len());
    object.end();
}

fn head(tree: &Tree<'_>, object: &mut Object<'_>) {
    object.raw("dl", br#"{"kind":"tree"}"#);
    object.text("tree", &tree.id);
    object.text("scheme", &tree.scheme);
    object.text("status", tree.status.name());
    object.bool("complete", tree.complete);
    if tree.continuation {
        object.bool("continuation", true);
    }
    if let Some(revision) = tree.snapshot {
        object.bool("snapshot", true);
        object.raw("revision", revision.to_string().as_bytes());
    }
    object.instant("start", tree.start);
    object.instant("end", tree.end);
    object.seconds("duration", tree.duration);
    object.count("records", tree.records.len());
    if let Some(selected) = tree.selected {
        object.count("selected", selected);
    }
    object.key("processes");
    list(object.out, &tree.processes, |out, process| {
        text(out, process);
    });
    if !tree.shares.is_empty() {
        object.key("shares");
        list(object.out, &tree.shares, share);
    }
    object.count("errors", tree.errors);
    if let Some(exception) = &tree.exception {
        object.text("exception", exception);
    }
    if let Some(node) = &tree.error_root {
        object.text("error_root", node);
    }
    if !tree.skew.is_empty() {
        object.key("skew");
        list(object.out, &tree.skew, skew);
    }
}

fn share(out: &mut Vec<u8>, share: &Share<'_>) {
    let mut object = Object::begin(out);
    object.text("process", &share.process);
    if let Some(host) = &share.host {
        object.text("host", host);
    }
    object.count("records", share.records);
    object.count("nodes", share.nodes);
    object.seconds("self", Some(share.own));
    object.end();
}

fn skew(out: &mut Vec<u8>, skew: &Skew<'_>) {
    let mut object = Object::begin(out);
    object.text("from", &skew.from);
    object.text("to", &skew.to);
    object.seconds("min", skew.min);
    object.seconds("max", skew.max);
    object.count("violations", skew.violations);
    object.end();
}

/// Writes the root and all below it; however deep they stand, there is no recursion.
fn nodes(tree: &Tree<'_>, out: &mut Vec<u8>) {
    let mut depth = 0;
    // The host of each open node, as a reader knows it by now.
    let mut hosts: Vec<Option<&str>> = Vec::new();
    for (number, node) in tree.nodes.iter().enumerate() {
        if number > 0 && node.depth < depth {
            out.extend(b"]}".repeat(depth - node.depth));
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
    out.extend(b"]}".repeat(depth));
}

/// Writes a node up to the beginning of its children.
#[expect(
    clippy::option_option,
    reason = "not said is not the same as not known"
)]
fn open(tree: &Tree<'_>, node: &Node<'_>, host: Option<Option<&str>>, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    members(node, host, &mut object);
    object.key("records");
    list(object.out, tree.records_of(node), |out, record| {
        out.extend_from_slice(record);
    });
    object.key("children");
    object.out.push(b'[');
}

/// Writes what is known of a node; its host only if it has to be said.
#[expect(
    clippy::option_option,
    reason = "not said is not the same as not known"
)]
fn members(node: &Node<'_>, host: Option<Option<&str>>, object: &mut Object<'_>) {
    object.text("node", &node.id);
    if let Some(name) = &node.name {
        object.text("name", name);
    }
    object.text("status", node.status.name());
    if !node.flags.is_empty() {
        object.key("flags");
        list(object.out, &node.flags, |out, flag| text(out, flag.name()));
    }
    if let Some(edge) = node.edge {
        object.text("edge", edge.name());
    }
    if let Some(scheme) = &node.scheme {
        object.text("scheme", scheme);
    }
    object.instant("start", node.start);
    object.instant("end", node.end);
    object.seconds("adjusted", node.adjusted);
    object.seconds("duration", node.duration);
    object.seconds("self", node.own);
    object.seconds("critical", node.critical);
    if node.concurrent {
        object.bool("concurrent", true);
    }
    if let Some(process) = &node.process {
        object.text("process", process);
    }
    match host {
        Some(Some(host)) => object.text("host", host),
        Some(None) => object.raw("host", b"null"),
        None => {}
    }
    if let Some(exception) = &node.exception {
        object.text("exception", exception);
    }
    if node.after > 0 {
        object.count("after", node.after);
    }
}
