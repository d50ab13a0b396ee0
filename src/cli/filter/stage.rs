//! What selected records go through before they are written: treatments, which see one
//! record by itself and run in the workers, and stages, which see all of them in the order
//! of the input.
//!
//! The order is fixed: select, gather (whole trees, context), treat (sample, jq, redact),
//! thin out (throttle, dedup), write. Nothing here knows where the records go.

use crate::error::Result;

/// Something done to one record by itself. Each worker has its own.
pub(super) trait Treat: Send {
    /// Appends what becomes of `line` to `out`, as whole lines; nothing if it is taken away.
    ///
    /// # Errors
    /// The reason why the line counts as rejected; what was appended to `out` is dropped.
    fn treat(&mut self, line: &[u8], out: &mut Vec<u8>) -> std::result::Result<(), String>;
}

/// Makes a treatment for each worker.
pub(super) type MakeTreat<'p> = Box<dyn Fn() -> Box<dyn Treat> + Sync + 'p>;

/// Where a stage passes records on to.
pub(super) trait Next {
    /// Takes a record of the input, without its newline.
    fn pass(&mut self, line: &[u8]) -> Result<()>;

    /// Takes one more record that a record of the input has become, after the first.
    fn more(&mut self, line: &[u8]) -> Result<()>;

    /// Takes a record that was made here, such as a count of what was taken away; no stage
    /// sees it, and it is not counted as read.
    fn add(&mut self, line: &[u8]) -> Result<()>;

    /// Counts a record of the input as rejected.
    fn reject(&mut self, line: &[u8], reason: &str);
}

/// Something that has to see the records in the order of the input. What it does not pass
/// on counts as filtered.
pub(super) trait Stage: Send {
    /// Takes a record; `selected` is always true: see `gather` for who sees the others.
    fn record(&mut self, line: &[u8], selected: bool, next: &mut dyn Next) -> Result<()>;

    /// Is called now and then while no input comes.
    fn idle(&mut self, next: &mut dyn Next) -> Result<()> {
        let _ = next;
        Ok(())
    }

    /// The input has ended: passes on what is held back.
    fn finish(&mut self, next: &mut dyn Next) -> Result<()> {
        let _ = next;
        Ok(())
    }
}

/// Treatments as a stage, for what has to go through a stage before it is treated.
pub(super) struct Treated {
    treatments: Vec<Box<dyn Treat>>,
    scratch: Scratch,
}

impl Treated {
    pub(super) fn new(treatments: Vec<Box<dyn Treat>>) -> Self {
        Self {
            treatments,
            scratch: Scratch::default(),
        }
    }
}

impl Stage for Treated {
    fn record(&mut self, line: &[u8], _: bool, next: &mut dyn Next) -> Result<()> {
        match self.scratch.apply(&mut self.treatments, line) {
            Err(reason) => next.reject(line, &reason),
            Ok(lines) => {
                let mut lines = crate::record::Lines::new(lines);
                if let Some(first) = lines.next() {
                    next.pass(first)?;
                }
                lines.try_for_each(|line| next.more(line))?;
            }
        }
        Ok(())
    }
}

/// Room for what treatments hand to each other.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Scratch {
    /// The lines that become of `line` when it has gone through all treatments.
    pub(super) fn apply(
        &mut self,
        treatments: &mut [Box<dyn Treat>],
        line: &[u8],
    ) -> std::result::Result<&[u8], String> {
        self.after.clear();
        self.after.extend_from_slice(line);
        self.after.push(b'\n');
        for treatment in treatments {
            std::mem::swap(&mut self.before, &mut self.after);
            self.after.clear();
            for line in crate::record::Lines::new(&self.before) {
                treatment.treat(line, &mut self.after)?;
            }
        }
        Ok(&self.after)
    }
}
