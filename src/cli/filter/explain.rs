//! `--explain`: how the expression was understood, as text for people.

use std::fmt::Write;

use crate::{expr::Expr, record::Zone};

/// Columns that a list of paths may take.
const WIDTH: usize = 100;

/// The whole explanation.
pub(super) fn explanation(expr: &Expr, zone: Zone) -> String {
    let mut text = String::new();
    section(&mut text, "expression", [expr.to_string()]);
    section(&mut text, "fields", fields(expr));
    section(&mut text, "values", values(expr, zone));
    section(&mut text, "lines that are scanned", scanned(expr));
    text
}

/// What a line has to hold to be looked at.
fn scanned(expr: &Expr) -> Vec<String> {
    let Some(sieve) = expr.sieve() else {
        return vec!["all".into()];
    };
    let mut lines = sieve.wants();
    lines.push("the escape \\u, with which anything can be written".into());
    lines
}

/// A title and its lines; nothing if there are none.
fn section(text: &mut String, title: &str, lines: impl IntoIterator<Item = String>) {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_none() {
        return;
    }
    let blank = if text.is_empty() { "" } else { "\n" };
    let _ = writeln!(text, "{blank}{title}");
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}

fn fields(expr: &Expr) -> Vec<String> {
    let mut lines = Vec::new();
    for field in expr.fields() {
        lines.push(format!("{}: {}", field.name, field.kind));
        let width = field.places.iter().map(|(name, _)| name.len()).max();
        for (producer, paths) in &field.places {
            let indent = width.unwrap_or(0) + 4;
            let mut line = format!("  {producer:<0$}", indent - 2);
            let mut column = indent;
            for path in paths {
                if column > indent && column + path.len() + 3 > WIDTH {
                    lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
                    column = indent;
                }
                line.push(' ');
                line.push_str(path);
                column += path.len() + 1;
            }
            lines.push(line);
        }
    }
    lines
}

fn values(expr: &Expr, zone: Zone) -> Vec<String> {
    let notes = expr.values(zone);
    let short = |note: &&crate::expr::ValueNote| note.value.chars().count() <= 40;
    let widths = notes
        .iter()
        .filter(short)
        .map(|note| note.value.chars().count());
    let width = widths.max().unwrap_or(0);
    notes
        .iter()
        .map(|note| format!("{:<width$}  {}", note.value, note.meaning))
        .collect()
}
