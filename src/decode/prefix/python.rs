//! Forms that programs give Python's logging themselves, as its manual, Django's and coloredlogs' show them.

use super::{
    Prefix,
    clock::{tied, time},
    cut::{Shown, is_dotted, is_name, level, separated, word},
    start::Start,
};
use crate::decode::cut::{around, is_number, last_around, within};

/// `TIME:LEVEL:name:message`, `TIME,LEVEL,name,message`, and with the name in front of the level.
pub(super) fn joined(text: &[u8]) -> Option<Prefix<'_>> {
    let (time, separator, rest) = tied(text)?;
    let (first, rest) = around(rest, separator)?;
    let (second, message) = around(rest, separator).unwrap_or((b"", rest));
    let found = Prefix {
        time: Some(time),
        message: message.trim_ascii(),
        ..Prefix::default()
    };
    let (first, second) = (first.trim_ascii(), second.trim_ascii());
    match (level(first), level(second)) {
        (Some(shown), _) if is_name(second) => Some(found.with_level(shown).with_logger_at(second)),
        (Some(shown), _) => Some(found.with_level(shown).with_message(rest.trim_ascii())),
        (None, Some(shown)) if is_name(first) => {
            Some(found.with_level(shown).with_logger_at(first))
        }
        _ => None,
    }
}

/// `LEVEL | TIME | name:function:12 | message`, with the time behind the level.
pub(super) fn barred<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    if prefix.is_timed() {
        return None;
    }
    let rest = start.rest.trim_ascii_start().strip_prefix(b"|")?;
    let shown = level(start.first)?;
    let (time @ Some(_), rest) = time(rest.trim_ascii_start()) else {
        return None;
    };
    let found = Prefix {
        time,
        ..prefix.clone().with_level(shown)
    };
    Some(found.behind_bar(separated(rest)))
}

/// Django's `LEVEL TIME module process thread message`, or with a logger: what stands behind the time.
pub(super) fn verbose<'a>(prefix: &Prefix<'a>, text: &'a [u8]) -> Option<Prefix<'a>> {
    let (module, rest) = word(separated(text));
    let (process, rest) = word(rest.strip_prefix(b" ")?);
    let (thread, message) = word(rest.strip_prefix(b" ")?);
    let are_numbers = is_number(process) && is_number(thread);
    (is_name(module) && are_numbers).then(|| {
        let found = prefix.clone();
        let found = if is_dotted(module) {
            found.with_logger(module)
        } else {
            found.with("module", module)
        };
        let found = found.with("process", process).with("thread", thread);
        found.with_message(separated(message))
    })
}

/// coloredlogs' `host name[4711] LEVEL message`.
pub(super) fn hosted<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let host = start.first;
    let (named, rest) = word(start.rest.strip_prefix(b" ")?);
    let (name, process) = around(named.strip_suffix(b"]")?, b"[")?;
    let shown = Shown::read(separated(rest))?;
    (is_name(name) && is_number(process)).then(|| {
        let found = prefix.clone().with_level(shown.level).with_logger(name);
        let found = found.with("host", host).with("process", process);
        found.with_message(separated(shown.rest))
    })
}

/// `(4711) [LEVEL] name: message`, and a thread within the parentheses.
pub(super) fn parenthesised<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    let (inner, rest) = within(start.text, b'(')?;
    let shown = Shown::read(separated(rest))?;
    let key = if is_number(inner) {
        "process"
    } else {
        "thread"
    };
    let found = prefix.clone().with_level(shown.level).behind(shown.rest);
    is_name(inner).then(|| found.with(key, inner))
}

/// What a word tells that is a name which Python gives processes or threads.
pub(super) fn given_name(word: &[u8]) -> Option<&'static str> {
    // Before all else, what few other words have.
    if !matches!(word.first()?, b'F' | b'M' | b'P' | b'S' | b'T') {
        return None;
    }
    let (kind, number) = last_around(word, b'-').unwrap_or((word, b"0"));
    let is_worker = is_number(number);
    match kind {
        b"MainProcess" => Some("processName"),
        b"MainThread" => Some("thread"),
        b"Thread" if is_worker => Some("thread"),
        _ if kind.ends_with(b"Process") || kind.ends_with(b"PoolWorker") => {
            (is_worker && kind.len() < word.len()).then_some("processName")
        }
        b"ThreadPoolExecutor" => {
            let (pool, thread) = around(number, b"_")?;
            (is_number(pool) && is_number(thread)).then_some("thread")
        }
        _ => None,
    }
}

/// Flask's `message [in /srv/app.py:12]`: the message, the file and the line.
pub(super) fn in_file(message: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let inner = message.strip_suffix(b"]")?;
    let start = memchr::memmem::rfind(inner, b" [in ")?;
    let (path, line) = last_around(&inner[start + b" [in ".len()..], b':')?;
    let is_path = path.contains(&b'/') || path.contains(&b'\\') || path.ends_with(b".py");
    (is_path && is_number(line)).then_some((&message[..start], path, line))
}

#[cfg(test)]
mod tests;
