//! What stands behind a level: the logger, or where in a program, in the ways of frameworks.

use super::{
    Prefix,
    context::{Context, behind_empty, trace_ids},
    cut::{Shown, is_code, is_dotted, is_name, level, separated, source, word},
    python::given_name,
    spans::Spans,
    start::{ANY, CURLY, Form, NAME, NUMBER, ODD, ROUND, SQUARE, Start, WITH_COLON, WITH_EQUALS},
};
use crate::decode::cut::{around, is_number, last_around, within};

/// Where a message comes from, behind the level. In this order: the first that fits is taken.
static SOURCES: [Form; 9] = [
    Form::new(NUMBER, |prefix, start| prefix.spring(start)),
    Form::new(NAME, |prefix, start| prefix.module(start)),
    Form::new(SQUARE | ROUND, |prefix, start| {
        Some(prefix.brackets(start.text)?.behind_source())
    }),
    Form::new(SQUARE, |prefix, start| {
        Some(prefix.thread(start.text)?.behind_source())
    }),
    Form::new(WITH_COLON, |prefix, start| {
        Some(prefix.place(start)?.behind_source())
    }),
    Form::new(NAME | ODD, |prefix, start| prefix.given_name(start)),
    Form::new(ANY, |prefix, start| prefix.spans(start.text)),
    Form::new(ODD, |prefix, start| prefix.braces(start.text)),
    Form::new(NAME, |prefix, start| {
        Some(prefix.name(start, prefix.is_named)?.behind_source())
    }),
];

impl<'a> Prefix<'a> {
    /// Reads what stands behind the level.
    pub(super) fn behind(&self, text: &'a [u8]) -> Self {
        let start = Start::of(separated(text));
        let has_context = start.has(SQUARE | CURLY | WITH_EQUALS);
        match has_context.then(|| Context::read(start.text)).flatten() {
            Some(context) => {
                let found = self.clone().with_context(context);
                found.source(&Start::of(found.message))
            }
            None => self.source(&start),
        }
    }

    /// Reads where a message comes from, and the message.
    fn source(&self, start: &Start<'a>) -> Self {
        Form::read(&SOURCES, self, start).unwrap_or_else(|| self.clone().with_message(start.text))
    }

    /// Reads what stands between the name of a logger and the message: `[file.py:12]`, and a context.
    fn behind_source(self) -> Self {
        let found = match within(self.message, b'[').map(|(inner, rest)| (source(inner), rest)) {
            Some((Some((file, line)), rest)) => {
                self.with_place(file, line).with_message(separated(rest))
            }
            _ => self,
        };
        match Context::read(found.message) {
            Some(context) => found.with_context(context),
            None => found,
        }
    }

    /// Reads what stands behind a level and a bar: a name or a place, which mostly has a bar behind it too, and the
    /// message.
    pub(super) fn behind_bar(self, text: &'a [u8]) -> Self {
        if self.logger.is_none()
            && let Some(found) = self.place(&Start::of(text))
        {
            return found;
        }
        match around(text, b"|").map(|(cell, after)| (cell.trim_ascii(), after)) {
            Some((cell, after)) if self.logger.is_none() && is_name(cell) && is_dotted(cell) => {
                self.with_logger(cell)
                    .with_message(after.trim_ascii_start())
            }
            _ => self.with_message(text),
        }
    }

    /// `name message`, if the name is plain to see.
    fn name(&self, start: &Start<'a>, is_named: bool) -> Option<Self> {
        let after = start.rest;
        let (name, is_set_off) = set_off(start.first, after);
        if !start.has(NAME) || name.is_empty() {
            return None;
        }
        let behind = after.trim_ascii_start();
        let after = behind_empty(behind).unwrap_or(after);
        let shows = is_named
            || is_set_off
            || is_dotted(name)
            || after.len() < behind.len()
            || Context::read(behind).is_some();
        shows.then(|| {
            self.clone()
                .with_logger_at(name)
                .with_message(separated(after))
        })
    }

    /// `[thread] name message`, with a context between them or not, as of Tomcat and many a pattern for Logback and
    /// log4j2, if the name is plain to see.
    fn thread(&self, text: &'a [u8]) -> Option<Self> {
        let (thread, rest) = within(text, b'[')?;
        if !is_name(thread) || level(thread).is_some() {
            return None;
        }
        let found = self.clone().with_message(rest.trim_ascii_start());
        let found = match Context::read(found.message) {
            Some(context) => found.with_context(context),
            None => found,
        };
        let found = found.name(&Start::of(found.message), false)?;
        // A colon behind a name is Python's way, whose threads have no numbers in its formats.
        let (name, _) = word(rest.trim_ascii_start());
        let key = if is_number(thread) && name.ends_with(b":") {
            "process"
        } else {
            "thread"
        };
        Some(found.with(key, thread))
    }

    /// `MainProcess name: message`, and other names that Python gives processes and threads.
    fn given_name(&self, start: &Start<'a>) -> Option<Self> {
        let given = start.first;
        let key = given_name(given)?;
        let rest = separated(start.rest);
        let found = self.name(&Start::of(rest), false);
        let found = found.unwrap_or_else(|| self.clone().with_message(rest));
        Some(found.with(key, given))
    }

    /// A logger, and behind a colon the line of its source, as `%(name)s:%(lineno)d` has it.
    pub(super) fn with_logger_at(self, name: &'a [u8]) -> Self {
        match last_around(name, b':') {
            Some((name, line)) if is_number(line) && is_name(name) && is_dotted(name) => {
                self.with_logger(name).with("lineno", line)
            }
            _ => self.with_logger(name),
        }
    }

    /// structlog's console: the level has a blank behind it within its brackets, and the logger stands in
    /// brackets at the end.
    pub(super) fn padded(&self, shown: Shown<'a>) -> Option<Self> {
        if !shown.is_padded {
            return None;
        }
        let text = separated(shown.rest).trim_ascii_end();
        let inner = text.strip_suffix(b"]")?;
        let start = memchr::memrchr(b'[', inner)?;
        let (message, name) = (&inner[..start], &inner[start + 1..]);
        let found = || self.clone().with_logger(name);
        (message.ends_with(b" ") && is_name(name))
            .then(|| found().with_message(message.trim_ascii_end()))
    }

    /// Spring Boot: `123 --- [main] name : message`, with the name of the application in front of the thread's,
    /// and the ids of the trace behind it, or without.
    fn spring(&self, start: &Start<'a>) -> Option<Self> {
        let mut rest = start.rest.trim_ascii_start().strip_prefix(b"--- ")?;
        let mut brackets = Vec::new();
        while let Some((inner, after)) = within(rest, b'[')
            && brackets.len() < 3
        {
            brackets.push(inner.trim_ascii());
            rest = after.trim_ascii_start();
        }
        let is_trace = |text: &[u8]| {
            let is_empty = !text.iter().any(u8::is_ascii_alphanumeric);
            is_empty || trace_ids(text).is_some()
        };
        let (service, thread, trace) = match brackets[..] {
            [thread] => (None, thread, None),
            [thread, trace] if is_trace(trace) => (None, thread, trace_ids(trace)),
            [service, thread] => (Some(service), thread, None),
            [service, thread, trace] if is_trace(trace) => {
                (Some(service), thread, trace_ids(trace))
            }
            _ => return None,
        };
        let empty = || Some((rest.strip_suffix(b":")?, &[][..]));
        let (name, message) = around(rest, b": ").or_else(empty)?;
        let name = name.trim_ascii();
        if !is_name(name) {
            return None;
        }
        let mut found = self.clone().with_logger(name).with_message(message);
        if let Some(service) = service {
            found = found.with("service", service);
        }
        found = found.with("process", start.first).with("thread", thread);
        if let Some((trace, span)) = trace {
            found = found.with("traceId", trace).with("spanId", span);
        }
        Some(found)
    }

    /// Celery: `name[id]: message` of a task's logger, `Task name[id] received` of the worker.
    pub(super) fn task(self, text: &'a [u8]) -> Self {
        let of_worker = text.strip_prefix(b"Task ");
        let (first, rest) = word(of_worker.unwrap_or(text));
        let bare = match of_worker {
            Some(_) => Some(first),
            None => first.strip_suffix(b":"),
        };
        let task = bare
            .and_then(|bare| around(bare.strip_suffix(b"]")?, b"["))
            .filter(|(name, id)| is_name(name) && !id.is_empty());
        let Some((name, id)) = task else {
            return self.with_message(text);
        };
        self.with("task", name)
            .with("task_id", id)
            .with_message(match of_worker {
                Some(_) => text,
                None => rest.trim_ascii_start(),
            })
    }

    /// Flask: `in module: message`.
    fn module(&self, start: &Start<'a>) -> Option<Self> {
        let (name, message) = around(start.text.strip_prefix(b"in ")?, b": ")?;
        let found = || self.clone().with("module", name);
        is_name(name).then(|| found().with_message(message))
    }

    /// `[name] (thread) message` of `WildFly`, `(thread) [name] message` of Home Assistant, `[name] message`.
    fn brackets(&self, text: &'a [u8]) -> Option<Self> {
        let (thread, text) = match within(text, b'(') {
            Some((thread, rest)) => (Some(thread), rest.trim_ascii_start()),
            None => (None, text),
        };
        let (name, rest) = within(text, b'[')?;
        let rest = rest.trim_ascii_start();
        if let (Some((file, line)), None) = (source(name), thread)
            && is_code(file)
        {
            let found = self.clone().with_place(file, line);
            return Some(found.with_message(separated(rest)));
        }
        // Any name in front of the place of a program is a logger's.
        let is_logger = || {
            is_dotted(name) || within(rest, b'[').is_some_and(|(inner, _)| source(inner).is_some())
        };
        if !is_name(name) || !is_logger() {
            return None;
        }
        let (thread, message) = match within(rest, b'(') {
            Some((inner, after)) if thread.is_none() => (Some(inner), after.trim_ascii_start()),
            _ => (thread, rest),
        };
        let message = message.strip_prefix(b": ").unwrap_or(separated(message));
        let found = self.clone().with_logger_at(name).with_message(message);
        Some(match thread {
            Some(thread) => found.with("thread", thread),
            None => found,
        })
    }

    /// `name:function:12` and `name:file.py:12` of loguru, pytest and others, `file.py:12` if it is set off.
    fn place(&self, start: &Start<'a>) -> Option<Self> {
        let after = start.rest;
        let (bare, is_set_off) = set_off(start.first, after);
        let found = || self.clone().with_message(separated(after));
        if let Some((file, line)) = source(bare) {
            return is_set_off.then(|| found().with_place(file, line));
        }
        let (rest, line) = last_around(bare, b':')?;
        let (name, place) = last_around(rest, b':')?;
        let is_place = |byte: &u8| byte.is_ascii_alphanumeric() || b"_<>.-".contains(byte);
        if !is_name(name) || place.is_empty() || !place.iter().all(is_place) || !is_number(line) {
            return None;
        }
        let is_file = place.contains(&b'.') && !place.starts_with(b"<");
        let key = if is_file { "filename" } else { "funcName" };
        let found = found().with_logger(name);
        Some(found.with(key, place).with("lineno", line))
    }

    /// Rust's tracing: `span{field=1}:inner{field=2}: name: message`, with the place behind the name or not.
    fn spans(&self, text: &'a [u8]) -> Option<Self> {
        let (spans, target, message) = Spans::read(text)?;
        let found = self.clone().with("target", target);
        let found = match around(message, b": ").map(|(place, rest)| (source(place), rest)) {
            Some((Some((file, line)), rest)) => found.with_place(file, line).with_message(rest),
            _ => found.with_message(message),
        };
        Some(Self {
            spans: Some(Box::new(spans)),
            ..found
        })
    }

    /// The same where the spans cannot be read with certainty: they stay in front of the message.
    fn braces(&self, text: &'a [u8]) -> Option<Self> {
        let mut at = 0;
        loop {
            let open = memchr::memchr(b'{', &text[at..])? + at;
            is_name(&text[at..open]).then_some(())?;
            let (_, after) = within(&text[open..], b'{')?;
            at = text.len() - after.len();
            match text[at..] {
                [b':', b' ', ..] => break,
                [b':', ..] => at += 1,
                _ => return None,
            }
        }
        let (name, _) = around(&text[at + 2..], b": ")?;
        is_name(name).then(|| self.clone().with_logger(name).with_message(text))
    }
}

/// A word without the colon that sets it off, and whether that or a dash behind it does.
fn set_off<'a>(word: &'a [u8], after: &[u8]) -> (&'a [u8], bool) {
    let bare = word.strip_suffix(b":");
    let is_set_off =
        bare.is_some() || matches!(after.trim_ascii_start(), [b'-'] | [b'-', b' ', ..]);
    (bare.unwrap_or(word), is_set_off)
}
