//! man/dl-*.1: name, synopsis and options come from clap, the rest from src/cli/man/*.man.
//!
//! A fragment is text in man(7) macros. What stands before its first `.SH` follows the
//! description, the sections follow the options.

#![expect(
    clippy::format_push_string,
    reason = "it runs once for each program, and reads like the page"
)]

use std::{fs, process::Command};

use clap::{Arg, ArgAction};

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
fn an_option_of_two_values_names_both() {
    let mut programs = distlog::cli::programs().into_iter();
    let program = programs.find(|program| program.get_name() == "dl-filter");
    let page = page(program.expect("it is one of ours"), "");
    for words in [
        r"[\fB\-\-jq\-arg\fR \fINAME\fR \fIVALUE\fR ...]",
        r"[\fB\-\-jq\-argjson\fR \fINAME\fR \fIJSON\fR ...]",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn mandoc_has_nothing_to_say() {
    for page in files("man") {
        let lint = Command::new("mandoc")
            .args(["-T", "lint", "-W", "warning"])
            .arg(&page)
            .output();
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
            assert!(
                file.exists(),
                "{}: {name}({section}) is not there",
                page.display()
            );
        }
    }
}

/// The pages of ours that a page names: `.Xr dl-tree 1` and `dl-tree(1)`.
fn references(text: &str) -> Vec<(String, String)> {
    let names =
        regex::Regex::new(r"\.Xr (dl[-a-z]*) ([0-9])|\b(dl[-a-z\\]*)(?:\\f[A-Z])?\(([0-9])\)")
            .expect("a pattern");
    names
        .captures_iter(text)
        .map(|found| {
            let part = |a, b| {
                found
                    .get(a)
                    .or_else(|| found.get(b))
                    .map_or("", |m| m.as_str())
            };
            (part(1, 3).replace('\\', ""), part(2, 4).to_owned())
        })
        .collect()
}

/// What a program's page has beside its options.
pub(super) fn fragment(name: &str) -> String {
    let path = format!("src/cli/man/{name}.man");
    fs::read_to_string(root().join(&path)).unwrap_or_else(|_| panic!("{path} is missing"))
}

fn page(mut program: clap::Command, fragment: &str) -> String {
    program.build();
    let name = program.get_name().to_owned();
    let (more, sections) = match fragment.find(".SH") {
        Some(at) => fragment.split_at(at),
        None => (fragment, ""),
    };
    let about = program
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    let version = program.get_version().unwrap_or_default();
    let mut page = format!(
        ".\\\" Made from the definitions in src/cli: see CONTRIBUTING.md.\n.TH {} 1 {DATE} \"distlog {version}\"\n",
        name.to_uppercase()
    );
    page += &format!(
        ".SH NAME\n{} \\- {}\n",
        escape(&name),
        escape(&lower_first(&about))
    );
    page += &format!(".SH SYNOPSIS\n\\fB{}\\fR", escape(&name));
    for argument in arguments(&program).filter(|argument| !is_standard(argument)) {
        page += &format!("\n{}", synopsis(argument));
    }
    if program.has_subcommands() {
        page += "\n\\fICOMMAND\\fR ...";
    }
    page += &format!("\n.SH DESCRIPTION\n{}.\n{more}", escape(&about));
    if program.has_subcommands() {
        page += ".SH COMMANDS\n";
    }
    for command in program.get_subcommands() {
        page += &subcommand(command);
    }
    page += ".SH OPTIONS\n";
    for argument in arguments(&program) {
        page += &option(argument);
    }
    page + sections
}

/// A section for a command of the program, with what it takes besides the program's own options.
fn subcommand(command: &clap::Command) -> String {
    let own = || {
        arguments(command).filter(|argument| !is_standard(argument) && !argument.is_global_set())
    };
    let words: Vec<_> = own().map(synopsis).collect();
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    let mut text = format!(
        ".SS {}\n\\fB{}\\fR {}\n.PP\n{}\n",
        escape(command.get_name()),
        escape(command.get_name()),
        words.join(" "),
        escape(&sentence(&about))
    );
    for argument in own() {
        text += &option(argument);
    }
    text
}

/// Options first, then what stands behind them.
fn arguments(program: &clap::Command) -> impl Iterator<Item = &Arg> {
    let options = program
        .get_arguments()
        .filter(|argument| !argument.is_positional());
    options.chain(program.get_positionals())
}

fn is_standard(argument: &Arg) -> bool {
    matches!(argument.get_id().as_str(), "help" | "version")
}

/// `[\-j N]` or `[FILE ...]`.
fn synopsis(argument: &Arg) -> String {
    let short = argument
        .get_short()
        .map(|short| format!("\\fB\\-{short}\\fR"));
    let long = argument
        .get_long()
        .map(|long| format!("\\fB\\-\\-{}\\fR", escape(long)));
    let words = with_value(short.or(long), argument);
    if argument.is_required_set() {
        words
    } else {
        format!("[{words}]")
    }
}

/// The name of an argument, if it has one, and what it takes.
fn with_value(name: Option<String>, argument: &Arg) -> String {
    match (name, value(argument)) {
        (Some(name), Some(value)) if argument.is_require_equals_set() => {
            format!("{name}[={value}]")
        }
        (name, value) => {
            let words: Vec<_> = name.into_iter().chain(value).collect();
            words.join(" ")
        }
    }
}

/// The name of what an argument takes: `FILE ...`.
fn value(argument: &Arg) -> Option<String> {
    if !argument.get_action().takes_values() {
        return None;
    }
    let names: Vec<_> = argument
        .get_value_names()?
        .iter()
        .map(|name| format!("\\fI{}\\fR", escape(name)))
        .collect();
    if names.is_empty() {
        return None;
    }
    let more = if matches!(argument.get_action(), ArgAction::Append) {
        " ..."
    } else {
        ""
    };
    Some(format!("{}{more}", names.join(" ")))
}

/// A tagged paragraph: the argument, what it does, the values that it may have.
fn option(argument: &Arg) -> String {
    let short = argument
        .get_short()
        .map(|short| format!("\\fB\\-{short}\\fR"));
    let long = argument
        .get_long()
        .map(|long| format!("\\fB\\-\\-{}\\fR", escape(long)));
    let names: Vec<_> = short.into_iter().chain(long).collect();
    let names = Some(names.join(", ")).filter(|names| !names.is_empty());
    let mut text = format!(".TP\n{}\n", with_value(names, argument));
    let help = argument
        .get_long_help()
        .or(argument.get_help())
        .map(ToString::to_string)
        .unwrap_or_default();
    let paragraphs: Vec<_> = help
        .split("\n\n")
        .map(|paragraph| escape(&sentence(paragraph)))
        .collect();
    text += &paragraphs.join("\n.IP\n");
    text.push('\n');
    let values: Vec<_> = argument
        .get_possible_values()
        .into_iter()
        .filter(|value| argument.get_action().takes_values() && !value.is_hide_set())
        .collect();
    if !values.is_empty() {
        text += ".RS\n";
        for value in &values {
            let help = value
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            text += &format!(
                ".TP 8\n\\fB{}\\fR\n{}\n",
                escape(value.get_name()),
                escape(&sentence(&help))
            );
        }
        text += ".RE\n";
    }
    if let [default] = argument.get_default_values()
        && argument.get_action().takes_values()
    {
        text += &format!(
            ".IP\nThe default is \\fB{}\\fR.\n",
            escape(&default.to_string_lossy())
        );
    }
    text
}

/// Text in which nothing is a request or an escape, and a hyphen can be copied as one.
fn escape(text: &str) -> String {
    text.replace('\\', "\\e")
        .replace('-', "\\-")
        .replace('\'', "\\(aq")
        .replace("\n.", "\n\\&.")
}

fn sentence(text: &str) -> String {
    if text.is_empty() || text.ends_with('.') || text.ends_with(']') {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_lowercase().collect::<String>() + characters.as_str())
        .unwrap_or_default()
}
