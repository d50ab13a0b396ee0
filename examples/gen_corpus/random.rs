//! A small seeded generator: the same seed gives the same numbers on every machine.
//!
//! Splitmix64 (Steele, Lea and Flood, 2014) passes `BigCrush`, is five instructions long, and any
//! number is a good seed, so that a scope's values can be drawn again from the scope's own seed.

/// A stream of pseudo-random numbers.
#[derive(Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn next_u32(&mut self) -> u32 {
        (self.next() >> 32) as u32
    }

    /// A number in `0..bound`. The bias of at most `bound / 2^32` does not matter here.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        ((u64::from(self.next_u32()) * u64::from(bound)) >> 32) as u32
    }

    /// A number in `low..=high`.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// True in `parts` of 1,000 cases.
    pub(crate) fn per_mille(&mut self, parts: u32) -> bool {
        self.below(1000) < parts
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let bound = u32::try_from(from.len()).unwrap_or(u32::MAX);
        &from[self.below(bound) as usize]
    }

    pub(crate) fn word(&mut self, from: &[&'static str]) -> &'static str {
        self.pick::<&str>(from)
    }

    /// A waiting time in nanoseconds with a long tail: 4 µs at least, a second at most.
    ///
    /// A random power of two with random digits below it is close enough to the log-normal times
    /// of real services, and needs no floating point, which might differ between machines.
    pub(crate) fn delay(&mut self) -> u32 {
        let magnitude = self.between(12, 29);
        self.between(1 << magnitude, 2 << magnitude)
    }
}
