//! What the programs share on the outside: flags, the ledger, messages, exit codes.
//!
//! Each program is a [`Program`]: clap parses its flags, `run` does the work, and [`main`]
//! turns what comes back into the message and the exit code of the manual.

// Doc comments of flags are what --help and the man pages show: no Markdown in them.
#![allow(clippy::doc_markdown)]

mod common;
mod config;
mod ctl;
mod curve;
mod failures;
mod feed;
mod filter;
mod fmt;
mod identity;
mod ledger;
mod meters;
mod only_one;
mod outgoing;
mod own;
mod progress;
mod reach;
mod reasons;
mod recv;
mod rotate;
mod send;
mod spool;
mod tree;
mod zone;

use std::{
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
};

use clap::{
    CommandFactory, Parser,
    error::{ContextKind, ContextValue, ErrorKind},
};

pub use ctl::CtlArgs;
pub use filter::FilterArgs;
pub use fmt::FmtArgs;
pub use recv::RecvArgs;
pub use send::SendArgs;
pub use tree::TreeArgs;

use crate::{
    error::{Error, Result},
    shutdown::Shutdown,
    sink::stdout_failed,
};

/// How a program ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done,
    /// Done, but nothing was selected, and the user asked to be told by the exit code.
    NothingSelected,
    /// Done, but some input failed or was rejected, which a message has said.
    Incomplete(u8),
}

impl Outcome {
    fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::NothingSelected => 1,
            Self::Incomplete(code) => code,
        }
    }
}

/// One of the `dl-*` programs.
pub trait Program: Parser {
    /// The program's name, for messages.
    const NAME: &'static str;

    /// Reads the command line.
    fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Unread> {
        Self::try_parse_from(arguments).map_err(Unread::Asked)
    }

    /// Does the work.
    fn run(self, shutdown: Shutdown) -> Result<Outcome>;
}

/// Why a command line gave no program to run.
#[derive(Debug)]
pub enum Unread {
    /// It is wrong, or asks for help.
    Asked(clap::Error),
    /// Something behind it is.
    Wrong(Error),
}

/// Runs a program: its whole `main`.
pub fn main<P: Program>() -> ExitCode {
    let program = match P::read(std::env::args_os()) {
        Ok(program) => program,
        Err(Unread::Wrong(error)) => return ExitCode::from(fail(P::NAME, &error)),
        Err(Unread::Asked(mut asked)) => {
            point_to_ending(&mut asked, P::command());
            if asked.use_stderr() {
                // In a pipeline it must be told whose error it is.
                let words = asked.to_string();
                let words = words.replacen("error:", &format!("{}:", P::NAME), 1);
                let _ = writeln!(io::stderr().lock(), "{}", words.trim_end());
            } else if let Err(source) = asked.print().and_then(|()| io::stdout().flush()) {
                // It was `--help` or `--version`.
                return ExitCode::from(fail(P::NAME, &stdout_failed(source)));
            }
            return ExitCode::from(u8::try_from(asked.exit_code()).unwrap_or(2));
        }
    };
    let result = Shutdown::on_signals()
        .map_err(|error| Error::Failed(format!("cannot watch signals: {error}")))
        .and_then(|shutdown| program.run(shutdown));
    ExitCode::from(match result {
        Ok(outcome) => outcome.exit_code(),
        Err(error) => fail(P::NAME, &error),
    })
}

/// Says what has failed, but nothing of a reader that has left; returns the exit code.
fn fail(program: &str, error: &Error) -> u8 {
    if !matches!(error, Error::ReaderLeft) {
        report(program, error);
    }
    error.exit_code()
}

/// Points to the flag that ends with the unknown one, if there is one, rather than to one that
/// is spelt alike: `--arg` of jq is `--jq-arg`, not `--jq-argjson`.
fn point_to_ending(error: &mut clap::Error, mut command: clap::Command) {
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg) else {
        return;
    };
    let Some(ending) = unknown.strip_prefix('-').filter(|rest| rest.len() > 1) else {
        return;
    };
    let flags = command.get_arguments().filter_map(clap::Arg::get_long);
    let meant = flags.into_iter().find(|flag| flag.ends_with(ending));
    if error.kind() == ErrorKind::UnknownArgument
        && let Some(flag) = meant
    {
        let flag = ContextValue::String(format!("--{flag}"));
        error.insert(ContextKind::SuggestedArg, flag);
        let usage = ContextValue::StyledStr(command.render_usage());
        error.insert(ContextKind::Usage, usage);
    }
}

/// Writes an error to stderr as the manual promises: program, place, reason, hint.
fn report(program: &str, error: &Error) {
    say(program, &error.to_string());
    if let Some(hint) = error.hint() {
        say(program, hint);
    }
}

/// Writes a line of words to stderr.
fn say(program: &str, words: &str) {
    // In one write, because other programs of the pipeline say things there too. If stderr is
    // gone there is nobody to tell.
    let _ = io::stderr()
        .lock()
        .write_all(format!("{program}: {words}\n").as_bytes());
}

/// The definitions of all programs, for their man pages and completions.
pub fn programs() -> Vec<clap::Command> {
    vec![
        CtlArgs::command(),
        FilterArgs::command(),
        FmtArgs::command(),
        RecvArgs::command(),
        SendArgs::command(),
        TreeArgs::command(),
    ]
}
