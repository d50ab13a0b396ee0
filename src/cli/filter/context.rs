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
    after_context: Option<u64>,

    /// Also the N records before each match, of the same process
    #[arg(short = 'B', long, value_name = "N", group = "context_lines")]
    before_context: Option<usize>,

    /// Also the N records before and after each match: -A N -B N
    #[arg(short = 'C', long, value_name = "N", group = "context_lines")]
    context: Option<u32>,

    /// Whose records are context: process, tree, a FIELD, or none for all [default: process]
    ///
    /// A FIELD is written as in dl-expr(7). Records that do not have it belong together. With
    /// none, context is what stands beside a match in the input, as in grep(1). Context is
    /// remembered for the 65,536 processes, trees or values that were seen last.
    #[arg(long, value_name = "WHAT", value_parser = parse_by, requires = "context_lines")]
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
