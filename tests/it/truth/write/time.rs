//! Times and ids as producers spell them.

use distlog::record::Instant;
use serde_json::Value;

use super::super::model::Nanos;

/// Seconds since 1970 with microseconds, as Python's `time.time()` has them.
#[expect(
    clippy::cast_precision_loss,
    reason = "that is what a float clock does"
)]
pub(super) fn seconds(at: Nanos) -> Value {
    (((at / 1_000) as f64) / 1e6).into()
}

/// RFC 3339 in UTC.
pub(super) fn rfc3339(at: Nanos) -> String {
    Instant(at).to_rfc3339()
}

/// A UUID of these bits.
pub(super) fn uuid(bits: u128) -> String {
    let hex = format!("{bits:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}
