//! The forms in which a level and what goes with it stand behind the time.

use super::{
    Prefix,
    clock::{bare, time},
    context::Context,
    cut::{Shown, is_dotted, is_name, level, separated, source, split_dash, word},
    python::{barred, hosted, parenthesised, verbose},
    start::{
        ANY, APART, BAR, CURLY, Form, NAME, NUMBER, ODD, ROUND, SQUARE, Start, TAB, WITH_COLON,
        WITH_EQUALS,
    },
    zap::tabs,
};
use crate::decode::cut::{around, is_number, last_around, within};

/// What stands behind the time, or without one. In this order: the first that fits is taken.
pub(super) static FORMS: [Form; 21] = [
    Form::timed(TAB, tabs),
    Form::new(SQUARE, enclosed),
    Form::new(ODD, ruby),
    Form::timed(BAR, bars),
    Form::new(WITH_COLON | APART, colons),
    Form::new(APART, dashes),
    Form::timed(SQUARE, twisted),
    Form::timed(SQUARE, elastic),
    Form::timed(WITH_COLON, monolog),
    Form::timed(WITH_COLON, category),
    Form::timed(NAME, php),
    Form::timed(NUMBER, numbered),
    Form::timed(NAME, named),
    Form::timed(CURLY, airflow),
    Form::new(SQUARE, bracketed),
    Form::timed(ROUND, parenthesised),
    Form::new(APART, barred),
    Form::new(ANY, levelled),
    Form::timed(NAME, hosted),
    Form::timed(WITH_EQUALS, traced),
    Form::timed(WITH_COLON, placed),
];

/// All in one pair of brackets: `[TIME LEVEL name] message`, as Rust's `env_logger` writes, and Celery's
/// `[TIME: LEVEL/process] message`.
fn enclosed<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let (time, rest) = bare(start.whole.strip_prefix(b"[")?)?;
    let found = Prefix {
        time: Some(time),
        ..prefix.clone()
    };
    let with_level = || {
        let (rest, message) = around(rest, b"]")?;
        let message = message.trim_ascii_start();
        let (first, name) = word(rest.trim_ascii());
        let name = name.trim_ascii();
        if let Some((shown, process)) = around(first, b"/") {
            let found = found.clone().with_level(level(shown)?);
            let is_all = name.is_empty();
            return is_all.then(|| found.with("processName", process).task(message));
        }
        let found = found
            .clone()
            .with_level(level(first)?)
            .with_message(message);
        match name {
            b"" => Some(found),
            _ => is_name(name).then(|| found.with_logger(name)),
        }
    };
    with_level().or_else(|| Some(found.clone().with_message(start.whole)))
}

/// `I, [TIME #4711]  INFO -- name: message`, as Ruby's Logger writes, with a name or without.
fn ruby<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let [b'A'..=b'Z', b',', b' ', b'[', rest @ ..] = start.whole else {
        return None;
    };
    let (time, rest) = bare(rest)?;
    let (process, rest) = around(rest.strip_prefix(b" #")?, b"]")?;
    let shown = Shown::read(separated(rest)).filter(|_| is_number(process))?;
    let rest = separated(shown.rest.trim_ascii_start().strip_prefix(b"-")?);
    let found = Prefix {
        time: Some(time),
        ..prefix.clone()
    };
    let found = found.with_level(shown.level).with("process", process);
    let empty = || Some((rest.strip_suffix(b":")?, &b""[..]));
    let (name, message) = around(rest, b": ").or_else(empty)?;
    Some(match name {
        b"" => found.with_message(message),
        _ => found.with_logger(name).with_message(message),
    })
}

/// `TIME | LEVEL | message`, with blanks around the bars or not, and names on either side of the level.
fn bars<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    /// More stand in front of no level.
    const MOST: usize = 4;
    let mut rest = start.whole.trim_ascii_start().strip_prefix(b"|")?;
    let mut found = prefix.clone();
    for _ in 0..MOST {
        let (cell, after) = around(rest, b"|")?;
        let cell = cell.trim_ascii();
        rest = after.trim_ascii_start();
        if let Some(shown) = level(cell) {
            found = found.with_level(shown);
            break;
        }
        found = match () {
            () if is_number(cell) => found.with("process", cell),
            () if is_name(cell) && found.logger.is_none() => found.with_logger(cell),
            () => return None,
        };
    }
    found.level.is_some().then(|| found.behind_bar(rest))
}

/// `LEVEL:name:message`, as `logging.basicConfig` writes.
fn colons<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let text = start.text;
    let (shown, rest) = text.split_at(text.iter().position(u8::is_ascii_punctuation)?);
    let rest = rest.strip_prefix(b":").filter(|_| level(shown).is_some())?;
    let (name, message) = around(rest, b":").filter(|(name, _)| is_name(name))?;
    let found = prefix.clone().with_level(shown).with_logger(name);
    Some(found.with_message(message.trim_ascii()))
}

/// `name - LEVEL - message` or `LEVEL - name - message`.
fn dashes<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let (first, rest) = split_dash(start.text)?;
    if let Some(shown) = level(first) {
        let found = prefix.clone().with_level(shown);
        return Some(match split_dash(rest) {
            Some((name, message)) if is_name(name) => found.with_logger(name).with_message(message),
            _ => found.with_message(rest),
        });
    }
    let (second, message) = split_dash(rest)?;
    let shown = level(second)?;
    let found = || prefix.clone().with_level(shown).with_logger(first);
    is_name(first).then(|| found().with_message(message))
}

/// `LEVEL name message`, `[level] message`, `level: message`.
fn levelled<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let shown = Shown::read(start.text)?;
    let found = prefix.clone().with_level(shown.level);
    // Django's `LEVEL TIME`.
    if !prefix.is_timed()
        && let (time @ Some(_), rest) = time(separated(shown.rest))
    {
        let found = Prefix { time, ..found };
        return verbose(&found, rest).or_else(|| Some(found.behind(rest)));
    }
    Some(
        found
            .padded(shown)
            .unwrap_or_else(|| found.behind(shown.rest)),
    )
}

/// `[name#level] message`, as Twisted writes.
fn twisted<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let (inner, rest) = within(start.text, b'[')?;
    let (name, shown) = around(inner, b"#")?;
    let found = prefix.clone().with_level(level(shown)?).with_logger(name);
    is_name(name).then(|| found.with_message(separated(rest)))
}

/// `[LEVEL ][name     ] message` right behind the time, as Elasticsearch and Logstash write.
fn elastic<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let (shown, rest) = within(start.text, b'[')?;
    let (name, message) = within(rest, b'[')?;
    let (shown, name) = (level(shown)?, name.trim_ascii_end());
    let found = || prefix.clone().with_level(shown).with_logger(name);
    is_name(name).then(|| found().with_message(separated(message)))
}

/// `channel.LEVEL: message`, as Monolog writes for Laravel and Symfony.
fn monolog<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let (name, shown) = last_around(start.first.strip_suffix(b":")?, b'.')?;
    let is_plain = shown.iter().all(u8::is_ascii_uppercase);
    let found = Prefix {
        has_channel: true,
        ..prefix.clone().with_level(level(shown)?).with_logger(name)
    };
    // Two blanks mean something in front of what stands behind the message.
    let message = start.rest.trim_ascii_start();
    (is_plain && is_name(name)).then(|| found.with_message(message))
}

/// `category: level: message`, as BIND writes, which numbers its levels of debugging.
fn category<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let name = start
        .first
        .strip_suffix(b":")
        .filter(|name| is_name(name))?;
    let rest = start.rest.strip_prefix(b" ")?;
    let numbered = || {
        let (number, message) = around(rest.strip_prefix(b"debug ")?, b": ")?;
        is_number(number).then_some((&rest[..b"debug".len()], message))
    };
    let (shown, message) = match Shown::read(rest) {
        Some(shown) if shown.is_set_off && !rest.starts_with(b"[") => (shown.level, shown.rest),
        _ => numbered()?,
    };
    let found = || prefix.clone().with_level(shown).with_logger(name);
    level(name)
        .is_none()
        .then(|| found().with_message(separated(message)))
}

/// `PHP Fatal error:  message`, as PHP writes to its `error_log`.
fn php<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let name = Some(start.first).filter(|first| *first == b"PHP")?;
    let (kind, message) = around(start.rest.strip_prefix(b" ")?, b":  ")?;
    let (first, _) = word(kind);
    let last = last_around(kind, b' ').map_or(kind, |(_, last)| last);
    let shown = level(first).or_else(|| level(last))?;
    let found = prefix.clone().with_level(shown).with_logger(name);
    Some(found.with_message(message))
}

/// `4711 LEVEL name message`, as those of `OpenStack` and Odoo are.
fn numbered<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let shown = Shown::read(separated(start.rest)).filter(|shown| !shown.is_set_off)?;
    let found = prefix.clone().with_level(shown.level);
    Some(found.behind(shown.rest).with("process", start.first))
}

/// `app.db LEVEL message`, and fail2ban's `fail2ban.filter [4711]: LEVEL message`.
fn named<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let name = Some(start.first).filter(|name| is_dotted(name))?;
    let rest = separated(start.rest);
    let (process, rest) = match within(rest, b'[') {
        Some((inner, [b':', rest @ ..])) if is_number(inner) => (Some(inner), separated(rest)),
        _ => (None, rest),
    };
    let shown = Shown::read(rest)?;
    let found = prefix.clone().with_level(shown.level).with_logger(name);
    let found = found.with_message(separated(shown.rest));
    Some(match process {
        Some(process) => found.with("process", process),
        None => found,
    })
}

/// Airflow's `{file.py:12} LEVEL`.
fn airflow<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let (inner, rest) = within(start.text, b'{')?;
    let (file, line) = source(inner)?;
    let shown = Shown::read(separated(rest))?;
    let found = prefix.clone().with_level(shown.level);
    let found = found.with_place(file, line);
    Some(found.with_message(separated(shown.rest)))
}

/// `[main] LEVEL`, `[4711] [level]`, `[app.db] LEVEL`.
fn bracketed<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let (inner, rest) = within(start.text, b'[')?;
    if inner.is_empty() || level(inner).is_some() {
        return None;
    }
    let shown = Shown::read(separated(rest))?;
    let found = prefix.clone().with_level(shown.level).behind(shown.rest);
    if !prefix.is_timed() && found.logger.is_none() {
        // Without a time that may be anything, but for slf4j's in front of a name.
        return None;
    }
    Some(if is_number(inner) && shown.is_set_off {
        found.with("process", inner)
    } else if is_name(inner) && (is_dotted(inner) || is_label(&shown)) && found.logger.is_none() {
        found.with_logger(inner)
    } else {
        found.with("thread", inner)
    })
}

/// `trace_id=1 span_id=2 message`, as OpenTelemetry's manual has it for Logback: no level.
fn traced<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let context = Context::bare(start.text)?;
    Some(prefix.clone().with_context(context))
}

/// True if a level is written in small letters with a colon, as winston does, or in brackets, as spdlog does: what stands
/// in brackets in front of it is a logger.
fn is_label(shown: &Shown<'_>) -> bool {
    shown.is_set_off && shown.level.iter().all(u8::is_ascii_lowercase)
}

/// `main.go:12: message`, as Go's log package writes with its flag.
fn placed<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let (file, line) = source(start.first.strip_suffix(b":")?)?;
    let message = start.rest.strip_prefix(b" ")?;
    let found = prefix.clone().with_place(file, line);
    Some(found.with_message(message.trim_ascii_start()))
}
