//! The table of docs/truth.md: what was compared, and how much of it was right.

use std::{fmt::Write, fs};

use super::{
    score::{Score, Share},
    write::Scheme,
};
use crate::support::root;

const PAGE: &str = "docs/truth.md";
/// What stands between these is written by the test.
const MARKS: [&str; 2] = ["<!-- table -->\n", "<!-- end of table -->\n"];

/// A scheme with a loss, and what came of it.
pub(super) struct Row {
    scheme: &'static Scheme,
    loss: usize,
    score: Score,
}

impl Row {
    pub(super) fn new(scheme: &'static Scheme, loss: usize, score: Score) -> Self {
        Self {
            scheme,
            loss,
            score,
        }
    }
}

/// The table of the rows.
pub(super) fn rows(rows: &[Row]) -> String {
    let mut out = String::from(
        "| scheme or join | requests | records | lost | twice | trees right | records in the right tree | \
         under the right ancestor | nodes with true flags |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for Row {
        scheme,
        loss,
        score,
    } in rows
    {
        let shares = [&score.trees, &score.in_tree, &score.under, &score.nodes].map(share);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {loss} % | {} | {} |",
            scheme.name,
            score.requests,
            score.records,
            score.doubles,
            shares.join(" | ")
        );
    }
    out
}

/// How many of how many; what cannot be known is told beside it.
fn share(share: &Share) -> String {
    let Share {
        right,
        all,
        unknowable,
    } = *share;
    let knowable = all - unknowable;
    let right = right.saturating_sub(unknowable);
    // Rounded down, so that one that is wrong shows.
    let percent = (right * 100).checked_div(knowable).unwrap_or(100);
    if unknowable == 0 {
        format!("{percent} % of {knowable}")
    } else {
        format!("{percent} % of {knowable} ({unknowable} cannot be known)")
    }
}

/// Compares the page with the rows, or writes it.
pub(super) fn check(all: &[Row]) {
    let path = root().join(PAGE);
    let page = fs::read_to_string(&path).expect("the page");
    let [before, rest] = halves(&page, MARKS[0]);
    let [_, after] = halves(rest, MARKS[1]);
    let expect = format!("{before}{}{}{}{after}", MARKS[0], text(all), MARKS[1]);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, expect).expect("the folder is writable");
    } else {
        assert!(
            page == expect,
            "{PAGE} does not tell what came of it: UPDATE_DOCS=1 cargo nextest run truth\n{}",
            rows(all)
        );
    }
}

/// The table, and what each scheme cannot tell.
fn text(all: &[Row]) -> String {
    let mut out = rows(all);
    out += "\n## What the records cannot tell\n\n";
    let mut last = "";
    for Row { scheme, .. } in all {
        if scheme.name != last {
            let _ = writeln!(out, "- **{}**: {}", scheme.name, scheme.cannot);
            last = scheme.name;
        }
    }
    out
}

fn halves<'t>(text: &'t str, mark: &str) -> [&'t str; 2] {
    let (before, after) = text
        .split_once(mark)
        .unwrap_or_else(|| panic!("{PAGE} has no {mark}"));
    [before, after]
}
