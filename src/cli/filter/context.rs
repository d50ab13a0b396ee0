//! Context: the records before and after a match, of the same process, tree or field.

use std::collections::VecDeque;

use clap::{ArgGroup, Args};
use foldhash::fast::RandomState;
use hashlink::LruCache;

use super::{
    gather::{Gather, Keyed},
    key::Key,
    stage::Next,
};
use crate::{error::Result, expr::Subject, record::Reader};

/// For how many keys records are remembered.
const KEYS: usize = 65_536;
/// What a held record and a key cost beside their bytes, about.
const OVERHEAD: usize = 96;

/// Records around those that match.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("context_lines").multiple(true))]
pub(super) struct ContextArgs {
    /// Also the N records after each match, of the same process
    ///
    /// Each record is written once, byte for byte, and nothing marks it as context. Those
    /// after a match come as they are in the input; those before it come right before it,
    /// and so later than records of other processes that were between them.
    #[arg(short = 'A', long, value_name = "N", group = "context_lines")]
    #[arg(hide_short_help = true)]
    after_context: Option<u64>,

    /// Also the N records before each match, of the same process
    #[arg(short = 'B', long, value_name = "N", group = "context_lines")]
    #[arg(hide_short_help = true)]
    before_context: Option<usize>,

    /// Also the N records before and after each match: -A N -B N
    #[arg(short = 'C', long, value_name = "N", group = "context_lines")]
    context: Option<u32>,

    /// Whose records are context: process, tree, a FIELD, or none for all [default: process]
    ///
    /// A FIELD is written as in dl-expr(7). Records that do not have it belong together. With
    /// none, context is what stands beside a match in the input, as in grep(1). Context is
    /// remembered for the 65,536 processes, trees or values that were seen last.
    #[arg(long, value_name = "WHAT", hide_short_help = true)]
    #[arg(value_parser = parse_by, requires = "context_lines")]
    context_by: Option<By>,
}

/// Whose records are context.
#[derive(Clone, Debug)]
enum By {
    Nothing,
    Field(Subject),
}

fn parse_by(text: &str) -> std::result::Result<By, String> {
    if text == "none" {
        return Ok(By::Nothing);
    }
    Subject::parse(text)
        .map(By::Field)
        .map_err(|error| error.to_string())
}

impl ContextArgs {
    /// True if there is any context to show.
    pub(super) fn is_wanted(&self) -> bool {
        self.after() > 0 || self.before() > 0
    }

    pub(super) fn key(&self, reader: &mut Reader) -> Key {
        match &self.context_by {
            None => Key::process(reader),
            Some(By::Nothing) => Key::Nothing,
            Some(By::Field(subject)) => Key::field(subject, reader),
        }
    }

    fn after(&self) -> u64 {
        self.after_context
            .or(self.context.map(u64::from))
            .unwrap_or(0)
    }

    fn before(&self) -> usize {
        let both = self
            .context
            .map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        self.before_context.or(both).unwrap_or(0)
    }
}

/// Passes matches on with their context.
pub(super) struct Context {
    before: usize,
    after: u64,
    /// How many more matches are wanted.
    left: Option<u64>,
    memory: usize,
    used: usize,
    /// In the order in which they were last seen.
    keys: LruCache<Box<str>, Beside, RandomState>,
    /// The records that have no key.
    keyless: Beside,
    /// The last match that is wanted, if it still lacks some of its context.
    last: Option<Last>,
}

/// What is remembered of the records of a key.
#[derive(Default)]
struct Beside {
    /// The last ones, if they are not written.
    before: VecDeque<Vec<u8>>,
    /// How many that come next are context.
    after: u64,
}

/// Where the context of the last match comes from.
struct Last {
    key: Option<Box<str>>,
    missing: u64,
}

impl Context {
    pub(super) fn new(args: &ContextArgs, left: Option<u64>, memory: usize) -> Self {
        Self::over(args.before(), args.after(), left, memory)
    }

    fn over(before: usize, after: u64, left: Option<u64>, memory: usize) -> Self {
        Self {
            before,
            after,
            left,
            memory,
            used: 0,
            keys: LruCache::with_hasher(usize::MAX, RandomState::default()),
            keyless: Beside::default(),
            last: None,
        }
    }

    /// Takes what is remembered of a key out, to be put back by `store`.
    fn take(&mut self, key: Option<&str>) -> Beside {
        match key {
            None => std::mem::take(&mut self.keyless),
            Some(key) => self
                .keys
                .get_mut(key)
                .map(std::mem::take)
                .unwrap_or_default(),
        }
    }

    fn store(&mut self, key: Option<&str>, beside: Beside) {
        match key {
            None => self.keyless = beside,
            Some(key) => match self.keys.get_mut(key) {
                Some(place) => *place = beside,
                // Without this, as many keys as there are would push each other out.
                None if beside.before.is_empty() && beside.after == 0 => {}
                None => self.open(key, beside),
            },
        }
    }

    fn open(&mut self, key: &str, beside: Beside) {
        self.used += key.len() + OVERHEAD;
        self.keys.insert(key.into(), beside);
    }

    /// Lets go what has been silent for longest while there is too much.
    fn relieve(&mut self) {
        while (self.used > self.memory || self.keys.len() > KEYS)
            && let Some((key, beside)) = self.keys.remove_lru()
        {
            let held: usize = beside.before.iter().map(size).sum();
            self.used -= key.len() + OVERHEAD + held;
        }
        while self.used > self.memory
            && let Some(line) = self.keyless.before.pop_front()
        {
            self.used -= size(&line);
        }
    }
}

fn size(line: &Vec<u8>) -> usize {
    line.capacity() + OVERHEAD
}

impl Gather for Context {
    fn record(&mut self, record: Keyed<'_>, next: &mut dyn Next) -> Result<()> {
        let Keyed {
            line,
            selected,
            key,
            twin: _,
        } = record;
        // Past the last match that is wanted, another one is context at most.
        let selected = selected && self.left != Some(0);
        let mut beside = self.take(key);
        if selected {
            for line in beside.before.drain(..) {
                self.used -= size(&line);
                next.pass(&line)?;
            }
            next.pass(line)?;
            beside.after = self.after;
            if let Some(left) = &mut self.left {
                *left -= 1;
                if *left == 0 {
                    self.last = Some(Last {
                        key: key.map(Into::into),
                        missing: self.after,
                    });
                }
            }
        } else if beside.after > 0 {
            beside.after -= 1;
            next.pass(line)?;
            if let Some(last) = &mut self.last
                && last.key.as_deref() == key
            {
                last.missing -= 1;
            }
        } else if self.before > 0 && self.left != Some(0) {
            let mut room = Vec::new();
            if beside.before.len() >= self.before
                && let Some(oldest) = beside.before.pop_front()
            {
                self.used -= size(&oldest);
                room = oldest;
                room.clear();
            }
            room.extend_from_slice(line);
            self.used += size(&room);
            beside.before.push_back(room);
        }
        self.store(key, beside);
        self.relieve();
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.missing == 0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// Takes what is passed on.
    #[derive(Default)]
    struct Out(Vec<usize>);

    impl Next for Out {
        fn pass(&mut self, line: &[u8]) -> Result<()> {
            let number = std::str::from_utf8(line).ok().and_then(|n| n.parse().ok());
            self.0.push(number.expect("a number"));
            Ok(())
        }

        fn more(&mut self, _: &[u8]) -> Result<()> {
            unreachable!("context makes no records")
        }

        fn add(&mut self, _: &[u8]) -> Result<()> {
            unreachable!("context makes no records")
        }

        fn reject(&mut self, _: &[u8], _: &str) {
            unreachable!("context rejects nothing")
        }
    }

    fn run(mut context: Context, records: &[(Option<u8>, bool)]) -> (Context, Vec<usize>) {
        let mut out = Out::default();
        for (number, &(key, selected)) in records.iter().enumerate() {
            let key = key.map(|key| key.to_string());
            let line = number.to_string();
            let record = Keyed {
                line: line.as_bytes(),
                selected,
                key: key.as_deref(),
                twin: None,
            };
            context.record(record, &mut out).expect("it passes");
            if context.is_full() {
                break;
            }
        }
        (context, out.0)
    }

    /// The same, looking through all records of the key for each one.
    fn naive(
        records: &[(Option<u8>, bool)],
        before: usize,
        after: usize,
        limit: usize,
    ) -> Vec<usize> {
        let mut out: Vec<usize> = Vec::new();
        let mut matches = Vec::new();
        for (at, &(key, selected)) in records.iter().enumerate() {
            let earlier: Vec<_> = (0..at).rev().filter(|&n| records[n].0 == key).collect();
            if selected && matches.len() < limit {
                let context = earlier.iter().take(before).rev();
                let unwritten: Vec<_> = context.filter(|n| !out.contains(n)).copied().collect();
                out.extend(unwritten);
                out.push(at);
                matches.push(at);
            } else if earlier.iter().take(after).any(|n| matches.contains(n)) {
                out.push(at);
            }
            if let Some(&last) = matches.get(limit - 1) {
                let since = (last + 1..=at).filter(|&n| records[n].0 == records[last].0);
                if since.count() == after {
                    break;
                }
            }
        }
        out
    }

    proptest! {
        #[test]
        fn it_is_what_a_naive_search_finds(
            records in vec((prop::option::of(0..4_u8), prop::bool::weighted(0.2)), 0..60),
            before in 0..5_usize,
            after in 0..5_usize,
            limit in prop_oneof![1..5_usize, Just(usize::MAX)],
        ) {
            let left = u64::try_from(limit).ok().filter(|_| limit != usize::MAX);
            let context = Context::over(before, after as u64, left, usize::MAX);
            let (context, out) = run(context, &records);
            prop_assert_eq!(out, naive(&records, before, after, limit));
            let held = context.keys.iter().map(|(key, beside)| {
                key.len() + OVERHEAD + beside.before.iter().map(size).sum::<usize>()
            });
            let keyless = context.keyless.before.iter().map(size).sum::<usize>();
            prop_assert_eq!(context.used, held.sum::<usize>() + keyless);
        }

        #[test]
        fn its_memory_is_bounded(
            records in vec((prop::option::of(any::<u8>()), prop::bool::weighted(0.05)), 0..200),
            memory in 0..3_000_usize,
        ) {
            let (context, _) = run(Context::over(3, 1, None, memory), &records);
            prop_assert!(context.used <= memory);
        }
    }

    #[test]
    fn keys_that_nothing_is_known_of_take_no_room() {
        let records: Vec<_> = (0..=u8::MAX).map(|key| (Some(key), key == 7)).collect();
        let (context, out) = run(Context::over(0, 2, None, usize::MAX), &records);
        assert_eq!((context.keys.len(), out), (1, vec![7]));
    }
}
