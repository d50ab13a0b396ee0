//! The words for servers of ClickHouse: `clickhouse://USER@HOST:PORT/DATABASE`, and
//! `clickhouse+tls://…` for those with TLS.

use std::fmt;

use super::{Partition, server::host_and_port};

/// A database of a server of ClickHouse, and how records are put there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClickHouseAt {
    /// Whether TLS is spoken there.
    pub tls: bool,
    /// Who we are, if the address says so.
    pub user: Option<String>,
    /// A name or an address, and the port of its HTTP interface; an address of IPv6 has brackets.
    pub server: String,
    /// The database: letters, digits, `_` and `-`.
    pub database: String,
    /// What of a table that is made is a partition.
    pub partition: Partition,
    /// Whether requests are compressed.
    pub packed: bool,
}

/// The ports of its HTTP interface if nobody says.
const PORT: u16 = 8123;
const TLS_PORT: u16 = 8443;

/// How a database is written, for messages.
const FORM: &str = "clickhouse://HOST:PORT/DATABASE";

/// The database that every server has.
const DATABASE: &str = "default";

impl ClickHouseAt {
    /// Reads an endpoint but for its options; `None` if it has neither scheme.
    pub(super) fn parse(text: &str) -> Option<Result<Self, String>> {
        match text.split_once("://")? {
            ("clickhouse", address) => Some(Self::read(false, address)),
            ("clickhouse+tls", address) => Some(Self::read(true, address)),
            _ => None,
        }
    }

    fn read(tls: bool, address: &str) -> Result<Self, String> {
        let place = address.split('?').next().unwrap_or_default();
        let (authority, database) = place.split_once('/').unwrap_or((place, DATABASE));
        let (user, server) = match authority.rsplit_once('@') {
            Some((user, _)) if user.contains(':') => {
                return Err("everybody can read a password of the command line; \
                            CLICKHOUSE_PASSWORD has it"
                    .into());
            }
            Some((user, server)) => (Some(user), server),
            None => (None, authority),
        };
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let database = if database.is_empty() {
            DATABASE
        } else {
            database
        };
        if !database.chars().all(is_word) || database.len() > 64 {
            return Err(format!(
                "'{database}' is no name of a database here: letters, digits, _ and -, 64 at most"
            ));
        }
        let usual = if tls { TLS_PORT } else { PORT };
        let (host, port) = host_and_port(server, usual, FORM)?;
        Ok(Self {
            tls,
            user: user.filter(|user| !user.is_empty()).map(str::to_owned),
            server: format!("{host}:{port}"),
            database: database.to_owned(),
            partition: Partition::default(),
            packed: true,
        })
    }
}

impl fmt::Display for ClickHouseAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.tls {
            "clickhouse+tls://"
        } else {
            "clickhouse://"
        })?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        write!(f, "{}/{}", self.server, self.database)
    }
}

#[cfg(test)]
mod tests {
    use crate::endpoint::{Endpoint, Partition, StoreAt, StoreKind};

    #[test]
    fn servers_are_understood_and_told() {
        let check = |text: &str, expect: &str| {
            let parsed = match Endpoint::parse(text) {
                Ok(endpoint) => endpoint.to_string(),
                Err(error) => error.to_string(),
            };
            let expect = expect.replace("TEXT", text);
            assert_eq!(parsed, expect, "{text}");
        };
        check("clickhouse://h", "clickhouse://h:8123/default");
        check("clickhouse://[::1]/", "clickhouse://[::1]:8123/default");
        check("clickhouse+tls://h/l", "clickhouse+tls://h:8443/l");
        for same in [
            "clickhouse://ada@db.example:9/logs?table=t_1&partition=month",
            "clickhouse+tls://h:8443/logs-2?partition=none",
        ] {
            check(same, same);
        }
        check("clickhouse://h:1/a?partition=day", "clickhouse://h:1/a");
        check(
            "clickhouse://ada:lovelace@h/a",
            "clickhouse://ada@h/a: everybody can read a password of the command line; \
             CLICKHOUSE_PASSWORD has it",
        );
        let host = "TEXT: connecting needs a host: clickhouse://HOST:PORT/DATABASE";
        for none in ["clickhouse://", "clickhouse://:8123/a", "clickhouse://*/a"] {
            check(none, host);
        }
        check(
            "clickhouse://h:0/a",
            "TEXT: the port is not a number from 1 to 65535",
        );
        check(
            "clickhouse://::1/a",
            "TEXT: an IPv6 address needs brackets, such as [::1]:8123",
        );
        check(
            "clickhouse://h/a.b",
            "TEXT: 'a.b' is no name of a database here: letters, digits, _ and -, 64 at most",
        );
        check(
            "clickhouse://h/a?secure=1",
            "TEXT: unknown option 'secure=1' (known are table=NAME, partition=day, month or none)",
        );
        check(
            "clickhouse://h/a?partition=hour",
            "TEXT: partition=hour: it is day or month or none",
        );
    }

    #[test]
    fn options_are_read() {
        let read = Endpoint::parse("clickhouse://h/a?partition=month");
        let Ok(Endpoint::Store(StoreAt {
            kind: StoreKind::ClickHouse(at),
            ..
        })) = read
        else {
            panic!("{read:?}");
        };
        assert_eq!(at.partition, Partition::Month);
        assert!(at.packed);
    }
}
