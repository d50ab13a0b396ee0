//! man/dl-*.1: name, synopsis and options come from clap, the rest from src/cli/man/*.man.
//!
//! A fragment is text in man(7) macros. What stands before its first `.SH` follows the
//! description, the sections follow the options.

use std::{fs, process::Command};

use clap_mangen::Man;

use super::{check, files, root};

/// The date in the pages: that of the last change worth telling.
const DATE: &str = "2026-11-20";

#[test]
fn man_pages_are_what_the_flags_are() {
    for program in distlog::cli::programs() {
        let name = program.get_name().to_owned();
        check(&format!("man/{name}.1"), &page(program, &fragment(&name)));
    }
}

#[test]
fn mandoc_has_nothing_to_say() {
    for page in files("man") {
        let lint = Command::new("mandoc").args(["-T", "lint", "-W", "warning"]).arg(&page).output();
        let lint = lint.expect("mandoc is missing: run scripts/test, which installs it");
        let words = String::from_utf8_lossy(&lint.stdout);
        assert!(lint.status.success() && words.is_empty(), "{words}");
    }
}

#[test]
fn every_page_that_is_named_is_there() {
    for page in files("man") {
        let text = fs::read_to_string(&page).expect("a text");
        for (name, section) in references(&text) {
            let file = root().join(format!("man/{name}.{section}"));
            assert!(file.exists(), "{}: {name}({section}) is not there", page.display());
        }
    }
}

/// The pages of ours that a page names: `.Xr dl-tree 1` and `dl-tree(1)`.
fn references(text: &str) -> Vec<(String, String)> {
    let names = regex::Regex::new(r"\.Xr (dl[-a-z]*) ([0-9])|\b(dl[-a-z\\]*)(?:\\f[A-Z])?\(([0-9])\)")
        .expect("a pattern");
    names
        .captures_iter(text)
        .map(|found| {
            let part = |a, b| found.get(a).or_else(|| found.get(b)).map_or("", |m| m.as_str());
            (part(1, 3).replace('\\', ""), part(2, 4).to_owned())
        })
        .collect()
}

/// What a program's page has beside its options.
pub(super) fn fragment(name: &str) -> String {
    let path = format!("src/cli/man/{name}.man");
    fs::read_to_string(root().join(&path)).unwrap_or_else(|_| panic!("{path} is missing"))
}

fn page(program: clap::Command, fragment: &str) -> String {
    let version = program.get_version().unwrap_or_default().to_owned();
    let title = program.get_name().to_uppercase();
    let man = Man::new(program).title(title).date(DATE).source(format!("distlog {version}")).manual("distlog");
    let (more, sections) = match fragment.find(".SH") {
        Some(at) => fragment.split_at(at),
        None => (fragment, ""),
    };
    let mut page = Vec::new();
    man.render_title(&mut page).expect("in memory");
    man.render_name_section(&mut page).expect("in memory");
    man.render_synopsis_section(&mut page).expect("in memory");
    man.render_description_section(&mut page).expect("in memory");
    page.extend_from_slice(more.as_bytes());
    man.render_options_section(&mut page).expect("in memory");
    page.extend_from_slice(sections.as_bytes());
    polish(&String::from_utf8(page).expect("UTF-8"))
}

/// Takes out what mandoc complains about: preprocessor lines of the roff crate that no page
/// needs, blank lines, and breaks in front of a paragraph.
fn polish(page: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in page.lines() {
        match line.trim_end() {
            r".ie \n(.g .ds Aq \(aq" | r".el .ds Aq '" => {}
            "" => lines.push(".sp"),
            ".br" if lines.last() == Some(&".br") => {}
            line => lines.push(line),
        }
    }
    lines.join("\n").replace(r"\*(Aq", r"\(aq") + "\n"
}
