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
    /// Something that lines below may tell more of.
    Open(Open),
}

/// What a record shows that lines below may tell more of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decode) struct Open {
    /// The format whose lines these are: where several are read, each is asked about the lines of all.
    pub by: &'static str,
    /// What its lines have in common by which they are known, as a number.
    pub head: u64,
    /// True if what shows nothing is more of its message too.
    pub is_dated: bool,
    /// True if more lines are to come, which need not be written together with it.
    pub is_begun: bool,
}

impl Line {
    /// What it shows where each line has a time in front of it: those that show nothing are records themselves.
    pub(in crate::decode) fn alone(self) -> Self {
        match self {
            Self::Dated => Self::Marked,
            Self::Open(open) => Self::Open(Open {
                is_dated: false,
                ..open
            }),
            shown => shown,
        }
    }

    /// What the format of that name has shown, if lines below may tell more of it.
    pub(in crate::decode) fn open(self, by: &str) -> Option<Open> {
        match self {
            Self::Open(open) if open.by == by => Some(open),
            _ => None,
        }
    }

    /// True if a line below may tell more of the record by what it says.
    pub(in crate::decode) fn is_open(self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// True if it is not a record yet for all that shows.
    pub(in crate::decode) fn is_begun(self) -> bool {
        matches!(self, Self::Open(open) if open.is_begun)
    }

    /// True if a line that shows nothing is more of the message.
    pub(in crate::decode) fn is_dated(self) -> bool {
        match self {
            Self::Dated => true,
            Self::Open(open) => open.is_dated,
            Self::Marked | Self::Plain => false,
        }
    }
}
