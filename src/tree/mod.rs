//! Trees: one per request, rebuilt from the records of all processes.
//!
//! A [`scheme`] says where in its tree a record belongs; [`assemble`] puts the records of
//! one tree together; [`Collector`] gathers the records of many trees. All of it works on
//! bytes in memory and knows no I/O and no clock.

mod adjust;
mod arrival;
mod assemble;
mod catalog;
mod claim;
mod collect;
mod critical;
mod cut;
mod explain;
mod facts;
mod flatten;
mod goal;
mod graph;
mod ids;
mod interval;
mod log;
mod model;
mod note;
mod object;
mod origin;
mod paths;
mod placed;
mod prune;
mod rank;
mod read;
mod roll;
mod roster;
pub mod scheme;
mod shard;
mod skew;
pub mod spill;
mod spots;
mod stamped;
mod survey;
mod touch;
mod varint;
mod window;
mod write;
mod writers;

pub use adjust::adjust;
pub use assemble::{Assembler, Material};
pub use catalog::{Catalog, Name, Trees, Whole};
pub use claim::{Claimer, Claims, Kind, Watch};
pub use collect::{Collector, Gathered};
pub use critical::{critical_path, mark_critical};
pub use flatten::flatten;
pub use ids::Ids;
pub use log::{Seen, Spot};
pub use model::{Edge, Flag, Node, Share, Skew, Status, Tree, Writer};
pub use prune::{Failures, prune};
pub use read::{Summary, is_summary, is_written, read, read_summary, read_with, written};
pub(crate) use roll::Roll;
pub use scheme::{Boundaries, Known, Requests, Schemes, marks, meant, request, spellings};
pub use shard::{Shard, Sharder, shard};
pub use stamped::Flattener;
pub use window::{Late, Window};
pub use write::{node, summary, write};
