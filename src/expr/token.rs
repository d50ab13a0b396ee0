//! The right-hand side of a comparison, before its kind is known.

use std::ops::Range;

use super::{
    cursor::{Cursor, Fail},
    error::Problem,
};

/// A value as it was written.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) text: String,
    /// Quotes say that it is a text, whatever it looks like.
    pub(super) quoted: bool,
    pub(super) span: Range<usize>,
}

impl Token {
    pub(super) fn fail(&self, problem: Problem) -> Fail {
        Fail {
            problem,
            hint: None,
            span: self.span.clone(),
        }
    }
}

/// True for a character of a bare word: all but blanks and what the grammar itself uses.
fn is_word_char(c: char) -> bool {
    !c.is_whitespace()
        && !c.is_control()
        && !matches!(
            c,
            '(' | ')'
                | '['
                | ']'
                | '{'
                | '}'
                | ','
                | ';'
                | '"'
                | '\''
                | '`'
                | '\\'
                | '='
                | '!'
                | '<'
                | '>'
                | '~'
                | '&'
                | '|'
                | '*'
                | '^'
        )
}

/// Reads a value: a string in quotes or a bare word.
pub(super) fn value(cursor: &mut Cursor<'_>) -> Result<Token, Fail> {
    read(cursor, Cursor::quoted, is_word_char)
}

/// Reads a pattern: in quotes its backslashes stay, and bare it may hold more symbols.
pub(super) fn pattern(cursor: &mut Cursor<'_>) -> Result<Token, Fail> {
    cursor.space();
    let start = cursor.pos();
    let is_pattern_char =
        |c: char| is_word_char(c) || matches!(c, '^' | '*' | '\\' | '[' | ']' | '{' | '}');
    let in_slashes = cursor.peek() == Some('/');
    let ends_early = |cursor: &Cursor<'_>| {
        let rest = cursor.rest();
        rest.starts_with('(') || (rest.starts_with('|') && !rest.starts_with("||"))
    };
    if !in_slashes && !ends_early(cursor) {
        let token = read(cursor, Cursor::quoted_pattern, is_pattern_char)?;
        if token.quoted || !ends_early(cursor) {
            return Ok(token);
        }
    }
    cursor.take_while(|c| !c.is_whitespace());
    let fail = cursor.fail_from(start, Problem::BarePattern);
    Err(fail.hint("write it as in ~ 'time.?out|refused'"))
}

/// Reads the further words of a point in time, such as `14:00` after `yesterday`.
pub(super) fn more_of_a_time(cursor: &mut Cursor<'_>, token: &mut Token) {
    loop {
        let mut ahead = cursor.clone();
        ahead.space();
        let word = ahead.take_while(is_word_char);
        if !word.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-') {
            return;
        }
        token.text.push(' ');
        token.text.push_str(word);
        token.span.end = ahead.pos();
        *cursor = ahead;
    }
}

fn read<'a>(
    cursor: &mut Cursor<'a>,
    quoted: impl Fn(&mut Cursor<'a>) -> Result<String, Fail>,
    is_bare: impl Fn(char) -> bool,
) -> Result<Token, Fail> {
    cursor.space();
    let start = cursor.pos();
    if matches!(cursor.peek(), Some('"' | '\'')) {
        let text = quoted(cursor)?;
        return Ok(Token {
            text,
            quoted: true,
            span: start..cursor.pos(),
        });
    }
    let after_comment = cursor.is_after_comment();
    let found = cursor.next_token();
    let word = cursor.take_while(is_bare);
    let keyword = ["and", "or", "not", "in"]
        .iter()
        .any(|keyword| word.eq_ignore_ascii_case(keyword));
    let comment = word.starts_with('#') || ((word.is_empty() || keyword) && after_comment);
    if word.is_empty() || keyword || comment {
        let mut fail = cursor.fail_from(start, Problem::ExpectedValue(found));
        fail.span.end = fail.span.end.max(start);
        return Err(if comment {
            fail.hint("a comment begins with #; a text that does stands in quotes")
        } else if keyword {
            fail.hint("a text of that spelling stands in quotes")
        } else if cursor.peek() == Some('*') {
            wildcard(cursor, start)
        } else {
            fail
        });
    }
    if cursor.peek() == Some('*') {
        return Err(wildcard(cursor, start));
    }
    Ok(Token {
        text: word.to_owned(),
        quoted: false,
        span: start..cursor.pos(),
    })
}

fn wildcard(cursor: &mut Cursor<'_>, start: usize) -> Fail {
    cursor.take_while(|c| is_word_char(c) || c == '*');
    cursor
        .fail_from(start, Problem::Wildcard)
        .hint("use startswith, endswith, contains or a pattern with ~")
}
