//! man/dl-expr.7 is a promise.

use distlog::record::Canonical;

use super::{NOW, parse, selects};

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

/// What is said of the words of levels, of records of which each has one.
#[test]
fn words_of_levels_mean_what_is_told() {
    const LEVELS: [&str; 11] = [
        "trace", "debug", "fine", "verbose", "http", "info", "warning", "35", "error", "alert",
        "fatal",
    ];
    let check = |expr: &str, expect: &[&str]| {
        let expr = parse(expr);
        let record = |level: &&&str| selects(&expr, &format!("{{\"level\":\"{level}\"}}"));
        let found: Vec<_> = LEVELS.iter().filter(record).copied().collect();
        assert_eq!(found, expect, "{expr}");
    };
    check("level == warning", &["warning", "35"]);
    check("level > warning", &["error", "alert", "fatal"]);
    for other in ["warn", "WARN", "wrn", "w"] {
        check(&format!("level == {other}"), &["warning", "35"]);
    }
    for (other, name) in [
        ("err", "error"),
        ("severe", "error"),
        ("information", "info"),
        ("panic", "fatal"),
        ("emerg", "fatal"),
        ("finest", "trace"),
    ] {
        check(&format!("level == {other}"), &[name]);
    }
    check("level == dpanic", &["alert"]);
    check("level == success", &[]);
    check("level == debug", &["debug", "fine", "verbose", "http"]);
    check("level == verbose", &["verbose"]);
    check("level == config", &["verbose"]);
    check("level >= verbose and level < info", &["verbose", "http"]);
    check("level > debug and level < warning", &["info"]);
    check("level == alert", &["alert"]);
    check("level == critical", &["alert"]);
    check("level == 30", &["warning"]);
    check("level == 'Level 30'", &["warning"]);
    check("level == warning+0", &["warning"]);
    check("level > 30 and level < error", &["35"]);
}
