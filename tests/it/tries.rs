//! How many cases a property is tried with.

use proptest::prelude::ProptestConfig;

/// What `PROPTEST_CASES` is if nobody has set it.
const USUAL: u64 = 256;

/// So many cases, for properties of which one case runs programs; more where `PROPTEST_CASES` asks for
/// more than usual, by the same factor.
pub(crate) fn tries(usual: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = u64::from(usual) * u64::from(asked.cases) / USUAL;
    ProptestConfig {
        cases: u32::try_from(cases.max(1)).unwrap_or(u32::MAX),
        ..asked
    }
}
