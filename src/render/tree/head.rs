//! The lines above a picture: which request, when, how large, and which clocks disagree.

use std::borrow::Cow;

use crate::{
    render::{
        style::Style,
        text::{duration, sanitize},
    },
    tree::{Skew, Summary, Tree},
    words::plural,
};

/// Appends those of a tree.
pub(super) fn write(tree: &Tree<'_>, style: &Style, out: &mut Vec<u8>) {
    whole(tree, None, tree.records.len(), style, out);
}

/// Appends what is known of a tree that no picture follows: what it is about, and why it failed, too.
pub(super) fn summary(summary: &Summary<'_>, style: &Style, out: &mut Vec<u8>) {
    let Summary { tree, records } = summary;
    whole(tree, tree.root().name.as_deref(), *records, style, out);
    for line in tree
        .exception
        .iter()
        .flat_map(|exception| exception.lines())
    {
        out.extend_from_slice(b"    ");
        style.paint(out, style.palette.bad, &sanitize(line));
        out.push(b'\n');
    }
}

fn whole(tree: &Tree<'_>, name: Option<&str>, records: usize, style: &Style, out: &mut Vec<u8>) {
    let palette = &style.palette;
    style.paint(out, palette.status(tree.status), tree.status.name());
    let took = tree
        .duration
        .map(|seconds| format!(" {}", duration(seconds)))
        .unwrap_or_default();
    style.paint(out, palette.strong, &took);
    let dot = if style.ascii { "-" } else { "·" };
    if let Some(name) = name {
        style.paint(out, palette.dim, &format!(" {dot} "));
        style.paint(out, palette.strong, &sanitize(name));
    }
    let mut facts = vec![
        sanitize(&tree.id).into_owned(),
        style.times.text(tree.start).into_owned(),
        plural(records as u64, "record"),
    ];
    if tree.processes.len() > 1 {
        facts.push(format!("{} processes", tree.processes.len()));
    }
    for fact in facts {
        style.paint(out, palette.dim, &format!(" {dot} {fact}"));
    }
    if tree.errors > 0 {
        style.paint(out, palette.dim, &format!(" {dot} "));
        style.paint(
            out,
            palette.bad,
            &plural(tree.errors as u64, "failed scope"),
        );
    }
    let odd = [
        (!tree.complete).then(|| "incomplete".to_owned()),
        tree.continuation.then(|| match others(&tree.continues) {
            Some(earlier) => format!("continues {earlier}"),
            None => "continues an earlier tree".to_owned(),
        }),
        others(&tree.replaces).map(|others| format!("in place of {others}")),
        tree.snapshot
            .map(|revision| format!("snapshot {revision}, not over")),
        tree.selected
            .map(|selected| format!("{} selected", plural(selected as u64, "scope"))),
    ];
    for fact in odd.into_iter().flatten() {
        style.paint(out, palette.dim, &format!(" {dot} "));
        style.paint(out, palette.caution, &fact);
    }
    out.push(b'\n');
    for skew in tree.skew.iter().filter(|skew| skew.violations > 0) {
        style.paint(out, palette.caution, &disagreement(skew));
        out.push(b'\n');
    }
}

/// The ids of other trees, if there are any.
fn others(ids: &[Cow<'_, str>]) -> Option<String> {
    let ids: Vec<_> = ids.iter().map(|id| sanitize(id)).collect();
    (!ids.is_empty()).then(|| ids.join(", "))
}

/// What is proven about two clocks that disagree.
fn disagreement(skew: &Skew<'_>) -> String {
    let (from, to) = (sanitize(&skew.from), sanitize(&skew.to));
    let (ahead, behind, [least, most]) = match skew.min {
        Some(min) if min > 0.0 => (to, from, [skew.min, skew.max]),
        _ => (
            from,
            to,
            [skew.max, skew.min].map(|bound| bound.map(|bound| -bound)),
        ),
    };
    let least = duration(least.unwrap_or(0.0).max(0.0));
    let most = most.map(|most| format!(", at most {}", duration(most)));
    format!(
        "the clock of {ahead} is at least {least} ahead of that of {behind}{}",
        most.unwrap_or_default()
    )
}
