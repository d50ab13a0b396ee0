//! Writes a corpus of log records to stdout, the same bytes for the same arguments everywhere.
//!
//! The corpora are what `scripts/bench` measures with, so they have the shapes of real logs:
//! requests of 5 to 60 records through six processes, about 200 of them under way at any time,
//! scopes inside scopes, tasks handed to other processes, 3 % of requests that fail somewhere
//! and 1 % in which a process is killed. Every time, name and value comes from the seed.
//!
//! [`plan`] says what happens in a request, [`traffic`] lets many happen at once, and one file
//! for each kind ([`eliot`], [`distlog`], [`generic`]) says how its producer writes it down.

mod catalogue;
mod clock;
mod distlog;
mod eliot;
mod generic;
mod json;
mod plan;
mod producer;
mod random;
mod shuffle;
mod size;
#[cfg(test)]
mod tests;
mod trace;
mod traffic;
mod values;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use crate::distlog::Distlog;
use crate::eliot::Eliot;
use crate::generic::Generic;
use crate::json::{Line, Text};
use crate::producer::Producer;
use crate::shuffle::Shuffle;
use crate::traffic::Traffic;

/// Output is written in pieces of this size: large beside a pipe's 64 KiB, small beside a cache.
const CHUNK: usize = 256 * 1024;

/// Write a corpus of log records to stdout.
#[derive(Parser)]
struct Arguments {
    /// Which producer's records
    #[arg(long)]
    kind: Kind,
    /// How much, within about 1 %: a number with kB, MB, GB, or KiB, MiB, GiB
    #[arg(long, default_value = "100MB", value_parser = size::parse)]
    size: u64,
    /// Another seed gives another corpus
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many requests are under way at any time
    #[arg(long, default_value_t = 200)]
    open: u32,
    /// Put lines out of order: each waits for this many others on average
    #[arg(long, default_value_t = 0, value_name = "WINDOW")]
    shuffle: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// Eliot 1.18
    Eliot,
    /// The bodies of distlog 0.1
    Distlog,
    /// Service logs of zap, pino and structlog
    Generic,
}

impl Kind {
    fn producer(self) -> (Box<dyn Producer>, Text) {
        match self {
            Self::Eliot => (Box::new(Eliot), Text::Compact),
            Self::Distlog => (Box::new(Distlog::new()), Text::Python),
            Self::Generic => (Box::new(Generic::new()), Text::Compact),
        }
    }

    /// The average length of a planned record, measured; distlog does not write every one.
    fn record_bytes(self) -> u64 {
        match self {
            Self::Eliot => 223,
            Self::Distlog => 653,
            Self::Generic => 293,
        }
    }
}

fn main() -> ExitCode {
    match generate(&Arguments::parse(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // A message that cannot be written has no other place to go.
            let _ = writeln!(io::stderr(), "gen_corpus: {error}");
            ExitCode::from(2)
        }
    }
}

fn generate(arguments: &Arguments, out: impl Write) -> io::Result<()> {
    let records = arguments.size / arguments.kind.record_bytes();
    let mut traffic = Traffic::new(arguments.seed, arguments.open, records);
    let out = io::BufWriter::with_capacity(CHUNK, out);
    let mut out = Shuffle::new(out, arguments.seed, arguments.shuffle);
    let (mut producer, text) = arguments.kind.producer();
    let mut line = Line::new(text);
    while let Some((request, event)) = traffic.next() {
        line.bytes.clear();
        producer.write(&mut line, request, event);
        if !line.bytes.is_empty() {
            line.bytes.push(b'\n');
            out.push(&line.bytes)?;
        }
    }
    out.finish()
}
