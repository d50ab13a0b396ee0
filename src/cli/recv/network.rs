//! The ZeroMQ sockets of dl-recv.

use std::time::Duration;

use super::{
    Error, Program, RecvArgs, Result,
    desk::{Desk, Origin},
    say,
    station::Post,
    warnings::lost,
};
use crate::{
    decode::{
        format::Take,
        frames::{FrameDecoder, Parts},
    },
    zmtp::{Address, Event, Pull, Watch},
};

/// A socket and what its messages become.
pub(super) struct Network {
    pull: Pull,
    /// The addresses, by the places that peers come in at.
    names: Vec<String>,
    clerk: Clerk,
}

/// Takes what happens.
struct Clerk {
    decoder: FrameDecoder,
    /// `sub+` for a SUB socket, whose connections are told of, because they are ours.
    prefix: &'static str,
}

impl Network {
    /// `connected` is the address that a SUB socket is connected to instead of being bound.
    pub(super) fn new(pull: Pull, connected: Option<&Address>, prefix: &'static str) -> Self {
        let all = pull.local_addresses().chain(connected);
        let names = all.map(|address| format!("{prefix}{address}")).collect();
        Self {
            pull,
            names,
            clerk: Clerk {
                decoder: FrameDecoder::default(),
                prefix,
            },
        }
    }
}

impl Post for Network {
    fn sources(&self) -> Vec<String> {
        self.names.clone()
    }

    fn poll(
        &mut self,
        desk: &mut Desk,
        watches: &mut [Watch<'_>],
        timeout: Option<Duration>,
    ) -> Result<u64> {
        let clerk = &mut self.clerk;
        self.pull
            .poll(watches, timeout, &mut |event| {
                clerk.take(&event, desk);
                desk.flow()
            })
            .map_err(|error| Error::Failed(error.to_string()))
    }

    fn stop_listening(&mut self) {
        self.pull.stop_listening();
    }

    fn is_held_back(&self) -> bool {
        // A publisher drops what a subscriber does not take, but not for so little.
        true
    }
}

impl Clerk {
    fn take(&mut self, event: &Event<'_>, desk: &mut Desk) {
        match event {
            Event::Message {
                peer,
                number,
                message,
            } => {
                let mut frames = message.frames();
                let mut origin = Origin {
                    source: peer.place(),
                    endpoint: None,
                    peer: peer.name(),
                    client: peer.client(),
                    topic: None,
                    number: *number,
                    replayed: false,
                };
                let decoded = Parts::new(&mut frames).and_then(|parts| {
                    origin.topic = parts.topic;
                    self.decoder.decode(&parts)
                });
                let length = message.wire_len();
                match decoded {
                    Ok(text) => {
                        let mut message = desk.message(origin, length, false);
                        if text.is_made {
                            message.made(text.json);
                        } else {
                            message.record(text.json);
                        }
                    }
                    Err(error) => {
                        let body = message.frames().last().unwrap_or_default();
                        desk.message(origin, length, false)
                            .reject(body, &error.to_string());
                    }
                }
            }
            Event::Connected { peer } => {
                self.notice(desk, peer.name(), &format!("{peer}: connected"));
            }
            Event::Absent { address, error } => {
                let error = crate::zmtp::lower(error);
                self.notice(
                    desk,
                    &address.to_string(),
                    &format!("{address}: cannot connect yet: {error}"),
                );
            }
            Event::Disconnected {
                peer, unfinished, ..
            } => {
                self.notice(
                    desk,
                    peer.name(),
                    &format!("{peer}: the publisher has left"),
                );
                if *unfinished > 0 {
                    let words = format!("{peer}: left within a message, {}", lost(*unfinished));
                    desk.warn(peer.name(), &words);
                }
            }
            Event::Rejected { peer, reason } => {
                desk.warn(peer.name(), &format!("{peer}: {reason}"));
            }
            Event::Crowded { address, .. } => say(
                RecvArgs::NAME,
                &format!("{address}: no more connections for now"),
            ),
        }
    }

    /// Tells what has become of a connection of a SUB socket.
    fn notice(&self, desk: &mut Desk, peer: &str, words: &str) {
        if !self.prefix.is_empty() {
            desk.warn(peer, &format!("{}{words}", self.prefix));
        }
    }
}
