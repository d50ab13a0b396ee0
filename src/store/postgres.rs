//! PostgreSQL: batches by COPY, into a table that is divided by time.
//!
//! A batch goes straight into the table, and only if some of its records are there already
//! through a temporary one. The text of a record is kept beside its JSONB, because that keeps
//! neither the order of keys nor the spelling of numbers.

mod judge;
mod partitions;
mod passwords;
mod secure;
mod text;

use std::{
    error::Error as _,
    io::{self, Write},
    ops::ControlFlow,
    str::FromStr,
    time::Duration,
};

use ::postgres::{Client, Config, error::SqlState, fallible_iterator::FallibleIterator};

use self::{partitions::Partitions, secure::Secure, text::Lines};
use super::{
    Access, Fault, Hash, Row, Store, explained,
    sql::{Dialect, quote, sql},
};
use crate::{
    endpoint::{Partition, StoreAt},
    expr::Condition,
};

/// How long a server that does not answer is waited for.
const TIMEOUT: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(30);

/// The columns that a record has.
const COLUMNS: &str = "hash, time, level, logger, service, host, tree, record, line";

/// A table of a server.
pub(super) struct Postgres {
    client: Client,
    table: String,
    partitions: Partitions,
    /// The batch as COPY wants it.
    lines: Lines,
    /// True once there is a temporary table.
    staged: bool,
}

impl Postgres {
    /// Connects to a server.
    pub(super) fn open(at: &StoreAt, partition: Partition, access: Access) -> Result<Self, Fault> {
        let (secure, place) = Secure::split(&at.place).map_err(Fault::Lasting)?;
        let config = Config::from_str(&place);
        let mut config = config.map_err(|error| Fault::Lasting(explained(&error)))?;
        config
            .application_name("distlog")
            .keepalives_idle(SILENCE)
            .tcp_user_timeout(SILENCE);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(TIMEOUT);
        }
        if let Some(password) = passwords::find(&config) {
            config.password(password);
        }
        let tls = secure.apply(&mut config).map_err(Fault::Lasting)?;
        let client = config.connect(tls).map_err(|error| fault(&error))?;
        let mut store = Self {
            client,
            table: at.table.clone(),
            partitions: Partitions::new(partition),
            lines: Lines::default(),
            staged: false,
        };
        if access == Access::Write {
            store.make().map_err(|error| fault(&error))?;
        }
        Ok(store)
    }

    /// Makes the table, its indexes, and the partition for records without a time.
    fn make(&mut self) -> Result<(), ::postgres::Error> {
        let table = &self.table;
        let there = self.client.query_opt(
            "SELECT 1 FROM pg_class WHERE oid = to_regclass($1)",
            &[table],
        )?;
        if there.is_some() {
            return Ok(());
        }
        // Two that make it at once would stumble over each other.
        self.client.batch_execute(&format!(
            "BEGIN;
             SELECT pg_advisory_xact_lock(hashtext('distlog'));
             CREATE SEQUENCE IF NOT EXISTS {table}_id;
             CREATE TABLE IF NOT EXISTS {table} (
                 id bigint NOT NULL DEFAULT nextval('{table}_id'),
                 hash bytea NOT NULL,
                 time timestamptz NOT NULL,
                 level smallint,
                 logger text,
                 service text,
                 host text,
                 tree text,
                 record jsonb,
                 line text NOT NULL,
                 PRIMARY KEY (hash, time)
             ) PARTITION BY RANGE (time);
             CREATE TABLE IF NOT EXISTS {table}_default PARTITION OF {table} DEFAULT;
             CREATE INDEX IF NOT EXISTS {table}_by_time ON {table} (time);
             CREATE INDEX IF NOT EXISTS {table}_by_level ON {table} (level);
             CREATE INDEX IF NOT EXISTS {table}_by_tree ON {table} USING hash (tree);
             COMMIT;"
        ))
    }

    /// Puts the batch into a table; all or nothing.
    fn copy(&mut self, table: &str) -> Result<u64, ::postgres::Error> {
        let statement = format!("COPY {table} ({COLUMNS}) FROM STDIN");
        let mut writer = self.client.copy_in(&statement)?;
        // What goes wrong in writing, finishing tells.
        let _ = writer.write_all(self.lines.bytes());
        writer.finish()
    }

    /// Puts the batch in by way of a temporary table, without what is there already.
    fn copy_new(&mut self) -> Result<u64, ::postgres::Error> {
        let table = self.table.clone();
        let batch = format!("{table}_batch");
        if !self.staged {
            self.client.batch_execute(&format!(
                "CREATE TEMPORARY TABLE IF NOT EXISTS {batch} (LIKE {table} INCLUDING DEFAULTS)"
            ))?;
            self.staged = true;
        }
        self.client.batch_execute("BEGIN")?;
        let copied = self.copy(&batch).and_then(|_| {
            let fresh = self.client.execute(
                &format!(
                    "INSERT INTO {table} (id, {COLUMNS})
                     SELECT id, {COLUMNS} FROM {batch} ORDER BY id ON CONFLICT DO NOTHING"
                ),
                &[],
            )?;
            self.client
                .batch_execute(&format!("TRUNCATE {batch}; COMMIT"))?;
            Ok(fresh)
        });
        if copied.is_err() && !self.client.is_closed() {
            self.client.batch_execute("ROLLBACK")?;
        }
        copied
    }

    fn put_lines(&mut self) -> Result<u64, ::postgres::Error> {
        let table = self.table.clone();
        match self.copy(&table) {
            Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => self.copy_new(),
            copied => copied,
        }
    }

    fn hand_out(
        &mut self,
        condition: &Condition,
        hand_out: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), ::postgres::Error> {
        let dialect = Dialect {
            time: &|time| format!("'{}'", text::time(time)),
            quote,
        };
        let condition = sql(condition, &dialect);
        let select = format!(
            "SELECT line FROM {} WHERE {condition} ORDER BY id",
            self.table
        );
        let none: [&str; 0] = [];
        let mut rows = self.client.query_raw(&select, none)?;
        while let Some(row) = rows.next()? {
            let line: &str = row.try_get(0)?;
            if hand_out(line.as_bytes()).is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl Store for Postgres {
    fn put(&mut self, rows: &[Row<'_>]) -> Result<u64, Fault> {
        self.partitions
            .make(&mut self.client, &self.table, rows)
            .map_err(|error| fault(&error))?;
        self.lines.write(rows, true);
        match self.put_lines().map_err(|error| fault(&error)) {
            // JSONB does not take all that producers write: NaN, \u0000, half a surrogate pair.
            // The text is kept even so.
            Err(Fault::Refused(words)) if rows.len() == 1 => {
                self.lines.write(rows, false);
                self.put_lines().map_err(|error| match fault(&error) {
                    Fault::Refused(_) => Fault::Refused(words),
                    other => other,
                })
            }
            put => put,
        }
    }

    fn read(
        &mut self,
        condition: &Condition,
        hand_out: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        self.hand_out(condition, hand_out)
            .map_err(|error| fault(&error))
    }

    fn remove(&mut self, hashes: &[Hash]) -> Result<(), Fault> {
        let hashes: Vec<_> = hashes.iter().map(|hash| &hash[..]).collect();
        let statement = format!("DELETE FROM {} WHERE hash = ANY ($1)", self.table);
        self.client
            .execute(&statement, &[&hashes])
            .map_err(|error| fault(&error))?;
        Ok(())
    }
}

/// What an error means for who wants to go on. The classes are those of the appendix "Error
/// Codes" of PostgreSQL's manual. What the server has not said is about the connection, which may
/// be there again, or about what the server wants to know of us and the place does not tell.
fn fault(error: &::postgres::Error) -> Fault {
    let Some(database) = error.as_db_error() else {
        if let Some(words) = secure::refused(error) {
            return Fault::Lasting(words);
        }
        let words = explained(error);
        return if is_of_the_wire(error) {
            Fault::Passing(words)
        } else {
            Fault::Lasting(words)
        };
    };
    said(database.code().code(), database.message().to_owned())
}

/// What the server has said: a code of five characters, if it keeps to the protocol, and words.
fn said(code: &str, words: String) -> Fault {
    match code.get(..2) {
        // Connections, resources, an operator; transactions that met.
        Some("08" | "53" | "57" | "40" | "55") => Fault::Passing(words),
        // Data, constraints, limits.
        Some("22" | "23" | "54") => Fault::Refused(words),
        _ => Fault::Lasting(words),
    }
}

/// True if the system was the reason, or if there is none: the connection has ended, or too much
/// time has passed.
fn is_of_the_wire(error: &::postgres::Error) -> bool {
    let mut reason = error.source();
    let is_alone = reason.is_none();
    while let Some(inner) = reason {
        if inner.is::<io::Error>() {
            return true;
        }
        reason = inner.source();
    }
    is_alone
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use ::postgres::NoTls;

    use super::*;
    use crate::endpoint::StoreKind;

    #[test]
    fn a_code_tells_what_to_do_whatever_a_server_makes_of_it() {
        let check = |code: &str, expect: fn(String) -> Fault| {
            assert_eq!(said(code, "x".into()), expect("x".into()), "{code}");
        };
        check("08006", Fault::Passing);
        check("40P01", Fault::Passing);
        check("23505", Fault::Refused);
        check("42P01", Fault::Lasting);
        for odd in ["", "0", "€", "0€"] {
            check(odd, Fault::Lasting);
        }
    }

    #[test]
    fn what_the_system_says_may_pass_and_what_the_place_lacks_does_not() {
        let fault_of =
            |config: &mut Config| fault(&config.connect(NoTls).err().expect("no server"));
        // Nobody listens there any more.
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|bound| bound.local_addr())
            .expect("a port")
            .port();
        let refused = fault_of(Config::new().host("127.0.0.1").port(port).user("u"));
        assert!(matches!(refused, Fault::Passing(_)));
        let nowhere = fault_of(Config::new().user("u"));
        assert!(matches!(nowhere, Fault::Lasting(_)));
        let at = StoreAt {
            kind: StoreKind::Postgres {
                partition: Partition::default(),
            },
            place: "postgres://127.0.0.1:port/db".into(),
            table: "records".into(),
        };
        let misspelt = Postgres::open(&at, Partition::default(), Access::Read).err();
        assert!(matches!(misspelt, Some(Fault::Lasting(_))));
    }
}
