//! Expressions as text that parses back to the same expression.

use std::fmt::{self, Display, Formatter};

use super::ast::{Check, Expr, Literal, Node, Test};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(value) => value.fmt(f),
            Self::Exists(subject) => write!(f, "exists({subject})"),
            Self::Test(test) | Self::Judged(test, _) => test.fmt(f),
            Self::Not(inner) => {
                f.write_str("not ")?;
                inside(inner, f)
            }
            Self::All(branches) => join(branches, " and ", f),
            Self::Any(branches) => join(branches, " or ", f),
        }
    }
}

fn join(branches: &[Node], word: &str, f: &mut Formatter<'_>) -> fmt::Result {
    for (at, branch) in branches.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        inside(branch, f)?;
    }
    Ok(())
}

/// A branch, in parentheses wherever a reader could wonder.
fn inside(branch: &Node, f: &mut Formatter<'_>) -> fmt::Result {
    match branch {
        Node::All(_) | Node::Any(_) => write!(f, "({branch})"),
        _ => branch.fmt(f),
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            subject,
            negated,
            check,
        } = self;
        let not = if *negated { "not " } else { "" };
        write!(f, "{subject} ")?;
        match check {
            Check::Compare(_, literal) if *negated => write!(f, "!= {literal}"),
            Check::Compare(order, literal) => write!(f, "{order} {literal}"),
            Check::CompareField(_, path) if *negated => write!(f, "!= {path}"),
            Check::CompareField(order, path) => write!(f, "{order} {path}"),
            Check::Matches(pattern) => {
                let sign = if *negated { "!" } else { "" };
                let star = if pattern.any_case() { "*" } else { "" };
                write!(f, "{sign}~{star} {pattern}")
            }
            Check::Text(text_check, text) => {
                write!(f, "{not}{} ", text_check.word())?;
                quoted(text, f)
            }
            Check::OneOf(literals) => {
                write!(f, "{not}in (")?;
                for (at, literal) in literals.iter().enumerate() {
                    let comma = if at > 0 { ", " } else { "" };
                    write!(f, "{comma}{literal}")?;
                }
                f.write_str(")")
            }
        }
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => quoted(text, f),
            Self::Level(level) => level.fmt(f),
            Self::Time(instant) => instant.fmt(f),
            Self::Seconds(seconds) => write!(f, "{seconds}s"),
            Self::Size(bytes) => write!(f, "{bytes}B"),
        }
    }
}

/// A string of JSON: the parser knows all of its escapes.
fn quoted(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    serde_json::Value::from(text).fmt(f)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Instant;

    fn parse(text: &str) -> Expr {
        let now = Instant::from_text(b"2026-11-20T12:30:00Z").expect("an instant");
        match Expr::parse(text, now) {
            Ok(expr) => expr,
            Err(error) => panic!("{error}"),
        }
    }

    /// Checks the canonical spelling, and that it is one.
    fn check(text: &str, expect: &str) {
        let expr = parse(text);
        assert_eq!(expr.to_string(), expect, "{text}");
        assert_eq!(parse(expect), expr, "{text}");
    }

    #[test]
    fn operands_have_one_spelling() {
        check("level>=WARN", "level >= warning");
        check("level == 30", "level == warning+0");
        check(
            "level in (alert, 'Level 25')",
            "level in (critical+1, notice+0)",
        );
        check("time >= now-3h", "time >= 2026-11-20T09:30:00Z");
        check(
            "time < yesterday 14:00 and true",
            "time < 2026-11-19T14:00:00Z",
        );
        check("time > 2026-11-20 14:00", "time > 2026-11-20T14:00:00Z");
        check(
            "time in (today, '2026-01-01')",
            "time in (2026-11-20T00:00:00Z, 2026-01-01T00:00:00Z)",
        );
        check("duration > 1h30m", "duration > 5400s");
        check("duration >= 0.25", "duration >= 0.25s");
        check(".took > 200ms", ".took > 0.2s");
        check(".sent >= 1.5MiB", ".sent >= 1572864B");
        check(".sent in (1kB, 0.5B, 1KB)", ".sent in (1000B, 0.5B, 1000B)");
        check("logger == app.db", "logger == \"app.db\"");
        check("tree == 12345678", "tree == \"12345678\"");
        check("process == 812", "process == 812");
        check("status != failed", "status != \"failed\"");
        check("user == ada", ".user == \"ada\"");
        check(
            "http.status in (500, \"503\",null)",
            ".http.status in (500, \"503\", null)",
        );
        check("x-request-id == 00ab", ".\"x-request-id\" == \"00ab\"");
        check(".level == 30", ".level == 30");
        check(
            ".'odd key'[0].\"a\\\"b\" != false",
            ".\"odd key\"[0].\"a\\\"b\" != false",
        );
        check(".bytes_in>.bytes_out", ".bytes_in > .bytes_out");
        check(".a == 'tab\\t\\u00e9\\ud83c\\udf89'", ".a == \"tab\\té🎉\"");
        check("message contains time.out", "message contains \"time.out\"");
        check(
            "message not startswith 'GET '",
            "message not startswith \"GET \"",
        );
        check("message NOT IN (a)", "message not in (\"a\")");
    }

    #[test]
    fn patterns_keep_their_backslashes() {
        check(r"message ~ ^\d+$", r"message ~ '^\d+$'");
        check(r#"message !~* "\"x\"\\.'""#, r#"message !~* '"x"\\.\''"#);
        check(r"message ~ '\'a'", r"message ~ '\'a'");
    }

    #[test]
    fn parentheses_stand_where_a_reader_could_wonder() {
        check("a==1 or b==2 and c==3", ".a == 1 or (.b == 2 and .c == 3)");
        check(
            "(a==1 or b==2) and c==3",
            "(.a == 1 or .b == 2) and .c == 3",
        );
        check(
            "a==1 && (b==2 && (c==3))",
            ".a == 1 and .b == 2 and .c == 3",
        );
        check("!(a==1) || not not b==2", "not .a == 1 or .b == 2");
        check("not (a==1 and b==2)", "not (.a == 1 and .b == 2)");
        check("NOT exists(.a)", "not exists(.a)");
    }

    #[test]
    fn constants_are_folded() {
        check("true", "true");
        check("a == 1 and true", ".a == 1");
        check("a == 1 and (false or not true)", "false");
        check("a == 1 or not false", "true");
    }

    #[test]
    fn flags_make_the_same_expressions() {
        let now = Instant(0);
        let flags = Expr::always()
            .and(Expr::at_least("warning").expect("a level"))
            .and(Expr::since("2026-11-20", now).expect("a time"))
            .and(Expr::until("2026-11-21", now).expect("a time"));
        let text = "level >= warning and time >= 2026-11-20 and time < 2026-11-21";
        assert_eq!(flags, parse(text));
        assert_eq!((!flags).to_string(), format!("not ({})", parse(text)));
        let error = Expr::at_least("warnning").expect_err("no level");
        assert_eq!(error.hint(), Some("did you mean 'warning'?"));
        assert!(Expr::since("", now).is_err());
    }
}
