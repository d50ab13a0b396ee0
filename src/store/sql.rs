//! What all databases with SQL have in common: the columns, and conditions on them.

use std::fmt::Write;

use crate::{
    expr::Condition,
    record::{Canonical, Instant},
    tree::spellings,
};

/// The column of a field, if it has one.
pub(super) fn column(canonical: Canonical) -> Option<&'static str> {
    Some(match canonical {
        Canonical::Logger => "logger",
        Canonical::Service => "service",
        Canonical::Host => "host",
        Canonical::Tree => "tree",
        _ => return None,
    })
}

/// What stands in the column for any of these texts.
pub(super) fn values(canonical: Canonical, texts: &[String]) -> Vec<String> {
    match canonical {
        // A trace is kept in one spelling, whatever its producer wrote.
        Canonical::Tree => texts.iter().flat_map(|id| spellings(id)).collect(),
        _ => texts.to_vec(),
    }
}

/// How a database writes values.
pub(super) struct Dialect<'a> {
    /// A time as it is compared.
    pub(super) time: &'a dyn Fn(Instant) -> String,
    /// A text as a literal.
    pub(super) quote: fn(&str) -> String,
}

/// A condition in SQL.
pub(super) fn sql(condition: &Condition, dialect: &Dialect<'_>) -> String {
    let mut out = String::new();
    write(condition, dialect, &mut out);
    out
}

fn write(condition: &Condition, dialect: &Dialect<'_>, out: &mut String) {
    match condition {
        Condition::Any => out.push_str("1 = 1"),
        Condition::Text(canonical, texts) => match column(*canonical) {
            None => out.push_str("1 = 1"),
            Some(column) => {
                let texts = values(*canonical, texts);
                list(column, texts.iter().map(|text| (dialect.quote)(text)), out);
            }
        },
        Condition::Level(mask) => {
            let levels = (0..32).filter(|bit| mask >> bit & 1 == 1);
            list("level", levels.map(|level| level.to_string()), out);
        }
        Condition::Time(from, to) => {
            let time = dialect.time;
            let mut parts = Vec::new();
            parts.extend(from.map(|from| format!("time >= {}", time(from))));
            parts.extend(to.map(|to| format!("time <= {}", time(to))));
            if parts.is_empty() {
                parts.push("1 = 1".into());
            }
            out.push_str(&parts.join(" AND "));
        }
        Condition::All(parts) => joined(parts, " AND ", "1 = 1", dialect, out),
        Condition::Either(parts) => joined(parts, " OR ", "1 = 0", dialect, out),
    }
}

/// The parts in brackets, or what no parts mean.
fn joined(parts: &[Condition], word: &str, none: &str, dialect: &Dialect<'_>, out: &mut String) {
    if parts.is_empty() {
        out.push_str(none);
    }
    for (at, part) in parts.iter().enumerate() {
        out.push_str(if at == 0 { "(" } else { word });
        // AND binds before OR, but who reads it should not have to know.
        out.push('(');
        write(part, dialect, out);
        out.push(')');
    }
    if !parts.is_empty() {
        out.push(')');
    }
}

fn list(column: &str, values: impl Iterator<Item = String>, out: &mut String) {
    let values: Vec<_> = values.collect();
    // Writing to a string cannot fail.
    let _ = if values.is_empty() {
        write!(out, "1 = 0")
    } else {
        write!(out, "{column} IN ({})", values.join(", "))
    };
}

/// A text as a literal of the standard, in which a backslash is one. Neither SQLite nor PostgreSQL
/// has a text with a NUL in it, so none is equal to one.
pub(super) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''").replace('\0', ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Expr;

    #[test]
    fn expressions_become_conditions_of_sql() {
        let check = |text: &str, expect: &str| {
            let expr = Expr::parse(text, Instant(0)).unwrap_or_else(|error| panic!("{error}"));
            let dialect = Dialect {
                time: &|Instant(nanos)| nanos.to_string(),
                quote,
            };
            let found = sql(&expr.condition(), &dialect);
            assert_eq!(found, expect, "{text}");
        };
        check("level == error", "level IN (17)");
        check("host == \"o'neil\"", "host IN ('o''neil')");
        check("message == x", "1 = 1");
        check(
            "time >= '1970-01-01T00:00:01Z' and logger == db",
            "((time >= 1000000000) AND (logger IN ('db')))",
        );
        check(
            "tree == '4BF92F3577B34DA6A3CE929D0E0E4736'",
            "tree IN ('4BF92F3577B34DA6A3CE929D0E0E4736', '4bf92f3577b34da6a3ce929d0e0e4736')",
        );
        check("logger == a or .x == 1", "((logger IN ('a')) OR (1 = 1))");
    }
}
