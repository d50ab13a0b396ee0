//! What a server says when it does not do what it was asked for: a code, and words.
//!
//! The codes are those of `src/Common/ErrorCodes.cpp` of ClickHouse; `errorCodeToName(CODE)` tells
//! what they are called.

use crate::store::Fault;

/// What passes: limits of time, memory, connections and parts, what is behind the network, and what
/// an operator does.
const PASSING: [u32; 28] = [
    159, 160, 201, 202, 203, 209, 210, 225, 236, 241, 242, 243, 252, 279, 285, 286, 297, 319, 394,
    425, 439, 473, 499, 667, 692, 745, 749, 999,
];

/// What one of the rows is to blame for: it cannot be read, or a table's rule is against it.
const REFUSED: [u32; 18] = [
    6, 25, 26, 27, 38, 41, 53, 69, 70, 72, 117, 131, 190, 321, 349, 376, 395, 469,
];

/// The longest of the server's words that are told, in characters.
const TOLD: usize = 300;

/// What an answer that is no success means.
pub(super) fn said(code: Option<u32>, status: u16, body: &str) -> Fault {
    let Some(code) = code.or_else(|| code_in(body)) else {
        let words = words(body);
        let words = if words.is_empty() {
            format!("answered with {status}")
        } else {
            format!("answered with {status}: {words}")
        };
        return match status {
            408 | 425 | 429 | 502..=504 => Fault::Passing(words),
            _ => Fault::Lasting(words),
        };
    };
    let mut words = words(body);
    if words.is_empty() {
        words = format!("code {code}");
    }
    match code {
        // A batch is of too many days: fewer records are of fewer.
        252 if body.contains("partitions for single INSERT block") => Fault::Refused(words),
        _ if PASSING.contains(&code) => Fault::Passing(words),
        _ if REFUSED.contains(&code) => Fault::Refused(words),
        _ => Fault::Lasting(match hint(code) {
            Some(hint) => format!("{words}; {hint}"),
            None => words,
        }),
    }
}

/// What an answer means that began as a success.
pub(super) fn late(body: &str) -> Fault {
    match code_in(body) {
        Some(code) => said(Some(code), 200, body),
        None => Fault::Passing("the answer broke off".into()),
    }
}

/// What helps.
fn hint(code: u32) -> Option<&'static str> {
    Some(match code {
        81 => "CREATE DATABASE makes it",
        164 => "who reads needs readonly = 2, which lets the form of an answer be chosen",
        192..=194 | 516 => "USER@ in the address and CLICKHOUSE_PASSWORD say who we are",
        16 | 47 => "?table=NAME is a table that dl-send makes",
        _ => return None,
    })
}

/// The code in the words of an exception.
fn code_in(body: &str) -> Option<u32> {
    let mut rest = body;
    while let Some((_, after)) = rest.split_once("Code: ") {
        if let Some((code, _)) = after.split_once(". DB::Exception: ")
            && let Ok(code) = code.parse()
        {
            return Some(code);
        }
        rest = after;
    }
    None
}

/// The first line of the server's words, without what is around them.
fn words(body: &str) -> String {
    let body = body
        .split_once("DB::Exception: ")
        .map_or(body, |split| split.1);
    let line = body.trim_start().lines().next().unwrap_or_default();
    let line = line.split(" (version ").next().unwrap_or_default().trim();
    // It may have something of a record in it.
    let mut shown: String = line
        .chars()
        .filter(|c| !c.is_control())
        .take(TOLD)
        .collect();
    if line.chars().count() > TOLD {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_tells_what_to_do() {
        let check = |code: Option<u32>, status: u16, body: &str, expect: Fault| {
            assert_eq!(said(code, status, body), expect, "{code:?} {status} {body}");
        };
        let passing = |words: &str| Fault::Passing(words.into());
        let refused = |words: &str| Fault::Refused(words.into());
        let lasting = |words: &str| Fault::Lasting(words.into());
        let memory = "Code: 241. DB::Exception: (total) memory limit exceeded: would use 9 GiB. \
                      (MEMORY_LIMIT_EXCEEDED) (version 26.9.1.1 (official build))\n";
        let told = "(total) memory limit exceeded: would use 9 GiB. (MEMORY_LIMIT_EXCEEDED)";
        check(Some(241), 500, memory, passing(told));
        check(None, 500, memory, passing(told));
        let parts = "Code: 252. DB::Exception: Too many parts (3001). (TOO_MANY_PARTS)";
        check(
            Some(252),
            500,
            parts,
            passing("Too many parts (3001). (TOO_MANY_PARTS)"),
        );
        let days = "Code: 252. DB::Exception: Too many partitions for single INSERT block (more \
                    than 100).";
        check(
            Some(252),
            500,
            days,
            refused("Too many partitions for single INSERT block (more than 100)."),
        );
        check(
            Some(469),
            500,
            "Code: 469. DB::Exception: Constraint `c` is violated\x1b[31m at row 3.\nStack",
            refused("Constraint `c` is violated[31m at row 3."),
        );
        check(
            Some(81),
            404,
            "Code: 81. DB::Exception: Database x does not exist. (UNKNOWN_DATABASE)",
            lasting("Database x does not exist. (UNKNOWN_DATABASE); CREATE DATABASE makes it"),
        );
        check(Some(77), 500, "", lasting("code 77"));
        check(None, 503, "", passing("answered with 503"));
        check(None, 404, "<html>", lasting("answered with 404: <html>"));
        check(None, 302, "\n", lasting("answered with 302"));
    }

    #[test]
    fn long_words_have_an_end() {
        let Fault::Lasting(words) = said(Some(62), 400, &"é".repeat(100_000)) else {
            panic!("it does not pass");
        };
        assert_eq!(words.chars().count(), TOLD + 1);
    }

    #[test]
    fn what_comes_late_is_told_too() {
        let text = "rhalf a row\r\n__exception__\r\nabcd\r\nCode: 395. DB::Exception: Value passed \
                    to 'throwIf' function is non-zero. (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)\r\n\
                    96 abcd\r\n__exception__\r\n";
        let words = "Value passed to 'throwIf' function is non-zero. \
                     (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)";
        assert_eq!(late(text), Fault::Refused(words.into()));
        assert_eq!(late("e"), Fault::Passing("the answer broke off".into()));
    }
}
