//! Where dl-recv answers: REQ and REP of the crate `zeromq`, one question at a time.

use std::{os::unix::net::UnixStream, path::PathBuf, time::Duration};

use tokio::{
    runtime::{self, Runtime},
    time::timeout,
};
use zeromq::{ReqSocket, Socket, SocketRecv, SocketSend, ZmqMessage, ZmqResult};

use crate::{
    control::message::{Command, Reply, Request, Standing, VERSION},
    error::{Error, Result},
    zmtp::{Address, lower},
};

/// How long dl-recv may take to answer; it does nothing else in that thread.
const PATIENCE: Duration = Duration::from_secs(10);

/// The connection to dl-recv.
pub(super) struct Desk {
    runtime: Runtime,
    socket: ReqSocket,
    place: String,
}

/// What was answered.
pub(super) struct Answered {
    pub(super) rules: Vec<Standing>,
    /// How many processes are connected.
    pub(super) processes: usize,
}

impl Desk {
    /// Connects.
    pub(super) fn open(place: &str) -> Result<Self> {
        let path = path(place)?;
        // The crate would try again and again where nobody is.
        if let Err(source) = UnixStream::connect(&path) {
            return Err(Error::Misused {
                reason: format!("{place}: no dl-recv listens there: {}", lower(&source)),
                hint: "start it with --control, and name its place by --control or DISTLOG_CONTROL",
            });
        }
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::Failed(error.to_string()))?;
        let mut socket = ReqSocket::new();
        let connected = runtime.block_on(async { timeout(PATIENCE, socket.connect(place)).await });
        let desk = Self {
            runtime,
            socket,
            place: place.to_owned(),
        };
        desk.in_time(connected)?;
        Ok(desk)
    }

    /// Asks, and waits for the reply.
    pub(super) fn ask(&mut self, command: Command) -> Result<Answered> {
        let request = Request {
            distlog: VERSION,
            command,
        };
        let question = serde_json::to_vec(&request).map_err(|error| self.failed(&error))?;
        let socket = &mut self.socket;
        let asked = async {
            socket.send(ZmqMessage::from(question)).await?;
            socket.recv().await
        };
        let replied = self
            .runtime
            .block_on(async { timeout(PATIENCE, asked).await });
        let message = self.in_time(replied)?;
        let frame = message.get(0).map(AsRef::as_ref).unwrap_or_default();
        match serde_json::from_slice(frame).map_err(|error| self.failed(&error))? {
            Reply::Failed { error, .. } => Err(Error::Failed(error)),
            Reply::Done {
                rules, processes, ..
            } => Ok(Answered { rules, processes }),
        }
    }

    fn in_time<T>(&self, done: Result<ZmqResult<T>, tokio::time::error::Elapsed>) -> Result<T> {
        match done {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.failed(&error)),
            Err(_) => Err(self.failed(&"no answer in time")),
        }
    }

    fn failed(&self, reason: &dyn std::fmt::Display) -> Error {
        Error::Failed(format!("{}: {reason}", self.place))
    }
}

fn path(place: &str) -> Result<PathBuf> {
    match Address::parse(place) {
        Ok(Address::Ipc(path)) => Ok(path),
        Err(error) if place.starts_with("ipc:") => Err(Error::Failed(error.to_string())),
        _ => Err(Error::Endpoint {
            text: place.to_owned(),
            reason: "dl-recv answers at ipc://PATH only, whose permissions tell who may ask".into(),
        }),
    }
}
