//! Which fields are shown: patterns of names, of which the last that matches counts.

use crate::{glob::Glob, record::Canonical};

/// What `--hide` and `--show` say, in their order.
#[derive(Clone, Debug, Default)]
pub struct FieldRules(Vec<Rule>);

#[derive(Clone, Debug)]
struct Rule {
    show: bool,
    pattern: String,
    glob: Glob,
}

impl FieldRules {
    /// Adds a rule behind those that are there; the error says what is wrong with the pattern.
    pub fn push(&mut self, show: bool, pattern: &str) -> Result<(), String> {
        // A path of an expression may be meant; names are shown without their first dot.
        let pattern = pattern.strip_prefix('.').unwrap_or(pattern).to_owned();
        let glob = Glob::new(&pattern)?;
        self.0.push(Rule {
            show,
            pattern,
            glob,
        });
        Ok(())
    }

    /// True if there are none.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a field is shown, if it is or is not by itself.
    pub(super) fn shows(&self, name: &str, usually: bool) -> bool {
        let last = self.0.iter().rev().find(|rule| rule.glob.matches(name));
        last.map_or(usually, |rule| rule.show)
    }

    /// Whether the members of an object are shown that stand on the line as fields of the record. Only the
    /// object's own name means them, or that of one around it: it does not stand there itself.
    pub(super) fn shows_members(&self, object: &[u8], usually: bool) -> bool {
        let is_meant = |rule: &&Rule| match object.strip_prefix(rule.pattern.as_bytes()) {
            Some(rest) => rest.is_empty() || rest[0] == b'.',
            None => false,
        };
        let last = self.0.iter().rev().find(is_meant);
        last.map_or(usually, |rule| rule.show)
    }

    /// Whether a column is shown. Only its own name means it: who hides all fields still wants
    /// to see the message. The host has one for who asks for it: mostly the process says enough.
    pub(super) fn shows_column(&self, column: Canonical) -> bool {
        let mut rules = self.0.iter().rev();
        rules
            .find(|rule| rule.pattern == column.name())
            .map_or(column != Canonical::Host, |rule| rule.show)
    }

    /// True if what is said of an object may not be true of all its members.
    pub(super) fn reach_into(&self, name: &str, shown: bool) -> bool {
        self.0.iter().any(|rule| {
            let fixed = rule.pattern.find(['*', '?']).unwrap_or(rule.pattern.len());
            let (fixed, wild) = rule.pattern.split_at(fixed);
            let below = match fixed.strip_prefix(name) {
                Some(rest) => rest.starts_with('.') || (rest.is_empty() && wild.contains('.')),
                None => name.starts_with(fixed) && wild.contains('.'),
            };
            below && rule.show != shown
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(words: &str) -> FieldRules {
        let mut rules = FieldRules::default();
        for word in words.split_whitespace() {
            let (sign, pattern) = word.split_at(1);
            rules.push(sign == "+", pattern).expect("a pattern");
        }
        rules
    }

    #[test]
    fn the_last_rule_that_matches_counts() {
        let check = |words: &str, name: &str, expect: bool| {
            assert_eq!(rules(words).shows(name, true), expect, "{words} {name}");
        };
        check("-user", "user", false);
        check("-.user", "user", false);
        check("-user", "users", true);
        check("-* +user", "user", true);
        check("+user -*", "user", false);
        check("-* +http.*", "http.status", true);
        assert!(!rules("").shows("pathname", false));
        assert!(rules("+path*").shows("pathname", false));
    }

    #[test]
    fn only_a_columns_own_name_means_it() {
        assert!(rules("-*").shows_column(Canonical::Message));
        assert!(!rules("-message").shows_column(Canonical::Message));
        assert!(rules("-message +message").shows_column(Canonical::Message));
        assert!(!rules("+*").shows_column(Canonical::Host));
        assert!(rules("+host").shows_column(Canonical::Host));
    }

    #[test]
    fn an_objects_name_means_its_members() {
        let check = |words: &str, object: &str, expect: [bool; 2]| {
            let rules = rules(words);
            let shows =
                [true, false].map(|usually| rules.shows_members(object.as_bytes(), usually));
            assert_eq!(shows, expect, "{words} {object}");
        };
        check("+syslog", "syslog", [true, true]);
        check("-syslog", "syslog", [false, false]);
        check("-syslog +syslog", "syslog", [true, true]);
        check("-record", "record.extra", [false, false]);
        check("-record.extra", "record", [true, false]);
        check("-sys +syslog.a", "syslog", [true, false]);
        check("-s*", "syslog", [true, false]);
        check("", "syslog", [true, false]);
    }

    #[test]
    fn objects_are_entered_only_for_a_reason() {
        let check = |words: &str, name: &str, expect: bool| {
            assert_eq!(
                rules(words).reach_into(name, true),
                expect,
                "{words} {name}"
            );
        };
        check("-http.body", "http", true);
        check("-http.body", "htt", false);
        check("-http.body", "https", false);
        check("+http.body", "http", false);
        check("-*.password", "http", true);
        check("-h*.password", "http", true);
        check("-x*.password", "http", false);
        check("-http*", "http", false);
        check("-*", "http", false);
        assert!(rules("-* +http.status").reach_into("http", false));
    }
}
