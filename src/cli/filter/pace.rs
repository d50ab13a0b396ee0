//! When the sieve is worth it: where it holds too little back, it is left out for a while.

/// How many chunks are scanned whole before the sieve is tried again: few enough to notice a
/// change of the input, so many that trying in vain costs 2 % or so.
const REST: u32 = 31;

/// What a worker remembers of how much the sieve has held back.
#[derive(Debug, Default)]
pub(super) struct Pace {
    rest: u32,
}

impl Pace {
    /// Begins a chunk: true if its lines are to go through the sieve.
    pub(super) fn sieves(&mut self) -> bool {
        let sieves = self.rest == 0;
        self.rest = self.rest.saturating_sub(1);
        sieves
    }

    /// So many of the lines of a chunk have passed.
    pub(super) fn passed(&mut self, survivors: u64, lines: u64) {
        if survivors > lines / 2 {
            self.rest = REST;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sieve_that_holds_little_back_rests() {
        let mut pace = Pace::default();
        assert!(pace.sieves());
        pace.passed(50, 100);
        assert!(pace.sieves());
        pace.passed(51, 100);
        assert_eq!((0..100).take_while(|_| !pace.sieves()).count(), 31);
    }
}
