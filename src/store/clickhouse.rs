//! ClickHouse, over its HTTP interface: batches as JSONEachRow, into a table that is divided by
//! time.
//!
//! No key is unique there. A record that is put in twice is there twice until the server merges
//! the two, which is why whoever reads asks for what a merge would leave (`FINAL`). A batch that
//! is tried again has a token by which the server knows it.

mod answer;
mod fault;
mod rows;
mod server;

use std::{
    fmt::Write,
    hash::{BuildHasher, RandomState},
    io::Read,
    ops::ControlFlow,
    sync::OnceLock,
    time::{SystemTime, UNIX_EPOCH},
};

use sha2::{Digest, Sha256};

use self::{
    answer::{End, each_row},
    rows::Lines,
    server::{Ask, MINUTES, Server},
};
use super::{
    Access, Fault, Hash, Row, Store,
    sql::{Dialect, sql},
};
use crate::{
    endpoint::{ClickHouseAt, Partition},
    expr::Condition,
    http,
    tls::TlsClient,
};

/// The columns that a record has.
const COLUMNS: &str = "hash, time, seq, level, logger, service, host, tree, record";

/// What holds for a batch whatever the user's profile says: it is there when the server has
/// answered, and none of its rows is passed over.
const TO_PUT: [(&str, &str); 4] = [
    ("async_insert", "0"),
    ("wait_end_of_query", "1"),
    ("input_format_allow_errors_num", "0"),
    ("input_format_allow_errors_ratio", "0"),
];

/// What holds for reading. Rows begin with an `r`, and behind the last one there is an `e`, because
/// a status of 200 says nothing of what comes after it. A limit is an error, and never the end; what
/// is too much to be sorted in memory goes to a disk. Rows of the same key are the same in all that
/// is asked for, so an index may pass over one before they are merged.
const TO_READ: [(&str, &str); 11] = [
    ("format_custom_escaping_rule", "Escaped"),
    ("format_custom_result_before_delimiter", ""),
    ("format_custom_row_before_delimiter", "r"),
    ("format_custom_row_after_delimiter", "\n"),
    ("format_custom_row_between_delimiter", ""),
    ("format_custom_result_after_delimiter", "e\n"),
    ("result_overflow_mode", "throw"),
    ("read_overflow_mode", "throw"),
    ("timeout_overflow_mode", "throw"),
    ("max_bytes_before_external_sort", "500000000"),
    ("use_skip_indexes_if_final", "1"),
];

/// A table of a server.
pub(super) struct ClickHouse {
    server: Server,
    table: String,
    partition: Partition,
    packed: bool,
    /// The batch as the server wants it.
    lines: Lines,
    /// The number of the next record: those of one time are read in the order of these.
    next: u64,
}

impl ClickHouse {
    /// Looks whether the table is there, and makes it for who writes.
    pub(super) fn open(
        at: &ClickHouseAt,
        table: &str,
        access: Access,
        tls: Option<&TlsClient>,
    ) -> Result<Self, Fault> {
        let store = Self {
            server: Server::new(at, tls)?,
            table: table.to_owned(),
            partition: at.partition,
            packed: at.packed,
            lines: Lines::default(),
            next: 0,
        };
        let query = format!("EXISTS TABLE {table}");
        let is_there = store.server.told(&Ask::of(&query))?.trim() == "1";
        match access {
            _ if is_there => {}
            // Who may only add rows need not be allowed to make tables.
            Access::Write => drop(store.server.told(&Ask::of(&store.table()))?),
            Access::Read => return Err(Fault::Lasting(format!("there is no table '{table}'"))),
        }
        Ok(store)
    }

    /// The statement that makes the table. What is equal in its key is one record, since the hash
    /// is part of it; what has no time has that of the epoch, and the lowest partition.
    fn table(&self) -> String {
        let partition = match self.partition {
            Partition::None => "tuple()",
            Partition::Month => "toYYYYMM(time)",
            Partition::Day | Partition::Hour => "toYYYYMMDD(time)",
        };
        format!(
            "CREATE TABLE IF NOT EXISTS {} (
                 hash UUID,
                 time DateTime64(9, 'UTC') CODEC(Delta, ZSTD),
                 seq UInt64 CODEC(Delta, ZSTD),
                 level UInt8,
                 logger LowCardinality(String),
                 service LowCardinality(String),
                 host LowCardinality(String),
                 tree String CODEC(ZSTD),
                 record String CODEC(ZSTD),
                 INDEX by_tree tree TYPE bloom_filter GRANULARITY 1
             )
             ENGINE = ReplacingMergeTree
             PARTITION BY {partition}
             PRIMARY KEY (time, tree)
             ORDER BY (time, tree, hash)
             SETTINGS non_replicated_deduplication_window = 1000",
            self.table
        )
    }
}

impl Store for ClickHouse {
    /// How many rows were there already, nobody knows before they are merged.
    fn put(&mut self, rows: &[Row<'_>]) -> Result<u64, Fault> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = u64::try_from(now.unwrap_or_default().as_nanos()).unwrap_or(u64::MAX);
        let first = now.max(self.next);
        let count = rows.len() as u64;
        self.next = first.saturating_add(count);
        self.lines.write(rows, first);
        let query = format!("INSERT INTO {} ({COLUMNS}) FORMAT JSONEachRow", self.table);
        let token = token(rows);
        let settings: Vec<_> = TO_PUT
            .into_iter()
            .chain([("insert_deduplication_token", token.as_str())])
            .collect();
        let said = self.server.told(&Ask {
            settings: &settings,
            data: Some(self.lines.bytes()),
            packed: self.packed,
            ..Ask::of(&query)
        })?;
        if said.trim().is_empty() {
            Ok(count)
        } else {
            Err(fault::late(&said))
        }
    }

    /// So many hashes are part of one statement, and each statement writes the parts of the table
    /// anew that it finds something in.
    fn removes(&self) -> usize {
        100_000
    }

    /// In the order of time, and for records of one time in that in which they were put in: the
    /// table is kept in the order of time, and nothing has to be in memory to read it so.
    fn read(
        &mut self,
        condition: &Condition,
        hand_out: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let dialect = Dialect {
            time: &|time| format!("toDateTime64('{}', 9, 'UTC')", rows::time(time)),
            quote: rows::quote,
        };
        let query = format!(
            "SELECT record FROM {} FINAL WHERE {} ORDER BY time, seq FORMAT CustomSeparated",
            self.table,
            sql(condition, &dialect)
        );
        let body = self.server.ask(&Ask {
            settings: &TO_READ,
            silence: MINUTES,
            ..Ask::of(&query)
        })?;
        let rows: Box<dyn Read> = Box::new(body.into_with_config().limit(u64::MAX).reader());
        match each_row(rows, hand_out) {
            Ok(End::Whole | End::Enough) => Ok(()),
            Ok(End::Broken(said)) => Err(fault::late(&said)),
            Err(error) => Err(Fault::Passing(format!(
                "the answer broke off: {}",
                http::lost(&error)
            ))),
        }
    }

    fn remove(&mut self, hashes: &[Hash]) -> Result<(), Fault> {
        let mut query = format!("ALTER TABLE {} DELETE WHERE hash IN (", self.table);
        for (at, hash) in hashes.iter().enumerate() {
            query.push_str(if at == 0 { "'" } else { ", '" });
            rows::uuid(hash, &mut query);
            query.push('\'');
        }
        query.push(')');
        let size = (query.len() + 1_000).to_string();
        self.server.told(&Ask {
            // It is done when the server answers.
            settings: &[("mutations_sync", "1"), ("max_query_size", &size)],
            silence: MINUTES,
            ..Ask::of(&query)
        })?;
        Ok(())
    }
}

/// What the server knows a batch by when it comes again. It is of this process alone: somebody who
/// has deleted records and sends them again means it.
fn token(rows: &[Row<'_>]) -> String {
    static PROCESS: OnceLock<u64> = OnceLock::new();
    let process = PROCESS.get_or_init(|| RandomState::new().hash_one(std::process::id()));
    let mut digest = Sha256::new();
    for row in rows {
        digest.update(row.hash);
    }
    let mut token = format!("distlog-{process:016x}-");
    for byte in &digest.finalize()[..16] {
        // Writing to a string cannot fail.
        let _ = write!(token, "{byte:02x}");
    }
    token
}
