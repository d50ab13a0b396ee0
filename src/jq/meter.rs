//! What a program may use up on one record: steps, stack, nesting and text.

use std::cell::Cell;

use jaq_json::{Error, Val};

/// Steps for any record, and more for each byte of it. A step is an element, a call or a
/// turn of a loop, and takes about a tenth of a microsecond.
const STEPS: u64 = 250_000;
const STEPS_PER_BYTE: u64 = 16;

/// Arrays and objects that may be put around others, for any record and for each byte of
/// it: what is built of a record that way has no more levels.
const NESTING: u64 = 10_000;
const NESTING_PER_BYTE: u64 = 2;

/// Bytes of stack that calls inside each other may take: half of what a worker has, so that
/// the other half is left for going down into values.
const STACK: usize = 16 << 20;

/// Bytes that any result may have, and more for each byte of the record.
const LENGTH: usize = 16 << 20;
const LENGTH_PER_BYTE: usize = 16;

/// What is left for one record.
#[derive(Debug)]
pub(super) struct Meter {
    steps: Cell<u64>,
    nesting: Cell<u64>,
    /// The longest text or array, and the longest result.
    pub(super) length: usize,
    /// Where the stack was when the program began.
    base: usize,
    exceeded: Cell<Option<&'static str>>,
}

impl Meter {
    /// A full meter for a record of this many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        let size = bytes as u64;
        Self {
            steps: Cell::new(STEPS + STEPS_PER_BYTE.saturating_mul(size)),
            nesting: Cell::new(NESTING + NESTING_PER_BYTE.saturating_mul(size)),
            length: LENGTH + LENGTH_PER_BYTE.saturating_mul(bytes),
            base: stack_pointer(),
            exceeded: Cell::new(None),
        }
    }

    /// The limit that was hit, if one was; a program cannot catch that.
    pub(super) fn exceeded(&self) -> Option<&'static str> {
        self.exceeded.get()
    }

    /// Counts a step.
    pub(super) fn step(&self) -> Result<(), Error> {
        self.take(
            &self.steps,
            "the program takes too many steps on this record",
        )?;
        // The stack grows downwards on all machines that this runs on.
        if self.base.saturating_sub(stack_pointer()) > STACK {
            return Err(self.exceed("the program calls itself too many times on this record"));
        }
        Ok(())
    }

    /// Counts a value that was built, if it has more than one level.
    pub(super) fn nest(&self, value: &Val) -> Result<(), Error> {
        let deep = |value: &Val| matches!(value, Val::Arr(_) | Val::Obj(_));
        let deeper = match value {
            Val::Arr(array) => array.iter().any(deep),
            Val::Obj(object) => object.values().any(deep),
            _ => false,
        };
        if deeper {
            self.take(
                &self.nesting,
                "the program nests too many values on this record",
            )?;
        }
        Ok(())
    }

    /// Refuses a length beyond the limit.
    pub(super) fn grow(&self, length: usize) -> Result<(), Error> {
        if length > self.length {
            return Err(self.exceed("the program makes too long a value of this record"));
        }
        Ok(())
    }

    fn take(&self, left: &Cell<u64>, reason: &'static str) -> Result<(), Error> {
        match left.get().checked_sub(1) {
            Some(less) => {
                left.set(less);
                Ok(())
            }
            None => Err(self.exceed(reason)),
        }
    }

    #[cold]
    fn exceed(&self, reason: &'static str) -> Error {
        let first = self.exceeded.get().unwrap_or(reason);
        self.exceeded.set(Some(first));
        Error::str(first)
    }
}

/// About where the top of the stack is.
#[inline(never)]
fn stack_pointer() -> usize {
    let mark = 0u8;
    std::ptr::from_ref(std::hint::black_box(&mark)).addr()
}
