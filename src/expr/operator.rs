//! Operators, and what people write instead of them.

use super::{
    ast::{Order, TextCheck},
    cursor::{Cursor, Fail},
    error::Problem,
    suggest,
};

/// What stands between a field and a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) negated: bool,
    pub(super) kind: OperatorKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OperatorKind {
    Compare(Order),
    Matches { any_case: bool },
    Text(TextCheck),
    In,
}

const WORDS: [&str; 4] = ["contains", "startswith", "endswith", "in"];

/// Reads the operator at the cursor, after white space.
pub(super) fn operator(cursor: &mut Cursor<'_>, field: &str) -> Result<Operator, Fail> {
    cursor.space();
    let mut ahead = cursor.clone();
    let run = ahead.take_while(|c| matches!(c, '=' | '!' | '<' | '>' | '~' | '*'));
    if !run.is_empty() {
        let Some(operator) = symbol(run) else {
            let fail = ahead.fail_from(cursor.pos(), Problem::UnknownOperator(run.to_owned()));
            return Err(match meant_symbol(run) {
                Some(meant) => fail.hint(format!("did you mean '{meant}'?")),
                None => fail,
            });
        };
        *cursor = ahead;
        return Ok(operator);
    }
    let negated = cursor.eat_word("not");
    match word(cursor) {
        Some(kind) => Ok(Operator { negated, kind }),
        None => Err(unknown_word(cursor, field, negated)),
    }
}

fn symbol(run: &str) -> Option<Operator> {
    let (negated, kind) = match run {
        "==" => (false, OperatorKind::Compare(Order::Equal)),
        "!=" => (true, OperatorKind::Compare(Order::Equal)),
        "<" => (false, OperatorKind::Compare(Order::Less)),
        "<=" => (false, OperatorKind::Compare(Order::LessOrEqual)),
        ">" => (false, OperatorKind::Compare(Order::Greater)),
        ">=" => (false, OperatorKind::Compare(Order::GreaterOrEqual)),
        "~" => (false, OperatorKind::Matches { any_case: false }),
        "!~" => (true, OperatorKind::Matches { any_case: false }),
        "~*" => (false, OperatorKind::Matches { any_case: true }),
        "!~*" => (true, OperatorKind::Matches { any_case: true }),
        _ => return None,
    };
    Some(Operator { negated, kind })
}

/// What the operators of other languages are called here.
fn meant_symbol(run: &str) -> Option<&'static str> {
    Some(match run {
        "=" | "===" => "==",
        "!" | "=!" | "!==" | "<>" | "><" => "!=",
        "=<" | "<==" => "<=",
        "=>" | ">==" => ">=",
        "<<" => "<",
        ">>" => ">",
        "=~" | "~=" | "~~" | "==~" => "~",
        "!=~" | "!~=" | "~!" => "!~",
        "=~*" | "~~*" | "*~" => "~*",
        _ => return None,
    })
}

fn word(cursor: &mut Cursor<'_>) -> Option<OperatorKind> {
    for check in [
        TextCheck::Contains,
        TextCheck::StartsWith,
        TextCheck::EndsWith,
    ] {
        if cursor.eat_word(check.word()) {
            return Some(OperatorKind::Text(check));
        }
    }
    cursor.eat_word("in").then_some(OperatorKind::In)
}

fn unknown_word(cursor: &Cursor<'_>, field: &str, negated: bool) -> Fail {
    let token = cursor.next_token();
    let lower = token.to_ascii_lowercase();
    if matches!(
        lower.as_str(),
        "" | ")" | "and" | "or" | "&&" | "||" | "&" | "|"
    ) {
        return cursor
            .fail_token(Problem::FieldAlone(token))
            .hint(format!("did you mean 'exists({field})'?"));
    }
    let fail = cursor.fail_token(Problem::UnknownOperator(token));
    match meant_word(&lower) {
        Some(meant) if !negated || WORDS.contains(&meant) => {
            fail.hint(format!("did you mean '{meant}'?"))
        }
        _ if negated => fail.hint(format!("after 'not' stands one of {}", WORDS.join(", "))),
        _ => fail,
    }
}

fn meant_word(lower: &str) -> Option<&'static str> {
    Some(match lower {
        "is" | "eq" | "equals" => "==",
        "ne" | "isnt" => "!=",
        "lt" => "<",
        "le" => "<=",
        "gt" => ">",
        "ge" => ">=",
        "like" | "matches" | "match" | "regex" | "regexp" => "~",
        "ilike" | "icontains" => "~*",
        "has" | "includes" | "include" => "contains",
        "starts_with" | "starts" | "begins" | "beginswith" | "prefix" => "startswith",
        "ends_with" | "ends" | "suffix" => "endswith",
        _ => return suggest::nearest(lower, WORDS),
    })
}

#[cfg(test)]
mod tests {
    use crate::expr::error::tests::check;

    #[test]
    fn operators_of_other_languages() {
        check(
            "level => error",
            "column 7: no operator '=>'\nlevel => error\n      ^^ did you mean '>='?",
        );
        check(
            "level = error",
            "column 7: no operator '='\nlevel = error\n      ^ did you mean '=='?",
        );
        check(
            "a == 1 & b == 2",
            "column 8: expected 'and' or 'or', found '&'\na == 1 & b == 2\n       ^ did you mean '&&'?",
        );
        check(
            "message =~ 'x'",
            "column 9: no operator '=~'\nmessage =~ 'x'\n        ^^ did you mean '~'?",
        );
        check(
            "message like x",
            "column 9: no operator 'like'\nmessage like x\n        ^^^^ did you mean '~'?",
        );
        check(
            "message contians x",
            "column 9: no operator 'contians'\nmessage contians x\n        ^^^^^^^^ did you mean 'contains'?",
        );
        check(
            "message not starts_with x",
            "column 13: no operator 'starts_with'\nmessage not starts_with x\n            ^^^^^^^^^^^ did you mean 'startswith'?",
        );
    }
}
