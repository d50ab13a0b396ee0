//! What stands behind a level: the logger, or where in a program, in the ways of frameworks.

use super::{
    Prefix,
    cut::{Shown, is_dotted, is_name, is_number, rsplit, separated, source, split, within, word},
};

impl<'a> Prefix<'a> {
    /// Reads what stands behind the level.
    pub(super) fn behind(self, text: &'a [u8], has_name: bool) -> Self {
        let rest = separated(text);
        if let Some(found) = self
            .spring(rest)
            .or_else(|| self.module(rest))
            .or_else(|| self.brackets(rest))
            .or_else(|| self.place(rest))
            .or_else(|| self.spans(rest))
        {
            return found;
        }
        let (name, after) = word(rest);
        let bare = name.strip_suffix(b":").unwrap_or(name);
        let set_off = bare.len() < name.len() || after.trim_ascii_start().starts_with(b"- ");
        if is_name(bare) && (has_name || set_off || is_dotted(bare)) {
            return Self {
                logger: Some(bare),
                message: separated(after),
                ..self
            };
        }
        Self {
            message: rest,
            ..self
        }
    }

    /// structlog's console: the level has a blank behind it within its brackets, and the logger stands in
    /// brackets at the end.
    pub(super) fn padded(self, shown: Shown<'a>) -> Option<Self> {
        if !shown.is_padded {
            return None;
        }
        let inner = separated(shown.rest).trim_ascii_end().strip_suffix(b"]")?;
        let start = memchr::memrchr(b'[', inner)?;
        let (message, name) = (&inner[..start], &inner[start + 1..]);
        (message.ends_with(b" ") && is_name(name)).then_some(Self {
            logger: Some(name),
            message: message.trim_ascii_end(),
            ..self
        })
    }

    /// Spring Boot: `123 --- [main] name : message`, with the name of the application in front of the thread's,
    /// and the ids of the trace behind it, or without.
    fn spring(self, text: &'a [u8]) -> Option<Self> {
        let (process, rest) = word(text);
        let mut rest = rest.trim_ascii_start().strip_prefix(b"--- ")?;
        if !is_number(process) {
            return None;
        }
        let mut brackets = Vec::new();
        while let Some((inner, after)) = within(rest, b'[')
            && brackets.len() < 3
        {
            brackets.push(inner.trim_ascii());
            rest = after.trim_ascii_start();
        }
        let (service, thread, trace) = match brackets[..] {
            [thread] => (None, Some(thread), None),
            [thread, trace] if trace.is_empty() || trace_ids(trace).is_some() => {
                (None, Some(thread), trace_ids(trace))
            }
            [service, thread] => (Some(service), Some(thread), None),
            [service, thread, trace] if trace.is_empty() || trace_ids(trace).is_some() => {
                (Some(service), Some(thread), trace_ids(trace))
            }
            _ => return None,
        };
        let (name, message) =
            split(rest, b": ").or_else(|| Some((rest.strip_suffix(b":")?, &[][..])))?;
        let name = name.trim_ascii();
        is_name(name).then_some(Self {
            process: Some(process),
            service,
            thread,
            trace,
            logger: Some(name),
            message,
            ..self
        })
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
            .and_then(|bare| split(bare.strip_suffix(b"]")?, b"["))
            .filter(|(name, id)| is_name(name) && !id.is_empty());
        match (task, of_worker) {
            (None, _) => self,
            (task, Some(_)) => Self { task, ..self },
            (task, None) => Self {
                task,
                message: rest.trim_ascii_start(),
                ..self
            },
        }
    }

    /// Flask: `in module: message`.
    fn module(self, text: &'a [u8]) -> Option<Self> {
        let (name, message) = split(text.strip_prefix(b"in ")?, b": ")?;
        is_name(name).then_some(Self {
            module: Some(name),
            message,
            ..self
        })
    }

    /// `[name] (thread) message` of `WildFly`, `(thread) [name] message` of Home Assistant, `[name] message`.
    fn brackets(self, text: &'a [u8]) -> Option<Self> {
        let (thread, text) = match within(text, b'(') {
            Some((thread, rest)) => (Some(thread), rest.trim_ascii_start()),
            None => (None, text),
        };
        let (name, rest) = within(text, b'[')?;
        let rest = rest.trim_ascii_start();
        let (thread, message) = match within(rest, b'(') {
            Some((inner, after)) if thread.is_none() => (Some(inner), after.trim_ascii_start()),
            _ => (thread, rest),
        };
        (is_name(name) && is_dotted(name)).then_some(Self {
            logger: Some(name),
            thread,
            message: message.strip_prefix(b": ").unwrap_or(message),
            ..self
        })
    }

    /// `name:function:12` and `name:file.py:12` of loguru, pytest and others, `file.py:12` if it is set off.
    pub(super) fn place(self, text: &'a [u8]) -> Option<Self> {
        let (first, after) = word(text);
        let bare = first.strip_suffix(b":").unwrap_or(first);
        let message = separated(after);
        if let Some((filename, line)) = source(bare) {
            let is_set_off =
                bare.len() < first.len() || after.trim_ascii_start().starts_with(b"- ");
            return is_set_off.then_some(Self {
                filename: Some(filename),
                line: Some(line),
                message,
                ..self
            });
        }
        let (rest, line) = rsplit(bare, b':')?;
        let (name, place) = rsplit(rest, b':')?;
        let is_place = |byte: &u8| byte.is_ascii_alphanumeric() || b"_<>.-".contains(byte);
        if !is_name(name) || place.is_empty() || !place.iter().all(is_place) || !is_number(line) {
            return None;
        }
        let is_file = place.contains(&b'.') && !place.starts_with(b"<");
        Some(Self {
            logger: Some(name),
            filename: is_file.then_some(place),
            function: (!is_file).then_some(place),
            line: Some(line),
            message,
            ..self
        })
    }

    /// Rust's tracing: `span{field=1}:inner{field=2}: name: message`. The spans stay in front of the message.
    fn spans(self, text: &'a [u8]) -> Option<Self> {
        let mut at = 0;
        loop {
            let open = text[at..].iter().position(|&byte| byte == b'{')? + at;
            is_name(&text[at..open]).then_some(())?;
            let (_, after) = within(&text[open..], b'{')?;
            at = text.len() - after.len();
            match text[at..] {
                [b':', b' ', ..] => break,
                [b':', ..] => at += 1,
                _ => return None,
            }
        }
        let (name, _) = split(&text[at + 2..], b": ")?;
        is_name(name).then_some(Self {
            logger: Some(name),
            message: text,
            ..self
        })
    }
}

/// The ids of `TRACE-SPAN`.
fn trace_ids(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (trace, span) = rsplit(text, b'-')?;
    let is_id = |id: &[u8], digits| id.len() == digits && id.iter().all(u8::is_ascii_hexdigit);
    (is_id(trace, 32) && is_id(span, 16)).then_some((trace, span))
}
