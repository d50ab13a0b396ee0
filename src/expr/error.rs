//! Why a text is no expression.

use super::cursor::Fail;
use crate::caret::Excerpt;

/// An expression that was not understood: what, where, and what may have been meant.
///
/// Displayed, it is the reason, the text, and a line with carets and the suggestion:
///
/// ```
/// use distlog::{expr::Expr, record::Instant};
///
/// let error = Expr::parse("level => error", Instant(0)).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "column 7: no operator '=>'
///     level => error
///           ^^ did you mean '>='?"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.excerpt)]
pub struct ExprError(
    /// Boxed, because it is many times as large as an expression.
    Box<Reason>,
);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Reason {
    problem: Problem,
    hint: Option<String>,
    excerpt: Excerpt,
}

impl ExprError {
    pub(super) fn new(text: &str, fail: Fail) -> Self {
        let Fail {
            problem,
            hint,
            span,
        } = fail;
        let excerpt = Excerpt::new(text, span, &problem.to_string(), hint.as_deref());
        Self(Box::new(Reason {
            problem,
            hint,
            excerpt,
        }))
    }

    /// What is wrong.
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }

    /// What the user could write instead.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The error in a text that stands in a file: its place in the form of compilers.
    pub fn in_file(&self, name: &str) -> String {
        let Excerpt { line, column, .. } = self.0.excerpt;
        format!("{name}:{line}:{column}: {}", self.0.excerpt.picture())
    }

    /// The line of the text, from 1.
    pub fn line(&self) -> usize {
        self.0.excerpt.line
    }

    /// The character in that line, from 1.
    pub fn column(&self) -> usize {
        self.0.excerpt.column
    }
}

/// What can be wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Nothing stands there at all.
    #[error("the expression is empty")]
    Empty,
    /// More text than anybody would write.
    #[error("the expression is longer than {0} bytes")]
    TooLong(usize),
    /// More parentheses or `not` inside each other than anybody would write.
    #[error("more than {0} parentheses or 'not' inside each other")]
    TooDeep(usize),
    /// More comparisons than a reader has room for, were each of another field.
    #[error("more than {0} comparisons")]
    TooManyComparisons(usize),
    /// A path with more steps than anybody would write.
    #[error("a path of more than {0} steps")]
    LongPath(usize),
    /// No field where one belongs.
    #[error("expected a field, found {}", shown(.0))]
    ExpectedField(String),
    /// No key after a dot.
    #[error("expected a key after the dot, found {}", shown(.0))]
    ExpectedKey(String),
    /// A bracket that holds no index.
    #[error("expected the number of an element, from 0, in brackets")]
    Index,
    /// A name that is nearly canonical.
    #[error("no canonical field '{0}'")]
    MisspeltField(String),
    /// A field without a comparison.
    #[error("expected an operator after the field, found {}", shown(.0))]
    FieldAlone(String),
    /// An operator that does not exist.
    #[error("no operator '{0}'")]
    UnknownOperator(String),
    /// No value where one belongs.
    #[error("expected a value, found {}", shown(.0))]
    ExpectedValue(String),
    /// A path where only a value makes sense.
    #[error("a field cannot stand here")]
    UnexpectedPath,
    /// A text with a `*`, which means nothing outside of patterns.
    #[error("'*' is no wildcard here")]
    Wildcard,
    /// A list without its parentheses.
    #[error("expected {expected}, found {}", shown(.found))]
    Expected {
        /// The punctuation that belongs there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// Something after a complete expression.
    #[error("expected 'and' or 'or', found {}", shown(.0))]
    Trailing(String),
    /// A `(` without `)`.
    #[error("this '(' is never closed")]
    Unclosed,
    /// A `)` without `(`.
    #[error("nothing opens this ')'")]
    Unopened,
    /// A string without its closing quote.
    #[error("this string is never closed")]
    UnclosedString,
    /// A backslash and something that it does not escape.
    #[error("no such escape")]
    Escape,
    /// A word that no producer uses for a level.
    #[error("no level '{0}'")]
    UnknownLevel(String),
    /// A text that is no point in time.
    #[error("no point in time: '{0}'")]
    UnknownTime(String),
    /// A text that is no length of time.
    #[error("no length of time: '{0}'")]
    UnknownDuration(String),
    /// A word that the field never holds.
    #[error("{field} is never '{word}'")]
    UnknownWord {
        /// The canonical field.
        field: &'static str,
        /// What it was compared with.
        word: String,
    },
    /// Canonical fields are there or not, and never null.
    #[error("{0} is never null")]
    NeverNull(&'static str),
    /// NaN equals nothing, so the comparison would never hold.
    #[error("NaN equals nothing, not even itself")]
    NotANumber,
    /// A bare word that looks like a value of another language.
    #[error("'{0}' in another spelling")]
    Spelling(&'static str),
    /// `<` and its kind, with something that has no order.
    #[error("{0} has no order")]
    NoOrder(String),
    /// A comparison that would go by the alphabet where severity or time is meant.
    #[error("'{0}' is a text here and would compare by the alphabet")]
    Alphabet(String),
    /// A text operator on a level, a time or a duration.
    #[error("{0} is no text")]
    NoText(&'static str),
    /// A bare pattern with parentheses, bars or slashes, which the grammar itself uses.
    #[error("a pattern like this stands in quotes")]
    BarePattern,
    /// A regular expression that its engine refuses, with its reason.
    #[error("bad pattern: {0}")]
    Pattern(String),
}

/// A token in quotes, or the end in words.
fn shown(token: &str) -> String {
    if token.is_empty() {
        "the end".to_owned()
    } else {
        format!("'{token}'")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use crate::{expr::Expr, record::Instant};

    /// Compares the picture of an error; the tables leave its margin of four blanks out.
    pub(in crate::expr) fn check(text: &str, expect: &str) {
        let found = match Expr::parse(text, Instant(0)) {
            Ok(expr) => format!("parsed as {expr}"),
            Err(error) => error.to_string(),
        };
        assert_eq!(found.replace("\n    ", "\n"), expect, "{text}");
    }

    #[test]
    fn pictures_of_odd_texts() {
        check(
            "a == 1 and\n  b = 2",
            "line 2, column 5: no operator '='\n  b = 2\n    ^ did you mean '=='?",
        );
        check(
            "名前 == 'é' and\tx = 2",
            "column 17: no operator '='\n名前 == 'é' and x = 2\n                  ^ did you mean '=='?",
        );
        let long = format!(
            "{} and b = 2 and {}",
            ["a == 1"; 20].join(" and "),
            "c == 1"
        );
        check(
            &long,
            "column 223: no operator '='\n… and a == 1 and a == 1 and a == 1 and b = 2 and c == 1\n                                         ^ did you mean '=='?",
        );
        check(
            "level == '\u{1b}[31m'",
            "column 10: no level ' [31m'\nlevel == ' [31m'\n         ^^^^^^^ trace < debug < info < notice < warning < error < critical < fatal",
        );
        let endless = Expr::parse(&"x".repeat(100_000), Instant(0)).expect_err("a field alone");
        assert!(endless.to_string().len() < 600, "{endless}");
    }
}
