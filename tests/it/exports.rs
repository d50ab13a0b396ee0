//! What is written for other programs, before judges: their own readers where there are some in
//! Rust, and else a reader that takes what their formats say and nothing more.

mod again;
mod boundaries;
mod drawn;
mod eliot;
mod judges;
mod made;
pub(crate) mod returned;
mod streams;

use distlog::{
    record::Lines,
    render::{
        Style, Waterfall,
        export::{
            Chrome, Distlog, Dot, Eliot, Export, FactReader, Folded, Gelf, Jaeger, Logfmt, Otlp,
            Speedscope, Zipkin,
        },
    },
    tree,
};
use proptest::prelude::*;

use self::made::Line;
use crate::{
    support::{program, samples},
    tries::tries,
};

/// The document of these lines: what dl-fmt makes of them.
fn document(export: &mut dyn Export, lines: &[Line]) -> Vec<u8> {
    let mut reader = FactReader::default();
    let mut elements = Vec::new();
    for Line(line) in lines {
        let facts = reader.read(line).expect("a record");
        match tree::read(line) {
            Ok(tree) if facts.is_tree() => export.tree(&tree, &mut reader, &mut elements),
            _ if export.takes_records() => export.record(&facts, &mut elements),
            _ => {}
        }
    }
    let mut out = export.head().as_bytes().to_vec();
    let separator = if elements.is_empty() {
        0
    } else {
        export.separator().len()
    };
    out.extend_from_slice(&elements[separator..]);
    export.tail(&mut out);
    out
}

fn style(ascii: bool, width: usize) -> Style {
    Style {
        ascii,
        width,
        ..Style::default()
    }
}

type Judge = fn(&[u8]) -> Result<(), String>;

/// Each format with its judge, but for those that need a program.
fn formats() -> Vec<(Box<dyn Export>, Judge)> {
    vec![
        (Box::new(Chrome::default()), judges::chrome),
        (Box::new(Otlp), judges::otlp),
        (Box::new(Jaeger), judges::jaeger),
        (Box::new(Zipkin), judges::zipkin),
        (Box::new(Folded), judges::folded),
        (Box::new(Speedscope::default()), judges::speedscope),
        (Box::new(Logfmt), judges::lines),
        (Box::new(Gelf), judges::gelf),
        (Box::new(Eliot::default()), judges::eliot),
        (Box::new(Distlog), judges::distlog),
        (Box::new(Dot::default()), judges::lines),
    ]
}

proptest! {
    #![proptest_config(tries(60))]

    #[test]
    fn every_judge_takes_whatever_comes(lines in prop::collection::vec(made::line(), 0..6)) {
        for (mut export, judge) in formats() {
            let out = document(&mut *export, &lines);
            prop_assert_eq!(judge(&out), Ok(()), "{}", String::from_utf8_lossy(&out));
        }
    }

    #[test]
    fn a_waterfall_is_as_wide_as_it_may_be(line in made::tree(), ascii: bool, width in 40..200_usize) {
        let tree = tree::read(&line.0).expect("a tree");
        let out = document(&mut Waterfall::new(style(ascii, width), None), std::slice::from_ref(&line));
        prop_assert_eq!(crate::fmt::harm(&out, &line.0), Ok(()));
        let text = String::from_utf8(out).expect("text");
        let said = tree.skew.iter().filter(|skew| skew.violations > 0).count();
        let rows: Vec<_> = text.lines().skip(2 + said).collect();
        prop_assert_eq!(rows.len(), tree.nodes.len() + 1);
        for row in &rows[..tree.nodes.len()] {
            prop_assert!(unicode_width::UnicodeWidthStr::width(*row) <= width, "{} of {width}\n{text}", row);
            let last = row.chars().next_back().expect("a bar");
            let bars = if ascii { "|#>?" } else { "▏▎▍▌▋▊▉█▐▕▷?" };
            prop_assert!(bars.contains(last), "{}", text);
        }
    }
}

/// Trees of all samples that have some, and the samples themselves.
fn real() -> Vec<Line> {
    let mut files = samples();
    files.retain(|path| path.extension().is_some_and(|ext| ext == "ndjson"));
    let trees = program("dl-tree")
        .args(&["--foreign", "drop"])
        .files(&files)
        .run();
    let records = program("dl-filter")
        .args(&["true", "--foreign", "drop"])
        .files(&files)
        .run();
    let shop = crate::support::root().join("tests/data/shop.ndjson");
    let shop = program("dl-tree").arg(shop).run();
    let all = [trees.stdout, shop.stdout, records.stdout].concat();
    let lines: Vec<_> = Lines::new(&all).map(|line| Line(line.to_vec())).collect();
    assert!(lines.len() > 400, "only {} lines", lines.len());
    lines
}

#[test]
fn every_judge_takes_what_is_real() {
    let lines = real();
    for (mut export, judge) in formats() {
        let out = document(&mut *export, &lines);
        assert!(out.len() > 1_000, "{}", String::from_utf8_lossy(&out));
        judge(&out).unwrap_or_else(|wrong| panic!("{wrong}"));
    }
}

#[test]
fn levels_of_gelf_are_severities_of_syslog() {
    // The last one is of Python, as graypy writes it.
    for (number, level) in [
        (0, "fatal"),
        (3, "error"),
        (6, "info"),
        (7, "debug"),
        (30, "warning"),
    ] {
        let record = format!(
            "{{\"version\":\"1.0\",\"host\":\"h\",\"short_message\":\"m\",\"level\":{number}}}\n"
        );
        let expr = format!("level == {level}");
        program("dl-filter")
            .args(&[&expr])
            .stdin(&record)
            .check(&record, "", 0);
    }
}

#[test]
fn what_is_written_as_gelf_is_found_in_it() {
    let shop = crate::support::root().join("tests/data/shop.ndjson");
    let gelf = program("dl-fmt")
        .args(&["--to", "gelf"])
        .arg(&shop)
        .output();
    for expr in [
        "level >= warning",
        "level == info",
        "time > 2026-11-20T18:41:39",
        "service == payments",
        "logger == 'shop.orders'",
        "tree startswith 9158",
        "exists(host)",
    ] {
        let count = |records: &[u8]| {
            let filter = program("dl-filter").args(&["--count", expr]);
            let count = String::from_utf8(filter.stdin(records).output()).expect("a number");
            count.trim().parse::<u64>().expect("a number")
        };
        let records = std::fs::read(&shop).expect("it is there");
        let expect = count(&records);
        assert!(expect > 0, "{expr}");
        assert_eq!(count(&gelf), expect, "{expr}");
    }
}
