//! Throttling: so many records in so much time, for each logger or for all together.
//!
//! Each key has a bucket that holds as many records as one unit of time lets through, full
//! at the start and refilled by the records' own time. What finds it empty is taken away and
//! counted: the next record of the key that passes carries `"dl":{"throttled":N}`, and what
//! no record is left for is told by a record of our own.

use foldhash::fast::RandomState;
use hashlink::LruCache;

use super::{
    Emit, Wrong,
    field::By,
    loss::Loss,
    ratio::Rate,
    weight::{Scout, Sight},
};
use crate::record::{Instant, Stamper};

/// More loggers than an application has; a bucket takes some hundred bytes, so that all take
/// a few MiB at most. Past it, the key that was seen longest ago starts anew.
const MOST_KEYS: usize = 10_000;
/// The bytes of a key that count and are told; an id is shorter.
const LONGEST_KEY: usize = 256;
/// How far clocks of several machines may differ, in nanoseconds: a time that is behind by
/// less counts as the latest one; by more, it is another log, and the clock starts anew.
const SKEW: i64 = 60_000_000_000;
/// How long a count waits for a record to carry it, in nanoseconds of either clock.
const PATIENCE: i64 = 10_000_000_000;

/// Lets a number of records pass in each unit of time. It keeps at most 10,000 keys.
#[derive(Debug)]
pub struct Throttle {
    rate: Rate,
    by: Option<By>,
    rule: Option<String>,
    scout: Scout,
    stamper: Stamper,
    buckets: LruCache<Option<String>, Bucket, RandomState>,
    last: Option<Instant>,
    idle_since: Option<Instant>,
    swept: Instant,
    /// Records since the last sweep: a sweep is no dearer than they were.
    since_swept: usize,
    stamped: Vec<u8>,
}

#[derive(Debug)]
struct Bucket {
    /// In nanoseconds times records, so that nothing is rounded.
    level: u128,
    at: Instant,
    loss: Loss,
}

impl Throttle {
    /// Reads a rate, `100/s`, `600/m` or `1000/h`, and the field whose texts have a bucket
    /// each; without one, all records share one bucket.
    pub fn parse(rate: &str, by: Option<&str>) -> Result<Self, Wrong> {
        let rate = Rate::parse(rate)?;
        let by = by.map(By::parse).transpose()?;
        Ok(Self {
            rate,
            scout: Scout::new(by.as_slice()),
            by,
            rule: None,
            stamper: Stamper::new("throttled"),
            buckets: LruCache::with_hasher(MOST_KEYS, RandomState::default()),
            last: None,
            idle_since: None,
            swept: Instant(0),
            since_swept: 0,
            stamped: Vec::new(),
        })
    }

    /// Names the rule of a rule file in records that count what was taken away.
    #[must_use]
    pub fn for_rule(mut self, name: &str) -> Self {
        self.rule = Some(name.to_owned());
        self
    }

    /// Takes a record, without its newline. It passes, or it is counted as taken away.
    ///
    /// A record without time has that of the last one; before the first time there is no
    /// rate, and records pass. A line that is no record, or a count of ours, passes.
    ///
    /// # Errors
    /// Only those of `emit`.
    pub fn push<E>(
        &mut self,
        line: &[u8],
        emit: &mut dyn FnMut(Emit<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.idle_since = None;
        let Some(sight) = self.scout.look(line).filter(|sight| !sight.is_loss) else {
            return emit(Emit::Pass(line));
        };
        self.last = sight.time.or(self.last);
        let Some(now) = self.last else {
            return emit(Emit::Pass(line));
        };
        self.draw(line, &sight, now, emit)?;
        self.sweep(now, emit)
    }

    fn draw<E>(
        &mut self,
        line: &[u8],
        sight: &Sight<'_>,
        now: Instant,
        emit: &mut dyn FnMut(Emit<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let key = key(sight);
        if !self.buckets.contains_key(&key) {
            let fresh = Bucket {
                level: self.rate.capacity(),
                at: now,
                loss: Loss::default(),
            };
            if self.buckets.len() == MOST_KEYS
                && let Some((oldest, bucket)) = self.buckets.remove_lru()
            {
                tell(
                    &bucket.loss,
                    self.rule.as_deref(),
                    self.by.as_ref(),
                    oldest.as_deref(),
                    emit,
                )?;
            }
            self.buckets.insert(key.clone(), fresh);
        }
        let Some(bucket) = self.buckets.get_mut(&key) else {
            return emit(Emit::Pass(line));
        };
        if !bucket.draw(now, self.rate) {
            bucket.loss.add(sight.weight.total(), Some(now));
            return Ok(());
        }
        if bucket.loss.records == 0 {
            return emit(Emit::Pass(line));
        }
        let throttled = sight.weight.throttled.saturating_add(bucket.loss.records);
        self.stamped.clear();
        let told = self
            .stamper
            .update(line, |_| throttled.to_string(), &mut self.stamped);
        if told == Ok(true) {
            bucket.loss = Loss::default();
            emit(Emit::Pass(&self.stamped))
        } else {
            emit(Emit::Pass(line))
        }
    }

    /// No record has come for a while; `now` is the time of the clock on the wall. After ten
    /// seconds of that, what is not told yet is told.
    ///
    /// # Errors
    /// Only those of `emit`.
    pub fn idle<E>(
        &mut self,
        now: Instant,
        emit: &mut dyn FnMut(Emit<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let since = *self.idle_since.get_or_insert(now);
        if now.0.saturating_sub(since.0) < PATIENCE {
            return Ok(());
        }
        self.finish(emit)
    }

    /// The records have ended: tells what is not told yet.
    ///
    /// # Errors
    /// Only those of `emit`.
    pub fn finish<E>(&mut self, emit: &mut dyn FnMut(Emit<'_>) -> Result<(), E>) -> Result<(), E> {
        self.tell_older_than(Instant(i64::MAX), emit)
    }

    /// Tells counts that no record has come for in ten seconds of the records' time.
    fn sweep<E>(
        &mut self,
        now: Instant,
        emit: &mut dyn FnMut(Emit<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.since_swept += 1;
        let due = now.0.saturating_sub(self.swept.0).saturating_abs() >= PATIENCE;
        if !due || self.since_swept < self.buckets.len() {
            return Ok(());
        }
        self.swept = now;
        self.since_swept = 0;
        self.tell_older_than(Instant(now.0.saturating_sub(PATIENCE)), emit)
    }

    fn tell_older_than<E>(
        &mut self,
        limit: Instant,
        emit: &mut dyn FnMut(Emit<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (rule, by) = (self.rule.as_deref(), self.by.as_ref());
        // Those that were used longest ago come first.
        for (key, bucket) in &mut self.buckets {
            if bucket.loss.span.is_some_and(|(_, to)| to <= limit) {
                tell(
                    &std::mem::take(&mut bucket.loss),
                    rule,
                    by,
                    key.as_deref(),
                    emit,
                )?;
            }
        }
        Ok(())
    }
}

impl Rate {
    fn capacity(self) -> u128 {
        u128::from(self.records) * u128::from(self.period)
    }
}

impl Bucket {
    /// Refills for the time that has passed, and takes out one record if there is one.
    fn draw(&mut self, now: Instant, rate: Rate) -> bool {
        let passed = i128::from(now.0) - i128::from(self.at.0);
        if passed > 0 {
            let refill = passed.unsigned_abs() * u128::from(rate.records);
            self.level = rate.capacity().min(self.level + refill);
        }
        if passed > 0 || passed < -i128::from(SKEW) {
            self.at = now;
        }
        let cost = u128::from(rate.period);
        let enough = self.level >= cost;
        if enough {
            self.level -= cost;
        }
        enough
    }
}

/// The text whose bucket it is; long ones are cut, with a hash of the whole.
fn key(sight: &Sight<'_>) -> Option<String> {
    let text = sight.fields.first()?.as_ref()?;
    if text.len() <= LONGEST_KEY {
        return Some(text.clone().into_owned());
    }
    let end = (0..=LONGEST_KEY)
        .rev()
        .find(|&at| text.is_char_boundary(at))?;
    let hash = twox_hash::XxHash64::oneshot(0, text.as_bytes());
    Some(format!("{}…#{hash:016x}", &text[..end]))
}

fn tell<E>(
    loss: &Loss,
    rule: Option<&str>,
    by: Option<&By>,
    key: Option<&str>,
    emit: &mut dyn FnMut(Emit<'_>) -> Result<(), E>,
) -> Result<(), E> {
    if loss.records == 0 {
        return Ok(());
    }
    let by = by.map(|by| (by.name(), key));
    emit(Emit::Add(&loss.print("throttle", rule, by)))
}

#[cfg(test)]
mod tests;
