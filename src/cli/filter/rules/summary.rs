//! What stands in a file of rules, for --check.

use std::fmt::Write;

use crate::{cli::ledger::plural, route::Rules};

/// A line for the file, one for each rule, and one for the default route.
pub(super) fn summary(path: &str, rules: &Rules) -> String {
    let mut text = format!(
        "{path}: {}, {}\n",
        plural(rules.rules.len() as u64, "rule"),
        plural(rules.destinations.len() as u64, "destination"),
    );
    let width = rules.rules.iter().map(|rule| rule.name.chars().count());
    let width = width.max().unwrap_or(0).max("default".len());
    let to = |numbers: &[usize]| match numbers {
        [] => "drop".to_owned(),
        numbers => {
            let names = numbers
                .iter()
                .map(|&at| rules.destinations[at].endpoint.to_string());
            names.collect::<Vec<_>>().join(", ")
        }
    };
    for rule in &rules.rules {
        let mut notes = Vec::new();
        notes.extend(rule.sample.is_some().then_some("sample"));
        notes.extend(rule.redact.is_some().then_some("redact"));
        notes.extend(rule.throttle.is_some().then_some("throttle"));
        notes.extend(rule.goes_on.then_some("continue"));
        let notes = if notes.is_empty() {
            String::new()
        } else {
            format!(" ({})", notes.join(", "))
        };
        let _ = writeln!(
            text,
            "  {:width$}  {} -> {}{notes}",
            rule.name,
            rule.when,
            to(&rule.to)
        );
    }
    let _ = writeln!(text, "  {:width$}  -> {}", "default", to(&rules.default));
    text
}
