//! A tree as a waterfall: a row for each scope with a bar at its place in the request's time.
//!
//! A bar is as exact as an eighth of a column, and no scope is too short to be seen. What is not
//! known is not drawn as if it were: the bar of a scope without an end has no end.

mod scale;

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use self::scale::{EIGHTHS, Scale, block};
use super::{
    export::{Export, Extent, FactReader, arrivals, extents, name},
    style::Style,
    text::{duration, fit, sanitize},
};
use crate::tree::{self, Edge, Flag, Node, Status, Tree};

/// Shows trees.
pub struct Waterfall {
    style: Style,
    /// How many levels below the root are shown, if not all.
    depth: Option<usize>,
}

/// Columns of a duration.
const TOOK: usize = 8;
/// Columns of the bars that there are at least.
const BARS: usize = 12;
/// Columns of the names that there are at least.
const NAMES: usize = 14;
/// Levels that are shown by moving names to the right; further down they stand below each other.
const LEVELS: usize = 12;
impl Waterfall {
    /// A view in that style, of so many levels below the root.
    pub fn new(style: Style, depth: Option<usize>) -> Self {
        Self { style, depth }
    }
}

impl Export for Waterfall {
    fn takes_records(&self) -> bool {
        false
    }

    fn tree(&mut self, tree: &Tree<'_>, _: &mut FactReader, out: &mut Vec<u8>) {
        if tree.nodes.iter().any(|node| node.critical.is_some()) {
            return self.show(tree, out);
        }
        let mut marked = tree.clone();
        tree::mark_critical(&mut marked);
        self.show(&marked, out);
    }
}

/// What stands in front of a bar.
struct Label {
    /// Columns before the mark.
    indent: usize,
    name: String,
    /// The process, where it is another one than that of the scope above, and what is odd.
    rest: String,
}

impl Label {
    fn width(&self) -> usize {
        self.indent + 2 + self.name.width() + self.rest.width()
    }
}

impl Waterfall {
    fn show(&self, tree: &Tree<'_>, out: &mut Vec<u8>) {
        let labels = self.labels(tree);
        let extents = extents(tree);
        let start = extents.iter().map(|extent| extent.start).min().unwrap_or(0);
        let end = extents.iter().map(|extent| extent.end).max().unwrap_or(0);
        let is_shown = |node: &Node<'_>| self.depth.is_none_or(|depth| node.depth <= depth);
        let rows = tree.nodes.iter().zip(&labels).zip(extents);
        let rows = rows.filter(|((node, _), _)| is_shown(node));
        let widest = rows.clone().map(|((_, label), _)| label.width());
        let widest = widest.max().unwrap_or(0);
        // Names take no more than two fifths, so that most is left for what this is about.
        let most = (self.style.width * 2 / 5).max(NAMES);
        let names = widest.clamp(NAMES, most);
        let bars = self.style.width.saturating_sub(names + TOOK + 3).max(BARS);
        let scale = Scale {
            start,
            length: end.abs_diff(start).max(1),
            columns: bars as u64,
        };
        self.head(tree, out);
        out.extend(std::iter::repeat_n(b' ', names + TOOK + 2));
        let axis = scale.axis(if self.style.ascii { '|' } else { '╷' });
        self.style
            .paint(out, self.style.palette.dim, axis.trim_end());
        out.push(b'\n');
        for ((node, label), extent) in rows {
            self.label(node, label, names, out);
            let (blank, bar) = self.bar(node, extent, &scale);
            out.extend(std::iter::repeat_n(b' ', blank + 2));
            self.style.paint(out, self.paint(node), &bar);
            out.push(b'\n');
        }
        out.push(b'\n');
    }

    /// Which request, how it ended, and what is to be known of its clocks.
    fn head(&self, tree: &Tree<'_>, out: &mut Vec<u8>) {
        let (style, palette) = (&self.style, &self.style.palette);
        style.paint(out, palette.status(tree.status), tree.status.name());
        if let Some(took) = tree.duration {
            style.paint(out, palette.strong, &format!(" {}", duration(took)));
        }
        let dot = if style.ascii { "-" } else { "·" };
        let start = style.times.text(tree.start);
        let mut facts = vec![sanitize(&tree.id).into_owned(), start.trim().to_owned()];
        if !tree.complete {
            facts.push("incomplete".to_owned());
        }
        if tree.continuation {
            facts.push("continues an earlier tree".to_owned());
        }
        for fact in facts {
            style.paint(out, palette.dim, &format!(" {dot} {fact}"));
        }
        out.push(b'\n');
        let is_adjusted = tree.nodes.iter().any(|node| node.adjusted.is_some());
        let so = if is_adjusted {
            "bars of one were moved, and may not be exact"
        } else {
            "bars of one may be misplaced against those of the other"
        };
        for skew in tree.skew.iter().filter(|skew| skew.violations > 0) {
            let words = format!(
                "the clocks of {} and {} disagree: {so}",
                sanitize(&skew.from),
                sanitize(&skew.to)
            );
            style.paint(out, palette.caution, &words);
            out.push(b'\n');
        }
    }

    fn labels(&self, tree: &Tree<'_>) -> Vec<Label> {
        let nodes = tree.nodes.iter().zip(arrivals(tree));
        let label = |(node, arrival): (&Node<'_>, Option<Cow<'_, str>>)| {
            let mut rest = String::new();
            if let Some(process) = arrival {
                let arrow = if self.style.ascii { " @ " } else { " ⇢ " };
                rest += arrow;
                rest += &sanitize(&process);
            }
            let mut odd: Vec<_> = oddities(node).map(str::to_owned).collect();
            if self.depth == Some(node.depth) && node.size > 1 {
                odd.push(format!("+{}", node.size - 1));
            }
            if !odd.is_empty() {
                rest.extend([" (", &odd.join(", "), ")"]);
            }
            Label {
                indent: node.depth.min(LEVELS) * 2,
                name: sanitize(&name(node)).into_owned(),
                rest,
            }
        };
        nodes.map(label).collect()
    }

    fn label(&self, node: &Node<'_>, label: &Label, columns: usize, out: &mut Vec<u8>) {
        let (style, palette) = (&self.style, &self.style.palette);
        let indent = label.indent.min(columns / 2);
        out.extend(std::iter::repeat_n(b' ', indent));
        style.paint(out, palette.status(node.status), style.mark(node.status));
        out.push(b' ');
        let room = columns.saturating_sub(indent + 2);
        let name = self.fit(&label.name, room);
        let paint = match node.status {
            Status::Failed => palette.bad,
            _ => palette.strong,
        };
        style.paint(out, paint, &name);
        let room = room.saturating_sub(name.width());
        let rest = if room > 4 || label.rest.width() <= room {
            self.fit(&label.rest, room)
        } else {
            String::new()
        };
        style.paint(out, palette.dim, &rest);
        out.extend(std::iter::repeat_n(b' ', room.saturating_sub(rest.width())));
        let took = match node.duration {
            Some(seconds) => duration(seconds),
            None if node.status == Status::Running => "running".to_owned(),
            None => "-".to_owned(),
        };
        let took = self.fit(&took, TOOK);
        out.extend(std::iter::repeat_n(b' ', TOOK.saturating_sub(took.width())));
        let paint = if node.duration.is_some() {
            anstyle::Style::new()
        } else {
            palette.caution
        };
        style.paint(out, paint, &took);
    }

    /// Text in so many columns; the sign of what is cut off is drawn, so it heeds the style.
    fn fit(&self, text: &str, columns: usize) -> String {
        let text = fit(text, columns);
        if self.style.ascii && text.ends_with('…') {
            text.replace('…', "~")
        } else {
            text.into_owned()
        }
    }

    /// Failures first, then where the time went.
    fn paint(&self, node: &Node<'_>) -> anstyle::Style {
        let palette = &self.style.palette;
        match node.status {
            Status::Failed => palette.bad,
            Status::Running => palette.caution,
            _ if node.critical.is_some_and(|seconds| seconds > 0.0) => palette.slow,
            _ => palette.key,
        }
    }

    /// The columns in front of a node's bar, and the bar.
    fn bar(&self, node: &Node<'_>, extent: Extent, scale: &Scale) -> (usize, String) {
        let (from, to) = (scale.eighth(extent.start), scale.eighth(extent.end));
        let last = scale.columns * EIGHTHS;
        // What is shorter than an eighth is one all the same, also at the right edge.
        let from = from.min(last - 1);
        let to = to.clamp(from + 1, last);
        let blank = usize::try_from(from / EIGHTHS).unwrap_or(0);
        let columns = usize::try_from(to.div_ceil(EIGHTHS) - from / EIGHTHS).unwrap_or(1);
        if !extent.has_end {
            return (blank, self.open_ended(node, columns));
        }
        if self.style.ascii {
            let sign = if to - from < EIGHTHS { "|" } else { "#" };
            let columns = if to - from < EIGHTHS { 1 } else { columns };
            return (blank, sign.repeat(columns));
        }
        let mut bar = String::new();
        let mut left = from % EIGHTHS;
        for column in 0..columns as u64 {
            let begin = (from / EIGHTHS + column) * EIGHTHS;
            let right = (to - begin).min(EIGHTHS);
            bar.push(block(left, right));
            left = 0;
        }
        (blank, bar)
    }

    /// A scope that is running, or whose end nobody knows.
    fn open_ended(&self, node: &Node<'_>, columns: usize) -> String {
        let [begin, middle, arrow] = match (self.style.ascii, node.status) {
            (true, Status::Running) => ["|", "-", ">"],
            (true, _) => ["|", "-", "?"],
            (false, Status::Running) => ["▏", "╌", "▷"],
            (false, _) => ["▏", "╌", "?"],
        };
        match columns {
            0 | 1 => arrow.to_owned(),
            columns => format!("{begin}{}{arrow}", middle.repeat(columns - 2)),
        }
    }
}

/// What is odd about a node that shows nowhere else.
fn oddities(node: &Node<'_>) -> impl Iterator<Item = &'static str> {
    let unknown = node.start.is_none().then_some("start unknown");
    let edge = node.edge.map(|edge| match edge {
        Edge::Join => "joined",
        Edge::Tree => "place unknown",
    });
    let flags = node.flags.iter().map(|flag| match flag {
        Flag::StartMissing => "start missing",
        Flag::Inferred => "never seen itself",
        Flag::Duplicate => "duplicate records",
        Flag::Late => "records after its end",
        Flag::Cycle => "below itself",
    });
    let adjusted = node.adjusted.map(|_| "clock adjusted");
    unknown.into_iter().chain(edge).chain(flags).chain(adjusted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_where_its_time_is() {
        let check = |ascii, start, end, has_end, expect: &str| {
            let style = Style {
                ascii,
                width: 80,
                ..Style::default()
            };
            let scale = Scale {
                start: 0,
                length: 100,
                columns: 10,
            };
            let extent = Extent {
                start,
                end,
                has_start: true,
                has_end,
            };
            let node = Node {
                status: Status::Running,
                ..Node::default()
            };
            let (blank, bar) = Waterfall::new(style, None).bar(&node, extent, &scale);
            assert_eq!(format!("{}{bar}", " ".repeat(blank)), expect);
        };
        check(false, 0, 100, true, "██████████");
        check(false, 20, 44, true, "  ██▍");
        check(false, 25, 40, true, "  ▐█");
        check(false, 99, 100, true, "         ▕");
        check(false, 100, 100, true, "         ▕");
        check(false, 0, 0, true, "▏");
        check(false, 40, 100, false, "    ▏╌╌╌╌▷");
        check(true, 20, 44, true, "  ###");
        check(true, 99, 100, true, "         |");
        check(true, 40, 100, false, "    |---->");
    }
}
