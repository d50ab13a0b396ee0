//! Cleaning: what must not leave the house is redacted, and what there is too much of is
//! thinned out; whatever is taken away is counted in band.
//!
//! [`Redactor`] and [`Sampler`] look at one record by itself, and a clone for each worker
//! does the same everywhere. [`Throttle`] and [`Dedup`] have to see the records in the order
//! of the input; what comes out of them goes to a function that takes an [`Emit`].
//!
//! The module knows `record` and no other module of the crate. It does no I/O and has no
//! clock: time is what the records say, and where nothing comes, what the caller says.

mod address;
mod card;
mod credential;
mod dedup;
mod emit;
mod field;
mod hash;
mod iban;
mod loss;
mod names;
mod number;
mod pairs;
mod paths;
mod pattern;
mod ratio;
mod redact;
mod rules;
mod sample;
mod text;
mod throttle;
mod walk;
mod weight;
mod wrong;

pub use dedup::Dedup;
pub use emit::Emit;
pub use hash::{HashKey, Replacement};
pub use redact::Redactor;
pub use sample::Sampler;
pub use throttle::Throttle;
pub use wrong::Wrong;
