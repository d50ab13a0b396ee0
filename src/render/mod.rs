//! Views: records and trees as something to look at. One file each.
//!
//! A view appends text to a buffer. Colours, width and the rest of the surroundings come
//! as a [`Style`]; nothing here asks a terminal or a clock.

mod aggregates;
mod grid;
mod line;
mod style;
mod table;
mod text;
mod tree;

pub use aggregates::aggregates;
pub use grid::Format;
pub use line::LineView;
pub use style::{Palette, Style};
pub use table::Table;
pub use text::{duration, sanitize};
pub use tree::{RecordsShown, TreeView};
