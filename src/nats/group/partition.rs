//! One partition, read by its owner.

use std::time::Duration;

use async_nats::jetstream::{
    Message,
    consumer::{AckPolicy, Consumer, DeliverPolicy, pull},
};
use futures_util::StreamExt;
use tokio::sync::mpsc::UnboundedSender;

use super::{Batch, Delivered, Out, Receipt};

/// How many messages are asked for at a time, and how many are handed out at a time at the most.
const ASKED: usize = 1_000;
const TOGETHER: usize = 256;

/// How many bytes are asked for at a time, if a message is not larger.
const BYTES: usize = 1 << 20;

/// How long the server keeps a question open while there are no messages.
const OPEN: Duration = Duration::from_secs(5);

/// How long to leave it alone after a question that went wrong.
const PAUSE: Duration = Duration::from_millis(200);

/// How long a message may be without acknowledgement. Whoever dies is replaced long before that;
/// what is held up is not to get everything twice.
const PATIENT: Duration = Duration::from_secs(86_400);

/// How many messages may be without an acknowledgement: what is in memory here is much less.
const UNACKNOWLEDGED: i64 = 50_000;

/// What becomes of a partition.
pub(super) enum Came {
    /// It has been read to its end.
    AtEnd(u32),
    /// Somebody else has it.
    Lost(u32),
    /// Messages were handed out, up to this one.
    Handed(u32, u64),
}

/// What a consumer is made with.
pub(super) fn config(name: &str, subject: &str, from: DeliverPolicy) -> pull::Config {
    pull::Config {
        durable_name: Some(name.to_owned()),
        description: Some("a worker of dl-recv".into()),
        deliver_policy: from,
        // One acknowledgement is for all before it, too.
        ack_policy: AckPolicy::All,
        ack_wait: PATIENT,
        max_ack_pending: UNACKNOWLEDGED,
        filter_subject: subject.to_owned(),
        ..pull::Config::default()
    }
}

/// What to read of a partition.
pub(super) struct Portion {
    pub(super) partition: u32,
    /// What is before this is left out.
    pub(super) from: u64,
    /// Up to this somebody may have had the records before.
    pub(super) seen: u64,
    /// Whether the end is to be told, and is the end.
    pub(super) until_end: bool,
}

/// Reads a partition until it is at its end or belongs to somebody else.
pub(super) async fn read(
    consumer: Consumer<pull::Config>,
    portion: Portion,
    out: Out,
    tell: UnboundedSender<Came>,
) {
    let number = portion.partition;
    let mut failed = false;
    loop {
        let mut count = 0;
        // A message that is larger than all that may come at a time comes alone.
        failed = match ask(&consumer, portion.until_end, failed).await {
            Err(_) => true,
            Ok(messages) => {
                let mut failed = false;
                let mut messages = messages.ready_chunks(TOGETHER);
                while let Some(chunk) = messages.next().await {
                    count += chunk.len();
                    failed |= chunk.iter().any(Result::is_err);
                    let chunk = chunk.into_iter().filter_map(Result::ok);
                    let Some(batch) = batch(chunk, &portion) else {
                        continue;
                    };
                    let last = batch.receipt.sequence;
                    if !out.give(batch).await {
                        return;
                    }
                    let _ = tell.send(Came::Handed(number, last));
                }
                failed
            }
        };
        if count > 0 && !failed {
            continue;
        }
        if failed || portion.until_end {
            match consumer.get_info().await {
                Ok(info) if !failed && info.num_pending == 0 => {
                    let _ = tell.send(Came::AtEnd(number));
                    return;
                }
                Err(error) if is_gone(&error) => {
                    let _ = tell.send(Came::Lost(number));
                    return;
                }
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

async fn ask(
    consumer: &Consumer<pull::Config>,
    until_end: bool,
    only_one: bool,
) -> Result<pull::Batch, pull::BatchError> {
    if until_end {
        // Without a time it is answered at once.
        let fetch = consumer.fetch();
        return if only_one {
            fetch.max_messages(1).messages().await
        } else {
            fetch.max_messages(ASKED).max_bytes(BYTES).messages().await
        };
    }
    let batch = consumer.batch().expires(OPEN);
    if only_one {
        batch.max_messages(1).messages().await
    } else {
        batch.max_messages(ASKED).max_bytes(BYTES).messages().await
    }
}

fn is_gone(error: &async_nats::jetstream::context::ConsumerInfoError) -> bool {
    use async_nats::jetstream::{ErrorCode, context::ConsumerInfoErrorKind};
    match error.kind() {
        ConsumerInfoErrorKind::NotFound => true,
        ConsumerInfoErrorKind::JetStream(error) => {
            error.error_code() == ErrorCode::CONSUMER_NOT_FOUND
        }
        _ => false,
    }
}

fn batch(chunk: impl Iterator<Item = Message>, portion: &Portion) -> Option<Batch> {
    let (mut messages, mut end) = (Vec::with_capacity(TOGETHER), None);
    for message in chunk {
        let Ok((sequence, times)) = message
            .info()
            .map(|info| (info.stream_sequence, info.delivered))
        else {
            continue;
        };
        if sequence >= portion.from {
            messages.push(Delivered {
                message: message.message.clone(),
                sequence,
                replayed: sequence <= portion.seen || times > 1,
            });
        }
        end = Some((sequence, message));
    }
    let (sequence, last) = end?;
    Some(Batch {
        messages,
        receipt: Receipt {
            partition: portion.partition,
            sequence,
            last,
        },
    })
}
