//! How connections end, and what is told of what they leave.

use std::{ops::ControlFlow, time::Instant};

use super::Server;
use crate::source::net::{
    Event, Refusal,
    connection::{End, OnEvent},
};

impl Server {
    /// Closes everything, and tells what had come of messages that are not complete. The last
    /// step of an orderly end.
    pub fn close_all(&mut self, on_event: &mut OnEvent<'_>) {
        let now = Instant::now();
        for mut connection in self.connections.drain(..) {
            if let Some(bytes) = connection.unfinished() {
                // All are told, whatever the caller says.
                let _ = on_event(Event::Lost {
                    endpoint: connection.endpoint,
                    peer: &connection.peer,
                    bytes,
                    reason: &Refusal::Ended,
                });
            }
            connection.part();
        }
        self.common.held = 0;
        for datagrams in &mut self.datagrams {
            datagrams.give_up(&mut self.common.turn(now, on_event));
        }
    }

    /// Removes the connections that ended and tells the caller about all of them, even if it
    /// breaks in between: they could not be told later.
    pub(super) fn close(
        &mut self,
        now: Instant,
        mut ended: Vec<(usize, End)>,
        on_event: &mut OnEvent<'_>,
    ) -> ControlFlow<()> {
        let mut flow = ControlFlow::Continue(());
        // From the last to the first, so that the remaining indices stay right.
        ended.sort_unstable_by_key(|(index, _)| std::cmp::Reverse(*index));
        for (index, end) in ended {
            let connection = &mut self.connections[index];
            let (endpoint, peer) = (connection.endpoint, &connection.peer);
            let reason = match &end {
                End::Refused(reason) => reason,
                End::Left => &Refusal::Left,
            };
            if let Some(bytes) = connection.unfinished() {
                let lost = on_event(Event::Lost {
                    endpoint,
                    peer,
                    bytes,
                    reason,
                });
                flow = if lost.is_break() { lost } else { flow };
            }
            let held = connection.held();
            if let End::Refused(reason) = &end {
                let told = on_event(Event::Refused {
                    endpoint,
                    peer,
                    reason,
                });
                flow = if told.is_break() { told } else { flow };
                if connection.answer(reason, now) {
                    self.common.held = (self.common.held + connection.held()).saturating_sub(held);
                    continue;
                }
            }
            self.common.held = self.common.held.saturating_sub(held);
            self.connections.swap_remove(index);
            // A descriptor is free again.
            self.paused = None;
        }
        flow
    }
}
