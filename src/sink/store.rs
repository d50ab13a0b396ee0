//! Stores: records go in batch by batch.

use std::time::{Duration, Instant, SystemTime};

use super::{
    Patience, SinkOptions,
    courier::{Carrier, Courier, Load},
};
use crate::{
    endpoint::{StoreAt, StoreKind},
    error::Result,
    store::{self, Access, Fault, Retention, Rows, Store},
    tls::TlsClient,
};

/// How often records that are too old are looked for.
const SWEEP: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);

/// A table of records in a database.
pub(super) struct StoreCarrier {
    at: StoreAt,
    tls: Option<TlsClient>,
    /// Opened anew after a failure.
    store: Option<Box<dyn Store>>,
    rows: Rows,
    retention: Option<Retention>,
    /// Records that were there already.
    known: u64,
    /// Records that were too old, and when it was looked for them last.
    removed: u64,
    swept: Instant,
    words: Vec<String>,
}

/// Opens a store; that it is not to be had at the moment is no error.
pub(super) fn open(at: &StoreAt, mut options: SinkOptions) -> Result<Courier<StoreCarrier>> {
    let batch = options.batch.unwrap_or(super::BATCH);
    let load = Load {
        batch,
        hold: batch,
        eager: false,
    };
    let carrier = StoreCarrier {
        at: at.clone(),
        tls: options.wire.tls.take(),
        store: None,
        rows: Rows::default(),
        retention: options.retention.take(),
        known: 0,
        removed: 0,
        swept: Instant::now(),
        words: Vec::new(),
    };
    Courier::open(at.to_string(), carrier, load, options)
}

impl StoreCarrier {
    fn opened(&mut self) -> Result<&mut dyn Store, Fault> {
        let store = match &mut self.store {
            Some(store) => store,
            none => none.insert(store::open(&self.at, Access::Write, self.tls.as_ref())?),
        };
        Ok(&mut **store)
    }

    /// Removes what is too old. If that fails it is done the next time.
    fn sweep(&mut self) {
        self.swept = Instant::now();
        let (Some(retention), Some(store)) = (&self.retention, &mut self.store) else {
            return;
        };
        match retention.sweep(&mut **store, SystemTime::now()) {
            Ok(removed) => self.removed += removed,
            Err(fault) => self
                .words
                .push(format!("what is too old is still there: {}", fault.words())),
        }
    }
}

impl Carrier for StoreCarrier {
    fn bring(&mut self, lines: &[&[u8]], _patience: &mut Patience) -> Result<(), Fault> {
        let mut maker = std::mem::take(&mut self.rows);
        let rows: Vec<_> = lines.iter().map(|line| maker.row(line)).collect();
        let put = self.opened().and_then(|store| store.put(&rows));
        if let Err(Fault::Passing(_)) = put
            && self.unsure() == 0
        {
            self.store = None;
        }
        self.rows = maker;
        self.known += rows.len() as u64 - put?;
        Ok(())
    }

    fn confirm(&mut self, _patience: &mut Patience) -> Result<(), Fault> {
        match &mut self.store {
            Some(store) => store.settle(),
            None => Ok(()),
        }
    }

    fn confirm_every(&self) -> Duration {
        match self.at.kind {
            // Each time is a file.
            StoreKind::Parquet(_) => MINUTE,
            _ => Duration::from_secs(1),
        }
    }

    fn unsure(&self) -> u64 {
        self.store.as_ref().map_or(0, |store| store.unsettled())
    }

    fn attend(&mut self, _patience: &mut Patience) -> Result<(), Fault> {
        self.opened()?.tend()?;
        if self.swept.elapsed() >= SWEEP {
            self.sweep();
        }
        Ok(())
    }

    fn close(&mut self) {
        self.sweep();
        let s = |count| if count == 1 { "" } else { "s" };
        if self.known > 0 {
            let words = format!("{} record{} there already", self.known, s(self.known));
            self.words.push(words);
        }
        if self.removed > 0 {
            let words = format!("{} old record{} removed", self.removed, s(self.removed));
            self.words.push(words);
        }
    }

    fn words(&mut self) -> Vec<String> {
        std::mem::take(&mut self.words)
    }
}
