//! The outgoing connections of a SUB socket, and how any connection begins.

use std::{ops::ControlFlow, time::Instant};

use super::Pull;
use crate::zmtp::{Event, Peer, Security, Session, connection::Connection, stream::Stream};

impl Pull {
    fn session(&self, security: &Security) -> Session {
        Session::secured(
            self.ours,
            &self.topics,
            self.options.limits.clone(),
            security,
        )
    }

    /// Goes on with outgoing connections.
    pub(super) fn dial(
        &mut self,
        now: Instant,
        on_event: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for index in 0..self.dials.len() {
            let dial = &mut self.dials[index];
            let address = dial.address().clone();
            match dial.step(now, self.options.limits.handshake) {
                Ok(None) => {}
                Ok(Some(stream)) => {
                    let security = self.options.dialing.of(&address);
                    let name = (address.to_string(), self.listeners.len() + index);
                    self.welcome(stream, name, Some(index), &security, now);
                }
                Err(error) => on_event(Event::Absent {
                    address: &address,
                    error: &error,
                })?,
            }
        }
        ControlFlow::Continue(())
    }

    pub(super) fn welcome(
        &mut self,
        stream: Stream,
        (name, place): (String, usize),
        dial: Option<usize>,
        security: &Security,
        now: Instant,
    ) {
        self.stats.accepted += 1;
        let peer = Peer::new(self.stats.accepted, name, place);
        let session = self.session(security);
        let session = if dial.is_none() {
            session.listening()
        } else {
            session
        };
        let mut connection = Connection::new(stream, peer, session, dial, now);
        // Our greeting; a connection that is broken already shows it when it is read.
        let _ = connection.write_replies();
        self.connections.push(connection);
    }
}
