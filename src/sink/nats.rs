//! NATS JetStream: each line is a message, to the partition of its request, and acknowledged.

use std::{collections::VecDeque, time::Duration};

use async_nats::{
    header::NATS_MESSAGE_ID,
    jetstream::{
        self, ErrorCode,
        context::{PublishAckFuture, PublishErrorKind},
        message::PublishMessage,
    },
};
use tokio::runtime::{Builder, Runtime};

use super::{
    Patience, SinkOptions,
    courier::{Carrier, Courier, Load, TurnedAway},
};
use crate::{
    endpoint::NatsAt,
    error::Result,
    nats::{Link, connect, ensure},
    store::{Fault, Hash, Keys, explained},
    tls::TlsClient,
};

/// How many messages are without an acknowledgement at the most: as many as are on their way to a
/// server and back, with room to spare.
const IN_FLIGHT: usize = 4_096;

/// For how long the connection is looked after while nothing is sent: long enough to answer what
/// the server has asked meanwhile.
const LOOK: Duration = Duration::from_millis(1);

/// A stream of a server.
pub(super) struct NatsCarrier {
    at: NatsAt,
    tls: Option<TlsClient>,
    partitions: Option<u32>,
    /// Opened anew after a failure.
    open: Option<Open>,
    /// What has been acknowledged of a batch of which then something failed.
    taken: Vec<Hash>,
    /// Records that were there already.
    known: u64,
    turned_away: Vec<TurnedAway>,
    words: Vec<String>,
}

/// A connection, and what runs it while somebody waits for it.
struct Open {
    link: Link,
    /// By partition.
    subjects: Vec<String>,
    keys: Keys,
    runtime: Runtime,
}

/// Opens a stream; that it is not to be had at the moment is no error.
pub(super) fn open(at: &NatsAt, mut options: SinkOptions) -> Result<Courier<NatsCarrier>> {
    let batch = options.batch.unwrap_or(super::BATCH);
    let load = Load {
        batch,
        hold: batch,
        eager: false,
    };
    let wire = std::mem::take(&mut options.wire);
    let carrier = NatsCarrier {
        at: at.clone(),
        tls: wire.tls,
        partitions: wire.partitions,
        open: None,
        taken: Vec::new(),
        known: 0,
        turned_away: Vec::new(),
        words: Vec::new(),
    };
    Courier::open(at.to_string(), carrier, load, options)
}

impl Open {
    fn new(at: &NatsAt, tls: Option<&TlsClient>, wanted: Option<u32>) -> Result<Self, Fault> {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.enable_io().enable_time().build();
        let runtime = runtime.map_err(|error| Fault::Passing(error.to_string()))?;
        let (link, subjects) = runtime.block_on(async {
            let link = connect(at, tls, IN_FLIGHT).await?;
            let subjects = tokio::select! {
                subjects = ensure(&link.context, at, wanted) => subjects?,
                fault = link.lost() => return Err(fault),
            };
            Ok((link, subjects))
        })?;
        let shards = u32::try_from(subjects.len()).unwrap_or(u32::MAX);
        Ok(Self {
            link,
            subjects,
            keys: Keys::new(shards),
            runtime,
        })
    }
}

/// What became of the lines of a batch.
#[derive(Default)]
struct Done {
    taken: Vec<Hash>,
    known: u64,
    turned_away: Vec<TurnedAway>,
}

/// Sends lines and waits for all acknowledgements. What is in `done` afterwards is dealt with.
async fn publish(
    open: &Open,
    lines: &[&[u8]],
    keys: &[(Hash, u32)],
    done: &mut Done,
) -> Result<(), Fault> {
    let mut awaited: VecDeque<(usize, PublishAckFuture)> = VecDeque::with_capacity(IN_FLIGHT);
    for (number, (line, (hash, partition))) in lines.iter().zip(keys).enumerate() {
        if awaited.len() >= IN_FLIGHT {
            acknowledged(&mut awaited, lines, keys, done).await?;
        }
        let message = PublishMessage::build()
            .payload(line.to_vec().into())
            .header(NATS_MESSAGE_ID, hex(hash).as_str());
        // A subject was made for each shard.
        let subject = open.subjects.get(*partition as usize).cloned();
        let sent = open
            .link
            .context
            .send_publish(subject.unwrap_or_default(), message);
        match sent.await {
            Ok(future) => awaited.push_back((number, future)),
            Err(error) if error.kind() == PublishErrorKind::MaxPayloadExceeded => {
                // What is sent before it has to be known, so that `taken` is what came first.
                while !awaited.is_empty() {
                    acknowledged(&mut awaited, lines, keys, done).await?;
                }
                done.turn_away(line, *hash, explained(&error));
            }
            Err(error) => return Err(Fault::passing(&error)),
        }
    }
    while !awaited.is_empty() {
        acknowledged(&mut awaited, lines, keys, done).await?;
    }
    Ok(())
}

/// Waits for the acknowledgement of what was sent first.
async fn acknowledged(
    awaited: &mut VecDeque<(usize, PublishAckFuture)>,
    lines: &[&[u8]],
    keys: &[(Hash, u32)],
    done: &mut Done,
) -> Result<(), Fault> {
    let Some((number, future)) = awaited.pop_front() else {
        return Ok(());
    };
    let (hash, _) = keys[number];
    match future.await {
        Ok(ack) => {
            done.known += u64::from(ack.duplicate);
            done.taken.push(hash);
            Ok(())
        }
        Err(error) => {
            let source = std::error::Error::source(&error);
            let code = source
                .and_then(|source| source.downcast_ref::<jetstream::Error>())
                .map(jetstream::Error::error_code);
            match code {
                Some(
                    ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM
                    | ErrorCode::STREAM_HEADER_EXCEEDS_MAXIMUM,
                ) => {
                    done.turn_away(lines[number], hash, explained(&error));
                    Ok(())
                }
                _ => Err(Fault::passing(&error)),
            }
        }
    }
}

impl Done {
    fn turn_away(&mut self, line: &[u8], hash: Hash, words: String) {
        self.taken.push(hash);
        self.turned_away.push(TurnedAway {
            lines: line.to_vec(),
            count: 1,
            words,
        });
    }
}

fn hex(hash: &Hash) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * hash.len());
    for byte in hash {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

impl NatsCarrier {
    fn opened(&mut self) -> Result<&mut Open, Fault> {
        Ok(match &mut self.open {
            Some(open) => open,
            none => none.insert(Open::new(&self.at, self.tls.as_ref(), self.partitions)?),
        })
    }
}

impl Carrier for NatsCarrier {
    fn bring(&mut self, lines: &[&[u8]], _patience: &mut Patience) -> Result<(), Fault> {
        let open = self.opened()?;
        let keys: Vec<_> = lines.iter().map(|line| open.keys.of(line)).collect();
        // What has been acknowledged before something failed is not sent again.
        let taken = std::mem::take(&mut self.taken);
        let is_again = taken.len() <= keys.len() && taken.iter().zip(&keys).all(|(a, b)| *a == b.0);
        let first = if is_again { taken.len() } else { 0 };
        let mut done = Done::default();
        let Some(open) = &self.open else {
            return Ok(());
        };
        let published = open.runtime.block_on(async {
            tokio::select! {
                published = publish(open, &lines[first..], &keys[first..], &mut done) => published,
                fault = open.link.lost() => Err(fault),
            }
        });
        self.known += done.known;
        self.turned_away.append(&mut done.turned_away);
        if published.is_err() {
            self.open = None;
            self.taken = keys[..first].iter().map(|(hash, _)| *hash).collect();
            self.taken.append(&mut done.taken);
        }
        published
    }

    fn attend(&mut self, _patience: &mut Patience) -> Result<(), Fault> {
        let open = self.opened()?;
        let lost = open
            .runtime
            .block_on(async { tokio::time::timeout(LOOK, open.link.lost()).await });
        match lost {
            Err(_) => Ok(()),
            Ok(fault) => {
                self.open = None;
                Err(fault)
            }
        }
    }

    fn close(&mut self) {
        if self.known > 0 {
            let s = if self.known == 1 { "" } else { "s" };
            let words = format!("{} record{s} there already", self.known);
            self.words.push(words);
        }
    }

    fn words(&mut self) -> Vec<String> {
        std::mem::take(&mut self.words)
    }

    fn turned_away(&mut self) -> Option<TurnedAway> {
        self.turned_away.pop()
    }
}
