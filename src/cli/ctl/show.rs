//! Rules as text: what they say, and below it what each process made of them.

use std::fmt::Write;

use crate::{
    cli::ledger::plural,
    control::{
        Answer, Event, Wish,
        message::{Party, Standing},
    },
    render::sanitize,
};

/// Loggers that are shown by name; --json has more.
const NAMED: usize = 8;

/// What is told of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was made.
    Set,
    /// It is in force.
    List,
    /// It was ended.
    Clear,
    /// It would be.
    WouldClear,
}

/// A line for the rule, and one for each process.
pub(super) fn rule(standing: &Standing, verdict: Verdict) -> String {
    let wish = &standing.rule;
    let mut text = format!("{}  {} {}", standing.id, wish.loggers, wish.level);
    for (name, value) in [
        ("host", &wish.host),
        ("process", &wish.process),
        ("task", &wish.task),
    ] {
        if let Some(value) = value {
            let _ = write!(text, " {name}={value}");
        }
    }
    match verdict {
        Verdict::Set if wish.dry_run => text.push_str(", dry run"),
        Verdict::Set => {
            let _ = write!(text, " for {}", span(wish.ttl));
        }
        Verdict::List => {
            let _ = write!(text, " for {} more", span(standing.left.ceil()));
        }
        Verdict::Clear => text.push_str(", cleared"),
        Verdict::WouldClear => text.push_str(", would be cleared"),
    }
    text.push_str(&reason(wish));
    let mut lines = sanitize(&text).into_owned();
    lines.push('\n');
    if verdict == Verdict::WouldClear {
        return lines;
    }
    for party in &standing.processes {
        let line = process(party, verdict);
        let _ = writeln!(lines, "  {}", sanitize(&line));
    }
    if standing.untold > 0 {
        let es = if standing.untold == 1 { "" } else { "es" };
        let more = format!("{} more process{es}", standing.untold);
        let _ = writeln!(lines, "  {more}, of which nothing is kept");
    }
    lines
}

fn reason(wish: &Wish) -> String {
    match (&wish.by, &wish.why) {
        (None, None) => String::new(),
        (None, Some(why)) => format!(": {why}"),
        (Some(by), None) => format!(" (by {by})"),
        (Some(by), Some(why)) => format!(" (by {by}): {why}"),
    }
}

fn process(party: &Party, verdict: Verdict) -> String {
    let who = &party.process;
    let mut line = format!("{} {}[{}]  ", who.host, who.process, who.pid);
    match &party.answer {
        // What it said before is no answer to the end of the rule.
        Some(answer) if verdict == Verdict::Clear && answer.event == Event::Applied => {
            line += if party.connected {
                "silent"
            } else {
                "has left"
            };
        }
        Some(answer) => {
            line += &said(answer);
            if !party.connected {
                line += ", has left";
            }
        }
        None if verdict == Verdict::Clear && !party.connected => line += "has left",
        None if !party.connected => line += "silent, has left",
        None => line += "silent",
    }
    line
}

fn said(answer: &Answer) -> String {
    let loggers = plural(answer.loggers, "logger");
    let because = match &answer.reason {
        Some(reason) => format!(": {reason}"),
        None => String::new(),
    };
    let verb = match answer.event {
        Event::Refused => return format!("refused{because}"),
        Event::Ended => return format!("ended{because}, {loggers}"),
        Event::Applied => "applied to",
        Event::Matched => "would apply to",
    };
    let mut text = format!("{verb} {loggers}");
    let mut named = answer.matched.iter().take(NAMED).peekable();
    if named.peek().is_some() {
        text.push_str(": ");
    }
    while let Some(change) = named.next() {
        let _ = write!(text, "{} {} -> {}", change.logger, change.old, change.new);
        if named.peek().is_some() {
            text.push_str(", ");
        }
    }
    let shown = answer.matched.len().min(NAMED) as u64;
    if shown > 0 && answer.loggers > shown {
        let _ = write!(text, " and {} more", answer.loggers - shown);
    }
    if answer.unheard > 0 {
        let unheard = plural(answer.unheard, "logger");
        let _ = write!(text, "; no handler of {unheard} takes that level");
    }
    text
}

/// Seconds as --ttl takes them: `10m`, `1h30m`, `90s` as `1m30s`.
fn span(seconds: f64) -> String {
    if seconds.fract() != 0.0 || seconds < 1.0 {
        return format!("{seconds}s");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let mut left = seconds as u64;
    let mut text = String::new();
    for (size, unit) in [(3600, 'h'), (60, 'm'), (1, 's')] {
        if left >= size {
            let _ = write!(text, "{}{unit}", left / size);
            left %= size;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::{Change, message::Hello};

    #[test]
    fn spans_read_as_they_are_written() {
        for (seconds, expect) in [
            (600.0, "10m"),
            (90.0, "1m30s"),
            (5400.0, "1h30m"),
            (0.5, "0.5s"),
            (1.0, "1s"),
        ] {
            assert_eq!(span(seconds), expect);
        }
    }

    #[test]
    fn no_text_of_a_process_commands_the_terminal() {
        let standing = Standing {
            id: "ab-1".into(),
            rule: Wish {
                loggers: "*".into(),
                level: "DEBUG".into(),
                ttl: 60.0,
                host: None,
                process: None,
                task: None,
                why: None,
                by: None,
                dry_run: false,
            },
            left: 60.0,
            ended: None,
            processes: vec![Party {
                process: Hello {
                    id: "x".into(),
                    host: "h\u{1b}[2J".into(),
                    process: "p\n".into(),
                    pid: 1,
                },
                connected: false,
                answer: Some(Answer {
                    event: Event::Applied,
                    rule: "ab-1".into(),
                    process_id: "x".into(),
                    loggers: 2,
                    matched: vec![Change {
                        logger: "l\u{7}".into(),
                        old: "INFO".into(),
                        new: "DEBUG".into(),
                    }],
                    unheard: 1,
                    expires: None,
                    reason: None,
                }),
            }],
            untold: 2,
        };
        let text = rule(&standing, Verdict::Set);
        assert_eq!(
            text,
            "ab-1  * DEBUG for 1m\n  h\\x1b[2J p\\n[1]  applied to 2 loggers: l\\x07 INFO -> DEBUG and 1 more; \
             no handler of 1 logger takes that level, has left\n  2 more processes, of which nothing is kept\n"
        );
    }
}
