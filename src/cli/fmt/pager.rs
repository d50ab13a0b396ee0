//! The pager: what is longer than the screen is looked at a screen at a time.

use std::{
    env, io,
    io::{IsTerminal, Write},
    process::{Child, ChildStdin, Command, Stdio},
};

use crate::{
    cli::common::InputArgs,
    error::{Error, Result},
    shutdown::Shutdown,
    sink::{Sink, Stdout},
};

/// Where views go.
pub(super) enum Outlet {
    Stdout(Stdout),
    Pager(Pager),
}

/// A pager that runs.
pub(super) struct Pager {
    command: String,
    child: Child,
    /// Gone once all has been written.
    stdin: Option<ChildStdin>,
}

/// The command of the pager, if there is to be one: only for files, because what comes by and by
/// is watched, and only on a terminal. `asked` is what the user has said of it.
pub(super) fn command(asked: Option<&str>, input: &InputArgs) -> Option<String> {
    let files = !input.files.is_empty() && input.files.iter().all(|file| file != "-");
    let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    if !files || dumb || !io::stdout().is_terminal() {
        return None;
    }
    let command = asked
        .map(str::to_owned)
        .or_else(|| env::var("PAGER").ok())
        .unwrap_or_else(|| "less -R".to_owned());
    (!matches!(command.trim(), "" | "cat")).then_some(command)
}

impl Outlet {
    /// Standard output, or the pager of that command.
    pub(super) fn open(pager: Option<String>, shutdown: &Shutdown) -> Result<Self> {
        let Some(command) = pager else {
            return Ok(Self::Stdout(Stdout::open()?));
        };
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &command]).stdin(Stdio::piped());
        // As git has it: colours pass, what fits the screen is not paged, and stays on it.
        for (name, value) in [("LESS", "FRX"), ("LV", "-c")] {
            if env::var_os(name).is_none() {
                shell.env(name, value);
            }
        }
        let mut child = shell.spawn().map_err(|source| Error::Write {
            place: command.clone(),
            source,
        })?;
        // Ctrl-C is for the pager, which may outlast it, and then must not lose the terminal.
        shutdown.leave_interrupts();
        Ok(Self::Pager(Pager {
            command,
            stdin: child.stdin.take(),
            child,
        }))
    }

    /// Writes whole lines; a reader that has left is [`Error::ReaderLeft`].
    pub(super) fn write(&mut self, lines: &[u8]) -> Result<()> {
        let pager = match self {
            Self::Stdout(stdout) => return stdout.write(lines),
            Self::Pager(pager) => pager,
        };
        let Some(stdin) = &mut pager.stdin else {
            return Err(Error::ReaderLeft);
        };
        stdin
            .write_all(lines)
            .map_err(|source| match source.kind() {
                io::ErrorKind::BrokenPipe => Error::ReaderLeft,
                _ => Error::Write {
                    place: pager.command.clone(),
                    source,
                },
            })
    }

    /// Waits until the user has seen enough. What is said later is not lost behind the pager.
    pub(super) fn close(self) -> Result<()> {
        let Self::Pager(mut pager) = self else {
            return Ok(());
        };
        drop(pager.stdin.take());
        let status = pager.child.wait().map_err(|source| Error::Write {
            place: pager.command.clone(),
            source,
        })?;
        match status.code() {
            // The shell's own words for what it cannot run.
            Some(126 | 127) => Err(Error::Misused {
                reason: format!("the pager '{}' cannot be run", pager.command),
                hint: "set DISTLOG_PAGER or PAGER to another one, or use --no-pager",
            }),
            _ => Ok(()),
        }
    }
}
