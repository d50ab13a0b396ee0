//! What HAProxy tells of itself, on the terminal and of its servers.

use crate::decode::{
    cut::{around, is_number, within},
    object::Object,
};

/// What a line tells.
#[derive(Debug)]
pub(super) struct Own<'a> {
    level: Option<&'a [u8]>,
    process: Option<&'a [u8]>,
    message: &'a [u8],
}

/// The words for levels on the terminal.
const LEVELS: [&[u8]; 4] = [b"NOTICE", b"WARNING", b"ALERT", b"DIAG"];

impl<'a> Own<'a> {
    /// Reads `[WARNING]  (4711) : message`, which had a time that says no year before 2.4, and lines that begin as no
    /// other program's do.
    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        if let Some((level, rest)) = within(line, b'[') {
            LEVELS.contains(&level).then_some(())?;
            let (front, message) = around(rest, b" : ")?;
            let front = front.trim_ascii();
            let (process, _) = within(&front[memchr::memchr(b'(', front)?..], b'(')?;
            return is_number(process).then_some(Self {
                level: Some(level),
                process: Some(process),
                message,
            });
        }
        let is_told = || {
            let mut of = [&b"Server "[..], b"Backup Server "].into_iter();
            let server = of.find_map(|of| line.strip_prefix(of));
            let is_server =
                server
                    .and_then(|rest| around(rest, b" is "))
                    .is_some_and(|(name, state)| {
                        let states = [&b"DOWN"[..], b"UP", b"going ", b"stopping"];
                        is_pair(name) && states.iter().any(|word| state.starts_with(word))
                    });
            let backend = line.strip_prefix(b"backend ");
            is_server || backend.is_some_and(|rest| rest.ends_with(b" has no server available!"))
        };
        let first = line.first()?;
        (matches!(first, b'S' | b'B' | b'b') && is_told()).then_some(Self {
            level: None,
            process: None,
            message: line,
        })
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        if let Some(level) = self.level {
            object.text(b"level", level);
        }
        if let Some(process) = self.process {
            object.bare(b"process", process);
        }
        object.text(b"message", self.message);
    }
}

/// True for `backend/server`.
fn is_pair(name: &[u8]) -> bool {
    !name.contains(&b' ') && around(name, b"/").is_some()
}
