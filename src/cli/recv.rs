//! dl-recv: collect records at one place.

mod books;
mod control;
mod desk;
mod dropping;
mod files;
mod follow;
mod group_args;
mod held;
mod listen;
mod merge;
mod net_args;
mod network;
mod out;
mod pace;
mod security;
mod sockets;
mod stamps;
mod station;
mod stats;
mod streams;
mod text;
mod text_args;
mod wanted;
mod warnings;
mod window;
mod wire;
mod written;

use std::{
    fs::File,
    io::{self, IsTerminal},
    sync::Mutex,
    thread,
    time::Duration,
};

use clap::Parser;

use self::{
    control::{Control, ControlArgs},
    files::Files,
    follow::FollowArgs,
    group_args::GroupArgs,
    merge::MergeArgs,
    net_args::NetArgs,
    out::{Made, Out, hand_out},
    security::SecurityArgs,
    sockets::{Places, Sockets},
    stamps::StampArgs,
    stats::{Buffers, StatsArgs},
    text::Text,
    text_args::TextArgs,
    wanted::WhereArgs,
};
use super::{
    Outcome, Program,
    common::{LineArgs, parse_duration},
    feed::{Batch, Feed, Left, Run, Screen, refuse_overlap},
    ledger::Ledger,
    outgoing::{self, WireArgs},
    rotate::RotateArgs,
    say,
    spool::{self, Outlet, Replay},
};
use crate::{
    decode::format::Settings,
    endpoint::Endpoint,
    error::{Error, Result},
    pump::lock,
    shutdown::Shutdown,
    sink::{self, Refuse, SinkOptions},
};

/// Collect records from many processes at one place
#[derive(Debug, Parser)]
#[command(name = "dl-recv", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct RecvArgs {
    /// Where from: SCHEME://ADDRESS is listened at, files and - are read
    ///
    /// See dl-endpoint(7). Files are read one after the other while sockets are served. With a
    /// socket the program runs until it is told to end; without one it ends
    /// with the last file. Without any endpoint standard input is read, unless it is a terminal.
    #[arg(value_name = "ENDPOINT")]
    endpoints: Vec<String>,

    #[command(flatten)]
    text: TextArgs,

    #[command(flatten)]
    following: FollowArgs,

    #[command(flatten)]
    merging: MergeArgs,

    #[command(flatten)]
    wanting: WhereArgs,

    /// Append to FILE instead of writing to standard output
    ///
    /// Any endpoint of dl-send(1) will do, in the ways that --tls-ca, --facility, --encoding, --partitions and
    /// --compress tell. A name may have times in it, in the codes of strftime(3), and what ends with .gz or
    /// .zst is compressed.
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,

    /// With -o to an endpoint that may be away, how long to try to deliver what is left at the end
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_duration, hide_short_help = true)]
    linger: Duration,

    #[command(flatten)]
    outgoing: WireArgs,

    #[command(flatten)]
    spooling: spool::SpoolArgs,

    #[command(flatten)]
    rotating: RotateArgs,

    #[command(flatten)]
    stamping: StampArgs,

    #[command(flatten)]
    dropping: dropping::DropArgs,

    #[command(flatten)]
    seen: StatsArgs,

    #[command(flatten)]
    security: SecurityArgs,

    #[command(flatten)]
    net: NetArgs,

    #[command(flatten)]
    grouping: GroupArgs,

    #[command(flatten)]
    controlling: ControlArgs,

    #[command(flatten)]
    lines: LineArgs,
}

const EXAMPLES: &str = "Examples:
  dl-recv tcp://127.0.0.1:5010 | tee capture.ndjson | dl-filter 'level >= warning' | dl-fmt
  dl-recv tcp://127.0.0.1:5010 ipc:///run/distlog.sock -o capture.ndjson
  dl-recv capture.ndjson app.ndjson.zst | dl-tree | dl-fmt";

impl Program for RecvArgs {
    const NAME: &'static str = "dl-recv";

    fn run(self, shutdown: Shutdown) -> Result<Outcome> {
        self.lines.own.tell()?;
        let ended = shutdown.clone();
        let (places, inputs) = self.endpoints()?;
        let mut output = self
            .output
            .as_deref()
            .map_or(Ok(Endpoint::Standard), Endpoint::parse)?;
        self.outgoing.pack(&mut output)?;
        places.check(&self.security, &output)?;
        self.grouping.check(places.has_streams())?;
        let format = self.text.format(&inputs)?;
        let settings = self
            .text
            .settings(!self.stamping.no_stamp, self.lines.max_record)?;
        let stamps = self.stamping.stamps(&inputs)?;
        let text = Text::new(format, &settings, &stamps);
        self.rotating.lay_out(&mut output);
        let (rotation, retention) = self.rotating.of(&output)?;
        if let Endpoint::Publish(at) = &output {
            self.security.check_published(at)?;
        }
        let options = SinkOptions {
            topic: None,
            security: crate::zmtp::Security::Null,
            linger: self.linger,
            stdout_taken: false,
            rotation: Some(rotation.clone()),
            retention,
            batch: None,
            wire: self.outgoing.wire(&output, self.security.ours())?,
            refuse: self.keep_refused()?,
            patient: false,
            shutdown: shutdown.clone(),
            say: Box::new(|words| say(Self::NAME, &words)),
        };
        self.merging.check(!places.is_empty(), inputs.len())?;
        self.text
            .check_zone(format, self.merging.is_asked(), &places)?;
        self.following.check(&inputs)?;
        let sink = sink::open(&output, options)?;
        refuse_overlap(&inputs, &self.lines, std::slice::from_ref(&output))?;
        written::check(&self, &output)?;
        let to_stdout = output == Endpoint::Standard;
        // Connections and processes have to be looked after while there is nothing to write.
        let tick = sink::needs_ticks(&output, &rotation).then_some(sink::TICK);
        let (outlet, drops) = dropping::over((sink, tick), &self.dropping)?;
        let outlet = window::over(outlet, &self.merging, self.text.zone());
        let ((sink, tick), spool) = spool::over(
            outlet,
            &self.spooling,
            Self::NAME,
            Replay::to(&output),
            &shutdown,
        )?;
        let control = Control::bind(&self.controlling, &self.security)?;
        let sink = Mutex::new(Control::over(control.as_ref(), sink));
        // A line that tells how files are read is there already.
        let listens = !places.is_empty();
        let line = self.lines.stats && listens;
        let telling = self.seen.open(self.merging.merge, line, &self.security)?;
        let meters = telling.meters.clone();
        let sockets = Sockets::bind(
            places, &self, &settings, to_stdout, tick, &shutdown, &meters,
        )?;
        let files = Files::new(&self, inputs, text, shutdown, &output, meters)?;
        let ended = &ended;
        let left = Left::default();
        let counted = thread::scope(|scope| {
            let telling = telling.start(scope, &sink, &Buffers { spool, drops })?;
            let controlling = control.map(|control| control.start(scope, ended));
            let receiving = sockets.start(scope, &sink, ended);
            let (read, state) = files
                .map(|files| {
                    let files = if listens {
                        files.beside_listeners()
                    } else {
                        files
                    };
                    files.leaving(&left).read(tick, ended, &sink)
                })
                .unzip();
            let read = read.transpose();
            if read.is_err() {
                // Nor in listening on.
                ended.ask();
            }
            let received = receiving.join();
            let told = telling.finish();
            // Levels are controlled as long as records come.
            ended.ask();
            let controlled = control::join(controlling);
            Ok::<_, Error>((read, state.flatten(), received, told.and(controlled)))
        });
        let finished = lock(&sink).finish();
        let (read, state, received, others) = counted?;
        let is_delivered = finished.is_ok() && received.1.is_ok();
        let outcome = books::close(read, received, others, &left, &**lock(&sink));
        // Where reading failed, what came before that has been delivered.
        let saved = match state.filter(|_| is_delivered) {
            Some(mut state) => state.save(&sink),
            None => Ok(()),
        };
        let outcome = outcome?;
        finished.and(saved)?;
        Ok(outcome)
    }
}

impl RecvArgs {
    /// Keeps what the output refuses where rejected lines are kept.
    fn keep_refused(&self) -> Result<Option<Refuse>> {
        let open = |name: &String| {
            let file = File::options().create(true).append(true).open(name);
            let file = file.map_err(|source| Error::File {
                path: name.into(),
                source,
            })?;
            Ok(outgoing::keep_refused(Self::NAME, file))
        };
        self.lines.rejects.as_ref().map(open).transpose()
    }

    /// The places to bind and the inputs to read.
    fn endpoints(&self) -> Result<(Places, Vec<Endpoint>)> {
        let (mut places, mut inputs) = (Places::default(), Vec::new());
        if self.endpoints.is_empty() {
            // Who names nothing there has mostly forgotten to.
            if io::stdin().is_terminal() {
                return Err(Error::Misused {
                    reason: "no endpoint is named, and standard input is a terminal".to_owned(),
                    hint: "name a file or a place to listen at, as tcp://127.0.0.1:5010, or - for the terminal",
                });
            }
            inputs.push(Endpoint::Standard);
        }
        for text in &self.endpoints {
            inputs.extend(places.take(Endpoint::parse(text)?)?);
        }
        Ok((places, inputs))
    }
}
