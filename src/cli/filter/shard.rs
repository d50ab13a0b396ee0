//! dl-filter --shard: one part of N of the records, or each part to a file of its own. The
//! records of a tree are in one part, so that as many processes can put trees together.

mod work;

use std::{
    fs::File,
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::Args;

use self::work::{Parted, Selection, Worker};
use super::{FilterArgs, key::Key};
use crate::{
    cli::{
        Outcome, Program,
        common::{Foreign, InputArgs},
        feed::{Batch, Feed, Run, Screen},
        ledger::plural,
        say,
    },
    endpoint::Endpoint,
    error::{Error, Result},
    expr::{Expr, Subject},
    pump::{Event, Flow},
    record::Reader,
    shutdown::Shutdown,
    sink::{Sink, Stdout, is_packed},
    source::Chunk,
};

/// The flags of shards.
#[derive(Args, Debug)]
pub(super) struct ShardArgs {
    /// Only the records of part K of N, such as 2/4; all of a tree are in one part
    ///
    /// So N processes, on one machine or on several, put together the trees that one would.
    /// EXPR may be left out. With --shard-to it is only N. SHARDS in dl-filter(1) tells which
    /// part a record belongs to.
    #[arg(long, value_name = "K/N", hide_short_help = true, conflicts_with_all =
        ["max_count", "count", "quiet", "files_with_matches", "exit_status", "whole_tree",
        "after_context", "before_context", "context", "jq", "jq_file", "redact", "sample",
        "throttle", "dedup", "rules"])]
    pub(super) shard: Option<Part>,

    /// Write each of the N parts to a file: {} in NAME becomes its number
    ///
    /// All parts are written in one go, where K/N reads the input once for each. The files are
    /// emptied at the start; pipes and /dev/fd/3 are files too.
    #[arg(long, value_name = "NAME", requires = "shard", hide_short_help = true)]
    shard_to: Option<String>,

    /// The field that keeps records together, in the place of the tree
    ///
    /// It is for ids that only you know, which dl-tree --id FIELD --tree FIELD takes. Of a
    /// record without it the tree counts.
    #[arg(long, value_name = "FIELD", requires = "shard", hide_short_help = true)]
    #[arg(value_parser = field)]
    shard_by: Option<Subject>,
}

fn field(text: &str) -> std::result::Result<Subject, String> {
    Subject::parse(text).map_err(|error| error.to_string())
}

/// What --shard says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The part, counted from 0; `None` is each.
    part: Option<u32>,
    parts: u32,
}

/// More parts than anybody has processes, which keeps a slip of the finger from costing memory.
const MOST: u32 = 65_536;
/// More files than that can be open at once on few systems.
const MOST_FILES: u32 = 1_000;

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (part, parts) = match text.split_once('/') {
            Some((part, parts)) => (Some(part), parts),
            None => (None, text),
        };
        let number = |text: &str| text.parse::<u32>().ok();
        let parts = number(parts).filter(|parts| (1..=MOST).contains(parts));
        let parts = parts.ok_or(format!("expected K/N, with N from 1 to {MOST}"))?;
        let Some(part) = part else {
            return Ok(Self { part: None, parts });
        };
        match number(part).filter(|part| (1..=parts).contains(part)) {
            Some(part) => Ok(Self {
                part: Some(part - 1),
                parts,
            }),
            None => Err(format!("expected K/N, with K from 1 to {parts}")),
        }
    }
}

/// A run that parts records.
pub(super) struct Sharding<'s> {
    pub(super) wanted: Part,
    pub(super) flags: &'s ShardArgs,
    pub(super) selection: Expr,
    pub(super) invert: bool,
    pub(super) inputs: Vec<Endpoint>,
    pub(super) input: &'s InputArgs,
}

impl Sharding<'_> {
    pub(super) fn run(self, shutdown: Shutdown) -> Result<Outcome> {
        let paths = self.paths()?;
        let file = |path: &PathBuf| Endpoint::File(path.clone());
        let outputs: Vec<_> = if self.wanted.part.is_some() {
            vec![Endpoint::Standard]
        } else {
            paths.iter().map(file).collect()
        };
        let lines = &self.input.lines;
        let name = FilterArgs::NAME;
        let inputs = self.inputs.clone();
        let feed = Feed::over(name, inputs, lines, Foreign::Drop, shutdown, &outputs)?;
        let mut reader = Reader::default();
        let filter = self.selection.compile(&mut reader);
        let by = &self.flags.shard_by;
        let key = by.as_ref().map(|by| Key::field(by, &mut reader));
        let everything = self.selection.constant() == Some(true) && !self.invert;
        let select = Selection {
            reader: &reader,
            filter: (!everything).then_some(&filter),
            invert: self.invert,
            key: key.as_ref(),
            wanted: self.wanted,
        };
        let mut torn = 0;
        let worker = |screen: Screen| {
            let mut part = Worker::new(&select, screen);
            move |chunk: &mut Chunk, batch: &mut Batch<Parted>| part.chunk(chunk, batch)
        };
        let run = if self.wanted.part.is_some() {
            let mut stdout = Stdout::open()?;
            feed.run(worker, |event, _| {
                if let Event::Done(_, data) = event {
                    torn += data.torn;
                    for lines in data.parts.iter().filter(|lines| !lines.is_empty()) {
                        stdout.write(lines)?;
                    }
                }
                Ok(Flow::Continue)
            })?
        } else {
            let mut files = Files::open(paths)?;
            feed.run(worker, |event, _| {
                if let Event::Done(_, data) = event {
                    torn += data.torn;
                    files.write(&data.parts)?;
                }
                Ok(Flow::Continue)
            })?
        };
        Ok(finish(run, torn))
    }

    /// The files of all parts, if each has one.
    fn paths(&self) -> Result<Vec<PathBuf>> {
        let parts = self.wanted.parts;
        let misused = |reason: &str, hint| {
            Err(Error::Misused {
                reason: reason.to_owned(),
                hint,
            })
        };
        match (&self.flags.shard_to, self.wanted.part) {
            (None, None) => misused(
                "--shard: which part of them?",
                "use --shard 1/4 for the first of 4, --shard 4 --shard-to 'part-{}.ndjson' for all",
            ),
            (None, Some(_)) => Ok(Vec::new()),
            (Some(_), Some(_)) => misused(
                "--shard-to: that is for all parts",
                "use --shard N without K/ to write each part to a file",
            ),
            (Some(_), None) if parts > MOST_FILES => misused(
                "--shard-to: too many files to be open at once",
                "use 1,000 parts or fewer",
            ),
            (Some(name), None) if !name.contains("{}") => misused(
                "--shard-to: all parts would be in one file",
                "write {} where the number of a part is to stand: 'part-{}.ndjson'",
            ),
            (Some(name), None) if is_packed(Path::new(name)) => misused(
                "--shard-to: parts are not compressed",
                "leave the ending out, and compress the files that come of it",
            ),
            (Some(name), None) => {
                let path = |part: u32| PathBuf::from(name.replace("{}", &part.to_string()));
                Ok((1..=parts).map(path).collect())
            }
        }
    }
}

/// Says what could not be kept together, and ends.
fn finish(run: Run, torn: u64) -> Outcome {
    if torn > 0 {
        say(
            FilterArgs::NAME,
            &format!(
                "{} with ids of several trees, whose other records may be in other parts\n    \
                 see SHARDS in dl-filter(1); --shard-by FIELD keeps together what has a field in common",
                plural(torn, "record")
            ),
        );
    }
    run.finish()
}

/// The files of the parts.
struct Files(Vec<(PathBuf, File)>);

impl Files {
    fn open(paths: Vec<PathBuf>) -> Result<Self> {
        let open = |path: PathBuf| match File::create(&path) {
            Ok(file) => Ok((path, file)),
            Err(source) => Err(Error::File { path, source }),
        };
        paths.into_iter().map(open).collect::<Result<_>>().map(Self)
    }

    fn write(&mut self, parts: &[Vec<u8>]) -> Result<()> {
        for ((path, file), lines) in self.0.iter_mut().zip(parts) {
            file.write_all(lines)
                .map_err(|source| failure(path, source))?;
        }
        Ok(())
    }
}

/// A reader of a pipe that has gone has not got its part, and others may have theirs: that is
/// no success.
fn failure(path: &Path, source: io::Error) -> Error {
    let path = path.to_owned();
    match source.kind() {
        ErrorKind::BrokenPipe => Error::Failed(format!("{}: its reader has gone", path.display())),
        _ => Error::File { path, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_counted_from_1() {
        let check = |text: &str, expect: Option<(Option<u32>, u32)>| {
            let read = text.parse::<Part>().ok();
            assert_eq!(read.map(|is| (is.part, is.parts)), expect, "{text}");
        };
        check("1/4", Some((Some(0), 4)));
        check("4/4", Some((Some(3), 4)));
        check("1/1", Some((Some(0), 1)));
        check("4", Some((None, 4)));
        for wrong in [
            "0/4", "5/4", "1/0", "0", "", "/", "1/", "/4", "1/4/2", "a/b", "-1/4", "1/65537",
        ] {
            check(wrong, None);
        }
    }
}
