//! The listeners of dl-recv that are not ZeroMQ's.

use std::time::Duration;

use super::{
    Program, RecvArgs, Result, Settings,
    desk::{Desk, Origin, quoted},
    say,
    station::Post,
    warnings::lost,
    wire::Wire,
};
use crate::{
    endpoint::Listen,
    source::net::{Event, Peer, Refusal, Server},
    zmtp::Watch,
};

/// Bound endpoints and what comes in there.
pub(super) struct Listeners {
    server: Server,
    clerk: Clerk,
}

/// Takes what happens.
struct Clerk {
    counters: Vec<Counter>,
}

/// An endpoint.
struct Counter {
    wire: Wire,
    name: String,
    /// The name as JSON.
    quoted: String,
}

impl Listeners {
    pub(super) fn bind(
        endpoints: Vec<Listen>,
        args: &RecvArgs,
        settings: &Settings,
    ) -> Result<Self> {
        let tls = args.security.tls(&endpoints)?;
        let server = Server::bind(endpoints, args.net.limits(&args.lines), tls)?;
        let counters = server.endpoints().iter().map(|listen| {
            let name = listen.to_string();
            say(RecvArgs::NAME, &format!("listening on {name}"));
            Counter {
                wire: Wire::new(listen, settings, &args.net, &args.lines),
                quoted: quoted(&name),
                name,
            }
        });
        let counters = counters.collect();
        Ok(Self {
            server,
            clerk: Clerk { counters },
        })
    }
}

impl Post for Listeners {
    fn sources(&self) -> Vec<String> {
        let counters = self.clerk.counters.iter();
        counters.map(|counter| counter.name.clone()).collect()
    }

    fn poll(
        &mut self,
        desk: &mut Desk,
        watches: &mut [Watch<'_>],
        timeout: Option<Duration>,
    ) -> Result<u64> {
        let clerk = &mut self.clerk;
        self.server.poll(watches, timeout, &mut |event| {
            clerk.take(event, desk);
            desk.flow()
        })
    }

    fn stop_listening(&mut self) {
        self.server.stop_listening();
    }

    fn is_awaited(&self) -> bool {
        self.server.holds_replies()
    }

    fn is_held_back(&self) -> bool {
        // Datagrams are dropped where there is no room for them.
        !self.server.takes_datagrams()
    }

    fn release(&mut self) {
        self.server.release();
    }

    fn close(&mut self, desk: &mut Desk) {
        let clerk = &mut self.clerk;
        self.server.close_all(&mut |event| {
            clerk.take(event, desk);
            desk.flow()
        });
    }

    fn tell(&self) {
        for (endpoint, dropped) in self.server.dropped() {
            let were = match dropped {
                0 => continue,
                1 => "1 datagram was".to_owned(),
                _ => format!("{dropped} datagrams were"),
            };
            let words = format!(
                "{endpoint}: {were} dropped by the system, because the output was not taken in time"
            );
            say(RecvArgs::NAME, &words);
        }
    }
}

impl Clerk {
    fn take(&mut self, event: Event<'_>, desk: &mut Desk) {
        match event {
            Event::Message {
                endpoint,
                peer,
                number,
                bytes,
            } => {
                let Counter { wire, quoted, .. } = &mut self.counters[endpoint];
                let marks = wire.marks();
                let origin = origin(endpoint, quoted, peer, number);
                wire.message(bytes, &mut desk.message(origin, bytes.len(), marks));
            }
            Event::Request {
                endpoint,
                peer,
                number,
                request,
                body,
                reply,
            } => {
                let Counter { wire, quoted, .. } = &mut self.counters[endpoint];
                let marks = wire.marks();
                let bytes = wire.content(request, body).len();
                let mut message =
                    desk.message(origin(endpoint, quoted, peer, number), bytes, marks);
                if let Some(wrong) = wire.request(request, body, reply, &mut message) {
                    self.warn(desk, endpoint, peer, &wrong);
                }
            }
            Event::Lost {
                endpoint,
                peer,
                bytes,
                reason,
            } => {
                desk.lost(endpoint, peer.name(), bytes, &reason.to_string());
                if matches!(reason, Refusal::Left | Refusal::Ended) {
                    let words = format!("{reason}, {}", lost(bytes.len()));
                    self.warn(desk, endpoint, peer, &words);
                } else if matches!(reason, Refusal::Chunks { .. } | Refusal::TooManyOpen { .. }) {
                    self.warn(desk, endpoint, peer, &reason.to_string());
                }
            }
            Event::Refused {
                endpoint,
                peer,
                reason,
            } => self.warn(desk, endpoint, peer, &reason.to_string()),
            Event::Crowded { endpoint, error } => {
                let name = &self.counters[endpoint].name;
                let words = match error {
                    None => format!("{name}: no more connections for now (--max-connections)"),
                    Some(error) => format!("{name}: no more connections for now: {error}"),
                };
                desk.warn(name, &words);
            }
        }
    }

    fn warn(&self, desk: &mut Desk, endpoint: usize, peer: &Peer, words: &str) {
        let name = &self.counters[endpoint].name;
        desk.warn(peer.name(), &format!("{name}: {peer}: {words}"));
    }
}

fn origin<'a>(source: usize, endpoint: &'a str, peer: &'a Peer, number: u64) -> Origin<'a> {
    Origin {
        source,
        endpoint: Some(endpoint),
        peer: peer.name(),
        client: peer.client(),
        topic: None,
        number,
        replayed: false,
    }
}
