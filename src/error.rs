//! The one error type of the programs, and the exit code of each variant.
//!
//! A message reads `PLACE: REASON`; the program's name is put in front where it is
//! printed (`cli::report`). A hint, if there is one, is the second line and names the
//! flag to use.

use std::{io, path::PathBuf, time::Duration};

/// What a fallible function of the library returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a program stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The command line does not make sense.
    #[error("{0}")]
    Usage(String),
    /// The command line does not make sense, and it is known what would.
    #[error("{reason}")]
    Misused {
        /// What is wrong with it.
        reason: String,
        /// What to use instead.
        hint: &'static str,
    },
    /// An input or output file could not be used.
    #[error("{}: {source}", path.display())]
    File {
        /// The file, as the user named it.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// An input that was open could not be read to its end.
    #[error("{place}: {source}")]
    Read {
        /// The input, as the user named it.
        place: String,
        /// The operating system's reason.
        source: io::Error,
    },
    /// An output could not be written.
    #[error("{place}: {source}")]
    Write {
        /// The output, as the user named it.
        place: String,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The reader of our output has left. Not a failure: see law 5 of the design.
    #[error("the reader has left")]
    ReaderLeft,
    /// An endpoint's text could not be understood, or it cannot be used in this place.
    #[error("{text}: {reason}")]
    Endpoint {
        /// The endpoint, as the user wrote it.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Records were left when the time to deliver them was over.
    #[error("{place}: {records} not delivered within {}", span(*linger))]
    Undelivered {
        /// The endpoint, as the user wrote it.
        place: String,
        /// How many, such as `1 record`.
        records: String,
        /// The time that there was.
        linger: Duration,
    },
    /// Temporary files could not be made, written or read.
    #[error("temporary files in {}: {source}", folder.display())]
    Temporary {
        /// Where they are.
        folder: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// There is more than the memory that may be used.
    #[error("{what} do not fit into the memory that may be used")]
    Memory {
        /// What there is more of.
        what: String,
    },
    /// A file of rules or of settings is wrong.
    #[error("{path}:{reason}")]
    Rules {
        /// The file, as the user named it.
        path: String,
        /// The place and the reason.
        reason: String,
        /// What the user could write instead.
        suggestion: Option<String>,
    },
    /// Something failed that has its own words already.
    #[error("{0}")]
    Failed(String),
}

/// `0s`, where the library says `0ns`.
fn span(time: Duration) -> String {
    if time.is_zero() {
        "0s".to_owned()
    } else {
        format!("{time:?}")
    }
}

impl Error {
    /// The exit code of a program that ends with this error.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::ReaderLeft => 0,
            _ => 2,
        }
    }

    /// What the user could do about it: the second line of the message.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Undelivered { .. } => Some("use --linger TIME to try longer"),
            Self::Temporary { .. } => {
                Some("set TMPDIR to another folder, or use --memory BYTES to need less of them")
            }
            Self::Memory { .. } => Some("use --memory BYTES to allow more"),
            Self::Rules { suggestion, .. } => suggestion.as_deref(),
            Self::Misused { hint, .. } => Some(hint),
            // What an input is tells itself what to do about it.
            Self::Read { source, .. } => source.get_ref()?.downcast_ref::<Self>()?.hint(),
            _ => None,
        }
    }
}
