//! A worker: it connects, takes partitions, and passes acknowledgements on.

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use async_nats::jetstream::stream::Stream;
use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        watch,
    },
    task::JoinHandle,
    time::{MissedTickBehavior, interval, sleep},
};

use super::{
    Asked, Item, Out, Plan, Receipt,
    lease::{Lease, Leases, State},
    partition::Came,
};
use crate::{
    nats::{Link, connect, stream::look},
    store::Fault,
};

/// How long to wait before it is tried again.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// What is known of a partition as long as the program runs, whatever becomes of connections.
#[derive(Default)]
pub(super) struct Known {
    /// Up to this messages were handed out.
    pub(super) handed: u64,
    /// Up to this they have been written.
    pub(super) written: u64,
    /// The lease when it was read last, its revision, and since when it is that.
    pub(super) lease: Option<(Lease, u64)>,
    pub(super) since: Option<Instant>,
    /// It is ours, and this reads it.
    pub(super) task: Option<JoinHandle<()>>,
    /// Somebody else has read it to its end.
    pub(super) done: bool,
}

impl Known {
    /// Whether we have read all of it.
    pub(super) fn is_at_end(&self) -> bool {
        let lease = self.lease.as_ref();
        self.task.is_some() && lease.is_some_and(|(lease, _)| lease.at_end)
    }
}

/// A connection with all that is asked for there.
pub(super) struct Session {
    pub(super) link: Link,
    pub(super) stream: Stream,
    /// By partition.
    pub(super) subjects: Vec<String>,
    pub(super) leases: Leases,
}

/// A worker.
pub(super) struct Work {
    pub(super) plan: Plan,
    pub(super) name: String,
    pub(super) out: Out,
    pub(super) known: BTreeMap<u32, Known>,
    pub(super) tell: UnboundedSender<Came>,
    /// Why it is not connected, if the user has been told.
    away: Option<String>,
    /// The end has been told.
    ended: bool,
}

/// Works until it is asked to end.
pub(super) async fn run(
    plan: Plan,
    out: Out,
    mut receipts: UnboundedReceiver<Receipt>,
    mut asked: watch::Receiver<Asked>,
) {
    let (tell, mut came) = unbounded_channel();
    let number = RandomState::new().hash_one(std::process::id());
    let mut work = Work {
        name: format!("{}-{number:016x}", std::process::id()),
        plan,
        out,
        known: BTreeMap::new(),
        tell,
        away: None,
        ended: false,
    };
    let mut pause = FIRST;
    loop {
        let began = Instant::now();
        let time = work.plan.lease;
        let fault = tokio::select! {
            ended = work.session(&mut receipts, &mut came, asked.clone()) => match ended {
                Ok(()) => return,
                Err(fault) => fault,
            },
            // Who is away cannot let go of anything.
            () = too_late(asked.clone(), time) => return,
        };
        let words = match fault {
            Fault::Lasting(words) | Fault::Refused(words) => {
                let words = format!("{}: {words}", work.plan.at);
                work.out.say(Item::Failed(words));
                return;
            }
            Fault::Passing(words) => words,
        };
        work.let_tasks_go(&mut came).await;
        if began.elapsed() > LONGEST {
            pause = FIRST;
        }
        if work.away.is_none() {
            let told = format!("{}: {words}; trying again", work.plan.at);
            work.out.say(Item::Words(told));
            work.away = Some(words);
        }
        tokio::select! {
            () = sleep(pause) => {}
            _ = asked.wait_for(|asked| matches!(asked, Asked::Close(_))) => return,
        }
        pause = (pause * 2).min(LONGEST);
    }
}

/// Is over when it has taken too long to let everything go.
async fn too_late(mut asked: watch::Receiver<Asked>, time: Duration) {
    let closed = asked.wait_for(|asked| matches!(asked, Asked::Close(_)));
    let _ = closed.await;
    sleep(time).await;
}

impl Work {
    /// Works as long as a connection lasts.
    async fn session(
        &mut self,
        receipts: &mut UnboundedReceiver<Receipt>,
        came: &mut UnboundedReceiver<Came>,
        mut asked: watch::Receiver<Asked>,
    ) -> Result<(), Fault> {
        let link = connect(&self.plan.at, None, 256).await?;
        let Some((stream, subjects)) = look(&link.context, &self.plan.at.stream).await? else {
            let words = format!("there is no stream {}", self.plan.at.stream);
            return Err(if self.plan.until_end {
                Fault::Lasting(words)
            } else {
                Fault::Passing(words)
            });
        };
        let replicas = stream.cached_info().config.num_replicas;
        let (name, group) = (&self.plan.at.stream, &self.plan.group);
        let leases = Leases::open(&link.context, name, group, replicas).await?;
        let session = Session {
            link,
            stream,
            subjects,
            leases,
        };
        if self.away.take().is_some() {
            let words = format!("{}: there again", self.plan.at);
            self.out.say(Item::Words(words));
        }
        let mut turns = interval(self.plan.lease / 4);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut reads = true;
        loop {
            let now = *asked.borrow_and_update();
            if now != Asked::Read && std::mem::replace(&mut reads, false) {
                self.stop_reading().await;
            }
            tokio::select! {
                biased;
                fault = session.link.lost() => return Err(fault),
                receipt = receipts.recv() => {
                    let Some(receipt) = receipt else {
                        let whole = *asked.borrow() == Asked::Close(true);
                        self.stop_reading().await;
                        // Of what has been handed on, some may not be known yet, because it comes another way.
                        while let Ok(last) = came.try_recv() {
                            self.came(&last);
                        }
                        self.let_go(&session, whole).await;
                        return Ok(());
                    };
                    self.written(receipt).await;
                }
                Some(came) = came.recv() => self.came(&came),
                _ = asked.changed() => {}
                _ = turns.tick() => {
                    // An answer that is on its way over a lost connection would be waited for.
                    let end = tokio::select! {
                        end = self.turn(&session, reads) => end?,
                        fault = session.link.lost() => return Err(fault),
                    };
                    if end && !std::mem::replace(&mut self.ended, true) {
                        self.out.say(Item::End);
                    }
                }
            }
        }
    }

    async fn written(&mut self, receipt: Receipt) {
        let known = self.known.entry(receipt.partition).or_default();
        known.written = known.written.max(receipt.sequence);
        // If it does not get there, whoever comes next reads more than has to be.
        let _ = receipt.last.ack().await;
    }

    fn came(&mut self, came: &Came) {
        match *came {
            Came::Handed(partition, sequence) => {
                let known = self.known.entry(partition).or_default();
                known.handed = known.handed.max(sequence);
            }
            Came::AtEnd(partition) => {
                let known = self.known.entry(partition).or_default();
                if let Some((lease, _)) = &mut known.lease {
                    // It is written down when the lease is written the next time.
                    lease.at_end = true;
                }
            }
            Came::Lost(partition) => self.lose(partition),
        }
    }

    /// Somebody else has a partition.
    pub(super) fn lose(&mut self, partition: u32) {
        let known = self.known.entry(partition).or_default();
        let Some(task) = known.task.take() else {
            return;
        };
        task.abort();
        known.lease = None;
        known.since = None;
        let words = format!(
            "{}: partition {} has been taken over by another worker",
            self.plan.at,
            partition + 1
        );
        self.out.say(Item::Words(words));
    }

    /// Has no more messages come.
    async fn stop_reading(&mut self) {
        for known in self.known.values_mut() {
            if let Some(task) = &mut known.task {
                task.abort();
                let _ = task.await;
                // It is still ours.
                known.task = Some(tokio::spawn(async {}));
            }
        }
    }

    /// After a connection was lost, has nothing read there any more.
    async fn let_tasks_go(&mut self, came: &mut UnboundedReceiver<Came>) {
        for known in self.known.values_mut() {
            if let Some(task) = known.task.take() {
                task.abort();
                let _ = task.await;
            }
        }
        while let Ok(came) = came.try_recv() {
            if let Came::Handed(..) = came {
                self.came(&came);
            }
        }
    }

    /// Lets all partitions go.
    async fn let_go(&mut self, session: &Session, whole: bool) {
        for (&partition, known) in &mut self.known {
            let (Some(_), Some((lease, revision))) = (known.task.take(), known.lease.take()) else {
                continue;
            };
            let all = known.written >= known.handed;
            let epoch = lease.epoch;
            let lease = Lease {
                state: if whole && all && lease.at_end {
                    State::Finished
                } else {
                    State::Free
                },
                start: lease.start.max(known.written + 1),
                seen: lease.seen.max(known.handed).max(known.written),
                ..lease
            };
            let leases = &session.leases;
            if let Ok(Some(_)) = leases.write(partition, &lease, Some(revision)).await {
                let name = Lease::consumer(&self.plan.group, partition, epoch);
                let _ = session.stream.delete_consumer(&name).await;
            }
        }
        let _ = session.link.context.client().flush().await;
    }
}
