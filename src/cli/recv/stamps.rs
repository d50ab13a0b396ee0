//! What the user knows of records beside what they say: `--stamp` and `--stamp-path`.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use clap::Args;
use regex::Regex;

use super::{Error, Program, RecvArgs, Result, desk::quoted, say};
use crate::{endpoint::Endpoint, record::Additions};

/// What is added to the `dl.recv` of records.
#[derive(Args, Debug)]
pub(super) struct StampArgs {
    /// Do not add dl.recv to records from the network
    ///
    /// That is endpoint, peer, topic, time and sequence; see THE STAMP in the manual. Nor what was around a record in the log of a container.
    #[arg(long)]
    pub(super) no_stamp: bool,

    /// Add NAME to the dl.recv of all records, also of files
    ///
    /// It may be given several times. Records that do not tell their host or their service are then of the one that --stamp
    /// host=web1 or --stamp service=shop tells.
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_member)]
    #[arg(conflicts_with = "no_stamp")]
    stamp: Vec<(String, String)>,

    /// Add what the named groups of REGEX match in the path of a file to the dl.recv of its records
    ///
    /// '(?<host>[^/]+)/(?<service>[^/.]+)[^/]*$' takes logs/web1/shop.log.2.gz for the log of the
    /// service shop on the host web1. The path is the one that is named, and what is matched may
    /// stand anywhere in it.
    #[arg(long, value_name = "REGEX", conflicts_with = "no_stamp")]
    #[arg(hide_short_help = true)]
    stamp_path: Option<String>,

    /// Add seq to the dl.recv of the records of files: the number of each in its file, from 1
    ///
    /// dl-tree keeps the order of the file by it where records have the same time, as those of clocks that tell milliseconds
    /// often do. With --follow they go on over rotation, and with --state from run to run. Records from the network have it
    /// without this option.
    #[arg(long, conflicts_with = "no_stamp", hide_short_help = true)]
    stamp_seq: bool,
}

/// The number of a record.
const SEQ: &str = "seq";

/// The members that dl-recv and its formats write themselves; of `service` the user may know more.
const OURS: [&str; 13] = [
    "attrs",
    "client",
    "endpoint",
    "format",
    "invalid_utf8",
    "partial",
    "peer",
    "replayed",
    SEQ,
    "stream",
    "syslog",
    "time",
    "topic",
];

/// Why a member cannot have that name.
fn refused(name: &str) -> Option<&'static str> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if OURS.contains(&name) {
        Some("dl-recv tells that itself")
    } else if name.is_empty() || !name.bytes().all(is_word) {
        Some("names have letters, digits, _, - and . only")
    } else {
        None
    }
}

fn parse_member(text: &str) -> std::result::Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("expected NAME=VALUE, such as host=web1")?;
    match refused(name) {
        Some(reason) => Err(format!("'{name}': {reason}")),
        None => Ok((name.to_owned(), value.to_owned())),
    }
}

impl StampArgs {
    /// What is added to records from the network beside what that tells; `None` if they are left alone.
    pub(super) fn on_network(&self) -> Option<Additions> {
        (!self.no_stamp).then(|| Additions::new(members(self.stamp.clone())))
    }

    /// What is to be added, if `inputs` are read.
    pub(super) fn stamps(&self, inputs: &[Endpoint]) -> Result<Stamps> {
        let path = self.stamp_path.as_deref().map(path).transpose()?;
        let is_file = |input: &Endpoint| matches!(input, Endpoint::File(_));
        if path.is_some() && !inputs.iter().any(is_file) {
            return Err(Error::Misused {
                reason: "--stamp-path is about the paths of files, and none is named".into(),
                hint: "use --stamp NAME=VALUE to tell it of other records",
            });
        }
        Ok(Stamps {
            told: self.stamp.clone(),
            path,
            numbers: self.stamp_seq,
            missed: Mutex::default(),
        })
    }
}

/// Reads what `--stamp-path` says.
fn path(text: &str) -> Result<Regex> {
    let wrong = |reason: String| Error::Usage(format!("--stamp-path '{text}': {reason}"));
    let path = Regex::new(text).map_err(|error| wrong(error.to_string()))?;
    let mut names = path.capture_names().flatten().peekable();
    if names.peek().is_none() {
        return Err(Error::Misused {
            reason: format!("--stamp-path '{text}' has no named group"),
            hint: "(?<host>[^/]+) is one, whose match becomes dl.recv.host",
        });
    }
    for name in names {
        if let Some(reason) = refused(name) {
            return Err(wrong(format!("the group '{name}': {reason}")));
        }
    }
    Ok(path)
}

/// Names and texts as members, each name once: the last that is told of it counts.
fn members(told: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut members = Vec::<(String, String)>::new();
    for (name, text) in told {
        members.retain(|(other, _)| *other != name);
        members.push((name, quoted(&text)));
    }
    members
}

/// What is added to the records of all inputs.
#[derive(Debug, Default)]
pub(super) struct Stamps {
    told: Vec<(String, String)>,
    path: Option<Regex>,
    /// Whether each record of a file gets its number.
    pub(super) numbers: bool,
    /// The files of which it has been said that their paths tell nothing.
    missed: Mutex<BTreeSet<String>>,
}

impl Stamps {
    /// True if records of files get any.
    pub(super) fn are_any(&self) -> bool {
        self.numbers || self.path.is_some() || !self.told.is_empty()
    }

    /// What is added to the records of an input that is called so in messages; a number is the last.
    pub(super) fn of(&self, place: &str) -> Additions {
        let matched = self.path.iter().flat_map(|path| self.matched(path, place));
        let mut members = members(self.told.iter().cloned().chain(matched));
        if self.numbers {
            members.push((SEQ.into(), "0".into()));
        }
        Additions::new(members)
    }

    /// What the groups of a pattern match in the path of a file.
    fn matched(&self, path: &Regex, place: &str) -> Vec<(String, String)> {
        let Some(found) = path.captures(place) else {
            self.miss(place);
            return Vec::new();
        };
        let named = path.capture_names().flatten();
        let text = |name: &str| Some((name.to_owned(), found.name(name)?.as_str().to_owned()));
        named.filter_map(text).collect()
    }

    /// Says of a file, once, that its path does not match.
    fn miss(&self, place: &str) {
        let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        if missed.insert(place.to_owned()) {
            let words = format!("{place}: --stamp-path does not match it, and tells nothing of it");
            say(RecvArgs::NAME, &words);
        }
    }
}
