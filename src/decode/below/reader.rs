//! What a text format tells of its lines.

use crate::decode::object::Object;

/// Reads the lines of a text format that has a record in each.
pub(in crate::decode) trait Reader: Send {
    /// Writes the record that a line is to `object`, but for its end, or tells why it is none.
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str>;

    /// True if a line is the beginning of a record and not of a traceback's text. `is_apart` says that the traceback
    /// has its reason, to which the line does not lead on, and that no marked line stands above it.
    fn begins(&self, line: &[u8], is_apart: bool) -> bool;

    /// True if a line tells more of the record above it, which has shown `above`.
    fn awaits(&self, _line: &[u8], _above: Line) -> bool {
        false
    }

    /// Adds such a line to that record, and tells what it shows then.
    fn join(&mut self, _line: &[u8], above: Line, _object: &mut Object<'_>) -> Line {
        above
    }

    /// Writes what the record begins with that a traceback by itself is.
    fn begin(&mut self, _object: &mut Object<'_>) {}
}

/// What a line shows that is a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decode) enum Line {
    /// Something that lines of a traceback do not show.
    Marked,
    /// A time in front, as all records of its program do: what shows nothing is more of its message.
    Dated,
    Plain,
    /// The first of two lines, of which the other has the message.
    Head,
    /// What process has written it, which may write more about it.
    Of(u32),
    /// What stands in front of each of its lines, as a number.
    Headed {
        head: u64,
        /// True if what shows nothing is more of its message too.
        is_dated: bool,
        /// True if more lines are to come, which need not be written together with it.
        is_begun: bool,
    },
}

impl Line {
    /// What it shows where each line has a time in front of it: those that show nothing are records themselves.
    pub(in crate::decode) fn alone(self) -> Self {
        match self {
            Self::Dated => Self::Marked,
            Self::Headed { head, is_begun, .. } => Self::Headed {
                head,
                is_dated: false,
                is_begun,
            },
            shown => shown,
        }
    }

    /// True if a line below may tell more of the record by what it says.
    pub(in crate::decode) fn is_open(self) -> bool {
        matches!(self, Self::Head | Self::Of(_) | Self::Headed { .. })
    }

    /// True if it is not a record yet for all that shows.
    pub(in crate::decode) fn is_begun(self) -> bool {
        matches!(self, Self::Head | Self::Headed { is_begun: true, .. })
    }

    /// True if a line that shows nothing is more of the message.
    pub(in crate::decode) fn is_dated(self) -> bool {
        matches!(self, Self::Dated | Self::Headed { is_dated: true, .. })
    }
}
