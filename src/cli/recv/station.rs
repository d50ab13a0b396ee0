//! The loop of every thread that receives: what has come goes out before anything is waited for.

use std::{
    io,
    os::fd::{AsFd, OwnedFd},
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use super::{
    Error, Ledger, Program, RecvArgs, Result, Shutdown,
    desk::{BATCH, Desk},
    lock,
    pace::{PAUSE, Pace},
    say,
};
use crate::{
    cli::meters::Meters,
    sink::Sink,
    zmtp::{Interest, Watch},
};

/// How long to take in what has arrived before the end: the buffers of sockets hold a few
/// megabytes, which take a fraction of it.
const DRAIN: Duration = Duration::from_secs(1);

/// What is bound or connected, and hands its messages to a desk.
pub(super) trait Post {
    /// The names of what records come from, by the numbers that origins have.
    fn sources(&self) -> Vec<String>;

    /// Waits for messages, and hands them to `desk`; their number.
    fn poll(
        &mut self,
        desk: &mut Desk,
        watches: &mut [Watch<'_>],
        timeout: Option<Duration>,
    ) -> Result<u64>;

    /// Lets nobody in any more.
    fn stop_listening(&mut self);

    /// True if peers wait until what was made of their messages has been put away.
    fn is_awaited(&self) -> bool {
        false
    }

    /// True if that they go on means that nothing has to be kept any more where it comes from.
    fn is_lasting(&self) -> bool {
        false
    }

    /// True if peers wait for room with what comes while nobody looks; else it is lost, or somebody has it
    /// already.
    fn is_held_back(&self) -> bool {
        false
    }

    /// Says that it has been.
    fn release(&mut self) {}

    /// Closes what is open; what is lost by that goes to `desk`.
    fn close(&mut self, _desk: &mut Desk) {}

    /// Says what there is to say at the end.
    fn tell(&self) {}
}

/// A post with all that the loop needs.
pub(super) struct Station<P> {
    post: P,
    desk: Desk,
    meters: Meters,
    ledger: Ledger,
    shutdown: Shutdown,
    /// How often the sink wants to be looked after while there is nothing to write.
    tick: Option<Duration>,
    /// Standard output, if that is where records go, to notice that its reader leaves.
    output: Option<OwnedFd>,
    /// True if a reply promises that a crash loses nothing of what it is a reply to.
    promises: bool,
}

impl<P: Post> Station<P> {
    pub(super) fn new(
        post: P,
        args: &RecvArgs,
        to_stdout: bool,
        tick: Option<Duration>,
        shutdown: Shutdown,
        meters: &Meters,
    ) -> Result<Self> {
        let sources = post.sources();
        for source in &sources {
            meters.know(source);
        }
        let ledger = Ledger::new(RecvArgs::NAME, &args.lines)?;
        let output = if to_stdout {
            io::stdout().as_fd().try_clone_to_owned().ok()
        } else {
            None
        };
        Ok(Self {
            post,
            desk: Desk::new(args.stamping.on_network(), ledger.keeps_rejects(), sources),
            meters: meters.clone(),
            ledger,
            shutdown,
            tick,
            output,
            promises: args.spooling.is_on(),
        })
    }

    /// Receives until the program is asked to end or the reader of the output leaves; what has been counted
    /// is told whatever went wrong.
    pub(super) fn run(mut self, sink: &Mutex<Box<dyn Sink>>) -> (Ledger, Result<()>) {
        let received = self.receive(sink);
        (self.ledger, received)
    }

    fn receive(&mut self, sink: &Mutex<Box<dyn Sink>>) -> Result<()> {
        let mut ticked = Instant::now();
        let mut pace = Pace::new(ticked);
        loop {
            // First what is there; then what was made of it goes out; only then a wait.
            let came = self.poll(Some(Duration::ZERO))?;
            let now = Instant::now();
            let is_awaited = self.post.is_awaited();
            let may_pause = !is_awaited && self.post.is_held_back();
            let pauses = may_pause && pace.pauses(came, now);
            if came == 0 || pauses || self.desk.out.len() >= BATCH || is_awaited {
                self.flush(sink)?;
            }
            if self.shutdown.is_asked() {
                break;
            }
            // However much comes.
            if self.tick.is_some_and(|tick| now - ticked >= tick) {
                lock(sink).tick()?;
                ticked = now;
            }
            if pauses {
                thread::sleep(PAUSE);
            } else if came == 0 {
                let came = self.poll(self.tick.map(|tick| tick.saturating_sub(now - ticked)))?;
                pace.saw(came, Instant::now());
            }
        }
        self.drain(sink)?;
        self.desk.warnings.finish();
        self.post.tell();
        Ok(())
    }

    /// At the end, takes what has arrived already.
    fn drain(&mut self, sink: &Mutex<Box<dyn Sink>>) -> Result<()> {
        self.post.stop_listening();
        let began = Instant::now();
        while self.poll(Some(Duration::ZERO))? > 0 {
            self.flush(sink)?;
            // Who goes on sending would keep us for ever.
            if began.elapsed() > DRAIN {
                say(
                    RecvArgs::NAME,
                    "peers went on sending while it ended; what was under way is lost",
                );
                break;
            }
        }
        self.flush(sink)?;
        self.post.close(&mut self.desk);
        self.flush(sink)
    }

    fn poll(&mut self, timeout: Option<Duration>) -> Result<u64> {
        let mut watches = Vec::with_capacity(2);
        watches.push(Watch::new(self.shutdown.as_fd(), Interest::Readable));
        watches.extend(
            self.output
                .as_ref()
                .map(|fd| Watch::new(fd.as_fd(), Interest::Gone)),
        );
        self.desk.begin();
        // The request to end is watched even if it has come: a signal between the loop's look at it and
        // this wait would else be waited out for ever. After it nothing is waited for anyway.
        let came = self.post.poll(&mut self.desk, &mut watches, timeout)?;
        if watches.get(1).is_some_and(Watch::is_ready) {
            return Err(Error::ReaderLeft);
        }
        Ok(came)
    }

    fn flush(&mut self, sink: &Mutex<Box<dyn Sink>>) -> Result<()> {
        let desk = &mut self.desk;
        desk.count(&self.meters);
        // If it cannot be written, the sink tells how much of it is undelivered.
        let counted = self.ledger.absorb_messages(&desk.tally, &desk.culprit);
        desk.tally.clear();
        if !desk.out.is_empty() {
            lock(sink).write(&desk.out)?;
            desk.out.clear();
        }
        counted?;
        if self.post.is_awaited() {
            if self.promises || self.post.is_lasting() {
                lock(sink).sync()?;
            }
            self.post.release();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::zmtp::wait;

    /// A post whose polls are a function.
    struct Fake<F>(F);

    impl<F: FnMut(&mut [Watch<'_>], Option<Duration>) -> u64> Post for Fake<F> {
        fn sources(&self) -> Vec<String> {
            Vec::new()
        }

        fn poll(
            &mut self,
            _desk: &mut Desk,
            watches: &mut [Watch<'_>],
            timeout: Option<Duration>,
        ) -> Result<u64> {
            Ok((self.0)(watches, timeout))
        }

        fn stop_listening(&mut self) {}
    }

    fn station<P: Post>(post: P, tick: Option<Duration>, shutdown: &Shutdown) -> Station<P> {
        let args = RecvArgs::parse_from(["dl-recv", "-"]);
        let meters = Meters::default();
        let station = Station::new(post, &args, false, tick, shutdown.clone(), &meters);
        station.expect("a station")
    }

    /// Fails when it is looked after.
    struct Ticking;

    impl Sink for Ticking {
        fn write(&mut self, _lines: &[u8]) -> Result<()> {
            Ok(())
        }

        fn tick(&mut self) -> Result<()> {
            Err(Error::ReaderLeft)
        }

        fn finish(&mut self) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_sink_is_looked_after_while_records_come_without_end() {
        let shutdown = Shutdown::on_signals().expect("signals");
        let (began, asker) = (Instant::now(), shutdown.clone());
        let busy = Fake(move |_: &mut [Watch<'_>], _| {
            if began.elapsed() > Duration::from_secs(10) {
                asker.ask();
            }
            1
        });
        let station = station(busy, Some(Duration::from_millis(1)), &shutdown);
        let sink: Box<dyn Sink> = Box::new(Ticking);
        let (_, ended) = station.run(&Mutex::new(sink));
        assert!(matches!(ended, Err(Error::ReaderLeft)));
    }

    #[test]
    fn a_wait_that_begins_after_the_request_to_end_is_none() {
        let shutdown = Shutdown::on_signals().expect("signals");
        let mut is_told = false;
        let waiting = Fake(|watches: &mut [Watch<'_>], timeout| {
            wait(Vec::new(), watches, timeout, &mut Vec::new()).expect("a wait");
            is_told = watches.iter().any(Watch::is_ready);
            0
        });
        let mut station = station(waiting, None, &shutdown);
        shutdown.ask();
        station.poll(Some(DRAIN)).expect("a poll");
        drop(station);
        assert!(is_told);
    }
}
