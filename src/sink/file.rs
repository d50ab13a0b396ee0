//! A file that is appended to, so that a restart never destroys what was captured.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use super::Sink;
use crate::error::{Error, Result};

/// A file at its end.
#[derive(Debug)]
pub struct FileSink {
    path: PathBuf,
    file: File,
}

impl FileSink {
    /// Opens or creates it.
    pub fn open(path: &Path) -> Result<Self> {
        let opened = OpenOptions::new().create(true).append(true).open(path);
        let file = opened.map_err(|source| Error::File {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }
}

impl Sink for FileSink {
    fn write(&mut self, lines: &[u8]) -> Result<()> {
        self.file.write_all(lines).map_err(|source| Error::File {
            path: self.path.clone(),
            source,
        })
    }
}
