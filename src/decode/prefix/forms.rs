//! The forms in which a level and what goes with it stand behind the time.

use super::{
    Prefix,
    clock::{bare, time},
    context::Context,
    cut::{Shown, is_dotted, is_name, level, separated, source, split_dash, word},
    python::{barred, hosted, parenthesised, verbose},
    zap::tabs,
};
use crate::decode::cut::{around, is_number, last_around, within};

/// Reads what stands behind the time of a prefix, or tells that it is not in this form. The last argument
/// says that the word behind the level is a name.
pub(super) type Form = for<'a> fn(&Prefix<'a>, &'a [u8], bool) -> Option<Prefix<'a>>;

/// In this order: the first that fits is taken.
pub(super) static FORMS: [Form; 9] = [
    tabs, enclosed, ruby, bars, colons, dashes, words, traced, placed,
];

/// All in one pair of brackets: `[TIME LEVEL name] message`, as Rust's `env_logger` writes, and Celery's
/// `[TIME: LEVEL/process] message`.
fn enclosed<'a>(prefix: &Prefix<'a>, text: &'a [u8], _: bool) -> Option<Prefix<'a>> {
    let (time, rest) = bare(text.strip_prefix(b"[")?)?;
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
    with_level().or_else(|| Some(found.clone().with_message(text)))
}

/// `I, [TIME #4711]  INFO -- name: message`, as Ruby's Logger writes, with a name or without.
fn ruby<'a>(prefix: &Prefix<'a>, text: &'a [u8], _: bool) -> Option<Prefix<'a>> {
    let [b'A'..=b'Z', b',', b' ', b'[', rest @ ..] = text else {
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
fn bars<'a>(prefix: &Prefix<'a>, text: &'a [u8], _: bool) -> Option<Prefix<'a>> {
    /// More stand in front of no level.
    const MOST: usize = 4;
    let mut rest = text.trim_ascii_start().strip_prefix(b"|")?;
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
    (found.level.is_some() && found.is_timed()).then(|| found.behind_bar(rest))
}

/// `LEVEL:name:message`, as `logging.basicConfig` writes.
fn colons<'a>(prefix: &Prefix<'a>, text: &'a [u8], _: bool) -> Option<Prefix<'a>> {
    let text = separated(text);
    let (shown, rest) = text.split_at(text.iter().position(u8::is_ascii_punctuation)?);
    let rest = rest.strip_prefix(b":").filter(|_| level(shown).is_some())?;
    let (name, message) = around(rest, b":").filter(|(name, _)| is_name(name))?;
    let found = prefix.clone().with_level(shown).with_logger(name);
    Some(found.with_message(message.trim_ascii()))
}

/// `name - LEVEL - message` or `LEVEL - name - message`.
fn dashes<'a>(prefix: &Prefix<'a>, text: &'a [u8], _: bool) -> Option<Prefix<'a>> {
    let (first, rest) = split_dash(separated(text))?;
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

/// `LEVEL name message`, `[level] message`, `level: message`, with a name, a number or brackets in front of the level.
fn words<'a>(prefix: &Prefix<'a>, text: &'a [u8], has_name: bool) -> Option<Prefix<'a>> {
    let rest = separated(text);
    twisted(prefix, rest)
        .or_else(|| elastic(prefix, rest))
        .or_else(|| monolog(prefix, rest))
        .or_else(|| category(prefix, rest))
        .or_else(|| php(prefix, rest))
        .or_else(|| numbered(prefix, rest, has_name))
        .or_else(|| named(prefix, rest))
        .or_else(|| bracketed(prefix, rest, has_name))
        .or_else(|| parenthesised(prefix, rest, has_name))
        .or_else(|| barred(prefix, rest))
        .or_else(|| {
            let shown = Shown::read(rest)?;
            let found = prefix.clone().with_level(shown.level);
            // Django's `LEVEL TIME`.
            if !prefix.is_timed()
                && let (time @ Some(_), rest) = time(separated(shown.rest))
            {
                let found = Prefix { time, ..found };
                return verbose(&found, rest).or_else(|| Some(found.behind(rest, has_name)));
            }
            Some(
                found
                    .padded(shown)
                    .unwrap_or_else(|| found.behind(shown.rest, has_name)),
            )
        })
        .or_else(|| hosted(prefix, rest))
}

/// `[name#level] message`, as Twisted writes.
fn twisted<'a>(prefix: &Prefix<'a>, text: &'a [u8]) -> Option<Prefix<'a>> {
    let (inner, rest) = within(text, b'[')?;
    let (name, shown) = around(inner, b"#")?;
    let found = prefix.clone().with_level(level(shown)?).with_logger(name);
    (is_name(name) && prefix.is_timed()).then(|| found.with_message(separated(rest)))
}

/// `[LEVEL ][name     ] message` right behind the time, as Elasticsearch and Logstash write.
fn elastic<'a>(prefix: &Prefix<'a>, text: &'a [u8]) -> Option<Prefix<'a>> {
    let (shown, rest) = within(text, b'[')?;
    let (name, message) = within(rest, b'[')?;
    let (shown, name) = (level(shown)?, name.trim_ascii_end());
    let found = || prefix.clone().with_level(shown).with_logger(name);
    (is_name(name) && prefix.is_timed()).then(|| found().with_message(separated(message)))
}

/// `channel.LEVEL: message`, as Monolog writes for Laravel and Symfony.
fn monolog<'a>(prefix: &Prefix<'a>, text: &'a [u8]) -> Option<Prefix<'a>> {
    let (first, message) = word(text);
    let (name, shown) = last_around(first.strip_suffix(b":")?, b'.')?;
    let is_plain = shown.iter().all(u8::is_ascii_uppercase);
    let found = Prefix {
        has_channel: true,
        ..prefix.clone().with_level(level(shown)?).with_logger(name)
    };
    // Two blanks mean something in front of what stands behind the message.
    let message = message.trim_ascii_start();
    (is_plain && is_name(name) && prefix.is_timed()).then(|| found.with_message(message))
}

/// `category: level: message`, as BIND writes, which numbers its levels of debugging.
fn category<'a>(prefix: &Prefix<'a>, text: &'a [u8]) -> Option<Prefix<'a>> {
    let (first, rest) = word(text);
    let name = first.strip_suffix(b":").filter(|name| is_name(name))?;
    let rest = rest.strip_prefix(b" ")?;
    let numbered = || {
        let (number, message) = around(rest.strip_prefix(b"debug ")?, b": ")?;
        is_number(number).then_some((&rest[..b"debug".len()], message))
    };
    let (shown, message) = match Shown::read(rest) {
        Some(shown) if shown.is_set_off && !rest.starts_with(b"[") => (shown.level, shown.rest),
        _ => numbered()?,
    };
    let found = || prefix.clone().with_level(shown).with_logger(name);
    (prefix.is_timed() && level(name).is_none()).then(|| found().with_message(separated(message)))
}

/// `PHP Fatal error:  message`, as PHP writes to its `error_log`.
fn php<'a>(prefix: &Prefix<'a>, text: &'a [u8]) -> Option<Prefix<'a>> {
    let (name, rest) = text.split_at_checked(b"PHP".len())?;
    let (kind, message) = around(rest.strip_prefix(b" ")?, b":  ").filter(|_| name == b"PHP")?;
    let (first, _) = word(kind);
    let last = last_around(kind, b' ').map_or(kind, |(_, last)| last);
    let shown = level(first).or_else(|| level(last))?;
    let found = || prefix.clone().with_level(shown).with_logger(name);
    prefix.is_timed().then(|| found().with_message(message))
}

/// `4711 LEVEL name message`, as those of `OpenStack` and Odoo are.
fn numbered<'a>(prefix: &Prefix<'a>, text: &'a [u8], has_name: bool) -> Option<Prefix<'a>> {
    let (process, rest) = word(text);
    if !is_number(process) || !prefix.is_timed() {
        return None;
    }
    let shown = Shown::read(separated(rest)).filter(|shown| !shown.is_set_off)?;
    let found = prefix.clone().with_level(shown.level);
    Some(found.behind(shown.rest, has_name).with("process", process))
}

/// `app.db LEVEL message`, and fail2ban's `fail2ban.filter [4711]: LEVEL message`.
fn named<'a>(prefix: &Prefix<'a>, text: &'a [u8]) -> Option<Prefix<'a>> {
    let (name, rest) = word(text);
    if !is_name(name) || !is_dotted(name) || !prefix.is_timed() {
        return None;
    }
    let rest = separated(rest);
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

/// `[main] LEVEL`, `[4711] [level]`, `[app.db] LEVEL`, and Airflow's `{file.py:12} LEVEL`.
fn bracketed<'a>(prefix: &Prefix<'a>, text: &'a [u8], has_name: bool) -> Option<Prefix<'a>> {
    if let Some((inner, rest)) = within(text, b'{') {
        let (file, line) = source(inner)?;
        let shown = Shown::read(separated(rest)).filter(|_| prefix.is_timed())?;
        let found = prefix.clone().with_level(shown.level);
        let found = found.with_place(file, line);
        return Some(found.with_message(separated(shown.rest)));
    }
    let (inner, rest) = within(text, b'[')?;
    if inner.is_empty() || level(inner).is_some() {
        return None;
    }
    let shown = Shown::read(separated(rest))?;
    let found = prefix
        .clone()
        .with_level(shown.level)
        .behind(shown.rest, has_name);
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
fn traced<'a>(prefix: &Prefix<'a>, text: &'a [u8], _: bool) -> Option<Prefix<'a>> {
    let context = Context::bare(separated(text)).filter(|_| prefix.is_timed())?;
    Some(prefix.clone().with_context(context))
}

/// True if a level is written in small letters with a colon, as winston does, or in brackets, as spdlog does: what stands
/// in brackets in front of it is a logger.
fn is_label(shown: &Shown<'_>) -> bool {
    shown.is_set_off && shown.level.iter().all(u8::is_ascii_lowercase)
}

/// `main.go:12: message`, as Go's log package writes with its flag.
fn placed<'a>(prefix: &Prefix<'a>, text: &'a [u8], _: bool) -> Option<Prefix<'a>> {
    let (place, message) = around(separated(text), b": ")?;
    let (file, line) = source(place).filter(|_| prefix.is_timed())?;
    let found = prefix.clone().with_place(file, line);
    Some(found.with_message(message.trim_ascii_start()))
}
