//! Everything that dl-recv listens at, each kind in a thread of its own.

use std::{
    sync::Mutex,
    thread::{Scope, ScopedJoinHandle},
    time::Duration,
};

use super::{
    Error, Ledger, Program, RecvArgs, Result, Settings, Shutdown, listen::Listeners,
    network::Network, say, security::SecurityArgs, station::Station, streams::Streams,
};
use crate::{
    cli::meters::Meters,
    endpoint::{Endpoint, Listen, NatsAt, Protocol, Subscribe},
    sink::Sink,
    zmtp::{Address, Pull, PullOptions},
};

/// What the arguments name that is listened at.
#[derive(Debug, Default)]
pub(super) struct Places {
    pull: Vec<Address>,
    subscribe: Vec<Subscribe>,
    listen: Vec<Listen>,
    streams: Vec<NatsAt>,
}

impl Places {
    /// True if there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.pull.is_empty()
            && self.subscribe.is_empty()
            && self.listen.is_empty()
            && self.streams.is_empty()
    }

    /// True if syslog is heard at some of them.
    pub(super) fn have_syslog(&self) -> bool {
        let mut protocols = self.listen.iter().map(|listen| listen.protocol);
        protocols.any(|protocol| protocol == Protocol::Syslog)
    }

    /// True if some of them are streams of NATS.
    pub(super) fn has_streams(&self) -> bool {
        !self.streams.is_empty()
    }

    /// Refuses places that are open to more than they should be, before anything is bound.
    pub(super) fn check(&self, security: &SecurityArgs, output: &Endpoint) -> Result<()> {
        let bound = self.subscribe.iter().filter(|subscribe| subscribe.bind);
        for subscribe in bound {
            let name = format!("sub+{}", subscribe.address);
            security.check_zeromq(&name, &subscribe.address)?;
        }
        for address in &self.pull {
            let name = address.to_string();
            security.check_zeromq(&name, &name)?;
        }
        for listen in &self.listen {
            security.check_listener(listen)?;
        }
        security.check_use(&self.listen, output)?;
        let over_tcp = |bound: bool| {
            let mut all = self.subscribe.iter().filter(|one| one.bind == bound);
            all.any(|one| one.address.starts_with("tcp://"))
        };
        let pulls = self.pull.iter();
        let mut pulls = pulls.filter(|address| matches!(address, Address::Tcp { .. }));
        security.check_curve(over_tcp(true) || pulls.next().is_some(), over_tcp(false))
    }

    /// Takes an endpoint, or gives it back if it is read instead.
    pub(super) fn take(&mut self, endpoint: Endpoint) -> Result<Option<Endpoint>> {
        match endpoint {
            Endpoint::ZeroMq(address) => {
                self.pull
                    .push(Address::parse(&address).map_err(|error| failed(&error))?);
            }
            Endpoint::Subscribe(subscribe) => {
                // A wrong address is told before anything is bound.
                Address::parse(&subscribe.address).map_err(|error| failed(&error))?;
                self.subscribe.push(subscribe);
            }
            Endpoint::Listen(listen) => self.listen.push(listen),
            Endpoint::Nats(at) => self.streams.push(at),
            input => return Ok(Some(input)),
        }
        Ok(None)
    }
}

/// What is bound, ready to receive.
pub(super) struct Sockets {
    zeromq: Vec<Station<Network>>,
    listeners: Option<Station<Listeners>>,
    streams: Vec<Station<Streams>>,
}

/// The threads that receive.
pub(super) struct Threads<'s>(Vec<ScopedJoinHandle<'s, (Ledger, Result<()>)>>);

impl Sockets {
    /// Binds all places, or none, and says where.
    pub(super) fn bind(
        places: Places,
        args: &RecvArgs,
        settings: &Settings,
        to_stdout: bool,
        tick: Option<Duration>,
        shutdown: &Shutdown,
        meters: &Meters,
    ) -> Result<Self> {
        let mut zeromq = Vec::new();
        let (listening, dialing) = args.security.curve()?;
        let options = PullOptions {
            listening,
            dialing,
            ..PullOptions::default()
        };
        let mut add = |socket: Pull, connected: Option<&Address>, prefix: &'static str| {
            for address in socket.local_addresses() {
                say(RecvArgs::NAME, &format!("listening on {prefix}{address}"));
            }
            let network = Network::new(socket, connected, prefix);
            zeromq.push(Station::new(
                network,
                args,
                to_stdout,
                tick,
                shutdown.clone(),
                meters,
            )?);
            Ok::<(), Error>(())
        };
        if !places.pull.is_empty() {
            let pull = Pull::bind(&places.pull, options.clone());
            add(pull.map_err(|error| failed(&error))?, None, "")?;
        }
        for Subscribe {
            address,
            topics,
            bind,
            ..
        } in places.subscribe
        {
            let failed = |error: &crate::zmtp::Error| Error::Failed(format!("sub+{error}"));
            let address = Address::parse(&address).map_err(|error| failed(&error))?;
            let one = std::slice::from_ref(&address);
            let (bound, connected): (&[_], &[_]) = if bind { (one, &[]) } else { (&[], one) };
            let subscribed = Pull::subscribe(bound, connected, topics, options.clone());
            add(
                subscribed.map_err(|error| failed(&error))?,
                connected.first(),
                "sub+",
            )?;
        }
        let listeners = if places.listen.is_empty() {
            None
        } else {
            let listeners = Listeners::bind(places.listen, args, settings)?;
            Some(Station::new(
                listeners,
                args,
                to_stdout,
                tick,
                shutdown.clone(),
                meters,
            )?)
        };
        let streams = places.streams.into_iter().map(|at| {
            let streams = Streams::start(args.grouping.plan(at), shutdown.clone())?;
            Station::new(streams, args, to_stdout, tick, shutdown.clone(), meters)
        });
        Ok(Self {
            zeromq,
            listeners,
            streams: streams.collect::<Result<_>>()?,
        })
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
        let ask = move |(ledger, received): (Ledger, Result<()>)| {
            if received.is_err() {
                shutdown.ask();
            }
            (ledger, received)
        };
        let zeromq = self
            .zeromq
            .into_iter()
            .map(|network| scope.spawn(move || ask(network.run(sink))));
        let mut threads: Vec<_> = zeromq.collect();
        let listeners = self
            .listeners
            .map(|listeners| scope.spawn(move || ask(listeners.run(sink))));
        threads.extend(listeners);
        let streams = self.streams.into_iter();
        threads.extend(streams.map(|stream| scope.spawn(move || ask(stream.run(sink)))));
        Threads(threads)
    }
}

impl Threads<'_> {
    /// Waits for the end of all; what they have counted together, if there was any, and the first that went wrong.
    pub(super) fn join(self) -> (Option<Ledger>, Result<()>) {
        let (mut sum, mut ended): (Option<Ledger>, _) = (None, Ok(()));
        for thread in self.0 {
            let Ok((ledger, received)) = thread.join() else {
                let died = Error::Failed("a network thread has died".into());
                ended = ended.and(Err(died));
                continue;
            };
            match &mut sum {
                Some(sum) => sum.merge(ledger),
                None => sum = Some(ledger),
            }
            ended = ended.and(received);
        }
        (sum, ended)
    }
}

fn failed(error: &crate::zmtp::Error) -> Error {
    Error::Failed(error.to_string())
}
