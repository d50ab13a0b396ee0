//! Lines with every option: nothing of a record commands the terminal, and colours are all that
//! colours add.

use std::fmt::Write;

use distlog::{
    expr::Expr,
    record::{Instant, Zone},
    render::{
        FieldRules, LineOptions, LineView, Palette, RecordsShown, Style, Template, Times,
        TreeOptions, TreeView, write_foreign,
    },
    tree,
};
use proptest::prelude::*;

use super::{harm, hostile, record, without_colors};
use crate::{support::program, tries::tries};

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(texts)
}

fn options() -> impl Strategy<Value = LineOptions> {
    let rules = prop::collection::vec(
        (
            any::<bool>(),
            one_of(&[
                "*",
                "o.o",
                "*.*",
                "?",
                "message",
                "time",
                "context.key",
                "dl.*",
                "err.*",
            ]),
        ),
        0..4,
    );
    let highlight = one_of(&["", "exists(message)", "level >= error", ".n == 1"]);
    let template = one_of(&[
        "",
        "{message}",
        "{time} {level:5} {message:>7.3} {fields}{more}",
        "{tree:.8}|{process}|{exception}|{.o}|{delta}|{relative}|{node}|{thread}",
        "{fields:3}{.\"\\\\u001b\"}",
    ]);
    let fold = prop::option::of(1_usize..40);
    (rules, highlight, template, any::<bool>(), fold).prop_map(
        |(patterns, highlight, template, delta, fold)| {
            let mut fields = FieldRules::default();
            for (show, pattern) in patterns {
                fields.push(show, pattern).expect("a pattern");
            }
            let expr = |text| Expr::parse(text, Instant(0)).expect("an expression");
            let some = |text: &'static str| (!text.is_empty()).then_some(text);
            LineOptions {
                fields,
                highlight: some(highlight).map(expr).into_iter().collect(),
                template: some(template).map(|text| Template::parse(text).expect("a template")),
                delta,
                fold,
            }
        },
    )
}

fn trees() -> impl Strategy<Value = TreeOptions> {
    let records = prop::sample::select(vec![
        RecordsShown::None,
        RecordsShown::Errors,
        RecordsShown::All,
    ]);
    let depth = prop::option::of(0_usize..3);
    (records, depth, any::<bool>()).prop_map(|(records, depth, unfolded)| TreeOptions {
        records,
        depth,
        unfolded,
    })
}

fn styles() -> impl Strategy<Value = Style> {
    let form = one_of(&["full", "iso", "time", "relative", "none", "%c %Z%t%n"]);
    let zone = one_of(&["UTC", "Europe/Berlin", "-03:30"]);
    let settings = (
        form,
        zone,
        one_of(&Palette::THEMES),
        any::<bool>(),
        prop::sample::select(vec![40_usize, 90]),
    );
    settings.prop_map(|(form, zone, theme, ascii, width)| {
        let zone = Zone::read(zone).expect("a zone");
        Style {
            palette: Palette::named(theme).expect("a theme"),
            ascii,
            width,
            times: Times::new(form, zone).expect("a form"),
        }
    })
}

/// Shows records, and what trees there are among them.
fn show(lines: &[Vec<u8>], style: &Style, options: &LineOptions, trees: TreeOptions) -> Vec<u8> {
    let mut view = LineView::new(style.clone(), options);
    let mut trees = TreeView::new(style.clone(), trees, options);
    let mut out = Vec::new();
    for line in lines {
        if !view.show(&line[..], &mut out).expect("a record")
            && let Ok(tree) = tree::read(line)
        {
            trees.show(&tree, &mut out);
        }
    }
    out
}

proptest! {
    #![proptest_config(tries(400))]

    #[test]
    fn no_option_lets_a_control_character_through(
        lines in prop::collection::vec(record(), 1..4),
        style in styles(),
        options in options(),
        trees in trees(),
    ) {
        let plain = Style { palette: Palette::default(), ..style.clone() };
        let bare = show(&lines, &plain, &options, trees);
        let tabs: Vec<u8> = bare.iter().copied().filter(|&b| b != b'\t').collect();
        prop_assert_eq!(harm(&tabs, &lines.join(&b'\n')), Ok(()));
        let colored = without_colors(&show(&lines, &style, &options, trees));
        prop_assert!(colored == bare, "{}\n{}", colored.escape_ascii(), bare.escape_ascii());
    }

    #[test]
    fn foreign_lines_are_harmless_too(line in hostile(), style in styles()) {
        let mut out = Vec::new();
        write_foreign(&line, &Style { palette: Palette::default(), ..style.clone() }, &mut out);
        let tabs: Vec<u8> = out.iter().copied().filter(|&b| b != b'\t').collect();
        prop_assert_eq!(harm(&tabs, &line), Ok(()));
        let mut colored = Vec::new();
        write_foreign(&line, &style, &mut colored);
        prop_assert_eq!(without_colors(&colored), out);
    }
}

/// What is relative must not depend on which worker comes first.
#[test]
fn relative_times_are_those_of_one_worker() {
    let line = |number: u32| {
        format!(
            "{{\"time\":{},\"trace_id\":\"t{}\",\"message\":\"{number:0>50}\"}}\n",
            1_795_177_294 + number,
            number % 7
        )
    };
    let input: String = (0..20_000).map(line).collect();
    let shown = |jobs: &str| {
        program("dl-fmt")
            .args(&["--time-format", "relative", "--delta", "--jobs", jobs])
            .stdin(&input)
            .output()
    };
    let out = shown("8");
    assert_eq!(shown("1"), out);
    let out = String::from_utf8_lossy(&out);
    let last = out.lines().last().expect("a line");
    assert!(last.starts_with(" +19999.000   +7.00s "), "{last}");
}

/// Also where the layout of a line is known, and with it where its columns stand.
#[test]
fn what_no_column_could_read_is_a_field() {
    let lines = [
        r#"{"time":"2026-11-20T12:00:00Z","level":"info","message":"a"}"#,
        r#"{"time":"20/Nov","level":"info","message":"b"}"#,
        r#"{"time":"2026-11-20T12:00:00Z","level":"odd","message":"c"}"#,
        r#"{"time":"2026-11-20T12:00:00Z","level":"info","message":null}"#,
    ];
    let rounds = 8;
    let out = program("dl-fmt")
        .args(&["--time-format", "time"])
        .stdin((lines.join("\n") + "\n").repeat(rounds))
        .output();
    let expect = "12:00:00.000 INFO     a\n           - INFO     b time=20/Nov\n12:00:00.000 -        c level=odd\n12:00:00.000 INFO      message=null\n";
    assert_eq!(String::from_utf8_lossy(&out), expect.repeat(rounds));
}

#[test]
fn what_is_said_of_a_pattern_ends_its_line() {
    let words = "dl-fmt: invalid value '' for '--hide <PATTERN>': a pattern is not empty; * is every name\n";
    program("dl-fmt")
        .args(&["--hide", ""])
        .stdin("")
        .check("", words, 2);
}

#[test]
fn names_stand_before_their_values_however_many_kinds_of_lines_there_are() {
    let (mut input, mut expect) = (String::new(), Vec::new());
    for number in 0..6_000_u32 {
        // Twelve keys that are there or not: more sequences than are remembered.
        let (mut members, mut shown) = (String::new(), "m".to_owned());
        for key in (0..12).filter(|key| number >> key & 1 == 1) {
            let _ = write!(members, ",\"k{key}\":{key}");
            let _ = write!(shown, " k{key}={key}");
        }
        for _ in 0..3 {
            let _ = writeln!(input, "{{\"message\":\"m\"{members}}}");
            expect.push(shown.clone());
        }
    }
    let ran = program("dl-fmt").arg("-j1").stdin(input).run();
    let shown = String::from_utf8(ran.stdout).expect("text");
    // In front of the message are columns without anything.
    let lines = shown
        .lines()
        .map(|line| line.trim_start_matches([' ', '-']));
    assert!(lines.eq(expect.iter()), "{}", ran.stderr);
}
