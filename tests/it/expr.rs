//! The filter language against a naive evaluator, the real samples, and its own manual.

mod differential;
mod jq;
mod manual;
mod naive;
mod samples;

use distlog::{
    expr::{Expr, Filter},
    record::{Found, Instant, Reader},
};
use proptest::prelude::*;

use crate::tries::tries;

use naive::{Naive, expression, record};

/// 2026-11-20T12:30:00Z.
const NOW: Instant = Instant(1_795_177_800_000_000_000);

fn parse(text: &str) -> Expr {
    match Expr::parse(text, NOW) {
        Ok(expr) => expr,
        Err(error) => panic!("{error}"),
    }
}

/// A reader and the filter that was compiled for it.
fn compiled(expr: &Expr) -> (Reader, Filter) {
    let mut reader = Reader::default();
    let filter = expr.compile(&mut reader);
    (reader, filter)
}

fn selects(expr: &Expr, line: &str) -> bool {
    let (reader, filter) = compiled(expr);
    let mut found = Found::default();
    let record = reader.read(line.as_bytes(), &mut found).expect("a record");
    filter.matches(&record)
}

/// Words of the language in any order: nearer to expressions than any string is.
fn soup() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "level",
        "time",
        ".a",
        "b.c",
        "x",
        ">=",
        "==",
        "!=",
        "~",
        "~*",
        "in",
        "not",
        "and",
        "or",
        "(",
        ")",
        ",",
        "true",
        "false",
        "null",
        "exists",
        "error",
        "1.5s",
        "now-3h",
        "yesterday",
        "14:00",
        "'q'",
        "\"\\u00e9\"",
        "[0]",
        "12",
        "-1e3",
        "contains",
        "é",
        "'",
        "\\",
        "&&",
        "|",
        "status",
        "failed",
        ".\"odd key\"",
        "2026-11-20",
        "\t",
        "\n",
        "'\u{1b}[31m'",
        "=",
        "*",
        "'[a-z]+'",
    ];
    prop::collection::vec(prop::sample::select(WORDS), 0..14).prop_map(|words| words.join(" "))
}

fn check_total(text: &str) -> Result<(), TestCaseError> {
    match Expr::parse(text, NOW) {
        Ok(expr) => {
            let shown = expr.to_string();
            prop_assert_eq!(Expr::parse(&shown, NOW), Ok(expr), "{} as {}", text, shown);
        }
        Err(error) => {
            let lines = text.split('\n').count();
            prop_assert!((1..=lines).contains(&error.line()), "{}", error);
            prop_assert!(error.column() <= text.chars().count() + 1, "{}", error);
            prop_assert!(
                !error
                    .to_string()
                    .contains(|c: char| c.is_control() && c != '\n')
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(tries(2_000))]

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        check_total(&text)?;
    }

    #[test]
    fn no_soup_of_words_makes_the_parser_panic(text in soup()) {
        check_total(&text)?;
    }

    #[test]
    fn what_is_shown_is_read_back(naive in expression()) {
        let expr = parse(&naive.to_string());
        prop_assert_eq!(parse(&expr.to_string()), expr);
    }

    #[test]
    fn the_filter_agrees_with_the_naive_evaluator(naive in expression(), record in record()) {
        let line = record.to_string();
        let expr = parse(&naive.to_string());
        prop_assert_eq!(selects(&expr, &line), naive.holds(&record), "{} on {}", naive, line);
    }

    #[test]
    fn joining_and_negating_mean_what_they_say(
        a in expression(), b in expression(), record in record(),
    ) {
        let line = record.to_string();
        let (a, b) = (parse(&a.to_string()), parse(&b.to_string()));
        let (in_a, in_b) = (selects(&a, &line), selects(&b, &line));
        let both = a.clone().and(b.clone());
        let either = a.clone().or(b.clone());
        prop_assert_eq!(selects(&both, &line), in_a && in_b);
        prop_assert_eq!(selects(&either, &line), in_a || in_b);
        prop_assert_eq!(selects(&!a.clone(), &line), !in_a);
        // De Morgan.
        prop_assert_eq!(selects(&!both, &line), selects(&(!a).or(!b), &line));
        // What programs join is an expression that can be written, too.
        prop_assert_eq!(parse(&either.to_string()), either);
    }

    #[test]
    fn every_test_has_an_exact_opposite(naive in expression(), record in record()) {
        if let Naive::Test(test) = naive {
            let line = record.to_string();
            let opposite = Naive::Test(test.opposite());
            let (this, that) = (Naive::Test(test).to_string(), opposite.to_string());
            prop_assert_ne!(selects(&parse(&this), &line), selects(&parse(&that), &line), "{}", that);
        }
    }
}
