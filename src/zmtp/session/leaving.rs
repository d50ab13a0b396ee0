//! What it tells that a peer leaves.

use super::{Mechanism, Refusal, Session, Stage};

impl Session {
    /// What it means if the peer leaves now, where that tells something; `heard` says that a part
    /// of its greeting has come.
    pub(in crate::zmtp) fn left(&self, heard: bool) -> Option<Refusal> {
        let greeted = self.stage != Stage::Greeting;
        Some(Refusal::Curve(match self.mechanism {
            // libzmq does so as soon as it has seen our greeting, before it has sent all of its own.
            Mechanism::Client(_) if heard && !greeted => {
                "left within the greeting, as a peer does that has no CURVE"
            }
            // It has not seen what we have.
            Mechanism::Server(_) if heard && !greeted => "left within the greeting",
            Mechanism::Server(_) if greeted => "left within the handshake",
            Mechanism::Shaking(_) => {
                "left within the handshake, as a server does that has another key"
            }
            _ => return None,
        }))
    }
}
