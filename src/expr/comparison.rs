//! A comparison: a field, an operator, a value.

use super::{
    ast::{Check, Literal, Node, Order, Test},
    clock::Clock,
    cursor::{Cursor, Fail},
    error::Problem,
    field::{Subject, field, raw_path},
    literal::literal,
    operator::{Operator, OperatorKind, operator},
    pattern::Pattern,
    token,
};
use crate::record::Canonical;

/// Reads the comparison at the cursor.
pub(super) fn comparison(cursor: &mut Cursor<'_>, clock: &Clock) -> Result<Node, Fail> {
    cursor.space();
    let field_start = cursor.pos();
    let subject = field(cursor)?;
    let written = cursor.since(field_start);
    cursor.space();
    let start = cursor.pos();
    let Operator { negated, kind } = operator(cursor, written)?;
    if let Some(name) = no_text(&subject)
        && matches!(kind, OperatorKind::Matches { .. } | OperatorKind::Text(_))
    {
        let fail = cursor.fail_from(start, Problem::NoText(name));
        return Err(fail.hint(format!("the raw field, as it is written, is .{name}")));
    }
    let check = match kind {
        OperatorKind::Compare(order) => compare(cursor, &subject, order, clock)?,
        OperatorKind::Matches { any_case } => matches(cursor, any_case)?,
        OperatorKind::Text(check) => {
            refuse_path(cursor)?;
            Check::Text(check, token::value(cursor)?.text)
        }
        OperatorKind::In => Check::OneOf(list(cursor, &subject, clock)?),
    };
    Ok(Node::Test(Test {
        subject,
        negated,
        check,
    }))
}

/// The canonical fields that are no text.
fn no_text(subject: &Subject) -> Option<&'static str> {
    match subject {
        Subject::Canonical(c @ (Canonical::Level | Canonical::Time | Canonical::Duration)) => {
            Some(c.name())
        }
        _ => None,
    }
}

fn compare(
    cursor: &mut Cursor<'_>,
    subject: &Subject,
    order: Order,
    clock: &Clock,
) -> Result<Check, Fail> {
    cursor.space();
    if cursor.peek() == Some('.') {
        refuse_fraction(cursor)?;
        return raw_path(cursor).map(|path| Check::CompareField(order, path));
    }
    let literal = value(cursor, subject, order, clock)?;
    Ok(Check::Compare(order, literal))
}

fn value(
    cursor: &mut Cursor<'_>,
    subject: &Subject,
    order: Order,
    clock: &Clock,
) -> Result<Literal, Fail> {
    let mut token = token::value(cursor)?;
    if *subject == Subject::Canonical(Canonical::Time) && !token.quoted {
        token::more_of_a_time(cursor, &mut token);
    }
    literal(token, subject, order, clock)
}

fn matches(cursor: &mut Cursor<'_>, any_case: bool) -> Result<Check, Fail> {
    let token = token::pattern(cursor)?;
    Pattern::new(&token.text, any_case)
        .map(Check::Matches)
        .map_err(|reason| token.fail(Problem::Pattern(reason)))
}

fn list(cursor: &mut Cursor<'_>, subject: &Subject, clock: &Clock) -> Result<Vec<Literal>, Fail> {
    expect(cursor, "(", "'('")?;
    let mut values = Vec::new();
    loop {
        refuse_path(cursor)?;
        values.push(value(cursor, subject, Order::Equal, clock)?);
        cursor.space();
        if !cursor.eat(",") {
            break;
        }
    }
    expect(cursor, ")", "',' or ')'")?;
    Ok(values)
}

fn expect(cursor: &mut Cursor<'_>, text: &str, expected: &'static str) -> Result<(), Fail> {
    cursor.space();
    if cursor.eat(text) {
        return Ok(());
    }
    let found = cursor.next_token();
    Err(cursor.fail_token(Problem::Expected { expected, found }))
}

fn refuse_path(cursor: &mut Cursor<'_>) -> Result<(), Fail> {
    cursor.space();
    if cursor.peek() != Some('.') {
        return Ok(());
    }
    let token = cursor.next_token();
    let hint = format!("the text is written '{token}'");
    Err(cursor.fail_token(Problem::UnexpectedPath).hint(hint))
}

fn refuse_fraction(cursor: &Cursor<'_>) -> Result<(), Fail> {
    let token = cursor.next_token();
    let digits = token.trim_start_matches('.');
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(());
    }
    let hint = format!("did you mean '0.{digits}'?");
    Err(cursor
        .fail_token(Problem::ExpectedValue(token.clone()))
        .hint(hint))
}

#[cfg(test)]
mod tests {
    use crate::expr::error::tests::check;

    #[test]
    fn fields_out_of_place() {
        check(
            "user",
            "column 5: expected an operator after the field, found the end\nuser\n    ^ did you mean 'exists(user)'?",
        );
        check(
            "500 <= .code",
            "column 1: expected a field, found '500'\n500 <= .code\n^^^ turn the comparison round: the field stands on the left",
        );
        check(
            "name endswith .py",
            "column 15: a field cannot stand here\nname endswith .py\n              ^^^ the text is written '.py'",
        );
        check(
            ".share > .5",
            "column 10: expected a value, found '.5'\n.share > .5\n         ^^ did you mean '0.5'?",
        );
        check(
            "exception == null",
            "column 14: exception is never null\nexception == null\n             ^^^^ did you mean 'not exists(exception)'?",
        );
        check(
            "level ~ err",
            "column 7: level is no text\nlevel ~ err\n      ^ the raw field, as it is written, is .level",
        );
        for pattern in ["time|refused", "(time|refused)", "/time.?out/"] {
            let carets = "^".repeat(pattern.len());
            check(
                &format!("message ~ {pattern}"),
                &format!(
                    "column 11: a pattern like this stands in quotes\nmessage ~ {pattern}\n          {carets} write it as in ~ 'time.?out|refused'"
                ),
            );
        }
        check(
            "tags[*] == x",
            "column 5: expected the number of an element, from 0, in brackets\ntags[*] == x\n    ^^^ an array matches by any of its elements: leave the brackets out",
        );
        check(
            "logger == app.*",
            "column 11: '*' is no wildcard here\nlogger == app.*\n          ^^^^^ use startswith, endswith, contains or a pattern with ~",
        );
    }
}
