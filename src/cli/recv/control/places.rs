//! Where the control plane is reached: a path for `dl-ctl`, and endpoints for processes.

use std::{
    net::TcpListener,
    os::{fd::OwnedFd, unix::net::UnixListener},
    path::PathBuf,
};

use super::{super::security::SecurityArgs, desk::Front, publish::Publisher, tell};
use crate::{
    endpoint::{Endpoint, Listen, Place, Protocol},
    error::{Error, Result},
    zmtp::{Address, IpcPath, bind_tcp, port_of},
};

/// Permissions of the files of sockets: only processes of the same user come.
const MODE: u32 = 0o600;

/// Connections that the system holds for us until they are accepted.
const BACKLOG: i32 = 128;

/// What is bound.
pub(super) struct Places {
    pub(super) desk: Front,
    pub(super) levels: Vec<Publisher>,
}

impl Places {
    /// Binds all of them, and says where.
    pub(super) fn bind(endpoints: &[String], security: &SecurityArgs) -> Result<Self> {
        let (path, mut listens) = sort(endpoints)?;
        for listen in &listens {
            security.check_plain(&listen.to_string(), &listen.place)?;
        }
        if listens.is_empty() {
            let mut levels = path.clone().into_os_string();
            levels.push(".levels");
            listens.push(Listen {
                protocol: Protocol::Ndjson,
                place: Place::Unix(levels.into()),
                tls: false,
                path: String::new(),
            });
        }
        let name = Address::Ipc(path.clone()).to_string();
        let (claim, socket) =
            IpcPath::listen(&path, &name, MODE, BACKLOG).map_err(|error| plain(&error))?;
        tell(&format!("dl-ctl comes to {name}"));
        let desk = Front::new(UnixListener::from(socket), claim);
        let levels = listens.into_iter().map(publisher);
        Ok(Self {
            desk,
            levels: levels.collect::<Result<_>>()?,
        })
    }
}

/// The one path for `dl-ctl`, and what is for processes.
fn sort(endpoints: &[String]) -> Result<(PathBuf, Vec<Listen>)> {
    let refuse = |text: &String, reason: &str| Error::Endpoint {
        text: text.clone(),
        reason: reason.into(),
    };
    let (mut path, mut listens) = (None, Vec::new());
    for text in endpoints {
        match Endpoint::parse(text)? {
            Endpoint::ZeroMq(address) => match Address::parse(&address)
                .map_err(|error| plain(&error))?
            {
                Address::Ipc(_) if path.is_some() => {
                    return Err(refuse(text, "--control takes one ipc://PATH"));
                }
                Address::Ipc(found) => path = Some(found),
                Address::Tcp { .. } => {
                    let reason = "dl-ctl comes to ipc://PATH only, whose permissions tell who may";
                    return Err(refuse(text, reason));
                }
            },
            Endpoint::Listen(listen) if listen.protocol == Protocol::Ndjson && !listen.tls => {
                listens.push(listen);
            }
            _ => {
                let reason =
                    "--control takes ipc://PATH, ndjson+unix://PATH and ndjson+tcp://HOST:PORT";
                return Err(refuse(text, reason));
            }
        }
    }
    path.map(|path| (path, listens))
        .ok_or_else(|| Error::Misused {
            reason: "--control needs a place for dl-ctl".into(),
            hint: "add --control ipc://PATH",
        })
}

fn publisher(mut listen: Listen) -> Result<Publisher> {
    let name = listen.to_string();
    let publisher = match &mut listen.place {
        Place::Unix(path) => {
            let (claim, socket) =
                IpcPath::listen(path, &name, MODE, BACKLOG).map_err(|error| plain(&error))?;
            Publisher::unix(UnixListener::from(socket), claim)
        }
        Place::Tcp { host, port } | Place::Udp { host, port } => {
            let socket: OwnedFd = bind_tcp(host, *port, &name).map_err(|error| plain(&error))?;
            *port = port_of(&socket).unwrap_or(*port);
            Publisher::tcp(TcpListener::from(socket))
        }
    };
    tell(&format!("programs come for their levels to {listen}"));
    Ok(publisher)
}

fn plain(error: &crate::zmtp::Error) -> Error {
    Error::Failed(error.to_string())
}
