//! Outlets: the open destinations, each with what is to be written to it next.

use std::{
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{
    cli::{Program, filter::FilterArgs, report, say},
    endpoint::Endpoint,
    error::{Error, Result},
    route::Destination,
    shutdown::Shutdown,
    sink::{self, Rotation, Sink, SinkOptions},
};

/// How destinations are opened.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    pub(super) linger: Duration,
    pub(super) shutdown: Shutdown,
    /// True after the start, when a command that cannot be run must not end the program.
    pub(super) patient: bool,
}

/// An open destination.
pub(super) struct Outlet {
    destination: Destination,
    sink: Box<dyn Sink>,
    /// Whole lines that wait to be written together.
    pub(super) out: Vec<u8>,
    /// True once it has failed, which is told: that it cannot be finished either is no news.
    failed: bool,
}

/// What has become of an outlet that is finished.
struct Finished {
    destination: Destination,
    result: Result<()>,
    /// Records that it got and did not deliver.
    undelivered: u64,
}

/// All destinations of the rules in force, in their order.
pub(super) struct Outlets {
    all: Vec<Outlet>,
    /// Destinations that other rules have left behind: each is finished on a thread of its
    /// own, so that one that is dead does not hold up the records of the others.
    retired: Vec<JoinHandle<Finished>>,
    /// What was not delivered by those that are finished.
    undelivered: Vec<(Destination, u64)>,
    opening: Opening,
    ticked: Instant,
    /// True once something has failed that a message has told.
    pub(super) failed: bool,
}

impl Outlets {
    /// Opens all destinations, or none.
    pub(super) fn open(destinations: &[Destination], opening: Opening) -> Result<Self> {
        let mut outlets = Self {
            all: Vec::new(),
            retired: Vec::new(),
            undelivered: Vec::new(),
            opening,
            ticked: Instant::now(),
            failed: false,
        };
        outlets.change(destinations)?;
        outlets.opening.patient = true;
        Ok(outlets)
    }

    /// Opens destinations that are new, keeps those that were there, and begins to finish those
    /// that are gone. If one cannot be opened, everything stays as it was.
    pub(super) fn change(&mut self, destinations: &[Destination]) -> Result<()> {
        let mut fresh = Vec::new();
        for destination in destinations {
            if self
                .all
                .iter()
                .any(|outlet| outlet.destination == *destination)
            {
                continue;
            }
            match open(destination, &self.opening) {
                Ok(outlet) => fresh.push(outlet),
                Err(error) => {
                    join(finish(fresh));
                    return Err(error);
                }
            }
        }
        let mut old = std::mem::take(&mut self.all);
        for destination in destinations {
            let of = |outlet: &Outlet| outlet.destination == *destination;
            let pool = if old.iter().any(of) {
                &mut old
            } else {
                &mut fresh
            };
            if let Some(at) = pool.iter().position(of) {
                self.all.push(pool.remove(at));
            }
        }
        self.retired.extend(finish(old));
        Ok(())
    }

    /// Says what went wrong with destinations of old rules, as soon as they are finished.
    fn bury(&mut self) {
        let handles = std::mem::take(&mut self.retired);
        let (done, running) = handles.into_iter().partition(JoinHandle::is_finished);
        self.retired = running;
        for error in self.collect(done) {
            report(FilterArgs::NAME, &error);
            self.failed = true;
        }
    }

    /// Waits for outlets and notes what they have not delivered.
    fn collect(&mut self, handles: Vec<JoinHandle<Finished>>) -> Vec<Error> {
        let mut errors = Vec::new();
        for finished in join(handles) {
            if finished.undelivered > 0 {
                self.undelivered
                    .push((finished.destination, finished.undelivered));
            }
            errors.extend(finished.result.err());
        }
        errors
    }

    /// The records that a destination got and did not deliver; complete after `finish`.
    pub(super) fn undelivered(&self) -> &[(Destination, u64)] {
        &self.undelivered
    }

    /// What waits for the destination of that number.
    pub(super) fn out(&mut self, number: usize) -> &mut Vec<u8> {
        &mut self.all[number].out
    }

    /// Writes all that waits, to every destination, even if one fails; then that is the error.
    /// Of several, the others are told at once.
    pub(super) fn write(&mut self) -> Result<()> {
        let mut first = Ok(());
        for outlet in &mut self.all {
            if outlet.out.is_empty() {
                continue;
            }
            let written = outlet.sink.write(&outlet.out);
            outlet.out.clear();
            outlet.failed |= written.is_err();
            first = worst(first, written);
        }
        if self.ticked.elapsed() >= sink::TICK {
            first = worst(first, self.tick());
        }
        first
    }

    /// Looks after connections and processes.
    pub(super) fn tick(&mut self) -> Result<()> {
        self.ticked = Instant::now();
        self.bury();
        let ticks = self.all.iter_mut().map(|outlet| {
            let ticked = outlet.sink.tick();
            outlet.failed |= ticked.is_err();
            ticked
        });
        ticks.fold(Ok(()), worst)
    }

    /// Delivers everything everywhere, in the time that there is for all of it together.
    pub(super) fn finish(&mut self) -> Result<()> {
        let mut handles = std::mem::take(&mut self.retired);
        handles.extend(finish(std::mem::take(&mut self.all)));
        let errors = self.collect(handles);
        errors.into_iter().map(Err).fold(Ok(()), worst)
    }
}

fn open(destination: &Destination, opening: &Opening) -> Result<Outlet> {
    let options = SinkOptions {
        rotation: Some(Rotation::default()),
        retention: None,
        topic: destination.topic.clone(),
        security: crate::zmtp::Security::Null,
        linger: opening.linger,
        // A rule that comes later may send records there.
        stdout_taken: true,
        batch: None,
        wire: sink::Wire::default(),
        refuse: None,
        patient: opening.patient,
        shutdown: opening.shutdown.clone(),
        say: Box::new(|words| say(FilterArgs::NAME, &words)),
    };
    Ok(Outlet {
        destination: destination.clone(),
        sink: sink::open(&destination.endpoint, options)?,
        out: Vec::new(),
        failed: false,
    })
}

/// Begins to finish outlets side by side, because each may take its whole time.
fn finish(outlets: Vec<Outlet>) -> Vec<JoinHandle<Finished>> {
    let work = |mut outlet: Outlet| {
        let finished = outlet.sink.finish();
        Finished {
            undelivered: outlet.sink.undelivered(),
            result: if outlet.failed { Ok(()) } else { finished },
            destination: outlet.destination,
        }
    };
    let start = |outlet| thread::spawn(move || work(outlet));
    outlets.into_iter().map(start).collect()
}

/// Waits until outlets are finished.
fn join(handles: Vec<JoinHandle<Finished>>) -> Vec<Finished> {
    let ends = handles.into_iter().map(JoinHandle::join);
    ends.filter_map(Result::ok).collect()
}

/// The first failure, or else the departure of a reader; a second failure is told at once.
pub(super) fn worst(first: Result<()>, next: Result<()>) -> Result<()> {
    match (first, next) {
        (Err(Error::ReaderLeft), Err(next)) => Err(next),
        (Err(first), Err(next)) => {
            if !matches!(next, Error::ReaderLeft) {
                report(FilterArgs::NAME, &next);
            }
            Err(first)
        }
        (Ok(()), next) => next,
        (first, Ok(())) => first,
    }
}

/// The endpoints of destinations.
pub(super) fn endpoints(destinations: &[Destination]) -> Vec<Endpoint> {
    let endpoints = destinations.iter().map(|to| to.endpoint.clone());
    endpoints.collect()
}
