//! Endpoints: the one grammar for where records come from and go to.
//!
//! `-` is standard input or output, `SCHEME://ADDRESS` an endpoint of that scheme,
//! `exec:COMMAND` a processor, `sqlite:PATH` and `parquet:FOLDER` are stores, and anything else is
//! a path. Whether a program can read or write an endpoint is decided by `source` and `sink`; this
//! module only knows the words.

mod clickhouse;
mod listen;
mod nats;
mod publish;
mod server;
mod store;
mod subscribe;

use std::{fmt, net::Ipv4Addr, path::PathBuf};

pub(crate) use self::subscribe::unescape;
pub use self::{
    clickhouse::ClickHouseAt,
    listen::{Listen, Place, Protocol},
    nats::{NatsAt, NatsLimits},
    publish::PublishAt,
    store::{Layout, Packing, Partition, StoreAt, StoreKind},
    subscribe::Subscribe,
};
use crate::error::{Error, Result};

/// A place that records come from or go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Standard input or output: `-`.
    Standard,
    /// A file: a path, or `file:PATH`.
    File(PathBuf),
    /// A ZeroMQ socket: `tcp://HOST:PORT` or `ipc://PATH`.
    ZeroMq(String),
    /// A ZeroMQ SUB socket: `sub+tcp://HOST:PORT?topic=PREFIX`.
    Subscribe(Subscribe),
    /// A ZeroMQ PUB socket: `pub+tcp://HOST:PORT?wait=N`.
    Publish(PublishAt),
    /// Something else that is listened at, such as `syslog+udp://HOST:PORT`.
    Listen(Listen),
    /// A table in a database, or files of Parquet: `sqlite:PATH`, `postgres://HOST/DATABASE`,
    /// `clickhouse://HOST/DATABASE`, `parquet:FOLDER`.
    Store(StoreAt),
    /// A stream of NATS JetStream: `nats://HOST:PORT/STREAM`.
    Nats(NatsAt),
    /// A processor: `exec:COMMAND`, a command for the shell.
    Exec(String),
}

/// The schemes that this version knows, for messages.
const KNOWN: &str = "-, a path, file:PATH, sqlite:PATH, parquet:FOLDER, postgres://HOST/DATABASE, clickhouse://HOST/DATABASE, \
                     clickhouse+tls://HOST/DATABASE, nats://HOST/STREAM, nats+tls://HOST/STREAM, tcp://HOST:PORT, ipc://PATH, pub+tcp://HOST:PORT, \
                     pub+ipc://PATH, exec:COMMAND; for dl-recv sub+tcp, sub+ipc, ndjson+tcp, ndjson+tls, ndjson+unix, \
                     pylog+tcp, pylog+tls, pylog+udp, pylog+http, pylog+https, syslog+tcp, \
                     syslog+tls, syslog+udp, gelf+tcp, gelf+tls, gelf+udp, otlp+http, \
                     otlp+https";

impl Endpoint {
    /// Reads an endpoint as the user writes it.
    pub fn parse(text: &str) -> Result<Self> {
        if text == "-" {
            return Ok(Self::Standard);
        }
        if let Some(path) = text.strip_prefix("file:") {
            return Self::file(path.strip_prefix("//").unwrap_or(path), text);
        }
        if let Some(command) = text.strip_prefix("exec:") {
            return if command.trim().is_empty() {
                Err(refuse(text, "the command is missing".into()))
            } else {
                Ok(Self::Exec(command.trim().to_owned()))
            };
        }
        if let Some(read) = StoreAt::parse(text) {
            return read
                .map(Self::Store)
                .map_err(|reason| refuse(&StoreAt::without_password(text), reason));
        }
        if let Some(read) = NatsAt::parse(text) {
            return read
                .map(Self::Nats)
                .map_err(|reason| refuse(&StoreAt::without_password(text), reason));
        }
        match text.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) && names_user(scheme, rest) => {
                let shown = StoreAt::without_password(text);
                let reason = "an address of this kind names neither a user nor a password";
                Err(refuse(&shown, reason.into()))
            }
            Some(("tcp" | "ipc" | "sub+tcp" | "sub+ipc" | "pub+tcp" | "pub+ipc", "")) => {
                Err(refuse(text, "the address is missing".into()))
            }
            Some(("tcp" | "ipc", _)) => Ok(Self::ZeroMq(text.to_owned())),
            Some(("sub+tcp" | "sub+ipc", _)) => Subscribe::parse(&text["sub+".len()..])
                .map(Self::Subscribe)
                .map_err(|reason| refuse(text, reason)),
            Some(("pub+tcp" | "pub+ipc", _)) => PublishAt::parse(&text["pub+".len()..])
                .map(Self::Publish)
                .map_err(|reason| refuse(text, reason)),
            // A scheme is a word; a path such as `./odd://name` is a path.
            Some((scheme, address)) if is_scheme(scheme) => match Listen::parse(scheme, address) {
                Some(read) => read
                    .map(Self::Listen)
                    .map_err(|reason| refuse(text, reason)),
                None => Err(refuse(text, unknown(scheme))),
            },
            _ if is_address(text) => {
                let reason = format!(
                    "an address needs a scheme, such as tcp://{text}; a file of that name is ./{text}"
                );
                Err(refuse(text, reason))
            }
            _ => Self::file(text, text),
        }
    }

    /// How files of Parquet are laid out there, if it is such a place.
    pub fn layout(&self) -> Option<&Layout> {
        match self {
            Self::Store(StoreAt {
                kind: StoreKind::Parquet(layout),
                ..
            }) => Some(layout),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn layout_mut(&mut self) -> Option<&mut Layout> {
        match self {
            Self::Store(StoreAt {
                kind: StoreKind::Parquet(layout),
                ..
            }) => Some(layout),
            _ => None,
        }
    }

    fn file(path: &str, text: &str) -> Result<Self> {
        if path.is_empty() {
            return Err(refuse(text, "the path is empty".into()));
        }
        Ok(Self::File(path.into()))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Standard => f.write_str("-"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::ZeroMq(address) => f.write_str(address),
            Self::Subscribe(socket) => socket.fmt(f),
            Self::Publish(socket) => socket.fmt(f),
            Self::Listen(listen) => listen.fmt(f),
            Self::Store(at) => at.fmt(f),
            Self::Nats(at) => at.fmt(f),
            Self::Exec(command) => write!(f, "exec:{command}"),
        }
    }
}

fn refuse(text: &str, reason: String) -> Error {
    Error::Endpoint {
        text: text.to_owned(),
        reason,
    }
}

fn unknown(scheme: &str) -> String {
    let akin = listen::akin(scheme);
    if akin.is_empty() {
        return format!("unknown scheme (known are {KNOWN})");
    }
    format!("unknown scheme (of that kind are {})", akin.join(", "))
}

/// True for `HOST:PORT` with a host of which no name of a file is made but by mistake.
fn is_address(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| {
        let is_port = port.parse::<u16>().is_ok() && port.starts_with(|c: char| c.is_ascii_digit());
        let is_host = matches!(host, "" | "*" | "localhost")
            || host.starts_with('[') && host.ends_with(']')
            || host.parse::<Ipv4Addr>().is_ok();
        is_port && is_host
    })
}

/// True for `USER@HOST`, which may have a password in it that nobody is to be shown.
fn names_user(scheme: &str, rest: &str) -> bool {
    let is_path = matches!(scheme, "ipc" | "sub+ipc" | "ndjson+unix");
    let mut parts = rest.split(['/', '?']);
    !is_path && parts.next().is_some_and(|host| host.contains('@'))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_told_apart() {
        let check = |text: &str, expect: &str| {
            let parsed = match Endpoint::parse(text) {
                Ok(endpoint) => format!("{endpoint:?}"),
                Err(error) => error.to_string(),
            };
            assert_eq!(parsed, expect, "{text}");
        };
        check("-", "Standard");
        check("a/b.ndjson", r#"File("a/b.ndjson")"#);
        check("file:a b", r#"File("a b")"#);
        check("file:///tmp/x", r#"File("/tmp/x")"#);
        check("./odd://x", r#"File("./odd://x")"#);
        check("tcp://*:5010", r#"ZeroMq("tcp://*:5010")"#);
        check("ipc:///run/x", r#"ZeroMq("ipc:///run/x")"#);
        check("tcp://", "tcp://: the address is missing");
        for scheme in ["tcp", "sub+tcp", "otlp+http", "odd"] {
            check(
                &format!("{scheme}://ada:love@h:1"),
                &format!(
                    "{scheme}://ada@h:1: an address of this kind names neither a user nor a password"
                ),
            );
        }
        check("exec: sort -u | tail", r#"Exec("sort -u | tail")"#);
        check("exec:a://b", r#"Exec("a://b")"#);
        check("exec: ", "exec: : the command is missing");
        check("", ": the path is empty");
        check(
            "tpc://x",
            &format!("tpc://x: unknown scheme (known are {KNOWN})"),
        );
        check(
            "syslog://x",
            "syslog://x: unknown scheme (of that kind are syslog+tcp, syslog+tls, syslog+udp)",
        );
        for address in [
            "127.0.0.1:5010",
            "localhost:5010",
            "*:5010",
            ":0",
            "[::1]:5010",
        ] {
            let reason = format!(
                "an address needs a scheme, such as tcp://{address}; a file of that name is ./{address}"
            );
            check(address, &format!("{address}: {reason}"));
        }
        for file in [
            "./127.0.0.1:5010",
            "a-12:30",
            "127.0.0.1:log",
            "a:",
            "127.0.0.1:+1",
            "::",
        ] {
            check(file, &format!("File({file:?})"));
        }
    }
}
