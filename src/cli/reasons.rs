//! Why lines were rejected, counted by reason.

use std::collections::BTreeMap;

/// How many reasons are told apart; what peers send must not decide it.
const MOST: usize = 32;
/// The key of all further ones.
const OTHER: &str = "other";
/// How much of a reason is told.
const LENGTH: usize = 80;

/// How many lines were rejected, by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reasons(BTreeMap<String, u64>);

impl Reasons {
    /// Counts a line. Numbers in a reason do not make it another one.
    pub(super) fn count(&mut self, reason: &str) {
        self.add(class(reason), 1);
    }

    fn add(&mut self, class: String, lines: u64) {
        let known = self.0.contains_key(&class) || self.0.len() < MOST;
        let class = if known { class } else { OTHER.to_owned() };
        *self.0.entry(class).or_default() += lines;
    }

    /// Adds what others have counted.
    pub(super) fn merge(&mut self, other: &Self) {
        for (class, lines) in &other.0 {
            self.add(class.clone(), *lines);
        }
    }

    /// The reasons in the order of their texts, with the number of lines of each.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(class, lines)| (class.as_str(), *lines))
    }

    /// The lines of all reasons.
    pub(super) fn lines(&self) -> u64 {
        self.0.values().sum()
    }
}

/// A reason with `N` for each number in it, and not too long.
fn class(reason: &str) -> String {
    let mut class = String::new();
    for letter in reason.chars().take(LENGTH) {
        if !letter.is_ascii_digit() {
            class.push(letter);
        } else if !class.ends_with('N') {
            class.push('N');
        }
    }
    class
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_told_apart_but_for_numbers_and_up_to_a_bound() {
        let mut reasons = Reasons::default();
        reasons.count("bad text at byte 17");
        reasons.count("bad text at byte 4");
        let mut others = Reasons::default();
        for letter in ('a'..='z').chain('A'..='Z') {
            others.count(&format!("{letter}{}", "x".repeat(200)));
        }
        reasons.merge(&others);
        let told: Vec<_> = reasons.iter().collect();
        assert!((MOST..=MOST + 1).contains(&told.len()), "{told:?}");
        assert!(told.contains(&("bad text at byte N", 2)), "{told:?}");
        assert!(told.iter().all(|(class, _)| class.len() <= LENGTH));
        assert_eq!(reasons.lines(), 54);
    }
}
