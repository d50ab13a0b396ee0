//! SQLite: a file, embedded, with one transaction a batch.

use std::{ops::ControlFlow, path::Path, time::Duration};

use rusqlite::{
    Connection, ErrorCode, OpenFlags, params,
    types::{ToSqlOutput, ValueRef},
};

use super::{
    Access, Fault, Hash, Row, Store,
    sql::{Dialect, quote, sql},
};
use crate::{endpoint::StoreAt, expr::Condition, record::Instant};

/// How long another writer of the file is waited for before it counts as a failure.
const BUSY: Duration = Duration::from_secs(2);

/// A table in a file of SQLite.
pub(super) struct Sqlite {
    connection: Connection,
    table: String,
}

impl Sqlite {
    /// Opens a file, which is made if need be.
    pub(super) fn open(at: &StoreAt, access: Access) -> Result<Self, Fault> {
        let flags = match access {
            Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(Path::new(&at.place), flags).map_err(fault)?;
        connection.busy_timeout(BUSY).map_err(fault)?;
        let store = Self {
            connection,
            table: at.table.clone(),
        };
        if access == Access::Write {
            store.make().map_err(fault)?;
        }
        Ok(store)
    }

    /// Makes the table and its indexes.
    fn make(&self) -> rusqlite::Result<()> {
        let table = &self.table;
        // What a transaction has put in is there after a crash of the system: FULL.
        self.connection
            .pragma_update(None, "journal_mode", "WAL")
            .and_then(|()| self.connection.pragma_update(None, "synchronous", "FULL"))?;
        if self.connection.table_exists(None, table.as_str())? {
            return Ok(());
        }
        self.connection.execute_batch(&format!(
            "BEGIN IMMEDIATE;
             CREATE TABLE IF NOT EXISTS {table} (
                 hash BLOB PRIMARY KEY NOT NULL,
                 time INTEGER,
                 level INTEGER,
                 logger TEXT,
                 service TEXT,
                 host TEXT,
                 tree TEXT,
                 record TEXT NOT NULL
             );
             CREATE INDEX IF NOT EXISTS {table}_time ON {table} (time);
             CREATE INDEX IF NOT EXISTS {table}_tree ON {table} (tree);
             COMMIT;"
        ))
    }

    fn put_all(&mut self, rows: &[Row<'_>]) -> rusqlite::Result<u64> {
        let transaction = self.connection.transaction()?;
        let mut fresh = 0;
        {
            let mut insert = transaction.prepare(&format!(
                "INSERT INTO {} (hash, time, level, logger, service, host, tree, record)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (hash) DO NOTHING",
                self.table
            ))?;
            for row in rows {
                let count = insert.execute(params![
                    &row.hash[..],
                    row.time.map(|Instant(nanos)| nanos),
                    row.level.map(|level| level.0),
                    row.logger.as_deref(),
                    row.service.as_deref(),
                    row.host.as_deref(),
                    row.tree.as_deref(),
                    // What is no UTF-8 is kept as well.
                    match std::str::from_utf8(row.line) {
                        Ok(text) => ToSqlOutput::from(text),
                        Err(_) => ToSqlOutput::from(row.line),
                    },
                ])?;
                fresh += count as u64;
            }
        }
        transaction.commit()?;
        Ok(fresh)
    }

    fn remove_all(&mut self, hashes: &[Hash]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        {
            let statement = format!("DELETE FROM {} WHERE hash = ?1", self.table);
            let mut delete = transaction.prepare(&statement)?;
            for hash in hashes {
                delete.execute(params![&hash[..]])?;
            }
        }
        transaction.commit()
    }

    fn hand_out(
        &mut self,
        condition: &Condition,
        hand_out: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> rusqlite::Result<()> {
        let dialect = Dialect {
            time: &|Instant(nanos)| nanos.to_string(),
            quote,
        };
        let condition = sql(condition, &dialect);
        let mut select = self.connection.prepare(&format!(
            "SELECT record FROM {} WHERE {condition} ORDER BY rowid",
            self.table
        ))?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (ValueRef::Text(line) | ValueRef::Blob(line)) = row.get_ref(0)? else {
                continue;
            };
            if hand_out(line).is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl Store for Sqlite {
    fn put(&mut self, rows: &[Row<'_>]) -> Result<u64, Fault> {
        self.put_all(rows).map_err(fault)
    }

    fn read(
        &mut self,
        condition: &Condition,
        hand_out: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        self.hand_out(condition, hand_out).map_err(fault)
    }

    fn remove(&mut self, hashes: &[Hash]) -> Result<(), Fault> {
        self.remove_all(hashes).map_err(fault)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn fault(error: rusqlite::Error) -> Fault {
    let words = error.to_string();
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::OutOfMemory
            | ErrorCode::SystemIoFailure,
        ) => Fault::Passing(words),
        Some(ErrorCode::TooBig | ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch) => {
            Fault::Refused(words)
        }
        _ => Fault::Lasting(words),
    }
}
