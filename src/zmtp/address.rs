//! Addresses: `tcp://HOST:PORT` and `ipc://PATH`, in libzmq's notation.

use std::{fmt, path::PathBuf, str::FromStr};

use super::Error;

/// Where a socket is bound or connected. [`Display`](fmt::Display) gives the text back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// `tcp://HOST:PORT`
    Tcp {
        /// A name, an IPv4 address, an IPv6 address without its brackets, or `*`, which
        /// means all interfaces and can only be bound.
        host: String,
        /// 0 lets the system choose when binding.
        port: u16,
    },
    /// `ipc://PATH`: a Unix-domain stream socket.
    Ipc(PathBuf),
}

impl Address {
    /// Reads an address. Interface names, `inproc` and abstract `ipc` names are refused.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |reason| Error::Address {
            text: text.to_owned(),
            reason,
        };
        if let Some(rest) = text.strip_prefix("tcp://") {
            let (host, port) = rest
                .rsplit_once(':')
                .ok_or(wrong("expected tcp://HOST:PORT"))?;
            let host = match host.strip_prefix('[') {
                Some(inner) => inner.strip_suffix(']').ok_or(wrong("expected ']'"))?,
                None if host.contains(':') => {
                    return Err(wrong("an IPv6 address needs brackets: tcp://[::1]:5010"));
                }
                None => host,
            };
            if host.is_empty() {
                return Err(wrong("the host is missing; * stands for all interfaces"));
            }
            // libzmq writes `*` for a port that the system chooses.
            let port = if port == "*" { Ok(0) } else { port.parse() };
            let port = port.map_err(|_| wrong("the port is not a number from 0 to 65535"))?;
            Ok(Self::Tcp {
                host: host.to_owned(),
                port,
            })
        } else if let Some(path) = text.strip_prefix("ipc://") {
            match path.chars().next() {
                None => Err(wrong("the path is missing")),
                Some('*') => Err(wrong("a path is needed, wildcards are not supported")),
                Some('@') => Err(wrong("abstract names are not supported, use a path")),
                Some(_) => Ok(Self::Ipc(path.into())),
            }
        } else {
            Err(wrong("expected tcp://HOST:PORT or ipc://PATH"))
        }
    }
}

impl Address {
    /// Refuses what can be bound only.
    pub(super) fn check_connect(&self) -> Result<(), Error> {
        match self {
            Self::Tcp { host, port } if host == "*" || *port == 0 => Err(Error::Address {
                text: self.to_string(),
                reason: "connecting needs a host and a port",
            }),
            _ => Ok(()),
        }
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "tcp://[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "tcp://{host}:{port}"),
            Self::Ipc(path) => write!(f, "ipc://{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_gives_the_text_back() {
        for text in [
            "tcp://127.0.0.1:5010",
            "tcp://*:5010",
            "tcp://[::1]:0",
            "tcp://collector.example:65535",
            "ipc:///run/distlog.sock",
            "ipc://relative",
        ] {
            assert_eq!(Address::parse(text).expect(text).to_string(), text);
        }
    }

    #[test]
    fn errors_name_the_text_and_the_reason() {
        let check = |text: &str, expect: &str| {
            assert_eq!(Address::parse(text).expect_err(text).to_string(), expect);
        };
        check(
            "tcp://::1:5",
            "tcp://::1:5: an IPv6 address needs brackets: tcp://[::1]:5010",
        );
        check("tcp://[::1:5", "tcp://[::1:5: expected ']'");
        check(
            "tcp://:5010",
            "tcp://:5010: the host is missing; * stands for all interfaces",
        );
        check(
            "tcp://h:65536",
            "tcp://h:65536: the port is not a number from 0 to 65535",
        );
        check("tcp://h", "tcp://h: expected tcp://HOST:PORT");
        check("ipc://", "ipc://: the path is missing");
        check(
            "ipc://@x",
            "ipc://@x: abstract names are not supported, use a path",
        );
        check(
            "inproc://x",
            "inproc://x: expected tcp://HOST:PORT or ipc://PATH",
        );
    }
}
