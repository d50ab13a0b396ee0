//! The forms in which a level and what goes with it stand behind the time.

use super::{
    Prefix,
    clock::{bare, time},
    cut::{
        Shown, is_dotted, is_name, is_number, level, separated, source, split, split_dash, within,
        word,
    },
};

/// Reads what stands behind the time of a prefix, or tells that it is not in this form. The last argument
/// says that the word behind the level is a name.
pub(super) type Form = for<'a> fn(Prefix<'a>, &'a [u8], bool) -> Option<Prefix<'a>>;

/// In this order: the first that fits is taken.
pub(super) static FORMS: [Form; 6] = [enclosed, bars, colons, dashes, words, placed];

/// All in one pair of brackets: `[TIME LEVEL name] message`, as Rust's `env_logger` writes, and Celery's
/// `[TIME: LEVEL/process] message`.
fn enclosed<'a>(prefix: Prefix<'a>, text: &'a [u8], _: bool) -> Option<Prefix<'a>> {
    let (time, rest) = bare(text.strip_prefix(b"[")?)?;
    let found = Prefix {
        time: Some(time),
        message: text,
        ..prefix
    };
    let level_within = || {
        let (rest, message) = split(rest, b"]")?;
        let message = message.trim_ascii_start();
        let (first, name) = word(rest.trim_ascii());
        let name = name.trim_ascii();
        match split(first, b"/") {
            Some((shown, process)) if name.is_empty() => Some(
                Prefix {
                    level: Some(level(shown)?),
                    process_name: Some(process),
                    message,
                    ..found
                }
                .task(message),
            ),
            None if name.is_empty() || is_name(name) => Some(Prefix {
                level: Some(level(first)?),
                logger: Some(name).filter(|name| !name.is_empty()),
                message,
                ..found
            }),
            _ => None,
        }
    };
    level_within().or(Some(found))
}

/// `TIME | LEVEL | message`, with blanks around the bars or not, and names on either side of the level.
fn bars<'a>(prefix: Prefix<'a>, text: &'a [u8], _: bool) -> Option<Prefix<'a>> {
    /// More stand in front of no level.
    const MOST: usize = 4;
    prefix.is_timed().then_some(())?;
    let mut rest = text.trim_ascii_start().strip_prefix(b"|")?;
    let mut found = prefix;
    for _ in 0..MOST {
        let (cell, after) = split(rest, b"|")?;
        let (cell, after) = (cell.trim_ascii(), after.trim_ascii_start());
        rest = after;
        if let Some(shown) = level(cell) {
            found.level = Some(shown);
            break;
        }
        if is_number(cell) {
            found.process = Some(cell);
        } else if is_name(cell) && found.logger.is_none() {
            found.logger = Some(cell);
        } else {
            return None;
        }
    }
    found.level?;
    if let Some((cell, after)) = split(rest, b"|")
        && let cell = cell.trim_ascii()
        && found.logger.is_none()
        && is_name(cell)
        && is_dotted(cell)
    {
        found.logger = Some(cell);
        rest = after;
    }
    let rest = rest.trim_ascii_start();
    Some(found.place(rest).unwrap_or(Prefix {
        message: rest,
        ..found
    }))
}

/// `LEVEL:name:message`, as `logging.basicConfig` writes.
fn colons<'a>(prefix: Prefix<'a>, text: &'a [u8], _: bool) -> Option<Prefix<'a>> {
    let text = separated(text);
    let (first, rest) = split(text, b":")?;
    let (name, message) = split(rest, b":")?;
    level(first)?;
    is_name(name).then_some(Prefix {
        level: Some(first),
        logger: Some(name),
        message: message.trim_ascii(),
        ..prefix
    })
}

/// `name - LEVEL - message` or `LEVEL - name - message`.
fn dashes<'a>(prefix: Prefix<'a>, text: &'a [u8], _: bool) -> Option<Prefix<'a>> {
    let text = separated(text);
    let (first, rest) = split_dash(text)?;
    if let Some(shown) = level(first) {
        let (logger, message) = match split_dash(rest) {
            Some((name, message)) if is_name(name) => (Some(name), message),
            _ => (None, rest),
        };
        return Some(Prefix {
            level: Some(shown),
            logger,
            message,
            ..prefix
        });
    }
    let (second, message) = split_dash(rest)?;
    let shown = level(second)?;
    is_name(first).then_some(Prefix {
        level: Some(shown),
        logger: Some(first),
        message,
        ..prefix
    })
}

/// `LEVEL name message`, `[level] message`, `level: message`, with a name or brackets in front of the level.
fn words<'a>(prefix: Prefix<'a>, text: &'a [u8], has_name: bool) -> Option<Prefix<'a>> {
    let rest = separated(text);
    twisted(prefix, rest)
        .or_else(|| named(prefix, rest))
        .or_else(|| bracketed(prefix, rest, has_name))
        .or_else(|| {
            let shown = Shown::read(rest)?;
            let found = shown.of(prefix);
            // Django's `LEVEL TIME`.
            match time(separated(shown.rest)) {
                (time @ Some(_), rest) if !prefix.is_timed() => {
                    Some(Prefix { time, ..found }.behind(rest, has_name))
                }
                _ => found
                    .padded(shown)
                    .or_else(|| Some(found.behind(shown.rest, has_name))),
            }
        })
}

/// `[name#level] message`, as Twisted writes.
fn twisted<'a>(prefix: Prefix<'a>, text: &'a [u8]) -> Option<Prefix<'a>> {
    prefix.is_timed().then_some(())?;
    let (inner, rest) = within(text, b'[')?;
    let (name, shown) = split(inner, b"#")?;
    is_name(name).then_some(Prefix {
        level: Some(level(shown)?),
        logger: Some(name),
        message: separated(rest),
        ..prefix
    })
}

/// `app.db LEVEL message`.
fn named<'a>(prefix: Prefix<'a>, text: &'a [u8]) -> Option<Prefix<'a>> {
    prefix.is_timed().then_some(())?;
    let (name, rest) = word(text);
    if !is_name(name) || !is_dotted(name) {
        return None;
    }
    let shown = Shown::read(separated(rest))?;
    Some(Prefix {
        logger: Some(name),
        message: separated(shown.rest),
        ..shown.of(prefix)
    })
}

/// `[main] LEVEL`, `[4711] [level]`, `[app.db] LEVEL`, and Airflow's `{file.py:12} LEVEL`.
fn bracketed<'a>(prefix: Prefix<'a>, text: &'a [u8], has_name: bool) -> Option<Prefix<'a>> {
    if let Some((inner, rest)) = within(text, b'{') {
        let (filename, line) = source(inner)?;
        let shown = Shown::read(separated(rest)).filter(|_| prefix.is_timed())?;
        return Some(Prefix {
            filename: Some(filename),
            line: Some(line),
            message: separated(shown.rest),
            ..shown.of(prefix)
        });
    }
    let (inner, rest) =
        within(text, b'[').filter(|(inner, _)| !inner.is_empty() && level(inner).is_none())?;
    let shown = Shown::read(separated(rest))?;
    let mut found = shown.of(prefix).behind(shown.rest, has_name);
    if !prefix.is_timed() && found.logger.is_none() {
        // Without a time that may be anything, but for slf4j's in front of a name.
        return None;
    }
    let field = if is_number(inner) && shown.is_set_off {
        &mut found.process
    } else if is_name(inner) && is_dotted(inner) && found.logger.is_none() {
        &mut found.logger
    } else {
        &mut found.thread
    };
    *field = Some(inner);
    Some(found)
}

/// `main.go:12: message`, as Go's log package writes with its flag.
fn placed<'a>(prefix: Prefix<'a>, text: &'a [u8], _: bool) -> Option<Prefix<'a>> {
    prefix.is_timed().then_some(())?;
    let (place, message) = split(separated(text), b": ")?;
    let (filename, line) = source(place)?;
    Some(Prefix {
        filename: Some(filename),
        line: Some(line),
        message: message.trim_ascii_start(),
        ..prefix
    })
}
