//! How a receiver behaves.

use crate::zmtp::{Heartbeat, Limits, Security};

/// How a [`Pull`](super::Pull) behaves.
#[derive(Debug, Clone)]
pub struct PullOptions {
    /// What peers may cost.
    pub limits: Limits,
    /// Our own PINGs; none by default. Peers' PINGs are always answered.
    pub heartbeat: Option<Heartbeat>,
    /// Permissions of an `ipc` address's socket file; 0600 by default.
    pub ipc_mode: u32,
    /// How those are known that connect to us.
    pub listening: Security,
    /// How those are known that we connect to.
    pub dialing: Security,
}

impl Default for PullOptions {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            heartbeat: None,
            ipc_mode: 0o600,
            listening: Security::Null,
            dialing: Security::Null,
        }
    }
}
