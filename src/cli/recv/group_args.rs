//! The flags of dl-recv about streams of NATS.

use std::time::Duration;

use clap::Args;

use super::{Error, Result};
use crate::{cli::common::parse_duration, endpoint::NatsAt, nats::Plan};

/// How streams of NATS are read.
#[derive(Args, Debug)]
pub(super) struct GroupArgs {
    /// The name of the group of workers that reads a stream of NATS together
    ///
    /// Each record goes to one worker of a group, and all of a request to the same. Where a group
    /// has stopped it goes on; another name begins anew. See WORKERS in the manual.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "distlog",
        hide_short_help = true
    )]
    #[arg(value_parser = parse_group)]
    group: String,

    /// Among how many workers of the group the partitions are dealt
    ///
    /// Each takes its share at once, and more only when nobody else takes it within the time of
    /// --lease.
    #[arg(long, value_name = "N", default_value_t = 1, hide_short_help = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_024))]
    workers: u32,

    /// Read again what was acknowledged in this time before a worker ended; all for all of it
    ///
    /// It is for what the worker's dl-tree had in memory, so it has to be longer than requests
    /// take. What may come twice by it is marked with dl.recv.replayed. [default: 10m, and all
    /// with --until-end]
    #[arg(long, value_name = "TIME", hide_short_help = true)]
    #[arg(value_parser = parse_replay)]
    replay: Option<Replay>,

    /// How long a worker that is not heard of is taken for alive
    #[arg(
        long,
        value_name = "TIME",
        default_value = "15s",
        hide_short_help = true
    )]
    #[arg(value_parser = parse_lease)]
    lease: Duration,

    /// End when all partitions of the stream have been read to their end, by whichever worker
    #[arg(long, hide_short_help = true)]
    until_end: bool,
}

/// How much is read again.
#[derive(Clone, Copy, Debug)]
enum Replay {
    All,
    For(Duration),
}

/// Longer than any request takes.
const REPLAY: Duration = Duration::from_secs(600);

impl GroupArgs {
    /// How a stream is read.
    pub(super) fn plan(&self, at: NatsAt) -> Plan {
        Plan {
            at,
            group: self.group.clone(),
            workers: self.workers,
            lease: self.lease,
            replay: match self.replay {
                Some(Replay::All) => None,
                Some(Replay::For(time)) => Some(time),
                None => (!self.until_end).then_some(REPLAY),
            },
            until_end: self.until_end,
        }
    }

    /// Refuses flags about streams where there is none.
    pub(super) fn check(&self, has_streams: bool) -> Result<()> {
        let flag = match (self.until_end, self.replay) {
            (true, _) => "--until-end",
            (false, Some(_)) => "--replay",
            (false, None) if self.workers > 1 => "--workers",
            (false, None) => return Ok(()),
        };
        if has_streams {
            return Ok(());
        }
        Err(Error::Misused {
            reason: format!("{flag} is about streams of NATS, and none is named"),
            hint: "read one from nats://HOST:PORT/STREAM",
        })
    }
}

fn parse_group(text: &str) -> std::result::Result<String, String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if text.is_empty() || text.len() > 64 || !text.chars().all(is_word) {
        return Err("a name of letters, digits, - and _, 64 at most".into());
    }
    Ok(text.to_owned())
}

fn parse_replay(text: &str) -> std::result::Result<Replay, String> {
    if text == "all" {
        return Ok(Replay::All);
    }
    parse_duration(text).map(Replay::For)
}

fn parse_lease(text: &str) -> std::result::Result<Duration, String> {
    let lease = parse_duration(text)?;
    if lease < Duration::from_secs(1) || lease > Duration::from_secs(3_600) {
        return Err("expected a time from 1s to 1h".into());
    }
    Ok(lease)
}
