//! Everything that dl-recv listens at, each kind in a thread of its own.

use std::{
    sync::Mutex,
    thread::{Scope, ScopedJoinHandle},
    time::Duration,
};

use super::{
    Error, Ledger, Program, RecvArgs, Result, Settings, Shutdown, listen::Listeners,
    network::Network, say,
};
use crate::{
    endpoint::{Endpoint, Listen},
    sink::Sink,
    zmtp::{Address, Pull, PullOptions},
};

/// What the arguments name that is listened at.
#[derive(Debug, Default)]
pub(super) struct Places {
    pull: Vec<Address>,
    listen: Vec<Listen>,
}

impl Places {
    /// Takes an endpoint, or gives it back if it is read instead.
    pub(super) fn take(&mut self, endpoint: Endpoint) -> Result<Option<Endpoint>> {
        let failed = |error: crate::zmtp::Error| Error::Failed(error.to_string());
        match endpoint {
            Endpoint::ZeroMq(address) => {
                self.pull.push(Address::parse(&address).map_err(failed)?);
            }
            Endpoint::Listen(listen) => self.listen.push(listen),
            input => return Ok(Some(input)),
        }
        Ok(None)
    }
}

/// What is bound, ready to receive.
pub(super) struct Sockets {
    pull: Option<Network>,
    listeners: Option<Listeners>,
}

/// The threads that receive.
pub(super) struct Threads<'s>(Vec<ScopedJoinHandle<'s, Result<Ledger>>>);

impl Sockets {
    /// Binds all places, or none, and says where.
    pub(super) fn bind(
        places: Places,
        args: &RecvArgs,
        settings: &Settings,
        to_stdout: bool,
        tick: Option<Duration>,
        shutdown: &Shutdown,
    ) -> Result<Self> {
        let pull = if places.pull.is_empty() {
            None
        } else {
            let pull = Pull::bind(&places.pull, PullOptions::default())
                .map_err(|error| Error::Failed(error.to_string()))?;
            for address in pull.local_addresses() {
                say(RecvArgs::NAME, &format!("listening on {address}"));
            }
            Some(Network::new(
                pull,
                &args.lines,
                !args.no_stamp,
                to_stdout,
                tick,
                shutdown.clone(),
            )?)
        };
        let listeners = if places.listen.is_empty() {
            None
        } else {
            Some(Listeners::bind(
                places.listen,
                args,
                settings,
                to_stdout,
                tick,
                shutdown.clone(),
            )?)
        };
        Ok(Self { pull, listeners })
    }

    /// Receives in threads of `scope` until the program is asked to end. If one of them fails,
    /// all the others are asked to end too: there is no use in reading on when nothing can be
    /// written.
    pub(super) fn start<'s>(
        self,
        scope: &'s Scope<'s, '_>,
        sink: &'s Mutex<Box<dyn Sink>>,
        shutdown: &'s Shutdown,
    ) -> Threads<'s> {
        let ask = move |received: Result<Ledger>| {
            if received.is_err() {
                shutdown.ask();
            }
            received
        };
        let pull = self
            .pull
            .map(|network| scope.spawn(move || ask(network.run(sink))));
        let listeners = self
            .listeners
            .map(|listeners| scope.spawn(move || ask(listeners.run(sink))));
        Threads(pull.into_iter().chain(listeners).collect())
    }
}

impl Threads<'_> {
    /// Waits for the end of all; what they have counted together, if there was any.
    pub(super) fn join(self) -> Result<Option<Ledger>> {
        let mut sum: Option<Ledger> = None;
        let mut failed = None;
        for thread in self.0 {
            let died = |_| Err(Error::Failed("a network thread has died".into()));
            match (thread.join().unwrap_or_else(died), &mut sum) {
                (Ok(ledger), Some(sum)) => sum.merge(ledger),
                (Ok(ledger), None) => sum = Some(ledger),
                (Err(error), _) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(sum), Err)
    }
}
