//! How partitions come to workers: each takes its share at once, and what is left when others have
//! had time to take it, or have died.

use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::DeliverPolicy;

use super::{
    Item,
    lease::{Lease, State},
    partition::{self, Portion},
    worker::{Session, Work},
};
use crate::store::Fault;

impl Work {
    /// Says that we live, and takes what is to be taken; true if everything has been read.
    pub(super) async fn turn(&mut self, session: &Session, takes: bool) -> Result<bool, Fault> {
        let count = u32::try_from(session.subjects.len()).unwrap_or(u32::MAX);
        let share = count.div_ceil(self.plan.workers.max(1));
        // What is beyond our share comes one at a time, so that others have a part of it.
        let mut beyond = true;
        // Workers that start together do not all ask for the same first.
        let first = u32::try_from(self.name.bytes().map(u64::from).sum::<u64>() % 1_024);
        let first = first.unwrap_or_default() % count;
        for partition in (first..count).chain(0..first) {
            if self.known.entry(partition).or_default().task.is_some() {
                self.renew(session, partition).await?;
                continue;
            }
            let lease = session.leases.read(partition).await?;
            let stale = self.look_at(session, partition, lease).await?;
            let known = &self.known[&partition];
            let told = known.lease.as_ref().map(|(lease, _)| lease.state);
            let is_ours = known
                .lease
                .as_ref()
                .is_some_and(|(lease, _)| lease.state == State::Held && lease.worker == self.name);
            if !takes || known.done && !stale && !is_ours {
                continue;
            }
            let owned = self.known.values().filter(|known| known.task.is_some());
            let has_room = owned.count() < share as usize;
            let is_free = told != Some(State::Held);
            let may_take = is_ours
                || is_free && has_room
                || stale && (has_room || std::mem::take(&mut beyond));
            if may_take {
                self.take(session, partition).await?;
            }
        }
        let all = self
            .known
            .values()
            .all(|known| known.done || known.is_at_end());
        Ok(self.plan.until_end && all)
    }

    /// Notes a lease of somebody else; true if nobody has touched it for the time of a lease.
    async fn look_at(
        &mut self,
        session: &Session,
        partition: u32,
        lease: Option<(Lease, u64)>,
    ) -> Result<bool, Fault> {
        let until_end = self.plan.until_end;
        let known = self.known.entry(partition).or_default();
        let revision = |lease: &Option<(Lease, u64)>| lease.as_ref().map(|(_, revision)| *revision);
        if revision(&known.lease) != revision(&lease) || known.since.is_none() {
            known.since = Some(Instant::now());
        }
        known.lease = lease;
        let stale = known
            .since
            .is_some_and(|since| since.elapsed() >= self.plan.lease);
        let told = known.lease.as_ref().map(|(lease, _)| (lease.state, lease));
        known.done = until_end
            && match told {
                Some((State::Finished, lease)) => {
                    let start = lease.start;
                    let subject = &session.subjects[partition as usize];
                    let last = session.stream.get_last_raw_message_by_subject(subject);
                    // What cannot be found is not there.
                    let more = last.await.is_ok_and(|last| last.sequence >= start);
                    return Ok(self.finished(partition, more) && stale);
                }
                Some((State::Held, lease)) => lease.at_end && !stale,
                _ => false,
            };
        Ok(stale)
    }

    /// Notes whether there is more than what somebody has finished with.
    fn finished(&mut self, partition: u32, more: bool) -> bool {
        self.known.entry(partition).or_default().done = !more;
        more
    }

    /// Says that we live.
    async fn renew(&mut self, session: &Session, partition: u32) -> Result<(), Fault> {
        let known = self.known.entry(partition).or_default();
        let Some((lease, revision)) = known.lease.clone() else {
            return Ok(());
        };
        match session
            .leases
            .write(partition, &lease, Some(revision))
            .await?
        {
            Some(revision) => known.lease = Some((lease, revision)),
            None => self.lose(partition),
        }
        Ok(())
    }

    /// Takes a partition, if nobody is faster.
    async fn take(&mut self, session: &Session, partition: u32) -> Result<(), Fault> {
        let known = self.known.entry(partition).or_default();
        let before = known.lease.clone();
        let (handed, written) = (known.handed, known.written);
        let last = before.as_ref().map(|(lease, _)| lease.clone());
        let last = last.unwrap_or_else(|| Lease {
            origin: 1,
            start: 1,
            ..Lease::default()
        });
        let is_ours = last.state == State::Held && last.worker == self.name;
        let group = &self.plan.group;
        // Up to where it was acknowledged, and up to where somebody may have had it.
        let (mut start, mut seen) = (last.start.max(1), last.seen);
        if last.state == State::Held {
            let name = Lease::consumer(group, partition, last.epoch);
            if let Ok(info) = session.stream.consumer_info(&name).await {
                start = start.max(info.ack_floor.stream_sequence + 1);
                seen = seen.max(info.delivered.stream_sequence);
            }
        }
        if is_ours {
            start = start.max(written + 1);
            seen = last.seen;
        }
        let finished = last.state == State::Finished;
        let lease = Lease {
            worker: self.name.clone(),
            epoch: last.epoch + 1,
            origin: if finished { start } else { last.origin.max(1) },
            start,
            seen: if finished { 0 } else { seen },
            at_end: false,
            state: State::Held,
        };
        let revision = before.as_ref().map(|(_, revision)| *revision);
        let Some(revision) = session.leases.write(partition, &lease, revision).await? else {
            known.since = None;
            return Ok(());
        };
        // From here on the owner before gets nothing more.
        for epoch in [last.epoch, last.epoch.saturating_sub(1)] {
            let name = Lease::consumer(group, partition, epoch);
            if epoch > 0 {
                let _ = session.stream.delete_consumer(&name).await;
            }
        }
        let from = if is_ours || finished || before.is_none() {
            DeliverPolicy::ByStartSequence {
                start_sequence: start,
            }
        } else {
            again(session, &lease, self.plan.replay).await
        };
        let name = Lease::consumer(group, partition, lease.epoch);
        let subject = &session.subjects[partition as usize];
        let config = partition::config(&name, subject, from);
        let consumer = session.stream.create_consumer(config).await;
        let consumer = consumer.map_err(|error| Fault::passing(&error))?;
        let portion = Portion {
            partition,
            from: if is_ours { handed + 1 } else { lease.origin },
            seen: lease.seen,
            until_end: self.plan.until_end,
        };
        if last.state == State::Held && !is_ours {
            let words = format!(
                "{}: partition {} taken over from a worker that is not heard of any more",
                self.plan.at,
                partition + 1
            );
            self.out.say(Item::Words(words));
        }
        let (out, tell) = (self.out.clone(), self.tell.clone());
        let known = self.known.entry(partition).or_default();
        if !is_ours {
            (known.handed, known.written) = (0, 0);
        }
        known.lease = Some((lease, revision));
        known.done = false;
        known.task = Some(tokio::spawn(partition::read(consumer, portion, out, tell)));
        Ok(())
    }
}

/// From where on a partition is read that somebody else has read before.
async fn again(session: &Session, lease: &Lease, replay: Option<Duration>) -> DeliverPolicy {
    let at = |start_sequence: u64| DeliverPolicy::ByStartSequence {
        start_sequence: start_sequence.max(1),
    };
    let Some(replay) = replay else {
        return at(lease.origin);
    };
    if replay.is_zero() || lease.start <= 1 {
        return at(lease.start);
    }
    match session.stream.get_raw_message(lease.start - 1).await {
        Ok(message) => DeliverPolicy::ByStartTime {
            start_time: message.time - replay,
        },
        // It is so old that it is not there any more.
        Err(_) => at(lease.start),
    }
}
