//! Bytes in: files, standard input, compressed or not, and the wait for more of them.
//!
//! A source moves bytes and knows nothing of records but that they end at newlines.

mod abreast;
mod carry;
mod chunk;
mod extent;
mod first_bytes;
mod follow;
mod input;
pub mod net;
mod pass_over;
mod reader;
mod tick;
mod wait;

pub use abreast::Turns;
pub use chunk::{Chunk, Mark, Origin};
pub use extent::Extent;
pub use follow::{Follow, Ours, Positions};
pub use input::Input;
pub use pass_over::PassOver;
pub use reader::{Fill, Reader};
pub use tick::Due;
pub use wait::{Ready, Wait};
