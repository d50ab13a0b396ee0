//! What a user asks for: which loggers, which level, where, how long and why.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::parse_level;
use crate::glob;

/// The longest texts of a rule that are no patterns: it is told to every process again and again.
const LONGEST_TEXT: usize = 200;

/// What a user asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// A pattern of logger names.
    pub loggers: String,
    /// The level that they are to have.
    pub level: String,
    /// Seconds until it ends by itself.
    pub ttl: f64,
    /// A pattern of host names; none is every host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// A pattern of process names; none is every process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
    /// The id of the one request that it is about; none is every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The reason, such as the number of an incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Who asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Only to tell what would happen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
}

impl Wish {
    /// What is wrong with it, if something is; `longest` is the longest time that a rule may last.
    pub fn check(&self, longest: Duration) -> Result<(), String> {
        let named = |name: &str, pattern: &Option<String>| match pattern {
            Some(pattern) => glob::check(pattern).map_err(|wrong| format!("{name}: {wrong}")),
            None => Ok(()),
        };
        glob::check(&self.loggers)?;
        named("--host", &self.host)?;
        named("--process", &self.process)?;
        if parse_level(&self.level).as_deref() != Ok(&self.level) {
            return Err(format!("{}: no level", self.level));
        }
        if self.ttl.is_nan() || self.ttl <= 0.0 {
            return Err("--ttl: it has to last longer than no time".into());
        }
        // Half a second on top, so that no rounding on the way refuses what is allowed.
        if self.ttl > longest.as_secs_f64() + 0.5 {
            let longest = longest.as_secs_f64();
            return Err(format!("--ttl: a rule lasts {longest} s at most"));
        }
        for (name, text) in [
            ("--task", &self.task),
            ("--why", &self.why),
            ("by", &self.by),
        ] {
            let Some(text) = text else { continue };
            if text.is_empty() || text.chars().count() > LONGEST_TEXT {
                return Err(format!("{name}: expected 1 to {LONGEST_TEXT} characters"));
            }
            if text.chars().any(char::is_control) {
                return Err(format!("{name}: control characters are not allowed"));
            }
        }
        if let Some(task) = &self.task
            && !task
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            return Err("--task: expected the id of a tree, such as a UUID".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish() -> Wish {
        Wish {
            loggers: "orders.*".into(),
            level: "DEBUG".into(),
            ttl: 600.0,
            host: None,
            process: None,
            task: None,
            why: None,
            by: None,
            dry_run: false,
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        let check = |change: &dyn Fn(&mut Wish), expect: Option<&str>| {
            let mut changed = wish();
            change(&mut changed);
            let wrong = changed.check(Duration::from_secs(3600)).err();
            assert_eq!(wrong.as_deref(), expect);
        };
        check(&|_| {}, None);
        check(&|wish| wish.ttl = 3600.0, None);
        check(
            &|wish| wish.ttl = 3601.0,
            Some("--ttl: a rule lasts 3600 s at most"),
        );
        let never = Some("--ttl: it has to last longer than no time");
        check(&|wish| wish.ttl = 0.0, never);
        check(&|wish| wish.ttl = f64::NAN, never);
        check(&|wish| wish.level = "debug".into(), Some("debug: no level"));
        check(
            &|wish| wish.host = Some(String::new()),
            Some("--host: a pattern is not empty; * is every name"),
        );
        check(
            &|wish| wish.why = Some("x\u{1b}[2J".into()),
            Some("--why: control characters are not allowed"),
        );
        check(
            &|wish| wish.task = Some("../x".into()),
            Some("--task: expected the id of a tree, such as a UUID"),
        );
    }

    #[test]
    fn unknown_members_are_refused() {
        let text = r#"{"loggers":"*","level":"DEBUG","ttl":1,"code":"import os"}"#;
        assert!(serde_json::from_str::<Wish>(text).is_err());
    }
}
