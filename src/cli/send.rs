//! dl-send: deliver records.

mod replay;
mod security;

use std::{path::Path, time::Duration};

use clap::Parser;

use self::{replay::ReplayArgs, security::SecurityArgs};
use super::{
    Outcome, Program,
    common::{Foreign, InputArgs, parse_duration},
    feed::Feed,
    identity::IdentityArgs,
    outgoing::{self, WireArgs},
    rotate::RotateArgs,
    say,
    spool::{self, Replay, SpoolArgs},
};
use crate::{
    endpoint::Endpoint,
    error::{Error, Result},
    pump::{Event, Flow},
    shutdown::Shutdown,
    sink::{self, Refuse, SinkOptions},
};

/// Deliver records: to a collector, a database, a file, a program, standard output
#[derive(Debug, Parser)]
#[command(name = "dl-send", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct SendArgs {
    /// Where to: tcp://HOST:PORT, pub+tcp://HOST:PORT, ndjson+tcp://HOST:PORT, sqlite:PATH, parquet:DIR, a file, or -
    ///
    /// A file is appended to. dl-endpoint(7) has all of them.
    #[arg(value_name = "ENDPOINT")]
    endpoint: String,

    /// The first frame of ZeroMQ messages; '' sends single frames
    ///
    /// Three letters: the system (T, S or P for test, staging, production), the kind (L or P
    /// for log, performance), the encoding (J for JSON, which is what is sent).
    #[arg(long, value_name = "TEXT", default_value = "PLJ")]
    topic: String,

    /// How long to try to deliver what is left at the end
    ///
    /// The units are ms, s, m and h. It begins with the end of the input: as long as there is
    /// more to read, a destination that takes nothing is waited for.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_duration)]
    linger: Duration,

    #[command(flatten)]
    security: SecurityArgs,

    #[command(flatten)]
    wire: WireArgs,

    #[command(flatten)]
    identity: IdentityArgs,

    /// How many records go into a database [default: 10000] or a request [default: 1000]
    ///
    /// In a database they are one transaction. Fewer go when nothing more comes for the moment.
    #[arg(long, value_name = "N", hide_short_help = true)]
    #[arg(value_parser = parse_batch)]
    batch: Option<usize>,

    #[command(flatten)]
    replay: ReplayArgs,

    #[command(flatten)]
    spooling: SpoolArgs,

    #[command(flatten)]
    rotating: RotateArgs,

    #[command(flatten)]
    input: InputArgs,
}

const EXAMPLES: &str = "Examples:
  python3 app.py | dl-send tcp://collector:5010
  dl-filter 'level >= error' app.ndjson | dl-send tcp://127.0.0.1:5010
  dl-recv tcp://127.0.0.1:5010 | dl-send all.ndjson
  dl-send sqlite:logs.db capture.ndjson";

impl Program for SendArgs {
    const NAME: &'static str = "dl-send";

    fn run(self, shutdown: Shutdown) -> Result<Outcome> {
        self.input.lines.own.tell()?;
        let mut endpoint = Endpoint::parse(&self.endpoint)?;
        self.wire.pack(&mut endpoint)?;
        self.rotating.lay_out(&mut endpoint);
        let (rotation, retention) = self.rotating.of(&endpoint)?;
        let security = self.security.of(&endpoint)?;
        let inputs = self.input.endpoints()?;
        let lines = &self.input.lines;
        let feed = Feed::over(
            Self::NAME,
            inputs,
            lines,
            Foreign::Drop,
            shutdown.clone(),
            std::slice::from_ref(&endpoint),
        )?
        .with_tick(Some(sink::TICK))
        .counting(std::slice::from_ref(&endpoint));
        let options = SinkOptions {
            topic: Some(self.topic.clone()).filter(|topic| !topic.is_empty()),
            security,
            linger: self.linger,
            stdout_taken: false,
            rotation: Some(rotation.clone()),
            retention,
            batch: self.batch,
            wire: self.wire.wire(&endpoint, self.ours(&endpoint)?)?,
            refuse: keep_refused(&feed)?,
            patient: false,
            shutdown: shutdown.clone(),
            say: Box::new(|words| say(Self::NAME, &words)),
        };
        let sink = sink::open(&endpoint, options)?;
        let tick = sink::needs_ticks(&endpoint, &rotation).then_some(sink::TICK);
        let ((mut sink, _), _) = spool::over(
            (sink, tick),
            &self.spooling,
            Self::NAME,
            Replay::AsTheyAre,
            &shutdown,
        )?;
        let mut pacer = self.replay.pacer(shutdown.clone());
        let worker = |screen| self.replay.worker(screen);
        let (ran, mut run) = feed.run_to_end(worker, |event, _| {
            match event {
                Event::Done(_, timed) => pacer.send(timed, &mut *sink)?,
                Event::Idle => sink.tick()?,
            }
            Ok(Flow::Continue)
        });
        // What has been read is delivered, and what was rejected is said, whatever went wrong.
        let finished = sink.finish();
        run.ledger.settle(&*sink, 0);
        if let Err(error) = ran {
            // What was rejected is said even so, but to nobody who has left.
            if !matches!(error, Error::ReaderLeft) {
                run.ledger.finish();
            }
            return Err(error);
        }
        let outcome = run.finish();
        finished.map(|()| outcome)
    }
}

impl SendArgs {
    /// The files by which a receiver with TLS knows us.
    fn ours(&self, endpoint: &Endpoint) -> Result<Option<(&Path, &Path)>> {
        let files = self.identity.files();
        if files.is_some() && !outgoing::has_tls(endpoint) {
            return Err(outgoing::no_tls("--tls-cert", endpoint));
        }
        Ok(files)
    }
}

/// Keeps what a place refuses where rejected lines are kept.
fn keep_refused(feed: &Feed) -> Result<Option<Refuse>> {
    let file = feed.rejects_file().transpose();
    let file = file.map_err(|error| Error::Failed(format!("--rejects: {error}")))?;
    Ok(file.map(|file| outgoing::keep_refused(SendArgs::NAME, file)))
}

fn parse_batch(text: &str) -> std::result::Result<usize, String> {
    match text.parse() {
        Ok(count @ 1..=1_000_000) => Ok(count),
        _ => Err("expected a number from 1 to 1000000".into()),
    }
}
