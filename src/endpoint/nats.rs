//! The words for streams of NATS JetStream: `nats://HOST:PORT/STREAM`, `nats+tls://HOST:PORT/STREAM`.

use std::{fmt, time::Duration};

use super::server::host_and_port;

/// A stream of NATS JetStream. [`Display`](fmt::Display) gives the text back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatsAt {
    /// A name or an address; one of IPv6 has its brackets.
    pub host: String,
    /// The port of the server.
    pub port: u16,
    /// Who we are, if the address says so.
    pub user: Option<String>,
    /// Whether TLS is spoken there.
    pub tls: bool,
    /// The name of the stream: letters, digits, `-` and `_`.
    pub stream: String,
    /// How a stream is made that is not there yet.
    pub limits: NatsLimits,
    /// The options as they were written.
    options: String,
}

/// What a stream holds at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NatsLimits {
    /// How long a record is kept.
    pub max_age: Duration,
    /// How many bytes of records are kept, if not all that the server has room for.
    pub max_bytes: Option<i64>,
    /// On how many servers of a cluster it is.
    pub replicas: u8,
}

/// A week: long enough for consumers to come back, and an end to what nobody reads.
const MAX_AGE: Duration = Duration::from_secs(7 * 86_400);

/// The port that servers of NATS have if nobody says.
const PORT: u16 = 4222;

/// How a stream is written, for messages.
const FORM: &str = "nats://HOST:PORT/STREAM";

impl NatsAt {
    /// Reads an endpoint; `None` if it has neither scheme.
    pub(super) fn parse(text: &str) -> Option<Result<Self, String>> {
        match text.split_once("://")? {
            ("nats", address) => Some(Self::read(false, address)),
            ("nats+tls", address) => Some(Self::read(true, address)),
            _ => None,
        }
    }

    fn read(tls: bool, address: &str) -> Result<Self, String> {
        let (place, options) = address.split_once('?').unwrap_or((address, ""));
        let (authority, stream) = place.split_once('/').unwrap_or((place, ""));
        let (user, server) = match authority.rsplit_once('@') {
            Some((user, _)) if user.contains(':') => {
                return Err("everybody can read a password of the command line; \
                            NATS_PASSWORD, NATS_TOKEN, NATS_NKEY or NATS_CREDS has it"
                    .into());
            }
            Some((user, server)) => (Some(user.to_owned()), server),
            None => (None, authority),
        };
        let (host, port) = host_and_port(server, PORT, FORM)?;
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if stream.is_empty() {
            return Err(format!("the name of the stream is missing: {FORM}"));
        }
        // A name is part of subjects.
        if !stream.chars().all(is_word) || stream.len() > 64 {
            return Err(format!(
                "'{stream}' is no name of a stream here: letters, digits, - and _, 64 at most"
            ));
        }
        let mut limits = NatsLimits {
            max_age: MAX_AGE,
            max_bytes: None,
            replicas: 1,
        };
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("max_age", text)) => limits.max_age = age(text)?,
                Some(("max_bytes", text)) => limits.max_bytes = Some(bytes(text)?),
                Some(("replicas", text)) => {
                    let known = ["1", "2", "3", "4", "5"].iter().zip(1..);
                    let mut found = known.filter(|(known, _)| **known == text);
                    limits.replicas = found.next().ok_or("replicas is a number from 1 to 5")?.1;
                }
                _ => {
                    return Err(format!(
                        "unknown option '{option}' (known are max_age=TIME, max_bytes=BYTES, \
                         replicas=N)"
                    ));
                }
            }
        }
        Ok(Self {
            host,
            port,
            user,
            tls,
            stream: stream.to_owned(),
            limits,
            options: options.to_owned(),
        })
    }
}

/// A number and what it counts; the unit is what stands behind the digits.
fn measured<'t>(text: &'t str, units: &[(&str, u64)]) -> Option<(u64, &'t str)> {
    let end = text.find(|c: char| !c.is_ascii_digit());
    let (digits, unit) = text.split_at(end.unwrap_or(text.len()));
    let (_, each) = units.iter().find(|(known, _)| *known == unit)?;
    let count = digits.parse::<u64>().ok()?.checked_mul(*each)?;
    Some((count, unit)).filter(|(count, _)| *count > 0)
}

fn age(text: &str) -> Result<Duration, String> {
    let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
    let read = measured(text, &units).filter(|(seconds, _)| *seconds <= 36_500 * 86_400);
    let seconds = read.ok_or_else(|| format!("max_age={text}: expected a time such as 12h or 7d"));
    Ok(Duration::from_secs(seconds?.0))
}

fn bytes(text: &str) -> Result<i64, String> {
    let units = [("", 1), ("MB", 1_000_000), ("GB", 1_000_000_000)];
    let read = measured(text, &units).and_then(|(count, _)| i64::try_from(count).ok());
    read.ok_or_else(|| format!("max_bytes={text}: expected a size such as 500MB or 20GB"))
}

impl fmt::Display for NatsAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.tls { "nats+tls://" } else { "nats://" })?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        write!(f, "{}:{}/{}", self.host, self.port, self.stream)?;
        if !self.options.is_empty() {
            write!(f, "?{}", self.options)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_understood_and_told() {
        let check = |text: &str, expect: Result<&str, &str>| {
            let parsed = NatsAt::parse(text).expect("a stream");
            let parsed = parsed.map(|at| at.to_string());
            let parsed = parsed.as_ref().map(String::as_str);
            assert_eq!(parsed.map_err(String::as_str), expect, "{text}");
        };
        check("nats://h/LOGS", Ok("nats://h:4222/LOGS"));
        check("nats://[::1]/LOGS", Ok("nats://[::1]:4222/LOGS"));
        for same in [
            "nats://ada@h:1/a-b_2",
            "nats+tls://h:4222/LOGS?max_age=12h&max_bytes=20GB&replicas=3",
        ] {
            check(same, Ok(same));
        }
        check(
            "nats://h",
            Err("the name of the stream is missing: nats://HOST:PORT/STREAM"),
        );
        check(
            "nats://h/a.b",
            Err("'a.b' is no name of a stream here: letters, digits, - and _, 64 at most"),
        );
        check(
            "nats://:4222/a",
            Err("connecting needs a host: nats://HOST:PORT/STREAM"),
        );
        check(
            "nats://::1/a",
            Err("an IPv6 address needs brackets, such as [::1]:4222"),
        );
        check(
            "nats://h:0/a",
            Err("the port is not a number from 1 to 65535"),
        );
        check(
            "nats://h/a?max_age=1w",
            Err("max_age=1w: expected a time such as 12h or 7d"),
        );
        check(
            "nats://h/a?max_bytes=0",
            Err("max_bytes=0: expected a size such as 500MB or 20GB"),
        );
        check(
            "nats://h/a?x=1",
            Err("unknown option 'x=1' (known are max_age=TIME, max_bytes=BYTES, replicas=N)"),
        );
        assert!(NatsAt::parse("nats://ada:lovelace@h/a").is_some_and(|read| read.is_err()));
    }

    #[test]
    fn limits_are_read() {
        let at = NatsAt::parse("nats://h/a?max_age=2d&max_bytes=5MB&replicas=2");
        let limits = at.expect("a stream").expect("a good one").limits;
        let expect = NatsLimits {
            max_age: Duration::from_secs(172_800),
            max_bytes: Some(5_000_000),
            replicas: 2,
        };
        assert_eq!(limits, expect);
    }
}
