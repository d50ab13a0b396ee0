//! The line of a scope: name, duration, bar, own time, process, and what is odd.

use std::iter::repeat_n;

use super::{Content, Row, Scope, bar, remarks::remarks};
use crate::{
    render::{
        style::Style,
        text::{duration, fit, sanitize, width},
    },
    tree::{Node, Status, Tree},
    words::plural,
};

/// From so many columns on there is room for bars.
const ROOMY: usize = 80;
/// What is left for a duration and a process.
const RIGHT: usize = 26;
/// `self 12ms` with a blank on each side.
const OWN: usize = 12;

/// Where the columns of one picture stand.
pub(super) struct Columns<'s> {
    style: &'s Style,
    /// The columns of guides and names.
    names: usize,
    /// The seconds of the request, if there are bars.
    whole: Option<f64>,
    /// The seconds of the request.
    total: f64,
    /// True if there is more than one host.
    hosts: bool,
}

impl<'s> Columns<'s> {
    pub(super) fn new(rows: &[Row<'_, '_>], tree: &Tree<'_>, style: &'s Style) -> Self {
        let needs = |row: &Row<'_, '_>| match &row.content {
            Content::Scope(scope) => {
                width(&row.guides)
                    + 2
                    + width(&name(scope.node, style))
                    + width(&times(scope, style))
            }
            _ => 0,
        };
        let widest = rows.iter().map(needs).max().unwrap_or(0);
        let whole = tree
            .duration
            .filter(|&seconds| seconds > 0.0 && tree.nodes.len() > 1 && style.width >= ROOMY);
        let right = RIGHT + whole.map_or(0, |_| bar::LENGTH + 1 + OWN);
        let mut hosts = tree.nodes.iter().filter_map(|node| node.host.as_deref());
        let first = hosts.next();
        Self {
            style,
            names: widest.clamp(20, style.width.saturating_sub(right).max(20)),
            whole,
            total: tree.duration.unwrap_or(0.0),
            hosts: hosts.any(|host| Some(host) != first),
        }
    }

    /// Appends the line.
    pub(super) fn write(&self, guides: &str, scope: &Scope<'_, '_>, out: &mut Vec<u8>) {
        let style = self.style;
        let palette = &style.palette;
        let node = scope.node;
        style.paint(out, palette.dim, guides);
        style.paint(out, palette.status(node.status), style.mark(node.status));
        out.push(b' ');
        let times = times(scope, style);
        let room = self.names.saturating_sub(width(guides) + 2).max(8);
        let full = name(node, style);
        let name = fit(&full, room.saturating_sub(width(&times)).max(4));
        let paint = if node.status == Status::Failed {
            palette.bad
        } else {
            palette.strong
        };
        style.paint(out, paint, &name);
        style.paint(out, palette.caution, &times);
        let used = width(&name) + width(&times);
        out.extend(repeat_n(b' ', room.saturating_sub(used)));
        let seconds = match scope.run {
            Some(run) => run.spread.map(|_| run.sum),
            None => node.duration,
        };
        let took = match seconds {
            Some(seconds) => duration(seconds),
            None if node.status == Status::Running => "running".into(),
            None => "-".into(),
        };
        out.extend(repeat_n(b' ', 8_usize.saturating_sub(width(&took))));
        style.paint(out, self.weight(scope), &took);
        let mut pad = self.bar(scope, seconds, out);
        for (paint, text) in self.rest(scope) {
            out.extend(repeat_n(b' ', std::mem::take(&mut pad)));
            style.paint(out, paint, &text);
        }
        out.push(b'\n');
    }

    /// Appends bar and own time; returns the blanks to what follows.
    fn bar(&self, scope: &Scope<'_, '_>, seconds: Option<f64>, out: &mut Vec<u8>) -> usize {
        let Some(whole) = self.whole else {
            return 0;
        };
        let own = scope.node.own.filter(|_| scope.run.is_none());
        let bar = bar::bar(seconds.unwrap_or(0.0), own, whole, self.style.ascii);
        let mut pad = bar::LENGTH - width(&bar).min(bar::LENGTH);
        if bar.is_empty() {
            pad += 1;
        } else {
            out.push(b' ');
            self.style.paint(out, self.weight(scope), &bar);
        }
        let own = own.filter(|_| scope.node.size > 1).map(duration);
        let Some(own) = own else {
            let aligned = if scope.run.is_some() { 0 } else { OWN };
            return pad + aligned;
        };
        let text = format!("self {own}");
        out.extend(repeat_n(b' ', pad + 1));
        self.style.paint(out, self.style.palette.dim, &text);
        OWN.saturating_sub(width(&text) + 1)
    }

    /// What stands behind the columns, with its colours.
    fn rest(&self, scope: &Scope<'_, '_>) -> Vec<(anstyle::Style, String)> {
        let palette = &self.style.palette;
        let node = scope.node;
        let mut rest = Vec::new();
        if scope.hop
            && let Some(process) = &node.process
        {
            rest.extend(self.style.hop(process));
        }
        if scope.far
            && self.hosts
            && let Some(host) = &node.host
            && !names_host(node.process.as_deref(), host)
        {
            rest.push((palette.dim, format!("  on {}", sanitize(host))));
        }
        if let Some(run) = scope.run {
            if let Some((least, most)) = run.spread {
                let dash = if self.style.ascii { "-" } else { "–" };
                let spread = format!("  {}{dash}{} each", duration(least), duration(most));
                rest.push((palette.dim, spread));
            }
            if run.below > 0 {
                let below = format!("  with {}", plural(run.below as u64, "scope"));
                rest.push((palette.dim, below));
            }
        }
        let critical = scope.run.map_or(node.critical, |run| run.critical);
        if let Some(seconds) = critical {
            rest.push((palette.slow, format!("  critical {}", duration(seconds))));
        }
        let odd = remarks(node);
        if !odd.is_empty() {
            rest.push((palette.caution, format!("  ({})", odd.join(", "))));
        }
        rest
    }

    /// Where the time went should stand out, and what took hardly any should not.
    fn weight(&self, scope: &Scope<'_, '_>) -> anstyle::Style {
        let palette = &self.style.palette;
        let (took, own) = match scope.run {
            Some(run) => (Some(run.sum), Some(run.sum).filter(|_| run.below == 0)),
            None => (scope.node.duration, scope.node.own),
        };
        match (took, own) {
            (None, _) => palette.caution,
            (_, Some(own)) if own > self.total * 0.3 => palette.slow,
            (Some(took), _) if took < self.total * 0.05 => palette.dim,
            _ => anstyle::Style::new(),
        }
    }
}

/// True if a process is called by its host: `web` or `web:812`.
fn names_host(process: Option<&str>, host: &str) -> bool {
    let rest = process.and_then(|process| process.strip_prefix(host));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

fn name(node: &Node<'_>, style: &Style) -> String {
    match &node.name {
        Some(name) => sanitize(name).into_owned(),
        None => format!(
            "{} {}",
            if style.ascii { "scope" } else { "…" },
            sanitize(&node.id)
        ),
    }
}

/// How many scopes a line stands for, if several.
fn times(scope: &Scope<'_, '_>, style: &Style) -> String {
    let sign = if style.ascii { 'x' } else { '×' };
    scope
        .run
        .map_or_else(String::new, |run| format!(" {sign} {}", run.times))
}
