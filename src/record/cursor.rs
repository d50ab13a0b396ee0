//! A cursor: walks an object of known shape in one pass, such as a tree of ours.
//!
//! For records, whose shape nobody knows, a [`Projection`](super::Projection) is the tool.

use std::borrow::Cow;

use super::{
    found::Found,
    quotes::Search,
    reader::{Reader, Record},
    scan::{Malformed, Refused, Scanner},
    value::{Kind, Value, unescape},
};

/// A position before a value.
pub struct Cursor<'c, 'a>(&'c mut Scanner<'a>);

impl<'a> Cursor<'_, 'a> {
    /// Goes through the members of the one object on `line`.
    pub fn line(
        line: &'a [u8],
        each: impl FnMut(&[u8], Cursor<'_, 'a>) -> Result<(), Refused>,
    ) -> Result<(), Malformed> {
        let mut scanner = Scanner::new(line.into(), Search);
        let walked = scanner
            .framing()
            .and_then(|()| Cursor(&mut scanner).members(each))
            .and_then(|()| scanner.end());
        walked.map_err(|Refused| scanner.malformed())
    }

    /// Goes through the elements of the array that a value is.
    pub fn array(
        value: &'a [u8],
        mut each: impl FnMut(Cursor<'_, 'a>) -> Result<(), Refused>,
    ) -> Result<(), Malformed> {
        let mut scanner = Scanner::new(value.into(), Search);
        let walked = scanner
            .elements(|scanner| each(Cursor(scanner)))
            .and_then(|()| scanner.end());
        walked.map_err(|Refused| scanner.malformed())
    }

    /// True if an object stands here.
    pub fn is_object(&self) -> bool {
        self.0.is_object()
    }

    /// The key of the first member of the object here, or of the one behind the value that was passed
    /// last; `None` behind its end. For who walks objects in objects without recursion.
    pub fn next_member(&mut self, is_first: bool) -> Result<Option<Cow<'a, [u8]>>, Refused> {
        let key = self.0.next_key(is_first)?;
        Ok(key.map(|(key, kind)| match kind {
            Kind::Escaped => Cow::Owned(unescape(key).into_bytes()),
            _ => Cow::Borrowed(key),
        }))
    }

    /// The same of the elements of an array: false behind its end.
    pub fn next_element(&mut self, is_first: bool) -> Result<bool, Refused> {
        self.0.next_element(is_first)
    }

    /// The same place, for who uses a cursor up.
    pub fn here(&mut self) -> Cursor<'_, 'a> {
        Cursor(self.0)
    }

    /// Goes through the members of the object here; `each` must use its cursor once.
    pub fn members(
        mut self,
        mut each: impl FnMut(&[u8], Cursor<'_, 'a>) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        let mut is_first = true;
        while let Some(key) = self.next_member(is_first)? {
            each(&key, self.here())?;
            is_first = false;
        }
        Ok(())
    }

    /// Goes through the elements of the array here; `each` must use its cursor once.
    pub fn elements(
        self,
        mut each: impl FnMut(Cursor<'_, 'a>) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        self.0.elements(|scanner| each(Cursor(scanner)))
    }

    /// The value here, whole.
    pub fn value(self) -> Result<Value<'a>, Refused> {
        self.0.read()
    }

    /// The object here as a record.
    pub fn record<'f>(
        self,
        reader: &'f Reader,
        found: &'f mut Found,
    ) -> Result<Record<'a, 'f>, Refused> {
        let Scanner { bytes, pos, .. } = *self.0;
        match reader.read_first(&bytes[pos..], found) {
            Ok(record) => {
                self.0.pos += record.line().len();
                Ok(record)
            }
            Err(bad) => {
                self.0.pos += bad.at;
                self.0.fail(bad.expected)
            }
        }
    }

    /// A complaint about what stands here.
    pub fn refuse<T>(self, expected: &'static str) -> Result<T, Refused> {
        self.0.fail(expected)
    }
}
