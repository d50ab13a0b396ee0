//! Lines out of order, as they arrive over many connections.

use std::io::{self, Write};

use crate::random::Random;

/// Passes lines on, each later than it came by a random number of lines.
pub(crate) struct Shuffle<W> {
    out: W,
    random: Random,
    /// The lines that wait; a new line takes the place of a random one, which goes out.
    waiting: Vec<Vec<u8>>,
    window: usize,
}

impl<W: Write> Shuffle<W> {
    /// A line waits for `window` others on average; with 0 it goes out at once.
    pub(crate) fn new(out: W, seed: u64, window: usize) -> Self {
        Self {
            out,
            random: Random::new(seed),
            waiting: vec![],
            window,
        }
    }

    pub(crate) fn push(&mut self, line: &[u8]) -> io::Result<()> {
        if self.waiting.len() < self.window {
            self.waiting.push(line.to_vec());
            return Ok(());
        }
        if self.window == 0 {
            return self.out.write_all(line);
        }
        let bound = u32::try_from(self.window).unwrap_or(u32::MAX);
        let place = &mut self.waiting[self.random.below(bound) as usize];
        self.out.write_all(place)?;
        place.clear();
        place.extend_from_slice(line);
        Ok(())
    }

    /// Writes what still waits.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        while !self.waiting.is_empty() {
            let bound = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
            let line = self.waiting.swap_remove(self.random.below(bound) as usize);
            self.out.write_all(&line)?;
        }
        self.out.flush()
    }
}
