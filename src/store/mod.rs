//! Stores: databases and files that keep records, written by a sink and read by a source. One file each.
//!
//! A record is a row: its text, and some of its fields in columns of their own, so that a
//! database finds it. It is known by the hash of its text (`identity.rs`): what is put in twice is
//! there once, so whoever does not know whether a batch has arrived sends it again.

mod clickhouse;
mod feed;
mod identity;
mod key;
mod parquet;
mod postgres;
mod retention;
mod row;
mod sql;
mod sqlite;

use std::ops::ControlFlow;

pub use self::{
    feed::{Feed, Match, Where},
    identity::{Hash, Identities},
    key::Keys,
    retention::Retention,
    row::{Row, Rows},
};
use crate::{
    endpoint::{StoreAt, StoreKind},
    expr::Condition,
    tls::TlsClient,
};

/// A table of records.
pub trait Store: Send {
    /// Puts rows in, all or none; returns how many of them were not there yet, as far as the store
    /// knows that now.
    fn put(&mut self, rows: &[Row<'_>]) -> Result<u64, Fault>;

    /// Makes sure that what was put in is there, where `put` only takes it.
    fn settle(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    /// How many rows were put in of which that has not been made sure.
    fn unsettled(&self) -> u64 {
        0
    }

    /// Does what is due while nothing is put in.
    fn tend(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    /// How many records are removed at a time, so that other writers get their turn.
    fn removes(&self) -> usize {
        10_000
    }

    /// Hands out the texts of the records for which the condition holds, and perhaps of more, in
    /// the order in which they were put in or in that of time, until it is told to break off.
    fn read(
        &mut self,
        condition: &Condition,
        hand_out: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Fault>;

    /// Removes the records that are known by these hashes, of which a record may have two.
    fn remove(&mut self, hashes: &[Hash]) -> Result<(), Fault>;
}

/// Why something could not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It may go well later.
    Passing(String),
    /// The store does not take one of the rows.
    Refused(String),
    /// It will not go well.
    Lasting(String),
}

impl Fault {
    /// What may go well later, and why it did not.
    pub(crate) fn passing(error: &dyn std::error::Error) -> Self {
        Self::Passing(explained(error))
    }

    /// The reason.
    pub fn words(&self) -> &str {
        match self {
            Self::Passing(words) | Self::Refused(words) | Self::Lasting(words) => words,
        }
    }
}

/// An error with its reasons, each once.
pub(crate) fn explained(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        source = error.source();
    }
    words
}

/// Who opens a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It makes the table if there is none, and adds to it.
    Write,
    /// It changes nothing.
    Read,
}

/// Opens a store; without our end of TLS, a server that speaks it is known by who the system
/// trusts.
pub fn open(
    at: &StoreAt,
    access: Access,
    tls: Option<&TlsClient>,
) -> Result<Box<dyn Store>, Fault> {
    Ok(match &at.kind {
        StoreKind::Sqlite => Box::new(sqlite::Sqlite::open(at, access)?),
        StoreKind::Parquet(layout) => Box::new(parquet::Parquet::open(at, *layout, access)?),
        StoreKind::Postgres { partition } => {
            Box::new(postgres::Postgres::open(at, *partition, access)?)
        }
        StoreKind::ClickHouse(server) => Box::new(clickhouse::ClickHouse::open(
            server, &at.table, access, tls,
        )?),
    })
}
