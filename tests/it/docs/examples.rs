//! Every example of the manuals and of `--help` runs.

use std::fs;

use super::{files, man::fragment};
use crate::programs::{Sandbox, output};

/// The commands of the `EXAMPLES` of a program's man page, as the user types them.
fn examples(man: &str) -> Vec<String> {
    man.split("\n.EX\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n.EE").next())
        .flat_map(str::lines)
        .map(|line| {
            line.replace("\\-", "-")
                .replace("\\(aq", "'")
                .replace("\\e", "\\")
        })
        .collect()
}

/// The lines of mdoc's literal displays that begin with one of our programs.
fn displayed(mdoc: &str) -> Vec<String> {
    mdoc.lines()
        .map(|line| line.strip_prefix(".Dl ").unwrap_or(line))
        .map(|line| {
            line.replace("\\(dq", "\"")
                .replace("\\e", "\\")
                .replace("\\-", "-")
        })
        .filter(|line| line.split_whitespace().next().is_some_and(is_program) && line.contains(' '))
        .filter(|line| !line.starts_with("dl-fmt(1)"))
        .collect()
}

fn is_program(word: &str) -> bool {
    distlog::cli::programs()
        .iter()
        .any(|program| program.get_name() == word)
}

/// The words of a command, as a shell sees them, in one list for each program of a pipeline.
fn pipeline(command: &str) -> Vec<Vec<String>> {
    let mut programs = vec![vec![]];
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in command.chars() {
        match (quote, character) {
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (Some(open), close) if open == close => quote = None,
            (None, ' ' | '|' | '>' | '<' | '&' | ';') => {
                programs
                    .last_mut()
                    .expect("never empty")
                    .extend(word.take());
                if !matches!(character, ' ') {
                    programs.push(vec![]);
                }
            }
            _ => word.get_or_insert_default().push(character),
        }
    }
    programs.last_mut().expect("never empty").extend(word);
    programs
}

/// Each of our programs in a command takes its arguments.
fn parses(command: &str, source: &str) {
    for words in pipeline(command) {
        let known = distlog::cli::programs();
        let Some(program) = words
            .first()
            .and_then(|name| known.into_iter().find(|program| program.get_name() == name))
        else {
            // Programs of this project that do not exist must not be advertised.
            assert!(
                !words.first().is_some_and(|name| name.starts_with("dl-")),
                "{source}: {command}: no such program"
            );
            continue;
        };
        if let Err(error) = program.try_get_matches_from(&words) {
            panic!("{source}: {command}: {error}");
        }
    }
}

/// True if a command ends on its own and needs nobody else.
fn is_local(command: &str) -> bool {
    pipeline(command)
        .iter()
        .flatten()
        .all(|word| !word.contains("://") && word != "python3" && word != "less")
}

/// Runs a command of a manual beside the files that manuals speak of.
fn runs(command: &str, source: &str) {
    let run = Sandbox::new().run(command);
    let words = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{source}: {command}: {words}");
}

fn promise(command: &str, source: &str) {
    parses(command, source);
    if is_local(command) {
        runs(command, source);
    }
}

#[test]
fn examples_of_programs_run() {
    for program in distlog::cli::programs() {
        let name = program.get_name();
        let examples = examples(&fragment(name));
        assert!(!examples.is_empty(), "{name}: no examples");
        for command in examples {
            promise(&command, name);
        }
    }
}

#[test]
fn examples_of_help_run() {
    for program in distlog::cli::programs() {
        let help = output(program.get_name(), &["--help"]);
        let (_, examples) = help.split_once("Examples:").expect("help has examples");
        for command in examples
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            promise(command, program.get_name());
        }
    }
}

#[test]
fn displays_of_other_manuals_run() {
    for page in files("man")
        .iter()
        .filter(|page| page.extension().is_some_and(|section| section == "7"))
    {
        let text = fs::read_to_string(page).expect("a text");
        for command in displayed(&text) {
            promise(&command, &page.display().to_string());
        }
    }
}
