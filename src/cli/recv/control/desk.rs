//! Where `dl-ctl` asks: REQ and REP of the crate `zeromq`, one JSON object each.

use std::{
    os::unix::net::UnixListener,
    time::{Duration, Instant},
};

use tokio::time::{sleep, timeout};
use zeromq::{RepSocket, Socket, SocketRecv, SocketSend, ZmqMessage};

use super::{super::lock, Shared, failed, tell};
use crate::{
    control::{
        Wish,
        message::{Command, Reply, Request, VERSION},
    },
    error::Result,
    render::{duration, sanitize},
    zmtp::IpcPath,
};

/// How long somebody who asks may take to take the reply.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest question: the ids of all rules there can be are a few kilobytes.
const LONGEST: usize = 64 << 10;

/// The bound path.
pub(super) struct Front {
    listener: UnixListener,
    claim: IpcPath,
}

/// The socket that answers.
pub(super) struct Desk {
    socket: RepSocket,
    /// Keeps the claim on the path.
    _claim: IpcPath,
}

impl Front {
    pub(super) fn new(listener: UnixListener, claim: IpcPath) -> Self {
        Self { listener, claim }
    }

    /// Begins to listen; has to be called in the runtime.
    pub(super) async fn open(self) -> Result<Desk> {
        let mut socket = RepSocket::new();
        socket.bind_listener(self.listener).await.map_err(failed)?;
        Ok(Desk {
            socket,
            _claim: self.claim,
        })
    }
}

impl Desk {
    /// Answers for ever.
    pub(super) async fn answer(&mut self, shared: &Shared) {
        loop {
            let Ok(message) = self.socket.recv().await else {
                // The crate tells so of each peer that has left, or that speaks something else.
                sleep(Duration::from_millis(1)).await;
                continue;
            };
            let reply = reply(&message, shared);
            let bytes = serde_json::to_vec(&reply).unwrap_or_default();
            // Who does not wait for the reply does not get it.
            let _ = timeout(PATIENCE, self.socket.send(ZmqMessage::from(bytes))).await;
        }
    }

    pub(super) async fn close(self) {
        self.socket.close().await;
    }
}

fn reply(message: &ZmqMessage, shared: &Shared) -> Reply {
    understood(message)
        .and_then(|command| done(command, shared))
        .unwrap_or_else(|error| Reply::Failed {
            distlog: VERSION,
            error,
        })
}

fn understood(message: &ZmqMessage) -> Result<Command, String> {
    let frame = message.get(0).filter(|_| message.len() == 1);
    let frame = frame.ok_or("expected a message of one frame")?;
    if frame.len() > LONGEST {
        return Err("the question is too long".into());
    }
    let request: Request =
        serde_json::from_slice(frame).map_err(|wrong| format!("not understood: {wrong}"))?;
    if request.distlog != VERSION {
        let asked = request.distlog;
        return Err(format!(
            "version {asked} of the protocol is asked for, and this is {VERSION}"
        ));
    }
    Ok(request.command)
}

fn done(command: Command, shared: &Shared) -> Result<Reply, String> {
    let now = Instant::now();
    let mut book = lock(&shared.book);
    let mut said = Vec::new();
    let is_change = matches!(command, Command::Set { .. } | Command::Clear { .. });
    let rules = match command {
        Command::Set { rule } => {
            let set = book.set(rule, now)?;
            if !set.rule.dry_run {
                said.push(format!("rule {}: {}", set.id, words(&set.rule)));
            }
            vec![set]
        }
        Command::List => book.list(now),
        Command::Show { ids } => book.show(&ids, now),
        Command::Clear { ids, dry_run } => {
            let cleared = book.clear(&ids, dry_run, now)?;
            if !dry_run {
                let cleared = cleared.iter().filter(|rule| !rule.rule.dry_run);
                said.extend(cleared.map(|rule| format!("rule {}: cleared", rule.id)));
            }
            cleared
        }
    };
    let processes = book.processes();
    drop(book);
    if is_change {
        shared.changed();
    }
    for words in said {
        tell(&words);
    }
    Ok(Reply::Done {
        distlog: VERSION,
        rules,
        processes,
    })
}

/// What a rule says, for the log of this program.
fn words(rule: &Wish) -> String {
    let mut words = format!("{} {} for {}", rule.loggers, rule.level, duration(rule.ttl));
    let more = [
        (" on ", &rule.host),
        (" in ", &rule.process),
        (" for task ", &rule.task),
        (" by ", &rule.by),
        (": ", &rule.why),
    ];
    for (before, text) in more {
        if let Some(text) = text {
            words.push_str(before);
            words.push_str(text);
        }
    }
    sanitize(&words).into_owned()
}
