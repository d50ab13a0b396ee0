//! Literals: what a value means depends on the field that it is compared with.

use super::{
    ast::{Literal, Order},
    clock::Clock,
    cursor::Fail,
    duration,
    error::Problem,
    field::Subject,
    level::{self, LevelLiteral},
    moment,
    number::Number,
    size,
    suggest::nearest,
    token::Token,
};
use crate::record::{Canonical, Level};

/// Reads `token` as a value that `subject` can be compared with in this way.
pub(super) fn literal(
    token: Token,
    subject: &Subject,
    order: Order,
    clock: &Clock,
) -> Result<Literal, Fail> {
    match subject {
        Subject::Canonical(canonical) => of_canonical(token, *canonical, order, clock),
        Subject::Raw(_) if token.quoted => Ok(Literal::Text(token.text)),
        Subject::Raw(path) => of_raw(token, &path.to_string(), order),
    }
}

fn of_canonical(
    token: Token,
    canonical: Canonical,
    order: Order,
    clock: &Clock,
) -> Result<Literal, Fail> {
    let name = canonical.name();
    if token.text == "null" && !token.quoted {
        let hint = format!("did you mean 'not exists({name})'?");
        return Err(token.fail(Problem::NeverNull(name)).hint(hint));
    }
    match canonical {
        Canonical::Level => level_literal(&token),
        Canonical::Time => moment::moment(&token.text, clock)
            .map(Literal::Time)
            .ok_or_else(|| {
                token
                    .fail(Problem::UnknownTime(token.text.clone()))
                    .hint(hint_for_time(&token.text))
            }),
        Canonical::Duration => length(&token.text).map(Literal::Seconds).ok_or_else(|| {
            token
                .fail(Problem::UnknownDuration(token.text.clone()))
                .hint("write 1.5s, 200ms, 1h30m or a number of seconds")
        }),
        Canonical::Status => word(
            token,
            order,
            name,
            &["succeeded", "failed", "running", "unknown"],
        ),
        Canonical::Event => word(token, order, name, &["start", "end"]),
        Canonical::Process | Canonical::Thread | Canonical::Seq => {
            Ok(match Number::read(&token.text) {
                Some(number) if !token.quoted => Literal::Number(number),
                _ => Literal::Text(token.text),
            })
        }
        Canonical::Logger
        | Canonical::Message
        | Canonical::Type
        | Canonical::Host
        | Canonical::Service
        | Canonical::Exception
        | Canonical::Tree
        | Canonical::Node
        | Canonical::Parent => Ok(Literal::Text(token.text)),
    }
}

fn level_literal(token: &Token) -> Result<Literal, Fail> {
    LevelLiteral::read(&token.text)
        .map(Literal::Level)
        .ok_or_else(|| {
            let fail = token.fail(Problem::UnknownLevel(token.text.clone()));
            match nearest(&token.text, level::NAMES) {
                Some(meant) => fail.hint(format!("did you mean '{meant}'?")),
                None => fail.hint(level::NAMES.join(" < ")),
            }
        })
}

fn length(text: &str) -> Option<f64> {
    duration::seconds(text).or_else(|| {
        let float = Number::read(text)?.float();
        float.is_finite().then_some(float)
    })
}

/// One of a closed list: any other word would never match and not say why.
fn word(
    token: Token,
    order: Order,
    field: &'static str,
    words: &[&'static str],
) -> Result<Literal, Fail> {
    if order != Order::Equal {
        let fail = token.fail(Problem::NoOrder(field.to_owned()));
        return Err(fail.hint(format!("the raw field is .{field}")));
    }
    if words.contains(&token.text.as_str()) {
        return Ok(Literal::Text(token.text));
    }
    let hint = match nearest(&token.text, words.iter().copied()) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None => format!(
            "it is one of {}; the raw field is .{field}",
            words.join(", ")
        ),
    };
    let word = token.text.clone();
    Err(token.fail(Problem::UnknownWord { field, word }).hint(hint))
}

fn of_raw(token: Token, path: &str, order: Order) -> Result<Literal, Fail> {
    let no_order = |literal| match order {
        Order::Equal => Ok(literal),
        _ => Err(token.fail(Problem::NoOrder(token.text.clone()))),
    };
    match token.text.as_str() {
        "null" => return no_order(Literal::Null),
        "true" => return no_order(Literal::Bool(true)),
        "false" => return no_order(Literal::Bool(false)),
        "True" | "TRUE" => return Err(spelling(&token, "true")),
        "False" | "FALSE" => return Err(spelling(&token, "false")),
        "None" | "NULL" | "nil" => return Err(spelling(&token, "null")),
        "NaN" => {
            let hint = format!("did you mean \"{path} ~ '^NaN$'\"?");
            return Err(token.fail(Problem::NotANumber).hint(hint));
        }
        _ => {}
    }
    if let Some(number) = Number::read(&token.text) {
        return Ok(Literal::Number(number));
    }
    if let Some(seconds) = duration::seconds(&token.text) {
        return Ok(Literal::Seconds(seconds));
    }
    if let Some(bytes) = size::bytes(&token.text) {
        return Ok(Literal::Size(bytes));
    }
    refuse_alphabet(&token, path, order)?;
    Ok(Literal::Text(token.text))
}

fn spelling(token: &Token, meant: &'static str) -> Fail {
    token.fail(Problem::Spelling(meant)).hint(format!(
        "did you mean '{meant}'? A text of that spelling stands in quotes"
    ))
}

/// Bare words that mean a time, a severity, a size or a field, next to a field where they
/// would be texts.
fn refuse_alphabet(token: &Token, path: &str, order: Order) -> Result<(), Fail> {
    let alphabet = || token.fail(Problem::Alphabet(token.text.clone()));
    if moment::is_relative_to_now(&token.text) {
        return Err(alphabet().hint("'time' is the field that holds a point in time"));
    }
    if order == Order::Equal {
        return Ok(());
    }
    if moment::is_word(&token.text) {
        return Err(alphabet().hint("'time' is the field that holds a point in time"));
    }
    if let Some(meant) = nearly_number(&token.text) {
        return Err(alphabet().hint(format!("did you mean '{meant}'?")));
    }
    if let Some(meant) = size::meant(&token.text) {
        return Err(alphabet().hint(format!("did you mean '{meant}'?")));
    }
    if Canonical::from_name(&token.text).is_some() {
        let hint = format!("did you mean '{} {} {path}'?", token.text, order.turned());
        return Err(alphabet().hint(hint));
    }
    let level = token.text.len() > 2 && Level::from_word(&token.text).is_some();
    if level {
        return Err(alphabet().hint(format!("did you mean 'level {order} {}'?", token.text)));
    }
    Ok(())
}

/// The number that somebody has written in the way of another language.
fn nearly_number(text: &str) -> Option<String> {
    let bare = text.strip_prefix('+').unwrap_or(text).replace('_', "");
    let hex = bare.strip_prefix("0x").or_else(|| bare.strip_prefix("0X"));
    let meant = if let Some(hex) = hex {
        i64::from_str_radix(hex, 16).ok()?.to_string()
    } else {
        let mut digits = bare.strip_suffix('.').unwrap_or(&bare);
        while let Some(rest) = digits.strip_prefix('0')
            && rest.starts_with(|c: char| c.is_ascii_digit())
        {
            digits = rest;
        }
        digits.to_owned()
    };
    (meant != text && Number::read(&meant).is_some()).then_some(meant)
}

/// What to write instead of a text that is no point in time.
fn hint_for_time(text: &str) -> &'static str {
    let year = text.split_once('-').and_then(|(year, _)| year.parse().ok());
    match year {
        Some(year @ 1000..=9999) if !(1678..2262).contains(&year) => {
            "times are counted in nanoseconds, from 1677-09-21 to 2262-04-11"
        }
        _ => "write 2026-11-20T14:00:00Z, 2026-11-20, now-3h or yesterday 14:00",
    }
}

#[cfg(test)]
mod tests {
    use crate::expr::error::tests::check;

    #[test]
    fn numbers_of_other_languages() {
        let refuse = |value: &str, meant: &str| {
            let carets = "^".repeat(value.len());
            check(
                &format!("a > {value}"),
                &format!(
                    "column 5: '{value}' is a text here and would compare by the alphabet\na > {value}\n    {carets} did you mean '{meant}'?"
                ),
            );
        };
        refuse("5.", "5");
        refuse("07", "7");
        refuse("+7", "7");
        refuse("007.5", "7.5");
        refuse("00", "0");
        refuse("1_000", "1000");
        refuse("0x1F", "31");
        for fine in ["2026-11-20", "1.2.3", "10.0.0.1", "0abc", "v1", "0x", "+a"] {
            let text = format!("a > {fine}");
            let now = crate::record::Instant(0);
            assert!(crate::expr::Expr::parse(&text, now).is_ok(), "{text}");
        }
    }

    #[test]
    fn words_that_are_nearly_right() {
        check(
            "timestamp > now",
            "column 13: 'now' is a text here and would compare by the alphabet\ntimestamp > now\n            ^^^ 'time' is the field that holds a point in time",
        );
        check(
            "LEVEL == error",
            "column 1: no canonical field 'LEVEL'\nLEVEL == error\n^^^^^ did you mean 'level'? The raw field is written .LEVEL",
        );
        check(
            "level >= warnning",
            "column 10: no level 'warnning'\nlevel >= warnning\n         ^^^^^^^^ did you mean 'warning'?",
        );
        check(
            "lvel >= error",
            "column 1: no canonical field 'lvel'\nlvel >= error\n^^^^ did you mean 'level'? The raw field is written .lvel",
        );
        check(
            "levelname >= error",
            "column 14: 'error' is a text here and would compare by the alphabet\nlevelname >= error\n             ^^^^^ did you mean 'level >= error'?",
        );
        check(
            "status == faild",
            "column 11: status is never 'faild'\nstatus == faild\n          ^^^^^ did you mean 'failed'?",
        );
        check(
            "status == 500",
            "column 11: status is never '500'\nstatus == 500\n          ^^^ it is one of succeeded, failed, running, unknown; the raw field is .status",
        );
        check(
            "status >= 500",
            "column 11: status has no order\nstatus >= 500\n          ^^^ the raw field is .status",
        );
        check(
            "ok == True",
            "column 7: 'true' in another spelling\nok == True\n      ^^^^ did you mean 'true'? A text of that spelling stands in quotes",
        );
        check(
            "time > soon",
            "column 8: no point in time: 'soon'\ntime > soon\n       ^^^^ write 2026-11-20T14:00:00Z, 2026-11-20, now-3h or yesterday 14:00",
        );
        check(
            "time < 9999-12-31",
            "column 8: no point in time: '9999-12-31'\ntime < 9999-12-31\n       ^^^^^^^^^^ times are counted in nanoseconds, from 1677-09-21 to 2262-04-11",
        );
        check(
            "duration > 5 parsecs",
            "column 14: expected 'and' or 'or', found 'parsecs'\nduration > 5 parsecs\n             ^^^^^^^",
        );
        check(
            ".sent > 10M",
            "column 9: '10M' is a text here and would compare by the alphabet\n.sent > 10M\n        ^^^ did you mean '10MB'?",
        );
        check(
            ".sent > 10 MB",
            "column 12: expected 'and' or 'or', found 'MB'\n.sent > 10 MB\n           ^^ a number and its unit stand together: '10MB'",
        );
        check(
            ".deadline < time",
            "column 13: 'time' is a text here and would compare by the alphabet\n.deadline < time\n            ^^^^ did you mean 'time > .deadline'?",
        );
        check(
            "duration > 5x",
            "column 12: no length of time: '5x'\nduration > 5x\n           ^^ write 1.5s, 200ms, 1h30m or a number of seconds",
        );
    }
}
