//! A field in an expression: a canonical name or a raw path.

use std::fmt;

use super::{
    cursor::{Cursor, Fail, is_key_char},
    error::{ExprError, Problem},
    number::Number,
};
use crate::record::{Canonical, Path, Step};

/// A field as an expression names it: what a test is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// The same for every producer.
    Canonical(Canonical),
    /// What stands at a path.
    Raw(Path),
}

/// The scanner descends once a step, so paths have an end.
const MOST_STEPS: usize = 64;

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Canonical(canonical) => f.write_str(canonical.name()),
            Self::Raw(path) => path.fmt(f),
        }
    }
}

impl Subject {
    /// Reads the name of a field that stands alone.
    ///
    /// ```
    /// use distlog::{expr::Subject, record::{Canonical, Path}};
    ///
    /// assert_eq!(Subject::parse("host"), Ok(Subject::Canonical(Canonical::Host)));
    /// assert_eq!(Subject::parse(".host"), Ok(Subject::Raw(Path::dotted("host"))));
    /// ```
    ///
    /// # Errors
    /// Says what was not understood, and where.
    pub fn parse(text: &str) -> Result<Self, ExprError> {
        let mut cursor = Cursor::new(text);
        let subject = field(&mut cursor).and_then(|subject| {
            cursor.space();
            match cursor.next_token() {
                end if end.is_empty() => Ok(subject),
                found => Err(cursor.fail_token(Problem::Expected {
                    expected: "nothing after the field",
                    found,
                })),
            }
        });
        subject.map_err(|fail| ExprError::new(text, fail))
    }
}

/// Reads the field at the cursor.
pub(super) fn field(cursor: &mut Cursor<'_>) -> Result<Subject, Fail> {
    cursor.space();
    let start = cursor.pos();
    match cursor.peek() {
        Some('.') => return raw_path(cursor).map(Subject::Raw),
        Some('"' | '\'') => {
            let fail = cursor.fail_token(Problem::ExpectedField(cursor.next_token()));
            return Err(fail.hint("a field stands on the left; an odd key is written .\"odd key\""));
        }
        Some(c) if is_key_char(c) => {}
        _ => return Err(cursor.fail_token(Problem::ExpectedField(cursor.next_token()))),
    }
    let token = cursor.next_token();
    if Number::read(&token).is_some() {
        let fail = cursor.fail_token(Problem::ExpectedField(token));
        return Err(fail.hint("turn the comparison round: the field stands on the left"));
    }
    if is_keyword(&token) {
        return Err(cursor
            .fail_token(Problem::ExpectedField(token.clone()))
            .hint(format!("a field of that name is written .{token}")));
    }
    let path = steps(cursor, true)?;
    let [Step::Key(name)] = path.steps.as_slice() else {
        return Ok(Subject::Raw(path));
    };
    if let Some(canonical) = Canonical::from_name(name) {
        return Ok(Subject::Canonical(canonical));
    }
    refuse_misspelt(cursor, start, name)?;
    Ok(Subject::Raw(path))
}

/// Reads a path that begins with a dot.
pub(super) fn raw_path(cursor: &mut Cursor<'_>) -> Result<Path, Fail> {
    steps(cursor, false)
}

fn is_keyword(token: &str) -> bool {
    ["and", "or", "in"]
        .iter()
        .any(|word| token.eq_ignore_ascii_case(word))
}

/// A name that is nearly canonical would select nothing and not say why.
fn refuse_misspelt(cursor: &Cursor<'_>, start: usize, name: &str) -> Result<(), Fail> {
    let meant = Canonical::ALL
        .into_iter()
        .map(Canonical::name)
        .find(|meant| {
            name.eq_ignore_ascii_case(meant)
                || meant.len() > 4 && super::suggest::is_slip_of(name, meant)
        });
    match meant {
        None => Ok(()),
        Some(meant) => Err(cursor
            .fail_from(start, Problem::MisspeltField(name.to_owned()))
            .hint(format!(
                "did you mean '{meant}'? The raw field is written .{name}"
            ))),
    }
}

fn steps(cursor: &mut Cursor<'_>, bare: bool) -> Result<Path, Fail> {
    let start = cursor.pos();
    let mut steps = Vec::new();
    loop {
        let first = steps.is_empty();
        if cursor.peek() == Some('[') && !first {
            steps.push(index(cursor)?);
        } else if (first && bare) || cursor.eat(".") {
            steps.push(key(cursor)?);
        } else {
            break;
        }
        if steps.len() > MOST_STEPS {
            return Err(cursor.fail_from(start, Problem::LongPath(MOST_STEPS)));
        }
    }
    Ok(Path { steps })
}

fn key(cursor: &mut Cursor<'_>) -> Result<Step, Fail> {
    if cursor.peek() == Some('"') || cursor.peek() == Some('\'') {
        return cursor.quoted().map(Step::Key);
    }
    let key = cursor.take_while(is_key_char);
    if key.is_empty() {
        let hint = "an odd key stands in double quotes, as in .\"odd key\"";
        return Err(cursor
            .fail_token(Problem::ExpectedKey(cursor.next_token()))
            .hint(hint));
    }
    Ok(Step::Key(key.to_owned()))
}

fn index(cursor: &mut Cursor<'_>) -> Result<Step, Fail> {
    let start = cursor.pos();
    cursor.eat("[");
    let digits = cursor.take_while(|c| c.is_ascii_digit());
    if let Ok(index) = digits.parse()
        && cursor.eat("]")
    {
        return Ok(Step::Index(index));
    }
    let rest = cursor.take_while(|c| c != ']' && !c.is_whitespace());
    let any = digits.is_empty() && (rest.is_empty() || rest == "*");
    cursor.eat("]");
    let fail = cursor.fail_from(start, Problem::Index);
    Err(if any {
        fail.hint("an array matches by any of its elements: leave the brackets out")
    } else {
        fail
    })
}
