//! The record: a raw line whose fields are found on demand.
//!
//! Nothing here builds a tree of a whole object and nothing writes one: a line is checked
//! and searched in one pass, and what was found are slices of it. The module knows no I/O,
//! no clock and no other module of the crate.

mod bit_stack;
mod calendar;
mod canonical;
mod cursor;
mod form;
mod found;
mod ids;
mod index;
mod key;
mod layouts;
mod learned;
mod level;
mod line;
mod mark;
mod members;
mod octets;
mod own;
mod parts;
mod path;
mod place;
mod process;
mod producers;
mod projection;
mod quotes;
mod raised;
mod ranked;
mod reader;
mod resolution;
mod restamp;
mod row;
mod scan;
mod schema;
mod shapes;
mod stamp;
mod syslog;
mod tagged;
mod thrown;
mod time;
mod time_text;
mod tokens;
mod traceback;
mod trie;
mod utc;
mod value;
mod zone;

pub use canonical::Canonical;
pub use cursor::Cursor;
pub use found::Found;
pub use ids::{is_no_request, is_no_trace, without_prefix};
pub use index::{Index, Line};
pub use key::ContextKey;
pub use level::{Level, Scale};
pub use line::{Lines, count_framed, is_framed, place_in, trim, without_mark};
pub use own::{Own, OwnError, OwnPlace, OwnSchema, Reading, mapped, own_schemas, producers, tell};
pub use path::{Path, Step};
pub use place::{Place, places};
pub use process::Process;
pub use projection::{Duplicates, Field, Projection};
pub use raised::exception_text;
pub use ranked::Ranked;
pub use reader::{Mask, Reader, Record};
pub use restamp::restamped;
pub use scan::{Malformed, Refused};
pub use schema::Schema;
pub use stamp::{Additions, Stamper};
pub use syslog::FACILITIES;
pub use tagged::{each_tag, tagged};
pub use time::{Instant, Unit};
pub(crate) use time_text::two_digits;
pub use traceback::{
    Awaited, exception_lines, exception_reason, is_uncaught, leads_to_exception, split_traceback,
};
pub use value::{Kind, Value, bytes_of, text_of, unescape};
pub use zone::Zone;
