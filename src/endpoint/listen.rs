//! Endpoints that listen for something else than ZeroMQ: `SCHEME://ADDRESS`, where the scheme
//! names the protocol and what carries it, such as `syslog+udp`.

use std::{fmt, path::PathBuf};

use super::server::Written;

/// An endpoint that `dl-recv` listens at. [`Display`](fmt::Display) gives the text back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// What is spoken there.
    pub protocol: Protocol,
    /// Where.
    pub place: Place,
    /// Whether TLS is spoken there.
    pub tls: bool,
    /// What the paths of requests begin with, for protocols over HTTP: empty, or `/` and more.
    pub path: String,
}

/// What is spoken at an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// JSON objects, one a line.
    Ndjson,
    /// Pickles of Python's `SocketHandler` and `DatagramHandler`.
    Pylog,
    /// Forms of Python's `HTTPHandler`.
    PylogHttp,
    /// RFC 3164 and RFC 5424.
    Syslog,
    /// Graylog's GELF.
    Gelf,
    /// OTLP/HTTP.
    Otlp,
    /// Requests for our own metrics, which bring no records; no scheme names it.
    Metrics,
}

/// Where an endpoint is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Connections over TCP.
    Tcp {
        /// A name, an IPv4 address, an IPv6 address without brackets, or `*` for all interfaces.
        host: String,
        /// 0 lets the system choose.
        port: u16,
    },
    /// Datagrams over UDP.
    Udp {
        /// As for TCP.
        host: String,
        /// As for TCP.
        port: u16,
    },
    /// A Unix-domain stream socket.
    Unix(PathBuf),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carrier {
    Tcp,
    Tls,
    Udp,
    Unix,
    Http,
    Https,
}

use Carrier::{Http, Https, Tcp, Tls, Udp, Unix};

/// All schemes that are listened at.
const SCHEMES: [(&str, Protocol, Carrier); 16] = [
    ("ndjson+tcp", Protocol::Ndjson, Tcp),
    ("ndjson+tls", Protocol::Ndjson, Tls),
    ("ndjson+unix", Protocol::Ndjson, Unix),
    ("pylog+tcp", Protocol::Pylog, Tcp),
    ("pylog+tls", Protocol::Pylog, Tls),
    ("pylog+udp", Protocol::Pylog, Udp),
    ("pylog+http", Protocol::PylogHttp, Http),
    ("pylog+https", Protocol::PylogHttp, Https),
    ("syslog+tcp", Protocol::Syslog, Tcp),
    ("syslog+tls", Protocol::Syslog, Tls),
    ("syslog+udp", Protocol::Syslog, Udp),
    ("gelf+tcp", Protocol::Gelf, Tcp),
    ("gelf+tls", Protocol::Gelf, Tls),
    ("gelf+udp", Protocol::Gelf, Udp),
    ("otlp+http", Protocol::Otlp, Http),
    ("otlp+https", Protocol::Otlp, Https),
];

/// The host of an address that names none: nobody else can reach it.
const LOOPBACK: &str = "127.0.0.1";

/// The schemes that have a word of this one, which is unknown.
pub(super) fn akin(scheme: &str) -> Vec<&'static str> {
    let has_word = |name: &&str| {
        name.split('+')
            .any(|word| scheme.split('+').any(|of| of == word))
    };
    SCHEMES
        .iter()
        .map(|(name, ..)| *name)
        .filter(has_word)
        .collect()
}

impl Listen {
    /// Reads what stands behind `SCHEME://`; `None` if the scheme is none of these.
    pub(super) fn parse(scheme: &str, address: &str) -> Option<Result<Self, String>> {
        let (_, protocol, carrier) = SCHEMES.iter().find(|(name, ..)| *name == scheme)?;
        Some(Self::read(*protocol, *carrier, address))
    }

    /// Where metrics are asked for, at `HOST:PORT`.
    pub fn metrics(address: &str) -> Result<Self, String> {
        Self::read(Protocol::Metrics, Tcp, address)
    }

    fn read(protocol: Protocol, carrier: Carrier, address: &str) -> Result<Self, String> {
        if address.is_empty() {
            return Err("the address is missing".into());
        }
        if let Some((_, option)) = address.split_once('?').filter(|_| carrier != Unix) {
            return Err(format!("unknown option {option}: it takes none"));
        }
        let (address, path) = match (carrier, address.find('/')) {
            (Unix, _) | (_, None) => (address, String::new()),
            (Http | Https, Some(at)) => {
                let path = address[at..].trim_end_matches('/').to_owned();
                (&address[..at], path)
            }
            (_, Some(_)) => return Err("an address has no path".into()),
        };
        let place = match carrier {
            Unix if address.starts_with('@') => {
                return Err("abstract names are not supported, use a path".into());
            }
            Unix => Place::Unix(address.into()),
            Tcp | Tls | Http | Https => {
                let (host, port) = host_and_port(address)?;
                Place::Tcp { host, port }
            }
            Udp => {
                let (host, port) = host_and_port(address)?;
                Place::Udp { host, port }
            }
        };
        Ok(Self {
            protocol,
            place,
            tls: matches!(carrier, Tls | Https),
            path,
        })
    }

    fn scheme(&self) -> &'static str {
        let carrier = |carrier| match self.place {
            Place::Tcp { .. } if self.tls => carrier == Tls || carrier == Https,
            Place::Tcp { .. } => carrier == Tcp || carrier == Http,
            Place::Udp { .. } => carrier == Udp,
            Place::Unix(_) => carrier == Unix,
        };
        let mut schemes = SCHEMES.iter();
        let found = schemes.find(|(_, protocol, by)| *protocol == self.protocol && carrier(*by));
        found.map_or("", |(name, ..)| name)
    }
}

/// `HOST:PORT`, where a missing host is that of loopback.
fn host_and_port(address: &str) -> Result<(String, u16), String> {
    // Each protocol has ports of its own; the example in a message has that of ZeroMQ here.
    let Written { host, port, .. } = Written::read(address, 5010)?;
    let port = port.ok_or("expected HOST:PORT, or :PORT for this host alone")?;
    let host = if host.is_empty() { LOOPBACK } else { host };
    let port = if port == "*" { Ok(0) } else { port.parse() };
    let port = port.map_err(|_| "the port is not a number from 0 to 65535")?;
    Ok((host.to_owned(), port))
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme(), self.place, self.path)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } | Self::Udp { host, port } if host.contains(':') => {
                write!(f, "[{host}]:{port}")
            }
            Self::Tcp { host, port } | Self::Udp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Endpoint;

    #[test]
    fn listeners_are_understood_and_told() {
        let check = |text: &str, expect: &str| {
            let parsed = match Endpoint::parse(text) {
                Ok(endpoint) => endpoint.to_string(),
                Err(error) => error.to_string(),
            };
            assert_eq!(parsed, expect, "{text}");
        };
        for same in [
            "ndjson+tcp://127.0.0.1:5011",
            "ndjson+unix:///run/distlog.sock",
            "ndjson+unix://relative?x",
            "pylog+tcp://*:9020",
            "pylog+udp://[::1]:9021",
            "pylog+http://127.0.0.1:8080/log",
            "syslog+udp://0.0.0.0:514",
            "syslog+tcp://127.0.0.1:6514",
            "gelf+udp://127.0.0.1:12201",
            "gelf+tcp://127.0.0.1:12201",
            "otlp+http://127.0.0.1:4318",
            "ndjson+tls://*:5011",
            "pylog+tls://*:9020",
            "pylog+https://127.0.0.1:8443/log",
            "syslog+tls://[::]:6514",
            "gelf+tls://127.0.0.1:12201",
            "otlp+https://*:4318",
        ] {
            check(same, same);
        }
        // Nobody is listened to from afar who was not asked for.
        check("syslog+udp://:514", "syslog+udp://127.0.0.1:514");
        check("otlp+http://:4318/", "otlp+http://127.0.0.1:4318");
        check("gelf+udp://h:*", "gelf+udp://h:0");
        check("syslog+udp://[fe80::1%lo]:1", "syslog+udp://[fe80::1%lo]:1");
        check(
            "otlp+http://[::1]",
            "otlp+http://[::1]: expected HOST:PORT, or :PORT for this host alone",
        );
        check(
            "gelf+udp://[::1:5",
            "gelf+udp://[::1:5: an IPv6 address needs brackets, such as [::1]:5010",
        );
        check(
            "gelf+udp://[h]:5",
            "gelf+udp://[h]:5: 'h' is no IPv6 address, which is what stands in brackets",
        );
        check(
            "syslog+udp://514",
            "syslog+udp://514: expected HOST:PORT, or :PORT for this host alone",
        );
        check("pylog+tcp://", "pylog+tcp://: the address is missing");
        check(
            "pylog+tcp://h:1/x",
            "pylog+tcp://h:1/x: an address has no path",
        );
        check(
            "pylog+tcp://h:1?x=y",
            "pylog+tcp://h:1?x=y: unknown option x=y: it takes none",
        );
        check(
            "gelf+tcp://::1:5",
            "gelf+tcp://::1:5: an IPv6 address needs brackets, such as [::1]:5010",
        );
        check(
            "ndjson+unix://@x",
            "ndjson+unix://@x: abstract names are not supported, use a path",
        );
    }
}
