//! Who owns a partition, and from where on it is to be read.

use async_nats::jetstream::{
    Context,
    kv::{CreateErrorKind, Store, UpdateErrorKind},
    stream::{Config, DiscardPolicy, StorageType},
};
use serde::{Deserialize, Serialize};

use crate::store::Fault;

/// The bucket of all groups of all streams.
const BUCKET: &str = "distlog";

/// What is known of a partition. Sequences are those of the stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lease {
    /// Who owns it, or did last.
    pub(super) worker: String,
    /// How often it has been taken, which is part of the name of the consumer.
    pub(super) epoch: u64,
    /// What is before this has been done with for good.
    pub(super) origin: u64,
    /// What is before this had been acknowledged when it was taken or let go.
    pub(super) start: u64,
    /// Up to this somebody may have had the records before.
    pub(super) seen: u64,
    /// Whether the owner has read it to its end.
    pub(super) at_end: bool,
    /// What it is.
    pub(super) state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// Its owner lives, or has died.
    Held,
    /// Let go in the middle.
    #[default]
    Free,
    /// Let go at the end, and what was made of it is whole.
    Finished,
}

impl Lease {
    /// The name of the consumer that reads it.
    pub(super) fn consumer(group: &str, partition: u32, epoch: u64) -> String {
        format!("{group}-{}-{epoch}", partition + 1)
    }
}

/// The leases of a group.
pub(super) struct Leases {
    bucket: Store,
    prefix: String,
}

impl Leases {
    /// Opens the bucket, which is made if it is missing.
    pub(super) async fn open(
        context: &Context,
        stream: &str,
        group: &str,
        replicas: usize,
    ) -> Result<Self, Fault> {
        let bucket = if let Ok(bucket) = context.get_key_value(BUCKET).await {
            bucket
        } else {
            // The client's own way does not understand what a server of 2.9 says of accounts.
            let config = Config {
                name: format!("KV_{BUCKET}"),
                description: Some("which worker of dl-recv reads which partition".into()),
                subjects: vec![format!("$KV.{BUCKET}.>")],
                max_messages_per_subject: 1,
                max_bytes: -1,
                discard: DiscardPolicy::New,
                storage: StorageType::File,
                num_replicas: replicas,
                allow_rollup: true,
                deny_delete: true,
                allow_direct: true,
                ..Config::default()
            };
            let made = context.create_stream(config).await;
            made.map_err(|error| Fault::passing(&error))?;
            let made = context.get_key_value(BUCKET).await;
            made.map_err(|error| Fault::passing(&error))?
        };
        Ok(Self {
            bucket,
            prefix: format!("{stream}.{group}"),
        })
    }

    fn key(&self, partition: u32) -> String {
        format!("{}.{}", self.prefix, partition + 1)
    }

    /// A lease and its revision; `None` if nobody ever had the partition.
    pub(super) async fn read(&self, partition: u32) -> Result<Option<(Lease, u64)>, Fault> {
        let entry = self.bucket.entry(self.key(partition)).await;
        let entry = entry.map_err(|error| Fault::passing(&error))?;
        // What cannot be read was not written by us; the partition is read from its start.
        Ok(entry.map(|entry| {
            let lease = serde_json::from_slice(&entry.value).unwrap_or_default();
            (lease, entry.revision)
        }))
    }

    /// Writes a lease if it still has that revision; its new one, or `None` if somebody was faster.
    pub(super) async fn write(
        &self,
        partition: u32,
        lease: &Lease,
        revision: Option<u64>,
    ) -> Result<Option<u64>, Fault> {
        let key = self.key(partition);
        let text = serde_json::to_vec(lease).map_err(|error| Fault::Lasting(error.to_string()))?;
        match revision {
            Some(revision) => match self.bucket.update(&key, text.into(), revision).await {
                Ok(revision) => Ok(Some(revision)),
                Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => Ok(None),
                Err(error) => Err(Fault::passing(&error)),
            },
            None => match self.bucket.create(&key, text.into()).await {
                Ok(revision) => Ok(Some(revision)),
                Err(error) if error.kind() == CreateErrorKind::AlreadyExists => Ok(None),
                Err(error) => Err(Fault::passing(&error)),
            },
        }
    }
}
