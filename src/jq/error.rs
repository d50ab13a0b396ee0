//! Why a text is no program.

use std::ops::Range;

use jaq_core::{
    compile::Undefined,
    load::{lex, parse, span},
};

use super::functions::{MISSING, nearest};
use crate::caret::Excerpt;

/// A program that was not understood, or a variable for it.
///
/// Displayed, it is the reason, the line of the text, and a line with carets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// Something in the text, drawn.
    #[error("{0}")]
    Text(Box<Picture>),
    /// More text than anybody would write, or more levels of it.
    #[error("the program {0}")]
    TooLarge(&'static str),
    /// A name that no variable can have.
    #[error("no name of a variable: '{0}'")]
    Name(String),
    /// A variable whose text is no JSON, with the reason.
    #[error("{name}: no JSON: {reason}")]
    Json {
        /// The variable.
        name: String,
        /// What is wrong with its text.
        reason: String,
    },
    /// There is no thread to compile in.
    #[error("cannot compile: {0}")]
    Thread(String),
}

/// The picture of an error in a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture(Excerpt);

impl std::fmt::Display for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl ProgramError {
    pub(super) fn new(text: &str, span: Range<usize>, problem: &str, hint: Option<&str>) -> Self {
        Self::Text(Box::new(Picture(Excerpt::new(text, span, problem, hint))))
    }

    /// What the lexer did not understand.
    pub(super) fn lexed(text: &str, errors: &[lex::Error<&str>]) -> Self {
        let Some((expected, found)) = errors.first() else {
            return Self::new(text, 0..0, "not understood", None);
        };
        match expected {
            lex::Expect::Delim(open) => {
                let at = position(text, open);
                let first = &text[at.start..][..text[at].chars().next().map_or(0, char::len_utf8)];
                let problem = if first == "\"" {
                    "this string is never closed".to_owned()
                } else {
                    format!("this '{first}' is never closed")
                };
                Self::new(text, position(text, first), &problem, None)
            }
            lex::Expect::Token => Self::new(text, first_of(text, found), "no such sign", None),
            expected => {
                let problem = format!("expected a {}", expected.as_str());
                Self::new(text, first_of(text, found), &problem, None)
            }
        }
    }

    /// What the parser did not understand.
    pub(super) fn parsed(text: &str, errors: &[(parse::Expect<&str>, &str)]) -> Self {
        let Some((expected, found)) = errors.first() else {
            return Self::new(text, 0..0, "not understood", None);
        };
        let name = match found.chars().next() {
            None => "the end".to_owned(),
            // A whole bracket is one token.
            Some(open @ ('(' | '[' | '{' | '"')) => format!("'{open}'"),
            Some(_) => format!("'{found}'"),
        };
        let problem = match expected {
            parse::Expect::Nothing => format!("expected an operator, found {name}"),
            parse::Expect::Term if text.trim().is_empty() => "the program is empty".to_owned(),
            parse::Expect::Term => format!("expected a value or a filter, found {name}"),
            parse::Expect::Just(word) => format!("expected '{word}', found {name}"),
            expected => format!("expected {}, found {name}", expected.as_str()),
        };
        let modules = matches!(*found, "import" | "include" | "module");
        let hint = modules.then_some("there are no modules; --jq-file reads a whole program");
        let place = if name.starts_with("'(") || name.starts_with("'[") || name.starts_with("'{") {
            first_of(text, found)
        } else {
            position(text, found)
        };
        Self::new(text, place, &problem, hint)
    }

    /// What the compiler did not find.
    pub(super) fn undefined(text: &str, name: &str, what: &Undefined) -> Self {
        let hint = MISSING.iter().find(|(missing, _)| *missing == name);
        let hint = hint.map(|(_, hint)| (*hint).to_owned());
        let place = position(text, name);
        let (problem, hint) = match what {
            Undefined::Filter(0) => {
                let hint = hint
                    .or_else(|| dashed(text, &place))
                    .or_else(|| meant(name));
                (format!("no filter '{name}'"), hint)
            }
            Undefined::Filter(arity) => {
                let s = if *arity == 1 { "" } else { "s" };
                let hint = hint.or_else(|| meant(name));
                (format!("no filter '{name}' with {arity} argument{s}"), hint)
            }
            Undefined::Var => {
                let hint = hint.or(Some("--jq-arg NAME VALUE makes one".to_owned()));
                (format!("no variable '{name}'"), hint)
            }
            other => (format!("no {} '{name}'", other.as_str()), hint),
        };
        Self::new(text, place, &problem, hint.as_deref())
    }
}

/// The filter that was most likely meant.
fn meant(name: &str) -> Option<String> {
    // The same name is there with other arguments.
    let near = nearest(name).filter(|near| *near != name);
    near.map(|near| format!("did you mean {near}?"))
}

/// How a key is written that has a dash: `.user-name` takes a name from `.user`.
fn dashed(text: &str, name: &Range<usize>) -> Option<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let before = text.get(..name.start)?.strip_suffix('-')?;
    let start = before.trim_end_matches(word).strip_suffix('.')?.len();
    let key = text.get(start + 1..name.end)?;
    let rest = text.get(name.end..)?;
    let rest = &rest[..rest.find(|c| !word(c)).unwrap_or(rest.len())];
    Some(format!("a key with a dash is written .\"{key}{rest}\""))
}

/// Where `part` stands in `text`, or its start if it comes from elsewhere.
fn position(text: &str, part: &str) -> Range<usize> {
    let within = text.as_bytes().as_ptr_range();
    let of_part = part.as_bytes().as_ptr_range();
    if within.start <= of_part.start && of_part.end <= within.end {
        span(text, part)
    } else {
        0..0
    }
}

/// The first character of `part`.
fn first_of(text: &str, part: &str) -> Range<usize> {
    let length = part.chars().next().map_or(0, char::len_utf8);
    position(text, &part[..length])
}
