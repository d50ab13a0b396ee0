//! man/dl-expr.7 is a promise.

use distlog::record::Canonical;

use super::{NOW, parse};

const MANUAL: &str = include_str!("../../../man/dl-expr.7");

/// The lines of a macro, without roff's escapes.
fn lines_of(name: &str) -> Vec<String> {
    MANUAL
        .lines()
        .filter_map(|line| line.strip_prefix(name))
        .map(|line| line.trim().replace("\\(dq", "\"").replace("\\e", "\\"))
        .collect()
}

#[test]
fn every_example_is_an_expression() {
    let examples = lines_of(".Dl ");
    assert!(examples.len() > 20, "{examples:#?}");
    for example in examples {
        let expr = parse(&example);
        assert_eq!(parse(&expr.to_string()), expr, "{example}");
    }
}

#[test]
fn every_canonical_field_is_described() {
    let items = lines_of(".It Cm ");
    for canonical in Canonical::ALL {
        assert!(
            items.iter().any(|item| item == canonical.name()),
            "{}",
            canonical.name()
        );
    }
}

#[test]
fn the_picture_of_an_error_is_the_real_one() {
    let error = distlog::expr::Expr::parse("level => error", NOW).expect_err("no operator");
    assert!(MANUAL.contains(&error.to_string()), "{error}");
}
