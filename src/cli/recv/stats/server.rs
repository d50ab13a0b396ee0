//! The thread that answers Prometheus, and draws a line on a terminal.

use std::{
    io::{self, IsTerminal},
    ops::ControlFlow,
    os::{fd::AsFd, unix::net::UnixStream},
    thread::{Scope, ScopedJoinHandle},
    time::Duration,
};

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{
    super::{Error, Result, dropping::Dropped},
    Buffers, died,
    report::prometheus,
};
use crate::{
    cli::{meters::Meters, spool::Depth},
    source::net::{Event, Reply, Server},
    zmtp::{Interest, Watch},
};

/// How often the line is drawn anew.
const DRAWN: Duration = Duration::from_millis(250);

/// What is shown to others than the readers of records.
pub(super) struct Front {
    server: Server,
    bar: Option<ProgressBar>,
    meters: Meters,
}

/// The same at work.
pub(super) struct Running<'s> {
    /// Its other end becomes readable when this one is gone.
    stop: UnixStream,
    thread: ScopedJoinHandle<'s, Result<()>>,
}

impl Front {
    /// `None` if there is nothing to show. `line` asks for a line on a terminal.
    pub(super) fn new(server: Server, line: bool, meters: Meters) -> Option<Self> {
        let bar = line.then(bar).flatten();
        let some = bar.is_some() || !server.endpoints().is_empty();
        some.then_some(Self {
            server,
            bar,
            meters,
        })
    }

    pub(super) fn start<'s>(
        mut self,
        scope: &'s Scope<'s, '_>,
        buffers: Buffers,
    ) -> Result<Running<'s>> {
        let pair = UnixStream::pair();
        let (stop, stopped) =
            pair.map_err(|error| Error::Failed(format!("no pair of sockets: {error}")))?;
        let thread = scope.spawn(move || self.run(&stopped, &buffers));
        Ok(Running { stop, thread })
    }

    fn run(&mut self, stopped: &UnixStream, buffers: &Buffers) -> Result<()> {
        let pause = self.bar.as_ref().map(|_| DRAWN);
        loop {
            let mut watches = [Watch::new(stopped.as_fd(), Interest::Readable)];
            let meters = &self.meters;
            self.server.poll(&mut watches, pause, &mut |event| {
                if let Event::Request { request, reply, .. } = event {
                    *reply = answer(&request.method, &request.path, meters, buffers);
                }
                ControlFlow::Continue(())
            })?;
            self.server.release();
            if watches[0].is_ready() {
                break;
            }
            self.draw(buffers);
        }
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        Ok(())
    }

    fn draw(&self, buffers: &Buffers) {
        let Some(bar) = &self.bar else {
            return;
        };
        let (mut records, mut bytes, mut rejected) = (0, 0, 0);
        for counts in self.meters.now().values() {
            records += counts.records;
            bytes += counts.bytes;
            rejected += counts.rejected.lines();
        }
        let mut words = vec![
            format!(
                "{} {}",
                HumanCount(records),
                if records == 1 { "record" } else { "records" }
            ),
            HumanBytes(bytes).to_string(),
        ];
        let waiting = buffers.spool.as_ref().map_or(0, Depth::bytes);
        let dropped = buffers.drops.as_ref().map_or(0, Dropped::records);
        if rejected > 0 {
            words.push(format!("{} rejected", HumanCount(rejected)));
        }
        if waiting > 0 {
            words.push(format!("{} in the spool", HumanBytes(waiting)));
        }
        if dropped > 0 {
            words.push(format!("{} dropped", HumanCount(dropped)));
        }
        bar.set_message(words.join(", "));
        bar.tick();
    }
}

impl Running<'_> {
    pub(super) fn finish(self) -> Result<()> {
        drop(self.stop);
        self.thread.join().unwrap_or_else(|_| died())
    }
}

/// A line on a terminal, if somebody is there to see it and records do not go there too.
fn bar() -> Option<ProgressBar> {
    if !io::stderr().is_terminal() || io::stdout().is_terminal() {
        return None;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::with_template("{spinner} {msg}").ok()?);
    Some(bar)
}

fn answer(method: &str, path: &str, meters: &Meters, buffers: &Buffers) -> Reply {
    match (path, method) {
        ("/metrics", "GET" | "HEAD") => Reply {
            content_type: "text/plain; version=0.0.4; charset=utf-8",
            body: prometheus(meters, buffers).into_bytes(),
            ..Reply::default()
        },
        ("/metrics", _) => Reply {
            allow: "GET, HEAD",
            ..Reply::text(405, "expected GET")
        },
        _ => Reply::text(404, "only /metrics is here"),
    }
}
