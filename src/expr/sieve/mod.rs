//! The sieve: tells from raw bytes which lines an expression cannot select, so that most
//! lines are never scanned.
//!
//! It looks for texts that a selected line must contain, and for the keys that a test asks
//! for with a value behind them that passes. Either may stand anywhere in the line, so what
//! it lets through still has to be matched; what it holds back is never selected:
//!
//! - A key or text may be written with `\uXXXX`: lines with a `\u` in them always pass.
//! - A text is looked for in pieces between the characters that have other escapes.
//! - Numbers are not looked for as texts, because 500 is also 5e2: what stands behind the key
//!   is read, by the same code that reads the record.
//! - Equal keys, keys at any depth and keys that stand inside of strings only let more through.
//!
//! That a line is well-formed it does not know: that is for who scans it.

mod check;
mod clue;
mod heads;
mod literal;
mod search;
mod token;
mod words;

use memchr::memmem;

use self::{
    clue::{Clue, Question},
    search::Search,
};
use super::ast::Expr;

/// What a line must contain for an expression to select it.
#[derive(Clone, Debug)]
pub struct Sieve {
    /// What is searched for in a chunk.
    lead: Search,
    /// What else a line that the lead has found must contain.
    rest: Question,
    escape: memmem::Finder<'static>,
}

impl Expr {
    /// The expression's sieve, if there is anything to look for.
    pub fn sieve(&self) -> Option<Sieve> {
        let (lead, rest) = Clue::of(&self.0).split()?;
        Some(Sieve {
            lead: Search::new(lead),
            rest,
            escape: memmem::Finder::new(b"\\u"),
        })
    }
}

impl Sieve {
    /// What is searched for, in words; a line has to hold one of these to be scanned.
    pub fn wants(&self) -> Vec<String> {
        self.lead.wants()
    }

    /// Starts to go through the lines of a chunk.
    pub fn chunk<'s, 'c>(&'s self, chunk: &'c [u8]) -> Survivors<'s, 'c> {
        let mut survivors = Survivors {
            sieve: self,
            chunk,
            at: 0,
            hit: None,
            escape: None,
        };
        survivors.find_hit();
        survivors.find_escape();
        survivors
    }

    /// False if the expression cannot select `line`.
    pub fn passes(&self, line: &[u8]) -> bool {
        (self.lead.find(line, 0).is_some() && self.rest.may_hold(line))
            || self.escape.find(line).is_some()
    }
}

/// The lines of a chunk that may be selected.
#[derive(Debug)]
pub struct Survivors<'s, 'c> {
    sieve: &'s Sieve,
    chunk: &'c [u8],
    /// The end of the last line that was looked at.
    at: usize,
    /// The next places of what is looked for, from there on.
    hit: Option<usize>,
    escape: Option<usize>,
}

impl Survivors<'_, '_> {
    fn find_hit(&mut self) {
        self.hit = self.sieve.lead.find(self.chunk, self.at);
    }

    fn find_escape(&mut self) {
        let rest = &self.chunk[self.at..];
        self.escape = self.sieve.escape.find(rest).map(|found| self.at + found);
    }
}

impl<'c> Iterator for Survivors<'_, 'c> {
    /// Where the line begins, and the line without its newline.
    type Item = (usize, &'c [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let found = match (self.hit, self.escape) {
                (Some(hit), Some(escape)) => hit.min(escape),
                (hit, escape) => hit.or(escape)?,
            };
            let start = memchr::memrchr(b'\n', &self.chunk[self.at..found])
                .map_or(self.at, |newline| self.at + newline + 1);
            let end = memchr::memchr(b'\n', &self.chunk[found..])
                .map_or(self.chunk.len(), |newline| found + newline);
            let line = &self.chunk[start..end];
            let within = |place: Option<usize>| place.is_some_and(|place| place < end);
            let (hit, escaped) = (within(self.hit), within(self.escape));
            self.at = self.chunk.len().min(end + 1);
            if hit {
                self.find_hit();
            }
            if escaped {
                self.find_escape();
            }
            if escaped || self.sieve.rest.may_hold(line) {
                return Some((start, line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Found, Instant, Reader};

    fn parse(text: &str) -> Expr {
        let now = Instant::from_text(b"2026-11-20T12:30:00Z").expect("an instant");
        match Expr::parse(text, now) {
            Ok(expr) => expr,
            Err(error) => panic!("{error}"),
        }
    }

    fn sieve(text: &str) -> Sieve {
        match parse(text).sieve() {
            Some(sieve) => sieve,
            None => panic!("{text} has no sieve"),
        }
    }

    /// Checks which lines may be selected, and that those that are selected are among them.
    fn check(text: &str, pass: &[&str], hold: &[&str]) {
        let sieve = sieve(text);
        let expr = parse(text);
        let mut reader = Reader::default();
        let filter = expr.compile(&mut reader);
        let mut found = Found::default();
        for (lines, passes) in [(pass, true), (hold, false)] {
            for line in lines {
                assert_eq!(sieve.passes(line.as_bytes()), passes, "{text} on {line}");
                let selected = reader
                    .read(line.as_bytes(), &mut found)
                    .is_ok_and(|record| filter.matches(&record));
                assert!(passes || !selected, "{text} selects {line}");
            }
        }
        let chunk = [hold, pass, hold, pass].concat().join("\n");
        let survivors: Vec<_> = sieve
            .chunk(chunk.as_bytes())
            .map(|(start, line)| {
                assert!(chunk.as_bytes()[start..].starts_with(line));
                String::from_utf8_lossy(line).into_owned()
            })
            .collect();
        assert_eq!(survivors, [pass, pass].concat(), "{text}");
    }

    #[test]
    fn texts_are_looked_for() {
        check(
            "message contains refused",
            &[
                r#"{"msg":"connection refused"}"#,
                r#"{"x":1,"message":"refused"}"#,
                r#"{"message":"r\u0065fused"}"#,
                r#"{"x":"\u0041","message":"fine"}"#,
            ],
            &[
                "{}",
                r#"{"msg":"connection re fused"}"#,
                r#"{"y":"refused"}"#,
            ],
        );
        check(
            ".path == /api/users",
            &[r#"{"path":"/api/users"}"#, r#"{"path":"\/api\/users"}"#],
            &[r#"{"path":"/api/user"}"#, r#"{"path":"/users"}"#],
        );
        check(
            "tree in (40be6df2, 7a7a7a7a)",
            &[
                r#"{"task_uuid":"40be6df2","task_level":[1]}"#,
                r#"{"levelno":20,"context":{"key":"3@7a7a7a7a/1"}}"#,
                r#"{"trace_id": "40be6df2"}"#,
            ],
            &[r#"{"trace_id":"40be6df"}"#, r#"{"other":"40be6df2"}"#],
        );
        check(
            "message ~ 'time.?out|refused' and level >= error",
            &[r#"{"level":"error","msg":"time-out"}"#],
            &[
                r#"{"level":"info","msg":"time-out"}"#,
                r#"{"level":"error","msg":"timid"}"#,
            ],
        );
    }

    #[test]
    fn what_stands_behind_keys_is_read() {
        check(
            ".http.status == 500",
            &[
                r#"{"http":{"status":500}}"#,
                r#"{"http":{"status" : 5e2 ,"x":1}}"#,
                r#"{"http.status":"500.0"}"#,
                r#"{"http":{"status":[200,500]}}"#,
                r#"{"http":{"stat\u0075s":500}}"#,
                r#"{"http":{"status":200,"status":500}}"#,
                r#"{"other":{"status":500}}"#,
                "{\"http\":{\"status\":\t500}}\r",
            ],
            &[
                r#"{"http":{"status":5000}}"#,
                r#"{"http":{"status":{"code":500}}}"#,
                r#"{"http":{"status":null}}"#,
                r#"{"status":"x","http":500}"#,
                r#"{"a":"status","b":500}"#,
                "{}",
            ],
        );
        check(
            "level >= error",
            &[
                r#"{"level":"ERROR"}"#,
                r#"{"levelno":40,"created":1.5}"#,
                r#"{"level":50,"time":1,"msg":"x"}"#,
                r#"{"text":"x","record":{"level":{"icon":"","name":"ERROR","no":40}}}"#,
                r#"{"text":"x","record":{"level":{"no":40}}}"#,
                r#"{"record.level.name":"ERROR"}"#,
                r#"{"log":{"level":"\u001b[31merror"}}"#,
                r#"{"log.level":"severe"}"#,
                r#"{"PRIORITY":"3"}"#,
                r#"{"action_status":"failed","task_uuid":"x","task_level":[1]}"#,
            ],
            &[
                r#"{"action_status":"started","task_uuid":"x","task_level":[1]}"#,
                r#"{"level":[{"x":1}]}"#,
                r#"{"level":"info"}"#,
                r#"{"levelno":30,"created":1.5}"#,
                r#"{"level":30,"time":1,"msg":"x"}"#,
                r#"{"msg":"\"level\":\"error\""}"#,
                r#"{"levels":"error"}"#,
                r#"{"text":"x","record":{"level":{"icon":"","name":"INFO","no":20}}}"#,
                r#"{"name":"error","no":40}"#,
            ],
        );
        check(
            "time >= 2026-11-20T12:00:00Z and time < 2026-11-20T12:01:00Z",
            &[
                r#"{"time":"2026-11-20T12:00:00Z"}"#,
                r#"{"ts":"2026-11-20T13:00:59+01:00"}"#,
                r#"{"timestamp":1795176000.25}"#,
            ],
            &[
                r#"{"time":"2026-11-20T12:01:00Z"}"#,
                r#"{"time":"2026-11-20T11:59:59.999Z"}"#,
                r#"{"time":"soon","ts":null}"#,
            ],
        );
        check(
            "exists(.a[0].b) or .c[1] > 2",
            &[r#"{"a":[{"b":1}]}"#, r#"{"c":[0,3]}"#, r#"{"c":[]}"#],
            &[r#"{"a":[{"b":null}]}"#, r#"{"c":3}"#, r#"{"a":1}"#],
        );
        check(
            r#"."a/b" == 1"#,
            &[r#"{"a/b":1}"#, r#"{"a\/b" :1.0}"#, r#"{"x":{"b":1}}"#],
            &[r#"{"a/b":2}"#, r#"{"a/c":1}"#],
        );
        // A short key below a longer one: it is the longer one that is looked for.
        check(
            ".user.id == 5",
            &[
                r#"{"user":{"name":"x","id":5}}"#,
                r#"{"user":{"id":1,"id" : "5.0"}}"#,
                r#"{"user":{"i\u0064":5}}"#,
                r#"{"user.id":5}"#,
                r#"{"user":{"x":1},"id":5}"#,
                r#"{"user":[{"id":5}]}"#,
                "{\"user\":{\"id\":5}}\r",
            ],
            &[
                r#"{"id":5}"#,
                r#"{"user":5,"id":5}"#,
                r#"{"id":5,"user":{"id":6}}"#,
                r#"{"user":{"uid":5}}"#,
            ],
        );
        check(
            ".a > 1 and .a < 3",
            &[r#"{"a":2}"#, r#"{"a":[1,3]}"#],
            &[r#"{"a":1}"#, r#"{"a":3}"#],
        );
    }

    #[test]
    fn what_can_match_anything_has_no_sieve() {
        for text in [
            "true",
            ".a != 1",
            "not level >= error",
            ".a == 1 or .b != 2",
            ".a == .b",
            "level == .b",
            r#"."a/" == 1"#,
        ] {
            assert!(parse(text).sieve().is_none(), "{text}");
        }
    }

    #[test]
    fn of_all_conditions_one_is_enough() {
        for text in [
            ".a == 1 and .b != 2",
            "(.a == 1 or .b == 1) and not .c == 1",
        ] {
            assert!(parse(text).sieve().is_some(), "{text}");
        }
    }
}
