//! distlog: `context.key` = `SEQ@UUID/1/2` (REFERENCE.md §3.3).
//!
//! The original package (0.1.dev0) has no field that marks a start or an end: they show in
//! the method that logged, and an end is written only after `success()` or an exception. So
//! a scope without an end is `unknown`, not running. This project's own client writes
//! `dl.event` and `dl.status`, and every start has its end.

use std::borrow::Cow;

use super::{
    Keyed, MAX_DEPTH, Part, Place, Placement, Role, Scheme, Scope, Starts, TreeId, fields::raised,
};
use crate::{
    record::{Canonical, ContextKey, Field, Level, Path, Reader, Record},
    tree::Status,
};

/// The scheme of distlog, the original and this project's client.
pub(super) struct Distlog;

impl Scheme for Distlog {
    fn name(&self) -> &'static str {
        "distlog"
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        reader.canonical(Canonical::Tree);
        Box::new(Key(reader.raw(&Path::dotted("context.key"))))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        use Canonical::{
            Duration, Event, Exception, Host, Level, Message, Process, Service, Status, Tree,
        };
        for canonical in [
            Tree, Event, Status, Duration, Message, Level, Exception, Host, Process, Service,
        ] {
            reader.canonical(canonical);
        }
        let mut raw = |path| reader.raw(&Path::dotted(path));
        Box::new(Fields {
            key: raw("context.key"),
            event: raw("dl.event"),
        })
    }
}

struct Key(Field);

impl Keyed for Key {
    fn fields(&self) -> Vec<Field> {
        vec![self.0.clone()]
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        let follows = record.schema() == Some("distlog");
        follows
            .then(|| record.bytes(Canonical::Tree).map(TreeId::from))
            .flatten()
    }
}

struct Fields {
    key: Field,
    event: Field,
}

/// What the original package puts in front of the message of a scope that failed.
const FAILED: &str = "FAILED ";

impl Place for Fields {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let text = record.raw(&self.key)?.as_str()?;
        let key = ContextKey::parse(&text)?;
        let steps = || key.scope.split('/').skip(1);
        if steps().count() > MAX_DEPTH {
            return None;
        }
        let explicit = record.raw(&self.event).is_some();
        let role = match record.text(Canonical::Event).as_deref() {
            Some("start") => Role::Start { ends: explicit },
            Some("end") => Role::End(ending(record, explicit)),
            _ => Role::Detail,
        };
        let failed = role == Role::End(Status::Failed);
        Some(Placement {
            scope: Scope::Path(steps().map(part).collect()),
            // A scope of another process can have the same number by mistake.
            instance: record.whole_process(),
            counted: true,
            starts: Starts::Always,
            position: key.seq,
            shared_positions: false,
            // Records below the logger's level use up no number, but dropped ones do.
            base: None,
            role,
            // An end may carry a message of its own, so only a start names its scope.
            name: if matches!(role, Role::Start { .. }) {
                record.bytes(Canonical::Message)
            } else {
                None
            },
            exception: if failed { why(record) } else { None },
            duration: record.number(Canonical::Duration),
            ..Placement::default()
        })
    }
}

/// A step of a scope's way.
pub(super) fn part(text: &str) -> Part<'_> {
    // Only the plain form is a number: `01` and `+1` would be other scopes than `1`.
    let plain = !text.starts_with(['0', '+']) || text == "0";
    match text.parse() {
        Ok(number) if plain => Part::Number(number),
        _ => Part::Text(text.into()),
    }
}

fn ending(record: &Record<'_, '_>, explicit: bool) -> Status {
    if explicit {
        let status = record.text(Canonical::Status);
        return status
            .as_deref()
            .and_then(Status::from_name)
            .unwrap_or(Status::Unknown);
    }
    let message = record.text(Canonical::Message).unwrap_or_default();
    if record.level() >= Some(Level::ERROR) && message.starts_with(FAILED) {
        Status::Failed
    } else {
        Status::Succeeded
    }
}

/// The line of the traceback that has type and reason, or else the message.
fn why<'a>(record: &Record<'a, '_>) -> Option<Cow<'a, str>> {
    if let Some(reason) = raised(record) {
        return Some(reason);
    }
    let message = record.text(Canonical::Message)?;
    Some(
        message
            .strip_prefix(FAILED)
            .unwrap_or(&message)
            .to_owned()
            .into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_numbers_are_numbers() {
        let check = |text: &str, expect: Option<u64>| {
            let expect = expect.map_or_else(|| Part::Text(text.into()), Part::Number);
            assert_eq!(part(text), expect);
        };
        check("0", Some(0));
        check("12", Some(12));
        check("01", None);
        check("+1", None);
        check("99999999999999999999", None);
        check("c395b885-284f-491a-9e5b-f19e9d69dfc2", None);
    }
}
