//! Workers that read a stream together: each partition has one owner at a time.
//!
//! Who owns a partition stands in a bucket of keys and values ([`lease`]), and changes by
//! compare-and-set only. An owner writes it anew several times within the time of a lease; whose
//! key has not changed for that long is dead, and another takes the partition over. A new owner
//! makes a consumer of its own and deletes the one before, so that an owner which was only held
//! up gets nothing more. What had not been acknowledged is delivered again, and as much before it
//! as is asked for, because what read the records may have had them in memory only.

mod deal;
mod lease;
mod partition;
mod worker;

use std::{
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use async_nats::jetstream::Message;
use rustix::event::{EventfdFlags, eventfd};
use tokio::sync::{
    mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender, channel, unbounded_channel},
    watch,
};

use crate::endpoint::NatsAt;

/// How a group reads.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The stream.
    pub(crate) at: NatsAt,
    /// The name of the group.
    pub(crate) group: String,
    /// Among how many workers the partitions are dealt.
    pub(crate) workers: u32,
    /// How long an owner that is not heard of is taken for alive.
    pub(crate) lease: Duration,
    /// How much of what was acknowledged is read again by who takes a partition over; `None` is
    /// all.
    pub(crate) replay: Option<Duration>,
    /// Whether it ends with the last record of every partition.
    pub(crate) until_end: bool,
}

/// How many batches wait for who takes them. A batch is a few hundred messages at the most, so it is
/// some megabytes.
const WAITING: usize = 16;

/// What a worker has to give.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are batches, and there are few at a time"
)]
pub(crate) enum Item {
    /// Messages of a partition, in their order.
    Batch(Batch),
    /// Something to tell the user.
    Words(String),
    /// Every partition has been read to its end.
    End,
    /// It will not go on.
    Failed(String),
}

/// Messages of a partition, in their order.
pub(crate) struct Batch {
    /// The messages.
    pub(crate) messages: Vec<Delivered>,
    /// To be given back once they have been written.
    pub(crate) receipt: Receipt,
}

/// A message.
pub(crate) struct Delivered {
    /// Its subject and its payload.
    pub(crate) message: async_nats::Message,
    /// Its number in the stream.
    pub(crate) sequence: u64,
    /// Whether somebody may have had it before.
    pub(crate) replayed: bool,
}

/// Says which messages have been written: those of a partition up to one.
pub(crate) struct Receipt {
    partition: u32,
    sequence: u64,
    last: Message,
}

/// What the thread is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// To read.
    Read,
    /// To read no more, and to wait for receipts.
    Stop,
    /// To let everything go; true if what was handed out has gone where it should.
    Close(bool),
}

/// A thread that reads a stream as a worker of a group.
pub(crate) struct Worker {
    batches: Receiver<Batch>,
    items: UnboundedReceiver<Item>,
    /// One that has to wait for batches that came before it.
    later: Option<Item>,
    receipts: Option<UnboundedSender<Receipt>>,
    ask: watch::Sender<Asked>,
    wake: Arc<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

/// The way of items to who takes them.
#[derive(Clone)]
struct Out {
    batches: Sender<Batch>,
    /// Words are few; who says them has to go on whatever becomes of batches.
    items: UnboundedSender<Item>,
    wake: Arc<OwnedFd>,
}

impl Out {
    /// Waits for room; false if nobody takes anything any more.
    async fn give(&self, batch: Batch) -> bool {
        let given = self.batches.send(batch).await.is_ok();
        self.wake();
        given
    }

    fn say(&self, item: Item) {
        let _ = self.items.send(item);
        self.wake();
    }

    fn wake(&self) {
        // It counts; that it is full is as good as a wake-up.
        let _ = rustix::io::write(&*self.wake, &1_u64.to_ne_bytes());
    }
}

impl Worker {
    /// Begins to read.
    pub(crate) fn start(plan: Plan) -> std::io::Result<Self> {
        let wake = Arc::new(eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?);
        let (give, batches) = channel(WAITING);
        let (say, items) = unbounded_channel();
        let (receipts, given_back) = unbounded_channel();
        let (ask, asked) = watch::channel(Asked::Read);
        let out = Out {
            batches: give,
            items: say,
            wake: Arc::clone(&wake),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let thread = thread::Builder::new().spawn(move || {
            runtime.block_on(worker::run(plan, out, given_back, asked));
        })?;
        Ok(Self {
            batches,
            items,
            later: None,
            receipts: Some(receipts),
            ask,
            wake,
            thread: Some(thread),
        })
    }

    /// What becomes readable when there is an item.
    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }

    /// The next item, if there is one.
    pub(crate) fn take(&mut self) -> Option<Item> {
        if let Ok(batch) = self.batches.try_recv() {
            return Some(Item::Batch(batch));
        }
        // It is counted anew from here, so what came in between is looked for once more.
        let _ = rustix::io::read(&*self.wake, &mut [0; 8]);
        let item = self.later.take().or_else(|| self.items.try_recv().ok());
        match self.batches.try_recv() {
            Ok(batch) => {
                self.later = item;
                Some(Item::Batch(batch))
            }
            Err(_) => item,
        }
    }

    /// Says that messages have been written.
    pub(crate) fn give_back(&self, receipt: Receipt) {
        if let Some(receipts) = &self.receipts {
            let _ = receipts.send(receipt);
        }
    }

    /// Has no more messages come than are there.
    pub(crate) fn stop(&self) {
        let _ = self.ask.send(Asked::Stop);
    }

    /// Waits until all receipts have been passed on and the partitions are free; `whole` says that
    /// what was handed out has gone where it should.
    pub(crate) fn close(&mut self, whole: bool) {
        if self.thread.is_none() {
            return;
        }
        let _ = self.ask.send(Asked::Close(whole));
        self.receipts = None;
        // What nobody takes any more.
        self.batches.close();
        while self.batches.try_recv().is_ok() {}
        if let Some(thread) = self.thread.take() {
            // It has nothing to say any more.
            let _ = thread.join();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.close(false);
    }
}
