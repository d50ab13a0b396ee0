//! Views: records and trees as something to look at. One file each.
//!
//! A view appends text to a buffer. Colours, width and the rest of the surroundings come
//! as a [`Style`]; nothing here asks a terminal or a clock.

mod aggregates;
pub mod export;
mod foreign;
mod grid;
mod html;
mod line;
mod style;
mod table;
mod text;
mod theme;
mod times;
mod tree;
mod waterfall;

pub use aggregates::aggregates;
pub use foreign::write_foreign;
pub use grid::Format;
pub use html::{HtmlHeads, HtmlPage, HtmlPieces};
pub use line::{FieldRules, LineOptions, LineView, Template, WrongTemplate};
pub use style::Style;
pub use table::{Columns, Table};
pub use text::{SHOWN_OF_ID, duration, sanitize};
pub use theme::Palette;
pub use times::{Times, WrongTimes, strftime_codes};
pub use tree::{ReadTree, RecordsShown, TreeOptions, TreeView};
pub use waterfall::Waterfall;
