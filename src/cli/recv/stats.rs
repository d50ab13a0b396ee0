//! dl-recv seen at work: counts by source as records, as metrics, and on a terminal.

mod report;
mod server;
mod writer;

use std::{
    fs::File,
    path::PathBuf,
    sync::{Mutex, mpsc},
    thread::{Scope, ScopedJoinHandle},
    time::Duration,
};

use clap::Args;

use self::{report::Reporter, server::Front, writer::Writer};
use super::{Error, Program, RecvArgs, Result, dropping::Dropped, say, security::SecurityArgs};
use crate::{
    cli::spool::Depth,
    cli::{common::parse_duration, meters::Meters},
    endpoint::Listen,
    sink::Sink,
    source::net::{Limits, Server},
};

/// How many clients may ask for metrics at a time.
const CLIENTS: usize = 16;

/// How dl-recv is seen at work.
#[derive(Args, Clone, Debug)]
pub(super) struct StatsArgs {
    /// Write a record with counts every so often, and at the end
    ///
    /// Its dl.kind is stats, and dl.stats has records, bytes, rates, lag and what was rejected, by
    /// source. It goes where all records go, and is in no count itself.
    #[arg(long, value_name = "TIME", value_parser = parse_duration, hide_short_help = true)]
    stats_every: Option<Duration>,

    /// With --stats-every, append these records to FILE instead
    #[arg(
        long,
        value_name = "FILE",
        requires = "stats_every",
        hide_short_help = true
    )]
    stats_to: Option<PathBuf>,

    /// Answer Prometheus at http://HOST:PORT/metrics
    #[arg(long, value_name = "HOST:PORT")]
    metrics: Option<String>,
}

/// What stands between what comes and the output.
#[derive(Clone, Default)]
pub(super) struct Buffers {
    pub(super) spool: Option<Depth>,
    pub(super) drops: Option<Dropped>,
}

/// What is needed to tell how it goes.
pub(super) struct Stats {
    pub(super) meters: Meters,
    writer: Option<Writer>,
    front: Option<Front>,
}

impl StatsArgs {
    /// The endpoint of `--metrics`.
    pub(super) fn endpoint(&self) -> Result<Option<Listen>> {
        let metrics = self.metrics.as_deref();
        let parsed = metrics.map(|address| {
            Listen::metrics(address)
                .map_err(|reason| Error::Usage(format!("--metrics {address}: {reason}")))
        });
        parsed.transpose()
    }

    /// The file of `--stats-to`.
    pub(super) fn file(&self) -> Option<PathBuf> {
        self.stats_to.clone()
    }

    /// Opens and binds what is asked for. `merging` says that records are put in order at the
    /// end, and none can be written in between; `line` asks for a line on a terminal.
    pub(super) fn open(&self, merging: bool, line: bool, security: &SecurityArgs) -> Result<Stats> {
        if self.stats_every.is_some_and(|every| every.is_zero()) {
            return Err(Error::Usage("--stats-every: expected more than 0".into()));
        }
        if merging && self.stats_every.is_some() && self.stats_to.is_none() {
            return Err(Error::Misused {
                reason:
                    "--merge puts records in order, and has no place for those of --stats-every"
                        .into(),
                hint: "write them to a file with --stats-to",
            });
        }
        let file = match &self.stats_to {
            None => None,
            Some(path) => {
                let mut options = File::options();
                let opened = options.create(true).append(true).open(path);
                let file = opened.map_err(|source| Error::File {
                    path: path.clone(),
                    source,
                })?;
                Some((path.clone(), file))
            }
        };
        let meters = Meters::default();
        let writer = self.stats_every.map(|every| Writer {
            meters: meters.clone(),
            every,
            file,
            reporter: Reporter::new(),
        });
        let limits = Limits {
            connections: CLIENTS,
            body_bytes: 0,
            total_bytes: 1 << 20,
            message_time: Duration::from_secs(10),
            ..Limits::default()
        };
        let metrics = self.endpoint()?;
        if let Some(listen) = &metrics {
            security.check_plain(&format!("--metrics {}", listen.place), &listen.place)?;
        }
        let server = Server::bind(metrics.into_iter().collect(), limits, None)?;
        for endpoint in server.endpoints() {
            say(
                RecvArgs::NAME,
                &format!("metrics at http://{}/metrics", endpoint.place),
            );
        }
        Ok(Stats {
            writer,
            front: Front::new(server, line, meters.clone()),
            meters,
        })
    }
}

/// Tells how it goes, until it is to end.
pub(super) struct Teller<'s> {
    front: Option<server::Running<'s>>,
    writer: Option<(mpsc::Sender<()>, ScopedJoinHandle<'s, Result<()>>)>,
}

impl Stats {
    /// Tells in threads of `scope` how it goes.
    ///
    /// Whoever asks for metrics is answered while the output takes nothing, so that is not done
    /// by the thread that writes records.
    pub(super) fn start<'s>(
        self,
        scope: &'s Scope<'s, '_>,
        sink: &'s Mutex<Box<dyn Sink>>,
        buffers: &Buffers,
    ) -> Result<Teller<'s>> {
        let front = self.front.map(|front| front.start(scope, buffers.clone()));
        let writer = self.writer.map(|mut writer| {
            let (stop, stopped) = mpsc::channel();
            let buffers = buffers.clone();
            let thread = scope.spawn(move || writer.run(&stopped, sink, &buffers));
            (stop, thread)
        });
        Ok(Teller {
            front: front.transpose()?,
            writer,
        })
    }
}

impl Teller<'_> {
    /// Tells the rest, when all has been received.
    pub(super) fn finish(self) -> Result<()> {
        let front = self.front.map_or(Ok(()), server::Running::finish);
        let writer = self.writer.map_or(Ok(()), |(stop, thread)| {
            drop(stop);
            thread.join().unwrap_or_else(|_| died())
        });
        front.and(writer)
    }
}

fn died() -> Result<()> {
    Err(Error::Failed("a thread that tells counts has died".into()))
}
